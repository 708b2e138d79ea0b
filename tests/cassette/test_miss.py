"""A request that nothing recorded answers: what the message says, and what not."""

import json

import pytest

from pytest_catalyst_oauth.cassette import (
    Cassette,
    Replay,
)
from pytest_catalyst_oauth.cassette.errors import CassetteMissError
from pytest_catalyst_oauth.engine import (
    HttpReply,
    HttpRequest,
)
from tests.cassette.recordings import (
    ACCOUNTS,
    API,
    COMMAND,
    OLD_TOKEN,
    PROJECT,
    answers,
    form,
    get,
    refresh,
    replay_of,
    rows,
)


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (get("/x?a=1", body=b"b"), "body field as a whole is new"),
        (get("/x"), "query parameter a is missing (recorded: '1')"),
        (get("/x?a=2"), "query parameter a has another value (recorded: '1')"),
        (get("/x?a=1&b=3"), "query parameter b is new"),
        (get("/x?a=1&scope=S.a.READ"), "query parameter scope is new ('S.a.READ')"),
        (get("/y?a=1"), "another path (recorded: /x)"),
        (
            HttpRequest(method="GET", url="https://api.test/x?a=1"),
            "another host (recorded: https://api.catalyst.zoho.eu:443)",
        ),
        (
            HttpRequest(method="DELETE", url=f"{API}/x?a=1"),
            "another method (recorded: GET)",
        ),
    ],
)
def test_a_miss_says_what_is_different(other, difference):
    """It names the nearest exchange, the difference and the command that cures it."""
    replay = replay_of(*answers(("/x?a=1", 1), ("/far/away", 2)))

    with pytest.raises(CassetteMissError) as caught:
        replay.send(other)

    text = str(caught.value)
    assert f"nearest is exchange 1 of 2 (GET {API}/x), but with {difference}" in text
    assert text.endswith(f"record it with: {COMMAND}")


def test_a_changed_json_value_is_named_by_its_path():
    """Deep in a body, too."""

    def insert(name):
        return HttpRequest(
            method="POST", url=f"{API}/x", body=json.dumps([{"name": name}]).encode()
        )

    replay = replay_of((insert("Ada"), HttpReply(status=200)))

    with pytest.raises(CassetteMissError, match=r"body field \[0\].name has another"):
        replay.send(insert("Grace"))


SECRETS = {
    "query": "quer1-secret-c4n4ry",
    "form": "form1-secret-c4n4ry",
    "odd": "odd11-secret-c4n4ry",
    "path": "path1-secret-c4n4ry",
    "header": "head1-secret-c4n4ry",
    "name": "name1-secret-c4n4ry",
}


def test_a_miss_shows_no_secret_of_what_was_sent():
    """Neither under known names nor under others, in the path or as a name."""
    replay = replay_of(refresh(OLD_TOKEN), rows(OLD_TOKEN))
    request = form(
        f"{ACCOUNTS}/{SECRETS['path']}?code={SECRETS['query']}&x={SECRETS['odd']}"
        f"&{SECRETS['name']}=1",
        headers=(("Authorization", f"Bearer {SECRETS['header']}"),),
        client_secret=SECRETS["form"],
        pin=SECRETS["odd"],
    )

    with pytest.raises(CassetteMissError) as caught:
        replay.send(request)

    ours = [
        repr(entry.frame.f_locals)
        for entry in caught.traceback
        if "pytest_catalyst_oauth" in str(entry.path)
    ]
    shown = f"{caught.value} {caught.value!r}"
    assert [place for place, value in SECRETS.items() if value in shown] == []
    # The repr of a request has the path, and nothing else of it.
    in_frames = [place for place, value in SECRETS.items() if value in "".join(ours)]
    assert in_frames == ["path"]
    assert "body field pin is new" in str(caught.value)


def test_a_plain_cassette_may_hold_secrets_so_its_values_are_not_shown():
    """Nobody scrubbed it."""
    recorded = answers(("/pa1h-canary?x=qu3ry-canary", 1))
    replay = Replay(Cassette(exchanges=tuple(recorded)), command=COMMAND)

    with pytest.raises(CassetteMissError) as caught:
        replay.send(get("/y?x=2"))

    assert "canary" not in str(caught.value)
    assert "query parameter x has another value" in str(caught.value)


def test_an_empty_cassette_says_so():
    """Nothing is near."""
    with pytest.raises(CassetteMissError, match="nothing was recorded"):
        replay_of().send(get("/x"))


def test_the_project_in_the_path_counts():
    """A test that talks to another project has another cassette."""
    replay = replay_of(rows(OLD_TOKEN))
    other = rows(OLD_TOKEN).request.url.replace("4000000006007", "4000000009999")

    with pytest.raises(CassetteMissError, match="another path") as caught:
        replay.send(HttpRequest(method="GET", url=other))

    assert PROJECT.removeprefix(API) in str(caught.value)
