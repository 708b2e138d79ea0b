"""A lease that is renewed for as long as its holder lives."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def heartbeat(every: float, beat: Callable[[], bool]) -> Iterator[None]:
    """Call `beat` from a thread of its own while the context lasts.

    Whoever dies, or is stopped, stops beating. A child of fork has no part in it.

    Args:
        every: Seconds between two calls; the first comes after as many.
        beat: Returns whether to go on; raises nothing.
    """
    over, pid = Event(), os.getpid()

    def run() -> None:
        while not over.wait(every) and beat():
            pass

    # At the interpreter's end no thread can be started any more. Then the lease lasts
    # as long as it lasts.
    with suppress(RuntimeError):
        Thread(target=run, name="catalyst-oauth lease", daemon=True).start()
    try:
        yield
    finally:
        # In a child of fork nobody would release what the thread held at that moment.
        if os.getpid() == pid:
            over.set()
