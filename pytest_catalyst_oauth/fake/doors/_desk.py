"""Who answers what comes to a server: its fake, or a stand-in for some time."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import Journal
from pytest_catalyst_oauth.engine.errors import OAuthError
from pytest_catalyst_oauth.fake._answer import dressed, json_answer
from pytest_catalyst_oauth.fake._environment import SOURCE
from pytest_catalyst_oauth.fake._faults import Decision

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pytest_catalyst_oauth.engine import HttpRequest, Transport
    from pytest_catalyst_oauth.fake._fake import FakeCatalyst

# Zoho never says it, and clients do not try again after it.
NOT_ANSWERED = 501
_JOURNAL_SIZE = 10_000


@final
class StandIn:
    """A transport in the place of a fake.

    Args:
        transport: Answers. What it raises is told to the client with the status 501.
        hosts: Those that it knows besides Zoho's.
        known: What is written in variables for clients, in place of what.

    Attributes:
        journal: What it was asked and answered, redacted.
        known: As given.
    """

    def __init__(
        self,
        transport: Transport,
        fake: FakeCatalyst,
        hosts: Collection[str],
        known: Mapping[str, str],
    ) -> None:
        self._transport = transport
        self._fake = fake
        self._hosts = hosts
        self.known = dict(known)
        self.journal = Journal(_JOURNAL_SIZE)

    def serves(self, url: str) -> bool:
        """Tell whether a URL is at one of the known hosts."""
        try:
            host = urlsplit(url).netloc.rpartition("@")[2].lower()
        except ValueError:
            return False
        usual = host.removesuffix(":443").removesuffix(":80")
        return host in self._hosts or usual in self._hosts or self._fake.serves(url)

    def decide(self, request: HttpRequest) -> Decision:
        """Answer one request."""
        at, problem = time.time(), ""
        try:
            reply = self._transport.send(request)
        except OAuthError as error:
            problem = str(error)
            told = {"error": "not_answered", "error_description": problem}
            reply = dressed(json_answer(told, NOT_ANSWERED), request.method, at)
        self.journal.note(request, reply, at, fault=problem)
        return Decision(reply)


@final
class Desk:
    """Leads requests to whoever answers now."""

    def __init__(self, fake: FakeCatalyst) -> None:
        self._fake = fake
        self.now: FakeCatalyst | StandIn = fake

    @property
    def journal(self) -> Journal:
        """Of whoever answers now."""
        return self.now.journal

    def serves(self, url: str) -> bool:
        """Tell whether a URL is at a host that is answered for."""
        return self.now.serves(url)

    def decide(self, request: HttpRequest) -> Decision:
        """Answer one request."""
        return self.now.decide(request)

    def known(self, text: str) -> str:
        """Return a text with what clients of whoever answers now have to know."""
        if isinstance(self.now, StandIn):
            for before, after in self.now.known.items():
                text = text.replace(before, after)
        return text

    @contextmanager
    def given_to(
        self, transport: Transport, hosts: Collection[str], known: Mapping[str, str]
    ) -> Iterator[Journal]:
        """Let a transport answer while the context lasts; yield its journal."""
        before, self.now = self.now, StandIn(transport, self._fake, hosts, known)
        try:
            yield self.now.journal
        finally:
            self.now = before


class StandInSide:
    """What a server offers for somebody else to answer in its fake's place."""

    def __init__(self, fake: FakeCatalyst) -> None:
        self._desk = Desk(fake)

    @contextmanager
    def answering(
        self,
        transport: Transport,
        *,
        hosts: Collection[str] = (),
        known: Mapping[str, str] | None = None,
        source: str | None = None,
    ) -> Iterator[Journal]:
        """Let a transport answer in the fake's place while the context lasts.

        What it raises is told to clients with the status 501. It yields a journal of
        its own.

        Args:
            transport: For example one that replays a cassette.
            hosts: Those that the proxy leads here, besides Zoho's.
            known: What `env` and `project_url` say, in place of what.
            source: What `env` says of where answers come from.
        """
        told = dict(known or {})
        if source is not None:
            told[SOURCE] = source
        with self._desk.given_to(transport, hosts, told) as journal:
            yield journal
