"""The profile `strict`: what the standards ask where Zoho does otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from pytest_catalyst_oauth.engine import FORM, HttpReply, Secret
from pytest_catalyst_oauth.fake._answer import json_answer

from ._error import AccountsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import HttpRequest

_NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
_OPEN = frozenset({"server_info", "openid"})
_DIRECT = frozenset({"token", "revoke", "enhance", "device_code", "device_token"})
# What a protected resource says, and what RFC 6750, section 3.1, calls it.
_WORDS = (
    (b"INVALID_TOKEN", 401, "invalid_token"),
    (b"INVALID_OAUTHTOKEN", 401, "invalid_token"),
    (b"OAUTH_SCOPE_MISMATCH", 403, "insufficient_scope"),
    (b"INVALID_OAUTHSCOPE", 403, "insufficient_scope"),
)


def given(endpoint: str, request: HttpRequest) -> dict[str, Secret] | None:
    """Return the parameters of a direct request: those of its body alone.

    None for the endpoints that a browser visits.

    Raises:
        AccountsError: One is there twice.

    Source: RFC 6749, sections 2.3.1 and 3.2.
    """
    if endpoint not in _DIRECT:
        return None
    kind = request.header("Content-Type") or ""
    if not kind.lower().startswith(FORM):
        return {}
    pairs = parse_qsl(request.body.decode("utf-8", "replace"))
    refuse_repeated(pairs)
    return {name: Secret(value) for name, value in pairs}


def refuse_repeated(pairs: list[tuple[str, str]]) -> None:
    """Refuse parameters of which one is there twice.

    Raises:
        AccountsError: One is.

    Source: RFC 6749, sections 3.1 and 3.2.
    """
    if len(dict(pairs)) < len(pairs):
        raise AccountsError(
            "general_error",
            "invalid_request",
            description="A parameter is there more than once.",
        )


def refusal(error: AccountsError) -> HttpReply:
    """Say no in the standard's words.

    Source: RFC 6749, section 5.2.
    """
    said = {"error": error.standard}
    if error.description:
        said["error_description"] = error.description
    reply = json_answer(said, error.status)
    if error.status != 401:
        return reply
    return with_headers(reply, ("WWW-Authenticate", 'Basic realm="Zoho Accounts"'))


def finished(endpoint: str, reply: HttpReply) -> HttpReply:
    """Keep an answer out of caches.

    Source: RFC 6749, section 5.1.
    """
    return reply if endpoint in _OPEN else with_headers(reply, *_NO_STORE)


def unallowed(reply: HttpReply, methods: tuple[str, ...]) -> HttpReply:
    """Say which methods are the right ones.

    Source: RFC 9110, section 15.5.6.
    """
    return with_headers(reply, ("Allow", ", ".join(methods)))


def throttled(seconds: float) -> HttpReply:
    """Say when to come again.

    Source: RFC 6585, section 4.
    """
    said = {
        "error": "temporarily_unavailable",
        "error_description": "There were too many requests.",
    }
    return with_headers(json_answer(said, 429), ("Retry-After", f"{seconds:.0f}"))


def protected(
    request: HttpRequest, answer: Callable[[HttpRequest], HttpReply]
) -> HttpReply:
    """Answer as a protected resource that tells its clients what is wrong.

    Source: RFC 6750, sections 2 and 3.
    """
    has_header = request.header("Authorization") is not None
    if has_header and _has_second_method(request):
        return _challenged(json_answer({}, 400), "invalid_request")
    reply = answer(request)
    if reply.status != 401:
        return reply
    for word, status, error in _WORDS:
        if word in reply.body:
            changed = HttpReply(status=status, headers=reply.headers, body=reply.body)
            # Who shows nothing is told nothing more than how to.
            return _challenged(changed, error if has_header else "")
    return _challenged(reply, "")


def _has_second_method(request: HttpRequest) -> bool:
    is_form = (request.header("Content-Type") or "").lower().startswith(FORM)
    form = request.body.decode("utf-8", "replace") if is_form else ""
    texts = (urlsplit(request.url).query, form)
    return any(name == "access_token" for text in texts for name, _ in parse_qsl(text))


def _challenged(reply: HttpReply, error: str) -> HttpReply:
    said = f', error="{error}"' if error else ""
    return with_headers(reply, ("WWW-Authenticate", f'Bearer realm="Zoho"{said}'))


def with_headers(reply: HttpReply, *headers: tuple[str, str]) -> HttpReply:
    """Return a reply with more headers."""
    return HttpReply(
        status=reply.status, headers=(*reply.headers, *headers), body=reply.body
    )
