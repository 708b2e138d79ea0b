"""Finding the places of a text where secrets stand, however deeply encoded.

A text is walked as it is, never parsed and written anew, so that what holds no secret
keeps its exact form: white space, order, duplicate keys.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from ._names import certain_kind, json_kind, parameter_kind

if TYPE_CHECKING:
    from collections.abc import Callable

_DEEPEST = 5
_LARGEST_BASE64 = 1 << 20

# Each pattern needs linear time, whatever the text: it starts where a word starts,
# gives back nothing that it took (`*+`), and takes an unclosed string as a whole.
_STRING = r'"([^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+)"'
_JSON = re.compile(
    rf"{_STRING}(?:(\s*+:\s*+)(?:{_STRING}|(\d{{4,}})(?![\d.eE])))?"
    r'|"(?:[^"\\\r\n]++|\\.)*+'
)
_NAME = re.compile(r"(?<![\w.\-])([A-Za-z_][\w.\-]*+)=")
_VALUE = re.compile(r"""[^&\s"'<>#;\\]+""")
_COLON = re.compile(
    r"""(?<![\w.\-])([A-Za-z_][\w.\-]*+)('?\s?:\s?'?)([^&\s"'<>#;,\\{}\[\]]{8,})"""
)
_PART = re.compile(
    r'(form-data;[^\r\n"]{0,80}\bname="([^"\r\n]{1,80})"[^\r\n]{0,200}\r?\n'
    r"(?:[^\r\n]{1,200}\r?\n){0,8}\r?\n)([^\r\n]+)"
)
_USERINFO = re.compile(r"(://)([^/@\s:\"'<>]*+):([^/@\s\"'<>]++)(?=@)")
_WORD = re.compile(r"""[^\s"'<>&=?#;,\\]+""")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_\-=])[A-Za-z0-9+/_\-]{12,}={0,2}")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Visitor(Protocol):
    """Looks at the places of a text, and says what shall stand there."""

    def at_place(self, kind: str, value: str) -> str:
        """Visit a value whose name says that it is secret."""
        ...

    def anywhere(self, text: str) -> str:
        """Visit a whole text, or a decoded part of one."""
        ...


def walk(text: str, visitor: Visitor, depth: int = 0) -> str:
    """Show all places of `text` to `visitor`, and return the text as it wants it."""
    if depth < _DEEPEST:
        if "=" in text:
            text = _parameters(text, visitor)
        for sign, pattern, visit in _PLACES:
            if sign in text:
                text = pattern.sub(partial(visit, visitor, depth), text)
    return visitor.anywhere(text)


def _parameters(text: str, visitor: Visitor) -> str:
    """Visit `name=value`, also where the value of one is a URL with others in it."""
    done, start = [], 0
    while name := _NAME.search(text, start):
        end = name.end()
        done.append(text[start:end])
        kind = parameter_kind(name[1])
        value = _VALUE.match(text, end) if kind else None
        if kind and value:
            done.append(_placed(kind, value[0], visitor))
            end = value.end()
        start = end
    return "".join((*done, text[start:]))


def _visit_json(visitor: Visitor, depth: int, found: re.Match[str]) -> str:
    key, colon, value, number = found.groups()
    if key is None:
        return found[0]
    if colon is None:
        return f'"{_visit_string(key, visitor, depth)}"'
    name = _unescape(key) or ""
    if number is not None:
        return _visit_number(found, visitor, name)
    text = _unescape(value)
    kind = json_kind(name, text) if text else None
    if text and kind:
        return f'"{key}"{colon}"{_escape(visitor.at_place(kind, text), value)}"'
    inside = _visit_string(value, visitor, depth)
    return f'"{_visit_string(key, visitor, depth)}"{colon}"{inside}"'


def _visit_number(found: re.Match[str], visitor: Visitor, name: str) -> str:
    kind = certain_kind(name)
    new = visitor.at_place(kind, found[4]) if kind else found[4]
    return found[0] if new == found[4] else f'"{found[1]}"{found[2]}"{new}"'


def _visit_string(raw: str, visitor: Visitor, depth: int) -> str:
    if "\\" not in raw:
        return raw  # the other patterns see it as it is
    text = _unescape(raw)
    return raw if text is None else _escape(walk(text, visitor, depth + 1), raw)


def _visit_colon(visitor: Visitor, _: int, found: re.Match[str]) -> str:
    name, sign, value = found.groups()
    telling = any(one.isdigit() for one in value)  # else it may be a sentence
    kind = certain_kind(name) if telling else None
    return f"{name}{sign}{_placed(kind, value, visitor) if kind else value}"


def _placed(kind: str, raw: str, visitor: Visitor) -> str:
    value = unquote_plus(raw)
    new = visitor.at_place(kind, value)
    return raw if new == value else new


def _visit_part(visitor: Visitor, _: int, found: re.Match[str]) -> str:
    kind = parameter_kind(found[2])
    return f"{found[1]}{visitor.at_place(kind, found[3]) if kind else found[3]}"


def _visit_userinfo(visitor: Visitor, _: int, found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}:{visitor.at_place('password', found[3])}"


def _visit_percent(visitor: Visitor, depth: int, found: re.Match[str]) -> str:
    word = found[0]
    if "%" not in word:
        return word
    # A form writes a space as a plus; a URL's path writes a plus as itself.
    plus = "+" in word and "%20" not in word
    decode, encode = (unquote_plus, quote_plus) if plus else (unquote, quote)
    text = decode(word)
    new = walk(text, visitor, depth + 1) if text != word else text
    if new == text:
        return word
    return encode(new, safe=re.sub(r"[A-Za-z0-9%+]", "", word))


def _visit_base64(visitor: Visitor, depth: int, found: re.Match[str]) -> str:
    word = found[0]
    text = _from_base64(word)
    new = walk(text, visitor, depth + 1) if text is not None else text
    if text is None or new is None or new == text:
        return word
    spell = base64.urlsafe_b64encode if set("-_") & set(word) else base64.b64encode
    spelled = spell(new.encode()).decode()
    return spelled if len(word) % 4 == 0 else spelled.rstrip("=")


def _from_base64(word: str) -> str | None:
    """Return what a word encodes, if that is text."""
    if len(word) > _LARGEST_BASE64:
        return None
    bare = word.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return None if _UNPRINTABLE.search(text) else text


def _unescape(raw: str) -> str | None:
    try:
        text = json.loads(f'"{raw}"')
        return text if text.isascii() or text.encode() else None
    except ValueError:  # also: half of a surrogate pair
        return None


def _escape(text: str, like: str) -> str:
    """Write `text` as a JSON string, escaping no more than `like` does."""
    if text == _unescape(like):
        return like
    return json.dumps(text, ensure_ascii=like.isascii())[1:-1]


# What a text must contain to be searched at all, the search, and the visit.
_PLACES: tuple[
    tuple[str, re.Pattern[str], Callable[[Visitor, int, re.Match[str]], str]], ...
] = (
    ('"', _JSON, _visit_json),
    ("form-data", _PART, _visit_part),
    ("://", _USERINFO, _visit_userinfo),
    (":", _COLON, _visit_colon),
    ("%", _WORD, _visit_percent),
    ("", _BASE64, _visit_base64),
)
