"""Folders and files of the File Store: zoho-protocol.md 10.6."""

from __future__ import annotations

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake import FakeCatalyst, MovableClock
from pytest_catalyst_oauth.fake.catalyst._multipart import parts_of
from tests.fake.asking import START, call, data, error_code, new_access


def form(fields, files):
    """A multipart form as `requests` writes it."""
    request = requests.Request("POST", "http://127.0.0.1", data=fields, files=files)
    ready = request.prepare()
    return HttpRequest(
        method="POST",
        url="http://127.0.0.1",
        headers=(("Content-Type", ready.headers["Content-Type"]),),
        body=ready.body,
    )


def upload(fake, token, folder, request):
    project = f"{fake.client.data_center.api_url}/baas/v1/project/{fake.project_id}"
    return fake.send(
        HttpRequest(
            method="POST",
            url=f"{project}/folder/{folder}/file",
            headers=(
                *request.headers,
                ("Authorization", f"Zoho-oauthtoken {token.reveal()}"),
            ),
            body=request.body,
        )
    )


@pytest.fixture
def token(fake):
    return new_access(fake)


@pytest.fixture
def api(fake, token):
    def ask(method, path, value=None):
        return call(fake, path, token, method, value=value)

    return ask


@pytest.fixture
def folder(fake):
    return fake.add_folder("Menus", {"lunch.txt": b"soup\r\n"})


@pytest.fixture
def put(fake, token, folder):
    return lambda fields, files: upload(fake, token, folder, form(fields, files))


def test_a_folder_is_created_renamed_and_deleted(api, clock):
    """It has an id of 17 digits, and tells when it was changed."""
    made = data(api("POST", "/folder", {"folder_name": "Photos"}))
    path = f"/folder/{made['id']}"
    clock.advance(minutes=30)

    renamed = data(api("PUT", path, {"folder_name": "Pictures"}))

    assert len(str(made["id"])) == 17
    assert made["created_time"] == made["modified_time"] == "Jan 15, 2027 08:00 AM"
    assert renamed == {
        **made,
        "folder_name": "Pictures",
        "modified_time": "Jan 15, 2027 08:30 AM",
    }
    assert data(api("GET", "/folder")) == [renamed]
    assert data(api("DELETE", path)) == renamed
    assert error_code(api("GET", path)) == "INVALID_ID"
    assert data(api("GET", "/folder")) == []


def test_two_folders_have_two_names(api, folder):
    """One may keep its own."""
    other = data(api("POST", "/folder", {"folder_name": "Photos"}))

    for reply in (
        api("POST", "/folder", {"folder_name": "Menus"}),
        api("PUT", f"/folder/{other['id']}", {"folder_name": "Menus"}),
    ):
        assert (reply.status, error_code(reply)) == (409, "DUPLICATE_ENTRY")
    assert api("PUT", f"/folder/{folder}", {"folder_name": "Menus"}).status == 200


@pytest.mark.parametrize(
    "value", [None, [], {}, {"folder_name": ""}, {"folder_name": 1}]
)
def test_a_folder_needs_a_name(api, value):
    """The error names the member."""
    reply = api("POST", "/folder", value)

    assert (reply.status, error_code(reply)) == (400, "INVALID_INPUT")
    assert "folder_name" in reply.json()["data"]["message"]


def test_a_folder_lists_its_files(api, folder):
    """Each with its size, its folder and its project."""
    (file,) = data(api("GET", f"/folder/{folder}"))["file_details"]

    assert (file["file_name"], file["file_size"]) == ("lunch.txt", 6)
    assert file["file_location"] is None
    assert str(file["folder_details"]["id"]) == folder
    assert data(api("GET", f"/folder/{folder}/file/{file['id']}")) == file


def test_a_file_comes_back_byte_for_byte(api, folder, put):
    """With its type and its name."""
    content = bytes(range(256)) * 3 + b"\r\n--x\r\n\r\n"
    made = data(put({"file_name": "a b.bin"}, {"code": ("", content, "image/png")}))
    path = f"/folder/{folder}/file/{made['id']}"

    reply = api("GET", f"{path}/download")

    assert reply.body == content
    assert reply.header("Content-Type") == "image/png"
    assert reply.header("Content-Disposition").endswith("''a%20b.bin")
    assert (made["file_name"], made["file_size"]) == ("a b.bin", len(content))
    assert data(api("DELETE", path)) == made
    assert api("GET", f"{path}/download").status == 404


@pytest.mark.parametrize("name", ["menu.txt", "Menü.txt", "a b;c.txt"])
def test_a_file_may_bring_its_own_name(put, name):
    """If the form has no `file_name`."""
    made = data(put({}, {"code": (name, b"soup", "text/plain")}))

    assert made["file_name"] == name


@pytest.mark.parametrize(
    ("fields", "files", "named"),
    [
        ({"file_name": "a"}, {"file": ("a", b"")}, "code"),
        ({}, {"code": ("", b"x", "text/plain")}, "file_name"),
        ({"file_name": "a\r\nSet-Cookie: b"}, {"code": ("", b"x")}, "file_name"),
        ({"file_name": "x" * 256}, {"code": ("", b"x")}, "file_name"),
    ],
)
def test_a_form_that_lacks_something_is_refused(put, fields, files, named):
    """The error names it, and a name cannot smuggle headers."""
    reply = put(fields, files)

    assert (reply.status, error_code(reply)) == (400, "INVALID_INPUT")
    assert named in reply.json()["data"]["message"]


def test_a_strange_type_becomes_bytes(api, folder, put):
    """So that no header of the download is a client's."""
    made = data(put({"file_name": "a"}, {"code": ("", b"x", "text/html; x=\tb: c")}))

    reply = api("GET", f"/folder/{folder}/file/{made['id']}/download")

    assert reply.header("Content-Type") == "application/octet-stream"


def test_a_file_has_a_largest_size(new_fake):
    """100 MB for Catalyst; a test may want less."""
    fake = new_fake(largest_file=4)
    folder, token = fake.add_folder("Menus"), new_access(fake)
    replies = [
        upload(fake, token, folder, form({"file_name": "a"}, {"code": ("", content)}))
        for content in (b"soup", b"soups")
    ]

    assert replies[0].status == 200
    assert error_code(replies[1]) == "INVALID_INPUT"
    assert "4 bytes" in replies[1].json()["data"]["message"]
    assert fake.settings.largest_file == 4


@pytest.mark.parametrize("path", ["/folder/1", "/folder/1/file/1", "/folder/x/file/9"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_is_not_there_is_said(api, method, path):
    """As everywhere in the API."""
    assert error_code(api(method, path)) == "INVALID_ID"


def test_a_test_cannot_add_a_folder_twice(fake, folder):
    """The error names it."""
    with pytest.raises(SettingsError, match=r"folder 'Menus': is there already"):
        fake.add_folder("Menus")


contents = st.binary(max_size=60) | st.text("\r\n-a", max_size=40).map(str.encode)


@given(contents, contents)
def test_a_form_is_read_as_it_was_written(one, other):
    """Line breaks, hyphens and all other bytes included."""
    parts = parts_of(
        form({"file_name": "a"}, {"code": ("", one), "more": ("b", other)})
    )

    assert (parts["code"].content, parts["more"].content) == (one, other)
    assert (parts["file_name"].text, parts["more"].file_name) == ("a", "b")


def test_a_part_without_a_name_counts_for_nothing():
    """Nor does what stands before the first boundary, or after the last."""
    body = (
        b"before\r\n--b\r\nContent-Type: text/plain\r\n\r\nnobody's\r\n"
        b'--b\r\nContent-Disposition: form-data; name="code"\r\n\r\nsoup\r\n'
        b'--b--\r\n--b\r\nContent-Disposition: form-data; name="more"\r\n\r\nx'
    )
    kind = ("Content-Type", "multipart/form-data; boundary=b")
    request = HttpRequest(
        method="POST", url="http://127.0.0.1", headers=(kind,), body=body
    )

    assert {name: part.content for name, part in parts_of(request).items()} == {
        "code": b"soup"
    }


pieces = st.sampled_from(
    [
        b"--b",
        b"--b--",
        b"\r\n",
        b"\n",
        b'Content-Disposition: form-data; name="code"',
        b"; filename*=utf-8''%ff",
        b"Content-Type: a/b",
        b"\xff",
        b": ",
        b"\x00",
    ]
)
kinds = st.sampled_from(
    [
        "multipart/form-data; boundary=b",
        "multipart/form-data; boundary*=x''%ff",
        'multipart/form-data; boundary="',
        "multipart/form-data",
        "text/plain",
        "",
    ]
)


@given(kinds | st.text(max_size=20), st.lists(pieces, max_size=12).map(b"".join))
def test_any_body_is_read_or_refused(kind, body):
    """Never with an exception."""
    fake = FakeCatalyst(clock=MovableClock(start=START))
    request = HttpRequest(
        method="POST",
        url="http://127.0.0.1",
        headers=(("Content-Type", kind),),
        body=body,
    )

    reply = upload(fake, new_access(fake), fake.add_folder("Menus"), request)

    assert reply.json()["status"] in ("success", "failure")
