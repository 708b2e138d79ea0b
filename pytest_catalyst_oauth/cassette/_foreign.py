"""Scrubbing cassettes that somebody has already: ours, or VCR.py's in YAML or JSON."""

from __future__ import annotations

import json
from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import yaml

from pytest_catalyst_oauth.engine import FORM
from pytest_catalyst_oauth.engine._server_words import quotable
from pytest_catalyst_oauth.engine.errors import SettingsError

from . import _file, _format
from ._content import decoded
from ._scanner import scan
from ._soundness import unsound
from .errors import CassetteMissError, SecretInCassetteError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

    from ._exchange import RecordedExchange
    from ._scrubber import Scrubber

    Pairs = Iterator[tuple[str, str]]

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Rewritten(NamedTuple):
    """What became of a cassette.

    Attributes:
        data: The file's new bytes; the old ones if nothing was replaced.
        replaced: How many values were, by where they stood. Never a value.
    """

    data: bytes
    replaced: Counter[str]


def scrub_file(path: Path, scrubber: Scrubber) -> Rewritten:
    """Return a cassette without its secrets, for the same tool and serializer.

    Raises:
        CassetteMissError: There is no such file.
        SettingsError: It is no cassette.
        SecretInCassetteError: The scan of the result still finds something.
    """
    text = _file.read(path)
    if text is None:
        raise CassetteMissError(str(path), "there is no such file")
    outcome = _rewritten(text, scrubber)
    if isinstance(outcome, str):
        hint = "mend the file, or delete it and record again"
        raise SettingsError(f"cassette {path}", outcome, hint)
    if isinstance(outcome, tuple) and not isinstance(outcome, Rewritten):
        raise SecretInCassetteError(str(path), outcome)
    return outcome


def _rewritten(text: str, scrubber: Scrubber) -> Rewritten | str | tuple[str, ...]:
    """Return the result, a problem, or what the scan found."""
    content = _of_json(text)
    is_json = content is not None
    try:
        before = _format.exchanges_of(text if content is None else content)
        if content is None:
            content = _format.read(text, exactly=True)
    except _format.FormatError as error:
        return str(error)
    if problem := unsound(content, before):
        return problem
    scrubbed = scrubber.scrub(before)
    replaced = _replaced(before, scrubbed.exchanges)
    data = text.encode()
    if replaced:
        _put(content, scrubbed.exchanges)
        try:
            data = _as_json(content) if is_json else _as_yaml(content, text)
        except TypeError:
            return "has binary content, which JSON cannot hold"
    findings = scan(data, known=scrubbed.secrets)
    return tuple(map(str, findings)) or Rewritten(data, replaced)


def _of_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _put(content: Any, exchanges: tuple[RecordedExchange, ...]) -> None:
    """Write messages into what was read; nothing else there is kept of them.

    Older recorders also noted where a reply came from, secrets included.
    """
    for found, (request, reply) in zip(content["interactions"], exchanges, strict=True):
        status = found["response"]["status"]
        found["request"] = _format.request_out(request)
        found["response"] = {**_format.reply_out(reply), "status": status}


def _as_json(content: Any) -> bytes:
    return (json.dumps(content, indent=4) + "\n").encode()


def _as_yaml(content: Any, text: str) -> bytes:
    lines = text.splitlines(keepends=True)
    told = ""
    for line in lines:
        if not line.startswith("#"):
            break
        told += line
    # Never folded: a value that is split over lines could hide from a search.
    written = yaml.dump(
        content,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=1_000_000_000,
    )
    return f"{told}{written}".encode()


def _replaced(
    before: tuple[RecordedExchange, ...], after: tuple[RecordedExchange, ...]
) -> Counter[str]:
    found: Counter[str] = Counter()
    for old, new in zip(before, after, strict=True):
        for was, is_now in ((old.request, new.request), (old.reply, new.reply)):
            pairs = zip_longest(_places(was), _places(is_now), fillvalue=("", ""))
            found.update(place for (place, a), (_, b) in pairs if a != b)
    return found


def _places(message: HttpRequest | HttpReply) -> Pairs:
    """Yield where values stand, and the values, in an order that scrubbing keeps."""
    headers, body = decoded(message.headers, message.body)
    url = getattr(message, "url", None)
    if url is not None:
        parts = urlsplit(url)
        yield "address", f"{parts.netloc} {parts.path} {parts.fragment}"
        yield from _named("query", parts.query)
    kind = next((v for name, v in headers if name.lower() == "content-type"), "")
    content = body.decode("utf-8", "replace")
    if FORM in kind.lower():
        yield from _named("form", content)
    elif (value := _of_json(content)) is not None:
        yield from _leaves(value, "")
    else:
        yield "body", content
    for name, value in headers:
        if name.lower() != "content-length":
            yield f"header {quotable(name.title())}", value


def _named(where: str, text: str) -> Pairs:
    for name, value in parse_qsl(text, keep_blank_values=True):
        yield f"{where} {quotable(name)}", value


def _leaves(value: Any, name: str) -> Pairs:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _leaves(child, str(key))
    elif isinstance(value, list):
        for child in value:
            yield from _leaves(child, name)
    else:
        yield f"JSON {quotable(name)}".strip(), json.dumps(value)
