"""The fake inside httpx, for clients of both kinds."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import httpx
import pytest

from pytest_catalyst_oauth.engine import FORM
from tests.fake.asking import new_access, token_request


def form(fake):
    return token_request(
        fake.client, grant_type="refresh_token", refresh_token=fake.refresh_token
    ).body.decode()


def test_a_client_gets_a_token_and_uses_it(fake):
    """With nothing patched, and no socket."""
    headers = {"Content-Type": FORM}
    with httpx.Client(transport=fake.httpx_transport()) as client:
        reply = client.post(fake.client.token_url, content=form(fake), headers=headers)
        token = reply.json()["access_token"]
        base = f"{fake.client.data_center.api_url}/baas/v1/project/{fake.project_id}"
        rows = client.get(
            f"{base}/table/Guests/row",
            headers={"Authorization": f"Zoho-oauthtoken {token}"},
        )

    assert [row["Name"] for row in rows.json()["data"]] == ["Ada", "Grace"]
    assert len(reply.headers.get_list("Set-Cookie")) == 3
    assert [one.status for one in fake.journal] == [200, 200]


def test_an_asynchronous_client_is_served_as_well(fake):
    """By the same transport; a slow answer holds up no other task."""
    fake.fail("token", fault="latency", seconds=0.05)
    answered = []

    async def ask(client, name):
        await client.post(
            fake.client.token_url, content=form(fake), headers={"Content-Type": FORM}
        )
        answered.append(name)

    async def both():
        async with httpx.AsyncClient(transport=fake.httpx_transport()) as client:
            await asyncio.gather(ask(client, "slow"), ask(client, "quick"))

    asyncio.run(both())

    assert answered == ["quick", "slow"]


def test_other_hosts_are_refused_by_name(fake):
    """The error says what to do, and nothing that may be secret."""
    with (
        httpx.Client(transport=fake.httpx_transport()) as client,
        pytest.raises(httpx.ConnectError) as caught,
    ):
        client.get("https://elsewhere.example/?code=invented")

    assert str(caught.value).startswith("GET https://elsewhere.example is not faked; ")
    assert "invented" not in str(caught.value)
    assert not fake.journal


def test_it_can_be_mounted_on_some_hosts(fake):
    """Beside another transport for the rest."""

    def mine(request):
        return httpx.Response(204)

    mounts = {"all://accounts.zoho.com": fake.httpx_transport()}
    with httpx.Client(transport=httpx.MockTransport(mine), mounts=mounts) as client:
        assert client.get("https://elsewhere.example/").status_code == 204
        assert client.get(fake.client.token_url).status_code == 405


def test_a_closed_client_leaves_the_fake_alone(fake):
    """It can be plugged into the next one."""
    transport = fake.httpx_transport()

    for _ in range(2):
        with httpx.Client(transport=transport) as client:
            assert client.get(fake.client.token_url).status_code == 405
    assert new_access(fake)


def test_httpx_is_imported_when_it_is_used():
    """Who does not use it does not need it."""
    program = (
        "import sys; from pytest_catalyst_oauth.fake import FakeCatalyst;"
        "FakeCatalyst(); print('httpx' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"
