"""docs/reference/command.md shows what the command says of itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_catalyst_oauth.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command.md"
COMMANDS = [
    "",
    "demo",
    "serve",
    "login",
    "token",
    "status",
    "revoke",
    "scopes",
    "doctor",
    "cassette",
    "cassette show",
    "cassette scrub",
    "cassette serve",
    "cassette diff",
    "cassette lint",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_shows_the_help(command, capsys, monkeypatch):
    """Word for word; how lines break is the Python version's business."""
    monkeypatch.setenv("COLUMNS", "80")
    typed = " ".join(["catalyst-oauth", command, "--help"]).replace("  ", " ")
    shown = re.search(
        rf"^\$ {re.escape(typed)}\n(.*?)^```",
        PAGE.read_text(),
        re.DOTALL | re.MULTILINE,
    )

    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])

    assert shown is not None, f"no block for {typed!r}"
    assert shown[1].split() == capsys.readouterr().out.split()


def test_the_page_shows_every_command(capsys):
    """One that is new has to be written about."""
    with pytest.raises(SystemExit):
        main(["--help"])

    listed = re.findall(r"^    (\w+) +\S", capsys.readouterr().out, re.MULTILINE)
    assert sorted(listed) == sorted(one for one in COMMANDS[1:] if " " not in one)
