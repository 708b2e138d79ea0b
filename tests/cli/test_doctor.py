"""`catalyst-oauth doctor`: what is right, what is not, and what to do."""

from __future__ import annotations

import re
from email.utils import formatdate

import pytest

from pytest_catalyst_oauth.engine import HttpReply
from pytest_catalyst_oauth.engine.errors import TransportError

LINE = re.compile(r"(ok  |warn|fail)  \S")


class Clocked:
    """A transport: an accounts server whose clock differs from ours."""

    def __init__(self, clock, *, seconds=0.0, fails=None):
        self.clock = clock
        self.seconds = seconds
        self.fails = fails
        self.asked = []
        self.locations = {"us": "https://accounts.zoho.com"}

    def send(self, request):
        self.asked.append(request)
        if self.fails:
            raise self.fails
        headers = ()
        if self.seconds is not None:
            date = formatdate(self.clock() + self.seconds, usegmt=True)
            headers = (("Date", date),)
        answer = {"result": "success", "locations": self.locations}
        return HttpReply.of_json(200, answer, headers)


@pytest.fixture
def zoho(stage):
    """A stage that talks to Zoho's US data centre, played by a transport."""

    def play(**how):
        stage.transport = Clocked(stage.fake.clock, **how)
        for name in ("ACCOUNTS_URL", "API_URL"):
            stage.environ.pop(f"CATALYST_OAUTH_{name}", None)
        return stage

    return play


def test_all_is_well(stage, capsys):
    """Every line says what was looked at; the exit code is 0."""
    stage.login()
    capsys.readouterr()

    assert stage("doctor") == 0

    told = capsys.readouterr().out
    assert all(LINE.match(line) for line in told.splitlines())
    assert "fail" not in told
    assert "ok    client secret set, by CATALYST_OAUTH_CLIENT_SECRET\n" in told
    assert "ok    the clock agrees with the server's\n" in told
    assert f"SQLite store {stage.path} can be read, and nobody else may" in told
    assert "ok    a token lives for 3" in told
    assert "ok    9 of 10 token requests left\n" in told


def test_a_stand_in_for_zoho_has_one_line(stage, capsys):
    """That it lists Zoho's own addresses is no news, let alone ten."""
    stage("doctor")

    told = capsys.readouterr().out
    warnings = [line for line in told.splitlines() if line.startswith("warn")]
    assert [line for line in warnings if "accounts server is not Zoho's" in line]
    assert not [line for line in warnings if "somewhere else" in line]
    assert (
        "ok    it lists 11 data centres; this server stands for all of them\n" in told
    )


def test_no_secret_is_shown_or_sent(zoho, capsys):
    """One request, to the accounts host, without a body or a credential."""
    stage = zoho()
    store = "redis://user:fa4efa4e@127.0.0.1:1/0"

    stage(
        "doctor",
        CATALYST_OAUTH_REFRESH_TOKEN=stage.refresh_token,
        CATALYST_OAUTH_STORE=store,
    )

    told = "".join(capsys.readouterr())
    (request,) = stage.transport.asked
    assert (request.method, request.url, request.body) == (
        "GET",
        "https://accounts.zoho.com/oauth/serverinfo",
        b"",
    )
    assert [name for name, _ in request.headers] == ["Accept"]
    assert "fa4efa4e" not in told


def test_offline_asks_nobody(zoho, capsys):
    """The rest is looked at all the same."""
    stage = zoho(fails=AssertionError("asked"))

    stage("doctor", "--offline")

    assert stage.transport.asked == []
    assert "ok    data centre us, accounts https://accounts.zoho.com\n" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "ok    the clock agrees"),
        (50, "ok    the clock agrees"),
        (-50, "ok    the clock agrees"),
        (300, "fail  the clock is 300 s behind the server's: set it"),
        (-301, "fail  the clock is 300 s ahead of the server's: set it"),
    ],
)
def test_a_wrong_clock_is_found(zoho, capsys, seconds, told):
    """By the server's own time, give or take its whole seconds."""
    stage = zoho(seconds=seconds)

    stage("doctor")

    out = re.sub(r"\b(299|301)\b", "300", capsys.readouterr().out)
    assert told in out


def test_a_server_that_does_not_answer_is_a_failure(zoho, capsys):
    """With the transport's exit code, and the other lines after it."""
    stage = zoho(fails=TransportError("https://accounts.zoho.com", "refused", False))

    assert stage("doctor") == 4

    told = capsys.readouterr().out
    assert "fail  no answer from https://accounts.zoho.com: refused\n" in told
    assert "token requests left" in told


def test_an_unconfigured_machine_is_told_what_to_set(stage, capsys):
    """Each thing that is missing, with its variable."""
    kept = dict(stage.environ)
    for name in ("CLIENT_ID", "CLIENT_SECRET", "DATA_CENTER"):
        stage.environ.pop(f"CATALYST_OAUTH_{name}")

    assert stage("doctor", "--offline") == 2

    told = capsys.readouterr().out
    assert "fail  client id is missing: set CATALYST_OAUTH_CLIENT_ID" in told
    assert "warn  client secret is not set" in told
    assert stage.person.asked == []
    stage.environ = kept


def test_a_broken_store_does_not_hide_the_rest(stage, capsys):
    """The store's failure is one line, with its cure."""
    stage.login()
    stage.path.chmod(0o644)
    capsys.readouterr()

    assert stage("doctor") == 3

    told = capsys.readouterr().out
    assert f"chmod 600 {stage.path}" in told
    assert "ok    the clock agrees" in told
    stage.path.chmod(0o600)


def test_a_mistyped_data_centre_is_one_failure(stage, capsys):
    """Not a traceback, and the names that there are."""
    assert stage("doctor", "--offline", "--data-center", "mars") == 2
    assert "fail  data centre 'mars': is unknown; choose one of us, eu" in (
        capsys.readouterr().out
    )


def test_a_refresh_token_without_its_client_secret_is_found(stage, capsys):
    """Nobody is asked: the doctor only looks."""
    secret = stage.environ.pop("CATALYST_OAUTH_CLIENT_SECRET")

    stage("doctor", "--offline", CATALYST_OAUTH_REFRESH_TOKEN=stage.refresh_token)

    assert stage.person.asked == []
    assert "warn  client secret is not set" in capsys.readouterr().out
    stage.environ["CATALYST_OAUTH_CLIENT_SECRET"] = secret


def test_nothing_stored_is_a_failure_with_the_next_step(stage, capsys):
    """Somebody has to log in."""
    assert stage("doctor") == 7
    assert "fail  token: refused with 'no_token'" in capsys.readouterr().out


def test_the_servers_list_of_data_centres_is_compared(zoho, capsys):
    """A location that is missing there, or is said to be elsewhere, is a warning."""
    stage = zoho()
    stage.transport.locations = {"eu": "https://accounts.evil.example"}

    stage("doctor")

    told = capsys.readouterr().out
    assert (
        "warn  the server's list of data centres: location 'eu' is said to be" in told
    )
    assert "warn  it does not list us: check the name" in told


def test_a_server_without_a_clock_is_a_warning(zoho, capsys):
    """Nothing is known then."""
    stage = zoho(seconds=None)

    stage("doctor")

    assert "warn  the server told no time" in capsys.readouterr().out


def test_a_data_centre_without_catalyst_is_a_warning(zoho, capsys):
    """Zoho has accounts there, and no Catalyst."""
    zoho()("doctor", "--offline", "--data-center", "cn")

    assert "warn  Catalyst is not offered at cn\n" in capsys.readouterr().out


def test_a_failing_renewal_is_seen_before_the_token_ends(stage, capsys):
    """There is still time to do something about it."""
    stage.login()
    stage.fake.clock.advance(minutes=40)
    stage.fake.fail("token", times=9)
    stage("token", "--refresh")
    capsys.readouterr()

    assert stage("doctor", "--offline") == 0
    assert "warn  the last renewal failed: unusable answer (HTTP 503)" in (
        capsys.readouterr().out
    )


def test_many_logins_are_a_warning(stage, capsys):
    """Before Zoho ends the oldest."""
    for _ in range(17):
        stage.login()
    capsys.readouterr()

    stage("doctor", "--offline")

    assert "warn  17 refresh tokens were issued" in capsys.readouterr().out


def test_a_store_that_cannot_be_used_is_told_once(stage, capsys, tmp_path):
    """Not again as the reason why there is no token."""
    stage("doctor", "--store", str(tmp_path))

    told = capsys.readouterr().out
    assert told.count("is not a regular file") == 1
