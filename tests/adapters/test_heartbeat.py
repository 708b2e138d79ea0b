"""A lease that is kept alive by a thread, of which a child of fork has none."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LEAVE = """
import os, signal, threading
from pytest_catalyst_oauth.adapters import _heartbeat

class Seen(threading.Event):
    def __init__(self):
        super().__init__()
        events.append(self)

events, _heartbeat.Event = [], Seen
beating = _heartbeat.heartbeat(60, lambda: True)
beating.__enter__()
# As the thread holds it for a moment in each round.
with events[0]._cond:
    child = os.fork()
    if not child:
        signal.alarm(20)
        beating.__exit__(None, None, None)
        os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
beating.__exit__(None, None, None)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_of_fork_may_leave_at_any_moment():
    """Nobody is left there who could release what the thread held."""
    done = subprocess.run(
        [sys.executable, "-c", LEAVE], capture_output=True, text=True, check=True
    )

    assert done.stdout == "0\n"
