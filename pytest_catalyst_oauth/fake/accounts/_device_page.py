"""The device flow: what the person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine._value import Value

from ._consent import ask
from ._pages import PageError, page, paged
from ._people import counted

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, HttpReply, ScopeSet
    from pytest_catalyst_oauth.fake._users import User

    from ._call import AccountsCall
    from ._device import DeviceLogin
    from ._people import People


@final
class DeviceWish(Value):
    """A device that waits for its person.

    Attributes:
        login: Which one.
    """

    login: DeviceLogin
    question: str = "on a device would like to do this in your name:"

    @property
    def client(self) -> Client:
        """Who asks."""
        return self.login.client

    @property
    def scope(self) -> ScopeSet:
        """What for."""
        return self.login.scope

    @property
    def note(self) -> str:
        """What tells the person's own device from a stranger's.

        Source: RFC 8628, section 5.4.
        """
        return f"Go on only if your device shows {self.login.user_code}."

    def accept(self, call: AccountsCall, user: User) -> HttpReply:
        """Let the device go on."""
        self._check(call)
        call.server.people.allow(self.login, user)
        return page(
            "done.html", title="Device allowed", text="Go back to your device now."
        )

    def reject(self, call: AccountsCall) -> HttpReply:
        """Tell the device to stop."""
        self._check(call)
        self.login.is_denied = True
        return page(
            "done.html", title="Device denied", text="The device learns nothing."
        )

    def _check(self, call: AccountsCall) -> None:
        if not self.login.is_open or call.server.clock() >= self.login.ends_at:
            raise _code_ended()


@paged
def device(call: AccountsCall) -> HttpReply:
    """Answer `/oauth/v3/device`: take the code that the device shows.

    Source: zoho-protocol.md 7; RFC 8628, section 3.3.
    """
    typed = call.plain("user_code")
    if call.request.method != "POST" or typed is None:
        return page("device.html", problem="", typed="")
    login = _typed_in(call, typed)
    if login is not None:
        return ask(call, DeviceWish(login=login))
    problem = "No device shows this code. Compare both, and look whether it is too old."
    return page("device.html", problem=problem, typed=typed)


@paged
def set_code(call: AccountsCall) -> HttpReply:
    """Answer `GET /oauth/v3/device/setCode`, the address with the code in it.

    Source: zoho-protocol.md 7; RFC 8628, section 3.3.1.
    """
    login = _typed_in(call, call.plain("devcode") or "")
    if login is None:
        raise _code_ended()
    return ask(call, DeviceWish(login=login))


def waiting(people: People, user_code: str, now: float) -> DeviceLogin | None:
    """Return the login that waits for a person with this code; None for none.

    Source: RFC 8628, section 6.1: neither case nor punctuation matters.
    """
    wanted = _plain(user_code)
    return next(
        (
            one
            for one in people.devices.values()
            if one.is_open and now < one.ends_at and _plain(one.user_code) == wanted
        ),
        None,
    )


def _typed_in(call: AccountsCall, typed: str) -> DeviceLogin | None:
    """Return the login of a code, as long as nobody has been guessing.

    Raises:
        PageError: Too many wrong codes were typed in: RFC 8628, section 5.1.
    """
    people, now, settings = (
        call.server.people,
        call.server.clock(),
        call.server.settings,
    )
    login = waiting(people, typed, now)
    window = settings.device_code_lifetime
    tries = people.wrong_codes
    while tries and tries[0] <= now - window:
        tries.popleft()
    if len(tries) >= settings.device_tries:
        raise PageError(
            "Too Many Wrong Codes",
            "Too many wrong codes were typed in.",
            "Wait some minutes, then let your device show a new one.",
            status=429,
        )
    if login is None:
        counted(tries, now, most=settings.device_tries, window=window)
    return login


def _plain(user_code: str) -> str:
    return "".join(filter(str.isalnum, user_code)).upper()


def _code_ended() -> PageError:
    return PageError(
        "Invalid Code",
        "No device shows this code, or it is too old, or it was answered before.",
        "Let your device show a new one.",
    )
