"""Run the command with `python -m pytest_catalyst_oauth`."""

from __future__ import annotations

import sys

from pytest_catalyst_oauth.cli import main

if __name__ == "__main__":
    sys.exit(main())
