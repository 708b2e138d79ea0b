"""What must not be loaded: a text that grows."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._exchange import RecordedExchange

# Octets that the exchanges of a cassette may stand for. An alias repeats in a few
# characters what may be as large as the file.
LARGEST = 200_000_000


class BombError(ValueError):
    """A text is not loaded; the message says why and, if known, in which line."""


def bounded(exchanges: Iterable[RecordedExchange]) -> Iterator[RecordedExchange]:
    """Yield exchanges, as long as all of them together are of a size.

    Raises:
        BombError: They are not.
    """
    total = 0
    for one in exchanges:
        total += len(one.request.body) + len(one.reply.body) + len(one.request.url)
        for message in one:
            total += sum(map(len, chain.from_iterable(message.headers)))
        if total > LARGEST:
            raise BombError("stands for far more than its size: an alias repeats much")
        yield one
