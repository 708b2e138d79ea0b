"""What a cassette says of itself, whichever tool wrote it; its values aside."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from pytest_catalyst_oauth.adapters._regular_file import read_regular_file

from . import _format
from ._file import LARGEST
from ._parts import KEY, tests_of
from ._soundness import unsound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_VCR = "VCR.py"


class Label(NamedTuple):
    """What a cassette says of itself.

    Attributes:
        tool: Whose format it is; None for a file that is no cassette.
        recorded_at: When, UTC; None if nothing in it says so.
        test: Node id of the test that recorded it.
        parts: Of a shared cassette, node id and date of each part.
    """

    tool: str | None
    recorded_at: datetime | None = None
    test: str | None = None
    parts: tuple[tuple[str, datetime | None], ...] = ()


def read_label(data: bytes) -> Label:
    """Return what a cassette says of itself.

    Raises:
        ValueError: It cannot be read, is empty, or is a broken cassette; the text
            says why.
    """
    text = _text(data)
    content = _content(text)
    if content is None:
        raise ValueError("is empty")
    if not isinstance(content, dict):
        return Label(None)
    for tool, read in _READERS.items():
        label = read(content)
        if label is not None:
            if tool == _VCR:
                _check(text, content)
            return Label(tool, *label)
    return Label(None)


def is_cassette(path: Path) -> bool:
    """Tell whether a file is a cassette, or a broken one, or cannot be read."""
    try:
        return read_label(read_regular_file(path, LARGEST)).tool is not None
    except (OSError, ValueError):
        return True  # whoever reads it next is told what is wrong with it


def _check(text: str, content: dict[str, Any]) -> None:
    """Raise `ValueError` for a cassette that nobody could load, show or compare."""
    # Not written and read again: aliases may stand for far more than the file.
    is_json = _is_json(text)
    exchanges = _format.exchanges_of(content) if is_json else _format.load(text)[0]
    if problem := unsound(content, exchanges):
        raise ValueError(problem)


def _is_json(text: str) -> bool:
    return text.lstrip().startswith(("{", "["))


def _text(data: bytes) -> str:
    problem = "is not UTF-8 text"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    else:
        problem = "is empty"
    if not text.strip():
        raise ValueError(problem)
    return text


def _content(text: str) -> Any:
    if _is_json(text):
        # YAML may begin so, too.
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  it is a safe loader
    except yaml.constructor.ConstructorError:
        _format.load(text)  # with the few tags that VCR.py writes
        return {"version": 1, "interactions": []}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark is not None else ""
        problem = f"is neither YAML nor JSON{where}"
    except (ValueError, RecursionError):
        problem = "is neither YAML nor JSON that can be read"
    raise ValueError(problem)


def _of_vcr(content: dict[str, Any]) -> tuple[Any, ...] | None:
    if not isinstance(content.get("interactions"), list):
        return None
    shared = content.get(KEY)
    if shared is not None:
        parts = tuple(
            (test, _newest([shared[test].get("recorded_at")]))
            for test in tests_of(content)
        )
        return None, None, parts
    origin = content.get("recorded_with")
    if not isinstance(origin, dict):
        return _newest(_dates(content, "interactions")), None
    test = origin.get("test")
    return _newest([origin.get("recorded_at")]), test if isinstance(test, str) else None


def _of_betamax(content: dict[str, Any]) -> tuple[datetime | None] | None:
    listed = content.get("http_interactions")
    if not isinstance(listed, list):
        return None
    return (_newest(one.get("recorded_at") for one in _mappings(listed)),)


def _of_responses(content: dict[str, Any]) -> tuple[datetime | None] | None:
    if not isinstance(content.get("responses"), list):
        return None
    return (_newest(_dates(content, "responses")),)


def _of_har(content: dict[str, Any]) -> tuple[datetime | None] | None:
    log = content.get("log")
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        return None
    found = (one.get("startedDateTime") for one in _mappings(log["entries"]))
    return (_newest(found),)


_READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    _VCR: _of_vcr,
    "betamax": _of_betamax,
    "responses": _of_responses,
    "HAR": _of_har,
}


def _mappings(listed: list[Any]) -> Iterator[dict[str, Any]]:
    return (one for one in listed if isinstance(one, dict))


_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


def _dates(content: dict[str, Any], key: str) -> Iterator[str]:
    """Yield the `Date` headers of replies."""
    for one in _mappings(content[key]):
        reply = one.get("response")
        headers = reply.get("headers") if isinstance(reply, dict) else None
        for name, value in headers.items() if isinstance(headers, dict) else ():
            if str(name).lower() == "date":
                yield from _DATE.findall(str(value))


def _newest(found: Iterable[Any]) -> datetime | None:
    moments = [moment for one in found if (moment := _moment(one))]
    return max(moments, default=None)


def _moment(text: Any) -> datetime | None:
    try:
        if _DATE.fullmatch(str(text)):
            return parsedate_to_datetime(str(text))
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
