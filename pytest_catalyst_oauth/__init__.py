"""Tokens for Zoho Catalyst in tests and playbooks: live, recorded, replayed or fake."""

from __future__ import annotations

__version__ = "0.1.0"
