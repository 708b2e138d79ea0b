"""Every example in the documentation of the collection is run as it stands there."""

from __future__ import annotations

import ast
import re
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent
from threading import Event, Thread

import pytest

from pytest_catalyst_oauth.engine import ClientKind
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings

pytest.importorskip("ansible", reason="ansible-core is not installed")
SOURCE = Path(__file__).parents[2] / "ansible_collection"
PLUGINS = {
    path.relative_to(SOURCE / "plugins").with_suffix("").as_posix(): path
    for kind in ("modules", "lookup")
    for path in sorted(SOURCE.glob(f"plugins/{kind}/*.py"))
}
README = re.findall(r"```yaml\n(.*?)```", (SOURCE / "README.md").read_text(), re.DOTALL)
# What an example says for a reader, and what is there on a machine that tests.
PLACES = {
    "https://api.catalyst.zoho.eu": "{api_url}",
    "/var/lib/deploy/": "{folder}/",
    "hosts: web": "hosts: localhost",
    "redis://tokens.example:6379/0?password_env=REDIS_PASSWORD": "{folder}/tokens.db",
}


@pytest.fixture
def fake_catalyst():
    """A fake whose devices may ask each second."""
    return FakeCatalyst(settings=FakeSettings(device_interval=1))


@pytest.fixture
def run(catalyst_playbook, collections_path, tmp_path, monkeypatch):
    """Run a text of YAML, a play or tasks, with the variables of a reader."""
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(collections_path))
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path / "ansible"))
    monkeypatch.setenv("ANSIBLE_ASYNC_DIR", str(tmp_path / "async"))
    monkeypatch.setenv("ANSIBLE_INVENTORY_UNPARSED_WARNING", "0")
    fake = catalyst_playbook.fake
    device = fake.register_client(kind=ClientKind.DEVICE)

    def run(text, *arguments, client=fake.client, code=0, **env):
        for told, there in PLACES.items():
            url = catalyst_playbook.server.api_url
            text = text.replace(told, there.format(api_url=url, folder=tmp_path))
        if not text.startswith("- hosts:"):
            tasks = indent(text, "    ")
            text = f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}"
        (tmp_path / "site.yml").write_text(text)
        played = catalyst_playbook(
            tmp_path / "site.yml",
            *arguments,
            extra_vars={
                "catalyst_client_id": client.client_id,
                "vault_catalyst_client_secret": client.client_secret.reveal(),
                "vault_catalyst_refresh_token": fake.refresh_token.reveal(),
                "catalyst_device_client_id": device.client_id,
                "vault_catalyst_device_client_secret": device.client_secret.reveal(),
                "catalyst_code": fake.issue_code().reveal(),
                "catalyst_project_id": fake.project_id,
            },
            env=env,
        )
        assert played.code == code, played.output
        assert played.leaks == ()
        assert "WARNING" not in played.output
        return played

    return run


def examples(name):
    """Return the examples of a plugin."""
    for node in ast.parse(PLUGINS[name].read_text()).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "EXAMPLES":
            return ast.literal_eval(node.value).lstrip()
    raise LookupError(name)


@contextmanager
def person(fake):
    """Confirm every login as soon as it is there."""
    done, known = Event(), set()

    def confirm():
        while not done.wait(0.05):
            for device in fake.state()["devices"]:
                if device["user_code"] not in known:
                    known.add(device["user_code"])
                    fake.approve_device(device["user_code"])

    thread = Thread(target=confirm)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_the_examples_of_token_run(run, tmp_path):
    """From a first token to one for an organization; no job leaves a token."""
    played = run(examples("modules/token"), CATALYST_OAUTH_REFRESH_TOKEN="")

    assert played.outcomes["Exchange the code of a self client"] == "changed"
    assert played.outcomes["Give it up"] == "changed"
    assert played.outcomes["Act for an organization, without a person"] == "changed"
    assert played["Fetch the token"].result["censored"]
    assert list((tmp_path / "async").iterdir()) == []


def test_the_example_of_a_failure_deals_with_it(run, fake_catalyst):
    """What Zoho's throttle says reaches the person, with the time to wait."""
    fake_catalyst.fail("token", fault="throttle")
    text = examples("modules/token").partition("- name: Decide")

    played = run("".join(text[1:]), code=2)

    said = played["Say when it is worth another try"].result["msg"]
    assert "wait ten minutes" in said
    assert said.endswith("(600 s)")


def test_the_examples_of_token_info_run(run):
    """With a token in the store, which is spoken of."""
    run(examples("modules/token"), CATALYST_OAUTH_REFRESH_TOKEN="")

    played = run("- catalyst.oauth.token:\n\n" + examples("modules/token_info"))

    assert played["Say so"].result["msg"].endswith(" s")


def test_the_examples_of_device_code_run(run, fake_catalyst):
    """A person confirms both logins."""
    client = fake_catalyst.register_client(kind=ClientKind.DEVICE)
    text = examples("modules/device_code")
    with person(fake_catalyst):
        played = run(text, client=client, CATALYST_OAUTH_REFRESH_TOKEN="")

    assert played.outcomes["Log in, and wait for a person"] == "changed"
    assert played.outcomes["Wait for the team"] == "changed"


def test_the_examples_of_device_code_run_in_check_mode(run, fake_catalyst):
    """To the end, with nobody to wait for and nothing asked."""
    client = fake_catalyst.register_client(kind=ClientKind.DEVICE)

    played = run(
        examples("modules/device_code"),
        "--check",
        client=client,
        CATALYST_OAUTH_REFRESH_TOKEN="",
    )

    assert played.outcomes["Wait for the team"] == "skipped"
    assert len(played.journal) == 0


def test_the_examples_of_the_lookup_run(run):
    """The API is called, and two users have a token each."""
    played = run(examples("lookup/token"))

    assert played["Call the API"].result["censored"]
    assert played.outcomes == {
        "Call the API": "ok",
        "Have the tokens of two users of one client, which the environment names": "ok",
    }


@pytest.mark.parametrize("text", README, ids=range(len(README)))
def test_the_examples_of_the_readme_run(run, fake_catalyst, text):
    """As a reader copies them."""
    # Facts have the environment, so that a secret there would be seen.
    hidden = []
    if "code" in text or text.startswith("- hosts"):
        hidden.append("CATALYST_OAUTH_REFRESH_TOKEN")
    if text.startswith("- hosts"):
        hidden += ["CATALYST_OAUTH_CLIENT_SECRET", "CATALYST_AUTH"]
    with person(fake_catalyst):
        played = run(text, **dict.fromkeys(hidden, ""))

    assert set(played.outcomes.values()) <= {"ok", "changed"}


def test_no_plugin_is_without_examples_that_run():
    """A new one has to come here."""
    assert set(PLUGINS) == {
        "modules/device_code",
        "modules/token",
        "modules/token_info",
        "lookup/token",
    }
