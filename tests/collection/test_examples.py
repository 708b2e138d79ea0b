"""The collection's playbooks, against the fake and from cassettes without it.

To record the cassettes again, from the fake on a loopback socket:

    PLAYBOOK_CASSETTES=rewrite pytest tests/collection/test_examples.py
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from pytest_catalyst_oauth import __version__
from pytest_catalyst_oauth.cassette import Cassette, Origin, Recorder, Scrubber
from pytest_catalyst_oauth.engine import ClientKind
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings
from tests.adapters.stores import NO_REDIS, REDIS, own_redis

pytest.importorskip("ansible", reason="ansible-core is not installed")
ROOT = Path(__file__).parents[2]
PLAYBOOKS = ROOT / "ansible_collection" / "playbooks"
CASSETTES = ROOT / "tests" / "collection" / "cassettes"
IS_RECORDING = os.environ.get("PLAYBOOK_CASSETTES") == "rewrite"
MODES = ["rewrite"] if IS_RECORDING else ["fake", "replay"]


@pytest.fixture
def fake_catalyst():
    """A fake that lets a device ask as often as it likes."""
    return FakeCatalyst(settings=FakeSettings(device_interval=0))


@pytest.fixture(autouse=True)
def collection(collections_path, tmp_path, monkeypatch):
    """The collection where Ansible finds it."""
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(collections_path))
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path / "ansible"))


@pytest.fixture(params=MODES)
def answered(request, catalyst_playbook):
    """Let the fake answer, or a cassette; return a context that says which."""

    def answered(name, *, repeat=False):
        path = CASSETTES / f"{name}.yaml"
        if request.param == "replay":
            return replayed(catalyst_playbook.server, path, repeat)
        if request.param == "rewrite":
            return recorded(catalyst_playbook.server, path, repeat)
        return nullcontext()

    answered.by_fake = request.param != "replay"
    return answered


@contextmanager
def replayed(server, path, repeat):
    """Answer from a cassette; all of it is asked for, and nobody asks the fake."""
    with server.replaying(path, repeat=repeat) as replay:
        yield
    assert (len(replay.unused), replay.misses) == (0, 0)
    assert server.fake.journal.total == 0


@contextmanager
def recorded(server, path, repeat):
    """Write a cassette of what the fake answers; once each if it may be repeated."""
    recorder = Recorder(server.fake)
    with server.answering(recorder):
        yield
    exchanges = recorder.exchanges
    if repeat:
        exchanges = {one.request.url: one for one in exchanges}.values()
    url = server.accounts_url
    hosts = {f"{url}/oauth": "https://accounts.zoho.com/oauth"}
    hosts[url] = "https://api.catalyst.zoho.com"
    origin = Origin(
        recorded_at=datetime.now(UTC),
        source=server.env["CATALYST_OAUTH_SOURCE"],
        versions=(("pytest-catalyst-oauth", __version__),),
        data_center="us",
        project_id=server.fake.project_id,
    )
    secrets = [server.fake.refresh_token, server.client.client_secret]
    cassette = Cassette(exchanges=tuple(exchanges), origin=origin)
    cassette.save(path, scrubber=Scrubber(secrets, hosts=hosts))


def test_guests_are_read_and_the_token_is_given_up(catalyst_playbook, answered):
    """Minted, used, revoked; and no secret is shown."""
    with answered("read_guests"):
        played = catalyst_playbook("catalyst.oauth.read_guests", "-vvv", "--diff")

    assert played.code == 0, played.output
    assert played["Show the names"].result["msg"] == "Ada, Grace"
    assert played["Give the token up"].changed
    assert played.leaks == ()
    if answered.by_fake:
        assert [one.path for one in played.journal] == [
            "/oauth/v2/token",
            f"/baas/v1/project/{catalyst_playbook.fake.project_id}/table/Guests/row",
            "/oauth/v2/token/revoke",
        ]


def test_a_failure_gives_the_token_up_too(catalyst_playbook, fake_catalyst):
    """Whatever happens in the block, what was minted is revoked."""
    fake_catalyst.fail("api", status=500, times=9)

    played = catalyst_playbook("catalyst.oauth.read_guests")

    assert played.code == 2
    assert played["Read the rows"].failed
    assert played["Give the token up"].changed
    assert len(fake_catalyst.journal.revocations) >= 1


@contextmanager
def person(fake):
    """Confirm the first login of a device as soon as it is there."""
    done = Event()

    def confirm():
        while not done.wait(0.05):
            for device in fake.state()["devices"]:
                fake.approve_device(device["user_code"])
                return

    thread = Thread(target=confirm)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.skipif(
    not (ROOT / "ansible_collection/plugins/modules/device_code.py").exists(),
    reason="the collection has no device_code",
)
def test_a_person_logs_a_device_in(catalyst_playbook, fake_catalyst, answered):
    """The address is shown; the token of the new login comes out of the store."""
    client = fake_catalyst.register_client(kind=ClientKind.DEVICE)
    env = {
        "CATALYST_OAUTH_CLIENT_ID": client.client_id,
        "CATALYST_OAUTH_CLIENT_SECRET": client.client_secret.reveal(),
        "CATALYST_OAUTH_REFRESH_TOKEN": "",
    }

    with answered("device_login"), person(fake_catalyst):
        played = catalyst_playbook("catalyst.oauth.device_login", env=env)

    assert played.code == 0, played.output
    assert "/device" in played["Say what to do"].result["msg"]
    assert played["Wait for the person"].changed
    assert not played["Have a token of the new login"].changed
    assert played.leaks == ()


@pytest.mark.parametrize("name", ["read_guests", "device_login"])
def test_a_playbook_is_foreseen_to_its_end(catalyst_playbook, fake_catalyst, name):
    """Check mode asks nobody, fails nowhere and says what would be done."""
    client = fake_catalyst.register_client(kind=ClientKind.DEVICE)
    device = {
        "CATALYST_OAUTH_CLIENT_ID": client.client_id,
        "CATALYST_OAUTH_CLIENT_SECRET": client.client_secret.reveal(),
        "CATALYST_OAUTH_REFRESH_TOKEN": "",
    }
    env = device if name == "device_login" else {}

    played = catalyst_playbook(f"catalyst.oauth.{name}", "--check", env=env)

    assert played.code == 0, played.output
    assert set(played.outcomes.values()) <= {"ok", "changed", "skipped"}
    assert played.journal.total == 0


@pytest.mark.skipif(not REDIS, reason=NO_REDIS)
def test_two_controllers_and_twenty_hosts_share_one_request(
    catalyst_playbook, answered, tmp_path
):
    """Ten hosts each, at the same time, on one Redis server."""
    for name in ("one", "two"):
        hosts = "\n".join(f"{name}{number}" for number in range(10))
        (tmp_path / name).write_text(
            f"{hosts}\n[all:vars]\nansible_connection=local\nansible_python_interpreter={sys.executable}\n"
        )

    def controller(name):
        return catalyst_playbook(
            "catalyst.oauth.fleet",
            *("-i", str(tmp_path / name), "--forks", "10"),
            extra_vars={"catalyst_store": redis.address},
            env={"ANSIBLE_HOME": str(tmp_path / f"home-{name}")},
        )

    pool = ThreadPoolExecutor()
    with own_redis() as redis, answered("fleet", repeat=True), pool:
        runs = list(pool.map(controller, ("one", "two")))

    outcomes = []
    for played in runs:
        assert played.code == 0, played.output
        assert played.leaks == ()
        outcomes += [task.outcome for task in played.tasks if "token" in task.name]
    assert sorted(outcomes) == ["changed"] + ["ok"] * 19
    if answered.by_fake:
        catalyst_playbook.fake.journal.expect(token_requests=1)


def test_every_playbook_has_a_cassette():
    """So that each is run again without a fake."""
    names = {path.stem for path in PLAYBOOKS.glob("*.yml")}

    assert names == {path.stem for path in CASSETTES.glob("*.yaml")}
