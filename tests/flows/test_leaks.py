"""No secret leaves by a side door, whatever happens."""

from __future__ import annotations

import copy
import dataclasses
import gc
import json
import logging
import pickle
import traceback
from pathlib import Path

import pytest

from pytest_catalyst_oauth.engine import MemoryStore, Record, grants
from tests.flows.life import lead

ROOT = Path(__file__).parents[2]


class Everything(logging.Handler):
    """Keeps whatever anybody logs, and what a formatter could make of it."""

    def __init__(self):
        super().__init__(0)
        self.said = []

    def emit(self, record):
        self.said.append(self.format(record))
        self.said.append(repr(vars(record)))


@pytest.fixture(scope="module")
def log():
    """Every logger of this process at DEBUG, those of libraries too."""
    handler, root = Everything(), logging.getLogger()
    handler.setFormatter(logging.Formatter("%(message)s %(args)s %(exc_text)s"))
    loggers = list(map(logging.getLogger, root.manager.loggerDict))
    levels = {one: (one.level, one.disabled) for one in [root, *loggers]}
    for one in levels:
        one.setLevel(logging.DEBUG)
        one.disabled = False
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    for one, (level, disabled) in levels.items():
        one.setLevel(level)
        one.disabled = disabled


@pytest.fixture(scope="module")
def life(log, tmp_path_factory):
    """Led once; all tests look at what is left."""
    return lead(tmp_path_factory.mktemp("life"))


def leaks(life, *texts):
    """Return whose text can be read in `texts`."""
    heap = "\n".join(texts)
    return [text[:12] for text in life.texts() if text in heap]


def test_the_life_had_everything(life):
    """So that finding nothing means something."""
    assert len(life.texts()) >= 12
    assert {type(error).__name__ for error in life.errors} == {
        "RefusedError",
        "ReplyError",
        "ThrottledError",
        "TransportError",
        "StoreError",
        "LoginNeededError",
    }


def test_a_leak_would_be_found(life):
    """The search works: here is one."""
    token = life.things[0]

    assert leaks(life, f"Authorization: {token.authorization}") != []


def test_logs(life, log):
    """At DEBUG, from every library."""
    assert any("/oauth/v2/token" in line for line in log.said), "nothing was logged"
    assert leaks(life, *log.said) == []


def held_things(life):
    """Yield all that people hold, and the records and grants behind it."""
    yield from life.things
    yield from life.errors
    token = life.things[0]
    record = Record(seed="x").holding(token, obtained_at=0.0)
    grant = grants.RefreshGrant(refresh_token=token.refresh_token)
    yield from (record, grant, MemoryStore())
    client = next(one for one in life.things if hasattr(one, "token_url"))
    request = grant.request(client)
    assert leaks(life, request.body.decode()) != []
    yield request


def test_reprs(life):
    """Printing, formatting and joining."""
    for thing in [*held_things(life), life]:
        shown = [repr(thing), str(thing), f"{thing}", repr([thing]), ascii(thing)]
        shown.append(repr(copy.copy(thing)))
        assert leaks(life, *shown) == [], type(thing)


def test_fields(life):
    """What a serializer finds in a dataclass."""
    serialized = 0
    for thing in held_things(life):
        # A request is what goes out: its body is the message itself.
        if dataclasses.is_dataclass(thing) and not hasattr(thing, "body"):
            fields = dataclasses.asdict(thing)
            shown = [repr(fields), json.dumps(fields, default=str, skipkeys=True)]
            assert leaks(life, *shown) == [], type(thing)
            serialized += 1
    assert serialized > 5


def test_pickles(life):
    """Whatever can be pickled has nothing in it; the rest refuses."""
    pickled = 0
    for thing in held_things(life):
        if hasattr(thing, "body") or type(thing).__module__.startswith("requests"):
            continue
        frozen = pickled_or_refused(thing)
        pickled += isinstance(frozen, bytes)
        assert leaks(life, str(frozen), repr(frozen)) == [], type(thing)
    assert pickled >= len(life.errors)


def pickled_or_refused(thing):
    try:
        return pickle.dumps(thing)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        return error


def chained(error):
    """Yield an error and all that came before it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_arguments(life):
    """Of every error, and of every error behind it."""
    for error in life.errors:
        for one in chained(error):
            shown = [repr(one.args), repr(vars(one)), str(one), *notes(one)]
            assert leaks(life, *shown) == [], error


def notes(error):
    return getattr(error, "__notes__", ())


def test_tracebacks(life):
    """With the local variables of every frame."""
    for error in life.errors:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        lines = list(shown.format())
        assert any(" = " in line for line in lines)
        assert leaks(life, *lines) == [], error


def test_exceptions_that_linger(life):
    """Also those that a library raised and nobody showed."""
    gc.collect()
    alive = [one for one in gc.get_objects() if isinstance(one, BaseException)]

    assert {id(error) for error in life.errors} <= {id(one) for one in alive}
    for one in alive:
        shown = traceback.TracebackException.from_exception(one, capture_locals=True)
        lines = [*shown.format(), repr(one.args), repr(getattr(one, "__dict__", ""))]
        assert leaks(life, *lines) == [], type(one)


def test_what_an_error_drags_along(life):
    """Its own values are texts and numbers: no request, no reply, no response."""
    for error in life.errors:
        for one in chained(error):
            values = [*one.args, *vars(one).values()]
            plain = str | int | float | bool | None
            assert all(isinstance(value, plain) for value in values), error


FAILING = """
import logging
import warnings
from tests.flows.life import lead

def test_a_life(tmp_path):
    life = lead(tmp_path)
    (tmp_path.parent / "texts").write_text("\\n".join(life.texts()))
    logging.getLogger("guest").info("%s %r", life, life.things)
    print(life, life.things)
    warnings.warn(repr(life.things[0]))
    raise life.errors[0]

def test_an_assertion(tmp_path):
    life = lead(tmp_path)
    (tmp_path.parent / "more").write_text("\\n".join(life.texts()))
    assert life.things[0] == life.things[1]
"""


def test_reports(pytester, tmp_path_factory):
    """JUnit's XML and the terminal, with logs, output and local variables."""
    pytester.makepyfile(FAILING)
    base, xml = tmp_path_factory.mktemp("base") / "base", pytester.path / "report.xml"

    done = pytester.runpytest_subprocess(
        *("-l", "-rA", "-vv", "--tb=long", "--log-level=DEBUG", "-p", "no:randomly"),
        *("-p", "no:cacheprovider", f"--basetemp={base}", f"--junitxml={xml}"),
        *("-p", "no:anyio"),
        *("-o", "junit_logging=all", "-o", f"pythonpath={ROOT}"),
    )

    done.assert_outcomes(failed=2, warnings=1)
    texts = "\n".join(
        (base / name).read_text() for name in ("texts", "more")
    ).splitlines()
    report = xml.read_text() + done.stdout.str() + done.stderr.str()
    assert "invalid_client" in report
    assert len(texts) >= 24
    assert [text[:12] for text in texts if text in report] == []
