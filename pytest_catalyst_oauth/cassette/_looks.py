"""What stands in for a secret: like it in form, and visibly no secret.

A program that checks the form of what it gets still works on a replayed cassette.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LEAST_VERIFIER = 43  # characters. Source: RFC 7636, section 4.1.
_LEAST_DIGITS = 4
_PADDED = ("code-verifier", "code-challenge")


class Form(NamedTuple):
    """One form of secrets.

    Attributes:
        name: Stand-ins of one form are counted together, so that no two are alike.
        fits: What a secret of this form looks like.
        write: Makes the stand-in for a secret and a number.
        shown: What the stand-in looks like; its group is the number.
        base: Of the number.
    """

    name: str
    fits: re.Pattern[str]
    write: Callable[[str, int], str]
    shown: str
    base: int = 10


def _hex(value: str, number: int) -> str:
    return ("fade" * len(value))[: len(value) - 8] + f"{number:08x}"


def _digits(value: str, number: int) -> str:
    return "9" + str(number).zfill(len(value) - 1)


FORMS = (
    Form(
        "zoho-token",
        re.compile(r"100\d\.[0-9a-f]{32}\.[0-9a-f]{32}"),
        lambda value, n: f"{value[:5]}{'fade' * 6}{n:08x}.{'fade' * 8}",
        r"100\d\.(?:fade){6}([0-9a-f]{8})\.(?:fade){8}",
        16,
    ),
    Form(
        "zoho-client-id",
        re.compile(r"100\d\.[0-9A-Z]{30}"),
        lambda value, n: f"{value[:5]}REDACTED{n:022d}",
        r"100\d\.REDACTED(\d{22})",
    ),
    Form(
        "uuid",
        re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        lambda _, n: f"fadefade-fade-4ade-8ade-{n:012x}",
        r"fadefade-fade-4ade-8ade-([0-9a-f]{12})",
        16,
    ),
    Form(
        "e-mail",
        re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
        lambda _, n: f"redacted-{n}@example.com",
        r"redacted-(\d+)@example\.com",
    ),
    Form(
        "digits",
        re.compile(rf"[0-9]{{{_LEAST_DIGITS},}}"),
        _digits,
        r"(?<![\w.])9(0{3,}[1-9]\d{0,3}|00[1-9]\d?)(?![\w.])",
    ),
    Form(
        "hexadecimal",
        re.compile(r"[0-9a-f]{16,}|[0-9A-F]{16,}"),
        _hex,
        r"(?<![0-9A-Za-z])fadefade(?:fade)*(?:fad?|f)?([0-9a-f]{8})(?![0-9A-Za-z])",
        16,
    ),
)
# Digits stand in for digits, and look like nobody's: only a whole value counts.
SHOWN = "|".join(
    re.sub(r"\((?!\?)", "(?:", one.shown) for one in FORMS if one.name != "digits"
)
WORD = r"REDACTED-[a-z](?:[a-z-]*[a-z])?-\d+(?:-x+)?"
_COUNTED = [(one, re.compile(one.shown)) for one in FORMS]
_NUMBERED_WORD = re.compile(r"REDACTED-([a-z](?:[a-z-]*[a-z])?)-(\d+)")
_MARKS = ("REDACTED", "fade", "redacted-", "900")


def form_of(value: str) -> Form | None:
    """Return the form of a secret, or None for one that looks like nothing."""
    return next((one for one in FORMS if one.fits.fullmatch(value)), None)


def counter(form: Form, value: str) -> str:
    """Return by what name to count the stand-ins that could look like that of a value.

    Those for digits are as long as what they stand for.
    """
    return f"{form.name}-{len(value)}" if form.write is _digits else form.name


def word(kind: str, value: str, number: int) -> str:
    """Return the stand-in for a secret without a form of its own."""
    plain = f"REDACTED-{kind}-{number}"
    if kind not in _PADDED:
        return plain
    return f"{plain}-".ljust(max(_LEAST_VERIFIER, min(len(value), 128)), "x")


def signature(number: int) -> str:
    """Return what stands in for the signature of a JSON Web Token.

    As long as a multiple of four: other lengths have bits that are no data, and some
    libraries insist that these are zero.
    """
    text = str(number)
    return f"REDACTED-signature-{text if len(text) == 1 else text.zfill(5)}"


def is_digits_shown(value: str) -> bool:
    """Tell whether a whole value is a stand-in for digits."""
    form, shown = next(pair for pair in _COUNTED if pair[0].name == "digits")
    return bool(form.fits.fullmatch(value) and shown.fullmatch(value))


def numbers_in(text: str) -> Iterator[tuple[str, int]]:
    """Yield counters of stand-ins, each with a number that it gave, as a text tells."""
    if not any(mark in text for mark in _MARKS):
        return
    for kind, number in _NUMBERED_WORD.findall(text):
        yield kind, int(number)
    for form, shown in _COUNTED:
        for number in shown.findall(text):
            yield counter(form, f"9{number}"), int(number, form.base)
