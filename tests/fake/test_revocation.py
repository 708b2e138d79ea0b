"""Giving tokens up: zoho-protocol.md 4.6."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import HttpRequest, Secret
from tests.fake.asking import INVENTED, access_of, exchange, refresh, revoke, works


def test_a_refresh_token_goes_with_its_access_tokens(fake):
    """The answer is a bare success; no client has to authenticate."""
    tokens = [access_of(refresh(fake)) for _ in range(2)]
    neighbour = access_of(refresh(fake, fake.issue_refresh_token()))

    reply = revoke(fake, fake.refresh_token)

    assert (reply.status, reply.body) == (200, b'{"status":"success"}')
    assert not any(works(fake, token) for token in tokens)
    assert refresh(fake).json() == {"error": "invalid_code"}
    assert works(fake, neighbour)


@pytest.mark.parametrize("cascades", [True, False])
def test_an_access_token_takes_its_refresh_token_along_if_so_set(new_fake, cascades):
    """Zoho's pages disagree, so it is a switch; the access token ends either way."""
    fake = new_fake(access_ends_refresh=cascades)
    token, sibling = access_of(refresh(fake)), access_of(refresh(fake))

    assert revoke(fake, token).status == 200

    assert not works(fake, token)
    assert works(fake, sibling) is not cascades
    assert ("error" in refresh(fake).json()) is cascades


def test_a_revoked_access_token_leaves_its_place_to_another(new_fake):
    """It no longer counts among the live ones of its refresh token."""
    fake = new_fake(live_access_tokens=2, access_ends_refresh=False)
    first, second = access_of(refresh(fake)), access_of(refresh(fake))

    revoke(fake, second)
    third = access_of(refresh(fake))

    assert [works(fake, token) for token in (first, second, third)] == [
        True,
        False,
        True,
    ]


def test_an_access_token_without_a_refresh_token_goes_alone(fake):
    """As one that came of online access."""
    client = fake.register_client(redirect_uri="https://app.example/callback")
    code = fake.issue_code(client=client, offline=False)
    token = access_of(exchange(fake, code, client=client))

    assert revoke(fake, token).status == 200

    assert not works(fake, token)
    assert "access_token" in refresh(fake).json()


def test_an_unknown_token_is_http_400(fake):
    """And so is one that was revoked before."""
    assert revoke(fake, INVENTED).status == 400
    assert revoke(fake, fake.refresh_token).status == 200
    assert revoke(fake, fake.refresh_token).status == 400


def test_the_token_may_come_by_query(fake):
    """As the documentation shows it, and Zoho's command line tool sends it."""
    url = f"{fake.client.revocation_url}?token={fake.refresh_token.reveal()}"

    assert fake.send(HttpRequest(method="POST", url=url)).status == 200
    assert refresh(fake).json() == {"error": "invalid_code"}


def test_a_revocation_has_to_be_a_post(fake):
    """A link that somebody follows ends nothing."""
    url = f"{fake.client.revocation_url}?token={fake.refresh_token.reveal()}"

    assert fake.send(HttpRequest(method="GET", url=url)).status == 405
    assert "access_token" in refresh(fake).json()


def test_a_user_can_revoke_without_a_request(fake):
    """In the settings of the account: the client learns of it by failing."""
    access = access_of(refresh(fake))

    assert fake.revoke(fake.refresh_token) is True

    assert not works(fake, access)
    assert fake.revoke(fake.refresh_token) is False
    assert not fake.journal.revocations


@pytest.mark.parametrize("accepted", [True, False])
def test_the_parameter_can_have_the_name_that_catalysts_page_prints(new_fake, accepted):
    """No client sends `refresh_token`, and nobody knows, so it is a switch."""
    fake = new_fake(revocation_alias=accepted)

    reply = revoke(fake, fake.refresh_token, name="refresh_token")

    assert (reply.status == 200) is accepted
    assert ("error" in refresh(fake).json()) is accepted


@pytest.mark.parametrize("profile", ["faithful", "strict"])
def test_an_access_token_that_has_ended_takes_nothing_along(new_fake, clock, profile):
    """It is an unknown one by then, whatever else was issued since."""
    fake = new_fake(profile=profile)
    code = fake.issue_code()
    first = exchange(fake, code).json()
    clock.advance(hours=1)

    reply = fake.send(
        token_revocation(fake, Secret(first["access_token"])),
    )

    assert reply.status == (200 if profile == "strict" else 400)
    again = refresh(fake, Secret(first["refresh_token"]))
    assert "access_token" in again.json()


def token_revocation(fake, token):
    fields = {
        "client_id": fake.client.client_id,
        "client_secret": fake.client.client_secret,
        "token": token,
    }
    return HttpRequest.post_form(fake.client.revocation_url, fields.items())
