"""`Scope` and `ScopeSet`: names, and what they grant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import Scope, ScopeSet
from pytest_catalyst_oauth.engine.errors import SettingsError

READ = "ZohoCatalyst.tables.rows.READ"
CRON = "ZohoCatalyst.cron.ALL"

letters = st.sampled_from("aBcXyZ")
parts = st.builds(str.__add__, letters, st.text("aB0_-", max_size=4))
names = st.lists(parts, min_size=2, max_size=4).map(".".join)
separators = st.sampled_from([",", " ", ", ", " ,", "\n", ",,", "\t"])


@pytest.mark.parametrize(
    "text",
    [
        f"{READ},{CRON}",
        f"{READ} {CRON}",
        f" {READ},  {CRON}\n",
        f",{CRON},{READ},",
        [READ, CRON],
        [Scope(CRON), f"{READ},{CRON}"],
    ],
)
def test_separators_do_not_matter(text):
    """Commas, spaces, both, or a list: the same set."""
    assert ScopeSet.parse(text) == ScopeSet(frozenset({Scope(READ), Scope(CRON)}))


def test_requests_have_commas_and_replies_have_spaces():
    """Zoho writes them differently in the two directions."""
    scopes = ScopeSet.parse([READ, CRON])

    assert scopes.for_request() == f"{CRON},{READ}"
    assert str(scopes) == f"{CRON} {READ}"


def test_case_does_not_matter_but_is_kept():
    """Zoho compares without regard to case; people see what they wrote."""
    scope = Scope("zohocatalyst.TABLES.rows.Read")

    assert scope == Scope(READ)
    assert hash(scope) == hash(Scope(READ))
    assert str(scope) == "zohocatalyst.TABLES.rows.Read"
    assert len(ScopeSet.parse([READ, READ.upper()])) == 1
    assert Scope(READ.upper()) in ScopeSet.parse(READ)
    assert scope != READ


@pytest.mark.parametrize(
    ("held", "needed", "enough"),
    [
        (READ, READ, True),
        (READ.lower(), READ.upper(), True),
        ("ZohoCatalyst.tables.rows.ALL", READ, True),
        ("ZohoCatalyst.tables.rows.all", READ, True),
        ("ZohoCatalyst.tables.ALL", READ, False),
        ("ZohoCatalyst.tables.READ", READ, False),
        (READ, "ZohoCatalyst.tables.rows.ALL", False),
        (CRON, READ, False),
        ("ZohoCatalyst.ALL", READ, False),
    ],
)
def test_all_holds_the_operations_of_its_own_resource(held, needed, enough):
    """`.ALL` does not reach into resources below or beside its own."""
    assert Scope(held).grants(Scope(needed)) is enough
    assert ScopeSet.parse([held, "openid"]).grants(Scope(needed)) is enough


@pytest.mark.parametrize(
    "name",
    ["", "READ", "a..b", ".a.b", "a.b.", "a.b;c", "1a.b", "a b.c", "ä.b", "a.b\n"],
)
def test_a_malformed_name_is_refused_with_an_example(name):
    """The message shows how a scope looks."""
    with pytest.raises(SettingsError, match=r"for example ZohoCatalyst\.tables"):
        Scope(name)


def test_openid_names_stand_alone():
    """OpenID's three scopes have no dots."""
    assert str(ScopeSet.parse("openid,email profile")) == "email openid profile"


@pytest.mark.parametrize("text", [None, 1, [], {"a": 1}, "", "   "])
def test_an_absent_scope_means_not_said(text):
    """Older replies have no scope at all."""
    scopes = ScopeSet.read(text)

    assert not scopes
    assert list(scopes) == []


def test_what_a_server_says_is_read_without_complaint():
    """A name that is none is left out; the others count."""
    assert ScopeSet.read(f"{READ} ??? {CRON}") == ScopeSet.parse([READ, CRON])


def test_sets_can_be_joined():
    """Two sets make one; common members count once."""
    joined = ScopeSet.parse(READ) | ScopeSet.parse([READ.lower(), CRON])

    assert joined == ScopeSet.parse([READ, CRON])


@given(st.lists(st.tuples(names, separators), max_size=6))
def test_parsing_undoes_writing(pieces):
    """Whatever the separators, writing and reading again changes nothing."""
    scopes = ScopeSet.parse("".join(name + separator for name, separator in pieces))

    assert ScopeSet.parse(scopes.for_request()) == scopes
    assert ScopeSet.read(str(scopes)) == scopes
    assert list(scopes) == sorted(scopes)


@given(st.text())
def test_any_text_is_parsed_or_refused(text):
    """There is no third way, such as another exception."""
    try:
        scopes = ScopeSet.parse(text)
    except SettingsError:
        return

    assert ScopeSet.read(text) == scopes
