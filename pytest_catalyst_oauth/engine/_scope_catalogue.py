"""The scopes that are known: what each grants, and which calls need which."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Any, final

from ._api_call import ApiCall, full_path
from ._scope import Scope, ScopeSet
from ._server_words import quotable
from ._value import Value
from .errors import SettingsError, UnknownScopeWarning

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_SERVICE = "zohocatalyst"
# One letter in six or so may be wrong: `table.row` is `tables.rows`, `cash` is not
# `cache`.
_CLOSE = 0.8
_MOST = 3


@final
class ScopeEntry(Value):
    """One line of the catalogue.

    Attributes:
        resource: In words, as the documentation has it.
        name: The scope; one that ends in `.*` stands for a family.
        grants: In words.
        source: `D` documented, `C` Catalyst's command line, `V` seen elsewhere.
    """

    resource: str
    name: str
    grants: str
    source: str

    @property
    def is_family(self) -> bool:
        """Whether it stands for several scopes that are not listed."""
        return self.name.endswith(".*")

    @property
    def is_documented(self) -> bool:
        """Whether Zoho's documentation has it."""
        return "D" in self.source


@final
class ScopeCatalogue:
    """What is known about scopes. Zoho has the last word: nothing here blocks.

    Args:
        entries: In the order to show them.
        calls: Method, path and narrowest scope of each.

    Source: zoho-protocol.md 9.
    """

    def __init__(self, entries: Iterable[ScopeEntry], calls: Iterable[str]) -> None:
        self.entries = tuple(entries)
        self._families = {
            one.name.lower().removesuffix(".*") for one in self.entries if one.is_family
        }
        single = [one for one in self.entries if not one.is_family]
        self._scopes = {Scope(one.name): one for one in single}
        self._by_key: dict[str, list[Scope]] = {}
        for scope in self._scopes:
            self._by_key.setdefault(_key(scope), []).append(scope)
        self.calls = tuple(map(self._call, calls))

    @classmethod
    def load(cls) -> ScopeCatalogue:
        """Return the catalogue that comes with the package; read once, when asked."""
        return _loaded()

    def entry(self, scope: Scope) -> ScopeEntry | None:
        """Return the line about a scope, or None."""
        return self._scopes.get(scope)

    def knows(self, scope: Scope) -> bool:
        """Tell whether the catalogue has it, by name or as one of a family."""
        return scope in self._scopes or scope.resource in self._families

    def suggestions(self, scope: Scope) -> tuple[Scope, ...]:
        """Return what may have been meant, the likeliest first; empty for no idea."""
        if self.knows(scope):
            return ()
        near = _near(_key(scope), self._by_key)
        found = [one for key in near for one in self._likely(key, scope.operation)]
        found.sort(key=lambda one: one.operation != scope.operation)
        return tuple(found[:_MOST])

    def unknown(self, scopes: ScopeSet) -> dict[Scope, tuple[Scope, ...]]:
        """Return the members that look wrong, with suggestions for each, sorted.

        Scopes of services that the catalogue does not cover are left alone.
        """
        covered = {one.name.lower().partition(".")[0] for one in self._scopes}
        doubtful = {one: self.suggestions(one) for one in scopes if not self.knows(one)}
        return {
            one: meant
            for one, meant in doubtful.items()
            if meant or one.name.lower().partition(".")[0] in covered
        }

    def warn(self, scopes: ScopeSet, *, stacklevel: int = 2) -> None:
        """Warn once for each member that looks wrong, with `UnknownScopeWarning`.

        Args:
            scopes: What somebody is about to ask for.
            stacklevel: Whose line the warning names; 2 is the caller's.
        """
        for scope, meant in self.unknown(scopes).items():
            hint = " or ".join(map(str, meant))
            text = f"scope {quotable(scope.name)} is not known here"
            asked = f"{text}; did you mean {hint}?" if hint else f"{text}; is it right?"
            warnings.warn(asked, UnknownScopeWarning, stacklevel=stacklevel)

    def call(self, method: str, path: str) -> ApiCall | None:
        """Return the documented call that a request is; None for another.

        Args:
            method: In upper or lower case.
            path: Under `/baas/v1/project/{id}`, in full, or a whole URL. Its query
                does not matter.
        """
        full = full_path(path)
        known = self.calls if full is not None else ()
        return next((one for one in known if one.is_of(method, full or "")), None)

    def least(self, calls: Iterable[tuple[str, str]]) -> ScopeSet:
        """Return the smallest set of scopes that is enough for all calls.

        Single operations where Zoho documents them, `.ALL` only where it does not.

        Args:
            calls: Method and path of each, as for `call`.

        Raises:
            SettingsError: A call is not documented, so nobody knows what it needs.
        """
        needed: set[Scope] = set()
        for method, path in calls:
            call = self.call(method, path)
            if call is None:
                raise SettingsError(
                    f"call {quotable(f'{method.upper()} {path}')}",
                    "is not in the catalogue, so its scope is unknown",
                    "see the page of the endpoint, and name the scope yourself",
                )
            needed.add(call.scope)
        return ScopeSet(frozenset(needed)).reduced()

    def _call(self, line: str) -> ApiCall:
        method, path, name = line.split()
        narrowest = Scope(name)
        return ApiCall(
            method=method,
            path=full_path(path) or path,
            narrowest=narrowest,
            scope=self._askable(narrowest),
        )

    def _askable(self, scope: Scope) -> Scope:
        every = Scope(f"{scope.name.rpartition('.')[0]}.ALL")
        for one in (scope, every):
            entry = self._scopes.get(one)
            if entry is not None and entry.is_documented:
                return Scope(entry.name)
        return scope

    def _likely(self, key: str, operation: str) -> list[Scope]:
        """Return the scopes of a resource: the one with that operation, or all."""
        scopes = self._by_key[key]
        same = [one for one in scopes if one.operation == operation]
        if same:
            return same
        names = {one.operation: one for one in scopes}
        near = _near(operation, names)
        return [names[name] for name in near[:1]] or scopes


def _key(scope: Scope) -> str:
    """Return the resource without Catalyst's prefix, even if that is misspelled."""
    head, _, rest = scope.resource.partition(".")
    is_catalyst = rest and (head == _SERVICE or _near(head, [_SERVICE]))
    return rest if is_catalyst else scope.resource


def _near(word: str, words: Collection[str]) -> list[str]:
    """Return the closest few, the closest first."""
    # Paid for by whoever asks about scopes, not by whoever imports the engine.
    from difflib import get_close_matches

    return get_close_matches(word, words, n=_MOST, cutoff=_CLOSE)


@cache
def _loaded() -> ScopeCatalogue:
    import tomllib
    from pkgutil import get_data  # `importlib.resources` takes far longer to import

    text = get_data(__package__, "scopes.toml") or b""
    resources: dict[str, Any] = tomllib.loads(text.decode())
    entries = [
        ScopeEntry(resource=resource, name=name, grants=grants, source=source)
        for resource, table in resources.items()
        for name, grants, source in table["scopes"]
    ]
    calls = [line for table in resources.values() for line in table.get("calls", ())]
    return ScopeCatalogue(entries, calls)
