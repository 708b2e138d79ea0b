"""YAML by its library: all of it, within what is safe."""

from __future__ import annotations

from typing import Any

import yaml

from . import _plain_yaml
from ._bombs import BombError
from ._format import FormatError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# What VCR.py wrote for requests whose bodies were no plain text; all are harmless.
_PYTHON = "tag:yaml.org,2002:python/"
_HARMLESS = frozenset(
    _PYTHON + name
    for name in "str unicode tuple object/new:_io.BytesIO object/apply:builtins.iter "
    "bytes".split()
)


class _CassetteDumper(_Dumper):  # type: ignore[misc]  # chosen at run time
    """Writes texts of several lines as they are, and what is equal twice."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def _text_node(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_CassetteDumper.add_representer(str, _text_node)


def written(content: dict[str, Any]) -> str:
    """Return plain values as a text."""
    # Never folded: a value that is split over lines could hide from a search.
    text: str = yaml.dump(
        content,
        Dumper=_CassetteDumper,
        sort_keys=False,
        allow_unicode=True,
        width=1_000_000_000,
    )
    return text


def parse(text: str, *, exactly: bool) -> Any:
    """Return what a text says, as plain values.

    Args:
        text: A file's.
        exactly: Tell numbers from texts, which takes longer.

    Raises:
        FormatError: It is not YAML, or needs more than a safe loader.
    """
    try:
        return _exactly(text) if exactly else _plain_yaml.read(text)
    except (_plain_yaml.OtherTagError, yaml.constructor.ConstructorError):
        return _parse_with_vcr(text)
    except yaml.YAMLError as error:
        problem = f"is not YAML{_line_of(error)}"
    except (ValueError, RecursionError):
        problem = "is not YAML that can be read"
    raise FormatError(problem)


def _exactly(text: str) -> Any:
    return yaml.load(text, Loader=_Loader)  # noqa: S506  it is a safe loader


def _parse_with_vcr(text: str) -> Any:
    """Try VCR.py's own safe loader, which knows a few harmless Python tags."""
    from vcr.serializers import yamlserializer

    try:
        _refuse_bombs(text)
        return yamlserializer.deserialize(text)
    except yaml.YAMLError as error:
        problem = f"has a tag that could run code{_line_of(error)}"
    except BombError as error:
        problem = str(error)
    except (ValueError, TypeError):
        problem = "has a value that cannot be read"
    raise FormatError(problem)


def _line_of(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark is not None else ""


def _refuse_bombs(text: str) -> None:
    """Refuse what grows or runs code while it is loaded.

    Merge keys can double a mapping in each line, and no recorder writes them.

    Raises:
        BombError: There is a merge key, or a tag of unknown Python objects.
        yaml.YAMLError: It is not YAML.
    """
    if "<<" not in text and "python/" not in text:
        return
    for event in yaml.parse(text, Loader=_Loader):
        tag = getattr(event, "tag", None) or ""
        if tag.startswith(_PYTHON) and tag not in _HARMLESS:
            raise BombError(f"has a tag that could run code{_line(event)}")
        if isinstance(event, yaml.ScalarEvent) and _is_merge(event):
            raise BombError(f"has a merge key, as no cassette has{_line(event)}")


def _is_merge(event: yaml.ScalarEvent) -> bool:
    is_plain = event.tag is None and not event.style and event.value == "<<"
    return is_plain or event.tag == "tag:yaml.org,2002:merge"


def _line(event: Any) -> str:
    mark = event.start_mark
    return f" (line {mark.line + 1})" if mark is not None else ""
