"""The fake in front of `requests`, in one process."""

from __future__ import annotations

import re

import pytest
import requests
import responses
from requests.adapters import HTTPAdapter

from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer
from tests.fake.asking import new_access

ELSEWHERE = "https://elsewhere.example/"
HOSTS = sorted(
    url
    for center in DataCenter.all()
    for url in (center.accounts_url, center.api_url, center.console_url)
    if url
)


@pytest.fixture
def neighbour(monkeypatch):
    """A server on the loopback that is no part of the fake."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with FakeServer() as server:
        yield server


@pytest.mark.parametrize("url", HOSTS)
def test_every_host_of_every_data_centre_is_answered(fake, url):
    """Accounts, API and console; the network is never asked."""
    with fake.in_process():
        requests.post(f"{url}/oauth/v2/token")

    assert [one.origin for one in fake.journal] == [url]


@pytest.mark.parametrize(
    "host",
    [
        "https://ACCOUNTS.zoho.com",
        "https://accounts.zoho.com:443",
        "https://accounts.zoho.com:8443",
        "https://accounts.zoho.com.",
        "https://somebody:invented@accounts.zoho.com",
        "http://accounts.zoho.com",
    ],
)
def test_no_spelling_of_a_host_reaches_the_real_one(fake, host):
    """A slip in a URL must not send a secret out."""
    with fake.in_process():
        requests.post(f"{host}/oauth/v2/token?client_id=invented")

    assert len(fake.journal) == 1


@pytest.mark.parametrize(
    "host",
    [
        "https://accounts.zoho.com.elsewhere.example",
        "https://accounts-zoho.com",
        "https://elsewhere.example/https://accounts.zoho.com/",
        "https://accounts.zoho.co",
    ],
)
def test_a_similar_host_is_not_taken_for_zohos(fake, host):
    """With `strict` it is refused, like every stranger."""
    with (
        fake.in_process(strict=True),
        pytest.raises(requests.ConnectionError, match="is not faked"),
    ):
        requests.get(f"{host}/oauth/v2/token")

    assert not fake.journal


@pytest.mark.parametrize(
    "method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
)
def test_every_method_is_answered(fake, method):
    """By the rules of the fake, not by the network."""
    with fake.in_process(strict=True):
        requests.request(method, fake.client.token_url)

    assert [one.method for one in fake.journal] == [method]


def test_a_session_gets_a_token_and_uses_it(fake):
    """The bodies of requests and replies pass unchanged."""
    client, token = fake.client, new_access(fake)
    url = f"{client.data_center.api_url}/baas/v1/project/{fake.project_id}"
    header = {"Authorization": f"Zoho-oauthtoken {token.reveal()}"}

    with fake.in_process(), requests.Session() as session:
        session.headers.update(header)
        posted = session.post(f"{url}/table/Guests/row", json=[{"Name": "Zoë"}])
        read = session.get(f"{url}/table/Guests/row", params={"max_rows": 3})

    assert posted.json()["data"] == read.json()["data"][2:]
    assert read.json()["data"][2]["Name"] == "Zoë"


def test_all_three_cookies_arrive(fake):
    """Each as a header of its own, and in the jar of a session."""
    with fake.in_process(), requests.Session() as session:
        reply = session.post(fake.client.token_url)

    assert len(reply.raw.headers.getlist("Set-Cookie")) == 3
    names = sorted(cookie.name for cookie in session.cookies)
    assert names[:2] == ["_zcsr_tmp", "iamcsr"]
    assert re.fullmatch("zalb_[0-9a-f]{10}", names[2])
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"


def test_other_hosts_are_reached(fake, neighbour):
    """The code under test may talk to its own services."""
    with fake.in_process():
        reply = requests.post(f"{neighbour.accounts_url}/oauth/v2/token")

    assert reply.json() == {"error": "invalid_client"}
    assert len(neighbour.fake.journal) == 1
    assert not fake.journal


def test_other_hosts_are_refused_when_strict(fake, neighbour):
    """The error names method and host, and nothing that may be secret."""
    url = f"{neighbour.accounts_url}/oauth/v2/token?code=invented"

    with (
        fake.in_process(strict=True),
        pytest.raises(requests.ConnectionError) as caught,
    ):
        requests.post(url)

    assert str(caught.value).startswith("POST http://127.0.0.1 is not faked")
    assert "invented" not in str(caught.value)
    assert not neighbour.fake.journal


def test_a_mock_that_was_active_before_keeps_its_hosts(fake):
    """The fake takes Zoho's hosts only, and hands the others on."""
    with responses.RequestsMock() as mine:
        mine.get(ELSEWHERE, json={"mine": True})

        with fake.in_process():
            zohos = requests.post(fake.client.token_url)
            others = requests.get(ELSEWHERE)

    assert zohos.json() == {"error": "invalid_client"}
    assert others.json() == {"mine": True}


def test_the_decorator_of_responses_can_stand_over_a_test(fake):
    """As most people write it."""

    @responses.activate
    def body():
        responses.get(ELSEWHERE, json={"mine": True})
        with fake.in_process():
            return requests.get(ELSEWHERE), requests.post(fake.client.token_url)

    others, zohos = body()

    assert others.json() == {"mine": True}
    assert zohos.json() == {"error": "invalid_client"}


def test_a_mock_that_is_activated_inside_hides_the_fake(fake):
    """It refuses what it does not know, loudly; afterwards the fake is back."""
    with fake.in_process():
        with (
            responses.RequestsMock(),
            pytest.raises(requests.ConnectionError, match="match any registered mock"),
        ):
            requests.post(fake.client.token_url)

        assert requests.post(fake.client.token_url).status_code == 200


def test_everything_is_as_before_afterwards(fake):
    """Also after a test that failed."""
    before = HTTPAdapter.send

    with pytest.raises(ZeroDivisionError), fake.in_process():
        raise ZeroDivisionError

    assert HTTPAdapter.send is before


def test_the_inner_one_of_two_fakes_answers(fake):
    """And the outer one again, once it is alone."""
    other = FakeCatalyst()

    with fake.in_process():
        with other.in_process():
            requests.post(fake.client.token_url)
        requests.post(fake.client.token_url)

    assert (len(other.journal), len(fake.journal)) == (1, 1)
