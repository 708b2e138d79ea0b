"""A store on a Redis or Valkey server, which makes a fleet of machines share tokens."""

from __future__ import annotations

import os
import random
import ssl
import time
from contextlib import contextmanager, suppress
from dataclasses import fields
from secrets import token_hex
from typing import TYPE_CHECKING, Any, final

import redis
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.retry import Retry

from pytest_catalyst_oauth.engine import Record
from pytest_catalyst_oauth.engine.errors import StoreError

from ._envelope import Envelope, Unreadable, whose
from ._heartbeat import heartbeat
from ._redis_scripts import RELEASE, RENEW, SWAP, TAKE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_catalyst_oauth.engine import Secret, StoreKey

    from ._envelope import Seal
    from ._redis_address import RedisAddress

_SHORTEST, _LONGEST = 0.01, 0.05

# What a record may hold and still end with its access token. Anything else, also
# what later versions add, is kept until somebody deletes it.
_FLEETING = frozenset(
    "generation seed access_token expires_at obtained_at scope api_domain failure asked"
    .split()
)  # fmt: skip
# Seconds that it is kept longer: the server's quota remembers requests for as long
# (zoho-protocol.md 4.5).
_QUOTA_WINDOW = 600.0


@final
class RedisStore:
    """Keep each record in a hash of its own, with a lease for a lock.

    Args:
        address: Where, and who we are.
        prefix: Begins the names of our keys.
        seal: Encrypts records; None leaves them in clear.
        lease: Seconds without a sign of life after which a holder loses the lock.
        timeout: Seconds for connecting, and for each answer.
        ca_file: Certificates to check a `rediss` server with; None takes the system's.

    Raises:
        StoreError: From any method, when the server does not do as asked.
    """

    def __init__(
        self,
        address: RedisAddress,
        *,
        prefix: str = "catalyst-oauth:",
        seal: Seal | None = None,
        lease: float = 20.0,
        timeout: float = 3.0,
        ca_file: str | None = None,
    ) -> None:
        self._address = address
        self._prefix = prefix
        self._envelope = Envelope(seal)
        self._lease = round(lease * 1000)
        self._timeout = timeout
        self._ca_file = ca_file
        self._opened: tuple[int, redis.Redis] | None = None

    def __repr__(self) -> str:
        return f"<Redis store {self._address}>"

    def load(self, key: StoreKey) -> Record | None:
        """Return the record, or None when there is none."""
        name = self._name(key)
        found: Record | Unreadable | None = self._ask(
            lambda server: self._unpacked(key, server.hget(name, "record"))
        )
        if isinstance(found, Unreadable):
            raise StoreError(f"{self._address}, key {name}", found.problem, found.hint)
        return found

    def compare_and_swap(self, key: StoreKey, generation: int, record: Record) -> bool:
        """Write `record` if `generation` is still the latest."""
        new, writer, life = generation + 1, token_hex(16), _life(record)
        # Computed inside: the text is nobody's local variable.
        return self._run(
            SWAP,
            self._name(key),
            lambda: (
                generation,
                new,
                writer,
                self._envelope.pack(key, new, record),
                life,
            ),
        )

    @contextmanager
    def lock(self, key: StoreKey, deadline: float) -> Iterator[bool]:
        """Hold the key's lock, across machines, while the context lasts."""
        name, owner, pid = self._name(key, ":lock"), token_hex(16), os.getpid()
        if not self._obtain(name, owner, deadline):
            yield False
            return
        try:
            with heartbeat(self._lease / 3000, lambda: self._renew(name, owner)):
                yield True
        finally:
            # A child of fork leaves its parent's lock alone. A server that is gone
            # keeps nobody from using the token; the lease ends by itself.
            if os.getpid() == pid:
                with suppress(StoreError):
                    self._run(RELEASE, name, lambda: (owner,))

    def delete(self, key: StoreKey) -> bool:
        """Forget the record; tell whether there was one."""
        return bool(self._ask(lambda server: server.delete(self._name(key))))

    def keys(self) -> Iterator[StoreKey]:
        """List whose records there are."""
        return iter(self._ask(self._listed))

    def _name(self, key: StoreKey, ending: str = "") -> str:
        return f"{self._prefix}{key.digest}{ending}"

    def _unpacked(self, key: StoreKey, text: Any) -> Record | Unreadable | None:
        return None if text is None else self._envelope.unpack(key, text)

    def _listed(self, server: redis.Redis) -> list[StoreKey]:
        pattern = _escaped(self._prefix) + "[0-9a-f]" * 32
        names = sorted(server.scan_iter(match=pattern, count=1000))
        keys = (whose(server.hget(name, "record") or b"") for name in names)
        return [key for key in keys if key is not None]

    def _obtain(self, name: str, owner: str, deadline: float) -> bool:
        end = time.monotonic() + deadline
        while not self._run(TAKE, name, lambda: (owner, self._lease)):
            if time.monotonic() >= end:
                return False
            time.sleep(random.uniform(_SHORTEST, _LONGEST))  # noqa: S311  spreads waiters, hides nothing
        return True

    def _renew(self, name: str, owner: str) -> bool:
        """Show that we live; False if the lock is another's by now."""
        try:
            return self._run(RENEW, name, lambda: (owner, self._lease))
        except StoreError:
            # The server may be back for the next beat.
            return True

    def _run(
        self, script: str, name: str, arguments: Callable[[], tuple[Any, ...]]
    ) -> bool:
        return bool(
            self._ask(lambda server: server.eval(script, 1, name, *arguments()))
        )

    def _ask(self, action: Callable[[redis.Redis], Any]) -> Any:
        try:
            return action(self._server())
        except (redis.RedisError, OSError) as error:
            problem, hint = _words(error)
        # Outside the handler, and without what led here: those frames hold records.
        raise StoreError(str(self._address), problem, hint) from None

    def _server(self) -> redis.Redis:
        # A child of fork must not talk on its parent's connections.
        pid = os.getpid()
        if self._opened is None or self._opened[0] != pid:
            self._opened = (pid, self._connect())
        return self._opened[1]

    def _connect(self) -> redis.Redis:
        address = self._address
        where: dict[str, Any] = {"host": address.host, "port": address.port}
        if address.scheme == "unix":
            where = {"unix_socket_path": address.path}
        elif address.scheme == "rediss":
            where |= {
                "ssl": True,
                "ssl_ca_certs": self._ca_file,
                "ssl_check_hostname": True,
            }
        if address.password is not None:
            where["credential_provider"] = _Login(address.username, address.password)
        return redis.Redis(
            db=address.db,
            socket_timeout=self._timeout,
            socket_connect_timeout=self._timeout,
            # Once more, for a connection that broke while it was idle.
            retry=Retry(NoBackoff(), 1),
            **where,
        )


class _Login(CredentialProvider):
    """Hands over the password when a connection is made, and shows it nowhere else."""

    def __init__(self, username: str | None, password: Secret) -> None:
        self._username = username
        self._password = password

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        if self._username is None:
            return (self._password.reveal(),)
        return (self._username, self._password.reveal())


def _life(record: Record) -> int:
    """Return after how many milliseconds a record is of no use; 0 for never."""
    empty = Record()
    kept = {field.name for field in fields(record)} - _FLEETING
    if record.access_token is None or any(
        getattr(record, name) != getattr(empty, name) for name in kept
    ):
        return 0
    # Counted from now, not from `obtained_at`: the server's clock may be another.
    life = max(record.expires_at - record.obtained_at, 0.0)
    return round((life + _QUOTA_WINDOW) * 1000)


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in "*?[]\\^-" else one for one in text)


def _words(error: Exception) -> tuple[str, str]:
    """Return what is wrong, and what to do next; never what the server said."""
    for kind, problem, hint in _PROBLEMS:
        if isinstance(error, kind):
            return problem, hint
    if str(error).startswith("WRONGTYPE"):
        return "keeps something else under our name", "give another ?prefix=NAME"
    if not isinstance(error, redis.ConnectionError | OSError):
        return "does not do as asked", "check that it is Redis 4 or newer, or Valkey"
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLError):
        return "cannot be trusted: its certificate is not valid", "give ?ca_file=PATH"
    code = cause.errno if isinstance(cause, OSError) else None
    return f"cannot be reached{f': {os.strerror(code)}' if code else ''}", _START


_START = "start it, or check host, port and firewall"
_PROBLEMS: tuple[tuple[type[Exception], str, str], ...] = (
    (redis.AuthenticationError, "refuses our user name or password", "check them"),
    (
        redis.exceptions.NoPermissionError,
        "does not let this user do that",
        "allow it EVAL, GET, SET, DEL, HGET, HMGET, HSET, PEXPIRE, PERSIST and SCAN",
    ),
    (redis.BusyLoadingError, "is loading its data", "try again in a moment"),
    (redis.ReadOnlyError, "is a replica, which cannot be written", "name its primary"),
    (redis.OutOfMemoryError, "is full", "raise its maxmemory"),
    (
        redis.exceptions.MovedError,
        "is part of a cluster",
        "name a server that is not: one record needs no cluster",
    ),
    (redis.TimeoutError, "does not answer", _START),
)
