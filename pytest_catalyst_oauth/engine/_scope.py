"""Scopes: names, sets of names, and what one grants."""

from __future__ import annotations

from functools import lru_cache, total_ordering
from typing import TYPE_CHECKING, final

from ._value import Value
from .errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OPENID = frozenset({"openid", "email", "profile"})


def _is_name(text: str) -> bool:
    """Tell whether it is Service.resource[.sub].OPERATION, or a bare OpenID name."""
    if text.lower() in _OPENID:
        return True
    return "." in text and text.isascii() and all(map(_is_word, text.split(".")))


def _is_word(text: str) -> bool:
    return text[:1].isalpha() and text.replace("-", "_").isidentifier()


def _names(text: str) -> list[str]:
    return text.replace(",", " ").split()


@final
@total_ordering
class Scope(Value, kw_only=False):
    """One scope, for example `ZohoCatalyst.tables.rows.READ`.

    Compares without regard to case, as Zoho does, and keeps the spelling.

    Args:
        name: `Service.resource[.sub].OPERATION`.

    Raises:
        SettingsError: `name` does not have that form.

    Source: zoho-protocol.md 9.
    """

    name: str

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise SettingsError(
                f"scope {self.name!r}",
                "is malformed: expected Service.resource.OPERATION",
                "for example ZohoCatalyst.tables.rows.READ; "
                "separate scopes by commas or spaces",
            )

    @property
    def resource(self) -> str:
        """The name without its operation, in lower case."""
        return self.name.lower().rpartition(".")[0]

    @property
    def operation(self) -> str:
        """The last part, in lower case."""
        return self.name.lower().rpartition(".")[2]

    def grants(self, needed: Scope) -> bool:
        """Tell whether this scope is enough for `needed`.

        `.ALL` holds every operation of its own resource and of no other.
        """
        if self == needed:
            return True
        return self.operation == "all" and self.resource == needed.resource

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scope):
            return NotImplemented
        return self.name.lower() == other.name.lower()

    def __lt__(self, other: Scope) -> bool:
        return self.name.lower() < other.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())

    def __str__(self) -> str:
        return self.name


@final
class ScopeSet(Value, kw_only=False):
    """An unordered set of scopes.

    Attributes:
        scopes: The members. Spellings that differ only in case are one member.
    """

    scopes: frozenset[Scope] = frozenset()

    @classmethod
    def parse(cls, text: str | Iterable[str | Scope]) -> ScopeSet:
        """Read scopes split by commas, spaces or both, or given one by one.

        Zoho writes commas in requests and spaces in replies.

        Raises:
            SettingsError: A name is malformed.
        """
        parts = [text] if isinstance(text, str) else [str(part) for part in text]
        names = (name for part in parts for name in _names(part))
        return cls(frozenset(Scope(name) for name in names))

    @classmethod
    def read(cls, text: object) -> ScopeSet:
        """Read what a server said, leaving out names that are none.

        Replies without `scope` exist; then the set is empty, meaning "not said".
        """
        return _read(text) if isinstance(text, str) else cls()

    def grants(self, needed: Scope) -> bool:
        """Tell whether some member is enough for `needed`."""
        return any(scope.grants(needed) for scope in self.scopes)

    def reduced(self) -> ScopeSet:
        """Return the smallest set that grants the same."""
        return ScopeSet(
            frozenset(
                scope
                for scope in self.scopes
                if not any(one != scope and one.grants(scope) for one in self.scopes)
            )
        )

    def for_request(self) -> str:
        """Return the members sorted and joined by commas."""
        return ",".join(map(str, self))

    def __iter__(self) -> Iterator[Scope]:
        return iter(sorted(self.scopes))

    def __len__(self) -> int:
        return len(self.scopes)

    def __contains__(self, scope: object) -> bool:
        return scope in self.scopes

    def __or__(self, other: ScopeSet) -> ScopeSet:
        return ScopeSet(self.scopes | other.scopes)

    def __repr__(self) -> str:
        return f"ScopeSet.parse({str(self)!r})"

    def __str__(self) -> str:
        """Return the members sorted and joined by spaces, as replies have them."""
        return " ".join(map(str, self))


@lru_cache(maxsize=64)  # a server says the same with each token
def _read(text: str) -> ScopeSet:
    names = filter(_is_name, _names(text))
    return ScopeSet(frozenset(Scope(name) for name in names))
