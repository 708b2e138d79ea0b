"""What the forms of the control page do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine.errors import SettingsError

from ._state import token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._inside import Inside

    Given = Mapping[str, str]
    # What is shown once, after its name; None for nothing.
    Said = tuple[str, str] | None

_THIRTY_YEARS = 1e9


def act(inside: Inside, given: Given) -> Said:
    """Do what a form asks for; return what the person has to be told.

    Raises:
        SettingsError: Something in it is wrong.
    """
    found = _ACTS.get(given.get("act", ""))
    if found is None:
        raise SettingsError("the form", "asks for nothing that there is")
    return found(inside, given)


def _move(inside: Inside, given: Given) -> Said:
    inside.fake.clock.sleep(_number(given, "seconds"))
    return None


def _fail(inside: Inside, given: Given) -> Said:
    times = _number(given, "times") if given.get("times") else None
    inside.fake.fail(
        given.get("endpoint", ""),
        fault=given.get("fault", "status"),
        status=int(_number(given, "status")) if given.get("status") else 503,
        times=None if times is None else int(times),
    )
    return None


def _heal(inside: Inside, _: Given) -> Said:
    inside.fake.heal()
    return None


def _revoke(inside: Inside, given: Given) -> Said:
    token = token_of(inside, given.get("token", ""))
    if token is not None:
        inside.fake.revoke(token)
    return None


def _code(inside: Inside, given: Given) -> Said:
    client = inside.world.home.clients.get(given.get("client_id", ""))
    code = inside.fake.issue_code(client=client)
    return "A code for all scopes", code.reveal()


def _device(inside: Inside, given: Given) -> Said:
    user_code = given.get("user_code", "")
    if given.get("answer") == "approve":
        inside.fake.approve_device(user_code)
    else:
        inside.fake.deny_device(user_code)
    return None


def _clear(inside: Inside, _: Given) -> Said:
    inside.fake.journal.clear()
    return None


def _number(given: Given, name: str) -> float:
    try:
        number = float(given.get(name, ""))
    except ValueError:
        raise SettingsError(name, "is no number", "write digits") from None
    if not -_THIRTY_YEARS < number < _THIRTY_YEARS:
        raise SettingsError(name, "is out of range", "thirty years are the most")
    return number


_ACTS: dict[str, Callable[[Inside, Given], Said]] = {
    "move": _move,
    "fail": _fail,
    "heal": _heal,
    "revoke": _revoke,
    "code": _code,
    "device": _device,
    "clear": _clear,
}
