"""Other clients, each with a token in memory, by their public interfaces."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._stage import Stage

    # Takes the server and the seconds that the token shall live, negative for one that
    # has ended; returns what gets a token or a header.
    Build = Callable[[Stage, float], Callable[[], object]]

_URL = "https://api.catalyst.zoho.com/baas/v1/project"


@dataclass(frozen=True, slots=True)
class Peer:
    """A client to compare with.

    Attributes:
        name: Of the client, and of what is called.
        distribution: As in a package index.
        build: Makes one.
    """

    name: str
    distribution: str
    build: Build

    @property
    def version(self) -> str | None:
        """What is installed, or None."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None


class _Parcel:
    """As much of a request as an `auth` of `requests` looks at."""

    def __init__(self) -> None:
        self.method, self.url = "GET", _URL
        self.headers: dict[str, str] = {}
        self.body = None


def google(stage: Stage, life: float) -> Any:
    """Return credentials of google-auth, with a transport of `requests`."""
    from google.oauth2.credentials import Credentials

    return Credentials(
        "invented-access",
        token_uri=stage.token_url,
        expiry=datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=life),
        **{name: text for name, text in stage.form.items() if name != "grant_type"},
    )


def _before_request(stage: Stage, life: float) -> Callable[[], object]:
    from google.auth.transport.requests import Request

    held, carry = google(stage, life), Request()
    return lambda: held.before_request(carry, "GET", _URL, {})


def _apply(stage: Stage, life: float) -> Callable[[], object]:
    held = google(stage, life)
    return lambda: held.apply({})


def msal_answer(life: float) -> dict[str, Any]:
    """Return a token answer in the shape that msal expects of Microsoft."""
    who = base64.urlsafe_b64encode(b'{"uid": "fake", "utid": "fake"}').decode()
    return {
        "token_type": "Bearer",
        "access_token": "invented-access",
        "refresh_token": "invented-refresh",
        "expires_in": int(life),
        "client_info": who.rstrip("="),
    }


class _Answer:
    def __init__(self, answer: dict[str, Any]) -> None:
        self.status_code = 200
        self.headers: dict[str, str] = {}
        self.text = json.dumps(answer)

    def raise_for_status(self) -> None:
        pass


class _Microsoft:
    """A transport for msal: asks our server, and words its answer as Microsoft's."""

    def __init__(self, stage: Stage, life: float) -> None:
        self._stage = stage
        self._life: float | None = life

    def post(self, _: str, **__: Any) -> _Answer:
        import requests

        life, self._life = self._life, None
        if life is None:
            requests.post(self._stage.token_url, data=self._stage.form, timeout=30)
        return _Answer(msal_answer(3600.0 if life is None else life))

    def get(self, url: str, **_: Any) -> _Answer:
        base = url.partition("/.well-known")[0].partition("/v2.0")[0]
        names = ("authorization", "token", "device_authorization")
        found = {f"{name}_endpoint": f"{base}/{name}" for name in names}
        return _Answer({"issuer": base, **found})

    def close(self) -> None:
        pass


def _msal(stage: Stage, life: float) -> Callable[[], object]:
    import msal

    app = msal.ConfidentialClientApplication(
        "invented",
        client_credential="invented",
        authority="https://login.microsoftonline.com/common",
        instance_discovery=False,
        http_client=_Microsoft(stage, max(life, 1.0)),
    )
    app.acquire_token_by_refresh_token("invented-refresh", ["invented"])
    account = app.get_accounts()[0]
    return lambda: app.acquire_token_silent(["invented"], account=account)


def _botocore_token(stage: Stage, life: float) -> Callable[[], object]:
    from botocore.tokens import DeferredRefreshableToken, FrozenAuthToken

    def renew() -> Any:
        if life <= 0:
            _post(stage)
        end = datetime.now(UTC) + timedelta(hours=1)
        return FrozenAuthToken("invented-access", expiration=end)

    held = DeferredRefreshableToken("invented", renew)
    if life > 0:
        held.get_frozen_token()
    return lambda: held.get_frozen_token().token


def _botocore_credentials(stage: Stage, life: float) -> Callable[[], object]:
    from botocore.credentials import RefreshableCredentials

    def renew() -> dict[str, str]:
        _post(stage)
        end = datetime.now(UTC) + timedelta(hours=1)
        names = ("access_key", "secret_key", "token")
        return dict.fromkeys(names, "invented") | {"expiry_time": end.isoformat()}

    held = RefreshableCredentials(
        *("invented", "invented", "invented"),
        datetime.now(UTC) + timedelta(seconds=life),
        renew,
        "invented",
    )
    return held.get_frozen_credentials


def _post(stage: Stage) -> None:
    import requests

    requests.post(stage.token_url, data=stage.form, timeout=30).raise_for_status()


def _token(stage: Stage, life: float) -> dict[str, Any]:
    return {
        "access_token": "invented-access",
        "token_type": "Bearer",
        "refresh_token": stage.form["refresh_token"],
        "expires_in": int(life),
        "expires_at": int(time.time() + life),
    }


def _authlib(stage: Stage, life: float) -> Callable[[], object]:
    from authlib.integrations.requests_client import OAuth2Session

    session = OAuth2Session(
        stage.form["client_id"],
        stage.form["client_secret"],
        token_endpoint=stage.token_url,
        token_endpoint_auth_method="client_secret_post",
        token=_token(stage, life),
    )
    return lambda: session.token_auth(_Parcel())


def _requests_oauthlib(stage: Stage, life: float) -> Callable[[], object]:
    from requests_oauthlib import OAuth2, OAuth2Session

    client_id, token = stage.form["client_id"], _token(stage, life)
    if life > 0:
        auth = OAuth2(client_id, token=token)
        return lambda: auth(_Parcel())
    names = ("client_id", "client_secret")
    session = OAuth2Session(
        client_id,
        token=token,
        auto_refresh_url=stage.token_url,
        auto_refresh_kwargs={name: stage.form[name] for name in names},
        token_updater=lambda _: None,
    )
    # Only its requests renew, so each caller makes one to the API too.
    return lambda: session.get(stage.server.api_url, timeout=30)


def _zcatalyst(stage: Stage, life: float) -> Callable[[], object]:
    from zcatalyst_sdk.credentials import RefreshTokenCredential

    names = ("client_id", "client_secret", "refresh_token")
    held = RefreshTokenCredential({name: stage.form[name] for name in names})
    if life > 0:
        held.token()
    return held.token


PEERS = (
    Peer("google-auth before_request", "google-auth", _before_request),
    Peer("msal acquire_token_silent", "msal", _msal),
    Peer("botocore get_frozen_token", "botocore", _botocore_token),
    Peer("botocore get_frozen_credentials", "botocore", _botocore_credentials),
    Peer("authlib token_auth", "authlib", _authlib),
    Peer("requests-oauthlib", "requests-oauthlib", _requests_oauthlib),
    Peer("zcatalyst-sdk token", "zcatalyst-sdk", _zcatalyst),
)
# It only writes a header: it does not look whether the token has ended.
BLIND = (Peer("google-auth apply (checks nothing)", "google-auth", _apply),)
