"""The seed of a fake: what is there from the start, as a file or a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_catalyst_oauth.adapters._regular_file import read_regular_file
from pytest_catalyst_oauth.engine import ClientKind, DataCenter
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake._settings import FakeSettings

from ._shape import (
    Place,
    any_text,
    list_of,
    mapping_of,
    moment,
    number,
    one_of,
    plain,
    record,
    text,
    texts,
    whole,
    yes_no,
)
from ._words import address, line, visible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ._shape import Keys, Rule

# In octets; the parser needs some hundred times as much.
_LARGEST = 10 << 20
_SIMPLE = {"bool": yes_no, "int": whole, "float": number, "str": text}


def _optional(rule: Rule) -> Rule:
    return lambda place, value: None if value is None else rule(place, value)


def _setting_rules() -> dict[str, Rule]:
    """Return what each of `FakeSettings` has to be; its annotations say so."""
    rules: dict[str, Rule] = {}
    for name, said in FakeSettings.__annotations__.items():
        kind, _, none = said.partition(" | ")
        rule = _SIMPLE.get(kind, text)
        rules[name] = _optional(rule) if none else rule
    return rules


FAULT = record(
    "endpoint",
    endpoint=line,
    fault=line,
    times=_optional(whole),
    chance=number,
    seed=whole,
    status=whole,
    headers=mapping_of(text),
    body=any_text,
    seconds=number,
)
_CLIENT = record(
    client_id=visible,
    client_secret=visible,
    kind=one_of(*ClientKind),
    redirect_uri=address,
    refresh_tokens=list_of(record(token=visible, scopes=texts, user=line)),
)
_SEED = record(
    settings=record(**_setting_rules()),
    clock=moment,
    users=list_of(
        record("first_name", first_name=line, last_name=line, email=line, location=line)
    ),
    clients=list_of(_CLIENT),
    tables=mapping_of(
        record(columns=mapping_of(plain, line), rows=list_of(mapping_of(plain))), line
    ),
    cache=mapping_of(text),
    segments=mapping_of(mapping_of(text), line),
    folders=mapping_of(mapping_of(text, line), line),
    crons=list_of(mapping_of(plain)),
    faults=list_of(FAULT),
    slow=mapping_of(number),
)


class Seed(NamedTuple):
    """A seed whose shape was checked.

    Attributes:
        given: By section; texts may be secrets.
        place: Where it came from.
    """

    given: Mapping[str, Any]
    place: Place

    def __repr__(self) -> str:
        return f"<seed with {', '.join(self.given) or 'nothing'}>"

    def settings(self, **changes: Any) -> FakeSettings:
        """Return the settings that it asks for, with some changes.

        Raises:
            SettingsError: They do not go together.
        """
        given, place = dict(self.given.get("settings", {})), self.place.at("settings")
        try:
            if "data_center" in given:
                place = place.at("data_center")
                given["data_center"] = DataCenter.parse(given["data_center"])
                place = self.place.at("settings")
            return FakeSettings(**{**given, **changes})
        except SettingsError as error:
            if error.what in self.given.get("settings", {}):
                raise place.at(error.what).wrong(error.problem, error.hint) from None
            raise place.wrong(f"{error.what} {error.problem}", error.hint) from None


def seed_of(given: object, place: Place) -> Seed:
    """Check a mapping.

    Raises:
        SettingsError: Something in it is unknown, missing or of another type.
    """
    return _checked(given, place)


def read_seed(path: Path) -> Seed:
    """Read a YAML file.

    Raises:
        SettingsError: It cannot be read, or something in it is unknown, missing, twice
            there or of another type; file, line and key are named.
    """
    given, lines = _loaded(path)
    return _checked(given, Place(str(path), lines))


def _checked(given: object, place: Place) -> Seed:
    try:
        return Seed(_SEED(place, {} if given is None else given), place)
    except RecursionError:
        pass
    raise place.wrong("has values inside values beyond measure", "make it flatter")


def _loaded(path: Path) -> tuple[Any, dict[Keys, int]]:
    from ._yaml import YamlError, load

    try:
        # With its byte order mark, if an editor wrote one.
        return load(read_regular_file(path, _LARGEST).decode("utf-8-sig"))
    except YamlError as error:
        what, problem, hint = f"{path}, line {error.line}", error.problem, ""
    except UnicodeDecodeError:
        what, problem, hint = str(path), "is not UTF-8 text", "save it as UTF-8"
    except OSError as error:
        what, problem = str(path), f"cannot be read: {error.strerror}"
        hint = "name a seed file that you may read"
    raise SettingsError(what, problem, hint)
