"""Variables that say whose tokens are fetched, and from whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "CATALYST_OAUTH_"
VARIABLE_KEYS = (
    "client_id",
    "client_secret",
    "refresh_token",
    "code",
    "redirect_uri",
    "data_center",
    "accounts_url",
    "api_url",
    "project_id",
    "store",
    "source",
    "scopes",
)
SECRET_KEYS = frozenset({"client_secret", "refresh_token", "code"})


@final
@dataclass(frozen=True, slots=True)
class Found:
    """A value, and where it was found.

    Attributes:
        value: A `Secret` for the keys in `SECRET_KEYS`.
        origin: In words; the name of a variable, for example.
    """

    value: str | Secret
    origin: str


def read_variables(
    given: Mapping[str, str], profile: str, *, where: str = ""
) -> dict[str, Found]:
    """Return the keys that variables set; an empty one counts as not set.

    `CATALYST_OAUTH_CLIENT_ID` and so on; a profile `admin` reads
    `CATALYST_OAUTH_ADMIN_CLIENT_ID` first.

    Args:
        given: The environment, or what a file holds in its place.
        profile: Whose.
        where: Follows the variable's name in the origin.
    """
    own = "" if profile == "default" else f"{profile.upper().replace('-', '_')}_"
    found: dict[str, Found] = {}
    for key in VARIABLE_KEYS:
        for name in (PREFIX + own + key.upper(), PREFIX + key.upper()):
            value = given.get(name)
            if value:
                kept = Secret(value) if key in SECRET_KEYS else value
                found[key] = Found(kept, name + where)
                break
    return found
