"""What every answer looks like: zoho-protocol.md 4.3."""

from __future__ import annotations

import re

import pytest

from tests.fake.asking import (
    INVENTED,
    call,
    exchange,
    new_access,
    refresh,
    revoke,
)

HEADERS = [
    ("Server", "ZGS"),
    ("Date", "Fri, 15 Jan 2027 08:00:00 GMT"),
    ("Content-Type", "application/json;charset=UTF-8"),
    ("Content-Length", "26"),
    ("Connection", "keep-alive"),
    ("Set-Cookie", "zalb_HEX10=HEX32; Path=/"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-XSS-Protection", "1"),
    ("Set-Cookie", "iamcsr=UUID;path=/;SameSite=None;Secure;priority=high"),
    ("Set-Cookie", "_zcsr_tmp=UUID;path=/;SameSite=Strict;Secure;priority=high"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Content-Language", "en-US"),
    ("Strict-Transport-Security", "max-age=63072000"),
]
_HEX = "[0-9a-f]"
_UUID = re.compile(
    rf"{_HEX}{{8}}-{_HEX}{{4}}-4{_HEX}{{3}}-[89ab]{_HEX}{{3}}-{_HEX}{{12}}"
)


def _told(headers):
    """The headers, with what is random replaced by its form."""
    told = []
    for name, value in headers:
        form = _UUID.sub("UUID", value)
        form = re.sub(rf"={_HEX}{{32}};", "=HEX32;", form)
        told.append((name, re.sub(rf"_{_HEX}{{10}}=", "_HEX10=", form)))
    return told


def test_headers_come_in_the_recorded_order(fake):
    """All of them, the three cookies included, and no other."""
    reply = refresh(fake, client_id="1000.INVENTED")

    assert _told(reply.headers) == HEADERS


def test_two_cookies_share_one_number(fake):
    """Which is another one in the next answer."""
    numbers = [
        [_UUID.search(value)[0] for _, value in reply.headers if _UUID.search(value)]
        for reply in (refresh(fake), refresh(fake))
    ]

    (one, same), (other, _) = numbers
    assert one == same
    assert one != other


def test_the_date_is_the_clocks(fake, clock):
    """So that a recording can be made of any day."""
    clock.advance(days=1, seconds=1)

    assert refresh(fake).header("Date") == "Sat, 16 Jan 2027 08:00:01 GMT"


@pytest.mark.parametrize(
    "ask",
    [
        refresh,
        lambda fake: exchange(fake, INVENTED),
        lambda fake: revoke(fake, INVENTED),
        lambda fake: call(fake, "/table", new_access(fake)),
        lambda fake: call(fake, "/table", INVENTED),
        lambda fake: call(fake, "/nothing", new_access(fake)),
    ],
    ids=["token", "error", "revocation", "data", "401", "404"],
)
def test_every_answer_says_its_length_and_nothing_that_was_never_recorded(fake, ask):
    """No challenge, no caching rule, no time to wait: faithful beats tidy."""
    reply = ask(fake)

    assert reply.header("Content-Length") == str(len(reply.body))
    names = {name for name, _ in reply.headers}
    assert not names & {"WWW-Authenticate", "Cache-Control", "Pragma", "Retry-After"}


@pytest.mark.parametrize(
    ("given", "length"),
    [
        ({"client_id": "1000.INVENTED"}, "26"),
        ({"refresh_token": INVENTED}, "24"),
        ({"client_secret": INVENTED}, "33"),
    ],
    ids=["invalid_client", "invalid_code", "invalid_client_secret"],
)
def test_errors_are_as_long_as_the_recorded_ones(fake, given, length):
    """A space more in the JSON would show."""
    assert refresh(fake, **given).header("Content-Length") == length


def test_scopes_are_told_as_they_were_granted(fake):
    """Each in its own spelling, although case does not matter: a client may compare."""
    names = ["ZohoCatalyst.tables.READ", "zohocatalyst.TABLES.read"]
    tokens = [fake.issue_refresh_token(name) for name in names]

    assert [refresh(fake, token).json()["scope"] for token in tokens] == names
