"""Work that nobody waits for, in threads that do not outlive the program."""

from __future__ import annotations

import atexit
from threading import Thread
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable

# Seconds for which the end of the program waits for a request that is under way: what
# it brings is stored, and a token that is lost still counts at Zoho.
_GRACE = 5.0
_threads: WeakSet[Thread] = WeakSet()


def in_background(work: Callable[[], object]) -> None:
    """Do some work in a daemon thread; at the end of the program, not at all."""
    thread = Thread(target=work, name="catalyst-oauth-renewal", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        # The interpreter is shutting down, or the system has no thread left.
        return
    _threads.add(thread)


@atexit.register
def _wait_a_little() -> None:
    for thread in tuple(_threads):
        thread.join(_GRACE)
