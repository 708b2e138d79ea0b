"""Answering requests from a recording."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, final
from urllib.parse import quote

from ._meaning import meaning
from .errors import CassetteMissError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

    from ._cassette import Cassette
    from ._exchange import RecordedExchange
    from ._meaning import Meaning

# What the server repeats and the client compares (RFC 6749, sections 4.1.1 and 10.12).
_REPEATED = ("query state", "form state")


@final
class Replay:
    """A transport that answers from a cassette. Safe to share between threads.

    A request matches by method, host, path, and by what its query and its form or
    JSON body mean. Secrets do not count, but where the recording made the same request
    with two tokens, the token decides. Each exchange answers once, in order.

    Args:
        cassette: What was recorded.
        command: What records it again, for messages.
        repeat: Begin again, in order, with what fits a request when all of it was used.
    """

    def __init__(
        self, cassette: Cassette, *, command: str, repeat: bool = False
    ) -> None:
        self._cassette = cassette
        self._command = command
        self._lock = Lock()
        self._meanings, self._alike = _index(_Same(cassette.exchanges))
        self._left = dict.fromkeys(range(len(self._meanings)))
        self._states: dict[str, str] = {}
        # Those with stand-ins not only at places of secrets; found when needed.
        self._hiding: Sequence[int] | None = None
        self._turns: dict[tuple[int, ...], int] | None = {} if repeat else None

    def send(self, request: HttpRequest) -> HttpReply:
        """Return the recorded answer.

        Raises:
            CassetteMissError: Nothing fits, or all that fits was used.
        """
        # This frame holds no parsed secret, so that a traceback with locals shows none.
        outcome = self._reply_or_problem(request)
        if isinstance(outcome, str):
            raise CassetteMissError(self._name, outcome, self._command)
        return outcome

    @property
    def unused(self) -> tuple[RecordedExchange, ...]:
        """The exchanges that nobody asked for."""
        with self._lock:
            return tuple(self._cassette.exchanges[number] for number in self._left)

    @property
    def _name(self) -> str:
        return str(self._cassette.path or "in memory")

    def _reply_or_problem(self, request: HttpRequest) -> HttpReply | str:
        sent = meaning(request)
        with self._lock:
            alike = self._alike.get(sent.without_secrets) or self._nearly_alike(sent)
            fitting = _fitting(sent, alike, self._meanings)
            number = next((one for one in fitting if one in self._left), None)
            if number is None:
                number = self._again(fitting)
            if number is None:
                return self._problem(request, sent, fitting, alike)
            self._left.pop(number, None)
            self._learn_state(sent, self._meanings[number])
            return self._with_states(self._cassette.exchanges[number].reply)

    def _nearly_alike(self, sent: Meaning) -> Sequence[int]:
        from ._likeness import hides, is_like

        if self._hiding is None:
            self._hiding = [n for n, one in enumerate(self._meanings) if hides(one)]
        return [n for n in self._hiding if is_like(sent, self._meanings[n])]

    def _again(self, fitting: Sequence[int]) -> int | None:
        if self._turns is None or not fitting:
            return None
        turn = self._turns.get(tuple(fitting), 0)
        self._turns[tuple(fitting)] = turn + 1
        return fitting[turn % len(fitting)]

    def _problem(
        self,
        request: HttpRequest,
        sent: Meaning,
        fitting: Sequence[int],
        alike: Sequence[int],
    ) -> str:
        from ._difference import describe, differences, nearest

        asked = describe(request)
        total = len(self._meanings)
        if fitting:
            times = "once" if len(fitting) == 1 else f"{len(fitting)} times"
            return f"{asked} was recorded {times}, but asked for once more"
        if not total:
            return f"{asked} has no answer: nothing was recorded"
        among = alike or range(total)
        best = nearest(sent, [self._meanings[number] for number in among]) or 0
        number = among[best]
        found = differences(
            sent, self._meanings[number], scrubbed=self._cassette.origin is not None
        )
        return (
            f"{asked} was not recorded; nearest is exchange {number + 1} of {total} "
            f"({describe(self._cassette.exchanges[number].request)}), but with "
            f"{'; '.join(found)}"
        )

    def _learn_state(self, sent: Meaning, recorded: Meaning) -> None:
        """Remember what the client calls the `state` that was recorded.

        It is new in each run, and the client refuses a redirect that brings another.
        """
        old, new = dict(recorded.secrets), dict(sent.secrets)
        for place in _REPEATED:
            recorded_state = old.get(place, "")
            if place not in new or not recorded_state:
                continue
            from ._stand_ins import is_stand_in

            if is_stand_in(recorded_state):
                self._states[recorded_state] = new[place]

    def _with_states(self, reply: HttpReply) -> HttpReply:
        if not self._states:
            return reply

        longest_first = sorted(self._states, key=len, reverse=True)
        states = re.compile("|".join(map(re.escape, longest_first)))

        def restored(value: str) -> str:
            return states.sub(
                lambda found: quote(self._states[found[0]], safe=""), value
            )

        return replace(
            reply, headers=tuple((n, restored(value)) for n, value in reply.headers)
        )


class _Same:
    """Equal to what holds the very same object, which is quickly told."""

    def __init__(self, exchanges: tuple[RecordedExchange, ...]) -> None:
        self.exchanges = exchanges

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.exchanges is other.exchanges

    def __hash__(self) -> int:
        return id(self.exchanges)


@lru_cache(maxsize=2)
def _index(of: _Same) -> tuple[Sequence[Meaning], Mapping[object, Sequence[int]]]:
    meanings = [meaning(request) for request, _ in of.exchanges]
    alike: dict[object, list[int]] = {}
    for number, one in enumerate(meanings):
        alike.setdefault(one.without_secrets, []).append(number)
    return meanings, alike


def _fitting(
    sent: Meaning, alike: Sequence[int], recorded: Sequence[Meaning]
) -> Sequence[int]:
    """Leave out those made with another token, if the recording tells tokens apart."""
    if len(alike) < 2:
        return alike
    tokens = {tuple(recorded[number].stand_ins.items()) for number in alike}
    if len(tokens) < 2 or not sent.stand_ins:
        return alike
    return [number for number in alike if _agree(sent, recorded[number])]


def _agree(sent: Meaning, recorded: Meaning) -> bool:
    # Only where both have a stand-in: a client of the test's own has other secrets.
    ours, theirs = sent.stand_ins, recorded.stand_ins
    return all(ours[place] == theirs[place] for place in ours.keys() & theirs.keys())
