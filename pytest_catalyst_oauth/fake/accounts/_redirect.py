"""The way back from a page to the client."""

from __future__ import annotations

from string import punctuation
from typing import TYPE_CHECKING, NamedTuple, final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from pytest_catalyst_oauth.engine import ClientKind, HttpReply
from pytest_catalyst_oauth.fake._answer import HTML

from ._pages import PageError

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client

    from ._call import AccountsCall

# RFC 8252, section 7.3; section 8.3 says why `localhost` is not among them.
_LOOPBACK = ("127.0.0.1", "::1")


@final
class WayBack(NamedTuple):
    """Where a person is sent with the answer.

    Attributes:
        uri: The redirect URI.
        state: As the client wrote it, percent-encoded anew; None if it sent none.
        in_fragment: Whether the answer is for a script in the browser.
    """

    uri: str
    state: str | None
    in_fragment: bool = False

    def reply(self, call: AccountsCall, *pairs: tuple[str, str]) -> HttpReply:
        """Send the person back.

        Source: zoho-protocol.md 3.1 and 3.2; strict: RFC 9207, section 2, and
        RFC 9700, section 4.12.
        """
        is_strict = call.server.settings.is_strict
        given = [f"{name}={quote(value, safe='')}" for name, value in pairs]
        if self.state is not None:
            given.insert(0, f"state={self.state}")
        elif self.in_fragment:
            given.insert(0, "")
        if is_strict:
            given.append(f"iss={quote(call.base, safe='')}")
        elif not self.in_fragment and len(pairs) > 1:
            # Seen in every recorded redirect that carries a code.
            given.append("")
        uri = quote(self.uri, safe=punctuation)
        location = f"{uri}{self._separator()}{'&'.join(given)}"
        return HttpReply(
            status=303 if is_strict else 302,
            headers=(("Content-Type", HTML), ("Location", location)),
        )

    def error(self, call: AccountsCall, error: str, text: str = "") -> HttpReply:
        """Send the person back with a refusal; only strict explains it."""
        explained = text and call.server.settings.is_strict
        more = [("error_description", text)] if explained else []
        return self.reply(call, ("error", error), *more)

    def _separator(self) -> str:
        if self.in_fragment:
            return "#"
        if "?" not in self.uri:
            return "?"
        return "" if self.uri.endswith(("?", "&")) else "&"


def way_back(
    call: AccountsCall, client: Client, *, in_fragment: bool = False
) -> WayBack:
    """Return where the client may be answered.

    Raises:
        PageError: It is not the redirect URI that is registered.

    Source: zoho-protocol.md 2.2 and 3.3; strict: RFC 6749, section 3.1.2.3, and
    RFC 8252, section 7.3.
    """
    given, registered = call.plain("redirect_uri"), client.redirect_uri
    if given is None and call.server.settings.is_strict:
        given = registered
    if given is None or registered is None or not _is_same(call, client, given):
        raise PageError(
            "Invalid Redirect Uri",
            "The redirect URI does not match the one that is configured.",
            "Both are compared character by character.",
            facts=(
                ("Asked for", given or "none"),
                ("Configured", registered or "none"),
            ),
        )
    return WayBack(given, _state(call.request.url), in_fragment)


def _is_same(call: AccountsCall, client: Client, given: str) -> bool:
    registered = client.redirect_uri or ""
    if given == registered:
        return True
    # What an address cannot hold, `urlsplit` would silently leave out.
    is_clean = given.isprintable() and " " not in given
    may_vary = call.server.settings.is_strict and client.kind is ClientKind.MOBILE
    return may_vary and is_clean and _without_port(given) == _without_port(registered)


def _without_port(uri: str) -> str:
    """Return a loopback URI without its port, any other one as it is."""
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return uri
    if parts.scheme != "http" or host not in _LOOPBACK or "@" in parts.netloc:
        return uri
    shown = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=shown).geturl()


def _state(url: str) -> str | None:
    """Return the state of a query, whatever octets it stands for, encoded anew."""
    for pair in urlsplit(url).query.split("&"):
        name, _, value = pair.partition("=")
        if name == "state" and value:
            octets = value.replace("+", " ").encode("utf-8", "surrogatepass")
            return quote(unquote_to_bytes(octets), safe="")
    return None
