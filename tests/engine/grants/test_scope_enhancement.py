"""Scope enhancement: more scopes for the same refresh token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pytest_catalyst_oauth.engine import HttpReply, ScopeSet, Secret
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    RefusedError,
    ReplyError,
    SettingsError,
)
from pytest_catalyst_oauth.engine.grants import (
    EnhancementToken,
    enhancement_request,
    enhancement_url,
    read_enhancement,
)
from tests.engine.doubles import REFRESH_TOKEN, START
from tests.engine.grants.frames import shown
from tests.engine.grants.people import EU, SCOPES, client

TOKEN = "1000.invented-enhancement"
NOON = datetime.fromtimestamp(START, UTC)
HELD = EnhancementToken(secret=Secret(TOKEN), expires_at=NOON)


def test_the_request_sends_exactly_its_fields():
    """In the body, where no access log keeps the refresh token."""
    request = enhancement_request(client(data_center=EU), REFRESH_TOKEN)

    assert (request.method, request.url) == (
        "POST",
        "https://accounts.zoho.eu/oauth/v2/token/scopeenhance",
    )
    assert request.body == (
        b"grant_type=update_scopes_token&refresh_token=1000.invented-refresh-token"
        b"&client_id=1000.INVENTEDCLIENT&client_secret=invented-client-secret"
    )


def test_the_reply_is_a_token_for_the_consent_page_only():
    """Its type keeps it from being taken for an access token."""
    answer = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 600}

    held = read_enhancement(HttpReply.of_json(200, answer), asked_at=START)

    assert held.secret == Secret(TOKEN)
    assert held.expires_at == NOON + timedelta(minutes=10)
    assert TOKEN not in f"{held} {held!r}"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (HttpReply.of_json(200, {"error": "invalid_client"}), RefusedError),
        (HttpReply.of_json(200, {"error": "invalid_code"}), LoginNeededError),
        (HttpReply(status=400, body=b"Bad request"), ReplyError),
        (HttpReply.of_json(200, {"access_token": 7, "x": TOKEN}), ReplyError),
    ],
)
def test_a_refusal_is_one_of_our_errors(reply, kind):
    """Among them the documented bare HTTP 400."""
    with pytest.raises(kind) as caught:
        read_enhancement(reply, asked_at=START)

    assert TOKEN not in shown(caught.value)


@pytest.mark.parametrize(("logout", "said"), [(False, "false"), (True, "true")])
def test_the_consent_page_is_told_what_to_add(logout, said):
    """The session of the person stays, unless somebody wants it ended."""
    url = enhancement_url(client(data_center=EU), SCOPES, HELD, logout=logout)

    assert url == (
        "https://accounts.zoho.eu/oauth/v2/token/addextrascope"
        "?response_type=update_scopes&client_id=1000.INVENTEDCLIENT"
        "&scope=ZohoCatalyst.cache.READ%2CZohoCatalyst.tables.rows.READ"
        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2Fcallback"
        f"&enhance_token={TOKEN}&logout={said}"
    )


@pytest.mark.parametrize(
    ("who", "scopes", "match"),
    [
        (client("self"), SCOPES, "has no redirect URI"),
        (client(), ScopeSet(), "scopes: are empty"),
    ],
)
def test_the_consent_page_needs_all_its_parts(who, scopes, match):
    """The message names what is missing, and no token."""
    with pytest.raises(SettingsError, match=match) as caught:
        enhancement_url(who, scopes, HELD)

    assert TOKEN not in shown(caught.value)
