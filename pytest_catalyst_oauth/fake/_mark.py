"""Going back to what there was, where something is done whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    Back: TypeAlias = Callable[[], None]


def marked(*holders: dict[Any, Any] | list[Any]) -> Back:
    """Return what makes dictionaries and lists hold again what they hold now."""
    kept = [(one, one.copy()) for one in holders]

    def back() -> None:
        for one, before in kept:
            one.clear()
            if isinstance(one, dict):
                one.update(before)
            else:
                one.extend(before)

    return back
