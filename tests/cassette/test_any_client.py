"""Recording and replaying other people's clients through VCR.py's hooks."""

import asyncio
import io
import logging
import threading
import urllib.request

import aiohttp
import aiohttp.test_utils
import aiohttp.web
import httpx
import pytest
import requests
import urllib3
import vcr

from pytest_catalyst_oauth.cassette import (
    Cassette,
    RecordedExchange,
    Replay,
    Scrubber,
    _any_client,
    record_any_client,
    replay_any_client,
)
from pytest_catalyst_oauth.cassette.errors import CassetteMissError
from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.cassette.recordings import (
    CLIENT_SECRET,
    OLD_TOKEN,
    TEST,
    origin,
    shown_token,
)

COMMAND = "pytest --catalyst-oauth=rewrite"
PUBLIC = "https://accounts.zoho.eu"
FORM = {"client_secret": CLIENT_SECRET, "grant_type": "refresh_token"}


def with_requests(base):
    with requests.Session() as session:
        token = session.post(f"{base}/token", data=FORM).json()["access_token"]
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        return token, session.get(f"{base}/x?b=2&a=1", headers=headers).json()


def with_httpx(base):
    with httpx.Client() as session:
        token = session.post(f"{base}/token", data=FORM).json()["access_token"]
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        return token, session.get(f"{base}/x?b=2&a=1", headers=headers).json()


def with_async_httpx(base):
    async def ask():
        async with httpx.AsyncClient() as session:
            reply = await session.post(f"{base}/token", data=FORM)
            token = reply.json()["access_token"]
            headers = {"Authorization": f"Zoho-oauthtoken {token}"}
            reply = await session.get(f"{base}/x?b=2&a=1", headers=headers)
            return token, reply.json()

    return asyncio.run(ask())


def with_urllib3(base):
    with urllib3.PoolManager() as pool:
        asked = pool.request(
            "POST", f"{base}/token", fields=FORM, encode_multipart=False
        )
        token = asked.json()["access_token"]
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        return token, pool.request("GET", f"{base}/x?b=2&a=1", headers=headers).json()


CLIENTS = [with_requests, with_httpx, with_async_httpx, with_urllib3]


def record(path, server, work):
    with record_any_client() as tape:
        result = work(server)
    Cassette(exchanges=tape.exchanges, origin=origin()).save(
        path, scrubber=Scrubber(hosts={server: PUBLIC})
    )
    return result


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_is_recorded_and_replayed(tmp_path, server, client):
    """While it records nothing changes for it; in replay nobody listens."""
    path = tmp_path / "any.yaml"

    token, sent = record(path, server, client)
    with replay_any_client(Cassette.load(path, test=TEST), command=COMMAND) as replay:
        replayed_token, replayed = client(PUBLIC)

    assert token == OLD_TOKEN
    assert sent["sent"] == f"Zoho-oauthtoken {OLD_TOKEN}"
    assert replayed_token == shown_token(1)
    assert replayed == {**sent, "sent": f"Zoho-oauthtoken {shown_token(1)}"}
    assert replay.unused == ()


@pytest.mark.parametrize("recorder", CLIENTS)
@pytest.mark.parametrize("player", [with_requests, with_httpx])
def test_one_client_replays_what_another_recorded(tmp_path, server, recorder, player):
    """Their headers and their encodings differ, the meaning does not."""
    path = tmp_path / "any.yaml"
    record(path, server, recorder)

    with replay_any_client(Cassette.load(path), command=COMMAND) as replay:
        token, _ = player(PUBLIC)

    assert token == shown_token(1)
    assert replay.unused == ()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: requests.get(f"{PUBLIC}/other?code={OLD_TOKEN}"),
        lambda: httpx.get(f"{PUBLIC}/other?code={OLD_TOKEN}"),
        lambda: urllib3.request("GET", f"{PUBLIC}/other?code={OLD_TOKEN}"),
        lambda: urllib.request.urlopen(f"{PUBLIC}/other?code={OLD_TOKEN}"),
    ],
    ids="requests httpx urllib3 urllib".split(),
)
def test_a_miss_is_our_error_and_shows_no_secret(tmp_path, server, ask, caplog):
    """VCR.py's own message and its log would print the whole request."""
    path = tmp_path / "any.yaml"
    record(path, server, with_requests)
    caplog.set_level(logging.DEBUG, logger="")

    with (
        replay_any_client(Cassette.load(path), command=COMMAND),
        pytest.raises(CassetteMissError) as caught,
    ):
        ask()

    assert OLD_TOKEN not in str(caught.value)
    assert caught.value.command == COMMAND
    assert not [one for one in caplog.records if one.name.startswith("vcr")]


def test_vcrpy_logs_nothing_while_recording(server, caplog):
    """A failing test's report has the captured log, and VCR.py logs whole replies."""
    caplog.set_level(logging.DEBUG, logger="")

    with record_any_client():
        with_requests(server)

    assert not [one for one in caplog.records if one.name.startswith("vcr")]
    logging.getLogger("vcr").info("is heard again")
    assert caplog.records[-1].getMessage() == "is heard again"


def test_redirects_cookies_and_files_survive(tmp_path, server):
    """Each hop is an exchange; binary content comes back byte for byte."""

    def browse(base):
        with requests.Session() as session:
            landed = session.get(f"{base}/redirect").json()["path"]
            return landed, session.get(f"{base}/file").content, dict(session.cookies)

    path = tmp_path / "any.yaml"
    landed, content, _ = record(path, server, browse)
    with replay_any_client(Cassette.load(path), command=COMMAND) as replay:
        replayed, replayed_content, cookies = browse(PUBLIC)

    assert landed == f"/landed?code={OLD_TOKEN}"
    assert replayed == f"/landed?code={shown_token(1)}"
    assert replayed_content == content == b"\x89PNG\xff\x00"
    assert cookies == {"JSESSIONID": "REDACTED-cookie-1"}
    assert replay.unused == ()


def test_a_test_that_fails_writes_nothing(tmp_path, server):
    """The tape is only written when somebody saves it."""
    with pytest.raises(ZeroDivisionError), record_any_client() as tape:  # noqa: PT012
        with_requests(server)
        raise ZeroDivisionError

    assert len(tape.exchanges) == 2
    assert list(tmp_path.iterdir()) == []


def test_after_the_context_clients_talk_to_the_network_again(server):
    """Nothing stays patched."""
    with record_any_client() as tape:
        with_requests(server)
    seen = len(tape.exchanges)

    with_requests(server)
    with_httpx(server)

    assert len(tape.exchanges) == seen


@pytest.mark.parametrize("client", [with_requests, with_httpx, with_urllib3])
def test_all_threads_are_recorded_and_replayed(tmp_path, server, client):
    """No exchange passes by while another thread opens a connection."""

    def in_threads(base):
        threads = [threading.Thread(target=client, args=(base,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    path = tmp_path / "any.yaml"
    record(path, server, in_threads)
    with replay_any_client(Cassette.load(path), command=COMMAND) as replay:
        in_threads(PUBLIC)

    assert len(Cassette.load(path).exchanges) == 16
    assert replay.unused == ()


def test_python_s_own_client_is_recorded_and_replayed(tmp_path, server):
    """`urllib.request` stands on `http.client`, which VCR.py replaces by name."""

    def ask(base):
        with urllib.request.urlopen(f"{base}/x?a=1") as reply:
            return reply.read()

    path = tmp_path / "any.yaml"
    sent = record(path, server, ask)
    with replay_any_client(Cassette.load(path), command=COMMAND):
        assert ask(PUBLIC) == sent


def test_a_status_that_nobody_named_is_replayed():
    """Some servers invent their own."""
    request = HttpRequest(method="GET", url=f"{PUBLIC}/x")
    made = Cassette(exchanges=(RecordedExchange(request, HttpReply(status=299)),))

    with replay_any_client(made, command=COMMAND):
        assert requests.get(f"{PUBLIC}/x").status_code == 299


@pytest.mark.parametrize(
    "body",
    ["a=1&b=2", b"a=1&b=2", bytearray(b"a=1&b=2"), {"a": 1, "b": 2}, ["a=1", b"&b=2"]],
)
def test_whatever_a_library_hands_over_as_body_is_recorded(body):
    """Texts, bytes, fields, and what a generator gave."""
    assert _any_client._bytes(body) == b"a=1&b=2"


def test_a_library_that_looks_up_the_next_hop_itself_gets_it():
    """The stub of aiohttp follows redirects by asking what is most like the request."""
    request = HttpRequest(method="GET", url=f"{PUBLIC}/landed")
    made = Cassette(exchanges=(RecordedExchange(request, HttpReply(status=204)),))
    door = _any_client._Replaying(Replay(made, command=COMMAND))
    hop = vcr.request.Request("GET", f"{PUBLIC}/landed", None, {})

    ((nearest, *_),) = door.find_requests_with_most_matches(hop)

    assert door.can_play_response_for(nearest)
    assert door.play_response(nearest)["status"]["code"] == 204


def test_the_cassette_that_was_opened_last_answers(tmp_path, server):
    """One within another, and one after another, for a session that outlives both."""
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    for path, name in ((first, "one"), (second, "two")):
        record(path, server, lambda base, name=name: requests.get(f"{base}/x?n={name}"))

    def asked(name):
        return session.get(f"{PUBLIC}/x?n={name}").status_code

    with requests.Session() as session:
        with replay_any_client(Cassette.load(first), command=COMMAND):
            with replay_any_client(Cassette.load(second), command=COMMAND):
                assert asked("two") == 200
            assert asked("one") == 200
        with replay_any_client(Cassette.load(second), command=COMMAND):
            assert asked("two") == 200
        with pytest.raises(requests.ConnectionError):
            session.get("http://127.0.0.1:9/closed")


def test_a_cassette_of_vcrpy_around_ours_changes_nothing_later(tmp_path, server):
    """Ours is put in place within another one's patches, and then without them."""
    path = tmp_path / "any.yaml"
    record(path, server, with_requests)

    with vcr.use_cassette(str(tmp_path / "other.yaml"), record_mode="none"):
        with replay_any_client(Cassette.load(path), command=COMMAND):
            assert with_requests(PUBLIC)[0] == shown_token(1)
        with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
            requests.get(f"{PUBLIC}/x")
    with replay_any_client(Cassette.load(path), command=COMMAND):
        assert with_requests(PUBLIC)[0] == shown_token(1)
    assert with_requests(server)[0].startswith("1000.")


def _form(**more):
    form = aiohttp.FormData()
    form.add_field("client_secret", CLIENT_SECRET)
    for name, value in more.items():
        form.add_field(name, value, filename=f"{name}.bin", content_type="image/png")
    return form


def _writer():
    with aiohttp.MultipartWriter("form-data") as writer:
        part = writer.append(CLIENT_SECRET)
        part.set_content_disposition("form-data", name="client_secret")
    return writer


BODIES = {
    "form": _form,
    "multipart": lambda: _form(file=b"\x89PNG\xff\x00"),
    "open-file": lambda: _form(file=io.BytesIO(b"\x89PNG\xff\x00")),
    "fields": lambda: {"client_secret": CLIENT_SECRET, "f": io.BytesIO(b"\x89PNG")},
    "writer": _writer,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_form_of_aiohttp_is_recorded_as_it_is_sent(tmp_path, body):
    """Its value is no text and no mapping; the server sees what it did before."""
    heard = []

    async def answer(request):
        data = await request.post()
        heard.append({name: type(value) for name, value in data.items()})
        heard.append(data.get("client_secret"))
        return aiohttp.web.json_response({"took": len(data)})

    async def ask(base):
        async with aiohttp.ClientSession() as session:
            reply = await session.post(f"{base}/token?a=1", data=body())
            return await reply.json()

    async def serve():
        app = aiohttp.web.Application()
        app.router.add_post("/token", answer)
        async with aiohttp.test_utils.TestServer(app) as server:
            base = str(server.make_url("")).rstrip("/")
            with record_any_client() as tape:
                recorded = await ask(base)
            plain = await ask(base)
        Cassette(exchanges=tape.exchanges, origin=origin()).save(
            tmp_path / "any.yaml", scrubber=Scrubber(hosts={base: PUBLIC})
        )
        return recorded, plain

    recorded, plain = asyncio.run(serve())
    cassette = Cassette.load(tmp_path / "any.yaml")
    with replay_any_client(cassette, command=COMMAND) as replay:
        replayed = asyncio.run(ask(PUBLIC))

    assert heard[:2] == heard[2:]
    assert heard[1] == CLIENT_SECRET
    assert recorded == plain == replayed
    assert replay.unused == ()
    assert CLIENT_SECRET not in (tmp_path / "any.yaml").read_text()


def test_what_nobody_can_record_is_one_clear_error():
    """As a form of aiohttp in another recorder's cassette."""
    request = vcr.request.Request("POST", PUBLIC, _form(), {})

    with pytest.raises(SettingsError, match="FormData: cannot be recorded") as one:
        _any_client.as_request(request)

    assert CLIENT_SECRET not in str(one.value)
