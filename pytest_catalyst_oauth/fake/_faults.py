"""Failures on demand: which endpoint fails next, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, final

from pytest_catalyst_oauth.engine import Secret
from pytest_catalyst_oauth.engine.errors import SettingsError, TransportError

from ._answer import dressed, parameters
from ._fault_kinds import KINDS, Ending, Fault
from ._mark import marked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

    from ._mark import Back

ENDPOINTS = tuple(
    "auth token revoke enhance device_code device_token user_info server_info openid "
    "api".split()
)
ANY = "*"


class Decision(NamedTuple):
    """What comes of a request, and how a door delivers it.

    Attributes:
        reply: The answer, whole and unpacked.
        delay: Seconds to wait before it is sent.
        ending: How much of it arrives.
        packing: `gzip` or `chunked` on the wire; empty for neither.
        pace: Seconds over which it is sent, for `Ending.DRIP`.
        fault: Which fault it is; empty for none.
    """

    reply: HttpReply
    delay: float = 0.0
    ending: Ending = Ending.WHOLE
    packing: str = ""
    pace: float = 0.0
    fault: str = ""


@final
class _Queued:
    """A fault that waits for its requests."""

    __slots__ = ("_chance", "_dice", "endpoint", "fault", "left")

    def __init__(
        self,
        endpoint: str,
        fault: Fault,
        times: int | None,
        chance: float,
        dice: Random | None,
    ) -> None:
        self.endpoint = endpoint
        self.fault = fault
        self.left = times
        self._chance = chance
        self._dice = dice

    def strikes(self, endpoint: str) -> bool:
        """Tell whether a request to an endpoint gets it, and count it if so."""
        if self.endpoint not in (ANY, endpoint):
            return False
        if self._dice is not None and self._dice.random() >= self._chance:
            return False
        if self.left is not None:
            self.left -= 1
        return True


@final
class Faults:
    """Which endpoints fail, and which are slow."""

    def __init__(self) -> None:
        self._queue: list[_Queued] = []
        self._delays: dict[str, float] = {}

    def add(
        self,
        endpoint: str,
        fault: Fault,
        *,
        times: int | None,
        chance: float,
        seed: int | None,
    ) -> None:
        """Let requests to an endpoint fail.

        Raises:
            SettingsError: There is no such endpoint, a number is out of its range, or a
                header cannot be sent.
        """
        from ._fault_limits import check_fault

        check_fault(fault, times, chance)
        dice = None
        if chance < 1:
            from random import Random

            dice = Random(seed)  # noqa: S311  it throws dice, it makes no secrets
        self._queue.append(_Queued(_known(endpoint), fault, times, chance, dice))

    def slow(self, endpoint: str, seconds: float) -> None:
        """Let all answers of an endpoint take that long.

        Raises:
            SettingsError: There is no such endpoint, or nobody waits for so long.
        """
        from ._fault_limits import check_wait

        check_wait(seconds)
        self._delays[_known(endpoint)] = seconds

    def delay(self, endpoint: str) -> float:
        """Return the seconds that an endpoint's answers take."""
        if not self._delays or not endpoint:
            return 0.0
        return self._delays.get(endpoint) or self._delays.get(ANY, 0.0)

    def take(self, endpoint: str) -> Fault | None:
        """Return the fault of the next request to an endpoint, and count it."""
        # What the server does not know never fails.
        if not self._queue or endpoint not in ENDPOINTS:
            return None
        found = next((one for one in self._queue if one.strikes(endpoint)), None)
        if found is None:
            return None
        if found.left == 0:
            self._queue.remove(found)
        return found.fault

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """What fails next: `endpoint`, `fault` and how many `times`; None for ever."""
        return [
            {"endpoint": one.endpoint, "fault": one.fault.kind, "times": one.left}
            for one in self._queue
        ]

    @property
    def delays(self) -> dict[str, float]:
        """Seconds that answers take, by endpoint."""
        return {name: seconds for name, seconds in self._delays.items() if seconds}

    def mark(self) -> Back:
        """Return what takes new failures and delays back."""
        return marked(self._queue, self._delays)

    def clear(self) -> None:
        """Let everything work again."""
        self._queue.clear()
        self._delays.clear()


def decided(
    fault: Fault, reply: HttpReply | None, request: HttpRequest, at: float, delay: float
) -> Decision:
    """Return what comes of a request that fails.

    Args:
        fault: How.
        reply: What came of it before it failed; None if the fault came first.
        request: What was asked.
        at: The time, in seconds since the epoch.
        delay: Seconds that answers of this endpoint take anyway.
    """
    kind = KINDS[fault.kind]
    changed = kind.change(fault, reply) if kind.change else reply
    skew = fault.seconds if fault.kind == "clock_skew" else 0.0
    return Decision(
        reply=dressed(changed or Fault().answer(), request.method, at + skew),
        delay=delay + (fault.seconds if fault.kind == "latency" else 0.0),
        ending=kind.ending,
        packing=kind.packing,
        pace=fault.seconds if kind.ending is Ending.DRIP else 0.0,
        fault=fault.kind,
    )


def heard(decision: Decision, request: HttpRequest) -> HttpReply:
    """Return what a client in this process gets to hear.

    Raises:
        TransportError: Nothing, or half of it. As on a network, the client cannot
            know whether the server has seen the request.
    """
    match decision.ending:
        case Ending.SILENCE:
            raise TransportError(request.origin, "no complete answer in time")
        case Ending.RESET | Ending.CUT:
            raise TransportError(request.origin, "the connection broke")
        case _:
            return decision.reply


def wish(
    kind: str,
    status: int,
    headers: Mapping[str, str] | None,
    body: str,
    seconds: float | None,
) -> Fault:
    """Return a fault as it was asked for.

    Raises:
        SettingsError: There is none of that kind.
    """
    if kind not in KINDS:
        raise SettingsError(
            f"fault {kind!r}", "is unknown", f"choose one of {', '.join(KINDS)}"
        )
    # `Retry-After: 1` is easily given as a number.
    pairs = tuple((name, str(value)) for name, value in (headers or {}).items())
    usual = KINDS[kind].seconds
    return Fault(kind, status, pairs, body, usual if seconds is None else seconds)


def revoked_by(fault: Fault, request: HttpRequest) -> Iterator[Secret]:
    """Yield the tokens that a fault ends: those that the request carries."""
    if fault.kind != "revoked":
        return
    given = parameters(request)
    yield from (given[name] for name in ("refresh_token", "token") if name in given)
    _, _, bearer = (request.header("Authorization") or "").partition(" ")
    if bearer:
        yield Secret(bearer)


def _known(endpoint: str) -> str:
    if endpoint != ANY and endpoint not in ENDPOINTS:
        raise SettingsError(
            f"endpoint {endpoint!r}",
            "is unknown",
            f"choose one of {', '.join(ENDPOINTS)}, or {ANY} for all",
        )
    return endpoint
