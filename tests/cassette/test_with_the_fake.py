"""A whole flow against the fake: recorded, written, replayed without it."""

import requests

from pytest_catalyst_oauth.cassette import (
    Cassette,
    Recorder,
    Replay,
    Scrubber,
    record_any_client,
    replay_any_client,
)
from pytest_catalyst_oauth.engine import Client, DataCenter, HttpRequest, Secret
from pytest_catalyst_oauth.engine.grants import RefreshGrant, revocation_request
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer
from tests.cassette.recordings import origin

# What stands in a cassette for the only person of the fake.
PERSON = {
    "zuid": 90000001,
    "email_id": "redacted-1@example.com",
    "first_name": "REDACTED-first-name-1",
    "last_name": "REDACTED-last-name-1",
}
COMMAND = "pytest --catalyst-oauth=rewrite"


def stranger():
    return Client(
        client_id="replayed",
        client_secret=Secret("replayed-secret"),
        data_center=DataCenter.parse("us"),
    )


def flow(transport, client, refresh_token, project_id):
    """Refresh, read a table, revoke, and be refused."""
    issued = transport.send(RefreshGrant(refresh_token=refresh_token).request(client))
    rows = HttpRequest(
        method="GET",
        url=f"{client.data_center.api_url}/baas/v1/project/{project_id}/table/Guests/row",
        headers=(
            ("Authorization", f"Zoho-oauthtoken {issued.json()['access_token']}"),
        ),
    )
    return [
        transport.send(rows),
        transport.send(revocation_request(client, refresh_token)),
        transport.send(rows),
    ]


def test_a_flow_with_the_fake_is_recorded_and_replayed(tmp_path):
    """Each answer comes back, in order, and the scanner has nothing against it."""
    fake = FakeCatalyst()
    recorder = Recorder(fake)
    path = tmp_path / "flow.yaml"

    live = flow(recorder, fake.client, fake.refresh_token, fake.project_id)
    Cassette(exchanges=recorder.exchanges, origin=origin()).save(
        path, scrubber=Scrubber([fake.refresh_token])
    )
    replay = Replay(Cassette.load(path), command=COMMAND)
    replayed = flow(replay, stranger(), Secret("any-refresh-token"), fake.project_id)

    assert [one.status for one in live] == [200, 200, 401]
    assert [one.json() for one in replayed] == [one.json() for one in live]
    assert replay.unused == ()
    assert fake.refresh_token.reveal() not in path.read_text()


def test_one_fake_server_becomes_two_public_hosts(tmp_path):
    """It serves both at one port, so the hosts are told apart by path."""
    public = DataCenter.parse("us")
    path = tmp_path / "flow.yaml"

    def refresh_and_list(client, refresh_token, project_id):
        token = requests.post(
            client.token_url,
            data={
                "grant_type": "refresh_token",
                "client_id": client.client_id,
                "client_secret": client.client_secret.reveal(),
                "refresh_token": refresh_token.reveal(),
            },
        ).json()["access_token"]
        return requests.get(
            f"{client.data_center.api_url}/baas/v1/project/{project_id}/table",
            headers={"Authorization": f"Zoho-oauthtoken {token}"},
        ).json()

    with FakeServer(FakeCatalyst()) as server:
        hosts = {
            f"{server.accounts_url}/oauth": f"{public.accounts_url}/oauth",
            f"{server.api_url}/baas": f"{public.api_url}/baas",
        }
        fake = server.fake
        with record_any_client() as tape:
            live = refresh_and_list(server.client, fake.refresh_token, fake.project_id)
    Cassette(exchanges=tape.exchanges, origin=origin()).save(
        path, scrubber=Scrubber([fake.refresh_token], hosts)
    )
    with replay_any_client(Cassette.load(path), command=COMMAND) as replay:
        replayed = refresh_and_list(stranger(), Secret("any"), fake.project_id)

    live["data"][0]["modified_by"].update(PERSON)
    assert replayed == live
    assert replay.unused == ()
    assert "127.0.0.1" not in path.read_text()
