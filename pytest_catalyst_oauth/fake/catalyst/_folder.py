"""Folders of the File Store and their files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake._users import User


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class File:
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
@dataclass(slots=True, kw_only=True)
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

    folder_id: int
    name: str
    created_at: float
    modified_at: float
    created_by: User
    modified_by: User
    files: dict[int, File] = field(default_factory=dict)
