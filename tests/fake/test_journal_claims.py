"""Claims about what a fake was asked: `journal.expect` and what it counts."""

from __future__ import annotations

from contextlib import ExitStack
from http.client import HTTPConnection
from threading import Event
from urllib.parse import urlsplit

import pytest

from pytest_catalyst_oauth.fake import FakeServer
from tests.fake.asking import exchange, new_access, refresh, refresh_token_of, revoke


def test_a_kept_claim_says_nothing(fake):
    """All counts are exact, and only those that are given are looked at."""
    revoke(fake, new_access(fake))

    fake.journal.expect(token_requests=1, revocations=1, posts=2, reuses=0, exchanges=2)
    fake.journal.expect()
    fake.journal.token_requests.expect(1)


def test_a_broken_claim_tells_what_was_expected_seen_and_asked(fake):
    """One line for each broken count, then all exchanges, numbered and redacted."""
    refresh(fake)
    refresh(fake, client_id="1000.INVENTED")

    with pytest.raises(AssertionError) as caught:
        fake.journal.expect(token_requests=1, revocations=1, posts=2)

    asked = "08:00:00 POST /oauth/v2/token"
    rest = "client_secret=••• grant_type=refresh_token refresh_token=••• -> 200"
    assert str(caught.value).splitlines() == [
        "expected 1 token request, saw 2",
        "expected 1 revocation, saw 0",
        "of 2 exchanges:",
        f"  1. {asked} client_id={fake.client.client_id} {rest} access token issued",
        f"  2. {asked} client_id=1000.INVENTED {rest} invalid_client",
    ]


def test_a_broken_claim_about_some_lists_those(fake):
    """Whoever narrowed the list sees the narrow one."""
    refresh(fake)
    revoke(fake, fake.issue_refresh_token())

    with pytest.raises(AssertionError, match="expected 0 exchanges, saw 1 exchange:"):
        fake.journal.revocations.expect(0)


def test_exchanges_are_narrowed_by_all_that_is_given(fake):
    """Method, path, grant type, status, outcome and what was presented."""
    code = fake.issue_code()
    exchange(fake, code)
    exchange(fake, code)
    refresh(fake)
    journal = fake.journal

    assert len(journal.matching(path="/oauth/v2/token")) == 3
    assert len(journal.matching(grant_type="authorization_code")) == 2
    assert len(journal.matching(outcome="invalid_code", status=200)) == 1
    assert len(journal.matching(method="GET")) == 0
    assert len(journal.matching(presented=code)) == 2
    assert len(journal.matching(presented=fake.refresh_token)) == 1


def test_a_code_that_comes_twice_is_a_reuse(fake):
    """Also if the second exchange is refused, as it must be."""
    code = fake.issue_code()
    token = refresh_token_of(exchange(fake, code))
    exchange(fake, code)
    refresh(fake, token)
    refresh(fake, token)

    (reuse,) = fake.journal.reuses
    assert (reuse.grant_type, reuse.outcome) == ("authorization_code", "invalid_code")


def test_a_rotated_refresh_token_that_comes_again_is_a_reuse(new_fake):
    """The strict profile rotates; what was replaced must not come back."""
    fake = new_fake(profile="strict")
    fake.client = fake.register_client(redirect_uri="https://app.example/callback")
    old = fake.issue_refresh_token()
    refresh(fake, old)
    refresh(fake, old)

    fake.journal.expect(token_requests=2, reuses=1)


def test_a_bounded_journal_forgets_the_oldest(new_fake):
    """Numbers go on, and nobody counts what is incomplete."""
    fake = new_fake(journal_size=2, token_requests=1000)
    for _ in range(5):
        refresh(fake)

    assert (len(fake.journal), fake.journal.total, fake.journal.forgotten) == (2, 5, 3)
    assert [number for number, _ in fake.journal.after(0)] == [4, 5]
    assert [number for number, _ in fake.journal.after(4)] == [5]
    with pytest.raises(AssertionError, match="3 exchanges were forgotten"):
        fake.journal.expect(token_requests=5)

    fake.journal.clear()
    refresh(fake)
    fake.journal.expect(token_requests=1)
    assert fake.journal.after(5) == ((6, fake.journal.exchanges[0]),)


def test_a_long_list_is_cut(new_fake):
    """The end is what matters; the rest is counted."""
    fake = new_fake(token_requests=1000)
    for _ in range(60):
        refresh(fake)

    lines = str(fake.journal.exchanges).splitlines()

    assert lines[:2] == ["60 exchanges:", "  ... 10 exchanges before"]
    assert lines[2].startswith(" 11. ")
    assert lines[-1].startswith(" 60. ")


def test_requests_one_after_the_other_are_one_at_once(fake):
    """However many there are."""
    refresh(fake)
    refresh(fake)

    assert fake.journal.most_at_once == 1


def test_requests_that_wait_together_are_counted_together(fake):
    """So a test can tell a herd from a queue; over the socket, too."""
    fake.fail("api", fault="timeout", times=4)

    with FakeServer(fake) as server, ExitStack() as callers:
        at = urlsplit(server.api_url)
        for _ in range(4):
            caller = HTTPConnection(at.hostname, at.port, timeout=30)
            caller.request("GET", "/baas/v1/project")
            callers.callback(caller.close)
        while fake.journal.total < 4:
            Event().wait(0.01)

        assert fake.journal.most_at_once == 4
