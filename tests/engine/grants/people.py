"""Clients of each kind, and what else their logins are made of."""

from __future__ import annotations

from pytest_catalyst_oauth.engine import Client, DataCenter, ScopeSet, Secret

EU = DataCenter.parse("eu")
US = DataCenter.parse("us")
STAND_IN = DataCenter(
    location="us",
    accounts_url="http://127.0.0.1:8025",
    api_url="http://127.0.0.1:8026",
)
SECRET = "invented-client-secret"
CALLBACK = "http://127.0.0.1:8765/callback"
# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
SCOPES = ScopeSet.parse("ZohoCatalyst.tables.rows.READ ZohoCatalyst.cache.READ")


def client(kind: str = "server", data_center: DataCenter = US, **more: str) -> Client:
    return Client(
        client_id="1000.INVENTEDCLIENT",
        client_secret=Secret(SECRET),
        kind=kind,
        data_center=data_center,
        **({"redirect_uri": CALLBACK} if kind in ("server", "mobile") else {}),
        **more,
    )
