"""Everything that can go wrong, sorted by whose move it is.

    OAuthError
    ├── SettingsError        ours: an option, a file or a name is wrong
    │   └── EmptySecretError ours: a secret is an empty text
    ├── StoreError           ours: the token store cannot be read or written
    ├── TransportError       nobody answered; worth another try
    ├── ReplyError           somebody answered, but not with OAuth
    └── RefusedError         the server said no
        ├── ThrottledError   too many requests; wait, do not retry
        └── LoginNeededError only a person can cure it

Each class carries plain values, so that pickling keeps the whole error and no
secret can ride along. `exit_code` and `retryable` are class attributes: doors read
them instead of listing classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

_HINTS = {
    "invalid_client": (
        "the data centre does not know this client id: check the id, that the client "
        "is enabled in the data centre whose accounts server was asked, and that its "
        "type allows this grant"
    ),
    "invalid_client_secret": (
        "copy the client secret again from the API console of this data centre; "
        "with multi-DC clients each centre may have a secret of its own"
    ),
    "invalid_code": (
        "the grant token or refresh token is expired, used, revoked or from another "
        "data centre: generate a new one in the API console and log in again"
    ),
    "invalid_redirect_uri": (
        "send exactly the redirect URI that is registered for the client"
    ),
    "missing_org_info": "name the organization with soid, for example ZohoCRM.12345",
    "revoked": "this refresh token was given up: log in again",
    "revoke_pending": "revoke again: the server has not confirmed the last attempt",
    "no_token": "log in, or give a refresh token or a code",
    "access_denied": "the user, or a limit on grant tokens, refused: ask again later",
    "client_not_granted": "the user has not consented yet: start a login in a browser",
    "prompt_required": "the user has to be asked again: start a login in a browser",
    "invalid_scope": (
        "check how the scopes are spelled; not every data centre offers all of them"
    ),
    "authorization_pending": "start the login again, and confirm it in time",
    "expired": "the device code was not confirmed in time: start the login again",
    "expired_token": "the device code was not confirmed in time: start the login again",
    "other_dc": "start the login again, at the data centre where the user lives",
}


class OAuthError(Exception):
    """The root of all errors of this project.

    Attributes:
        retry_at: When somebody asks again, in seconds since the epoch; None if that is
            not known.
    """

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    retry_at: float | None = None


class SettingsError(OAuthError):
    """An option, a name or a file that the user gave is wrong.

    Args:
        what: The thing, as the user wrote it; never a secret.
        problem: What is wrong and what was expected.
        hint: What to do next; empty when `problem` says it.
    """

    exit_code = 2

    def __init__(self, what: str, problem: str, hint: str = "") -> None:
        super().__init__(what, problem, hint)
        self.what = what
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        tail = f"; {self.hint}" if self.hint else ""
        return f"{self.what}: {self.problem}{tail}"


class EmptySecretError(SettingsError, ValueError):
    """A secret is an empty text, as an unset variable is.

    A `ValueError`, too, so that a store takes a record that holds one for damaged.
    """


class StoreError(OAuthError):
    """The token store cannot be read, written or locked.

    Args:
        store: The store's address, for example a path.
        problem: What happened.
        hint: What to do next; may be empty.
    """

    exit_code = 3

    def __init__(self, store: str, problem: str, hint: str = "") -> None:
        super().__init__(store, problem, hint)
        self.store = store
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        tail = f"; {self.hint}" if self.hint else ""
        return f"token store {self.store}: {self.problem}{tail}"


class StoreWarning(UserWarning):
    """A token works but could not be stored, so other processes will not find it."""


class UnknownScopeWarning(UserWarning):
    """A scope is not in the catalogue; Zoho has the last word, so it is used anyway."""


class TransportError(OAuthError):
    """Nobody answered: no connection, or none in time.

    Args:
        host: Scheme, host and port that were asked.
        reason: What happened, in words without any of the request's content.
        sent: Whether the server may have received the request.
    """

    exit_code = 4
    retryable = True

    def __init__(self, host: str, reason: str, sent: bool = True) -> None:
        super().__init__(host, reason, sent)
        self.host = host
        self.reason = reason
        self.sent = sent

    def __str__(self) -> str:
        return f"no answer from {self.host}: {self.reason}"


class ReplyError(OAuthError):
    """Somebody answered, but not as Zoho does: a proxy's page, or a 5xx.

    Args:
        status: HTTP status of the reply.
        problem: What was expected and missing; never the body.
    """

    exit_code = 4
    retryable = True

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(status, problem)
        self.status = status
        self.problem = problem

    def __str__(self) -> str:
        return f"unusable answer (HTTP {self.status}): {self.problem}"


class RefusedError(OAuthError):
    """The server answered with an OAuth error.

    Zoho does so with HTTP 200, so the status says little.

    Args:
        error: The server's `error` code, for example `invalid_client`.
        status: HTTP status of the reply; 0 when the answer was known without asking.
        detail: The server's `error_description`; empty when absent.

    Source: RFC 6749, section 5.2; zoho-protocol.md 4.2.
    """

    exit_code = 5

    def __init__(self, error: str, status: int, detail: str = "") -> None:
        super().__init__(error, status, detail)
        self.error = error
        self.status = status
        self.detail = detail

    @property
    def hint(self) -> str:
        """What a person should do next; empty for codes nobody documented."""
        return _HINTS.get(self.error, "")

    def __str__(self) -> str:
        sent = f"HTTP {self.status}" if self.status else "not asked"
        text = f"refused with {self.error!r} ({sent})"
        return "; ".join(part for part in (text, self.detail, self.hint) if part)


class ThrottledError(RefusedError):
    """Zoho's answer to too many token requests. Waiting cures it, asking does not.

    Source: zoho-protocol.md 4.4 and 4.5.
    """

    exit_code = 6

    @property
    def hint(self) -> str:
        """What a person should do next."""
        return (
            "Zoho allows about ten token requests in ten minutes: wait ten minutes "
            "without asking, and share one token store between your processes"
        )


class LoginNeededError(RefusedError):
    """The refresh token or grant token is dead; a person has to log in again.

    Source: RFC 6749, section 5.2 (`invalid_grant`); zoho-protocol.md 4.2, where the
    code is `invalid_code`.
    """

    exit_code = 7


def by_name(name: str, args: tuple[str | int | bool, ...]) -> OAuthError:
    """Build the error again that a store remembered by class name and `args`.

    The packages above bring kinds of their own, which are found once imported.
    """
    kinds = {kind.__name__: kind for kind in _below(OAuthError)}
    return kinds.get(name, OAuthError)(*args)


def _below(kind: type[OAuthError]) -> Iterator[type[OAuthError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)
