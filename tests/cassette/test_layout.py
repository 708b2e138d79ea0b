"""Our own layout is read as a YAML library would read it, or is left to one."""

import subprocess
import sys

from hypothesis import example, given
from hypothesis import strategies as st

from pytest_catalyst_oauth.cassette import (
    RecordedExchange,
    _format,
    _layout,
    _plain_yaml,
)
from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

from .recordings import origin

_TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]))
# Pieces of lines, so that many a text is nearly of the layout.
_PIECES = st.sampled_from(
    [
        *("", " ", "  ", "    ", "- ", "-", "key: ", "key:", "other: ", "a.b/c-d:"),
        *("text", "'quoted'", "'it''s'", "'open", "''", "null", "~", "yes", "1", "1.5"),
        *("a: b", "a #b", "#", "# a", "a:", "a:b", "*a", "&a", "!!binary ", "|", ">"),
        *("{}", "[]", '"', "\\n", "%", "---", "...", "<<: ", "?", "@", "`", "\t", "é"),
    ]
)
_LINES = st.lists(st.lists(_PIECES, max_size=5).map("".join), max_size=9)


def _by_library(text):
    try:
        return _plain_yaml.read(text)
    except Exception as error:  # noqa: BLE001  whatever it is, it is not read
        return error


@given(_LINES)
@example(["key: text", "  more"])
@example(["key:", "- text", "text"])
@example(["key: 'text'", "key:", "- - text"])
@example(["null: text"])
@example(["key:", "  other: text", " key: text"])
@example(["- text"])
@example([])
@example(["# text"])
@example(["# te\rxt: more", "key: text"])
@example(["# te\x00xt", "key: text"])
@example(["# té", "key: text"])
@example(["key: " + "text" * 2000, "other: '" + "text" * 2000])
@example(["key: 'text", "other: more'"])
@example(["key:", "- other: 1", "  key: 2", "- other:", "  - 1", "other:"])
def test_any_text_is_read_as_by_the_library_or_not_at_all(lines):
    """Nobody gets other values because a file was read quickly."""
    text = "\n".join([*lines, ""])
    assert _layout.read(text) in (None, _by_library(text))


@given(_TEXTS, _TEXTS, _TEXTS)
def test_what_is_written_is_read_back(value, body, name):
    """A recording means the same after it was written."""
    request = HttpRequest(
        method="POST", url="https://accounts.zoho.com/", body=body.encode()
    )
    reply = HttpReply(status=200, headers=(("X-Told", value), ("X-Told", body)))
    data = _format.dump([RecordedExchange(request, reply)], origin(test=name or None))
    text = data.decode()
    found = _layout.read(text)
    assert found in (None, _plain_yaml.read(text))
    assert [(one.request, one.reply) for one in _format.load(text)[0]] == [
        (request, reply)
    ]


def test_our_own_recordings_are_of_the_layout(pytestconfig, subtests):
    """The quick way is the one that is taken."""
    folder = pytestconfig.rootpath / "cassettes"
    paths = sorted(folder.rglob("*.yaml"))
    assert paths
    for path in paths:
        with subtests.test(path.name):
            text = path.read_text(encoding="utf-8")
            assert _layout.read(text) == _plain_yaml.read(text)


def test_replaying_our_own_recordings_needs_no_library(pytestconfig):
    """A session that only replays does not wait for YAML or VCR.py."""
    folder = pytestconfig.rootpath / "cassettes"
    path = next(iter(sorted(folder.rglob("*.yaml"))))
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pytest_catalyst_oauth.cassette import Cassette, Replay\n"
        "Replay(Cassette.load(Path(sys.argv[1])), command='')\n"
        "assert not {'yaml', 'vcr'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code, path], check=True)
