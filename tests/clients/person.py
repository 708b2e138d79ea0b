"""What a person does at the consent page, over a socket and without a browser."""

from __future__ import annotations

from urllib.parse import urljoin

import requests

from pytest_catalyst_oauth.engine import HttpReply
from tests.fake.browsing import form_of


def answered(url, answer="accept", *, verify=True):
    """Open a consent page, press a button, and return where the client is asked to go.

    Args:
        url: What the client made.
        answer: `accept` or `reject`.
        verify: A certificate authority's file, for https.
    """
    with requests.Session() as browser:
        browser.trust_env, browser.verify = False, verify
        page = browser.get(url, timeout=10)
        assert page.status_code == 200, page.text
        action, fields = form_of(HttpReply(status=200, body=page.content))
        reply = browser.post(
            urljoin(page.url, action),
            data={**fields, "answer": answer},
            allow_redirects=False,
            timeout=10,
        )
        return reply.headers["Location"]
