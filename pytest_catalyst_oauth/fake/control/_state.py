"""What there is in a fake now, without anything secret."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.engine._exchange import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_catalyst_oauth.engine import Exchange, Secret

    from ._inside import Inside


def state_of(inside: Inside) -> dict[str, Any]:
    """Return plain values, as JSON has them."""
    fake = inside.fake
    with inside.lock:
        return {
            "now": written(fake.clock()),
            "data_center": fake.settings.data_center.location,
            "profile": fake.settings.profile,
            "project_id": fake.project_id,
            "clients": list(_clients(inside)),
            "users": list(_users(inside)),
            "tokens": [*_refresh_tokens(inside), *_access_tokens(inside)],
            "devices": list(_devices(inside)),
            "tables": {one.name: len(one.rows) for one in inside.project.tables},
            "faults": inside.faults.waiting,
            "slow": inside.faults.delays,
        }


def told(number: int, exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as JSON has it."""
    return {
        "number": number,
        "at": exchange.at.isoformat(),
        "method": exchange.method,
        "path": exchange.path,
        "parameters": [list(pair) for pair in exchange.parameters],
        "status": exchange.status,
        "outcome": exchange.outcome,
        "presented": exchange.presented,
    }


def token_of(inside: Inside, mark: str) -> Secret | None:
    """Return the token of a fingerprint; None if none works."""
    vault = inside.world.home
    with inside.lock:
        tokens = (*vault.consents, *vault.accesses)
    return next((one for one in tokens if fingerprint(one) == mark), None)


def written(at: float) -> str:
    """Return a moment as text, UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _clients(inside: Inside) -> Iterator[dict[str, Any]]:
    for client in inside.world.home.clients.values():
        yield {
            "client_id": client.client_id,
            "kind": client.kind.value,
            "redirect_uri": client.redirect_uri,
        }


def _users(inside: Inside) -> Iterator[dict[str, Any]]:
    people = inside.world.people
    for user in people.users:
        yield {
            "zuid": user.zuid,
            "display_name": user.display_name,
            "email": user.email,
            "location": user.location,
            "is_signed_in": user == people.present,
        }


def _refresh_tokens(inside: Inside) -> Iterator[dict[str, Any]]:
    for secret, consent in inside.world.home.consents.items():
        yield {
            "kind": "refresh",
            "fingerprint": fingerprint(secret),
            "client_id": consent.client_id,
            "user": consent.user.email if consent.user else None,
            "scopes": [scope.name for scope in consent.scope],
            "seconds_left": None,
        }


def _access_tokens(inside: Inside) -> Iterator[dict[str, Any]]:
    now = inside.fake.clock()
    for secret, access in inside.world.home.accesses.items():
        if now < access.ends_at:
            yield {
                "kind": "access",
                "fingerprint": fingerprint(secret),
                "client_id": access.consent.client_id,
                "user": access.consent.user.email if access.consent.user else None,
                "scopes": [scope.name for scope in access.scope],
                "seconds_left": round(access.ends_at - now, 1),
            }


def _devices(inside: Inside) -> Iterator[dict[str, Any]]:
    now = inside.fake.clock()
    for login in inside.world.people.devices.values():
        if now < login.ends_at:
            answer = "denied" if login.is_denied else "approved"
            yield {
                "user_code": login.user_code,
                "client_id": login.client.client_id,
                "scopes": [scope.name for scope in login.scope],
                "answer": None if login.is_open else answer,
                "seconds_left": round(login.ends_at - now, 1),
            }
