"""What a browser brings back, be it in a query or in a fragment.

Whatever arrives this way, anybody may have written. Nothing here raises: the values
are secrets in clear, and a traceback with locals would show them.
"""

from __future__ import annotations

import hmac
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from pytest_catalyst_oauth.engine._directory import address_of
from pytest_catalyst_oauth.engine._secret import Secret
from pytest_catalyst_oauth.engine._server_words import quotable
from pytest_catalyst_oauth.engine.errors import RefusedError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

Pairs = list[tuple[str, str]]

# `accounts-server` is here to be counted, and is never used: a forged redirect could
# name any host.
_ONCE = frozenset(
    "state code error error_description location accounts-server access_token "
    "expires_in token_type scope api_domain".split()
)


def fields_or_error(
    pairs: Iterable[tuple[str, str]], state: str | Secret | None
) -> dict[str, str] | RefusedError | SettingsError:
    """Return what belongs to our login, or why it does not.

    An empty value counts as absent, and parameters that nobody knows are ignored.

    Args:
        pairs: Names and values in order.
        state: Of this login; None for one that sent none.

    Source: RFC 6749, sections 3.1, 4.1.2.1 and 10.12.
    """
    given = [(name, value) for name, value in pairs if value]
    counted = Counter(name for name, _ in given)
    repeated = sorted(name for name in _ONCE if counted[name] > 1)
    if repeated:
        return SettingsError(
            "redirect",
            f"carries {repeated[0]} more than once",
            "start the login again; the link may be forged",
        )
    fields = dict(given)
    if not _is_same(fields.get("state"), state):
        return SettingsError(
            "state of the redirect",
            "is not the one of this login",
            "start the login again; the link may be old, or forged",
        )
    if "error" in fields:
        detail = quotable(fields.get("error_description", ""), longest=200)
        return RefusedError(quotable(fields["error"]), 302, detail)
    return fields


def names(pairs: Iterable[tuple[str, str]], state: Secret) -> bool:
    """Tell whether `state` is there, whatever else is."""
    return any(name == "state" and _is_same(text, state) for name, text in pairs)


def pairs_of(text: str) -> Pairs:
    """Split a query or a fragment, however many `&` it begins or ends with."""
    return parse_qsl(text, keep_blank_values=True)


def is_ours(url: str, redirect_uri: str | None) -> bool:
    """Tell whether a redirect came to the address that was registered.

    Scheme, host, port and path are the same, and the registered query is there.

    Args:
        url: Where it came to.
        redirect_uri: As registered; None accepts every address that can be read.

    Source: RFC 6749, section 3.1.2.
    """
    address = address_of(url)
    if address is None or redirect_uri is None:
        return address is not None
    if address != address_of(redirect_uri):
        return False
    came, registered = urlsplit(url), urlsplit(redirect_uri)
    return (came.path or "/") == (registered.path or "/") and not (
        set(pairs_of(registered.query)) - set(pairs_of(came.query))
    )


def elsewhere() -> SettingsError:
    """Return the error about a redirect to another address than ours."""
    return SettingsError(
        "redirect",
        "did not come to the redirect URI of this login",
        "copy the whole address from the browser, and check the registered one",
    )


def unknown_location(location: str) -> SettingsError:
    """Return the error about a data centre that nobody has heard of."""
    return SettingsError(
        f"data centre {quotable(location)!r}",
        "is unknown",
        "start the login again; the link may be forged",
    )


def _is_same(said: str | None, state: str | Secret | None) -> bool:
    if not said or not state:
        # None asked for none. An empty text is no state, so nothing can match it.
        return state is None and not said
    known = state.reveal() if isinstance(state, Secret) else state
    return hmac.compare_digest(
        said.encode("utf-8", "surrogatepass"), known.encode("utf-8", "surrogatepass")
    )
