"""What the tests of the command share: a stage with a fake, a browser and a person."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from pytest_catalyst_oauth.cli import main
from pytest_catalyst_oauth.cli._world import World
from pytest_catalyst_oauth.engine import StoreKey
from pytest_catalyst_oauth.fake import FakeServer

COMMAND = (sys.executable, "-m", "pytest_catalyst_oauth")
SCOPES = "ZohoCatalyst.tables.rows.READ"


def read_until(terminal, end):
    """Return what a terminal shows up to something at its end."""
    shown = b""
    while not shown.endswith(end):
        shown += os.read(terminal, 4096)
    return shown.decode()


def visit(url: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Get an address as a browser does; return status, page and headers."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname, parts.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", url[len(f"http://{parts.netloc}") :], headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode(), dict(reply.getheaders())


@dataclass
class Person:
    """Consents in the browser, and answers what is asked for.

    Attributes:
        redirect: Makes the fields of the redirect from those of the request.
        pages: What the browser was shown.
        answers: What is typed, by a word of the question.
        asked: The questions.
    """

    redirect: object = None
    pages: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def open_browser(self, url: str) -> bool:
        """Consent, and follow the redirect."""
        query = {n: v[0] for n, v in parse_qs(urlsplit(url).query).items()}
        fields = self.redirect(query)
        self.pages.append(visit(f"{query['redirect_uri']}?{urlencode(fields)}"))
        return True

    def ask(self, prompt: str, *, piped: bool) -> str:
        """Type an answer."""
        self.asked.append(prompt)
        return next((a for word, a in self.answers.items() if word in prompt), "")


class Stage:
    """A fake on a socket, a store in a folder, and the command between them.

    Attributes:
        server: The fake's.
        environ: What the command sees; no refresh token, so that the store counts.
        path: The store.
        person: Who sits in front of it.
    """

    def __init__(self, server: FakeServer, folder: Path) -> None:
        self.server = server
        self.fake = server.fake
        self.person = Person()
        self.path = folder / "state" / "tokens.db"
        self.environ = {
            **server.env,
            "CATALYST_OAUTH_STORE": str(self.path),
            "CATALYST_OAUTH_SCOPES": SCOPES,
        }
        self.refresh_token = self.environ.pop("CATALYST_OAUTH_REFRESH_TOKEN")
        self.transport = None

    def __call__(self, *arguments: str, **changes: str) -> int:
        """Run the command in this process; return its exit code."""
        clock = self.fake.clock
        world = World(
            environ={**self.environ, **changes},
            clock=clock,
            sleep=clock.sleep,
            ask=self.person.ask,
            open_browser=self.person.open_browser,
            transport=self.transport,
        )
        return main(list(arguments), world=world)

    def login(self) -> None:
        """Log in with a code of the console."""
        code = self.fake.issue_code(SCOPES).reveal()
        assert self("login", "--self-client", CATALYST_OAUTH_CODE=code) == 0

    def subprocess_env(self, **changes: str) -> dict[str, str]:
        """Return the whole environment of a process of its own."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith("CATALYST_")}
        return {**kept, **self.environ, **changes}

    def key(self, profile: str = "default") -> StoreKey:
        """Return where the login is kept."""
        return StoreKey(
            profile=profile,
            accounts_url=self.server.accounts_url,
            client_id=self.environ["CATALYST_OAUTH_CLIENT_ID"],
        )

    def record(self, profile: str = "default"):
        """Return what is stored."""
        from pytest_catalyst_oauth.adapters import open_store

        return open_store(self.path).load(self.key(profile))

    @property
    def secrets(self) -> list[str]:
        """Everything that nobody may see on a screen."""
        record = self.record()
        found = [record.access_token, record.refresh_token] if record else []
        return [
            self.environ["CATALYST_OAUTH_CLIENT_SECRET"],
            self.refresh_token,
            *(one.reveal() for one in found if one is not None),
        ]
