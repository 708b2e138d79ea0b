"""`ScopeCatalogue`: what each scope grants, and what each call needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pytest_catalyst_oauth
from pytest_catalyst_oauth.engine import Scope, ScopeCatalogue, ScopeEntry, ScopeSet
from pytest_catalyst_oauth.engine.errors import SettingsError, UnknownScopeWarning
from pytest_catalyst_oauth.fake.catalyst import ALL_SCOPES
from pytest_catalyst_oauth.fake.catalyst._rules import all_rules

CATALOGUE = ScopeCatalogue.load()
PROJECT = "/baas/v1/project/10000000000000001"


def scopes(text):
    return ScopeSet.parse(f"ZohoCatalyst.{name}" for name in text.split())


def test_every_line_is_a_scope_with_its_meaning_and_its_source():
    """Nothing is listed twice, in whatever case."""
    names = [entry.name.lower() for entry in CATALOGUE.entries]

    assert len(names) > 100
    assert sorted(names) == sorted(set(names))
    for entry in CATALOGUE.entries:
        Scope(entry.name.removesuffix(".*"))
        assert entry.grants
        assert re.fullmatch("D?C?V?", entry.source)
        assert entry.source


def test_every_call_names_a_scope_of_the_catalogue():
    """In the catalogue's own spelling, and each call once."""
    assert len({(one.method, one.path) for one in CATALOGUE.calls}) == len(
        CATALOGUE.calls
    )
    for call in CATALOGUE.calls:
        assert CATALOGUE.entry(call.narrowest).name == call.narrowest.name
        assert call.scope.grants(call.narrowest)


def test_a_line_can_be_looked_up():
    """In any case; and what is not there is None."""
    entry = CATALOGUE.entry(Scope("zohocatalyst.ZCQL.create"))

    assert entry == ScopeEntry(
        resource="ZCQL",
        name="ZohoCatalyst.zcql.CREATE",
        grants="run queries, whatever their statement",
        source="DC",
    )
    assert CATALOGUE.entry(Scope("ZohoCatalyst.zcql.READ")) is None


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("ZohoCatalyst.tables.rows.READ", True),
        ("zohocatalyst.TABLES.rows.read", True),
        ("ZohoCatalyst.appsail.READ", True),
        ("QuickML.deployment.READ", True),
        ("openid", True),
        ("ZohoCatalyst.nosql.item.CREATE", True),
        ("ZohoCatalyst.nosql.items.CREATE", False),
        ("ZohoCatalyst.cache.UPDATE", False),
        ("ZohoCRM.modules.ALL", False),
    ],
)
def test_scopes_are_known_or_not(name, known):
    """By name, or as a member of a family that the catalogue does not spell out."""
    assert CATALOGUE.knows(Scope(name)) is known


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ZohoCatalyst.table.rows.READ", "ZohoCatalyst.tables.rows.READ"),
        ("ZohoCatalyst.tables.row.DELETE", "ZohoCatalyst.tables.rows.DELETE"),
        ("ZohoCatalist.tables.rows.READ", "ZohoCatalyst.tables.rows.READ"),
        ("Catalyst.tables.rows.READ", "ZohoCatalyst.tables.rows.READ"),
        ("tables.rows.READ", "ZohoCatalyst.tables.rows.READ"),
        ("ZohoCatalyst.tables.rows.DELET", "ZohoCatalyst.tables.rows.DELETE"),
        ("zohocatalyst.function.execute", "ZohoCatalyst.functions.EXECUTE"),
        ("ZohoCatalyst.folder.ALL", "ZohoCatalyst.folders.ALL"),
        ("ZohoCatalyst.eventlisteners.ALL", "ZohoCatalyst.eventlistners.ALL"),
    ],
)
def test_a_typo_is_answered_with_what_was_meant(typed, meant):
    """Whatever part of the name it is in."""
    assert CATALOGUE.suggestions(Scope(typed))[0] == Scope(meant)


def test_an_operation_that_does_not_exist_is_answered_with_those_that_do():
    """There is no cache.UPDATE: a PUT needs cache.CREATE."""
    found = CATALOGUE.suggestions(Scope("ZohoCatalyst.cache.UPDATE"))

    assert ScopeSet(frozenset(found)) == scopes("cache.READ cache.CREATE cache.DELETE")


@pytest.mark.parametrize(
    "name",
    [
        "ZohoCatalyst.wormhole.READ",
        "ZohoCRM.modules.ALL",
        "ZohoCatalyst.READ",
        "ZohoCatalyst.cash.READ",
        "ZohoCatalyst.cache.READ",
    ],
)
def test_no_idea_is_better_than_a_guess(name):
    """Nor is anything suggested for what is right."""
    assert CATALOGUE.suggestions(Scope(name)) == ()


def test_a_doubtful_scope_warns_and_blocks_nothing():
    """One warning each, sorted; scopes of other services are left alone."""
    asked = ScopeSet.parse(
        "ZohoCatalyst.table.rows.READ, ZohoCatalyst.wormhole.READ, table.READ,"
        "ZohoCRM.modules.ALL, openid, ZohoCatalyst.cache.READ"
    )

    with pytest.warns(UnknownScopeWarning) as caught:
        CATALOGUE.warn(asked)

    assert [str(one.message) for one in caught] == [
        "scope table.READ is not known here; did you mean ZohoCatalyst.tables.READ?",
        (
            "scope ZohoCatalyst.table.rows.READ is not known here; "
            "did you mean ZohoCatalyst.tables.rows.READ?"
        ),
        "scope ZohoCatalyst.wormhole.READ is not known here; is it right?",
    ]
    assert {one.filename for one in caught} == {__file__}


def test_known_scopes_warn_of_nothing():
    """The catalogue finds no fault with itself."""
    listed = [one.name for one in CATALOGUE.entries if not one.is_family]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CATALOGUE.warn(ScopeSet.parse(listed))


@pytest.mark.parametrize(
    ("call", "narrowest", "asked"),
    [
        ("GET /table", "tables.READ", None),
        ("GET /table/Guests", "tables.READ", None),
        ("GET /table/Guests/column", "tables.columns.READ", None),
        ("GET /table/Guests/row", "tables.rows.READ", None),
        ("GET /table/Guests/row/1", "tables.rows.READ", None),
        ("POST /table/Guests/row", "tables.rows.CREATE", None),
        ("PUT /table/Guests/row", "tables.rows.UPDATE", None),
        ("PATCH /table/Guests/row", "tables.rows.UPDATE", None),
        ("DELETE /table/Guests/row?ids=1,2", "tables.rows.DELETE", None),
        ("DELETE /table/Guests/row/1", "tables.rows.DELETE", None),
        ("POST /query", "zcql.CREATE", None),
        ("GET /cache?cacheKey=a", "cache.READ", None),
        ("POST /cache", "cache.CREATE", None),
        ("PUT /segment/7/cache", "cache.CREATE", None),
        ("DELETE /segment/7/cache", "cache.DELETE", None),
        ("GET /segment", "segments.READ", "segments.ALL"),
        ("GET /segment/7", "segments.READ", "segments.ALL"),
        ("GET /folder", "folders.READ", "folders.ALL"),
        ("POST /folder", "folders.CREATE", "folders.ALL"),
        ("PUT /folder/7", "folders.UPDATE", "folders.ALL"),
        ("DELETE /folder/7", "folders.DELETE", "folders.ALL"),
        ("POST /folder/7/file", "files.CREATE", None),
        ("GET /folder/7/file/8", "files.READ", None),
        ("GET /folder/7/file/8/download", "files.READ", None),
        ("DELETE /folder/7/file/8", "files.DELETE", None),
        ("GET /cron", "cron.READ", "cron.ALL"),
        ("PUT /cron/7", "cron.UPDATE", "cron.ALL"),
        ("POST /job_scheduling/cron", "cron.CREATE", "cron.ALL"),
        ("PATCH /job_scheduling/cron/7", "cron.UPDATE", "cron.ALL"),
        ("DELETE /job_scheduling/cron/7", "cron.DELETE", "cron.ALL"),
        ("POST /job_scheduling/cron/7/submit_job", "cron.CREATE", "cron.ALL"),
        ("POST /search", "search.READ", None),
        ("POST /function/greet/execute", "functions.EXECUTE", None),
        ("GET /", "projects.READ", "projects.ALL"),
    ],
)
def test_each_call_has_its_scope(call, narrowest, asked):
    """Under the project, with a query or as a whole URL: the same call."""
    method, path = call.split()
    written = (path, f"{PROJECT}{path}", f"https://api.catalyst.zoho.eu{PROJECT}{path}")

    for text in written:
        found = CATALOGUE.call(method.lower(), text)
        assert found.narrowest == Scope(f"ZohoCatalyst.{narrowest}")
        assert found.scope == Scope(f"ZohoCatalyst.{asked or narrowest}")


@pytest.mark.parametrize(
    ("method", "scope"),
    [("GET", "projects.READ"), ("POST", "projects.CREATE"), ("DELETE", None)],
)
def test_projects_are_calls_too(method, scope):
    """They lie beside the paths of one project."""
    found = CATALOGUE.call(method, "/baas/v1/project/")

    assert (found and found.narrowest) == (scope and Scope(f"ZohoCatalyst.{scope}"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/table"),
        ("GET", "/wormhole"),
        ("GET", "/table/a/b/c/d"),
        ("GET", "/quickml/v1/models"),
        ("GET", "https://[::1"),
        ("", ""),
    ],
)
def test_a_call_that_is_not_documented_is_none(method, path):
    """And a least set with it would not be one, so there is an error."""
    assert CATALOGUE.call(method, path) is None
    with pytest.raises(SettingsError, match="is not in the catalogue"):
        CATALOGUE.least([("GET", "/table"), (method, path)])


@pytest.mark.parametrize(
    ("calls", "needed"),
    [
        ("", ""),
        ("GET /table/a/row, GET /table/b/row/1", "tables.rows.READ"),
        (
            "PUT /cache, GET /cache, GET /table/a/row",
            "cache.CREATE cache.READ tables.rows.READ",
        ),
        (
            "GET /folder, DELETE /folder/7, GET /folder/7/file/8",
            "folders.ALL files.READ",
        ),
        ("GET /cron, POST /job_scheduling/cron", "cron.ALL"),
        (
            "POST /table/a/row, PATCH /table/a/row, DELETE /table/a/row/1",
            "tables.rows.CREATE tables.rows.DELETE tables.rows.UPDATE",
        ),
    ],
)
def test_the_least_set_has_no_more_than_the_calls_need(calls, needed):
    """`.ALL` only where no single operation is documented; in any order."""
    pairs = [tuple(call.split()) for call in calls.split(", ") if call]

    found = CATALOGUE.least(pairs)

    assert found == scopes(needed)
    assert str(CATALOGUE.least(reversed(pairs))) == str(found)


some_calls = st.lists(st.sampled_from(CATALOGUE.calls), max_size=8)


@given(some_calls)
def test_the_least_set_is_enough_and_no_member_can_go(calls):
    """Each call is granted, and without any one member some call is not."""
    found = CATALOGUE.least((one.method, one.path) for one in calls)

    assert all(found.grants(one.scope) for one in calls)
    for member in found:
        rest = ScopeSet(found.scopes - {member})
        assert not all(rest.grants(one.scope) for one in calls)


@given(st.text(max_size=5), st.text())
def test_any_call_is_looked_up_without_an_exception(method, path):
    """Whatever is no call is None."""
    found = CATALOGUE.call(method, path)

    assert found is None or found in CATALOGUE.calls


names = st.from_regex(
    r"\A[A-Za-z][A-Za-z0-9_-]{0,9}(\.[A-Za-z][A-Za-z0-9]{0,9}){1,3}\Z"
)


@given(names)
def test_any_scope_is_judged_without_an_exception(name):
    """Suggestions are scopes of the catalogue, three at most."""
    found = CATALOGUE.suggestions(Scope(name))

    assert len(found) <= 3
    assert all(CATALOGUE.knows(one) for one in found)


def test_a_set_can_be_reduced():
    """What another member grants is left out; spelling does not matter."""
    many = scopes("cron.ALL CRON.read tables.ALL tables.rows.READ cache.READ")

    assert many.reduced() == scopes("cron.ALL tables.ALL tables.rows.READ cache.READ")
    assert ScopeSet().reduced() == ScopeSet()


def rules():
    """Return the fake's rules: method, a path, scope."""
    for rule in all_rules():
        path = rule.path.pattern.replace("([^/]+)", "7")
        yield pytest.param(rule.method, path, rule.scope, id=f"{rule.method} {path}")


@pytest.mark.parametrize(("method", "path", "scope"), [*rules()])
def test_the_fake_asks_for_what_the_catalogue_says(method, path, scope):
    """The narrowest scope is enough there, and so is the documented one."""
    call = CATALOGUE.call(method, path)

    assert call is not None
    assert call.narrowest == scope
    assert call.scope.grants(scope)


def test_the_fake_grants_no_scope_that_nobody_has_heard_of():
    """Whoever learns the scopes from the fake learns real ones."""
    assert len(ALL_SCOPES) > 5
    assert CATALOGUE.unknown(ALL_SCOPES) == {}


def test_the_catalogue_is_read_when_somebody_asks():
    """Importing the engine does not read it, nor what reads it."""
    check = (
        "import sys, pytest_catalyst_oauth.engine as engine\n"
        "before = 'tomllib' in sys.modules\n"
        "engine.ScopeCatalogue.load()\n"
        "print(before, 'tomllib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(pytest_catalyst_oauth.__file__).parents[1],
        # Coverage would start in the child too, and read its own settings there.
        env={n: v for n, v in os.environ.items() if not n.startswith("COVERAGE_")},
    )

    assert done.stdout.split() == ["False", "True"]
    assert ScopeCatalogue.load() is CATALOGUE


def test_where_nothing_is_documented_the_narrowest_scope_is_asked_for():
    """There is nothing better to go by."""
    name = "ZohoCatalyst.wormhole.READ"
    entry = ScopeEntry(resource="Wormholes", name=name, grants="look", source="V")

    catalogue = ScopeCatalogue([entry], [f"GET /wormhole {name}"])

    assert catalogue.least([("GET", "/wormhole")]) == scopes("wormhole.READ")


def test_a_single_operation_is_left_out_beside_all_operations():
    """Where one call of a resource needs `.ALL`, the others need nothing more."""
    catalogue = ScopeCatalogue(
        [
            ScopeEntry(resource="Moles", name=f"Zoo.moles.{name}", grants="", source=by)
            for name, by in (("ALL", "D"), ("READ", "D"), ("CREATE", "V"))
        ],
        ["GET /mole Zoo.moles.READ", "POST /mole Zoo.moles.CREATE"],
    )

    assert catalogue.least([("GET", "/mole")]) == ScopeSet.parse("Zoo.moles.READ")
    assert catalogue.least([("GET", "/mole"), ("POST", "/mole")]) == ScopeSet.parse(
        "Zoo.moles.ALL"
    )
