"""`catalyst-oauth scopes`: which scopes there are, and which ones calls need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import Scope, ScopeCatalogue
from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pytest_catalyst_oauth.engine import ScopeEntry

_SOURCES = {
    "D": "Zoho's documentation",
    "C": "Catalyst's own command line",
    "V": "configurations of others",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "scopes",
        help="list and explain scopes, and find those that calls need",
        description="List the scopes that are known, those with all WORDs in their "
        "line, or explain one scope. Nobody is asked.",
    )
    parser.add_argument(
        "words",
        nargs="*",
        help="part of a name or of a description, or a whole scope",
        metavar="WORD",
    )
    parser.add_argument(
        "--for",
        action="append",
        dest="calls",
        default=[],
        help="print the least scopes for a call, for example 'GET /table/{t}/row'; may "
        "be given several times",
        metavar="CALL",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Answer; return the exit code, 0.

    Raises:
        SettingsError: A scope or a call is unknown.
    """
    catalogue = ScopeCatalogue.load()
    if options.calls:
        needed = catalogue.least([_call(text) for text in options.calls])
        print(needed.for_request())
        return 0
    words: list[str] = options.words
    scope = _scope(words[0]) if len(words) == 1 else None
    if scope is not None and catalogue.knows(scope):
        print("\n".join(_explained(scope, catalogue)))
        return 0
    found = [one for one in catalogue.entries if _has(one, words)]
    if not found:
        raise _unknown(words, scope, catalogue)
    width = max(len(one.name) for one in found)
    print("\n".join(f"{one.name:{width}}  {one.grants}" for one in found))
    return 0


def _call(text: str) -> tuple[str, str]:
    method, _, path = text.strip().partition(" ")
    if not method.isalpha() or not path.strip():
        raise SettingsError(
            f"call {text!r}",
            "is malformed: expected a method and a path",
            "for example 'GET /table/{t}/row'",
        )
    return method, path.strip()


def _scope(word: str) -> Scope | None:
    try:
        return Scope(word)
    except SettingsError:
        return None


def _has(entry: ScopeEntry, words: Sequence[str]) -> bool:
    line = f"{entry.name} {entry.resource} {entry.grants}".lower()
    return all(word.lower() in line for word in words)


def _explained(scope: Scope, catalogue: ScopeCatalogue) -> list[str]:
    entry = catalogue.entry(scope)
    if entry is None:
        return [f"{scope}: one of a family whose members are not listed"]
    seen = ", ".join(
        words for letter, words in _SOURCES.items() if letter in entry.source
    )
    calls = [
        f"  {one.method} {one.path}"
        for one in catalogue.calls
        if scope.grants(one.scope)
    ]
    lines = [
        entry.name,
        f"resource: {entry.resource}",
        f"grants: {entry.grants}",
        f"seen in: {seen}",
    ]
    return [*lines, *(["enough for:", *calls] if calls else [])]


def _unknown(
    words: Sequence[str], scope: Scope | None, catalogue: ScopeCatalogue
) -> SettingsError:
    meant = catalogue.suggestions(scope) if scope else ()
    if meant:
        hint = " or ".join(map(str, meant))
        return SettingsError(
            f"scope {scope}", "is not known here", f"did you mean {hint}?"
        )
    return SettingsError(
        " ".join(words),
        "is in no scope that is known here",
        "try fewer or shorter words",
    )
