"""A real browser that meets the fake at Zoho's own addresses."""

from __future__ import annotations

import os
import ssl
from base64 import b64encode
from contextlib import closing
from hashlib import sha256
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import expect, sync_playwright

from pytest_catalyst_oauth.engine import ClientKind
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, MovableClock
from tests.fake.asking import START

CHROMIUM = Path("/usr/bin/chromium")
IMAGES = Path(__file__).parents[2] / "docs" / "images"
SIZE = {"width": 900, "height": 600}
PATIENCE = 15_000  # milliseconds


@pytest.fixture(scope="module")
def server():
    """One server for all tests, in which one person lives."""
    fake = FakeCatalyst(clock=MovableClock(start=START))
    with FakeServer(fake, proxy=True) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server):
    """Debian's Chromium, which trusts the fake's authority and goes by its proxy.

    For one module only: while Playwright runs, its event loop counts as this thread's,
    and no test could run one of its own.
    """
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM,
            proxy={"server": server.proxy, "bypass": "127.0.0.1"},
            args=[
                f"--ignore-certificate-errors-spki-list={fingerprint(server)}",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--font-render-hinting=none",
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
            ],
        )
        yield running
        running.close()


@pytest.fixture
def page(browser):
    """An empty tab, without scripts: the pages have none."""
    context = browser.new_context(viewport=SIZE, java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


class Application(BaseHTTPRequestHandler):
    """An application that only says hello to those who come back."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Welcome back.")

    def log_message(self, *_):
        """Say nothing; the query has a code in it."""


@pytest.fixture(scope="module")
def app():
    """Where people are sent back to."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Application) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/callback"
        running.shutdown()


@pytest.fixture(scope="module")
def client(server, app):
    return server.fake.register_client(redirect_uri=app)


@pytest.fixture(scope="module")
def device(server, client):
    # After the other one, so that each has the same id in every run.
    return server.fake.register_client(kind=ClientKind.DEVICE)


@pytest.fixture(scope="module")
def shop(server, device):
    """A client whose address is the same in every picture."""
    return server.fake.register_client(redirect_uri="https://shop.example/callback")


@pytest.fixture
def screenshot(page):
    """Keep a picture for the documentation, if UPDATE_SCREENSHOTS is set."""

    def take(name):
        if os.environ.get("UPDATE_SCREENSHOTS"):
            page.screenshot(path=IMAGES / f"fake-{name}.png", animations="disabled")

    return take


def fingerprint(server):
    """The key that Chromium shall trust, of a certificate that the CA file backs."""
    context = ssl.create_default_context(cafile=server.ca_file)
    there = urlsplit(server.proxy)
    connection = HTTPSConnection(there.hostname, there.port, context=context)
    connection.set_tunnel("accounts.zoho.com", 443)
    with closing(connection):
        connection.connect()
        certificate = connection.sock.getpeercert(binary_form=True)
    key = x509.load_der_x509_certificate(certificate).public_key()
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(sha256(octets).digest()).decode()
