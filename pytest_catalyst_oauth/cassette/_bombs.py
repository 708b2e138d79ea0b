"""What must not be loaded: YAML that grows, or that runs code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._exchange import RecordedExchange

# Octets that the exchanges of a cassette may stand for. An alias repeats in a few
# characters what may be as large as the file.
LARGEST = 200_000_000
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What VCR.py wrote for requests whose bodies were no plain text; all are harmless.
_PYTHON = "tag:yaml.org,2002:python/"
_HARMLESS = frozenset(
    _PYTHON + name
    for name in "str unicode tuple object/new:_io.BytesIO object/apply:builtins.iter "
    "bytes".split()
)


class BombError(ValueError):
    """A text is not loaded; the message says why and, if known, in which line."""


def refuse_bombs(text: str) -> None:
    """Refuse what grows or runs code while it is loaded.

    Merge keys can double a mapping in each line, and no recorder writes them.

    Raises:
        BombError: There is a merge key, or a tag of unknown Python objects.
        yaml.YAMLError: It is not YAML.
    """
    if "<<" not in text and "python/" not in text:
        return
    for event in yaml.parse(text, Loader=_Loader):
        tag = getattr(event, "tag", None) or ""
        if tag.startswith(_PYTHON) and tag not in _HARMLESS:
            raise BombError(f"has a tag that could run code{_line(event)}")
        if isinstance(event, yaml.ScalarEvent) and _is_merge(event):
            raise BombError(f"has a merge key, as no cassette has{_line(event)}")


def bounded(exchanges: Iterable[RecordedExchange]) -> Iterator[RecordedExchange]:
    """Yield exchanges, as long as all of them together are of a size.

    Raises:
        BombError: They are not.
    """
    total = 0
    for one in exchanges:
        total += len(one.request.body) + len(one.reply.body) + len(one.request.url)
        total += sum(len(name) + len(v) for m in one for name, v in m.headers)
        if total > LARGEST:
            raise BombError("stands for far more than its size: an alias repeats much")
        yield one


def _is_merge(event: yaml.ScalarEvent) -> bool:
    is_plain = event.tag is None and not event.style and event.value == "<<"
    return is_plain or event.tag == "tag:yaml.org,2002:merge"


def _line(event: Any) -> str:
    mark = event.start_mark
    return f" (line {mark.line + 1})" if mark is not None else ""
