"""A store of one JSON file per key, for folders that machines share."""

from __future__ import annotations

import fnmatch
import os
import time
import warnings
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine.errors import StoreError, StoreWarning

from ._envelope import Envelope, Unreadable, whose
from ._folder_lock import folder_lock
from ._private_file import ensure_private_folder
from ._shared_file import (
    NAME_ANOTHER,
    discard,
    link_new,
    read_private,
    reason_of,
    remove,
    sync_folder,
    write_new,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_catalyst_oauth.engine import Record, StoreKey

    from ._envelope import Seal

# Seconds after which what a killed process left behind is in nobody's way.
_STRAY = 3600.0
_ATTEMPTS = 20


@final
class JsonStore:
    """Keep each record in a 0600 file of its own, in one 0700 folder.

    Works on network file systems, where SQLite's locks fail. A file's name holds its
    generation, and a hard link puts it there, which fails where the name exists: so
    nothing is ever written over. The highest generation counts, and lower ones are
    removed; a writer who was stopped for longer than a lease comes too late.

    Args:
        folder: Created when first needed.
        seal: Encrypts records; None leaves them in clear.
        lease: Seconds without a sign of life after which a holder on another machine
            loses the lock.

    Raises:
        StoreError: From any method, when the folder or a file cannot be used.
    """

    def __init__(
        self, folder: Path, *, seal: Seal | None = None, lease: float = 20.0
    ) -> None:
        self._folder = folder
        self._envelope = Envelope(seal)
        self._lease = lease

    def __repr__(self) -> str:
        return f"<JSON store {self._folder}>"

    @property
    def place(self) -> str:
        """The folder."""
        return str(self._folder)

    def load(self, key: StoreKey) -> Record | None:
        """Return the record, or None when there is none."""
        ensure_private_folder(self._folder)
        for _ in range(_ATTEMPTS):
            path = self._latest(key)
            if path is None:
                return None
            found = self._unpacked(key, path)
            if isinstance(found, Unreadable):
                _set_aside(path, found)
            elif found is not None:
                return found
            else:
                # It has a successor, or was forgotten. On NFS the list may come from
                # a cache, which a change of ours makes void.
                with suppress(OSError):
                    os.utime(self._folder)
        raise StoreError(str(path), "changes all the time", "try again")

    def compare_and_swap(self, key: StoreKey, generation: int, record: Record) -> bool:
        """Write `record` if `generation` is still the latest."""
        draft = self._folder / f".{key.digest}.{token_hex(8)}.tmp"
        with self._writing(key):
            began = time.monotonic()
            held = self.load(key)
            if (held.generation if held else 0) != generation:
                return False
            generation += 1
            try:
                reason = write_new(draft, self._envelope.pack(key, generation, record))
                if not reason:
                    return self._publish(key, draft, generation, began)
            except OSError as error:
                reason = reason_of(error)
            finally:
                with suppress(OSError):
                    draft.unlink()
        raise StoreError(
            str(self._folder), f"cannot be written: {reason}", NAME_ANOTHER
        )

    @contextmanager
    def lock(self, key: StoreKey, deadline: float) -> Iterator[bool]:
        """Hold the key's lock, across machines, while the context lasts."""
        ensure_private_folder(self._folder)
        path = self._folder / f"{key.digest}.lock"
        with _held(path, deadline, self._lease) as locked:
            yield locked

    def delete(self, key: StoreKey) -> bool:
        """Forget the record; tell whether there was one."""
        with self._writing(key):
            try:
                # The latest goes last: none that it replaced shall count again.
                return bool([path for path in self._files(key) if remove(path)])
            except OSError as error:
                reason = reason_of(error)
        raise StoreError(
            str(self._folder), f"cannot be written: {reason}", NAME_ANOTHER
        )

    def keys(self) -> Iterator[StoreKey]:
        """List whose records there are."""
        ensure_private_folder(self._folder)
        texts = map(read_private, sorted(self._listed("*.json")))
        found = (whose(text) for text in texts if text is not None)
        # A writer may be about to remove what he replaced.
        return iter({key: None for key in found if key is not None})

    def _path(self, key: StoreKey, generation: int) -> Path:
        return self._folder / f"{key.digest}.{generation}.json"

    def _listed(self, pattern: str) -> list[Path]:
        # `Path.glob` takes a folder that cannot be read for an empty one.
        try:
            found = list(self._folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            reason = reason_of(error)
        else:
            return [one for one in found if fnmatch.fnmatchcase(one.name, pattern)]
        raise StoreError(str(self._folder), f"cannot be read: {reason}", NAME_ANOTHER)

    def _files(self, key: StoreKey) -> list[Path]:
        """List the files of a key, the latest last."""
        numbers = (
            path.name.split(".")[1] for path in self._listed(f"{key.digest}.*.json")
        )
        found = sorted(int(number) for number in numbers if number.isdecimal())
        return [self._path(key, number) for number in found]

    def _latest(self, key: StoreKey) -> Path | None:
        return next(reversed(self._files(key)), None)

    def _unpacked(self, key: StoreKey, path: Path) -> Record | Unreadable | None:
        # The text is nobody's local variable where an error is raised: it may hold
        # tokens in clear.
        text = read_private(path)
        if text is None:
            return None
        found = self._envelope.unpack(key, text)
        if isinstance(found, Unreadable) or path == self._path(key, found.generation):
            return found
        return Unreadable("was renamed", "remove it", is_damaged=True)

    @contextmanager
    def _writing(self, key: StoreKey) -> Iterator[None]:
        ensure_private_folder(self._folder)
        path = self._folder / f"{key.digest}.write"
        # Long enough for a writer who died on another machine.
        with _held(path, self._lease + 5.0, self._lease) as locked:
            if not locked:
                raise StoreError(str(path), "is held all the time", "try again")
            yield

    def _publish(
        self, key: StoreKey, draft: Path, generation: int, began: float
    ) -> bool:
        path = self._path(key, generation)
        if not link_new(draft, path):
            return False
        if time.monotonic() - began > self._lease or self._latest(key) != path:
            # We were stopped since we looked, and the lock may be another's by now.
            remove(path)
            return False
        sync_folder(self._folder)
        for older in self._files(key)[:-1]:
            remove(older)
        self._sweep(key)
        return True

    def _sweep(self, key: StoreKey) -> None:
        """Remove what killed processes left behind; nobody minds if that fails."""
        for stray in self._listed(f".{key.digest}.*.tmp"):
            with suppress(OSError):
                if time.time() - stray.stat().st_mtime > _STRAY:
                    discard(stray)


@contextmanager
def _held(path: Path, deadline: float, lease: float) -> Iterator[bool]:
    context = folder_lock(path, deadline, lease)
    try:
        locked = context.__enter__()
    except OSError as error:
        reason = reason_of(error)
    else:
        try:
            yield locked
        finally:
            context.__exit__(None, None, None)
        return
    raise StoreError(str(path), f"cannot be locked: {reason}", NAME_ANOTHER)


def _set_aside(path: Path, found: Unreadable) -> None:
    """Keep a damaged file under another name, where a person may look at it."""
    if not found.is_damaged:
        raise StoreError(str(path), found.problem, found.hint)
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = path.with_name(f"{path.name}.corrupt-{moment}-{token_hex(2)}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    except OSError as error:
        reason = reason_of(error)
    else:
        text = f"token store {path}: {found.problem}, and was moved to {aside}"
        warnings.warn(text, StoreWarning, 4)
        return
    raise StoreError(
        str(path), f"is damaged, and cannot be moved: {reason}", NAME_ANOTHER
    )
