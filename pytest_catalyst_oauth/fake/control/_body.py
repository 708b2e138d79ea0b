"""What a request to the control gives: a query, or one JSON value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qs, urlsplit

from ._problem import ProblemError

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpRequest

    from ._shape import Place

_JSON = "application/json"


class _NoJsonError(ValueError):
    """JSON that Python reads and others do not, or not alike."""


def given(request: HttpRequest, place: Place) -> Any:
    """Return what is given: by POST in the body, by all others in the query.

    Raises:
        ProblemError: It is neither.
        SettingsError: It is in the wrong part of the request.
    """
    query = urlsplit(request.url).query
    if request.method != "POST":
        if request.body:
            raise place.wrong("takes no body", "leave it out")
        return _single(parse_qs(query, keep_blank_values=True), place)
    if query:
        raise place.wrong("takes no query", "put it into the body, as JSON")
    kind = request.header("Content-Type")
    if kind is not None and kind.partition(";")[0].strip().lower() != _JSON:
        raise ProblemError(
            415, f"send JSON: Content-Type: {_JSON}", (("Accept-Post", _JSON),)
        )
    return _json(request.body) if request.body else {}


def _single(query: dict[str, list[str]], place: Place) -> dict[str, str]:
    for name, values in query.items():
        if len(values) > 1:
            raise place.at(name).wrong("is there twice")
    return {name: value for name, (value,) in query.items()}


def _json(body: bytes) -> Any:
    # Raised below, outside of the handlers: a context may quote a secret.
    try:
        return json.loads(
            body.decode(), object_pairs_hook=_unique, parse_constant=_refuse
        )
    except UnicodeDecodeError:
        why = "it is not UTF-8"
    except json.JSONDecodeError as error:
        why = f"{error.msg}, line {error.lineno}, column {error.colno}"
    except _NoJsonError as error:
        why = str(error)
    except ValueError:
        why = "it has a number beyond measure"
    except RecursionError:
        why = "it has values inside values beyond measure"
    raise ProblemError(400, f"the body is no JSON: {why}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _NoJsonError("it has a name twice")
    return value


def _refuse(name: str) -> NoReturn:
    raise _NoJsonError(f"it has {name}")
