"""Headers of `requests` that do not show the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from requests.structures import CaseInsensitiveDict

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Self

_HIDDEN = frozenset({"authorization", "proxy-authorization", "cookie"})


@final
class QuietHeaders(CaseInsensitiveDict[Any]):
    """As in `requests`, but what is secret is not rendered.

    The values themselves are plain strings, which every library can write.
    """

    def copy(self) -> Self:
        """Return a copy that is as quiet."""
        return type(self)(self)

    def __repr__(self) -> str:
        shown = {k: "•••" if k.lower() in _HIDDEN else v for k, v in self.items()}
        return repr(shown)


def with_token(
    headers: MutableMapping[str, Any], value: str
) -> MutableMapping[str, Any]:
    """Return `headers` with this `Authorization`; quiet, if they are of `requests`."""
    if isinstance(headers, CaseInsensitiveDict):
        headers = QuietHeaders(headers)
    headers["Authorization"] = value
    return headers
