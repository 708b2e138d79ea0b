"""What the fixtures and hooks give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer


def test_a_marker_limits_the_fake_token(pytester: pytest.Pytester, run) -> None:
    """A test can ask for narrow scopes and meet the refusal that production gives."""
    pytester.makepyfile("""
        import pytest

        @pytest.mark.catalyst_oauth(scopes="ZohoCatalyst.cache.READ")
        def test_scope(catalyst_session, catalyst_oauth, catalyst_token):
            url = f"{catalyst_oauth.project_url}/table/Guests/row"
            reply = catalyst_session.get(url)

            assert str(catalyst_token.scope) == "ZohoCatalyst.cache.READ"
            assert reply.status_code == 401
            assert reply.json()["data"]["error_code"] == "OAUTH_SCOPE_MISMATCH"
            assert len(catalyst_oauth.journal.token_requests) == 1
    """)

    run().assert_outcomes(passed=1)


def test_the_fake_can_be_seeded_and_broken(pytester: pytest.Pytester, run) -> None:
    """The fake behind the session is in reach: data, failures, revocation, journal."""
    pytester.makepyfile("""
        from pytest_catalyst_oauth.engine.errors import LoginNeededError
        import pytest

        def test_fake(fake_catalyst, catalyst_session, catalyst_oauth):
            fake_catalyst.add_table("Rooms", [{"Name": "Attic"}])
            fake_catalyst.fail("token", status=503, times=2)
            url = f"{catalyst_oauth.project_url}/table/Rooms/row"

            assert catalyst_session.get(url).json()["data"][0]["Name"] == "Attic"
            assert [e.status for e in fake_catalyst.journal] == [503, 503, 200, 200]

            fake_catalyst.revoke(fake_catalyst.refresh_token)
            with pytest.raises(LoginNeededError):
                catalyst_session.get(url)

        def test_other(fake_catalyst, catalyst_oauth):
            assert len(fake_catalyst.journal) == 0
    """)

    run().assert_outcomes(passed=2)


def test_plain_requests_meet_the_fake(pytester: pytest.Pytester, run) -> None:
    """Code that builds its own `requests` calls to Zoho is answered in process."""
    pytester.makepyfile("""
        import pytest, requests

        @pytest.mark.catalyst_oauth(data_center="eu")
        def test_call(fake_catalyst, catalyst_token):
            url = f"https://api.catalyst.zoho.eu/baas/v1/project/{fake_catalyst.project_id}"
            header = {"Authorization": catalyst_token.authorization}

            assert requests.get(url, headers=header).json()["status"] == "success"
            assert requests.get(url).status_code == 401
    """)

    run().assert_outcomes(passed=1)


def test_the_server_is_shared_and_aims_other_programs(
    pytester: pytest.Pytester, run
) -> None:
    """One server for the session; its `env` is all that a subprocess needs."""
    pytester.makepyfile("""
        import os, subprocess, sys

        def test_one(fake_catalyst_server):
            code = (
                "import os, requests; e = os.environ; "
                "url = e['CATALYST_OAUTH_ACCOUNTS_URL'] + '/oauth/v2/token'; "
                "print(requests.post(url,"
                " data={'grant_type': 'refresh_token',"
                " 'refresh_token': e['CATALYST_OAUTH_REFRESH_TOKEN'],"
                " 'client_id': e['CATALYST_OAUTH_CLIENT_ID'],"
                " 'client_secret': e['CATALYST_OAUTH_CLIENT_SECRET']})"
                ".json()['expires_in'])"
            )
            env = {**os.environ, **fake_catalyst_server.env}
            done = subprocess.run(
                [sys.executable, "-c", code], env=env, capture_output=True, text=True
            )
            assert done.stdout == "3600\\n", done.stderr

        def test_two(fake_catalyst_server):
            assert len(fake_catalyst_server.fake.journal.token_requests) == 1
    """)

    run().assert_outcomes(passed=2)


@pytest.mark.parametrize(
    "returned",
    [
        "given",
        "{'profiles': {'admin': given, 'other': {}}}",
        "lambda profile: given if profile == 'admin' else None",
    ],
)
def test_the_configuration_can_be_overridden(
    pytester: pytest.Pytester,
    server: FakeServer,
    run,
    monkeypatch: pytest.MonkeyPatch,
    returned: str,
) -> None:
    """A conftest may return a mapping, one per profile, or a function."""
    given = {
        "client_id": server.client.client_id,
        "accounts_url": server.accounts_url,
        "api_url": server.api_url,
        "project_id": server.fake.project_id,
    }
    monkeypatch.delenv("CATALYST_OAUTH_CLIENT_ID")
    monkeypatch.setenv("VAULT_SECRET", server.client.client_secret.reveal())
    monkeypatch.setenv("VAULT_TOKEN", server.fake.refresh_token.reveal())
    pytester.makeconftest(f"""
        import os, pytest
        given = dict(
            {given!r},
            client_secret=os.environ["VAULT_SECRET"],
            refresh_token=os.environ["VAULT_TOKEN"],
        )

        @pytest.fixture(scope="session")
        def catalyst_oauth_config():
            return {returned}
    """)
    pytester.makepyfile("""
        import pytest

        @pytest.mark.catalyst_oauth(profile="admin")
        def test_live(catalyst_token):
            assert catalyst_token
    """)

    run("--catalyst-oauth=live").assert_outcomes(passed=1)


def test_a_hook_can_bring_the_configuration(
    pytester: pytest.Pytester, server: FakeServer, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin of a company may read its vault for all projects."""
    monkeypatch.delenv("CATALYST_OAUTH_CLIENT_SECRET")
    monkeypatch.setenv("VAULT_SECRET", server.client.client_secret.reveal())
    pytester.makeconftest("""
        import os
        from pytest_catalyst_oauth.engine import Secret

        def pytest_catalyst_oauth_config(config, profile):
            names = ("CLIENT_ID", "REFRESH_TOKEN", "ACCOUNTS_URL", "API_URL")
            found = {n.lower(): os.environ["CATALYST_OAUTH_" + n] for n in names}
            return {**found, "client_secret": Secret(os.environ["VAULT_SECRET"])}
    """)
    pytester.makepyfile("def test_live(catalyst_token): assert catalyst_token")

    run("--catalyst-oauth=live").assert_outcomes(passed=1)


def test_a_conftest_can_wrap_a_fixture(pytester: pytest.Pytester, run) -> None:
    """A project may add to our fixtures under their own names, as to all of pytest."""
    pytester.makeconftest("""
        import pytest

        @pytest.fixture
        def catalyst_oauth(catalyst_oauth):
            catalyst_oauth.credentials.token()
            yield catalyst_oauth

        @pytest.fixture
        def catalyst_cassette(request, catalyst_cassette):
            return request.node.name, catalyst_cassette
    """)
    pytester.makepyfile("""
        class TestWrapped:
            def test_both(self, catalyst_cassette, catalyst_oauth):
                assert len(catalyst_oauth.journal.token_requests) == 1
                assert catalyst_cassette == ("test_both", None)

        def test_late(request):
            handle = request.getfixturevalue("catalyst_oauth")
            assert len(handle.journal.token_requests) == 1
            assert request.getfixturevalue("catalyst_cassette")[0] == "test_late"
    """)

    run().assert_outcomes(passed=2)


def test_a_hook_may_ask_for_one_fixture_before_another(
    pytester: pytest.Pytester, run
) -> None:
    """A conftest's own hook comes between ours and the fixture."""
    pytester.makeconftest("""
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_fixture_setup(fixturedef, request):
            if fixturedef.argname == "catalyst_oauth":
                request.getfixturevalue("catalyst_cassette")
    """)
    pytester.makepyfile(
        "def test_it(catalyst_oauth): assert catalyst_oauth.credentials.token()"
    )

    run().assert_outcomes(passed=1)


def test_a_hook_that_takes_the_place_of_ours_is_told(
    pytester: pytest.Pytester, run
) -> None:
    """It is loaded late, tried first, and sets the fixture up by itself."""
    pytester.mkdir("late").joinpath("conftest.py").write_text("""
import pytest
from _pytest.fixtures import pytest_fixture_setup as set_up

@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef, request):
    return set_up(fixturedef, request)
""")
    pytester.makepyfile(**{"late/test_it": "def test_it(catalyst_oauth): pass"})

    result = run()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*fixture catalyst_oauth: was set up by another hook*"]
    )


def test_another_session_in_the_process_leaves_the_fixtures_alone(
    pytester: pytest.Pytester, run
) -> None:
    """Plugins are tested by sessions inside of tests, between two of our fixtures."""
    pytester.makepyfile("""
        import pytest

        pytest_plugins = ["pytester"]

        @pytest.fixture
        def inner(pytester):
            pytester.makepyfile("def test_it(catalyst_oauth): assert catalyst_oauth")
            pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(
                passed=1
            )

        def test_outer(catalyst_oauth, inner, catalyst_cassette, catalyst_token):
            assert len(catalyst_oauth.journal.token_requests) == 1
    """)

    run().assert_outcomes(passed=1)


@pytest.mark.parametrize("mode", ["fake", "replay"])
def test_a_token_is_due_at_the_same_second_in_each_run(
    pytester: pytest.Pytester, server: FakeServer, run, mode: str
) -> None:
    """A test that moves the clock to the edge of a token's life never flickers."""
    pytester.makepyfile("""
        def test_edge(catalyst_oauth):
            first = catalyst_oauth.credentials.token()
            catalyst_oauth.clock.advance(minutes=49, seconds=50)
            assert catalyst_oauth.credentials.token() is first
            catalyst_oauth.clock.advance(seconds=10)
            assert catalyst_oauth.credentials.token() != first
    """)
    if mode == "replay":
        run("--catalyst-oauth=record").assert_outcomes(passed=1)

    run(f"--catalyst-oauth={mode}").assert_outcomes(passed=1)


def test_a_hook_seeds_every_fake(pytester: pytest.Pytester, run) -> None:
    """A conftest says once what its tests find in the fake, on the socket too."""
    pytester.makeconftest("""
        def pytest_catalyst_oauth_configure_fake(fake, request):
            fake.add_table("Rooms", [{"Name": "Attic"}])
    """)
    pytester.makepyfile("""
        import requests

        def test_process(catalyst_session, catalyst_oauth):
            url = f"{catalyst_oauth.project_url}/table/Rooms/row"
            assert catalyst_session.get(url).json()["data"][0]["Name"] == "Attic"

        def test_socket(fake_catalyst_server, catalyst_oauth):
            url = f"{fake_catalyst_server.project_url}/table/Rooms"
            assert requests.get(url).status_code == 401
    """)

    run().assert_outcomes(passed=2)


def test_a_hook_names_more_secrets(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """What only the project knows to be secret is kept out of cassettes as well."""
    pytester.makeconftest("""
        from pytest_catalyst_oauth.engine import Secret

        def pytest_catalyst_oauth_secrets(config):
            return [Secret("hush-hush-badge-4711")]
    """)
    pytester.makepyfile("""
        def test_put(catalyst_session, catalyst_oauth):
            body = {"cache_name": "badge", "cache_value": "hush-hush-badge-4711"}
            assert catalyst_session.post(
                f"{catalyst_oauth.project_url}/cache", json=body
            ).ok
    """)

    run("--catalyst-oauth=record").assert_outcomes(passed=1)

    (cassette,) = (pytester.path / "cassettes").rglob("*.yaml")
    assert "hush-hush" not in cassette.read_text()
    assert "cache_name" in cassette.read_text()


def test_the_plugin_switches_off(pytester: pytest.Pytester, run) -> None:
    """With `-p no:catalyst_oauth` neither fixtures nor options are there."""
    pytester.makepyfile("def test_token(catalyst_token): pass")

    off = run("-p", "no:catalyst_oauth")

    off.assert_outcomes(errors=1)
    assert "fixture 'catalyst_token' not found" in off.stdout.str()
