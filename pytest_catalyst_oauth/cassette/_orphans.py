"""Cassettes, and parts of them, whose test is no more.

Nothing is imported: the test files are read.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TEST_MODULE = re.compile(r"test_.*\.py|.*_test\.py")
# A body that may define anything: names come from somewhere else, or from a call.
_ANYTHING = "*"
_MARKS = frozenset(("pytest.mark", "mark"))
_MAKERS = frozenset("exec globals locals scenarios setattr vars".split())


class Tests:
    """The tests below some folder.

    Args:
        root: What node ids are relative to, pytest's rootdir.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._trees: dict[Path, ast.Module | None] = {}

    def why_orphan(self, cassette: Path, test: str | None) -> str | None:
        """Say why a cassette has no test any more; None if it has, or may have one.

        Args:
            cassette: Its path.
            test: Node id of the test that recorded it; None if it does not say.
        """
        if test is None:
            return self._why_by_path(cassette)
        file, _, rest = test.partition("::")
        module = self._root / file
        if not module.is_file():
            return f"was recorded by {test}, but there is no {file}"
        # Parameters may be computed, so only the function counts.
        names = rest.partition("[")[0].split("::")
        # A doctest has the name of its module in front.
        is_function = module.suffix == ".py" and rest and "." not in names[-1]
        if is_function and not self._has(module, names):
            return f"was recorded by {test}, which is no more in {file}"
        return None

    def is_gone(self, test: str, *, beside: str) -> bool:
        """Tell whether what a test recorded may be dropped.

        More careful than `why_orphan`: node ids may be relative to another folder.

        Args:
            test: Node id of the test.
            beside: Node id of a test that is there.
        """
        if self.why_orphan(Path(), test) is None:
            return False
        file = test.partition("::")[0]
        if (self._root / file).is_file():
            return True
        parts = PurePosixPath(file).parts
        folders = PurePosixPath(beside.partition("::")[0]).parts[:-1]
        elsewhere = [
            *(Path(*parts[n:]) for n in range(1, len(parts))),
            *(Path(*folders[:n], file) for n in range(1, len(folders) + 1)),
        ]
        return not any((self._root / one).is_file() for one in elsewhere)

    def _why_by_path(self, cassette: Path) -> str | None:
        """Judge one that does not say who recorded it, by the usual layouts."""
        for module in self._modules(cassette):
            if _TEST_MODULE.fullmatch(module.name) and module.is_file():
                tree = self._tree(module)
                if tree is not None and not _may_be(cassette.stem, tree):
                    return f"is named after no test of {module}"
                return None
        return None

    def _modules(self, cassette: Path) -> Iterator[Path]:
        """Yield the modules whose test may have recorded a cassette."""
        folder = cassette.parent
        # As here: <cassettes>/tests/test_guests/test_listed.yaml.
        parts = folder.parts
        for count in range(1, len(parts)):
            yield self._root / Path(*parts[count:]).with_suffix(".py")
        # As pytest-recording: tests/cassettes/test_guests/test_listed.yaml.
        yield folder.parent.parent / f"{folder.name}.py"

    def _has(self, module: Path, names: Sequence[str]) -> bool:
        tree = self._tree(module)
        if tree is None:
            return True  # nobody can tell
        body: Sequence[ast.stmt] = tree.body
        for name in names:
            found = dict(_defined(body))
            if name not in found:
                return _ANYTHING in found
            inner = found[name]
            if inner is None:
                return True
            body = inner
        return True

    def _tree(self, module: Path) -> ast.Module | None:
        if module not in self._trees:
            try:
                self._trees[module] = ast.parse(module.read_bytes())
            except (OSError, SyntaxError, ValueError, RecursionError):
                self._trees[module] = None
        return self._trees[module]


def _defined(body: Sequence[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt] | None]]:
    """Yield the names that a body defines, with the body of each class."""
    for node in body:
        if isinstance(node, ast.Assign | ast.Expr) and _makes_names(node):
            yield _ANYTHING, None
        yield from _defined_by(node)


def _defined_by(node: ast.stmt) -> Iterator[tuple[str, list[ast.stmt] | None]]:
    if isinstance(node, ast.ClassDef):
        inherits = [base for base in node.bases if not _is_object(base)]
        changed = [one for one in node.decorator_list if not _is_mark(one)]
        more = [_STAR] if inherits or changed else []
        yield node.name, [*node.body, *more]
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name, None
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((one.asname or one.name, None) for one in node.names)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [one for target in targets for one in ast.walk(target)]
        yield from ((one.id, None) for one in names if isinstance(one, ast.Name))
    else:
        for inner in ("body", "orelse", "finalbody"):
            yield from _defined(getattr(node, inner, ()))
        for handler in getattr(node, "handlers", ()):
            yield from _defined(handler.body)


def _makes_names(node: ast.stmt) -> bool:
    called = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    return any(isinstance(one, ast.Name) and one.id in _MAKERS for one in called)


_STAR = ast.parse(f"from x import {_ANYTHING}").body[0]


def _is_object(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == "object"


def _is_mark(decorator: ast.expr) -> bool:
    """Tell whether it is `pytest.mark.x`, which defines nothing in a class."""
    mark = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(mark, ast.Attribute) and ast.unparse(mark.value) in _MARKS


def _may_be(stem: str, tree: ast.Module) -> bool:
    """Tell whether a file may be named after one of a module's tests."""
    names = set(_full_names(tree.body, ""))
    if any(_ANYTHING in one for one in names):
        return True
    # Behind a test's name there are its parameters, and what keeps a name unique.
    return any(re.match(rf"{re.escape(one)}(?:$|\W|_\d)", stem) for one in names)


def _full_names(body: Sequence[ast.stmt], before: str) -> Iterator[str]:
    for name, inner in _defined(body):
        yield f"{before}{name}"
        if inner is not None:
            yield from _full_names(inner, f"{before}{name}.")
