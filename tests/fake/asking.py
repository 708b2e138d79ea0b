"""Requests as clients of all kinds send them, and what the replies say."""

from __future__ import annotations

import json
import re

from pytest_catalyst_oauth.engine import HttpRequest, Secret

START = 1_800_000_000.0
ROWS = "ZohoCatalyst.tables.rows.READ"
INVENTED = Secret("1000.invented.invented")
_TOKEN = re.compile(r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}")


def token_request(client, **given):
    """A form to the token endpoint; a field that is None is left out."""
    fields = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        **given,
    }
    return HttpRequest.post_form(
        client.token_url, [(n, v) for n, v in fields.items() if v is not None]
    )


def refresh(fake, refresh_token=None, *, client=None, **given):
    client, token = client or fake.client, refresh_token or fake.refresh_token
    fields = {"grant_type": "refresh_token", "refresh_token": token, **given}
    return fake.send(token_request(client, **fields))


def exchange(fake, code, *, client=None, **given):
    client = client or fake.client
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        **given,
    }
    return fake.send(token_request(client, **fields))


def revoke(fake, token, name="token"):
    url = fake.client.revocation_url
    return fake.send(HttpRequest.post_form(url, [(name, token)]))


def access_of(reply):
    return Secret(reply.json()["access_token"])


def refresh_token_of(reply):
    return Secret(reply.json()["refresh_token"])


def new_access(fake, scopes=None):
    """An access token with some scopes, the usual way."""
    return access_of(refresh(fake, fake.issue_refresh_token(scopes)))


def call(fake, path, access_token, method="GET", *, value=None, accept=None, **more):
    """A call of the API; `path` is below the project."""
    authorization = f"Zoho-oauthtoken {access_token.reveal()}"
    headers = [("Authorization", more.get("authorization", authorization))]
    if accept:
        headers.append(("Accept", accept))
    project_id = more.get("project_id", fake.project_id)
    return fake.send(
        HttpRequest(
            method=method,
            url=f"{fake.client.data_center.api_url}/baas/v1/project/{project_id}{path}",
            headers=tuple(headers),
            body=b"" if value is None else json.dumps(value).encode(),
        )
    )


def data(reply):
    """What a successful reply wraps."""
    answer = reply.json()
    assert (reply.status, answer["status"]) == (200, "success")
    return answer["data"]


def error_code(reply):
    """What went wrong, in the API's words."""
    answer = reply.json()
    assert answer["status"] == "failure"
    return answer["data"]["error_code"]


def works(fake, access_token):
    """Whether the API lets an access token in."""
    reply = call(fake, "/table/Guests/row", access_token)
    assert reply.status == 200 or error_code(reply) == "INVALID_TOKEN"
    return reply.status == 200


def without_tokens(reply):
    """The body as text, each token replaced by the word."""
    return _TOKEN.sub("TOKEN", reply.body.decode())
