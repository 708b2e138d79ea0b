"""What a server has to know already, or a cassette's answers could not be its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, final
from urllib.parse import parse_qsl, unquote, urlsplit

from pytest_catalyst_oauth.engine import DataCenter

from ._drift import recorded_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

    from ._exchange import RecordedExchange

_PROJECT = re.compile(r"/baas/v\d+/project/(\d+)")
_TABLE = re.compile(r"/table/([^/]+)/")
_SEGMENT = re.compile(r"/segment/(\d+)")
# Of Python and of Catalyst; True is a number, too, so it comes first.
_WORDS = ((bool, "boolean"), (int, "bigint"), (float, "double"), (str, "text"))
_OF_CATALYST = frozenset("ROWID CREATORID CREATEDTIME MODIFIEDTIME".split())
_NOT_FOUND = 404
_UNKNOWN_CLIENT = ("invalid_client",)
_WRONG_SECRET = ("invalid_client", "invalid_client_secret")
_HOSTS = {
    urlsplit(url).hostname: center.location
    for center in DataCenter.all()
    for url in (center.accounts_url, center.api_url)
    if url
}


@final
class KnownClient:
    """A client that the recorded server knew.

    Attributes:
        client_id: As recorded.
        client_secret: The right one, as recorded; empty if none was right.
        redirect_uri: As registered; empty without one.
        is_device: Whether it asked for a device code.
    """

    __slots__ = ("client_id", "client_secret", "is_device", "redirect_uri")

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self.client_secret = ""
        self.redirect_uri = ""
        self.is_device = False


@final
class Premises:
    """What the recorded server knew before; its repr shows nothing of it.

    Attributes:
        location: Data centre of the first address that is one of Zoho's; else `us`.
        starts_at: Of the first answer, in seconds since the epoch; None if unknown.
        project_id: The project that was asked; empty for none.
        clients: By client id.
        refresh_tokens: Client id and scopes of those that worked; "" for all scopes.
        codes: Likewise.
        access_tokens: Those that worked and came from no answer.
        tables: Names or ids of tables, each with the types of its columns.
        segments: Ids of segments.
    """

    def __init__(self, exchanges: Iterable[RecordedExchange]) -> None:
        self.location = ""
        self.starts_at: float | None = None
        self.project_id = ""
        self.clients: dict[str, KnownClient] = {}
        self.refresh_tokens: dict[str, tuple[str, str]] = {}
        self.codes: dict[str, tuple[str, str]] = {}
        self.access_tokens: list[str] = []
        self.tables: dict[str, dict[str, str]] = {}
        self.segments: list[str] = []
        self._issued: set[str] = set()
        for request, reply in exchanges:
            self._read(request, reply)
        self.location = self.location or "us"

    def __repr__(self) -> str:
        return f"<premises: {len(self.clients)} clients, {len(self.tables)} tables>"

    def _read(self, request: HttpRequest, reply: HttpReply) -> None:
        parts = urlsplit(request.url)
        self.location = self.location or _HOSTS.get(parts.hostname, "")
        if self.starts_at is None:
            self.starts_at = recorded_at(reply)
        body = reply.json()
        answer = body if isinstance(body, dict) else {}
        if "/baas/" in parts.path:
            self._read_api(unquote(parts.path), request, reply, answer)
        else:
            self._read_accounts(parts.path, _given(request), answer)
        for name in ("access_token", "refresh_token"):
            if name in answer:
                self._issued.add(str(answer[name]))

    def _read_accounts(
        self, path: str, given: dict[str, str], answer: dict[str, Any]
    ) -> None:
        error = str(answer.get("error", ""))
        client_id = given.get("client_id")
        if not client_id or error in _UNKNOWN_CLIENT:
            return
        client = self.clients.setdefault(client_id, KnownClient(client_id))
        client.is_device = client.is_device or "/device/" in path
        if error not in _WRONG_SECRET:
            client.client_secret = given.get("client_secret") or client.client_secret
        if error == "invalid_redirect_uri":
            client.redirect_uri = "https://registered.example/callback"
        elif "redirect_uri" in given:
            client.redirect_uri = client.redirect_uri or given["redirect_uri"]
        if error in ("", "invalid_redirect_uri"):
            self._believe(client_id, given, str(answer.get("scope", "")))

    def _believe(self, client_id: str, given: dict[str, str], scope: str) -> None:
        """Note what was accepted, unless an answer of this cassette gave it."""
        for name, where in (
            ("refresh_token", self.refresh_tokens),
            ("code", self.codes),
        ):
            text = given.get(name)
            if text and text not in self._issued:
                where.setdefault(text, (client_id, scope))

    def _read_api(
        self, path: str, request: HttpRequest, reply: HttpReply, answer: dict[str, Any]
    ) -> None:
        project = _PROJECT.search(path)
        self.project_id = self.project_id or (project[1] if project else "")
        _, _, token = (request.header("Authorization") or "").partition(" ")
        data = answer.get("data")
        code = data.get("error_code") if isinstance(data, dict) else None
        is_new = token not in self._issued and token not in self.access_tokens
        if token and is_new and code != "INVALID_TOKEN":
            self.access_tokens.append(token)
        if reply.status != _NOT_FOUND:
            self._read_places(path, data)

    def _read_places(self, path: str, data: object) -> None:
        segment, table = _SEGMENT.search(path), _TABLE.search(path)
        if segment and segment[1] not in self.segments:
            self.segments.append(segment[1])
        if table:
            columns = self.tables.setdefault(table[1], {})
            for row in data if isinstance(data, list) else [data]:
                if isinstance(row, dict) and "ROWID" in row:
                    columns.update(_types(row))


def _types(row: dict[str, Any]) -> dict[str, str]:
    """Return what columns take, as far as a row tells it."""
    return {
        name: next(word for kind, word in _WORDS if isinstance(value, kind))
        for name, value in row.items()
        if name not in _OF_CATALYST and isinstance(value, (str, int, float))
    }


def _given(request: HttpRequest) -> dict[str, str]:
    form = request.body.decode("utf-8", "replace")
    return dict(parse_qsl(urlsplit(request.url).query) + parse_qsl(form))
