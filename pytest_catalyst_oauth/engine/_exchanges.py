"""Several exchanges: to be narrowed, counted and listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, final

from ._exchange import Exchange, fingerprint
from ._server_words import quotable_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._secret import Secret

# More lines tell nobody more.
_MOST_LISTED = 50


class Narrowed(Iterable[Exchange]):
    """What a list of exchanges and a journal have in common."""

    __slots__ = ()

    def matching(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        grant_type: str | None = None,
        status: int | None = None,
        outcome: str | None = None,
        presented: Secret | None = None,
    ) -> Exchanges:
        """Return those for which all that is given holds.

        Args:
            method: The verb.
            path: The whole path.
            grant_type: As the request wrote it.
            status: Of the answer.
            outcome: Some of the words that say what came of it.
            presented: The code, refresh token or token that the request carried.
        """
        mark = fingerprint(presented) if presented is not None else None
        wanted = {
            "method": method,
            "path": None if path is None else quotable_path(path),
            "grant_type": grant_type,
            "status": status,
            "presented": mark,
        }
        given = [(name, value) for name, value in wanted.items() if value is not None]
        return Exchanges(
            one
            for one in self
            if all(getattr(one, name) == value for name, value in given)
            and (outcome or "") in one.outcome
        )


@final
class Exchanges(tuple[Exchange, ...], Narrowed):
    """Some exchanges in order. Its text is a numbered list."""

    __slots__ = ()

    def expect(self, times: int) -> None:
        """Demand that there are so many.

        Raises:
            AssertionError: There are not; it lists them.
        """
        __tracebackhide__ = True
        if len(self) != times:
            raise AssertionError(f"expected {counted(times)}, saw {self}")

    def __str__(self) -> str:
        if not self:
            return "no exchanges"
        first = max(0, len(self) - _MOST_LISTED)
        lines = [f"{n:>3}. {one}" for n, one in enumerate(self[first:], first + 1)]
        left_out = [f"  ... {counted(first)} before"] if first else []
        return "\n".join([f"{counted(len(self))}:", *left_out, *lines])

    __repr__ = __str__


def reuses(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Yield those that presented again what must not work twice."""
    spent: set[str] = set()
    for one in exchanges:
        if one.is_token_request and one.presented in spent:
            yield one
        if one.spends and one.presented:
            spent.add(one.presented)


def counted(number: int, kind: str = "exchanges") -> str:
    """Return a number and its noun."""
    words = kind.replace("_", " ")
    return f"{number} {words.removesuffix('s') if number == 1 else words}"
