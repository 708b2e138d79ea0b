"""Small real implementations of the engine's protocols."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from threading import Barrier, Condition, Lock, Thread

from pytest_catalyst_oauth.engine import (
    Client,
    Credentials,
    DataCenter,
    HttpReply,
    HttpRequest,
    MemoryStore,
    Secret,
    StoreKey,
    grants,
)
from pytest_catalyst_oauth.engine.errors import OAuthError, StoreError, TransportError

START = 1_800_000_000.0
REFRESH_TOKEN = Secret("1000.invented-refresh-token")
CLIENT = Client(
    client_id="1000.INVENTEDCLIENT",
    client_secret=Secret("invented-client-secret"),
    data_center=DataCenter.parse("eu"),
)
KEY = StoreKey(
    profile="default",
    accounts_url=CLIENT.data_center.accounts_url,
    client_id=CLIENT.client_id,
)
REFRESH = grants.RefreshGrant(refresh_token=REFRESH_TOKEN)
CODE = grants.SelfClientGrant(code=Secret("1000.invented-code"))
NO_ANSWER = TransportError(CLIENT.data_center.accounts_url, "the line is cut")
UNREACHED = TransportError(CLIENT.data_center.accounts_url, "nobody home", False)
REFUSED = HttpReply.of_json(200, {"error": "invalid_client"})
THROTTLED = HttpReply.of_json(
    400,
    {
        "error_description": "You have made too many requests continuously.",
        "error": "Access Denied",
        "status": "failure",
    },
)
REVOKED = HttpReply.of_json(200, {"status": "success"})

Answer = HttpReply | OAuthError | Callable[[HttpRequest], HttpReply]


class StillClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Server:
    """Answers what it was told to, then tokens of its own, numbered from 1."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[HttpRequest] = []
        self._lock = Lock()
        self._issued = 0

    def send(self, request: HttpRequest) -> HttpReply:
        with self._lock:
            self.asked.append(request)
            answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, OAuthError):
            raise type(answer)(*answer.args)
        if callable(answer):
            return answer(request)
        return answer or self.issue()

    def issue(self, **fields: object) -> HttpReply:
        with self._lock:
            self._issued += 1
        return token_reply(f"1000.invented-access-{self._issued}", **fields)

    @property
    def bodies(self) -> list[str]:
        return [request.body.decode() for request in self.asked]


class FailingStore:
    """A memory store whose methods can be made to fail."""

    def __init__(self) -> None:
        self.inner = MemoryStore()
        self.broken: set[str] = set()

    def __getattr__(self, name: str):
        if name in self.broken:
            raise StoreError("memory", f"{name} is out of order")
        return getattr(self.inner, name)


def token_reply(access_token: str, **fields: object) -> HttpReply:
    answer = {
        "access_token": access_token,
        "scope": "ZohoCatalyst.tables.rows.READ",
        "api_domain": "https://www.zohoapis.eu",
        "token_type": "Bearer",
        "expires_in": 3600,
        **fields,
    }
    return HttpReply(status=200, body=json.dumps(answer).encode())


def credentials(server: Server, *, clock=None, store=None, grant=REFRESH, **more):
    return Credentials(
        more.pop("client", CLIENT),
        transport=server,
        store=MemoryStore() if store is None else store,
        grant=grant,
        clock=clock or StillClock(),
        jitter=more.pop("jitter", 0.0),
        **more,
    )


class Crowd:
    """Threads that call the same thing; keeps what each got, errors included."""

    def __init__(self, count: int, call: Callable[[], object]) -> None:
        self._call = call
        self._got: list[object] = []
        self._threads = [Thread(target=self._run) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        try:
            self._got.append(self._call())
        except OAuthError as error:
            self._got.append(error)

    def wait_until_all_wait(self) -> None:
        """Return when every thread waits for something or is at its end."""
        while not all(map(_is_waiting, self._threads)):
            time.sleep(0.001)

    def join(self) -> list[object]:
        for thread in self._threads:
            thread.join()
        return self._got


def _is_waiting(thread: Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is None or frame.f_code is Condition.wait.__code__


def together(count: int, call: Callable[[], object]) -> list[object]:
    """Call from many threads at once; return what each got, errors included."""
    ready = Barrier(count)

    def run() -> object:
        ready.wait()
        return call()

    return Crowd(count, run).join()
