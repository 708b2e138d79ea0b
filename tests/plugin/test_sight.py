"""What a test exchanged, in the reports that people and machines read."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer

TESTS = """
import pytest

CODE = "1000.invented-code-<&>\\x01"

def ask(session, handle):
    url = f"{handle.project_url}/table/Guests/row"
    assert session.get(url, params={"prompt": "<&>\\x0b", "code": CODE}).ok

def test_passes(catalyst_session, catalyst_oauth):
    ask(catalyst_session, catalyst_oauth)

def test_fails(catalyst_session, catalyst_oauth):
    ask(catalyst_session, catalyst_oauth)
    assert False

@pytest.fixture
def broken(catalyst_session, catalyst_oauth):
    ask(catalyst_session, catalyst_oauth)
    assert False

def test_never_begins(broken):
    pass

def test_silent():
    assert False
"""


def properties(root: ET.Element) -> dict[str, list[str]]:
    """Return our properties of each test in a JUnit file."""
    return {
        case.attrib["name"]: [
            one.attrib["value"]
            for one in case.iter("property")
            if one.attrib["name"] == "catalyst_oauth_exchange"
        ]
        for case in root.iter("testcase")
    }


@pytest.mark.parametrize("workers", ["0", "2"])
def test_machines_and_people_read_the_journal(
    pytester: pytest.Pytester, workers: str
) -> None:
    """JUnit XML has a property, and HTML a row, for each exchange; also of workers."""
    pytester.makepyfile(test_seen=TESTS)

    done = pytester.runpytest_subprocess(
        *("-p", "no:randomly", "-p", "no:asyncio", "-p", "no:anyio", "-n", workers),
        *("--junit-xml=junit.xml", "--html=report.html", "--self-contained-html"),
        "--catalyst-oauth-journal=all",
    )

    done.assert_outcomes(passed=1, failed=2, errors=1)
    found = properties(ET.parse(pytester.path / "junit.xml").getroot())
    page = unescape(unescape((pytester.path / "report.html").read_text()))
    told = r"\d\d:\d\d:\d\d GET /baas/v1/project/\d+/table/Guests/row prompt=.* -> 200"
    for name in ("test_passes", "test_fails", "test_never_begins"):
        token, row = found[name]
        assert re.search(r"POST /oauth/v2/token grant_type=refresh_token .*=•••", token)
        assert re.match(told, row)
    assert found["test_silent"] == []
    assert page.count("<table") - page.count("<table id") >= 3
    assert done.stdout.str().count("- catalyst-oauth journal -") == 2
    for text in (page, (pytester.path / "junit.xml").read_text(), done.stdout.str()):
        assert "1000.invented-code" not in text


def test_only_the_last_attempt_is_told(pytester: pytest.Pytester) -> None:
    """A test that was run again shows what its last attempt exchanged."""
    pytester.makepyfile(
        test_again="""
        def test_again(catalyst_token, catalyst_oauth):
            assert False
        """
    )

    pytester.runpytest_subprocess(
        *("-p", "no:randomly", "-p", "no:asyncio", "-p", "no:anyio", "-p", "no:html"),
        *("--reruns=2", "--junit-xml=junit.xml"),
    ).assert_outcomes(failed=1)

    found = properties(ET.parse(pytester.path / "junit.xml").getroot())
    assert len(found["test_again"]) == 1


ANY = """
import httpx, requests

def ask(handle, get):
    header = {"Authorization": handle.credentials.authorization()}
    assert get(f"{handle.project_url}/table/Guests/row", headers=header).is_success

def test_any(catalyst_cassette, catalyst_oauth):
    ask(catalyst_oauth, httpx.get)
    assert False, "after both"
"""


def test_calls_of_any_library_are_in_the_journal(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """Faked, recorded and replayed alike, in the order in which they were made."""
    pytester.makepyfile(test_any=ANY)
    failing = run("--catalyst-oauth=record").stdout.str()
    pytester.makepyfile(test_any=ANY.replace("assert False", "assert True"))
    run("--catalyst-oauth=record").assert_outcomes(passed=1)
    pytester.makepyfile(test_any=ANY)
    replayed = run("--catalyst-oauth=replay").stdout.str()

    for text in (failing, replayed):
        section = text[text.index("- catalyst-oauth journal -") :]
        assert re.search(r"(?s)POST /oauth/v2/token .*\n.*GET .*/row -> 200", section)


def test_who_asks_the_fake_alone_is_told_as_well(
    pytester: pytest.Pytester, run
) -> None:
    """Without a handle the fake's own journal is shown."""
    pytester.makepyfile("""
        import requests

        def test_fake(fake_catalyst):
            requests.post("https://accounts.zoho.com/oauth/v2/token", data={"a": "b"})
            assert False
    """)

    text = run().stdout.str()

    assert re.search(r"POST /oauth/v2/token a=••• -> \d+", text)
