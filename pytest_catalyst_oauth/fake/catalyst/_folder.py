"""Folders of the File Store and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine._value import Value

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake._users import User


@final
class File(Value):
    """One file.

    Attributes:
        file_id: 17 digits.
        name: What a download is called.
        content: Its bytes.
        content_type: As it was uploaded.
        created_at: Seconds since the epoch.
        created_by: Whose token it was.
    """

    file_id: int
    name: str
    content: bytes
    content_type: str
    created_at: float
    created_by: User


@final
class Folder:
    """One folder.

    Attributes:
        folder_id: 17 digits.
        name: Unique in its project.
        created_at: Seconds since the epoch.
        modified_at: Likewise.
        created_by: Whose token it was.
        modified_by: Likewise.
        files: By id.
    """

    __slots__ = (
        "created_at",
        "created_by",
        "files",
        "folder_id",
        "modified_at",
        "modified_by",
        "name",
    )

    def __init__(
        self,
        *,
        folder_id: int,
        name: str,
        created_at: float,
        modified_at: float,
        created_by: User,
        modified_by: User,
    ) -> None:
        self.folder_id = folder_id
        self.name = name
        self.created_at = created_at
        self.modified_at = modified_at
        self.created_by = created_by
        self.modified_by = modified_by
        self.files: dict[int, File] = {}
