"""A cassette's file name: stable, safe on every platform, no two tests' one."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_catalyst_oauth.fixtures._file_name import (
    cassette_name,
    former_name,
    is_renamed,
)

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer

# Names of cassettes that lie in people's repositories.
KNOWN = {
    "tests/test_rooms.py::test_list": "tests/test_rooms/test_list.yaml",
    "tests/test_rooms.py::TestRooms::test_list": (
        "tests/test_rooms/TestRooms.test_list.yaml"
    ),
    "tests/test_rooms.py::TestRooms::TestInner::test_list[a/b]": (
        "tests/test_rooms/TestRooms.TestInner.test_list-a-b-cba14b1a.yaml"
    ),
    "test_a.py::test_ids[]": "test_a/test_ids-d0c2af94.yaml",
    "test_a.py::test_ids[CON]": "test_a/test_ids-CON-8cbed5e7.yaml",
    "test_a.py::test_ids[x]": "test_a/test_ids-x-adf240f8.yaml",
    "test_a.py::test_ids[X]": "test_a/test_ids-X-91f7fb77.yaml",
    "test_a.py::test_ids[end.]": "test_a/test_ids-end-67a02f5b.yaml",
    "test_a.py::test_ids[end ]": "test_a/test_ids-end-e52ca341.yaml",
    "con.py::con": "1143da2b-con/1143da2b-con.yaml",
    "aux.v1.py::test_a": "f8047e6d-aux.v1/test_a.yaml",
    "test_a.py::test_SAME": "test_a/test_SAME-7844fc0c.yaml",
    "test_a.py::testCamel": "test_a/testCamel-ab1315a5.yaml",
    "tests/sp ace/test_a.py::test_\u00e9": (
        "tests/sp-ace-ed7f8c63/test_a/test_-8dddbc18.yaml"
    ),
    "README.md::README.md": "README/README.md-b3356305.yaml",
    "src/mod.py::src.mod.f": "src/mod/src.mod.f.yaml",
    "../out/test_a.py::test_a": "-5ec1f7e7/out/test_a/test_a.yaml",
    "tests/t\u00e9st/test_a.py::test_a": "tests/t-st-4ab085ec/test_a/test_a.yaml",
}
DEVICES = {"con", "prn", "aux", "nul"}
DEVICES |= {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}

# Parts that some platform dislikes, and what stands between them.
words = st.sampled_from(
    [
        *"a A b con CON Nul aux.x com1 lpt9 .. . - _ i ss SS".split(),
        *("\u00e9", "e\u0301", "\u00df", "\u0130", "\uff41", "\udc80", " ", ""),
    ]
)
nasty = st.lists(words | st.text(max_size=3), max_size=4).map("".join) | st.text(
    alphabet="xX", min_size=90, max_size=120
)
functions = st.from_regex(r"test_[a-zA-Z]{0,2}", fullmatch=True)
classes = st.lists(st.sampled_from(["TestA", "TestB", "TestAb"]), max_size=2)
parameters = st.none() | st.lists(nasty, min_size=1, max_size=3).map("::".join)


@st.composite
def node_ids(draw) -> str:
    """Return a node id in a module of a nasty folder."""
    folder = draw(st.sampled_from(["", "tests/", "con/", "x./", "t\u00e9st/", " /"]))
    names = [*draw(classes), draw(functions)]
    given = draw(parameters)
    return f"{folder}test_a.py::{'::'.join(names)}" + (
        "" if given is None else f"[{given}]"
    )


@given(node_ids())
@example("test_a.py::test_[" + "y" * 100_000 + "]")
@example("con.x/NUL.py::con")
@example("\u65e5/\u672c.py::\u8a9e")
def test_every_platform_takes_it(test) -> None:
    """Letters, endings, devices and lengths; and it does not depend on the spelling."""
    path = cassette_name(test)

    assert not path.is_absolute()
    for part in path.parts:
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,125}", part)
        assert part.partition(".")[0].lower() not in DEVICES
        assert part[-1] not in ". "
        assert part[0] != "."
    decomposed = unicodedata.normalize("NFD", test.partition("::")[0])
    assert cassette_name(f"{decomposed}::{test.partition('::')[2]}") == path


@given(node_ids(), node_ids())
@example("test_a.py::test_[a.b]", "test_a.py::test_[a::b]")
@example("test_a.py::test_[a]", "test_a.py::test_[A]")
@example("test_a.py::test_a", "test_a.py::test_A")
@example("test_a.py::TestA::test_a", "test_a.py::TestA::TestA::test_a")
@example("test_a.py::test_[\u00e9]", "test_a.py::test_[e\u0301]")
def test_two_tests_have_two_names(one, other) -> None:
    """Also where capitals and accents do not count."""
    folded = {str(cassette_name(test)).casefold() for test in (one, other)}

    assert len(folded) == len({one, other})


@pytest.mark.parametrize("test", KNOWN)
def test_a_name_that_is_in_use_stays(test) -> None:
    """Or committed cassettes would be lost."""
    assert cassette_name(test).as_posix() == KNOWN[test]


@given(node_ids())
@example("test_a.py::test_[a::b]")
@example("te\u0301st/test_a.py::test_a")
def test_former_names_are_looked_for_where_there_were_any(test) -> None:
    """Or committed cassettes would be lost after an update."""
    assert is_renamed(test) or former_name(test) == cassette_name(test)


TWINS = """
class TestRooms:
    def test_list(self, catalyst_token): pass

    class TestInner:
        def test_list(self, catalyst_token): pass
"""


def names(pytester: pytest.Pytester) -> set[str]:
    """Return the names of all cassettes."""
    return {path.name for path in (pytester.path / "cassettes").rglob("*.yaml")}


def test_classes_that_differ_by_a_capital_have_two_files(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """Whichever of them is run, and inside of another class."""
    both = TWINS + TWINS.replace("TestRooms", "Testrooms").replace(
        "TestInner", "TestInner: pass\n    class Testinner"
    )
    pytester.makepyfile(test_twins=both)

    first = run("--catalyst-oauth=record", "test_twins.py::TestRooms")
    first.assert_outcomes(passed=2)
    some = names(pytester)
    run("--catalyst-oauth=record").assert_outcomes(passed=4)

    assert some < names(pytester)
    assert len({name.casefold() for name in names(pytester)}) == 4
    run("--catalyst-oauth=replay", "--catalyst-oauth-strict").assert_outcomes(passed=4)


def test_a_folder_may_be_called_as_parameters_are(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """Brackets in its name hide nothing of what follows."""
    both = TWINS + TWINS.replace("TestRooms", "Testrooms")
    pytester.makepyfile(**{"rooms[1]/test_twins": both})

    run("--catalyst-oauth=record").assert_outcomes(passed=4)

    assert len({name.casefold() for name in names(pytester)}) == 4


def test_a_cassette_keeps_its_name_when_a_twin_comes(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """What was committed before is found, and rewritten where it is."""
    pytester.makepyfile(test_twins=TWINS)
    run("--catalyst-oauth=record").assert_outcomes(passed=2)
    assert names(pytester) == {
        "TestRooms.test_list.yaml",
        "TestRooms.TestInner.test_list.yaml",
    }
    pytester.makepyfile(test_twins=TWINS + TWINS.replace("TestRooms", "Testrooms"))

    replayed = run("--catalyst-oauth=replay", "test_twins.py::TestRooms")
    replayed.assert_outcomes(passed=2)
    run("--catalyst-oauth=record").assert_outcomes(passed=4)
    run("--catalyst-oauth=rewrite").assert_outcomes(passed=4)

    assert len(names(pytester)) == 4
    assert "TestRooms.test_list.yaml" in names(pytester)
