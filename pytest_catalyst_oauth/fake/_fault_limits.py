"""What a fault may ask for, so that an answer can be written and waited for."""

from __future__ import annotations

from string import ascii_letters, digits
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from ._fault_kinds import Fault

# A day: whoever waits longer waits for ever, and there is a fault for that.
_LONGEST = 86_400
_THIRTY_YEARS = 1_000_000_000
# A second one, or another one, would break the answers after it.
_FRAMING = frozenset(
    "connection content-length keep-alive proxy-connection te trailer "
    "transfer-encoding upgrade".split()
)
# Source: RFC 9110, section 5.6.2.
_NAME = frozenset(ascii_letters + digits + "!#$%&'*+-.^_`|~")


def check_fault(fault: Fault, times: int | None, chance: float) -> None:
    """Refuse what cannot be sent, waited for or counted.

    Raises:
        SettingsError: Something of it is out of its range; the error names it.
    """
    if not _is_whole(fault.status) or not 200 <= fault.status <= 599:
        raise SettingsError(
            f"status {fault.status}", "ends no request", "choose one from 200 to 599"
        )
    if times is not None and (not _is_whole(times) or times < 1):
        raise SettingsError(
            f"times {times}", "is no number of requests", "None lasts until heal()"
        )
    if not 0 < chance <= 1:
        raise SettingsError(
            f"chance {chance}", "is no probability", "choose one above 0, at most 1"
        )
    for name, value in fault.headers:
        _check_header(name, value)
    try:
        fault.body.encode()
    except UnicodeEncodeError:
        raise SettingsError("body", "has half of a character", "give a text") from None
    if fault.kind == "clock_skew":
        _check_skew(fault.seconds)
    else:
        check_wait(fault.seconds)


def check_wait(seconds: float) -> None:
    """Refuse a time that nobody waits for.

    Raises:
        SettingsError: It is negative, no number, or longer than a day.
    """
    if not 0 <= seconds <= _LONGEST:
        raise SettingsError(
            f"{seconds} seconds", "cannot be waited for", f"choose 0 to {_LONGEST}"
        )


def _check_skew(seconds: float) -> None:
    if not -_THIRTY_YEARS <= seconds <= _THIRTY_YEARS:
        raise SettingsError(
            f"{seconds} seconds", "are no skew", "thirty years are the most"
        )


def _check_header(name: str, value: str) -> None:
    what = f"header {name!r}"
    if not name or not _NAME.issuperset(name):
        raise SettingsError(
            what, "has a name that cannot be sent", "use letters, digits and hyphens"
        )
    if name.lower() in _FRAMING:
        raise SettingsError(
            what,
            "is written by the server itself",
            "choose a fault instead: truncated, chunked or reset_after",
        )
    if not all(
        one == "\t" or " " <= one <= "~" or "\x80" <= one <= "\xff" for one in value
    ):
        raise SettingsError(
            what,
            "has a value that cannot be sent",
            "leave out line breaks, and what Latin-1 does not have",
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
