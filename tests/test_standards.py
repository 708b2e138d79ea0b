"""The page about standards names tests that exist, and leaves no row out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from pytest_catalyst_oauth.engine import grants

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reference" / "standards.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([BCS]\d\d?) \|(.*)\|$", PAGE, re.MULTILINE)
NAMED = re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", PAGE)


def is_there(path, name):
    """Tell whether a file has a function or class, given as `Class::method`."""
    node = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for part in name.split("::"):
        kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        inner = [one for one in node.body if isinstance(one, kinds)]
        node = next((one for one in inner if one.name == part), None)
        if node is None:
            return False
    return True


def test_every_requirement_has_a_row():
    """C01 to C34, S01 to S23 and B1 to B20, each once and in order."""
    assert [row for row, _ in ROWS] == [
        *(f"C{number:02d}" for number in range(1, 35)),
        *(f"S{number:02d}" for number in range(1, 24)),
        *(f"B{number}" for number in range(1, 21)),
    ]


def test_every_row_names_a_test():
    """Also those that cannot hold in full: the test then shows what holds instead."""
    assert [row for row, text in ROWS if "::" not in text] == []


def test_every_test_that_is_named_exists():
    """A renamed test is renamed on the page too."""
    assert len(NAMED) > 100
    assert [(p, n) for p, n in NAMED if not is_there(p, n)] == []


def test_there_is_no_password_grant():
    """Nobody is asked for the password of an account."""
    sources = (ROOT / "pytest_catalyst_oauth").rglob("*.py")
    asking = [one for one in sources if '"password"' in one.read_text(encoding="utf-8")]

    assert [name for name in dir(grants) if "password" in name.lower()] == []
    assert [one.name for one in asking if "grants" in one.parts] == []
