"""`Journal`: what happened, without what is secret."""

from __future__ import annotations

from threading import Thread

import pytest

from pytest_catalyst_oauth.engine import (
    HttpReply,
    HttpRequest,
    Journal,
    JournalingTransport,
    Secret,
    grants,
    observe,
)
from pytest_catalyst_oauth.engine.errors import TransportError
from tests.engine.doubles import (
    CLIENT,
    CODE,
    NO_ANSWER,
    REFRESH,
    REFUSED,
    REVOKED,
    START,
    Server,
    StillClock,
    token_reply,
)

LEAKY = "1000.0badc0de0badc0de.0badc0de0badc0de"
API = "https://api.catalyst.zoho.eu/baas/v1/project/1/table/Guests/row"


def get(url, **more):
    return HttpRequest(method="GET", url=url, **more)


def test_an_exchange_is_one_line_without_secrets():
    """The line shows what was asked and what came of it."""
    exchange = observe(REFRESH.request(CLIENT), token_reply("1000.invented"), START)

    assert str(exchange) == (
        "08:00:00 POST /oauth/v2/token grant_type=refresh_token refresh_token=••• "
        "client_id=1000.INVENTEDCLIENT client_secret=••• -> 200 access token issued"
    )


def test_only_judged_parameters_are_shown():
    """An allow-list: what nobody thought of stays hidden."""
    url = f"{API}?max_rows=2&code={LEAKY}&new_in_2031={LEAKY}&{LEAKY}&state={LEAKY}"

    exchange = observe(get(url), HttpReply(status=200), START)

    assert "0badc0de" not in f"{exchange} {exchange!r}"
    assert exchange.parameters[:2] == (("max_rows", "2"), ("code", "•••"))


@pytest.mark.parametrize(
    "request_",
    [
        get(API, headers=(("Authorization", f"Zoho-oauthtoken {LEAKY}"),)),
        get(f"https://me:{LEAKY}@accounts.zoho.eu/x"),
        HttpRequest(method="POST", url=API, body=LEAKY.encode()),
        HttpRequest.post_form(API, [(LEAKY, "")]),
        HttpRequest.post_form(API, [("token", Secret(LEAKY))]),
    ],
)
def test_no_part_of_a_request_slips_through(request_):
    """Neither headers, nor user info, nor a body of another kind."""
    exchange = observe(request_, HttpReply(status=200), START)

    assert "0badc0de" not in f"{exchange} {exchange!r}"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"error": "invalid_code"}, "invalid_code"),
        (
            {"status": "failure", "data": {"error_code": "INVALID_TOKEN"}},
            "INVALID_TOKEN",
        ),
        ({"access_token": LEAKY}, "access token issued"),
        (
            {"access_token": LEAKY, "refresh_token": LEAKY},
            "access token and refresh token issued",
        ),
        ({"status": "success", "data": []}, "success"),
        ({"status": 200}, "ok"),
        ({}, "ok"),
        ({"error": f"no {LEAKY}"}, "no •••"),
        ({"status": LEAKY}, "•••"),
        ({"error": "\x1b[31m"}, " [31m"),
    ],
)
def test_the_outcome_is_said_in_a_few_words(answer, outcome):
    """A server that echoes a token does not get it into the journal."""
    exchange = observe(get(API), HttpReply.of_json(200, answer), START)

    assert exchange.outcome == outcome


def test_a_page_is_not_json():
    """HTML in place of an answer is visible at a glance."""
    assert observe(get(API), HttpReply(status=404, body=b"<html>"), START).outcome == (
        "not JSON"
    )


def test_a_journaling_transport_notes_answers_and_silence():
    """Both are noted in order, and the error goes on."""
    clock, journal = StillClock(), Journal()
    transport = JournalingTransport(Server(REFUSED, NO_ANSWER), journal, clock)
    transport.send(REFRESH.request(CLIENT))
    clock.advance(61)

    with pytest.raises(TransportError):
        transport.send(CODE.request(CLIENT))

    assert [exchange.status for exchange in journal] == [200, None]
    assert [exchange.outcome for exchange in journal] == [
        "invalid_client",
        "TransportError",
    ]
    assert str(journal).endswith("client_secret=••• -> no answer TransportError")
    assert repr(journal).startswith("<journal of 2 exchanges>\n08:00:00 POST")
    assert f"{journal.exchanges[1].at:%H:%M:%S}" == "08:01:01"


def test_kinds_of_exchanges_are_told_apart():
    """Token requests, revocations and API calls can be counted."""
    journal = Journal()
    double = get("https://accounts.zoho.eu//oauth/v2/token")
    revocation = grants.revocation_request(CLIENT, Secret(LEAKY))
    for request in (CODE.request(CLIENT), double, revocation, get(API)):
        journal.add(observe(request, REVOKED, START))

    assert len(journal) == 4
    assert [one.grant_type for one in journal.token_requests] == [
        "authorization_code",
        None,
    ]
    assert [one.path for one in journal.revocations] == ["/oauth/v2/token/revoke"]


def test_a_list_of_exchanges_reads_as_one():
    """Numbered, in a failed assertion too; it stays a tuple."""
    journal = Journal()
    assert repr(journal.exchanges) == "no exchanges"
    journal.add(observe(get(API), REVOKED, START))
    journal.add(observe(get(f"{API}/1"), REVOKED, START))

    lines = repr(journal.exchanges).splitlines()

    assert lines[0] == "2 exchanges:"
    assert lines[2] == f"  2. {journal.exchanges[1]}"
    assert journal.exchanges == tuple(journal)
    assert journal.revocations == ()


def test_what_was_presented_has_a_fingerprint():
    """Equal for equal tokens, whatever they are called; it is not the token."""
    revoked = grants.revocation_request(CLIENT, REFRESH.refresh_token)
    first, second, third = (
        observe(request, REVOKED, START)
        for request in (REFRESH.request(CLIENT), revoked, CODE.request(CLIENT))
    )

    assert first.presented == second.presented != third.presented
    assert observe(get(API), REVOKED, START).presented == ""
    assert REFRESH.refresh_token.reveal() not in repr(first)


def test_a_journal_can_be_cleared():
    """A new test starts with an empty page."""
    journal = Journal()
    journal.add(observe(get(API), REVOKED, START))

    journal.clear()

    assert journal.exchanges == ()
    assert not journal


def test_threads_may_write_at_the_same_time():
    """No exchange is lost."""
    journal = Journal()
    exchange = observe(get(API), REVOKED, START)
    threads = [
        Thread(target=lambda: [journal.add(exchange) for _ in range(100)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(journal) == 800
