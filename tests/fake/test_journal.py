"""What the fake notes of the requests that it answered."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from pytest_catalyst_oauth.engine import HttpRequest
from tests.fake.asking import (
    access_of,
    call,
    exchange,
    new_access,
    refresh,
    refresh_token_of,
    revoke,
)


def test_every_exchange_is_noted_in_order(fake):
    """With its outcome in a few words."""
    token = new_access(fake)
    exchange(fake, fake.issue_code())
    refresh(fake, client_id="1000.INVENTED")
    call(fake, "/table", token)
    call(fake, "/nothing", token)
    revoke(fake, token)
    fake.fail("token")
    refresh(fake)

    assert [(one.status, one.outcome) for one in fake.journal] == [
        (200, "access token issued"),
        (200, "access token and refresh token issued"),
        (200, "invalid_client"),
        (200, "success"),
        (404, "INVALID_URL"),
        (200, "success"),
        (503, "not JSON"),
    ]
    assert [one.grant_type for one in fake.journal.token_requests] == [
        "refresh_token",
        "authorization_code",
        "refresh_token",
        "refresh_token",
    ]
    assert len(fake.journal.revocations) == 1


def test_times_are_the_clocks(fake, clock):
    """So that a test can say when it refreshed."""
    refresh(fake)
    clock.advance(hours=1)
    refresh(fake)

    first, second = fake.journal
    assert (second.at - first.at).total_seconds() == 3600


def test_nothing_secret_is_noted(fake):
    """Neither what came by query, form or header, nor what was answered."""
    code = fake.issue_code()
    reply = exchange(fake, code)
    secrets = [
        fake.client.client_secret,
        fake.refresh_token,
        code,
        access_of(reply),
        refresh_token_of(reply),
    ]
    refresh(fake)
    call(fake, f"/cache?cacheKey={secrets[3].reveal()}", secrets[3])
    call(fake, "/cache", secrets[3], "POST", value={"cache_name": code.reveal()})
    url = f"{fake.client.token_url}?refresh_token={fake.refresh_token.reveal()}"
    fake.send(HttpRequest(method="POST", url=url))
    revoke(fake, secrets[4])

    assert len(fake.journal) == 6
    shown = str(fake.journal) + repr(fake.journal) + repr(list(fake.journal))
    leaked = [secret for secret in secrets if secret.reveal() in shown]
    assert not leaked
    assert "refresh_token=•••" in shown


def test_the_fake_itself_shows_nothing_secret(fake):
    """When it stands in the locals of a failing test."""
    shown = f"{fake!r} {fake.client!r} {fake.refresh_token!r} {fake.clock!r}"

    assert repr(fake) == "<fake of Zoho us>"
    for secret in (fake.client.client_secret, fake.refresh_token):
        assert secret.reveal() not in shown


def test_a_failing_test_shows_no_token_in_its_locals(pytester):
    """With `-l`, even if the failure lies inside the fake."""
    pytester.makepyfile(
        """
        import sys

        from pytest_catalyst_oauth.engine import grants
        from pytest_catalyst_oauth.fake import FakeCatalyst

        class Clock:
            broken = False

            def __call__(self):
                if self.broken and sys._getframe(1).f_code.co_name == "add_access":
                    raise RuntimeError("the clock is out of order")
                return 1_800_000_000.0

        def test_refresh():
            clock = Clock()
            fake = FakeCatalyst(clock=clock)
            grant = grants.RefreshGrant(refresh_token=fake.refresh_token)
            request = grant.request(fake.client)
            clock.broken = True
            fake.send(request)
        """
    )

    result = pytester.runpytest_inprocess(
        "-l", "-p", "no:randomly", "-p", "no:asyncio", "--tb=long"
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*add_access*", "E *the clock is out of order"])
    result.stdout.no_fnmatch_line("*1000.fa4e*")
    result.stdout.no_fnmatch_line("*fa4efa4efa4efa4efa4e*")


BASE = "http://127.0.0.1:1"
TOKEN = "1000.0badc0de0badc0de0badc0de0badc0de.0badc0de0badc0de0badc0de0badc0de"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (f"/oauth/{TOKEN}", "/oauth/•••"),
        (f"/oauth/%31{TOKEN[1:]}/x", "/oauth/•••/x"),
        ("/oauth/0badc0de0badc0de", "/oauth/•••"),
        (f"/baas/v1/project/{TOKEN}/table", "/baas/v1/project/•••/table"),
        ("/baas/v1/project/3376000000427023", "/baas/v1/project/3376000000427023"),
        ("//oauth/v2/token", "//oauth/v2/token"),
        (
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server",
        ),
        ("/\x9b2J", "/ 2J"),
    ],
)
def test_a_token_in_a_path_is_not_noted(fake, asked, shown):
    """A client that writes it there by mistake finds it in no log."""
    fake.send(HttpRequest(method="GET", url=BASE + asked))

    assert fake.journal.exchanges[0].path == shown
    fake.journal.matching(path=asked).expect(1)


@pytest.mark.parametrize("name", ["client_id", "scope", "redirect_uri", "grant_type"])
def test_a_token_in_the_wrong_parameter_is_not_noted(fake, name):
    """Where others may be shown."""
    refresh(fake, **{name: f"a{TOKEN}\nb"})

    assert "0badc0de" not in str(fake.journal)
    assert "\n" not in str(fake.journal.exchanges[0])


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (b64encode(b"1000.FAKESHOP:fake-secret"), "Basic 1000.FAKESHOP:•••"),
        (b64encode(b"1000%2EFAKESHOP:"), "Basic 1000.FAKESHOP:•••"),
        (b64encode(TOKEN.encode() + b":x"), "Basic •••:•••"),
        (b64encode(b"fake-secret"), "Basic •••:•••"),
        (b"fake-secret", "Basic •••:•••"),
        (b64encode(b"\xff:"), "Basic •••:•••"),
    ],
)
def test_who_authenticates_by_basic_is_noted(fake, given, shown):
    """The client id as from a form, the secret never."""
    header = ("authorization", f"Basic {given.decode()}")
    request = HttpRequest.post_form(f"{BASE}/oauth/v2/token", [("scope", "x")])
    fake.send(replace(request, headers=(*request.headers, header)))

    assert fake.journal.exchanges[0].parameters == (
        ("Authorization", shown),
        ("scope", "x"),
    )


def test_a_bearer_token_is_not_noted(fake):
    """What authorizes a call is no parameter."""
    call(fake, "/table", new_access(fake))

    assert fake.journal.exchanges[1].parameters == ()
