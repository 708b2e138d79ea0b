"""`catalyst-oauth login`: by a browser, by a pasted code, on a device."""

from __future__ import annotations

import itertools
import os
import pty
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from pytest_catalyst_oauth.adapters import keep_login
from pytest_catalyst_oauth.engine import HttpReply, Secret, Token
from pytest_catalyst_oauth.engine.errors import StoreError, TransportError
from tests.cli.stage import COMMAND, SCOPES, read_until, visit
from tests.ports import kept_port

NEW = "1000.fa4efa4efa4e.device"


@pytest.fixture
def redirected(stage):
    """A stage whose client is registered with a redirect URI on the loopback."""
    uri = f"http://127.0.0.1:{kept_port()}/callback"
    client = stage.fake.register_client(redirect_uri=uri)
    stage.environ |= {
        "CATALYST_OAUTH_CLIENT_ID": client.client_id,
        "CATALYST_OAUTH_CLIENT_SECRET": client.client_secret.reveal(),
        "CATALYST_OAUTH_REDIRECT_URI": uri,
    }

    def consent(query):
        code = stage.fake.issue_code(query["scope"], client=client)
        return {"state": query["state"], "code": code.reveal(), "location": "us"}

    stage.person.redirect = consent
    return stage


def test_a_browser_login_ends_with_a_stored_token(redirected, capsys):
    """Consent, come back to the loopback, exchange, store: then `token` works."""
    assert redirected("login") == 0

    told = capsys.readouterr()
    assert "Logged in: profile default, client 1000.FAKECLIENT" in told.out
    assert f"Scopes: {SCOPES}" in told.out
    assert told.err == ""
    assert not [secret for secret in redirected.secrets if secret in told.out]
    assert redirected("token") == 0
    assert capsys.readouterr().out.startswith("1000.fa4e")


BROWSER = """
import os, sys, urllib.parse, urllib.request
from pathlib import Path

folder = Path({folder!r})
processes = (f"/proc/{{pid}}/cmdline" for pid in ("self", os.getppid()))
folder.joinpath("seen").write_text(" ".join(Path(p).read_text() for p in processes))
asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(sys.argv[1]).query))
code = folder.joinpath("code").read_text()
back = urllib.parse.urlencode({{"state": asked["state"], "code": code}})
urllib.request.urlopen(f"{{asked['redirect_uri']}}?{{back}}").read()
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
def test_a_real_browser_is_opened(redirected, tmp_path):
    """The one that the desktop names; no process shows a secret in its arguments."""
    code = redirected.person.redirect({"scope": SCOPES, "state": ""})["code"]
    (tmp_path / "code").write_text(code)
    script = tmp_path / "browser.py"
    script.write_text(BROWSER.format(folder=str(tmp_path)))

    done = subprocess.run(
        [*COMMAND, "login"],
        env=redirected.subprocess_env(BROWSER=f"{sys.executable} {script} %s"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    seen = (tmp_path / "seen").read_text()
    shown = done.stdout + done.stderr + seen
    assert (done.returncode, done.stderr) == (0, "")
    assert "Logged in" in done.stdout
    assert "pytest_catalyst_oauth" in seen
    assert not [secret for secret in (*redirected.secrets, code) if secret in shown]


def test_the_login_asks_as_the_standards_say(redirected):
    """Offline, with a state, a proof key by SHA-256, and the registered address."""
    seen = {}
    consent = redirected.person.redirect

    def note(query):
        seen.update(query)
        return consent(query)

    redirected.person.redirect = note

    redirected("login")

    assert seen["access_type"] == "offline"
    assert seen["prompt"] == "consent"
    assert seen["code_challenge_method"] == "S256"
    assert len(seen["state"]) >= 43
    assert seen["redirect_uri"] == redirected.environ["CATALYST_OAUTH_REDIRECT_URI"]
    assert seen["scope"] == SCOPES


def test_the_page_says_that_it_may_be_closed(redirected):
    """In plain HTML that runs nothing, is not cached, and repeats nothing secret."""
    codes = []
    consent = redirected.person.redirect

    def note(query):
        fields = consent(query)
        codes.extend([fields["code"], fields["state"]])
        return fields

    redirected.person.redirect = note

    redirected("login")

    status, page, headers = redirected.person.pages[0]
    assert status == 200
    assert "You may close this page" in page
    assert "<script" not in page
    assert not [code for code in codes if code in page]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Server" not in headers


def test_only_the_registered_address_counts(redirected):
    """An icon, a longer path, another host name: 404, and the login goes on."""
    consent = redirected.person.redirect
    base = redirected.environ["CATALYST_OAUTH_REDIRECT_URI"].removesuffix("/callback")
    others = []

    def stray(query):
        others.append(visit(f"{base}/favicon.ico")[0])
        others.append(visit(f"{base}/callback/?code=x")[0])
        others.append(visit(f"{base}/callback?code=x", Host="evil.example")[0])
        return consent(query)

    redirected.person.redirect = stray

    assert redirected("login") == 0
    assert others == [404, 404, 404]


def test_a_second_redirect_is_refused(redirected):
    """The first answer is the answer, whatever comes after it."""
    consent = redirected.person.redirect
    uri = redirected.environ["CATALYST_OAUTH_REDIRECT_URI"]
    person = redirected.person
    honest = person.open_browser

    def twice(url):
        honest(url)
        state = parse_qs(urlsplit(url).query)["state"][0]
        person.pages.append(visit(f"{uri}?code=another&state={state}"))
        return True

    person.redirect = consent
    person.open_browser = twice

    assert redirected("login") == 0
    assert [page[0] for page in person.pages] == [200, 410]


def test_the_listener_is_gone_after_the_login(redirected):
    """The port is open for the login only, and on the loopback only."""
    port = int(redirected.environ["CATALYST_OAUTH_REDIRECT_URI"].split(":")[2][:-9])
    redirected("login")

    with socket.socket() as caller, pytest.raises(ConnectionRefusedError):
        caller.connect(("127.0.0.1", port))


def test_a_forged_redirect_is_refused(redirected, capsys):
    """One with another state than ours stores nothing."""
    redirected.person.redirect = lambda query: {"state": "guessed", "code": "forged"}

    assert redirected("login", "--timeout", "0") == 7
    assert "a redirect of another login, old or forged" in capsys.readouterr().err
    assert not redirected.fake.journal.token_requests


@pytest.mark.parametrize(
    "query", ["", "?state=", "?code=old&state=old", "?error=access_denied"]
)
def test_an_old_page_does_not_end_the_login(redirected, query):
    """A browser opens pages again when it starts; the login waits for its answer."""
    uri = redirected.environ["CATALYST_OAUTH_REDIRECT_URI"]
    consent, old = redirected.person.redirect, []

    def reopened(asked):
        old.append(visit(f"{uri}{query}")[0])
        return consent(asked)

    redirected.person.redirect = reopened

    assert redirected("login") == 0
    assert old == [400]


def test_a_refusal_in_the_browser_is_told(redirected, capsys):
    """With the server's own word for it, and no traceback."""
    redirected.person.redirect = lambda query: {
        "state": query["state"],
        "error": "access_denied",
    }

    assert redirected("login") == 5
    assert "refused with 'access_denied'" in capsys.readouterr().err


def test_without_a_browser_the_address_is_printed(redirected, capsys):
    """Also when the browser does not start. Nobody coming back is an error."""
    redirected.person.open_browser = lambda url: False

    assert redirected("login", "--timeout", "0") == 7
    assert redirected("login", "--no-browser", "--timeout", "0") == 7

    told = capsys.readouterr()
    asked = f"{redirected.server.accounts_url}/oauth/v2/auth?response_type=code"
    assert told.out.count(f"Open this address in a browser:\n{asked}") == 2
    assert "the browser did not come back in 0 s" in told.err


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8765/callback",
        "https://127.0.0.1:8765/callback",
        "http://127.0.0.1/callback",
        "http://0.0.0.0:8765/callback",
        "http://127.0.0.1:8765@evil.example/",
        "http://127.0.0.1:99999/",
    ],
)
def test_only_a_literal_loopback_address_will_do(stage, capsys, uri):
    """A name can be made to lead elsewhere; the message says what to register."""
    assert stage("login", "--redirect-uri", uri) == 2

    error = capsys.readouterr().err
    assert f"redirect URI {uri!r}: is not http://127.0.0.1:PORT/PATH" in error


def test_a_taken_port_is_named(redirected, capsys):
    """Another program that listens there is no traceback."""
    port = int(redirected.environ["CATALYST_OAUTH_REDIRECT_URI"].split(":")[2][:-9])
    with socket.create_server(("127.0.0.1", port)):
        assert redirected("login") == 2

    assert f"port {port}: cannot be used: Address" in capsys.readouterr().err


def test_a_pasted_code_is_read_without_echo(stage, capsys):
    """The person is asked; the code is on no screen."""
    code = stage.fake.issue_code(SCOPES).reveal()
    stage.person.answers = {"Code": code}

    assert stage("login", "--self-client") == 0

    told = "".join(capsys.readouterr())
    assert stage.person.asked == ["Code of the API console: "]
    assert code not in told
    assert stage.record().refresh_token is not None
    assert stage.path.stat().st_mode & 0o777 == 0o600


def test_a_code_may_come_through_a_pipe(stage):
    """For a script; and then it is in no process list."""
    code = stage.fake.issue_code(SCOPES).reveal()

    done = subprocess.run(
        [*COMMAND, "login", "--self-client"],
        input=code + "\n",
        env=stage.subprocess_env(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "Logged in" in done.stdout
    assert not [s for s in (*stage.secrets, code) if s in done.stdout]


def test_a_code_typed_at_a_terminal_is_not_echoed(stage):
    """Whoever looks over a shoulder, or scrolls back, does not see it."""
    code = stage.fake.issue_code(SCOPES).reveal()
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            [*COMMAND, "login", "--self-client"],
            env=stage.subprocess_env(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            # Without a terminal of its own the process takes this one.
            start_new_session=True,
        ) as process:
            shown = read_until(ours, b"console: ")
            os.write(ours, f"{code}\n".encode())
            shown += read_until(ours, b"tokens.db.\r\n")
            assert process.wait() == 0
    finally:
        os.close(ours)
        os.close(theirs)

    assert "Logged in" in shown
    assert not [secret for secret in (*stage.secrets, code) if secret in shown]


def test_a_missing_code_says_where_to_get_one(stage, capsys):
    """An empty line is no code."""
    assert stage("login", "--self-client") == 2
    assert "code: is missing; generate one in the API console" in (
        capsys.readouterr().err
    )


def test_a_wrong_code_costs_nobody_a_token(stage, capsys):
    """What was stored before the failed login still works."""
    stage.login()
    before = stage.record()

    code = stage("login", "--self-client", CATALYST_OAUTH_CODE="1000.mistyped")

    assert code == 7
    assert "refused with 'invalid_code'" in capsys.readouterr().err
    assert stage.record() == before


def test_a_new_login_takes_the_place_of_the_old_one(stage):
    """The count of refresh tokens goes on, the old tokens are forgotten."""
    stage.login()
    old = stage.record()

    stage.login()

    new = stage.record()
    assert new.refresh_token not in (None, old.refresh_token)
    assert (old.logins, new.logins) == (1, 2)


def test_many_logins_are_warned_about(stage, capsys):
    """Zoho ends the oldest of more than twenty refresh tokens without a word."""
    for _ in range(16):
        stage.login()
    assert "warning" not in capsys.readouterr().err

    stage.login()

    assert "17 refresh tokens were issued" in capsys.readouterr().err


def test_a_refresh_token_of_the_environment_is_warned_about(stage, capsys):
    """It would win over the login, and nobody would understand why."""
    code = stage.fake.issue_code(SCOPES).reveal()

    stage(
        "login",
        "--self-client",
        CATALYST_OAUTH_CODE=code,
        CATALYST_OAUTH_REFRESH_TOKEN=stage.refresh_token,
    )

    assert "CATALYST_OAUTH_REFRESH_TOKEN is set and wins" in capsys.readouterr().err


def test_a_pending_revocation_is_lost_with_a_warning(stage, capsys):
    """The former refresh token lives on, and only its owner can end it now."""
    stage.login()
    stage.fake.fail("revoke", times=9)
    stage("revoke")
    capsys.readouterr()

    stage.login()

    assert "was to be revoked, and is not known here" in capsys.readouterr().err
    assert stage("status") == 0


def test_an_unknown_client_is_asked_for_its_data_centre(stage, capsys):
    """The commonest reason why Zoho does not know a client."""
    code = stage(
        *("login", "--self-client", "--client-id", "1000.UNKNOWN"),
        CATALYST_OAUTH_CODE="1000.code",
    )

    error = capsys.readouterr().err
    assert code == 5
    assert "warning: us (http://127.0.0.1" in error
    assert "refused with 'invalid_client'" in error


class Contested:
    """A store in which somebody else always writes first."""

    def load(self, key):
        return None

    def compare_and_swap(self, key, generation, record):
        return False


def test_a_store_that_never_takes_it_is_an_error(stage):
    """After a few attempts, and not for ever."""
    token = Token(
        access_token=Secret("1000.fa4e.access"),
        refresh_token=Secret(NEW),
        expires_at=datetime.now(UTC),
    )

    with pytest.raises(StoreError, match="others write to it all the time"):
        keep_login(Contested(), stage.key(), token, asked_at=0.0)


def test_a_store_that_forgets_is_refused_before_the_code_is_spent(stage, capsys):
    """A login into memory ends with the process; the code stays good."""
    code = stage.fake.issue_code(SCOPES).reveal()

    assert (
        stage("login", "--self-client", "--store", "memory:", CATALYST_OAUTH_CODE=code)
        == 2
    )
    assert "memory:: forgets the login" in capsys.readouterr().err
    assert not stage.fake.journal.token_requests


def test_a_store_that_cannot_be_used_is_found_before_the_code_is_spent(stage, capsys):
    """Others may write to the folder: refused, with the code still good."""
    stage.path.parents[1].chmod(0o777)

    assert (
        stage(
            "login",
            "--self-client",
            "--store",
            str(stage.path.parents[1] / "x"),
            CATALYST_OAUTH_CODE="1000.unspent",
        )
        == 3
    )
    assert "where every user may put files" in capsys.readouterr().err
    assert not stage.fake.journal.token_requests


def test_scopes_are_needed_and_looked_at(redirected, capsys):
    """None is an error; one that looks misspelled is a warning only."""
    assert redirected("login", CATALYST_OAUTH_SCOPES="") == 2
    assert "scopes: are missing; give --scopes" in capsys.readouterr().err

    assert redirected("login", "--scopes", "ZohoCatalyst.table.rows.READ") == 0
    assert (
        "scope ZohoCatalyst.table.rows.READ is not known here; did you mean "
        "ZohoCatalyst.tables.rows.READ?" in capsys.readouterr().err
    )


class Confirmed:
    """A transport: a device server whose user needs two polls, and lives in Europe."""

    def __init__(self, clock, *polls):
        self.clock = clock
        self.polls = list(polls)
        self.asked = []

    def send(self, request):
        self.asked.append((self.clock(), request))
        if request.url.endswith("/device/code"):
            home = request.url.removesuffix("/code")
            return HttpReply.of_json(
                200,
                {
                    "user_code": "ABCD-1234",
                    "device_code": "1004.fa4e.devicecode",
                    "interval": 30000,
                    "verification_uri_complete": f"{home}/setCode?devcode=ABCD-1234",
                    "expires_in": 300000,
                    "verification_url": home,
                },
            )
        poll = self.polls.pop(0)
        if isinstance(poll, Exception):
            raise poll
        return HttpReply.of_json(200, poll)


ISSUED = {"access_token": "1000.fa4e.access", "refresh_token": NEW, "expires_in": 3600}


@pytest.fixture
def device(stage):
    """A stage that talks to Zoho's US data centre, played by a transport."""

    def play(*polls):
        stage.transport = Confirmed(stage.fake.clock, *polls)
        for name in ("ACCOUNTS_URL", "API_URL"):
            stage.environ.pop(f"CATALYST_OAUTH_{name}")
        return stage

    return play


def test_a_device_login_waits_and_follows_the_user(device, capsys):
    """It polls no earlier than told, goes on where the user lives, and stores that."""
    stage = device(
        {"error": "authorization_pending"},
        {"error": "other_dc", "user_location": "eu"},
        {"error": "slow_down"},
        TransportError("https://accounts.zoho.eu", "reset", True),
        ISSUED,
    )

    assert stage("login", "--device") == 0

    told = capsys.readouterr()
    times = [at for at, _ in stage.transport.asked]
    pauses = [round(b - a) for a, b in itertools.pairwise(times)]
    hosts = [request.origin for _, request in stage.transport.asked]
    assert pauses == [30, 30, 30, 35, 70]
    assert hosts == ["https://accounts.zoho.com"] * 3 + ["https://accounts.zoho.eu"] * 3
    assert "Open https://accounts.zoho.com/oauth/v3/device\nand enter ABCD-1234" in (
        told.out
    )
    assert "Data centre: eu" in told.out
    assert "set CATALYST_OAUTH_DATA_CENTER=eu" in told.err
    assert NEW not in told.out + told.err


def test_a_device_login_is_found_at_the_users_data_centre(device, capsys):
    """`token` with that data centre gives what the login brought, asking nobody."""
    stage = device({"error": "other_dc", "user_location": "eu"}, ISSUED)
    stage("login", "--device")
    stage.transport.asked.clear()
    capsys.readouterr()

    assert stage("token", "--data-center", "eu") == 0
    assert capsys.readouterr().out == "1000.fa4e.access\n"
    assert stage.transport.asked == []


@pytest.mark.parametrize(
    ("poll", "code", "told"),
    [
        ({"error": "access_denied"}, 5, "refused with 'access_denied'"),
        ({"error": "expired"}, 7, "was not confirmed in time"),
        ({"access_token": "1000.fa4e.access", "expires_in": 3600}, 4, "no refresh"),
    ],
)
def test_a_device_login_that_fails_says_why(device, capsys, poll, code, told):
    """And stores nothing."""
    stage = device(poll)

    assert stage("login", "--device") == code
    assert told in capsys.readouterr().err
    assert stage("status") == 7


def test_the_secret_is_asked_for_where_there_is_a_person(stage):
    """Once, without echo, and only if no variable and no file has it."""
    secret = stage.environ.pop("CATALYST_OAUTH_CLIENT_SECRET")
    stage.person.answers = {
        "secret": secret,
        "Code": stage.fake.issue_code(SCOPES).reveal(),
    }
    try:
        assert stage("login", "--self-client") == 0
        assert [one.partition(" of")[0] for one in stage.person.asked] == [
            "Client secret",
            "Code",
        ]
    finally:
        stage.environ["CATALYST_OAUTH_CLIENT_SECRET"] = secret


def test_a_login_belongs_to_its_profile(stage):
    """Another profile's token is another token."""
    code = stage.fake.issue_code(SCOPES)
    stage(
        "login",
        "--self-client",
        "--profile",
        "admin",
        CATALYST_OAUTH_CODE=code.reveal(),
    )

    assert isinstance(stage.record("admin").refresh_token, Secret)
    assert stage.record() is None
    assert stage("status", "--profile", "admin") == 0
    assert stage("status") == 7
