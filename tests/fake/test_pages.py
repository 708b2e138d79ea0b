"""What all pages have in common: they can be read, and reached, by everybody."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from pytest_catalyst_oauth.engine import ClientKind, HttpRequest
from pytest_catalyst_oauth.engine.grants import device_code_request
from tests.fake.browsing import SCOPE, get, page_url, press, title, web_client

DEVICE = "https://accounts.zoho.com/oauth/v3/device"
# Elements that HTML lets stand without an end.
VOID = {"meta", "input"}


class Outline(HTMLParser):
    """The elements of a page, and whether each that began has ended."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def named(self, name):
        return [(attrs, above) for tag, attrs, above in self.elements if tag == name]


def consent_page(fake):
    return get(fake, page_url(web_client(fake), access_type="offline"))


def choosing_page(fake):
    fake.add_user("Eve", location="eu")
    return consent_page(fake)


def device_page(fake):
    return get(fake, DEVICE)


def error_page(fake):
    return get(fake, page_url(fake.client))


def done_page(fake):
    client = fake.register_client(kind=ClientKind.DEVICE)
    answer = fake.send(device_code_request(client, SCOPE)).json()
    return press(fake, get(fake, answer["verification_uri_complete"]))


@pytest.fixture(
    params=[consent_page, choosing_page, device_page, error_page, done_page]
)
def outline(request, fake):
    return Outline(request.param(fake).body.decode())


def test_a_page_is_whole(outline):
    """Every element that begins ends, in its place."""
    assert outline.open == []


def test_a_page_has_a_language_a_title_and_one_heading(outline):
    """That is what a screen reader says first."""
    assert outline.named("html")[0][0] == {"lang": "en"}
    assert len(outline.named("title")) == len(outline.named("h1")) == 1
    assert len(outline.named("main")) == len(outline.named("header")) == 1


def test_every_field_has_a_label(outline):
    """By name, or around it."""
    labelled = {attrs.get("for") for attrs, _ in outline.named("label")}
    fields = [
        (attrs, above)
        for attrs, above in outline.named("input")
        if attrs["type"] != "hidden"
    ]

    for attrs, above in fields:
        assert attrs.get("id") in labelled or "label" in above


def test_focus_goes_as_the_page_reads(outline):
    """Nothing is reordered, and nothing takes part without JavaScript."""
    names = {name for _, attrs, _ in outline.elements for name in attrs}

    assert "tabindex" not in names
    assert not any(name.startswith("on") for name in names)
    assert outline.named("script") == []


def test_colours_are_far_enough_apart(fake):
    """4.5 to 1 at least, as WCAG asks of text."""
    css = consent_page(fake).body.decode()
    colour = dict(re.findall(r"--(\w+): (#\w{6})", css))
    header = re.findall(r"#\w{6}", re.search(r"header \{.*", css)[0])
    pairs = [
        *((colour[name], "#ffffff") for name in ("ink", "soft", "deep", "bad")),
        *((colour["ink"], paper) for paper in header[:2]),
    ]

    assert {pair: ratio for pair in pairs if (ratio := contrast(*pair)) < 4.5} == {}


def contrast(one, other):
    """The contrast of two colours (WCAG 2, relative luminance)."""
    light, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_head_gets_no_page(fake):
    """But the same headers: RFC 9110, section 9.3.2."""
    url = page_url(web_client(fake))

    reply = fake.send(HttpRequest(method="HEAD", url=url))

    assert (reply.status, reply.body) == (200, b"")


def test_an_error_page_shows_what_to_compare(fake):
    """The address that was asked for, beside the configured one."""
    client = web_client(fake)

    reply = get(fake, page_url(client, redirect_uri='https://e.example/"<b>'))

    text = reply.body.decode()
    assert title(reply) == "Invalid Redirect Uri"
    assert client.redirect_uri in text
    assert "https://e.example/&#34;&lt;b&gt;" in text


@pytest.mark.parametrize("name", ["redirect_uri", "state", "scope", "login_hint"])
def test_half_a_character_breaks_no_page(fake, name):
    """Some client writes addresses that no octets could stand for."""
    url = page_url(web_client(fake), **{name: None}) + f"&{name}=\udcff"

    assert get(fake, url).status in (200, 400)


def test_half_a_character_breaks_no_form(fake):
    """It is shown again, as far as it can be."""
    url = f"{DEVICE}?user_code=\ud800"

    assert fake.send(HttpRequest(method="POST", url=url)).status == 200


def test_whoever_opens_no_page_does_not_pay_for_it():
    """The template engine is imported with the first page."""
    program = (
        "import sys; from pytest_catalyst_oauth.fake import FakeCatalyst; "
        "FakeCatalyst(); print('jinja2' in sys.modules)"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert said.stdout == "False\n"
