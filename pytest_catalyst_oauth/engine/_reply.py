"""What the token endpoint's answers mean.

Raw answers stay inside functions that return; only functions that hold no raw
answer raise, so that a traceback with locals shows no token.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ._scope import ScopeSet
from ._secret import Secret
from ._server_words import quotable
from ._token import Token
from .errors import (
    LoginNeededError,
    OAuthError,
    RefusedError,
    ReplyError,
    ThrottledError,
)

if TYPE_CHECKING:
    from ._http import HttpReply

DEFAULT_LIFETIME = 3600
_LONGEST_LIFETIME = 86_400
_DEAD_GRANT = frozenset({"invalid_code", "invalid_grant"})


def read_token(
    reply: HttpReply, *, asked_at: float, refresh_token: Secret | None = None
) -> Token:
    """Return the token in a reply.

    Args:
        reply: What the token endpoint answered.
        asked_at: When the request was sent, in seconds since the epoch. Life counts
            from here, since the server may have started counting then.
        refresh_token: Kept when the reply brings none: Zoho never rotates it.

    Raises:
        RefusedError: The server said no, which Zoho does with HTTP 200.
        ReplyError: The answer is not a token reply.

    Source: RFC 6749, sections 5.1, 5.2 and 6; zoho-protocol.md 4.
    """
    outcome = _token_or_error(reply, asked_at, refresh_token)
    if isinstance(outcome, OAuthError):
        raise outcome
    return outcome


def read_revocation(reply: HttpReply) -> bool:
    """Tell whether the server revoked something; False when it was gone already.

    Raises:
        RefusedError: The server said no for another reason.
        ReplyError: The answer is not a revocation reply.

    Source: RFC 7009, section 2.2; zoho-protocol.md 4.6, where an unknown token is
    HTTP 400.
    """
    outcome = _revoked_or_error(reply)
    if isinstance(outcome, OAuthError):
        raise outcome
    return outcome


def is_throttle(answer: object) -> bool:
    """Tell whether an answer is Zoho's throttle, in any language and status.

    Its texts are localized, so the shape decides: the only OAuth answer with both
    `status: failure` and an `error_description`.

    Source: zoho-protocol.md 4.4.
    """
    return (
        isinstance(answer, dict)
        and answer.get("status") == "failure"
        and "error" in answer
        and "error_description" in answer
    )


def _token_or_error(
    reply: HttpReply, asked_at: float, refresh_token: Secret | None
) -> Token | OAuthError:
    answer = reply.json()
    error = refusal_in(answer, reply.status)
    if error is not None:
        return error
    text = visible(answer.get("access_token"))
    if reply.status >= 400 or text is None:
        return ReplyError(reply.status, "the JSON has neither access_token nor error")
    if str(answer.get("token_type", "Bearer")).lower() != "bearer":
        return ReplyError(reply.status, "the token_type is not Bearer")
    rotated = visible(answer.get("refresh_token"))
    return Token(
        access_token=Secret(text),
        expires_at=datetime.fromtimestamp(asked_at + _lifetime(answer), UTC),
        refresh_token=Secret(rotated) if rotated else refresh_token,
        scope=ScopeSet.read(answer.get("scope")),
        api_domain=visible(answer.get("api_domain")),
    )


def _revoked_or_error(reply: HttpReply) -> bool | OAuthError:
    answer = reply.json()
    if is_throttle(answer):
        return refusal_in(answer, reply.status) or False
    if reply.status == 400:
        return False
    error = refusal_in(answer, reply.status)
    if isinstance(error, LoginNeededError):
        return False
    if error is None and (reply.status != 200 or answer.get("status") != "success"):
        return ReplyError(reply.status, "expected status: success from a revocation")
    return error or True


def refusal_in(answer: Any, status: int) -> OAuthError | None:
    """Return what an answer refuses with, or why it is none; else None."""
    if isinstance(answer, dict) and "error" not in answer and status < 429:
        return None  # nearly all of them
    said = answer if isinstance(answer, dict) else {}
    error = quotable(_text(said.get("error")))
    detail = quotable(_text(said.get("error_description")), longest=200)
    if is_throttle(answer) or status == 429:
        return ThrottledError(error or "too_many_requests", status, detail)
    if status >= 500:
        return ReplyError(status, "server error")
    if not isinstance(answer, dict):
        return ReplyError(status, "expected JSON from Zoho Accounts")
    if "error" not in answer:
        return None
    kind = LoginNeededError if error in _DEAD_GRANT else RefusedError
    return kind(error or "unknown", status, detail)


def _lifetime(answer: dict[str, Any]) -> float:
    """Return the life of a token in seconds.

    Old replies carry milliseconds in `expires_in` and seconds in `expires_in_sec`;
    nothing that Zoho issues lives longer than a day, so more means milliseconds.

    Source: zoho-protocol.md 4.1.
    """
    seconds = number_in(answer.get("expires_in_sec"))
    if seconds is None:
        seconds = number_in(answer.get("expires_in"))
    if seconds is None:
        return DEFAULT_LIFETIME
    if seconds > _LONGEST_LIFETIME:
        seconds /= 1000
    return min(max(seconds, 0.0), _LONGEST_LIFETIME)


def number_in(value: object) -> float | None:
    """Return a number that may be written as a text, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(number) else number


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def visible(value: object) -> str | None:
    """Return a text that headers and stores can carry, or None.

    Source: RFC 6749, appendix A.12; RFC 6750, section 2.1.
    """
    text = _text(value)
    fit = text.isascii() and text.isprintable() and " " not in text
    return text if text and fit else None
