"""The File Store: folders and files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_catalyst_oauth.engine import HttpReply
from pytest_catalyst_oauth.fake._answer import json_body, whole_number

from ._envelope import ApiError, success

if TYPE_CHECKING:
    from ._call import Call
    from ._folder import File, Folder
    from ._project import Project

_LONGEST_NAME = 255
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+( *; *[\w-]+=[\w./+-]+)*\Z", re.ASCII)
_ANY_TYPE = "application/octet-stream"


def list_folders(call: Call) -> HttpReply:
    """`GET /folder`."""
    folders = [_described(call.project, one) for one in call.project.folders]
    return success(folders, call.accept)


def create_folder(call: Call) -> HttpReply:
    """`POST /folder` with `{"folder_name": "..."}`."""
    name = _free_name(call, None)
    return success(
        _described(call.project, call.project.add_folder(name, {})), call.accept
    )


def get_folder(call: Call) -> HttpReply:
    """`GET /folder/{id}`, with its files."""
    folder = _folder(call)
    files = [_file_described(call.project, folder, f) for f in folder.files.values()]
    described = {**_described(call.project, folder), "file_details": files}
    return success(described, call.accept)


def rename_folder(call: Call) -> HttpReply:
    """`PUT /folder/{id}` with `{"folder_name": "..."}`."""
    folder = _folder(call)
    folder.name = _free_name(call, folder)
    folder.modified_at = call.now
    folder.modified_by = call.user
    return success(_described(call.project, folder), call.accept)


def delete_folder(call: Call) -> HttpReply:
    """`DELETE /folder/{id}`, with all that is in it."""
    folder = _folder(call)
    call.project.folders.remove(folder)
    return success(_described(call.project, folder), call.accept)


def upload_file(call: Call) -> HttpReply:
    """`POST /folder/{id}/file`: the part `code`, and its name in `file_name`."""
    from ._multipart import parts_of

    folder, parts = _folder(call), parts_of(call.request)
    code = parts.get("code")
    if code is None:
        raise ApiError(400, "INVALID_INPUT", "Expected a multipart form with code")
    given = parts.get("file_name")
    name = given.text if given else code.file_name or ""
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise ApiError(400, "INVALID_INPUT", "Invalid input value for file_name")
    largest = call.project.org.settings.largest_file
    if len(code.content) > largest:
        text = f"The file has more than {largest} bytes"
        raise ApiError(400, "INVALID_INPUT", text)
    kind = code.content_type or _ANY_TYPE
    file = call.project.add_file(
        folder, name, code.content, kind if _MEDIA_TYPE.match(kind) else _ANY_TYPE
    )
    return success(_file_described(call.project, folder, file), call.accept)


def get_file(call: Call) -> HttpReply:
    """`GET /folder/{id}/file/{id}`: what is known about it."""
    folder = _folder(call)
    return success(_file_described(call.project, folder, _file(call)), call.accept)


def delete_file(call: Call) -> HttpReply:
    """`DELETE /folder/{id}/file/{id}`."""
    folder, file = _folder(call), _file(call)
    del folder.files[file.file_id]
    return success(_file_described(call.project, folder, file), call.accept)


def download_file(call: Call) -> HttpReply:
    """`GET /folder/{id}/file/{id}/download`: its bytes."""
    file = _file(call)
    name = f"filename*=UTF-8''{quote(file.name, safe='')}"
    headers = (
        ("Content-Type", file.content_type),
        ("Content-Disposition", f"attachment;{name}"),
    )
    return HttpReply(status=200, headers=headers, body=file.content)


def _folder(call: Call) -> Folder:
    folder = call.project.find_folder(call.parts[0])
    if folder is None:
        raise ApiError(404, "INVALID_ID", "No such Folder with the given id exists")
    return folder


def _file(call: Call) -> File:
    number = whole_number(call.parts[1])
    file = _folder(call).files.get(number) if number is not None else None
    if file is None:
        raise ApiError(404, "INVALID_ID", "No such File with the given id exists")
    return file


def _free_name(call: Call, folder: Folder | None) -> str:
    body = json_body(call.request)
    name = body.get("folder_name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
        raise ApiError(400, "INVALID_INPUT", "Invalid input value for folder_name")
    taken = (one.name for one in call.project.folders if one is not folder)
    if name in taken:
        text = "The given Folder name already exists. Please give a different name"
        raise ApiError(409, "DUPLICATE_ENTRY", text)
    return name


def _described(project: Project, folder: Folder) -> dict[str, Any]:
    return {
        "id": folder.folder_id,
        "folder_name": folder.name,
        "created_time": project.org.written_short(folder.created_at),
        "created_by": project.org.described_user(folder.created_by),
        "modified_time": project.org.written_short(folder.modified_at),
        "modified_by": project.org.described_user(folder.modified_by),
        "project_details": project.details,
    }


def _file_described(project: Project, folder: Folder, file: File) -> dict[str, Any]:
    moment = project.org.written_short(file.created_at)
    user = project.org.described_user(file.created_by)
    return {
        "id": file.file_id,
        "file_location": None,
        "file_name": file.name,
        "file_size": len(file.content),
        "created_by": user,
        "created_time": moment,
        "modified_by": user,
        "modified_time": moment,
        "project_details": project.details,
        "folder_details": {"id": folder.folder_id, "folder_name": folder.name},
    }
