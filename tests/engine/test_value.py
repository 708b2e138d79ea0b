"""`Value`: a frozen dataclass to everybody who asks."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import pprint
import sys

import pytest

from pytest_catalyst_oauth.engine import Limits, Record, Scope, ScopeSet, Secret
from pytest_catalyst_oauth.engine._value import Value, replace


class Place(Value, hidden="door"):
    """Where somebody lives."""

    town: str
    street: str = "Elm Street"
    door: str = "unknown"

    def __post_init__(self) -> None:
        if not self.town:
            raise ValueError("a town has a name")


class Pair(Value, kw_only=False):
    """Two of a kind."""

    left: int
    right: int = 0


class Triple(Pair, kw_only=False):
    """A pair and one more."""

    middle: int = 1


HOME = Place(town="Springfield", door="7")


def test_fields_are_given_by_name_and_have_defaults():
    """As in a dataclass with `kw_only`."""
    assert (HOME.town, HOME.street, HOME.door) == ("Springfield", "Elm Street", "7")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Place, "Place needs town"),
        (lambda: Place(street="A"), "Place needs town"),
        (lambda: Place(town="A", zip=1), "Place has no field zip"),
        (lambda: Place("A"), "Place takes its fields by name only"),
        (lambda: Pair(1, 2, 3), "Pair has 2 fields, not 3"),
        (lambda: Pair(1, left=2), "Pair got a field twice"),
        (lambda: replace(HOME, zip=1), "Place has no field zip"),
    ],
)
def test_a_wrong_field_is_named(make, words):
    """Whoever misspells a field learns which."""
    with pytest.raises(TypeError, match=words):
        make()


@pytest.mark.parametrize("made", [Pair(1, 2), Pair(1, right=2), Pair(left=1, right=2)])
def test_some_values_take_their_fields_by_position_too(made):
    """Those that say so."""
    assert made == Pair(1, 2)


def test_what_is_wrong_is_refused_on_every_way_in():
    """A value is checked when it is made, and when it is changed."""
    with pytest.raises(ValueError, match="a town has a name"):
        Place(town="")
    with pytest.raises(ValueError, match="a town has a name"):
        replace(HOME, town="")


def test_a_value_cannot_be_changed():
    """Neither a field nor anything else, and nothing can be taken away."""
    with pytest.raises(AttributeError, match="cannot assign to field 'town'"):
        HOME.town = "Shelbyville"
    with pytest.raises(AttributeError, match="cannot assign to field 'zip'"):
        HOME.zip = 1
    with pytest.raises(AttributeError, match="cannot delete field 'town'"):
        del HOME.town


def test_values_are_equal_by_type_and_fields():
    """And equal ones have one hash."""
    assert Pair(1, 2) == Pair(1, 2)
    assert hash(Pair(1, 2)) == hash(Pair(1, 2))
    assert Pair(1, 2) != Pair(2, 1)
    assert Triple(1, 2) != Pair(1, 2)
    assert Pair(1, 2) != (1, 2)


def test_a_repr_leaves_out_what_is_hidden():
    """All else is there, in the order of the class."""
    assert repr(HOME) == "Place(town='Springfield', street='Elm Street')"
    assert pprint.pformat(HOME) == repr(HOME)


def test_no_repr_shows_a_secret():
    """Nor does the dictionary that `asdict` makes."""
    record = Record(access_token=Secret("1000.invented"), generation=1)

    assert "invented" not in repr(record)
    assert "invented" not in str(dataclasses.asdict(record))


def test_a_subclass_has_all_fields():
    """Its parent's first."""
    assert repr(Triple(1, middle=2)) == "Triple(left=1, right=0, middle=2)"
    assert [one.name for one in dataclasses.fields(Triple)] == [
        "left",
        "right",
        "middle",
    ]
    assert [one.name for one in dataclasses.fields(Pair)] == ["left", "right"]


@pytest.mark.parametrize(
    "value",
    [HOME, Pair(1), Limits(window=1.0), Scope("A.b.READ"), ScopeSet.parse("A.b.READ")],
)
@pytest.mark.parametrize(
    "remade",
    [
        copy.copy,
        copy.deepcopy,
        replace,
        dataclasses.replace,
        *([copy.replace] if sys.version_info >= (3, 13) else []),
    ],
)
def test_a_copy_is_an_equal(value, remade):
    """However it is made."""
    again = remade(value)

    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("value", [Limits(window=1.0), ScopeSet.parse("A.b.READ")])
def test_a_value_without_secrets_can_be_pickled(value):
    """It may cross to another process."""
    assert pickle.loads(pickle.dumps(value)) == value


def test_a_value_with_a_secret_cannot_be_pickled():
    """A secret does not travel by accident."""
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Record(access_token=Secret("1000.invented")))


def test_dataclasses_knows_its_fields():
    """`fields`, `is_dataclass` and `asdict` work, with the defaults."""
    town, street, _ = dataclasses.fields(Place)

    assert dataclasses.is_dataclass(Place)
    assert (town.name, town.default) == ("town", dataclasses.MISSING)
    assert (street.name, street.default) == ("street", "Elm Street")
    assert dataclasses.asdict(Pair(1)) == {"left": 1, "right": 0}
    assert dataclasses.replace(HOME, street="A").street == "A"


def test_a_pattern_may_name_its_parts():
    """By position where the constructor takes them so."""
    match Pair(1, 2):
        case Pair(left, right):
            assert (left, right) == (1, 2)
    match HOME:
        case Place(town=town):
            assert town == "Springfield"
