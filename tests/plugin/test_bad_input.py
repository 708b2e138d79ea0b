"""What a user's mistake looks like: one sentence, no traceback."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.plugin.conftest import BODY

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_catalyst_oauth.fake import FakeServer

CASSETTE = "cassettes/test_user/test_guests.yaml"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with one test."""
    pytester.makepyfile(test_user=BODY)
    return pytester


def sentence(result: pytest.RunResult) -> str:
    """Return what the user reads, having checked that it is no traceback."""
    text = result.stdout.str() + result.stderr.str()
    assert result.ret != 0
    assert "Traceback" not in text
    assert "pytest_catalyst_oauth/" not in text
    found = [line for line in text.splitlines() if "Error: " in line]
    assert len({re.sub(r"^\S+ \S+ - |^E +", "", line) for line in found}) >= 1, text
    return text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--catalyst-oauth=fakes"],
            "argument --catalyst-oauth: invalid choice: 'fakes'",
        ),
        (
            ["-o", "catalyst_oauth_mode=fakes"],
            "mode 'fakes': is unknown; choose one of fake, replay, record, rewrite, ",
        ),
        (
            ["--catalyst-oauth-max-age=soon"],
            "max-age 'soon': is not a duration; write a whole number and a unit",
        ),
        (
            ["-o", "catalyst_oauth_strict=perhaps"],
            "strict 'perhaps': is neither true nor false",
        ),
    ],
)
def test_a_wrong_option_ends_the_session_before_any_test(
    project: pytest.Pytester, run, arguments: list[str], told: str
) -> None:
    """The message names the option, what it may be, and nothing runs."""
    result = run(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert told in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_an_unknown_data_centre_is_named(pytester: pytest.Pytester, run) -> None:
    """A typo in the marker is told together with what there is."""
    pytester.makepyfile(
        "import pytest\n@pytest.mark.catalyst_oauth(data_center='mars')\n"
        + BODY.lstrip()
    )

    told = sentence(run())

    assert "data centre 'mars': is unknown; choose one of us, eu, in, au" in told


def test_a_malformed_scope_is_named(pytester: pytest.Pytester, run) -> None:
    """A scope that cannot be one is shown with an example of one that can."""
    pytester.makepyfile(
        "import pytest\n@pytest.mark.catalyst_oauth(scopes='tables')\n" + BODY.lstrip()
    )

    told = sentence(run())

    assert "scope 'tables': is malformed: expected Service.resource.OPERATION" in told


def test_an_unknown_word_in_the_marker_is_named(pytester: pytest.Pytester, run) -> None:
    """A typo in the marker's keyword is not silently ignored."""
    pytester.makepyfile(
        "import pytest\n@pytest.mark.catalyst_oauth(scope='a.b')\n" + BODY.lstrip()
    )

    assert "setting 'scope': is unknown; choose from mode, cassettes" in sentence(run())


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("CLIENT_ID", "client id: is missing; set CATALYST_OAUTH_CLIENT_ID"),
        ("CLIENT_SECRET", "is missing; set CATALYST_OAUTH_CLIENT_SECRET"),
        ("REFRESH_TOKEN", "log in, or give a refresh token or a code"),
    ],
)
def test_missing_configuration_is_named(
    project: pytest.Pytester,
    server: FakeServer,
    run,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    told: str,
) -> None:
    """Recording without an id, a secret or a refresh token says which one to set."""
    monkeypatch.delenv(f"CATALYST_OAUTH_{variable}")

    result = run("--catalyst-oauth=record")

    assert told in result.stdout.str()
    assert not (project.path / "cassettes").exists()


def test_an_unreadable_store_is_named(
    project: pytest.Pytester,
    server: FakeServer,
    run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A store that is no store is refused with its path, and left as it is."""
    store = tmp_path / "tokens.db"
    store.write_text("my diary")
    store.chmod(0o600)
    monkeypatch.setenv("CATALYST_OAUTH_STORE", str(store))

    result = run("--catalyst-oauth=live")

    told = f"token store {store}: is damaged, or not a token store; move the file away"
    assert told in result.stdout.str()
    assert store.read_text() == "my diary"


def test_an_unwritable_cassette_folder_is_named(
    project: pytest.Pytester, server: FakeServer, run
) -> None:
    """A folder that cannot be made is told with its path, before anybody is asked."""
    (project.path / "cassettes").write_text("a file, not a folder")

    told = sentence(run("--catalyst-oauth=record"))

    assert len(server.fake.journal) == 0

    assert str(project.path / "cassettes") in told
    assert "cannot be written" in told


def test_replay_without_a_cassette_says_how_to_get_one(
    project: pytest.Pytester, run
) -> None:
    """The message names the file and the command that records it."""
    told = sentence(run("--catalyst-oauth=replay"))

    assert CASSETTE in told
    assert "--catalyst-oauth=record" in told


@pytest.mark.parametrize(
    "text", ["{", "a: [1", "\x00", "- 1\n- 2\n", "!!python/name:x"]
)
def test_a_cassette_that_is_none_is_named(
    project: pytest.Pytester, run, text: str
) -> None:
    """A damaged file is told with its path and what to do; it is not touched."""
    path = project.path / CASSETTE
    path.parent.mkdir(parents=True)
    path.write_text(text)

    told = sentence(run("--catalyst-oauth=replay"))

    assert CASSETTE in told
    assert path.read_text() == text


def test_a_cassette_of_another_test_is_refused(
    project: pytest.Pytester, server: FakeServer, run
) -> None:
    """A copied file must not pretend to be the test's own recording."""
    run("--catalyst-oauth=record").assert_outcomes(passed=1)
    own = project.path / CASSETTE
    other = project.path / "cassettes/test_user/test_hosts.yaml"
    own.rename(other)
    project.makepyfile(test_user=BODY.replace("test_guests", "test_hosts"))

    told = sentence(run("--catalyst-oauth=replay"))

    assert "test_user.py::test_guests" in told
    assert "test_user.py::test_hosts" in told


def test_a_call_that_was_not_recorded_is_told_with_the_nearest_one(
    project: pytest.Pytester, server: FakeServer, run
) -> None:
    """A changed test body says what it asked, what is recorded, and how to mend it."""
    run("--catalyst-oauth=record").assert_outcomes(passed=1)
    project.makepyfile(test_user=BODY.replace("Guests/row", "Hosts/row"))

    text = run("--catalyst-oauth=replay").stdout.str()

    assert "CassetteMissError" in text
    assert "/table/Hosts/row" in text
    assert "/table/Guests/row" in text
    assert "pytest --catalyst-oauth=rewrite" in text


def test_a_test_without_a_project_says_what_is_missing(
    project: pytest.Pytester,
    server: FakeServer,
    run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`project_url` needs a project id, and its absence names the variable."""
    monkeypatch.delenv("CATALYST_OAUTH_PROJECT_ID")

    text = run("--catalyst-oauth=record").stdout.str()

    assert "project id: is not known; set CATALYST_OAUTH_PROJECT_ID" in text


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("'replay'", "marker catalyst_oauth('replay'): takes keywords only"),
        ("scopes=5", "scopes 5: are neither a text nor a list of texts"),
        (
            "max_age=5",
            "max-age '5': is not a duration; write a whole number and a unit",
        ),
        ("max_age=[]", "max-age '[]': is not a duration"),
        ("strict=1", "strict 1: is neither true nor false"),
        ("strict=[]", "strict []: is neither true nor false"),
        ("cassette='../../evil.yaml', mode='replay'", "is outside of"),
        (
            "cassette='noext', mode='replay'",
            "cassette 'noext': is no name of a cassette",
        ),
        ("cassette='foo.json', mode='record'", "is no name of a cassette; name a file"),
        ("cassette='sub/', mode='replay'", "that ends in .yaml or .yml"),
        ("cassette='.yaml', mode='replay'", "cassette '.yaml': is no name of a casset"),
        ("cassette='nul\\0.yaml', mode='replay'", "is no name of a cassette"),
        ("cassette='two\\nlines.yaml', mode='replay'", "is no name of a cassette"),
        ("cassette='', mode='replay'", "cassette '': is no name of a cassette"),
        ("cassette=3, mode='replay'", "cassette 3: is no name of a cassette"),
        (
            "cassettes='nul\\0dir', mode='replay'",
            "cassettes 'nul\\x00dir': is no folder",
        ),
        ("cassettes=3, mode='replay'", "cassettes 3: is no folder"),
    ],
)
def test_a_marker_that_says_nothing_is_refused(
    pytester: pytest.Pytester, run, marker: str, told: str
) -> None:
    """What it meant is not guessed."""
    pytester.makepyfile(
        f"import pytest\n@pytest.mark.catalyst_oauth({marker})\n" + BODY.lstrip()
    )

    assert told in sentence(run())


@pytest.mark.parametrize(
    "given",
    [
        *("None", "[]", "'x'", "lambda profile: None", "lambda: 1"),
        *("{'profiles': 5}", "{'profiles': {'default': 5}}"),
    ],
)
def test_a_configuration_of_another_type_is_refused(
    project: pytest.Pytester, run, given: str
) -> None:
    """The message says what a conftest may return."""
    project.makeconftest(f"""
        import pytest

        @pytest.fixture(scope="session")
        def catalyst_oauth_config():
            return {given}
    """)

    told = sentence(run("--catalyst-oauth=live"))

    assert "fixture catalyst_oauth_config: gave a" in told
    assert "return a mapping" in told


def test_a_swapped_id_and_secret_are_not_printed(
    project: pytest.Pytester,
    server: FakeServer,
    run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The commonest mistake at the console must not show the secret."""
    monkeypatch.setenv("CATALYST_OAUTH_CLIENT_ID", server.client.client_secret.reveal())

    told = sentence(run("--catalyst-oauth=live"))

    assert "client id: looks like a client secret; look whether" in told
    assert server.client.client_secret.reveal() not in told


def test_a_tape_that_comes_too_late_is_refused(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """`getfixturevalue` after the session would record nothing, and say nothing."""
    pytester.makepyfile("""
        def test_late(catalyst_session, request):
            request.getfixturevalue("catalyst_cassette")
    """)

    text = run("--catalyst-oauth=record").stdout.str()

    assert "catalyst_cassette: came after catalyst_oauth" in text


def test_a_message_is_told_once(project: pytest.Pytester, run) -> None:
    """Not twice around "During handling of the above exception"."""
    text = run("--catalyst-oauth=replay").stdout.str()

    assert "During handling" not in text
