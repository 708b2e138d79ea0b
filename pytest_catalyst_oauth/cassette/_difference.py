"""Saying what nearest exchange was recorded, and how a request differs from it."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pytest_catalyst_oauth.engine import HttpRequest

    from ._meaning import Meaning, Pairs

_HIDDEN = "•••"
# Values that may be shown although nobody scrubbed them: what was just sent is raw.
_SHOWN = frozenset(
    "grant_type scope redirect_uri response_type access_type prompt location "
    "code_challenge_method max_rows".split()
)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z_\-]{0,39}")
_PLAIN_SEGMENT = re.compile(r"[A-Za-z_.\-]{0,30}|v?\d{1,20}")
_LONGEST = 60


def nearest(sent: Meaning, recorded: Sequence[Meaning]) -> int | None:
    """Return the number of the recorded request that is most like `sent`."""

    def likeness(number: int) -> tuple[bool, bool, bool, int, int]:
        one = recorded[number]
        return (
            one.path == sent.path,
            one.method == sent.method,
            one.origin == sent.origin,
            len(set(one.query) & set(sent.query)) + len(set(one.body) & set(sent.body)),
            -number,
        )

    return max(range(len(recorded)), key=likeness, default=None)


def describe(request: HttpRequest) -> str:
    """Return method and URL without anything that could be secret."""
    segments = urlsplit(request.url).path.split("/")
    path = "/".join(
        one if _PLAIN_SEGMENT.fullmatch(one) else _HIDDEN for one in segments
    )
    return f"{request.method} {request.origin}{path}"


def differences(sent: Meaning, recorded: Meaning, *, scrubbed: bool) -> list[str]:
    """Return each difference in words.

    What was recorded is shown if it was scrubbed; what was sent is shown only under
    names that never hold a secret.
    """
    from ._likeness import fits

    path = recorded.path if scrubbed else _HIDDEN
    found = [
        f"another {what} (recorded: {shown})"
        for what, shown, is_other in (
            ("method", recorded.method, recorded.method != sent.method),
            ("host", recorded.origin, recorded.origin != sent.origin),
            ("path", path, not fits(recorded.path, sent.path)),
        )
        if is_other
    ]
    change = partial(_change, scrubbed=scrubbed)
    found += _changes("query parameter", recorded.query, sent.query, change)
    found += _changes("body field", recorded.body, sent.body, change)
    return found or _token_changes(sent, recorded)


def _changes(
    what: str, recorded: Pairs, sent: Pairs, change: Callable[..., str]
) -> list[str]:
    from ._likeness import fits

    old, new = _by_name(recorded), _by_name(sent)
    return [
        f"{what} {change(name, old.get(name), new.get(name))}"
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
        and not fits(old.get(name, ""), new.get(name, ""))
    ]


def _change(name: str, old: str | None, new: str | None, *, scrubbed: bool) -> str:
    is_safe = name in _SHOWN
    may_show_name = _PLAIN_NAME.fullmatch(name) or (scrubbed and old is not None)
    shown = (name if may_show_name else _HIDDEN) if name else "as a whole"
    recorded = _short(old) if scrubbed or is_safe else _HIDDEN
    now = _short(new) if is_safe else "another value"
    if new is None:
        return f"{shown} is missing (recorded: {recorded})"
    if old is None:
        return f"{shown} is new" + (f" ({now})" if is_safe else "")
    return f"{shown} has {now} (recorded: {recorded})"


def _token_changes(sent: Meaning, recorded: Meaning) -> list[str]:
    old, new = recorded.stand_ins, sent.stand_ins
    return [
        f"{place} has {new.get(place, 'none of this recording')} (recorded: {value})"
        for place, value in sorted(old.items())
        if new.get(place) != value
    ]


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, list[str]] = {}
    for name, value in pairs:
        joined.setdefault(name, []).append(value)
    return {name: ", ".join(values) for name, values in joined.items()}


def _short(value: str | None) -> str:
    text = " ".join((value or "").split())
    short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return short if short[:1] == '"' else repr(short)  # JSON has its quotes already
