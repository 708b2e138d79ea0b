"""Seeding, watching and steering a fake: from a file, over HTTP, on a page."""

from __future__ import annotations

PATH = "/.catalyst-oauth/"
