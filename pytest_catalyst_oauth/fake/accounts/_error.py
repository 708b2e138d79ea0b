"""How Zoho Accounts says no."""

from __future__ import annotations

from typing import final


@final
class AccountsError(Exception):
    """A request that is refused; it ends one call.

    Args:
        error: Zoho's own word, for example `invalid_code`.
        standard: The word of RFC 6749 and its family, for the profile `strict`.
        status: HTTP status in the profile `strict`; Zoho answers 200.
        description: For people; shown in the profile `strict` only.
    """

    def __init__(
        self,
        error: str,
        standard: str = "invalid_request",
        *,
        status: int = 400,
        description: str = "",
    ) -> None:
        super().__init__(error, standard)
        self.error = error
        self.standard = standard
        self.status = status
        self.description = description


@final
class NotInstalledError(Exception):
    """An answer needs a library that is not there.

    Args:
        library: Its name.
        extra: What of this package brings it.
    """

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(
            f"This fake cannot answer without {library}. "
            f"Install it: pip install 'pytest-catalyst-oauth[{extra}]'"
        )
