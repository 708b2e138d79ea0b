"""Reading through encodings, and writing back into them.

A layer is a part of a text as it reads without one encoding. What is changed in the
reading is written at its own place, so that all the rest keeps its exact form.
"""

from __future__ import annotations

import html
import json
import re
import sys
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote_to_bytes

from ._edits import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Piece = tuple[str, int]  # what some characters mean, and how many they are


class Layer(NamedTuple):
    """A reading of a part of a text.

    Attributes:
        text: The reading.
        back: Turns edits of the reading into edits of the text.
        is_guess: Whether it may read so by chance only.
    """

    text: str
    back: Callable[[list[Edit]], list[Edit]]
    is_guess: bool = False


# Each pattern needs linear time, whatever the text: it takes a run as a whole, and
# gives back nothing that it took.
_URL_RUN = re.compile(r'[^\s"<>\\\x00]++')
# A part of a path in which a slash may be that parts nothing: as `%2F`, or as an escape
# of JSON or an entity, which begin with `%5C` and `%26` there.
_SEGMENT_RUN = re.compile(
    r'(?<=/)(?:[^\s"<>\\\x00/%]++|%(?!2[Ff6]|5[Cc]))*+%[^\s"<>\\\x00/]++'
)
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})++")
_FORM = re.compile(rf"{_PERCENT.pattern}|\+")
_DOUBLE = re.compile(r'"((?:[^"\\\x00]++|\\.)*+)', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^'\\\x00\n]++|\\.)*+)'")
_BARE_RUN = re.compile(r"""[^"'<>\x00]++""")
_BACKSLASH = re.compile(
    r"((?:\\u[0-9A-Fa-f]{4})++)|\\x([0-9A-Fa-f]{2})"
    r"|\\u\{0*+([0-9A-Fa-f]{1,6})\}|\\([0-3]?[0-7]{2})|\\([^ux])",
    re.DOTALL,
)
_MARKUP_RUN = re.compile(r'[^<>"\x00]++')
_ENTITY = re.compile(
    r"&(?:#[0-9]{1,7};?|#[xX][0-9A-Fa-f]{1,6};?|[A-Za-z][A-Za-z0-9]{1,30};)"
)
_FOLD = re.compile(r"\r?\n[ \t]++")
_GAP = re.compile(r"(?<=[\w.%+/=\-]{16}) (?=[\w.%+/=\-]{16})")  # in a long word
_BLANKS = re.compile(r"\s++")
# Of quoted-printable (RFC 2045, section 6.7): lines without an empty one between, the
# end of a line that goes on, what else begins with this sign, and what must not. What
# parts a mail does not belong to its last paragraph: it has signs that none may have.
_PARAGRAPH = re.compile(
    r"(?<![^\r\n\x00])"
    r"(?:(?!--[^\s\x00]*=[=_])[^\r\n\x00]++(?:\r?\n|\Z|(?=\x00)))++"
)
_CUT = re.compile(r"=\r?\n")
_PRINTABLE = re.compile(r"(?:=(?:[0-9A-F]{2}|\r?\n))++")
_PRINTED = re.compile(r"(?:=(?:[0-9A-Fa-f]{2}|[ \t]*+\r?\n))++")  # by anybody
_SIGN = re.compile(r"=[^=]+")  # of them
_UNPRINTABLE = re.compile(r"=(?![0-9A-F]{2}|\r?\n|\Z)")
_ONE_WORD = re.compile(r"[A-Za-z0-9+/=\r\n]++")
_PADDED = re.compile(  # also the end of base64
    r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{4}){3,}+[A-Za-z0-9+/]{3}=\Z"
)
_CUT_BETWEEN = range(56, 78)  # signs of a line; nobody cuts shorter ones
_BETWEEN = "\0\n\0"  # no place and no word goes on over it
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def readings(text: str) -> Iterator[Layer]:
    """Yield what a text reads without percent encoding, escapes and entities."""
    for mark, other, runs, group, signs, read, write in _CODES:
        if mark in text and other in text:
            for run in runs.finditer(text):
                if mark in run[group] and other in run[group]:
                    start = run.start(group)
                    yield from _layer(run[group], start, signs, read, write)


def joined(layers: Sequence[Layer]) -> Layer:
    """Return one layer for many: thousands of short texts take longer than one."""
    starts, length = [], 0
    for layer in layers:
        starts.append(length)
        length += len(layer.text) + len(_BETWEEN)

    def back(edits: list[Edit]) -> list[Edit]:
        of_layer: dict[int, list[Edit]] = {}
        for one in edits:
            number = bisect_right(starts, one.start) - 1
            start, end = one.start - starts[number], one.end - starts[number]
            if end <= len(layers[number].text):
                of_layer.setdefault(number, []).append(Edit(start, end, one.new))
        return [
            edit
            for number, some in of_layer.items()
            for edit in layers[number].back(some)
        ]

    return Layer(_BETWEEN.join(layer.text for layer in layers), back)


def unfolded(text: str) -> Iterator[Layer]:
    """Yield what a header reads where it was folded, perhaps in the middle of a word.

    Some libraries keep the line feed, others write a blank in its place.
    """
    for signs in (_FOLD, _GAP, _BLANKS):
        if signs.search(text):
            for layer in _layer(text, 0, signs, lambda one: [("", len(one[0]))], str):
                yield layer._replace(is_guess=signs is not _FOLD)


def mailed(text: str) -> Iterator[tuple[tuple[int, int], Layer]]:
    """Yield span and reading of each paragraph in quoted-printable, as in a mail.

    What stands there must not be read as it is: a line may end in a secret's middle.
    A guess is one in which all lines that go on may be base64 that ends there.
    """
    if "=\n" not in text and "=\r\n" not in text:
        return
    for found in _PARAGRAPH.finditer(text):
        raw = found[0]
        cuts = [one for one in map(_cut, _CUT.finditer(raw)) if one]
        if cuts and not (_UNPRINTABLE.search(raw) or _ONE_WORD.fullmatch(raw)):
            start = found.start()
            is_guess = all(_PADDED.search(one) for one in cuts)
            for layer in _layer(raw, start, _PRINTABLE, _printable, _like_mail):
                yield found.span(), layer._replace(is_guess=is_guess)


def printed(text: str) -> Iterator[Layer]:
    """Yield what a text reads if all of it is in quoted-printable, by chance or not."""
    if _PRINTED.search(text):
        for layer in _layer(text, 0, _PRINTED, _printable, _like_mail):
            yield layer._replace(is_guess=True)


def _cut(found: re.Match[str]) -> str:
    """Return the line that goes on, if it is as long as those of a mail."""
    text, at = found.string, found.start()
    start = text.rfind("\n", max(0, at - _CUT_BETWEEN.stop), at) + 1
    return text[start : at + 1] if at - start in _CUT_BETWEEN else ""


def _printable(found: re.Match[str]) -> Iterator[Piece]:
    signs = _SIGN.findall(found[0])
    raw = bytes.fromhex("".join(one[1:] for one in signs if one[-1] != "\n"))
    at = 0
    for meaning in raw.decode("utf-8", "surrogateescape"):
        while signs[at][-1] == "\n":
            yield "", len(signs[at])
            at += 1
        missing, length = len(meaning.encode("utf-8", "surrogateescape")), 0
        while missing:
            # A line may also end in the middle of a character.
            missing -= signs[at][-1] != "\n"
            length += len(signs[at])
            at += 1
        yield meaning, length
    for cut in signs[at:]:
        yield "", len(cut)


def _like_mail(new: str) -> str:
    return new.replace("=", "=3D")


def _layer(
    run: str,
    start: int,
    signs: re.Pattern[str],
    read: Callable[[re.Match[str]], Iterable[Piece]],
    write: Callable[[str], str],
) -> Iterator[Layer]:
    """Yield the reading of one run, if anything in it is encoded."""
    parts: list[str] = []
    starts, offsets = [0], [start]  # of stretches: in the reading, and in the text
    done, length = 0, 0
    for found in signs.finditer(run):
        parts.append(run[done : found.start()])
        length += found.start() - done
        done = found.start()
        for meaning, count in read(found):
            starts.append(length)
            offsets.append(start + done)
            parts.append(meaning)
            length += len(meaning)
            done += count
            starts.append(length)
            offsets.append(start + done)
    if not parts:
        return
    parts.append(run[done:])

    def place(position: int) -> int:
        stretch = bisect_right(starts, position) - 1
        return offsets[stretch] + position - starts[stretch]

    def back(edits: list[Edit]) -> list[Edit]:
        return [
            # The end is where the last character ends, not where the next one starts.
            Edit(place(one.start), _end(one, place), write(one.new))
            for one in edits
        ]

    def _end(one: Edit, place: Callable[[int], int]) -> int:
        last = bisect_right(starts, one.end - 1) - 1
        if last + 1 < len(starts) and starts[last + 1] == one.end:
            return offsets[last + 1]
        return place(one.end)

    yield Layer("".join(parts), back)


def _percent(found: re.Match[str]) -> Iterator[Piece]:
    # What is no UTF-8 comes as surrogates, and can be told from all else.
    for sign in unquote_to_bytes(found[0]).decode("utf-8", "surrogateescape"):
        yield sign, 3 * len(sign.encode("utf-8", "surrogateescape"))


def _form(found: re.Match[str]) -> Iterable[Piece]:
    return ((" ", 1),) if found[0] == "+" else _percent(found)


def _quoted(new: str) -> str:
    return quote(new, safe="", errors="surrogateescape")


def _escape(found: re.Match[str]) -> Iterator[Piece]:
    units, byte, number, octal, other = found.groups()
    if units:
        raw = bytes.fromhex(units.replace("\\u", ""))
        for sign in raw.decode("utf-16-be", "surrogatepass"):
            yield sign, 6 if ord(sign) < 0x10000 else 12
    elif other:
        yield _LETTERS.get(other, other), 2
    else:
        code = int(octal, 8) if octal else int(byte or number, 16)
        yield chr(code) if code <= sys.maxunicode else "?", len(found[0])


def _escaped(new: str) -> str:
    return json.dumps(new)[1:-1]


def _entity(found: re.Match[str]) -> Iterator[Piece]:
    yield html.unescape(found[0]), len(found[0])


# What must be in a text and in its runs, the runs, which group of them, the encoded
# signs there, what these mean, and how to write a new text. A form's plus is a blank.
_CODES: tuple[
    tuple[
        str,
        str,
        re.Pattern[str],
        int,
        re.Pattern[str],
        Callable[[re.Match[str]], Iterable[Piece]],
        Callable[[str], str],
    ],
    ...,
] = (
    ("%", "", _URL_RUN, 0, _PERCENT, _percent, _quoted),
    ("%", "", _SEGMENT_RUN, 0, _PERCENT, _percent, _quoted),
    ("+", "%", _URL_RUN, 0, _FORM, _form, _quoted),
    ("\\", "", _DOUBLE, 1, _BACKSLASH, _escape, _escaped),
    ("\\", "", _SINGLE, 1, _BACKSLASH, _escape, _escaped),
    ("\\", "", _BARE_RUN, 0, _BACKSLASH, _escape, _escaped),
    ("&", "", _MARKUP_RUN, 0, _ENTITY, _entity, html.escape),
)
