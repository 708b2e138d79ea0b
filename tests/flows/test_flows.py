"""Whole lives of a token, against the fake on a real socket."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from urllib.parse import urlencode

import pytest
import requests

from pytest_catalyst_oauth.adapters import CatalystAuth, connect
from pytest_catalyst_oauth.engine import Client, DataCenter, Limits, ScopeSet, grants
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    RefusedError,
    ThrottledError,
)
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, MovableClock

SCOPES = "ZohoCatalyst.tables.rows.READ"


@pytest.fixture
def store(tmp_path):
    return tmp_path / "tokens.db"


def get_rows(server, held):
    url = f"{server.api_url}/baas/v1/project/{server.fake.project_id}/table/Guests/row"
    return requests.get(url, auth=CatalystAuth(held), timeout=10)


def grants_used(server):
    return [one.grant_type for one in server.fake.journal.token_requests]


def test_a_self_client_lives_from_its_code_to_its_revocation(server, clock, store):
    """Code, token, API call, expiry, refresh, revocation, refusal."""
    code = server.fake.issue_code(SCOPES)
    held = connect(server.client, code=code, store=store, clock=clock)

    assert get_rows(server, held).json()["status"] == "success"
    clock.advance(hours=1)
    assert get_rows(server, held).json()["status"] == "success"
    assert held.token().scope == ScopeSet.parse(SCOPES)
    assert held.revoke()
    with pytest.raises(LoginNeededError, match="this code was sent before"):
        held.token()

    assert grants_used(server) == ["authorization_code", "refresh_token"]
    assert len(server.fake.journal.revocations) == 1


def test_a_code_of_another_process_is_not_exchanged_again(server, clock, store):
    """The second run with the same configuration uses what the first one stored."""
    code = server.fake.issue_code(SCOPES)
    first = connect(server.client, code=code, store=store, clock=clock).token()

    second = connect(server.client, code=code, store=store, clock=clock).token()

    assert second == first
    assert grants_used(server) == ["authorization_code"]


def test_a_clock_that_is_slow_costs_one_request_more(server, clock, store):
    """The API knows that the hour is over; its 401 is as good as our own clock."""
    slow = MovableClock(start=clock())
    held = connect(
        server.client, refresh_token=server.fake.refresh_token, store=store, clock=slow
    )
    held.token()
    clock.advance(hours=1)

    assert get_rows(server, held).status_code == 200
    assert len(grants_used(server)) == 2


def test_a_revoked_refresh_token_needs_a_person(server, clock, store):
    """And nobody asks again at once."""
    held = connect(
        server.client, refresh_token=server.fake.refresh_token, store=store, clock=clock
    )
    server.fake.revoke(server.fake.refresh_token)
    for _ in range(3):
        with pytest.raises(LoginNeededError, match="log in again"):
            held.token()

    assert len(grants_used(server)) == 1


def test_a_wrong_data_centre_is_explained(server, clock, store):
    """A client id that is unknown there is the usual sign of it."""
    client = Client(
        client_id="1000.ELSEWHERE",
        client_secret=server.client.client_secret,
        data_center=server.client.data_center,
    )
    held = connect(
        client, refresh_token=server.fake.refresh_token, store=store, clock=clock
    )

    with pytest.raises(RefusedError, match="data centre does not know this client id"):
        held.token()


def test_the_throttle_is_met_once_and_then_waited_out(clock, store):
    """The eleventh request of ten minutes is refused; nobody asks during the rest."""
    with FakeServer(FakeCatalyst(clock=clock)) as server:
        held = connect(
            server.client,
            refresh_token=server.fake.refresh_token,
            store=store,
            clock=clock,
            # Otherwise it is refused here, before the server is asked.
            limits=Limits(token_requests=1000),
        )
        for _ in range(10):
            held.refresh()
        for _ in range(3):
            with pytest.raises(ThrottledError, match="wait ten minutes"):
                held.refresh()

        assert len(grants_used(server)) == 11
        clock.advance(minutes=10)
        held.refresh()


def test_a_person_consents_in_a_browser(server, clock, store):
    """Redirect, code, token: the code goes to its client's own accounts server."""
    callback, state = "http://127.0.0.1:8025/callback", "in+ven/ted=="
    registered = server.fake.register_client(redirect_uri=callback)
    client = replace(registered, data_center=server.client.data_center)
    code = server.fake.issue_code(SCOPES, client=registered)
    fields = {"state": state, "code": code.reveal(), "location": "us"}

    redirect = grants.read_redirect(f"{callback}?{urlencode(fields)}&", state=state)
    held = connect(client, code=redirect.code, store=store, clock=clock)

    assert redirect.data_center == DataCenter.parse("us")
    assert get_rows(server, held).status_code == 200
    assert held.status().has_refresh_token


def test_a_code_of_another_redirect_is_refused(server, clock, store):
    """The redirect URI of the exchange has to be the registered one, to the letter."""
    callback = "http://127.0.0.1:8025/callback"
    registered = server.fake.register_client(redirect_uri=callback)
    code = server.fake.issue_code(SCOPES, client=registered)
    client = replace(
        registered,
        redirect_uri=f"{callback}/",
        data_center=server.client.data_center,
    )

    with pytest.raises(RefusedError, match="exactly the redirect URI"):
        connect(client, code=code, store=store, clock=clock).token()


FORK = """
import os, sys, warnings
from threading import Event, Thread
from pytest_catalyst_oauth.engine import MemoryStore
from tests.engine.doubles import Server, credentials

warnings.simplefilter("ignore", DeprecationWarning)
under_way, go_on = Event(), Event()

def slow(_):
    under_way.set()
    go_on.wait()
    return server.issue()

server = Server(slow)
held = credentials(server, store=MemoryStore())
renewal = Thread(target=held.token)
renewal.start()
under_way.wait()
child = os.fork()
if child == 0:
    token = held.token()
    os._exit(0 if token.access_token.reveal().endswith("-1") else 1)
_, status = os.waitpid(child, 0)
go_on.set()
renewal.join()
print(os.waitstatus_to_exitcode(status), len(server.asked))
"""


def test_a_fork_during_a_renewal_strands_nobody():
    """The child asks by itself; it does not wait for a thread that it lacks."""
    done = subprocess.run(
        [sys.executable, "-c", FORK],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.stdout == "0 1\n"
