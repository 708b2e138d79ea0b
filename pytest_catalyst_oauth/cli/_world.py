"""What the command touches outside itself, so that a test can stand in for it."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine._value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_catalyst_oauth.engine import Transport


def _ask(prompt: str, *, piped: bool) -> str:
    stdin = sys.stdin
    if stdin is None or not stdin.isatty():
        return stdin.readline().strip() if piped and stdin is not None else ""
    from getpass import getpass

    try:
        return getpass(prompt).strip()
    except EOFError:
        return ""


def _open_browser(url: str) -> bool:
    import webbrowser

    return webbrowser.open(url)


@final
class World(Value):
    """The world around one run of the command.

    Attributes:
        environ: Variables.
        clock: Seconds since the epoch.
        sleep: Waits for some seconds.
        ask: Asks a person for a secret, without echo. Where there is no terminal it
            reads a line of the standard input if `piped`; "" if it gets nothing.
        open_browser: Shows an address to a person; False if it cannot.
        transport: Makes one attempt; None uses `requests`.
    """

    environ: Mapping[str, str] = os.environ
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    ask: Callable[..., str] = _ask
    open_browser: Callable[[str], bool] = _open_browser
    transport: Transport | None = None
