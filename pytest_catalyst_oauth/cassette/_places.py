"""Finding the places of a text whose names say that a secret stands there.

A text is searched as it is, never parsed: a recording holds broken JSON, pages, logs
and one of these inside another.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ._names import certain_kind, issued_kind, json_kind, parameter_kind, person_kind
from ._place import Place, escaped, like_markup, secret, unescaped, unquoted
from ._places_of_commands import (
    authorization_places,
    command_places,
    curl_places,
    listed_places,
    netrc_places,
)
from ._places_of_lines import (
    block_places,
    cookie_places,
    setting_places,
    variable_places,
)
from ._places_of_links import is_key, like_parameter, segment_places
from ._places_of_markup import (
    element_places,
    field_places,
    named_places,
    pair_places,
)
from ._places_of_objects import jwk_places, object_places
from ._places_of_tables import table_places
from ._stand_ins import is_stand_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._place import Visitor


# Each pattern needs linear time, whatever the text: it starts where a word starts,
# gives back nothing that it took (`*+`), and takes an unclosed string as a whole.
_STRING = r'"([^"\\\r\n\x00]*+(?:\\.[^"\\\r\n\x00]*+)*+)"'
_JSON = re.compile(
    rf"{_STRING}(?:\s*+:\s*+(?:{_STRING}|(\d{{4,}})(?![\d.eE])|(\[)))?"
    r'|"(?:[^"\\\r\n]++|\\.)*+'
)
_ITEM = re.compile(rf"\s*+(?:{_STRING}|[\w.+\-]++)\s*+,?")
_NAME_AND_VALUE = re.compile(
    rf'"(?:name|key|id)"\s*+:\s*+{_STRING}\s*+,\s*+"(?:value|val)"\s*+:\s*+{_STRING}',
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![\w.\-])([A-Za-z_][\w.\-]*+)\]?=")
_VALUE = re.compile(r"""[^&\s"'<>#;\\\x00]+""")
_QUOTED = re.compile(
    r"""(?<![\w.\-])([A-Za-z_][\w.\-]*+)'?\s{0,9}+(?:=>|[:=])\s{0,9}+(["'`])"""
    r"""((?:(?!\2)[^\\\x00]|\\.){0,4000}+)\2"""
)
_COLON = re.compile(
    r"""(?<![\w.\-])([A-Za-z_][\w.\-]*+)'?\s?:\s?'?([^&\s"'<>#;,\\{}\[\]\x00]{8,})"""
)
_LINE = re.compile(
    r"(?m)^[ \t]*+(?:-[ \t]++)?([A-Za-z_][\w.\-]{0,60}+):[ \t]++"
    r"([^\s\"'#|>&*{\[][^\r\n\x00]*+)"
)
_PART = re.compile(
    r'form-data;[^\r\n"]{0,80}\bname=(?:"([^"\r\n]{1,80})"|([^\s";]{1,80}+))[^\r\n]{0,200}\r?\n'
    r"(?:[^\r\n]{1,200}\r?\n){0,8}\r?\n"
)
_USERINFO = re.compile(r"://([^/@\s:\"'<>\x00]*+)(?::([^/@\s\"'<>\x00]++))?@")
_SCHEME = re.compile(
    r"(?<![\w-])(Bearer|Zoho-oauthtoken|Zoho-ticket|OAuth|Token|Basic)(?: |%20|\+)"
    r"([\w.~+/\-]{8,}+={0,2})",
    re.IGNORECASE,
)
_PUSHED = re.compile(r"urn:ietf:params:oauth:request_uri:([\w.~\-]{6,}+)")
_PAIR = re.compile(r'auth"\s*+:\s*+"([A-Za-z0-9+/]{8,}+={0,2})"')
_TAIL = ".,)]}"
_LONGEST_KEY = 512


def places(text: str, *, person: bool = False) -> Iterator[Place]:
    """Yield the places of a text; some may lie in others.

    Args:
        text: As it is.
        person: Whether it is about a person, so that `name` is one's name.
    """
    if "=" in text:
        yield from _parameters(text, person=person)
    if '"' in text:
        yield from _json(text, person=person)
    for sign, find in _FINDERS:
        if sign in text:
            yield from find(text)


def _parameters(text: str, *, person: bool) -> Iterator[Place]:
    """Find `name=value`, also where the value of one is a URL with others in it."""
    end = 0
    for name in _NAME.finditer(text):
        if name.start() < end:
            continue  # in the value of another, which is replaced as a whole
        kind = parameter_kind(name[1]) or (person_kind(name[1]) if person else None)
        value = _VALUE.match(text, name.end()) if kind else None
        if not kind and (kind := issued_kind(name[1], in_url=True)):
            value = _issued(text, name.end())
        if value:
            raw = value[0].rstrip(_TAIL)
            for one in secret(value.start(), raw, kind, unquoted, like_parameter):
                end = one.end
                yield one


def _issued(text: str, start: int) -> re.Match[str] | None:
    found = _VALUE.match(text, start, start + _LONGEST_KEY)
    return found if found and is_key(unquoted(found[0].rstrip(_TAIL))) else None


def _json(text: str, *, person: bool) -> Iterator[Place]:
    for found in _JSON.finditer(text):
        if found.lastindex is None or found.lastindex < 2:
            continue
        name = unescaped(found[1]) or ""
        if found[2] is not None:
            yield from _json_text(name, found[2], found.start(2), person=person)
        elif found[3]:
            kind = certain_kind(name) or (person_kind(name) if person else None)
            yield from secret(found.start(3), found[3], kind, str, _like_number)
        else:
            yield from _json_array(text, name, found.end(), person=person)
    for found in _NAME_AND_VALUE.finditer(text):
        name = unescaped(found[1]) or ""
        yield from _json_text(name, found[2], found.start(2), person=person)


def _json_text(name: str, raw: str, start: int, *, person: bool) -> Iterator[Place]:
    value = unescaped(raw)
    if value:
        kind = json_kind(name, value) or (person_kind(name) if person else None)
        if not kind and is_key(value):
            kind = issued_kind(name)
        yield from secret(start, raw, kind, unescaped, escaped)


def _json_array(text: str, name: str, start: int, *, person: bool) -> Iterator[Place]:
    if not certain_kind(name) and not json_kind(name, "a1" * 8):
        return
    while (item := _ITEM.match(text, start)) and item.end() > start:
        if item[1]:
            yield from _json_text(name, item[1], item.start(1), person=person)
        start = item.end()


def _like_number(new: str, _: str) -> str:
    return new if new.isdigit() else f'"{new}"'


def _quoted(text: str) -> Iterator[Place]:
    for found in _QUOTED.finditer(text):
        kind = certain_kind(found[1])
        if not kind or (found[0][:1] == '"'):
            continue
        raw = found[3]
        if "&" in raw and ";" in raw:
            yield from secret(found.start(3), raw, kind, html.unescape, like_markup)
        else:
            yield from secret(found.start(3), raw, kind, _of_literal, escaped)


def _of_literal(raw: str) -> str:
    return unescaped(raw.replace('"', '\\"')) or raw


def _colon(text: str) -> Iterator[Place]:
    for found in _COLON.finditer(text):
        telling = any(one.isdigit() for one in found[2])  # else it may be a sentence
        kind = certain_kind(found[1]) if telling else None
        raw = found[2].rstrip(_TAIL)
        yield from secret(found.start(2), raw, kind, unquoted, like_parameter)
    for found in _LINE.finditer(text):
        raw = found[2].rstrip()
        yield from secret(found.start(2), raw, certain_kind(found[1]))


def _multipart(text: str) -> Iterator[Place]:
    for found in _PART.finditer(text):
        kind = parameter_kind(found[1] or found[2])
        if kind:
            before = text.rfind("\n--", 0, found.start()) + 1
            boundary = text[before : found.start()].splitlines()[:1] or ["--"]
            end = text.find(f"\n{boundary[0]}", found.end())
            raw = text[found.end() : end if end >= 0 else len(text)].rstrip("\r")
            yield from secret(found.end(), raw, kind)


def _userinfo(text: str) -> Iterator[Place]:
    for found in _USERINFO.finditer(text):
        if found[2]:
            yield from secret(
                found.start(2), found[2], "password", unquote, like_parameter
            )
        elif len(found[1]) >= 16 and re.search(r"\d", found[1]):
            yield from secret(found.start(1), found[1], "token", unquote)


def _schemes(text: str) -> Iterator[Place]:
    for found in _SCHEME.finditer(text):
        scheme, raw = found[1].lower(), found[2]
        if scheme == "basic":
            yield from basic(found.start(2), raw)
        elif re.search(r"\d", raw):
            yield from secret(found.start(2), raw, "access-token")


def basic(start: int, raw: str) -> Iterator[Place]:
    """Find `client_id:client_secret`. Source: RFC 6749, section 2.3.1."""
    try:
        pair = base64.b64decode(raw + "=" * (-len(raw) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return
    name, colon, password = pair.partition(":")
    if colon:
        visit = partial(_visit_pair, raw, name, password)
        yield Place(start, start + len(raw), visit)


def _visit_pair(raw: str, name: str, password: str, visitor: Visitor) -> str:
    new = [
        one if is_stand_in(one) or not one else visitor.at_place(kind, one)
        for kind, one in (("client-id", name), ("client-secret", password))
    ]
    if new == [name, password]:
        return raw
    return base64.b64encode(":".join(new).encode("utf-8", "replace")).decode()


def _pushed(text: str) -> Iterator[Place]:
    """Find the reference to a pushed request. Source: RFC 9126, section 2.2."""
    for found in _PUSHED.finditer(text):
        yield from secret(found.start(1), found[1], "request-uri")


def _pairs(text: str) -> Iterator[Place]:
    """Find the name and password that container registries are logged in with."""
    for found in _PAIR.finditer(text):
        yield from basic(found.start(1), found[1])


_FINDERS: tuple[tuple[str, Callable[[str], Iterator[Place]]], ...] = (
    ("form-data", _multipart),
    ("ookie", cookie_places),
    ("request_uri:", _pushed),
    ('auth"', _pairs),
    ("{", object_places),
    (": |", block_places),
    (": >", block_places),
    ("value:", variable_places),
    ('"kty"', jwk_places),
    ("uthorization:", authorization_places),
    (" --", command_places),
    (" = ", setting_places),
    ("curl ", curl_places),
    ("login", netrc_places),
    ('", ', listed_places),
    ('","', listed_places),
    ("\n", table_places),
    ("://", _userinfo),
    (":", _colon),
    (" ", _schemes),
    ("/", segment_places),
    ('"', _quoted),
    ("'", _quoted),
    ("</", element_places),
    ("</", pair_places),
    ("</", named_places),
    ("<", field_places),
)
