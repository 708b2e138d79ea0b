"""The device flow's driver: show the code, wait, ask, until somebody has decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import grants
from pytest_catalyst_oauth.engine.errors import TransportError

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, ScopeSet, Transport

    from ._world import World


def start(
    client: Client, scopes: ScopeSet, transport: Transport, world: World
) -> grants.DevicePolling:
    """Ask for the codes of a login.

    Raises:
        OAuthError: Nobody answered, or the server said no.
    """
    asked_at = world.clock()
    reply = transport.send(grants.device_code_request(client, scopes))
    device = grants.read_device_code(reply, asked_at=asked_at, home=client.data_center)
    return grants.DevicePolling.start(client, device, now=world.clock())


def follow(
    polling: grants.DevicePolling, transport: Transport, world: World
) -> tuple[grants.DeviceLogin, float]:
    """Ask until a person has confirmed; return the login, and when it was asked for.

    Raises:
        OAuthError: The person refused, did not decide in time, or nobody answers.
    """
    while True:
        pause = polling.wait_until - world.clock()
        if pause > 0:
            world.sleep(pause)
        asked_at = world.clock()
        try:
            reply = transport.send(polling.request())
        except TransportError as error:
            polling = polling.retry(error, now=world.clock())
            continue
        outcome = polling.read(reply, asked_at=asked_at, now=world.clock())
        if isinstance(outcome, grants.DeviceLogin):
            return outcome, asked_at
        polling = outcome
