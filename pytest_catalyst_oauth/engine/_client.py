"""A client as registered in the API console."""

from __future__ import annotations

from enum import StrEnum
from typing import final

from ._data_center import DataCenter
from ._secret import Secret
from ._value import Value
from .errors import SettingsError

_HEXADECIMAL = frozenset("0123456789abcdef")


class ClientKind(StrEnum):
    """What the API console calls the client's type.

    Source: zoho-protocol.md 2.1.
    """

    SERVER = "server"
    SELF = "self"
    DEVICE = "device"
    MOBILE = "mobile"
    JAVASCRIPT = "javascript"


@final
class Client(Value):
    """A registered client. It knows where its data centre's endpoints are.

    Attributes:
        client_id: From the API console; not a secret.
        client_secret: From the API console; None only for `javascript` clients.
        kind: The type it is registered as.
        redirect_uri: Exactly as registered; None for self clients and devices.
        data_center: Where the client and its users live.

    Raises:
        SettingsError: The id or the secret is missing.
    """

    client_id: str
    client_secret: Secret | None = None
    kind: ClientKind = ClientKind.SELF
    redirect_uri: str | None = None
    data_center: DataCenter

    def __post_init__(self) -> None:
        _check_types(self.client_id, self.client_secret, self.data_center)
        if not self.client_id.strip():
            raise SettingsError(
                "client id", "is missing", "copy it from https://api-console.zoho.com"
            )
        object.__setattr__(self, "kind", _kind(self.kind))
        if self.client_secret is None and self.kind is not ClientKind.JAVASCRIPT:
            raise SettingsError(
                f"client secret of {self.client_id}",
                f"is missing, but a client of kind {self.kind.value!r} needs one",
                "copy it from the tab 'Client Secret' of the API console",
            )

    @property
    def token_url(self) -> str:
        """The token endpoint. Source: RFC 6749, section 3.2."""
        return f"{self.data_center.accounts_url}/oauth/v2/token"

    @property
    def revocation_url(self) -> str:
        """The revocation endpoint. Source: RFC 7009, section 2."""
        return f"{self.data_center.accounts_url}/oauth/v2/token/revoke"

    @property
    def authorization_url(self) -> str:
        """The authorization endpoint. Source: RFC 6749, section 3.1."""
        return f"{self.data_center.accounts_url}/oauth/v2/auth"


def _check_types(client_id: object, client_secret: object, center: object) -> None:
    """Refuse what would be shown in clear, or sent where it does not belong."""
    if not isinstance(client_id, str):
        raise SettingsError("client id", "is not a text", "give it as it is registered")
    if _is_like_a_secret(client_id.strip()):
        raise SettingsError(
            "client id",
            "looks like a client secret",
            "look whether id and secret are swapped",
        )
    if client_secret is not None and not isinstance(client_secret, Secret):
        raise SettingsError("client secret", "is not a Secret", "wrap it: Secret(text)")
    if not isinstance(center, DataCenter):
        raise SettingsError(
            "data centre", "is not a DataCenter", "write DataCenter.parse('eu')"
        )


def _is_like_a_secret(text: str) -> bool:
    # 42 hexadecimal digits, as in zoho-protocol.md 2.1; no id has that form.
    return len(text) >= 40 and _HEXADECIMAL.issuperset(text)


def _kind(value: str) -> ClientKind:
    try:
        return ClientKind(value)
    except ValueError:
        kinds = ", ".join(ClientKind)
        raise SettingsError(
            f"client kind {value!r}", "is unknown", f"choose one of {kinds}"
        ) from None
