"""Plain httpx, which knows Zoho's own addresses and nothing of a fake."""

from __future__ import annotations

import asyncio
import os

import httpx
import pytest

TOKEN = "https://accounts.zoho.com/oauth/v2/token"


@pytest.fixture
def server(fake_by_proxy, monkeypatch):
    """A server that this process knows by its environment alone."""
    for name in ("ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in fake_by_proxy.env.items():
        monkeypatch.setenv(name, value)
    return fake_by_proxy


def form():
    """What a program reads from its environment, too."""
    return {
        "grant_type": "refresh_token",
        **{
            name: os.environ[f"CATALYST_OAUTH_{name.upper()}"]
            for name in ("client_id", "client_secret", "refresh_token")
        },
    }


def rows_url():
    project = os.environ["CATALYST_OAUTH_PROJECT_ID"]
    return f"https://api.catalyst.zoho.com/baas/v1/project/{project}/table/Guests/row"


def signed(reply):
    return {"Authorization": f"Zoho-oauthtoken {reply.json()['access_token']}"}


def names(reply):
    return [row["Name"] for row in reply.json()["data"]]


def test_a_client_refreshes_and_calls(server):
    """By a tunnel for each host, each with a certificate in that host's name."""
    with httpx.Client() as client:
        headers = signed(client.post(TOKEN, data=form()))
        replies = [client.get(rows_url(), headers=headers) for _ in range(2)]

    assert [names(one) for one in replies] == [["Ada", "Grace"]] * 2
    assert [one.origin for one in server.fake.journal] == [
        "https://accounts.zoho.com",
        *["https://api.catalyst.zoho.com"] * 2,
    ]


def test_an_asynchronous_client_calls_many_times_at_once(server):
    """Twenty tunnels stand side by side; no answer is lost or mixed up."""
    statements = [
        f"SELECT COUNT(ROWID) FROM Guests WHERE Seats > {n}" for n in range(20)
    ]

    async def asked():
        async with httpx.AsyncClient() as client:
            headers = signed(await client.post(TOKEN, data=form()))
            url = rows_url().replace("/table/Guests/row", "/query")
            replies = await asyncio.gather(
                *(
                    client.post(url, headers=headers, json={"query": one})
                    for one in statements
                )
            )
            return [reply.json()["data"][0]["Guests"] for reply in replies]

    counts = [one["COUNT(ROWID)"] for one in asyncio.run(asked())]

    assert len(set(counts)) > 1
    assert counts == sorted(counts, reverse=True)
    server.fake.journal.expect(token_requests=1, exchanges=21)


def test_another_data_centre_does_not_know_the_client(server):
    """As in reality, the answer is 200, so `raise_for_status` raises nothing."""
    with httpx.Client() as client:
        abroad = client.post(TOKEN.replace(".com/", ".eu/"), data=form())

    assert abroad.raise_for_status().json() == {"error": "invalid_client"}
    (asked,) = server.fake.journal
    assert asked.origin == "https://accounts.zoho.eu"


def test_no_other_host_is_reached(server):
    """Neither client gets past the proxy, and both are told which host it was."""
    refusal = pytest.raises(httpx.ProxyError, match=r"example\.com is not faked")

    async def get():
        async with httpx.AsyncClient() as client:
            await client.get("https://example.com/")

    with httpx.Client() as client, refusal:
        client.get("https://example.com/")
    with refusal:
        asyncio.run(get())
    assert not server.fake.journal


def test_who_does_not_trust_the_fake_sends_it_nothing(server, monkeypatch):
    """Without the file of the environment the handshake fails, before any secret."""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name)

    with (
        httpx.Client() as client,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.post(TOKEN, data=form())
    assert not server.fake.journal
