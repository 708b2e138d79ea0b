"""A store in the keyring of the operating system, by the `keyring` library."""

from __future__ import annotations

import json
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Generic, TypeVar, final

import keyring
from keyring.errors import KeyringLocked, NoKeyringError

from pytest_catalyst_oauth.engine.errors import OAuthError, StoreError

from ._envelope import Envelope, Unreadable, whose
from ._file_lock import file_lock
from ._private_file import ensure_private_folder, write_private_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from keyring.backend import KeyringBackend

    from pytest_catalyst_oauth.engine import Record, StoreKey

T = TypeVar("T")

# What Windows takes, in bytes of UTF-16. Other keyrings take more.
# Source: wincred.h, CRED_MAX_CREDENTIAL_BLOB_SIZE.
_SMALLEST_LIMIT = 2560
# Seconds to wait for another writer; each holds the lock for some milliseconds.
_WRITING = 5.0


@final
class KeyringStore:
    """Keep each record as one password in the keyring that the user chose.

    Keyrings can neither lock nor list, so files beside do: they hold no secret. A
    keyring that does not answer (a dead session bus takes minutes to say so) is given
    up after some seconds. Its call goes on in a thread, and keeps the lock that it
    writes under, so that it cannot write over what comes later.

    Args:
        folder: Where locks and names are; created when first needed.
        service: Name under which the keyring shows our passwords.
        timeout: Seconds to wait for an answer; a person may have to unlock it.
        backend: A keyring of your own; None takes the user's.

    Raises:
        StoreError: From any method, when the keyring does not do as asked.
    """

    def __init__(
        self,
        folder: Path,
        *,
        service: str = "catalyst-oauth",
        timeout: float = 15.0,
        backend: KeyringBackend | None = None,
    ) -> None:
        self._folder = folder
        self._service = service
        self._timeout = timeout
        self._backend = backend
        self._envelope = Envelope()
        self._hanging: Thread | None = None

    def __repr__(self) -> str:
        return f"<keyring store {self._service}>"

    def load(self, key: StoreKey) -> Record | None:
        """Return the record, or None when there is none."""
        found = self._ask(lambda: self._load(key))
        if isinstance(found, Unreadable):
            raise StoreError(self._entry(key), found.problem, found.hint)
        return found

    def compare_and_swap(self, key: StoreKey, generation: int, record: Record) -> bool:
        """Write `record` if `generation` is still the latest."""
        return self._ask(lambda: self._swap(key, generation, record))

    @contextmanager
    def lock(self, key: StoreKey, deadline: float) -> Iterator[bool]:
        """Hold the key's lock, across processes, while the context lasts."""
        with self._locked(key, "lock", deadline) as locked:
            yield locked

    def delete(self, key: StoreKey) -> bool:
        """Forget the record; tell whether there was one."""
        return self._ask(lambda: self._delete(key))

    def keys(self) -> Iterator[StoreKey]:
        """List whose records there are."""
        ensure_private_folder(self._folder)
        names = [path.read_bytes() for path in sorted(self._folder.glob("*.name"))]
        return iter([key for key in map(whose, names) if key is not None])

    def _entry(self, key: StoreKey) -> str:
        return f"keyring, user {key.digest} of {self._service}"

    def _keyring(self) -> KeyringBackend:
        return self._backend or keyring.get_keyring()

    def _load(self, key: StoreKey) -> Record | Unreadable | None:
        text = self._keyring().get_password(self._service, key.digest)
        return None if text is None else self._envelope.unpack(key, text)

    def _swap(self, key: StoreKey, generation: int, record: Record) -> bool:
        with self._writing(key):
            held = self._load(key)
            if isinstance(held, Unreadable):
                raise StoreError(self._entry(key), held.problem, held.hint)
            if (held.generation if held else 0) != generation:
                return False
            # First, so that whatever is in the keyring is listed, too.
            write_private_file(self._side_file(key, "name"), _name(key))
            self._save(key, self._envelope.pack(key, generation + 1, record))
            return True

    def _save(self, key: StoreKey, text: str) -> None:
        try:
            self._keyring().set_password(self._service, key.digest, text)
        except (KeyringLocked, NoKeyringError):
            raise
        except Exception:  # each backend has errors of its own for what is too large
            # So the size decides; whoever called sorts out whatever else went wrong.
            size = len(text.encode("utf-16-le"))
            if size <= _SMALLEST_LIMIT:
                raise
        else:
            return
        raise StoreError(
            self._entry(key),
            f"does not take {size} bytes; some keyrings take {_SMALLEST_LIMIT}",
            "ask for fewer scopes, or name another store",
        )

    def _delete(self, key: StoreKey) -> bool:
        with self._writing(key):
            self._side_file(key, "name").unlink(missing_ok=True)
            if self._keyring().get_password(self._service, key.digest) is None:
                return False
            self._keyring().delete_password(self._service, key.digest)
            return True

    def _side_file(self, key: StoreKey, ending: str) -> Path:
        return self._folder / f"{key.digest}.{ending}"

    @contextmanager
    def _writing(self, key: StoreKey) -> Iterator[None]:
        with self._locked(key, "write", _WRITING) as locked:
            if not locked:
                raise StoreError(
                    self._entry(key), "is being written by another program", "try again"
                )
            yield

    @contextmanager
    def _locked(self, key: StoreKey, ending: str, deadline: float) -> Iterator[bool]:
        ensure_private_folder(self._folder)
        side_file = self._side_file(key, ending)
        try:
            context = file_lock(side_file, deadline)
            locked = context.__enter__()
        except OSError:
            raise StoreError(
                str(side_file), "cannot be locked", "check who may write there"
            ) from None
        try:
            yield locked
        finally:
            context.__exit__(None, None, None)

    def _ask(self, work: Callable[[], T]) -> T:
        if self._hanging is not None and self._hanging.is_alive():
            raise StoreError("keyring", "still does not answer", _UNLOCK)
        call = _Call(work)
        thread = Thread(target=call.run, name="catalyst-oauth keyring", daemon=True)
        thread.start()
        if not call.over.wait(self._timeout):
            self._hanging = thread
            problem = f"did not answer within {self._timeout:g} s"
            raise StoreError("keyring", problem, _UNLOCK)
        return call.outcome()


class _Call(Generic[T]):
    """One piece of work, and what came of it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._got: list[T] = []
        self._error: OAuthError | None = None
        self.over = Event()

    def run(self) -> None:
        try:
            self._got.append(self._work())
        except OAuthError as error:
            self._error = type(error)(*error.args)
        except Exception as error:  # noqa: BLE001  each backend has errors of its own
            self._error = StoreError("keyring", *_words(error))
        finally:
            self.over.set()

    def outcome(self) -> T:
        # Raised here, without what led to it: those frames hold records in clear.
        if self._error is not None:
            raise self._error
        return self._got[0]


_UNLOCK = "unlock it, or name another store, for example sqlite:PATH"


def _words(error: Exception) -> tuple[str, str]:
    """Return what is wrong, and what to do next; never what the backend said."""
    if isinstance(error, NoKeyringError):
        return "there is none on this machine", "name another store: sqlite:PATH"
    if isinstance(error, KeyringLocked):
        return "is locked", _UNLOCK
    return f"does not work: {type(error).__name__}", _UNLOCK


def _name(key: StoreKey) -> str:
    """Return what `whose` reads."""
    return json.dumps(
        {
            "profile": key.profile,
            "accounts_url": key.accounts_url,
            "client_id": key.client_id,
        }
    )
