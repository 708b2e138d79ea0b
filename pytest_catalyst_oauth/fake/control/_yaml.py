"""YAML whose mistakes have a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from ._shape import Keys

# An alias is short, and what it stands for may be huge.
_MOST_VALUES = 100_000
_MOST_DIGITS = 100
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class YamlError(Exception):
    """A text that is no YAML, or YAML of a kind that is not taken.

    Args:
        line: Counted from 1.
        problem: What is wrong; it repeats no value.
    """

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(line, problem)
        self.line = line
        self.problem = problem


def load(text: str) -> tuple[Any, dict[Keys, int]]:
    """Return the value of a text, and the line of each value in it.

    Raises:
        YamlError: It is no YAML, a key is there twice, it is endless, or a number is
            none that somebody can have meant.
    """
    # Raised below, outside of the handlers: a context may quote a secret.
    try:
        return _read(yaml.SafeLoader(text))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = f"is no YAML: {error.problem}"
    except yaml.YAMLError:
        line, problem = 1, "is no YAML: it has a character that no text has"
    except ValueError:
        line, problem = 1, "has a date that does not exist"
    except RecursionError:
        line, problem = 1, "has values inside values beyond measure"
    raise YamlError(line, problem)


def _read(loader: yaml.SafeLoader) -> tuple[Any, dict[Keys, int]]:
    try:
        node = loader.get_single_node()
        lines: dict[Keys, int] = {}
        if node is None:
            return None, lines
        _walk(node, (), lines, ())
        return loader.construct_document(node), lines
    finally:
        loader.dispose()


def _walk(
    node: yaml.Node, keys: Keys, lines: dict[Keys, int], above: tuple[int, ...]
) -> None:
    line = node.start_mark.line + 1
    if id(node) in above:
        raise YamlError(line, "contains itself")
    if len(lines) > _MOST_VALUES:
        raise YamlError(line, f"has more than {_MOST_VALUES} values")
    lines[keys] = line
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        for number, one in enumerate(node.value):
            _walk(one, (*keys, number), lines, above)
    elif isinstance(node, yaml.MappingNode):
        _walk_mapping(node, keys, lines, above)
    elif node.tag in _NUMBERS:
        _check_number(node.value, line)


def _check_number(text: str, line: int) -> None:
    if ":" in text:
        raise YamlError(
            line,
            "has a number with colons, which YAML reads to the base of 60; put it in "
            "quotes, or write a moment with its date",
        )
    if len(text) > _MOST_DIGITS:
        raise YamlError(line, f"has a number with more than {_MOST_DIGITS} digits")


def _walk_mapping(
    node: yaml.MappingNode, keys: Keys, lines: dict[Keys, int], above: tuple[int, ...]
) -> None:
    seen: set[str] = set()
    for key, value in node.value:
        line = key.start_mark.line + 1
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if name in seen:
            raise YamlError(line, f"has the key {name} twice")
        seen.add(name)
        _walk(value, (*keys, name), lines, above)
        lines[*keys, name] = line
