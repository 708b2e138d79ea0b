"""The `catalyst-oauth` command: one module per sub-command."""

from __future__ import annotations

from ._main import main

__all__ = ["main"]
