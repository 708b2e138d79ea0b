"""`catalyst-oauth cassette diff`: what it finds, and what it does not mind."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import yaml

from pytest_catalyst_oauth.cli import main
from pytest_catalyst_oauth.engine import ClientKind, HttpRequest
from pytest_catalyst_oauth.fake import FakeCatalyst, MovableClock
from tests.fake.asking import START, new_access

CASSETTES = Path(__file__).parents[2] / "cassettes"


@pytest.fixture
def diff(capsys):
    """Run the command; return its exit code, and what it said."""

    def diff(*paths, json_=False):
        code = main(["cassette", "diff", *map(str, paths), *["--json"] * json_])
        return code, capsys.readouterr().out

    return diff


@pytest.fixture
def doctored(tmp_path):
    """Change a reference cassette, and save it elsewhere."""

    def doctored(name, change):
        content = yaml.safe_load((CASSETTES / name).read_text())
        change(content)
        path = tmp_path / "doctored.yaml"
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return path

    return doctored


def reply_of(content, number=0):
    return content["interactions"][number]["response"]


def with_body(change, number=0):
    """Make a change to the JSON body of a reply."""

    def apply(content):
        body = reply_of(content, number)["body"]
        value = json.loads(body["string"])
        body["string"] = json.dumps(change(value) or value)

    return apply


def test_the_reference_cassettes_hold(diff):
    """The fake answers today as it did when they were recorded, to the last key."""
    code, told = diff(CASSETTES)

    lines = told.splitlines()
    assert code == 0
    assert len(lines) == len(list(CASSETTES.rglob("*.yaml"))) > 10
    assert all(line.endswith("no difference") for line in lines)


def test_a_plain_cassette_of_vcr_is_compared_too(diff, doctored):
    """One without our header; its host may be any."""

    def plain(content):
        del content["recorded_with"]

    assert diff(doctored("tables/rows.yaml", plain)) == (
        0,
        f"{doctored('tables/rows.yaml', plain)}: 6 exchanges, no difference\n",
    )


def taped(path, fake, *requests):
    """Send requests to a fake; save them with the answers, as plain VCR.py does."""
    interactions = []
    for request in requests:
        reply = fake.send(request)
        headers = {}
        for name, value in reply.headers:
            headers.setdefault(name, []).append(value)
        interactions.append(
            {
                "request": {
                    "method": request.method,
                    "uri": request.url,
                    "body": request.body.decode(),
                    "headers": {name: [value] for name, value in request.headers},
                },
                "response": {
                    "status": {"code": reply.status, "message": ""},
                    "headers": headers,
                    "body": {"string": reply.body.decode()},
                },
            }
        )
    content = {"version": 1, "interactions": interactions}
    path.write_text(yaml.safe_dump(content))
    return path


def test_a_cassette_that_begins_in_the_middle(diff, tmp_path):
    """Tokens, tables and segments that its answers show to have been there."""
    fake = FakeCatalyst(clock=MovableClock(start=START))
    for number in range(3):
        fake.add_table(f"Filler{number}")
    table = fake.add_table("Rooms", rows=[{"Name": "Attic", "Beds": 1}])
    segment = fake.add_segment("Sessions")
    device = fake.register_client(kind=ClientKind.DEVICE)
    access = new_access(fake)
    base = f"{fake.client.data_center.api_url}/baas/v1/project/{fake.project_id}"
    header = (("Authorization", f"Zoho-oauthtoken {access.reveal()}"),)
    fields = {"grant_type": "device_request", "client_id": device.client_id}
    fields |= {"scope": "ZohoCatalyst.tables.rows.READ", "access_type": "offline"}

    path = taped(
        tmp_path / "middle.yaml",
        fake,
        HttpRequest(
            method="POST",
            url=f"{base}/table/{table}/row",
            headers=header,
            body=b'[{"Name": "Cellar", "Beds": 2}]',
        ),
        HttpRequest(method="GET", url=f"{base}/segment/{segment}", headers=header),
        HttpRequest(method="GET", url=f"{base}/table/None/row", headers=header),
        HttpRequest.post_form(
            f"{device.data_center.accounts_url}/oauth/v3/device/code", fields.items()
        ),
    )

    assert diff(path) == (0, f"{path}: 4 exchanges, no difference\n")


def test_each_part_of_a_shared_cassette_has_a_server_of_its_own(diff, doctored):
    """Each is a recording of its own; a dozen at one server would be throttled."""

    def share(content):
        origin, (one,) = content["recorded_with"], content["interactions"]
        tests = [f"tests/test_guests.py::test_{n:02}" for n in range(12)]
        content["recorded_for"] = dict.fromkeys(tests, origin)
        content["interactions"] = [{"recorded_for": test, **one} for test in tests]

    path = doctored("refresh/mint.yaml", share)

    assert diff(path) == (0, f"{path}: 12 exchanges, no difference\n")

    def change(content):
        share(content)
        again = content["interactions"][11]
        content["interactions"][11] = json.loads(json.dumps(again))
        reply_of(content, 11)["status"]["code"] = 400

    code, said = diff(doctored("refresh/mint.yaml", change))

    assert code == 1
    assert "1 difference\n  12. POST https://accounts.zoho.com/oauth/v2/token: " in said


def _status(content):
    reply_of(content)["status"]["code"] = 400


def _header(content):
    reply_of(content)["headers"]["Pragma"] = ["no-cache"]
    del reply_of(content)["headers"]["X-XSS-Protection"]


def _content_type(content):
    reply_of(content)["headers"]["Content-Type"] = ["text/json"]


def _no_json(content):
    reply_of(content)["body"]["string"] = "<html>"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_status, "status: recorded 400, answered 200"),
        (_header, "headers: recorded Pragma, answered X-XSS-Protection"),
        (_content_type, "Content-Type: recorded text/json, answered application/json"),
        (_no_json, "body: recorded no JSON, answered JSON"),
        (
            with_body(lambda body: body.update(expires_in="3600")),
            "body.expires_in: recorded text, answered number",
        ),
        (
            with_body(lambda body: body.update(refresh_token="x")),
            "body, keys: recorded refresh_token, answered nothing else",
        ),
        (
            with_body(lambda body: dict(reversed(body.items()))),
            (
                "body, order: recorded expires_in, token_type, api_domain, scope, "
                "access_token, answered access_token, scope, api_domain, token_type, "
                "expires_in"
            ),
        ),
        (
            with_body(lambda body: body.update(token_type="bearer")),
            "body.token_type: recorded bearer, answered Bearer",
        ),
    ],
)
def test_a_difference_is_told(diff, doctored, change, told):
    """With the exchange, its request, the place and both sides."""
    path = doctored("refresh/mint.yaml", change)

    code, said = diff(path)

    assert code == 1
    assert said == (
        f"{path}: 1 exchange, 1 difference\n"
        f"  1. POST https://accounts.zoho.com/oauth/v2/token: {told}\n"
    )


def test_a_difference_inside_a_list_is_told(diff, doctored):
    """By the place of the element, whichever it is."""
    change = with_body(lambda body: body["data"][0].update(Beds="one"), 1)

    code, said = diff(doctored("tables/rows.yaml", change))

    assert code == 1
    assert "2. POST https://api.catalyst.zoho.com/baas/v1/project/" in said


def test_another_error_is_a_difference(diff, doctored):
    """Zoho's errors are HTTP 200; the word is all that tells them apart."""
    change = with_body(lambda body: body.update(error="invalid_grant"))

    code, said = diff(doctored("self_client/used_twice.yaml", _second(change)))

    assert code == 1
    assert "body.error: recorded invalid_grant, answered invalid_code" in said


def _second(change):
    """Apply a change of the first reply to the second."""

    def apply(content):
        content["interactions"].reverse()
        change(content)
        content["interactions"].reverse()

    return apply


def test_times_cookies_tokens_and_lengths_do_not_count(diff, doctored):
    """They differ between any two answers of Zoho itself."""

    def change(content):
        headers = reply_of(content)["headers"]
        headers["Set-Cookie"] = ["other=1"]
        headers["Content-Length"] = ["7"]
        headers["Date"] = ["Fri, 15 Jan 2027 08:00:00 GMT"]
        body = json.loads(reply_of(content)["body"]["string"])
        body["access_token"] = "REDACTED-access-token-77"
        reply_of(content)["body"]["string"] = json.dumps(body)

    assert diff(doctored("refresh/mint.yaml", change))[0] == 0


def test_json_is_for_programs(diff, doctored):
    """One object for each cassette."""
    path = doctored("refresh/mint.yaml", _status)

    code, said = diff(path, json_=True)

    assert code == 1
    assert json.loads(said) == [
        {
            "cassette": str(path),
            "exchanges": 1,
            "differences": [
                {
                    "number": 1,
                    "request": "POST https://accounts.zoho.com/oauth/v2/token",
                    "what": "status",
                    "recorded": "400",
                    "answered": "200",
                }
            ],
            "problem": None,
        }
    ]


@pytest.mark.parametrize("secret", ["1000.0badc0de0badc0de0badc0de.0badc0de0badc0de"])
def test_nothing_secret_of_an_unscrubbed_cassette_is_shown(diff, doctored, secret):
    """Somebody else's tool may have recorded it."""

    def change(content):
        request = content["interactions"][0]["request"]
        request["body"] = request["body"].replace("REDACTED-refresh-token-1", secret)
        request["uri"] += f"?code={secret}"
        body = reply_of(content)["body"]
        body["string"] = json.dumps({"error": secret, "access_token": secret})

    code, said = diff(doctored("refresh/mint.yaml", change))

    assert code == 1
    assert "0badc0de" not in said


EMPTY = "version: 1\ninteractions: []\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "is not there"),
        ("- 1\n", "is YAML, but not a VCR.py cassette: no list 'interactions'"),
        ("", "is empty"),
        ("\0", "is not YAML"),
        (b"\xff\xfe", "is not UTF-8 text, so it is no cassette"),
        (EMPTY, "has no exchange, so there is nothing to compare"),
    ],
)
def test_what_is_no_cassette_is_a_mistake(tmp_path, capsys, text, told):
    """One line and exit code 2, so that a script can tell it from a difference."""
    path = tmp_path / "some.yaml"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    assert main(["cassette", "diff", str(path)]) == 2

    said, error = capsys.readouterr()
    assert said == ""
    assert error.startswith(f"catalyst-oauth: cassette {path}: {told}")
    assert error.count("\n") == 1


def test_an_empty_folder_is_a_mistake(tmp_path, capsys):
    """Or a typing error would look like success."""
    assert main(["cassette", "diff", str(tmp_path)]) == 2
    assert "has no cassette" in capsys.readouterr().err


def _asks(**changes):
    """Change the request of the first interaction."""

    def change(content):
        content["interactions"][0]["request"] |= changes

    return change


@pytest.mark.parametrize("name", ["method", "uri"])
@pytest.mark.parametrize("value", [None, 7, "", "fetch it", [], "http://[", "//x/y"])
def test_what_nobody_can_ask_is_a_mistake(doctored, capsys, name, value):
    """It used to be compared, with an answer that means nothing."""
    path = doctored("refresh/mint.yaml", _asks(**{name: value}))

    assert main(["cassette", "diff", str(path)]) == 2

    which = "" if value == [] else f", by its {name}"
    told = f"has a malformed interaction: number 1{which}; mend the file"
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("json_", [False, True])
def test_the_others_are_compared_although_one_is_broken(
    doctored, tmp_path, capsys, json_
):
    """Each that is broken is named, and 2 wins over 1."""
    doctored("refresh/mint.yaml", _status)
    (tmp_path / "broken.yaml").write_text("interactions: 1\n")
    (tmp_path / "empty.yml").write_text(EMPTY)
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    gone = tmp_path / "gone.yaml"

    code = main(["cassette", "diff", *["--json"] * json_, str(gone), str(tmp_path)])

    said, error = capsys.readouterr()
    named = {"broken.yaml", "empty.yml", "pipe.yaml", "gone.yaml"}
    assert code == 2
    assert {Path(line.split(": ")[1]).name for line in error.splitlines()} == named
    if json_:
        found = {Path(one["cassette"]).name: one for one in json.loads(said)}
        assert {name for name, one in found.items() if one["problem"]} == named
        assert len(found["doctored.yaml"]["differences"]) == 1
        assert found["empty.yml"]["exchanges"] == 0
    else:
        assert "doctored.yaml: 1 exchange, 1 difference\n" in said


def test_a_cassette_that_is_too_deep_is_a_mistake(tmp_path, capsys):
    """A body may be parts of parts, but not without end."""
    text = (CASSETTES / "refresh" / "mint.yaml").read_text()
    path = tmp_path / "deep.yaml"
    path.write_text(re.sub(r"string: .*", f"string: {'[' * 600}{']' * 600}", text))

    assert main(["cassette", "diff", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            with_body(lambda body: body.update(x=json.loads("[" * 900 + "]" * 900))),
            "body, keys: recorded x",
        ),
        (
            lambda content: reply_of(content)["headers"].update(
                Date=["Fri, 31 Dec 9999 23:59:59 GMT"]
            ),
            "",
        ),
        (
            lambda content: reply_of(content)["headers"].update(
                Date=["Mon, 01 Jan 0001 00:00:00 +2359"]
            ),
            "",
        ),
    ],
)
def test_strange_contents_are_no_traceback(diff, doctored, change, told):
    """Somebody else's server may have said anything."""
    code, said = diff(doctored("refresh/mint.yaml", change))

    assert code in (0, 1, 2)
    assert told in said
