"""A record as plain values: every field, older and newer writers, and nonsense."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Union, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.adapters._envelope import Envelope, Unreadable, whose
from pytest_catalyst_oauth.adapters._record_format import (
    field_types,
    from_plain,
    to_plain,
)
from pytest_catalyst_oauth.engine import Record, Scope, ScopeSet, Secret
from tests.adapters.stores import FULL, KEY

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.from_regex(r"[A-Za-z]{1,5}(\.[a-z]{1,5}){1,2}", fullmatch=True)
KNOWN = {
    float: NUMBERS,
    Secret: st.text(min_size=1).map(Secret),
    ScopeSet: st.frozensets(NAMES.map(Scope), max_size=3).map(ScopeSet),
}


def values(kind):
    """Draw values of a field's type; so what is added later is drawn as well."""
    parts = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        return st.one_of(*map(values, parts))
    if parts[1:] == (...,):
        return st.lists(values(parts[0]), max_size=3).map(tuple)
    if is_dataclass(kind) and kind not in KNOWN:
        types = field_types(kind).items()
        return st.builds(kind, **{name: values(inner) for name, inner in types})
    return KNOWN[kind] if kind in KNOWN else st.from_type(kind)


RECORDS = values(Record)


@given(RECORDS)
def test_every_record_survives_a_text(record):
    """Whatever it holds, and whatever fields it has."""
    text = json.dumps(to_plain(record))

    assert from_plain(json.loads(text), record.generation) == record


@given(RECORDS, st.sets(st.sampled_from([field.name for field in fields(Record)])))
def test_an_older_writers_record_can_be_read(record, absent):
    """What it did not know has its default."""
    plain = {name: v for name, v in to_plain(record).items() if name not in absent}

    found = from_plain(plain, record.generation)

    empty = Record()
    for field in fields(Record):
        name = field.name
        known = name == "generation" or name not in absent
        expected = getattr(record if known else empty, name)
        assert getattr(found, name) == expected


@given(RECORDS)
def test_a_newer_writers_record_can_be_read(record):
    """What this version does not know is left out, also inside a failure."""
    plain = {**to_plain(record), "invented_later": {"deep": [1]}}
    if record.failure is not None:
        plain["failure"] = {**plain["failure"], "invented_later": None}

    assert from_plain(plain, record.generation) == record


def test_an_empty_record_is_an_empty_mapping():
    """So that it is small where a keyring is."""
    assert to_plain(Record(generation=7)) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
NAMED = st.dictionaries(
    st.sampled_from([field.name for field in fields(Record)]) | st.text(), JSON
)


@given(JSON | NAMED)
def test_nonsense_is_a_damaged_record_and_no_crash(nonsense):
    """Or a record, if it happens to be one."""
    envelope = Envelope()
    text = json.loads(envelope.pack(KEY, 3, FULL))
    text["record"] = nonsense

    found = envelope.unpack(KEY, json.dumps(text))

    assert isinstance(found, Record) or found.is_damaged


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_other_text_is_damaged(text):
    """And nobody's."""
    found = Envelope().unpack(KEY, text)

    assert isinstance(found, Unreadable)
    assert found.is_damaged
    assert whose(text) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("spent", 1),
        ("expires_at", True),
        ("expires_at", "soon"),
        ("seed", None),
        ("access_token", ""),
        ("access_token", 7),
        ("scope", ["a.b"]),
        ("failure", {"kind": "E"}),
        ("failure", {"kind": "E", "args": "no", "at": 1, "retry_at": 1, "count": 1}),
        ("failure", {"kind": "E", "args": [[]], "at": 1, "retry_at": 1, "count": 1}),
        ("failure", []),
    ],
)
def test_a_value_of_another_type_is_damage(field, value):
    """It is not made to fit."""
    with pytest.raises((TypeError, ValueError)):
        from_plain({field: value}, 1)


def test_whole_seconds_are_seconds_too():
    """Another language's JSON may write 3600 where Python writes 3600.0."""
    assert from_plain({"expires_at": 3600}, 1).expires_at == 3600.0
