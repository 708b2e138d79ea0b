"""The control's page without a browser: who gets in, and what its forms do."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from pytest_catalyst_oauth.engine import FORM, HttpRequest
from tests.fake.asking import new_access, refresh, works

HOST = "127.0.0.1:8080"
BASE = f"http://{HOST}"


class Browser:
    """Keeps one cookie, and fills in forms."""

    def __init__(self, fake):
        self.fake = fake
        self.cookie = ""
        self.page = ""

    def get(self, path, **headers):
        return self._send("GET", path, b"", headers)

    def post(self, path, fields, **headers):
        return self._send("POST", path, urlencode(fields).encode(), headers)

    def press(self, act, **fields):
        """Send one of the page's forms."""
        key = re.search(r'name="key" value="(\w+)"', self.page)[1]
        return self.post("/.catalyst-oauth/do", {"act": act, "key": key, **fields})

    def _send(self, method, path, body, headers):
        given = {"Host": HOST, "Content-Type": FORM, "Cookie": self.cookie, **headers}
        reply = self.fake.send(
            HttpRequest(
                method=method,
                url=BASE + path,
                headers=tuple(given.items()),
                body=body,
            )
        )
        if set_cookie := reply.header("Set-Cookie"):
            self.cookie = set_cookie.partition(";")[0]
        self.page = reply.body.decode()
        return reply


@pytest.fixture
def stranger(fake):
    fake.open_control()
    return Browser(fake)


@pytest.fixture
def browser(stranger):
    """A browser that came by the page's address, and was let in."""
    path = stranger.fake.open_control().page_path()
    assert stranger.get(path).status == 303
    assert stranger.get("/.catalyst-oauth/").status == 200
    return stranger


def test_the_address_opens_the_page_once(stranger, fake):
    """It leads to one without anything secret, and to a strict cookie."""
    path = fake.open_control().page_path()

    reply = stranger.get(path)

    assert (reply.status, reply.header("Location")) == (303, "/.catalyst-oauth/")
    cookie = reply.header("Set-Cookie")
    assert cookie.endswith("; Path=/.catalyst-oauth/; HttpOnly; SameSite=Strict")
    assert cookie.startswith("catalyst_oauth_control_8080=")
    again = Browser(fake)
    assert again.get(path).status == 403
    assert "used already" in again.page
    assert again.cookie == ""


def test_only_opening_the_address_uses_it_up(stranger, fake):
    """A look at its headers, as some programs take, does not."""
    path = fake.open_control().page_path()
    request = HttpRequest(method="HEAD", url=BASE + path, headers=(("Host", HOST),))

    assert fake.send(request).body == b""

    assert stranger.get(path).status == 303


def test_the_token_opens_the_page_too(stranger, fake):
    """For whoever has the env file, and no address any more."""
    assert "Who are you?" in stranger.get("/.catalyst-oauth/").body.decode()

    token = fake.open_control().token.reveal()
    stranger.post("/.catalyst-oauth/enter", {"ticket": token}, Origin=BASE)

    stranger.get("/.catalyst-oauth/")
    assert "What happened" in stranger.page
    assert token not in stranger.page


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/.catalyst-oauth/live", 401),
        ("post", "/.catalyst-oauth/do", 401),
        ("post", "/.catalyst-oauth/enter", 403),
        ("post", "/.catalyst-oauth/", 405),
        ("get", "/.catalyst-oauth/do", 405),
    ],
)
def test_a_stranger_sees_and_does_nothing(stranger, method, path, status):
    """No cookie, no control."""
    more = ({"act": "heal"},) if method == "post" else ()

    assert getattr(stranger, method)(path, *more).status == status
    assert "What happened" not in stranger.page


def test_the_page_shows_no_secret(browser, fake):
    """Tokens by fingerprint, parameters hidden."""
    access = new_access(fake)

    browser.get("/.catalyst-oauth/")

    assert "access token issued" in browser.page
    for secret in (access, fake.refresh_token, fake.client.client_secret):
        assert secret.reveal() not in browser.page


def test_nothing_in_the_page_is_trusted(browser, fake):
    """What clients send is shown as text."""
    fake.send(HttpRequest(method="GET", url=f"{BASE}/<script>alert(1)</script>"))
    fake.add_user("<b>Eve</b>", email="eve@example.com")

    browser.get("/.catalyst-oauth/")

    assert "<script>alert" not in browser.page
    assert "<b>Eve" not in browser.page
    assert "&lt;b&gt;Eve" in browser.page


def test_the_page_may_load_nothing_from_elsewhere(browser):
    """A strict policy with a new nonce each time; nobody may frame or keep it."""
    first, second = (browser.get("/.catalyst-oauth/") for _ in range(2))

    policy = first.header("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert policy != second.header("Content-Security-Policy")
    assert first.header("Cache-Control") == "no-store"
    assert not re.findall(r"""(?:src|href)=|\son\w+=|\sstyle=""", browser.page)


def test_the_clock_is_moved_by_a_button(browser, fake):
    """And the page comes back by a redirect, so reloading moves it no further."""
    reply = browser.press("move", seconds="3600")

    assert (reply.status, reply.header("Location")) == (303, "/.catalyst-oauth/")
    assert fake.state()["now"] == "2027-01-15T09:00:00+00:00"


def test_faults_are_added_and_healed(browser, fake):
    """By endpoint, kind, status and number."""
    given = {"endpoint": "token", "fault": "status", "status": "502", "times": "2"}
    browser.press("fail", **given)
    assert refresh(fake).status == 502

    browser.get("/.catalyst-oauth/")
    assert "token: status, 1 more" in browser.page
    browser.press("heal")

    assert refresh(fake).status == 200


def test_a_token_is_revoked(browser, fake):
    """By its fingerprint."""
    access = new_access(fake)
    (mark,) = (
        one["fingerprint"] for one in fake.state()["tokens"] if one["kind"] == "access"
    )

    browser.press("revoke", token=mark)

    assert not works(fake, access)


def test_a_code_is_shown_once(browser, fake):
    """In the page that answers the form, and never again."""
    reply = browser.press("code", client_id=fake.client.client_id)

    assert reply.status == 200
    code = re.search(r"1000\.fa4e\w+\.\w+", browser.page)[0]
    browser.get("/.catalyst-oauth/")
    assert code not in browser.page


def test_a_fault_without_a_number_lasts(browser, fake):
    """Until it is healed."""
    browser.press("fail", endpoint="token", fault="html", status="", times="")
    assert [refresh(fake).header("Content-Type")[:9] for _ in range(3)] == (
        ["text/html"] * 3
    )

    browser.get("/.catalyst-oauth/")
    assert "token: html, until healed" in browser.page


def test_the_journal_is_cleared(browser, fake):
    """For the next thing that somebody wants to watch."""
    refresh(fake)

    browser.press("clear")

    assert len(fake.journal) == 0


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"act": "move", "seconds": "soon"}, "seconds: is no number"),
        ({"act": "move", "seconds": "1e99"}, "seconds: is out of range"),
        ({"act": "fail", "endpoint": "tokn"}, "endpoint &#39;tokn&#39;: is unknown"),
        ({"act": "device", "user_code": "X"}, "user code: is of no device"),
        ({"act": "explode"}, "the form: asks for nothing"),
    ],
)
def test_a_mistake_is_told_on_the_page(browser, fields, told):
    """With the page around it."""
    assert browser.press(**fields).status == 422
    assert told in browser.page
    assert "What happened" in browser.page


def test_a_form_without_its_key_is_refused(browser, fake):
    """The cookie alone is not enough; neither is another session's key."""
    fields = {"act": "move", "seconds": "60"}
    assert browser.post("/.catalyst-oauth/do", fields).status == 403
    assert browser.post("/.catalyst-oauth/do", {**fields, "key": "0"}).status == 403

    assert fake.state()["now"] == "2027-01-15T08:00:00+00:00"


def test_a_form_of_another_site_is_refused(browser):
    """Whatever it knows."""
    fields = {"act": "heal"}

    reply = browser.post("/.catalyst-oauth/do", fields, Origin="http://evil.example")

    assert reply.status == 403


def test_the_cookie_is_not_for_programs(browser):
    """The JSON interface wants the token, so a page cannot borrow the session."""
    assert browser.get("/.catalyst-oauth/state").status == 401


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("post", "", "GET, HEAD"),
        ("post", "live", "GET, HEAD"),
        ("get", "do", "POST"),
        ("get", "enter", "POST"),
    ],
)
def test_another_method_is_told_which_there_is(stranger, method, path, allowed):
    """405 with `Allow`. Source: RFC 9110, section 15.5.6."""
    more = ({},) if method == "post" else ()

    reply = getattr(stranger, method)(f"/.catalyst-oauth/{path}", *more)

    assert (reply.status, reply.header("Allow")) == (405, allowed)
