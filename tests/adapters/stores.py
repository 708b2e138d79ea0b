"""Every kind of store at a place of its own, here and in child processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, get_ident
from typing import NamedTuple

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from pytest_catalyst_oauth.adapters import open_store
from pytest_catalyst_oauth.engine import (
    Failure,
    MemoryStore,
    Record,
    ScopeSet,
    Secret,
    StoreKey,
)

ROOT = Path(__file__).parents[2]
START = 1_800_000_000.0
KEY = StoreKey(
    profile="default", accounts_url="https://accounts.zoho.eu", client_id="1000.X"
)
OTHER = replace(KEY, profile="ö{*}\n")
FULL = Record(
    seed="0123",
    spent=True,
    access_token=Secret("1000.invented-access"),
    expires_at=START + 3600.25,
    obtained_at=START,
    refresh_token=Secret("1000.invented-refresh"),
    scope=ScopeSet.parse("ZohoCatalyst.cron.ALL openid"),
    api_domain="https://www.zohoapis.eu",
    failure=Failure(
        kind="TransportError",
        args=("https://accounts.zoho.eu", "verbindung weg ☹", False),
        at=START + 1.5,
        retry_at=START + 6.5,
        count=2,
    ),
)
# Visibly invented: thirty-two times the letter k, and then the letter x.
KEY_TEXT = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
OTHER_KEY_TEXT = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="

SHARED = ["sqlite", "json", "json sealed", "keyring", "redis", "redis sealed"]
EVERY = ["memory", *SHARED]
# Those whose lock is a lease, which a stopped holder loses.
LEASED = ["json", "redis"]


class Place(NamedTuple):
    """Where a store is.

    Attributes:
        kind: One of `EVERY`.
        folder: For its files.
        redis: Address of a Redis server, and a question mark; empty without one.
        lease: In seconds.
    """

    kind: str
    folder: str
    redis: str = ""
    lease: float = 20.0

    @property
    def address(self) -> str:
        """What to tell `open_store`."""
        sealed = f"&key_file={self.key_file}" if "sealed" in self.kind else ""
        match self.kind.split()[0]:
            case "sqlite":
                return f"sqlite:{self.folder}/tokens.db"
            case "json":
                return f"json:{self.folder}/tokens?lease={self.lease}{sealed}"
            case "redis":
                prefix = f"prefix={self.folder}:"
                return f"{self.redis}{prefix}&lease={self.lease}{sealed}"
        raise ValueError(self.kind)

    @property
    def key_file(self) -> Path:
        """The key of a sealed store."""
        return Path(self.folder) / "key"

    def open(self):
        if self.kind == "memory":
            return MemoryStore()
        if self.kind == "keyring":
            return keyring_store(self.folder, FileKeyring(f"{self.folder}/passwords"))
        return open_store(self.address)


def write_key(path, text):
    path.touch(0o600)
    path.write_text(text + "\n")
    return path


def keyring_store(folder, backend, **more):
    from pytest_catalyst_oauth.adapters._keyring_store import KeyringStore

    return KeyringStore(Path(folder) / "locks", backend=backend, **more)


class FileKeyring(KeyringBackend):
    """A keyring in a file, which does nothing to keep two writers apart."""

    priority = 1

    def __init__(self, path):
        super().__init__()
        self._path = Path(path)

    def get_password(self, service, username):
        return self._passwords().get(f"{service} {username}")

    def set_password(self, service, username, password):
        self._save({**self._passwords(), f"{service} {username}": password})

    def delete_password(self, service, username):
        passwords = self._passwords()
        if f"{service} {username}" not in passwords:
            raise PasswordDeleteError("no such password")
        del passwords[f"{service} {username}"]
        self._save(passwords)

    def _passwords(self):
        return json.loads(self._path.read_text()) if self._path.exists() else {}

    def _save(self, passwords):
        # Whole, as a keyring's answers are.
        draft = self._path.with_name(f"draft-{os.getpid()}-{get_ident()}")
        draft.write_text(json.dumps(passwords))
        draft.replace(self._path)


class HangingKeyring(FileKeyring):
    """Does not answer before it is told to, like a session bus that is gone."""

    def __init__(self, path, hanging="set_password"):
        super().__init__(path)
        self.hanging = hanging
        self.begun = Event()
        self.go_on = Event()

    def get_password(self, service, username):
        self._hang("get_password")
        return super().get_password(service, username)

    def set_password(self, service, username, password):
        self._hang("set_password")
        super().set_password(service, username, password)

    def _hang(self, name):
        if name == self.hanging:
            self.begun.set()
            self.go_on.wait()


class Child:
    """A Python process that runs a script, in which `store` is the place's."""

    def __init__(self, place, script, *arguments):
        prologue = (
            f"import sys; sys.path.append({str(ROOT)!r})\n"
            f"from tests.adapters.stores import *\n"
            f"store = Place(*{tuple(place)!r}).open()\n"
            "def say(*words): print(*words, flush=True)\n"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", prologue + script, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        # Also closes the pipes.
        self.process.communicate()

    def hear(self):
        return self.process.stdout.readline().strip()

    def tell(self, line=""):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def send(self, signal_):
        self.process.send_signal(signal_)
        if signal_.name == "SIGKILL":
            self.process.wait()


REDIS = shutil.which("redis-server") or shutil.which("valkey-server")
NO_REDIS = "neither redis-server nor valkey-server is installed"


class RedisServer:
    """A server of our own, which can be stopped and started again.

    Its Unix socket has a short path, since long ones are not allowed.
    """

    def __init__(self, *options):
        self.folder = tempfile.mkdtemp(prefix="catalyst-")
        self.socket = f"{self.folder}/redis.sock"
        self._options = options
        self._process = None
        self.start()

    @property
    def address(self):
        return f"unix://{self.socket}?"

    def start(self):
        self._process = subprocess.Popen(
            [REDIS, *("--unixsocket", self.socket, "--dir", self.folder)]
            + [*("--save", ""), *self._options]
            + ([] if "--port" in self._options else ["--port", "0"]),
            stdout=subprocess.PIPE,
            text=True,
        )
        for line in self._process.stdout:
            if "Ready to accept" in line or "ready to accept" in line:
                return
        raise AssertionError("the Redis server did not start")

    def stop(self):
        self._process.kill()
        self._process.communicate()

    def close(self):
        self.stop()
        shutil.rmtree(self.folder)


@contextmanager
def own_redis(*options):
    """Run a server for one test, with options of its own."""
    server = RedisServer(*options)
    try:
        yield server
    finally:
        server.close()


def generation(store, key=KEY):
    record = store.load(key)
    return record.generation if record else 0


def fork(work):
    """Run `work` in a child of fork; return its exit code."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    work()
    os._exit(0)
