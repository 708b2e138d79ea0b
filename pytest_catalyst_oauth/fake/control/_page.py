"""The control as a page for people."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from pytest_catalyst_oauth import __version__
from pytest_catalyst_oauth.engine import HttpReply
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake._fault_kinds import KINDS
from pytest_catalyst_oauth.fake._faults import ANY, ENDPOINTS

from ._forms import act
from ._guard import cookie_name
from ._problem import ProblemError
from ._state import state_of
from ._timeline import arrows

if TYPE_CHECKING:
    from jinja2 import Environment

    from pytest_catalyst_oauth.engine import HttpRequest, Secret

    from ._guard import Guard
    from ._inside import Inside

_SHOWN = 40
_HTML = ("Content-Type", "text/html;charset=UTF-8")
_METHODS = {
    "": "GET, HEAD",
    "live": "GET, HEAD",
    "enter": "POST",
    "do": "POST",
}


def answer(inside: Inside, guard: Guard, path: str, request: HttpRequest) -> HttpReply:
    """Answer a browser that is on this machine.

    Raises:
        ProblemError: The form is not of this page, or the method is another.
    """
    allowed = _METHODS[path]
    if request.method not in allowed.split(", "):
        raise ProblemError(405, f"there is {allowed}", (("Allow", allowed),))
    given = _given(request)
    # HEAD must not use a ticket up.
    comes_by_address = path == "" and request.method == "GET" and "ticket" in given
    if path == "enter" or comes_by_address:
        return _entered(guard, given, request)
    session = guard.session(request)
    if session is None:
        return _door(200 if path == "" else 401)
    if path == "do":
        guard.check_form(session, given.get("key"))
        return _done(inside, guard, session, given)
    return _shown(inside, guard, session, template=f"{path or 'control'}.html")


def _given(request: HttpRequest) -> dict[str, str]:
    text = request.body.decode("utf-8", "replace")
    if request.method != "POST":
        text = urlsplit(request.url).query
    return {name: values[-1] for name, values in parse_qs(text).items()}


def _entered(guard: Guard, given: dict[str, str], request: HttpRequest) -> HttpReply:
    """Let a browser in, and lead it to an address without anything secret."""
    session = guard.enter(given.get("ticket", "").strip())
    if session is None:
        problem = "This link was used already, or the token is another one."
        return _door(403, problem)
    cookie = (
        f"{cookie_name(request)}={session.reveal()}; Path=/.catalyst-oauth/; "
        "HttpOnly; SameSite=Strict"
    )
    if request.url.startswith("https:"):
        cookie += "; Secure"
    return HttpReply(
        status=303, headers=(("Location", "/.catalyst-oauth/"), ("Set-Cookie", cookie))
    )


def _done(
    inside: Inside, guard: Guard, session: Secret, given: dict[str, str]
) -> HttpReply:
    try:
        said = act(inside, given)
    except SettingsError as error:
        return _shown(inside, guard, session, status=422, problem=str(error))
    if said:
        # Shown once; it is not in an address, and nothing remembers it.
        return _shown(inside, guard, session, said=said)
    return HttpReply(status=303, headers=(("Location", "/.catalyst-oauth/"),))


def _door(status: int, problem: str = "") -> HttpReply:
    return _rendered("door.html", status, problem=problem)


def _shown(
    inside: Inside,
    guard: Guard,
    session: Secret,
    *,
    template: str = "control.html",
    status: int = 200,
    said: tuple[str, str] = ("", ""),
    problem: str = "",
) -> HttpReply:
    journal = inside.fake.journal
    total = journal.total
    return _rendered(
        template,
        status,
        state=state_of(inside),
        arrows=list(arrows(journal.after(max(0, total - _SHOWN)))),
        total=total,
        key=guard.form_key(session),
        endpoints=(*ENDPOINTS, ANY),
        kinds=tuple(KINDS),
        said=said,
        problem=problem,
    )


def _rendered(template: str, status: int, **values: Any) -> HttpReply:
    nonce = secrets.token_urlsafe(16)
    text = (
        _environment()
        .get_template(template)
        .render(nonce=nonce, version=__version__, **values)
    )
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    guard = (
        ("Content-Security-Policy", policy),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    )
    return HttpReply(status=status, headers=(_HTML, *guard), body=text.encode())


@cache
def _environment() -> Environment:
    # Paid for by whoever looks at the page.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__, "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["life"] = _life
    return environment


def _life(seconds: float | None) -> str:
    """Write how long something lives."""
    if seconds is None:
        return "until revoked"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
