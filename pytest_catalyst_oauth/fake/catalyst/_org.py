"""An organisation and its projects."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, final

from ._project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_catalyst_oauth.fake._settings import FakeSettings
    from pytest_catalyst_oauth.fake._users import User

# 17 digits, as Catalyst's are: beyond what a JavaScript number can hold.
_FIRST_ID = 10_000_000_000_000_001
# Organisations have fewer.
_ORG_ID = 10_000_001


@final
class Org:
    """What belongs to one customer of Catalyst.

    Attributes:
        org_id: What `CATALYST-ORG` may name.
        settings: As given.
        clock: The only source of time.
        actor: Whose call it is, or who is at the console.
        owner: Who acts where a token is nobody's.
        ids: Never the same twice.
        projects: The one that is there from the start first.
    """

    def __init__(
        self, clock: Callable[[], float], settings: FakeSettings, owner: User
    ) -> None:
        self.org_id = _ORG_ID
        self.settings = settings
        self.clock = clock
        self.owner = owner
        self.actor = self.owner
        self.ids: Iterator[int] = count(_FIRST_ID)
        self._user_ids: dict[int, int] = {}
        self.projects: list[Project] = []
        self.add_project("FakeProject")

    @property
    def described(self) -> dict[str, Any]:
        """What the API says about it."""
        return {"id": self.org_id, "name": "FakeOrg", "is_default": True}

    def user_id(self, user: User) -> int:
        """Return the number that a user has here; 17 digits."""
        if user.zuid not in self._user_ids:
            self._user_ids[user.zuid] = next(self.ids)
        return self._user_ids[user.zuid]

    def described_user(self, user: User) -> dict[str, Any]:
        """What resources tell of who made them. Source: zoho-protocol.md 10.6."""
        return {
            "zuid": user.zuid,
            "is_confirmed": True,
            "email_id": user.email,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "user_type": "Admin",
            "user_id": self.user_id(user),
        }

    def add_project(self, name: str) -> Project:
        """Create an empty project."""
        project = Project(self, name)
        self.projects.append(project)
        return project

    def find_project(self, identifier: str) -> Project | None:
        """Find a project by its id."""
        for project in self.projects:
            if identifier == str(project.project_id):
                return project
        return None

    def written(self, moment: float | None = None) -> str:
        """Write a moment as rows have it; None is now.

        Catalyst writes a colon before the milliseconds (zoho-protocol.md 10.5).
        """
        at = datetime.fromtimestamp(self.clock() if moment is None else moment, UTC)
        return f"{at:%Y-%m-%d %H:%M:%S}:{at.microsecond // 1000:03d}"

    def written_short(self, moment: float | None = None) -> str:
        """Write a moment as other resources do: `Aug 18, 2021 06:46 PM`."""
        at = datetime.fromtimestamp(self.clock() if moment is None else moment, UTC)
        return f"{at:%b %d, %Y %I:%M %p}"
