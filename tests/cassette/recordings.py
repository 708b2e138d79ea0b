"""Recordings to try cassettes with. Every id, token and secret here is invented."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import urlencode

from pytest_catalyst_oauth.cassette import (
    Cassette,
    Origin,
    RecordedExchange,
    Replay,
    Scrubber,
)
from pytest_catalyst_oauth.engine import FORM, HttpReply, HttpRequest, Secret

ACCOUNTS = "https://accounts.zoho.eu"
API = "https://api.catalyst.zoho.eu"
PROJECT = f"{API}/baas/v1/project/4000000006007"
COMMAND = "pytest --catalyst-oauth=rewrite tests/test_guests.py"
TEST = "tests/test_guests.py::test_guests_are_listed"

CLIENT_ID = "1000.INVENTED0CLIENT0ID0INVENTED00X"
CLIENT_SECRET = "5ec4e7" * 7
REFRESH_TOKEN = f"1000.{'0badcafe' * 4}.{'feedf00d' * 4}"
OLD_TOKEN = f"1000.{'01d70cen' * 4}".replace("n", "0") + f".{'deadbeef' * 4}"
NEW_TOKEN = f"1000.{'4e3770ce' * 4}.{'beefdead' * 4}"


def shown_token(number):
    """Return what stands in a cassette for the first, second... of Zoho's tokens."""
    return f"1000.{'fade' * 6}{number:08x}.{'fade' * 8}"


SHOWN_CLIENT_ID = f"1000.REDACTED{1:022d}"
SHOWN_CLIENT_SECRET = "fade" * 8 + "fa00000001"


def origin(test=TEST):
    return Origin(
        recorded_at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        source=ACCOUNTS,
        versions=(("pytest-catalyst-oauth", "0.1.0"), ("python", "3.11.7")),
        test=test,
        data_center="eu",
        project_id="4000000006007",
    )


def cassette(*exchanges, test=TEST):
    return Cassette(exchanges=exchanges, origin=origin(test))


def form(url=f"{ACCOUNTS}/oauth/v2/token", headers=(), **fields):
    return HttpRequest(
        method="POST",
        url=url,
        headers=(("Content-Type", FORM), *headers),
        body=urlencode(fields).encode(),
    )


def refresh(token, *, refresh_token=REFRESH_TOKEN):
    request = form(
        grant_type="refresh_token",
        refresh_token=refresh_token,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    reply = HttpReply.of_json(
        200,
        {"access_token": token, "token_type": "Bearer", "expires_in": 3600},
        headers=(("Content-Type", "application/json;charset=UTF-8"),),
    )
    return RecordedExchange(request, reply)


def rows(token, *, status=200, query="max_rows=2&next_token=5"):
    request = HttpRequest(
        method="GET",
        url=f"{PROJECT}/table/Guests/row?{query}",
        headers=(("Authorization", f"Zoho-oauthtoken {token}"),),
    )
    data = {"status": "success", "data": [{"ROWID": 1, "name": "Invented Guest"}]}
    return RecordedExchange(request, HttpReply.of_json(status, data))


def replay_of(*exchanges):
    """Return a replay of a recording, as it would be after saving and loading."""
    return Replay(cassette(*Scrubber().scrub(exchanges).exchanges), command=COMMAND)


def get(path, **fields):
    return HttpRequest(method="GET", url=f"{API}{path}", **fields)


def answers(*pairs):
    """A recording of GET requests to paths, each with a reply of its own."""
    return [
        RecordedExchange(get(path), HttpReply.of_json(200, {"answer": answer}))
        for path, answer in pairs
    ]


def scrub(*exchanges, secrets=(), hosts=None):
    scrubber = Scrubber([Secret(one) for one in secrets], hosts or {})
    return scrubber.scrub(exchanges).exchanges


def scrub_reply(body, headers=(), **options):
    reply = HttpReply(status=200, headers=tuple(headers), body=body)
    return scrub((get("/x"), reply), **options)[0].reply


def scrub_request(**fields):
    return scrub((get("/x", **fields), HttpReply(status=200)))[0].request


def spellings(value):
    """Yield how a value could hide in a file, at any alignment of base64."""
    raw = value.encode()
    yield value
    yield raw.hex()
    yield raw.hex().upper()
    for before in range(3):
        text = base64.b64encode(b"?" * before + raw + b"???").decode()
        # The first and the last characters depend on the neighbours.
        core = text[4 if before else 0 : (before + len(raw)) * 8 // 6]
        yield core
        yield core.replace("+", "-").replace("/", "_")
