"""The people who consent."""

from __future__ import annotations

from typing import final

from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.engine.errors import SettingsError


@final
class User(Value):
    """A person with an account.

    Attributes:
        zuid: The account's number.
        first_name: As in the profile.
        last_name: Likewise.
        email: What the person signs in with; case does not matter.
        display_name: Empty for first and last name.
        location: Short name of the data centre where the account is.

    Raises:
        SettingsError: The address is none.

    Source: zoho-protocol.md 6.3 and 8.
    """

    zuid: int
    first_name: str
    last_name: str
    email: str
    display_name: str = ""
    location: str = "us"

    def __post_init__(self) -> None:
        if "@" not in self.email:
            raise SettingsError(
                f"email {self.email!r}", "is no address", "for example ada@example.com"
            )
        if not self.display_name:
            name = f"{self.first_name} {self.last_name}".strip()
            object.__setattr__(self, "display_name", name)
