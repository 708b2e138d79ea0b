"""What the control of a fake needs of the fake's inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from threading import RLock

    from pytest_catalyst_oauth.fake._fake import FakeCatalyst
    from pytest_catalyst_oauth.fake._faults import Faults
    from pytest_catalyst_oauth.fake.accounts import World
    from pytest_catalyst_oauth.fake.catalyst import Project


class Inside(NamedTuple):
    """A fake, and what its public methods do not show.

    Attributes:
        fake: Takes the lock by itself.
        lock: To be held while the rest is looked at.
        world: Clients, users and tokens.
        project: Tables, cache and so on.
        faults: What fails next.
    """

    fake: FakeCatalyst
    lock: RLock
    world: World
    project: Project
    faults: Faults
