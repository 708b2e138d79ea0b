"""Reading YAML quickly, as far as cassettes need it.

Most of the time of `yaml.load` goes into finding out what each scalar means. In a
cassette that is known: all are texts, but for binary bodies and what is left empty.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_NULLS = frozenset(["", "~", "null", "Null", "NULL"])


class OtherTagError(ValueError):
    """A value is neither text nor binary, and says so."""


def read(text: str) -> Any:
    """Return mappings, lists, texts, bytes and None; numbers are left as texts.

    Raises:
        OtherTagError: A tag is of another kind, or a key is no text.
        yaml.YAMLError: It is not YAML, or more than one document.
        ValueError: Binary content is not base64.
    """
    loader = _Loader(text)
    try:
        return _Reader(loader).document()
    finally:
        loader.dispose()


class _Reader:
    def __init__(self, loader: Any) -> None:
        self._next = loader.get_event
        self._anchors: dict[str, Any] = {}

    def document(self) -> Any:
        self._next()  # of the stream
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        found = self._value(self._next())
        self._next()  # the document's end
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise yaml.YAMLError("more than one document")
        return found

    def _value(self, event: Any) -> Any:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            found = event.value
            if event.tag is not None or event.implicit[0]:
                found = _scalar(event)
        elif kind is yaml.AliasEvent:
            if event.anchor not in self._anchors:
                raise OtherTagError("an alias of nothing, or of what contains it")
            return self._anchors[event.anchor]
        elif kind is yaml.MappingStartEvent:
            found = self._mapping(event)
        else:
            found = self._list(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = found
        return found

    def _mapping(self, event: Any) -> dict[str, Any]:
        _expect(event, "map")
        found = {}
        while type(key := self._next()) is not yaml.MappingEndEvent:
            name = self._value(key)
            if not isinstance(name, str) or name == "<<":
                raise OtherTagError("a key that is no text")
            found[name] = self._value(self._next())
        return found

    def _list(self, event: Any) -> list[Any]:
        _expect(event, "seq")
        found = []
        while type(item := self._next()) is not yaml.SequenceEndEvent:
            found.append(self._value(item))
        return found


def _scalar(event: Any) -> str | bytes | None:
    text: str = event.value
    if event.tag is None:
        return None if text in _NULLS else text
    if event.tag == f"{_TAG}binary":
        return b64decode("".join(text.split()))
    if event.tag in (f"{_TAG}str", "!"):
        return text
    raise OtherTagError(event.tag)


def _expect(event: Any, kind: str) -> None:
    if event.tag not in (None, f"{_TAG}{kind}"):
        raise OtherTagError(event.tag)
