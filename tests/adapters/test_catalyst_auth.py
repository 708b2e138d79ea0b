"""`CatalystAuth` in a `requests` session: the token goes where it belongs."""

from __future__ import annotations

import copy
import io
import json
import pickle
from threading import Barrier, Thread

import pytest
import requests

from pytest_catalyst_oauth.adapters import CatalystAuth
from pytest_catalyst_oauth.engine import Client, DataCenter, MemoryStore
from pytest_catalyst_oauth.engine.errors import SettingsError, ThrottledError
from tests.adapters.loopback import Listener, reply, saying
from tests.engine.doubles import CLIENT, THROTTLED, Server, credentials

STALE = json.dumps(
    {"status": "failure", "data": {"message": "x", "error_code": "INVALID_TOKEN"}}
).encode()
NO_SCOPE = STALE.replace(b"INVALID_TOKEN", b"OAUTH_SCOPE_MISMATCH")


class Api:
    """A resource server that accepts some tokens, and says no with a given body."""

    def __init__(self, *good, refusal=STALE):
        self.good = {f"Zoho-oauthtoken 1000.invented-access-{n}" for n in good}
        self.refusal = refusal
        self.headers = []
        self.bodies = []

    def __call__(self, connection, server):
        while True:
            head, _, body = server.hear(connection).partition(b"\r\n\r\n")
            header = _authorization(head)
            if b"chunked" in head:
                while not body.endswith(b"0\r\n\r\n"):
                    body += connection.recv(65_536)
            self.headers.append(header)
            self.bodies.append(body)
            if header in self.good:
                connection.sendall(reply(b'{"status":"success"}'))
            else:
                connection.sendall(reply(self.refusal, "401 Unauthorized"))


def _authorization(head):
    lines = head.decode().split("\r\n")
    found = [line for line in lines if line.lower().startswith("authorization:")]
    return found[0].partition(": ")[2] if found else None


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def authorized(session, url, token_server=None):
    """Give the session tokens for the API at `url`; return who issues them."""
    center = DataCenter(location="fake", accounts_url=url, api_url=url)
    client = Client(
        client_id="1000.X", client_secret=CLIENT.client_secret, data_center=center
    )
    issuer = token_server or Server()
    held = credentials(issuer, client=client, store=MemoryStore())
    session.auth = CatalystAuth(held)
    return issuer


def test_a_request_brings_the_token(session):
    """In Zoho's own scheme; one token serves many requests."""
    api = Api(1)
    with Listener(api) as server:
        issuer = authorized(session, server.url)
        answers = [session.get(f"{server.url}/x").json() for _ in range(3)]

    assert answers == [{"status": "success"}] * 3
    assert api.headers == ["Zoho-oauthtoken 1000.invented-access-1"] * 3
    assert len(issuer.asked) == 1


def test_a_stale_token_is_renewed_and_the_request_repeated(session):
    """The caller sees the second answer, and can find the first in the history."""
    api = Api(2)
    with Listener(api) as server:
        issuer = authorized(session, server.url)
        answer = session.post(f"{server.url}/x", data="the body")

    assert answer.status_code == 200
    assert [one.status_code for one in answer.history] == [401]
    assert api.bodies == [b"the body"] * 2
    assert answer.request.headers["Authorization"].endswith("-2")
    assert len(issuer.asked) == 2


def test_a_request_is_repeated_once(session):
    """A server that rejects every token gets two, not two hundred."""
    api = Api()
    with Listener(api) as server:
        issuer = authorized(session, server.url)
        answer = session.get(f"{server.url}/x")

    assert answer.status_code == 401
    assert len(api.headers) == 2
    assert len(issuer.asked) == 2


def test_a_missing_scope_is_handed_on(session):
    """It is a 401 too, but no refresh cures it."""
    api = Api(refusal=NO_SCOPE)
    with Listener(api) as server:
        issuer = authorized(session, server.url)
        answer = session.get(f"{server.url}/x")

    assert answer.json()["data"]["error_code"] == "OAUTH_SCOPE_MISMATCH"
    assert len(api.headers) == 1
    assert len(issuer.asked) == 1


def test_a_renewal_that_fails_is_the_callers_error(session):
    """The throttle is not hidden behind a 401."""
    with Listener(Api()) as server:
        authorized(session, server.url, Server(None, THROTTLED))
        with pytest.raises(ThrottledError):
            session.get(f"{server.url}/x")


def test_a_foreign_host_gets_no_token(session):
    """Whatever else the session is used for."""
    api = Api()
    with Listener(api) as foreign:
        issuer = authorized(session, "http://127.0.0.1:9")
        answer = session.get(f"{foreign.url}/x")

    assert answer.status_code == 401
    assert api.headers == [None]
    assert issuer.asked == []


@pytest.mark.parametrize("status", ["302 Found", "307 Moved"])
def test_a_redirect_to_a_foreign_host_takes_no_token_along(session, status):
    """Nor does a 401 from there cause a refresh."""
    foreign = Api()
    with Listener(foreign) as elsewhere:
        moved = reply(b"", status, f"Location: {elsewhere.url}/y")
        with Listener(saying(moved)) as server:
            issuer = authorized(session, server.url)
            answer = session.get(f"{server.url}/x")

    assert answer.status_code == 401
    assert foreign.headers == [None]
    assert len(issuer.asked) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}@elsewhere.example/", "http://elsewhere.example/"]
)
def test_a_host_is_what_requests_takes_it_for(url):
    """A URL that looks like ours to a careless reader is not ours."""
    center = DataCenter(location="f", accounts_url="http://127.0.0.1:8025")
    client = Client(
        client_id="1000.X", client_secret=CLIENT.client_secret, data_center=center
    )
    auth = CatalystAuth(credentials(Server(), client=client))
    prepared = requests.Request("GET", url.format(port=8025), auth=auth).prepare()

    assert "Authorization" not in prepared.headers


def test_a_streamed_answer_is_not_read_ahead(session):
    """`stream=True` keeps its promise."""
    with Listener(Api(1)) as server:
        authorized(session, server.url)
        with session.get(f"{server.url}/x", stream=True) as answer:
            assert not answer._content_consumed
            assert answer.raw.read() == b'{"status":"success"}'


def test_a_file_is_sent_again_from_where_it_stood(session):
    """Not from its start, and not from its end."""
    api = Api(2)
    with Listener(api) as server:
        authorized(session, server.url)
        body = io.BytesIO(b"skipped|the body")
        body.seek(8)
        answer = session.post(f"{server.url}/x", data=body)

    assert answer.status_code == 200
    assert api.bodies == [b"the body"] * 2


def test_a_generator_is_not_sent_again(session):
    """It is empty by then; the caller gets the 401 and can decide."""
    api = Api(2)
    with Listener(api) as server:
        issuer = authorized(session, server.url)
        answer = session.post(f"{server.url}/x", data=iter([b"the ", b"body"]))

    assert answer.status_code == 401
    assert len(api.headers) == 1
    assert len(issuer.asked) == 1


def test_after_a_refused_generator_the_next_one_gets_through(session):
    """A program that does nothing but upload is not refused until the hour is over."""
    api = Api(2)
    with Listener(api) as server:
        issuer = authorized(session, server.url)
        statuses = [
            session.post(f"{server.url}/x", data=iter([b"the ", b"body"])).status_code
            for _ in range(3)
        ]

    assert statuses == [401, 200, 200]
    assert len(issuer.asked) == 2


class Pipe(io.RawIOBase):
    """A file that cannot be wound back."""

    def __init__(self):
        self._parts = [b"the body"]

    def readable(self):
        return True

    def readinto(self, buffer):
        part = self._parts.pop() if self._parts else b""
        buffer[: len(part)] = part
        return len(part)


def test_a_pipe_is_sent_once(session):
    """It has a `tell` that fails, which is no reason to fail."""
    api = Api(2)
    with Listener(api) as server:
        authorized(session, server.url)
        answer = session.post(f"{server.url}/x", data=Pipe())

    assert answer.status_code == 401
    assert len(api.headers) == 1


def test_threads_with_the_same_stale_token_cause_one_refresh(session):
    """Sixty-four requests meet the same rejection."""
    api, count = Api(2), 64
    with Listener(api) as server:
        issuer = authorized(session, server.url)
        auth = session.auth
        auth._credentials.token()
        start, answers = Barrier(count), []

        def get():
            with requests.Session() as own:
                own.trust_env = False
                start.wait()
                answers.append(own.get(f"{server.url}/x", auth=auth).status_code)

        threads = [Thread(target=get) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert answers == [200] * count
    assert len(issuer.asked) == 2


@pytest.mark.parametrize("scheme", ["Zoho-oauthtoken", "Bearer"])
def test_a_scheme_can_be_chosen(scheme):
    """Catalyst reads either."""
    held = credentials(Server())
    auth = CatalystAuth(held, scheme)
    url = f"{CLIENT.data_center.api_url}/x"
    prepared = requests.Request("GET", url, auth=auth).prepare()

    token = held.token().access_token
    assert prepared.headers["Authorization"] == f"{scheme} {token.reveal()}"


@pytest.mark.parametrize("scheme", ["", "bearer", "Basic", "Zoho-oauthtoken "])
def test_another_scheme_is_refused(scheme):
    """The message names the two that there are."""
    with pytest.raises(SettingsError, match="Zoho-oauthtoken or Bearer") as caught:
        CatalystAuth(credentials(Server()), scheme)

    assert repr(scheme) in str(caught.value)


@pytest.mark.parametrize(
    "again",
    [
        lambda request: request,
        requests.PreparedRequest.copy,
        copy.copy,
        copy.deepcopy,
        lambda request: pickle.loads(pickle.dumps(request)),
    ],
)
def test_rendered_headers_hide_the_token(session, again):
    """However the request was copied; who asks for the value gets it."""
    with Listener(Api(1)) as server:
        authorized(session, server.url)
        sent = session.get(f"{server.url}/x", headers={"X-Mine": "shown"}).request
    sent.hooks = {}

    headers = again(sent).headers

    assert headers["authorization"] == "Zoho-oauthtoken 1000.invented-access-1"
    assert "invented-access" not in f"{headers} {headers!r} {headers.copy()}"
    assert "shown" in repr(headers)
    assert headers == dict(sent.headers)
