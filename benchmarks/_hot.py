"""A token that is valid and in memory: what does it cost to get it?"""

from __future__ import annotations

import time
from timeit import Timer
from typing import TYPE_CHECKING

from ._peers import BLIND, PEERS
from ._table import Part, middle

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._stage import Stage

# Seconds that one measurement takes: short, so that a pair meets the same weather.
_SLICE = 0.001


class Floor:
    """The least that can be done: read a slot, look at the clock, compare."""

    __slots__ = ("_slot",)

    def __init__(self) -> None:
        self._slot = ("invented", time.time() + 3600)

    def token(self) -> str | None:
        """Return the token if it lives."""
        slot = self._slot
        return slot[0] if time.time() < slot[1] else None


def measure(stage: Stage, *, quick: bool) -> Part:
    """Measure each against the floor, in pairs, in turn."""
    part = Part(name="hot", title="a valid token from memory")
    calls = _calls(stage, part)
    timers = {name: Timer(call) for name, call in calls.items()}
    counts = {name: _count(timer) for name, timer in timers.items()}
    floor, often = Timer(Floor().token), _count(Timer(Floor().token))
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in timers}
    for _ in range(9 if quick else 401):
        for name, timer in timers.items():
            mine = timer.timeit(counts[name]) / counts[name]
            pairs[name].append((mine, floor.timeit(often) / often))
    for name, found in pairs.items():
        ratio, noise = middle([mine / least for mine, least in found])
        each, _ = middle([mine * 1e9 for mine, _ in found])
        part.rows.append(
            {"client": name, "x floor": ratio, "middle half": noise, "ns": round(each)}
        )
    return part


def _calls(stage: Stage, part: Part) -> dict[str, Callable[[], object]]:
    ours = stage.ours(background=False, clock=time.time)
    ours.token()
    calls: dict[str, Callable[[], object]] = {
        "floor, against itself": Floor().token,
        "ours, token()": ours.token,
        "ours, authorization()": ours.authorization,
    }
    for peer in (*PEERS, *BLIND):
        if peer.version is None:
            part.remarks.append(f"{peer.name}: {peer.distribution} is not installed")
        else:
            calls[peer.name] = peer.build(stage, 3600.0)
    return calls


def _count(timer: Timer) -> int:
    """Return how many calls fill a slice."""
    timer.timeit(50)
    return max(int(_SLICE * 50 / timer.timeit(50)), 1)
