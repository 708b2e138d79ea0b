"""`catalyst-oauth scopes`: which there are, and which one needs."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.cli import main
from pytest_catalyst_oauth.engine import ScopeCatalogue


def test_all_are_listed(capsys):
    """One a line, with what it grants."""
    assert main(["scopes"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(ScopeCatalogue.load().entries)
    assert all(len(line.split("  ", 1)) == 2 for line in lines)


def test_words_narrow_the_list(capsys):
    """All of them, in names or descriptions, in any case."""
    main(["scopes", "ROWS", "read"])

    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("ZohoCatalyst.tables.rows.READ ") for line in lines)
    assert all("rows" in line.lower() and "read" in line.lower() for line in lines)


def test_one_scope_is_explained(capsys):
    """In any case: what it grants, where it was seen, for which calls."""
    assert main(["scopes", "zohocatalyst.tables.rows.read"]) == 0

    told = capsys.readouterr().out
    assert told.startswith("ZohoCatalyst.tables.rows.READ\nresource: ")
    assert "seen in: Zoho's documentation" in told
    assert "  GET /baas/v1/project/{project}/table/{table}/row\n" in told


def test_one_of_a_family_is_known_too(capsys):
    """The catalogue has the family, and says that it does not list its members."""
    family = next(one for one in ScopeCatalogue.load().entries if one.is_family)
    member = family.name.replace("*", "READ")

    assert main(["scopes", member]) == 0
    assert capsys.readouterr().out == (
        f"{member}: one of a family whose members are not listed\n"
    )


def test_the_least_scopes_for_calls_are_found(capsys):
    """One line that --scopes takes as it is."""
    assert (
        main(
            [
                *("scopes", "--for", "GET /table/{t}/row"),
                *("--for", "POST /table/Guests/row", "--for", "get /table/1/row"),
            ]
        )
        == 0
    )
    assert capsys.readouterr().out == (
        "ZohoCatalyst.tables.rows.CREATE,ZohoCatalyst.tables.rows.READ\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["ZohoCatalyst.table.row.READ"],
            "scope ZohoCatalyst.table.row.READ: is not known here; did you mean",
        ),
        (["teleport"], "teleport: is in no scope that is known here"),
        (["--for", "row"], "call 'row': is malformed: expected a method and a path"),
        (["--for", "GET /teleport"], "call GET /teleport: is not in the catalogue"),
    ],
)
def test_what_is_unknown_is_told(capsys, arguments, told):
    """With what may have been meant, where there is an idea."""
    assert main(["scopes", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"catalyst-oauth: {told}")
