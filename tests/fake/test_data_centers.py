"""Eleven data centres, of which each knows its own tokens: zoho-protocol.md 6."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_catalyst_oauth.engine import (
    DataCenter,
    HttpRequest,
    Secret,
    read_server_info,
    server_info_request,
)
from tests.fake.asking import access_of, call, exchange, refresh, revoke, works
from tests.fake.browsing import APP, code_of, get, page_url, press, title

ELSEWHERE = [one for one in DataCenter.all() if one.location != "us"]


def at(client, location):
    """A client as whoever uses it at another data centre sees it."""
    return replace(client, data_center=DataCenter.parse(location))


@pytest.mark.parametrize("center", ELSEWHERE, ids=lambda one: one.location)
def test_a_client_is_unknown_abroad(fake, center):
    """It has to be enabled there; that is the usual cause of `invalid_client`."""
    reply = refresh(fake, client=at(fake.client, center.location))

    assert (reply.status, reply.json()) == (200, {"error": "invalid_client"})


@pytest.mark.parametrize("center", ELSEWHERE, ids=lambda one: one.location)
def test_a_multi_dc_client_is_known_abroad_and_its_tokens_are_not(fake, center):
    """Then it is the code, or the refresh token, that does not exist there."""
    client = fake.register_client(redirect_uri=APP, multi_dc=True)
    abroad = at(client, center.location)
    token, code = (
        fake.issue_refresh_token(client=client),
        fake.issue_code(client=client),
    )

    for reply in (
        refresh(fake, token, client=abroad),
        exchange(fake, code, client=abroad),
    ):
        assert (reply.status, reply.json()) == (200, {"error": "invalid_code"})

    assert "access_token" in exchange(fake, code, client=client).json()
    assert "access_token" in refresh(fake, token, client=client).json()


def test_a_client_can_be_enabled_in_one_more_data_centre(fake):
    """As in the console."""
    client = fake.register_client(redirect_uri=APP)
    fake.enable(client, "eu")

    replies = [
        refresh(fake, client=at(client, location)).json() for location in ("eu", "in")
    ]

    assert replies == [{"error": "invalid_code"}, {"error": "invalid_client"}]


def test_a_token_of_one_data_centre_opens_no_other(fake):
    """401, as for a token that somebody made up."""
    client = fake.register_client(redirect_uri=APP, multi_dc=True)
    url = page_url(client, access_type="offline")
    home = at(client, "eu")

    code = code_of(fake.consent(url, user=fake.add_user("Ida", location="eu")))
    token = access_of(exchange(fake, code, client=home))

    assert not works(fake, token)
    authorization = (("Authorization", f"Bearer {token.reveal()}"),)
    project = f"/baas/v1/project/{fake.project_id}/table/Guests/row"
    url = f"{home.data_center.api_url}{project}"
    reply = fake.send(HttpRequest(method="GET", url=url, headers=authorization))
    assert reply.status == 200


def test_what_is_issued_abroad_is_there_at_the_next_request(fake):
    """A refresh, and a revocation, at the data centre of the user."""
    client = fake.register_client(redirect_uri=APP, multi_dc=True)
    user = fake.add_user("Emmy", location="in")
    redirect = fake.consent(
        page_url(client, access_type="offline", prompt="consent"), user=user
    )
    abroad = at(client, "in")
    first = exchange(fake, code_of(redirect), client=abroad).json()

    token = Secret(first["refresh_token"])
    assert "access_token" in refresh(fake, token, client=abroad).json()
    assert revoke(fake, token).status == 400, "at home nobody knows it"
    assert fake.revoke(token)
    assert refresh(fake, token, client=abroad).json() == {"error": "invalid_code"}


def test_the_list_of_data_centres_is_read_by_our_engine_without_a_warning(fake):
    """All eleven, at the addresses that are known; no login is needed."""
    home = fake.client.data_center

    info = read_server_info(fake.send(server_info_request(home)), asked=home)

    assert {one.location for one in info.data_centers} == {
        one.location for one in DataCenter.all()
    }
    assert info.warnings == ()


def test_the_list_has_the_recorded_shape(fake):
    """`result`, and an address for each location."""
    said = fake.send(server_info_request(fake.client.data_center)).json()

    assert list(said) == ["result", "locations"]
    assert said["locations"]["eu"] == "https://accounts.zoho.eu"


def test_a_stand_in_lists_itself_as_its_data_centre(fake):
    """So that a client which looks its host up finds what it talks to."""
    url = "http://127.0.0.1:8000/oauth/serverinfo"

    locations = fake.send(HttpRequest(method="GET", url=url)).json()["locations"]

    assert locations["us"] == "http://127.0.0.1:8000"
    assert locations["eu"] == "https://accounts.zoho.eu"


def test_the_api_of_another_data_centre_knows_no_token_of_ours(fake):
    """Although the project's number is the same in this fake."""
    token = access_of(refresh(fake))
    url = f"https://api.catalyst.zoho.eu/baas/v1/project/{fake.project_id}/table"
    headers = (("Authorization", f"Bearer {token.reveal()}"),)

    reply = fake.send(HttpRequest(method="GET", url=url, headers=headers))

    assert reply.status == 401
    assert call(fake, "/table", token).status == 200


@pytest.mark.parametrize(
    "given", [{"access_type": "offline"}, {"response_type": "token"}]
)
def test_who_lives_where_the_client_is_unknown_consents_to_nothing(fake, given):
    """A page says so; once the client is enabled there, the person is asked anew."""
    client = fake.register_client(redirect_uri=APP)
    fake.add_user("Eve", location="eu")
    url = page_url(client, login_hint="eve@example.com", **given)

    page = press(fake, get(fake, url), user="eve@example.com")

    assert (page.status, title(page)) == (400, "Invalid Client")
    fake.enable(client, "eu")
    assert title(get(fake, url)) == "Do you agree?"
