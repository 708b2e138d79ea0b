"""What a test, a file or another process does to a fake as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ._inside import Inside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from threading import RLock

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
    from pytest_catalyst_oauth.fake._clock import MovableClock
    from pytest_catalyst_oauth.fake._faults import Faults
    from pytest_catalyst_oauth.fake._settings import FakeSettings
    from pytest_catalyst_oauth.fake.accounts import World
    from pytest_catalyst_oauth.fake.catalyst import Project

    from ._control import Control


class ControlSide:
    """The methods of a fake that are about all of it."""

    _control: Control | None = None
    if TYPE_CHECKING:
        _lock: RLock
        _world: World
        _project: Project
        _faults: Faults

        def __init__(
            self,
            *,
            settings: FakeSettings | None = None,
            clock: MovableClock | None = None,
        ) -> None: ...

    @classmethod
    def from_file(
        cls,
        path: str | PathLike[str],
        *,
        clock: MovableClock | None = None,
        **changes: Any,
    ) -> Self:
        """Return a fake with the settings and all else that a YAML file names.

        Args:
            path: The file; docs/reference/fake.md says what it may hold.
            clock: The only source of time; None follows real time, from the moment
                that the file names or from now.
            **changes: Settings that win over those of the file.

        Raises:
            SettingsError: It cannot be read, or something in it is unknown, twice
                there or of another type; file, line and key are named.
        """
        from ._planting import plant
        from ._seed_file import read_seed

        seed = read_seed(Path(path))
        fake = cls(settings=seed.settings(**changes), clock=clock)
        plant(fake._inside(), seed)
        return fake

    def seed(self, given: Mapping[str, Any]) -> None:
        """Add all that a mapping names, or nothing; it has the form of a seed file.

        Raises:
            SettingsError: Something in it is unknown, of another type, or there
                already; or it has `settings`, which only a new fake can take.
        """
        from ._planting import sow
        from ._shape import Place

        sow(self._inside(), given, Place("", {}))

    def state(self) -> dict[str, Any]:
        """Return what there is now: clients, users, tokens, faults, time.

        Tokens are told by fingerprints, so nothing in it is secret.
        """
        from ._state import state_of

        return state_of(self._inside())

    def open_control(self) -> Control:
        """Let requests below `/.catalyst-oauth/` control this fake, too.

        Doing it again returns the same.
        """
        from ._control import Control

        if self._control is None:
            self._control = Control(self._inside())
        return self._control

    def _controlled(self, request: HttpRequest) -> HttpReply | None:
        """Answer a request that is about the fake; None for all others."""
        return self._control.answer(request) if self._control is not None else None

    def _inside(self) -> Inside:
        return Inside(
            self,  # type: ignore[arg-type]  # nothing but a FakeCatalyst has this side
            self._lock,
            self._world,
            self._project,
            self._faults,
        )
