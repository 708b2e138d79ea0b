"""Files that are no cassettes, and what is said about each."""

from __future__ import annotations

import os

LAUGHS = "\n".join(
    ["- &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    + [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
)
MERGES = "\n".join(
    ["a0: &a0 {x: y}"]
    + [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 12)]
)


def exchange(*, method="GET", uri="https://api.example/", headers="{}", body="null"):
    """Return a cassette of one exchange, as YAML."""
    return (
        "version: 1\ninteractions:\n- request:\n"
        f"    {{method: {method}, uri: {uri}, headers: {headers}, body: {body}}}\n"
        "  response: {status: {code: 200}, headers: {}, body: {string: ok}}\n"
    )


def with_laughs(**where):
    """Return a cassette with an alias of a billion texts at a place."""
    return f"laughs:\n{LAUGHS}\n{exchange(**where)}"


def repeated():
    """Return a cassette of a megabyte that stands for a terabyte."""
    reply = (
        f"{{status: {{code: 200}}, headers: {{}}, body: {{string: {'x' * 500_000}}}}}"
    )
    one = (
        "{request: {method: GET, uri: 'https://api.example/', headers: {}, body: null},"
        f" response: {reply}}}"
    )
    more = "- *one\n" * 80_000
    return f"version: 1\ninteractions:\n- &one {one}\n{more}"


TEXTS = {
    "empty": ("", "is empty"),
    "blank": ("\n \n", "is empty"),
    "truncated": (exchange()[:-20], "is not YAML (line "),
    "no cassette": ("- 1\n", "no list 'interactions'"),
    "other version": (exchange().replace("1", "3", 1), "has version 3, expected 1"),
    "code": ("a: !!python/object/apply:os.system [x]\n", "could run code (line 1)"),
    "laughs in a body": (with_laughs(body="*a11"), "malformed interaction: number 1"),
    "laughs in a uri": (with_laughs(uri="*a11"), "malformed interaction: number 1"),
    "laughs in a header": (
        with_laughs(headers="{A: *a11}"),
        "malformed interaction: number 1",
    ),
    "laughs in a version": (
        f"laughs:\n{LAUGHS}\n{exchange().replace('1', '*a11', 1)}",
        "has version a list, expected 1",
    ),
    "merges": (f"{MERGES}\n{exchange()}", "has a merge key"),
    "repeated": (repeated(), "stands for far more than its size"),
    "deep": (f"a: {'[' * 20_000}", "is not YAML"),
}


def _binary(path):
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff")


def _huge(path):
    with path.open("wb") as file:
        file.truncate(3_000_000_000)


def _unreadable(path):
    path.write_text(exchange())
    path.chmod(0)


_ORIGIN = (
    "recorded_with: {recorded_at: never, source: x, versions: {}, test: x, "
    "data_center: us, project_id: null}\n"
)
# Each can be read, but is nothing that anybody asked or answered.
UNSOUND = {
    "uri": (exchange(uri="12"), "malformed interaction: number 1, by its uri"),
    "port": (exchange(uri="'https://x.example:99999999/'"), "1, by its uri"),
    "status": (exchange().replace("200", "-1"), "number 1, by its status"),
    "date": (exchange() + _ORIGIN, "recorded_with.recorded_at is not a date"),
    "merge": (
        exchange().replace("headers: {}", "headers: {<<: {A: b}}"),
        "has a merge key",
    ),
    "merge alone": ("x: &x {version: 1}\n<<: *x\ninteractions: []\n", "a merge key"),
}


THINGS = {
    "binary": (_binary, "is not UTF-8 text, so it is no cassette"),
    "huge": (_huge, "has 2861 MiB"),
    "folder": (lambda path: path.mkdir(), "Is a directory"),
    "pipe": (os.mkfifo, "it is not a regular file"),
    "link to nothing": (lambda path: path.symlink_to("gone"), "is a link to nothing"),
    "link to itself": (lambda path: path.symlink_to(path.name), "Too many levels"),
    "link to a device": (
        lambda path: path.symlink_to("/dev/zero"),
        "it is not a regular file",
    ),
}
UNREADABLE = (_unreadable, "cannot be read: Permission denied")


def make(path, name):
    """Make the bad file of a name; return what is said about it."""
    if name in TEXTS:
        text, told = TEXTS[name]
        path.write_text(text)
        return told
    create, told = UNREADABLE if name == "unreadable" else THINGS[name]
    create(path)
    return told
