"""What all tests share: a guard that keeps them on this machine."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module

import pytest
from hypothesis import settings

import pytest_catalyst_oauth

# A busy machine is no bug; and what was found is written down as an example.
settings.register_profile("ours", deadline=None, database=None)
settings.load_profile("ours")

pytest_plugins = ["pytester"]

_OURS = frozenset({"127.0.0.1", "::1", "localhost", "", "0.0.0.0", "::"})
_LOOKUPS = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
)
_strayed: list[str] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse whatever leaves the loopback, and remember that it was tried.

    An audit hook sees every caller, in C too. Raising alone would not do: code that
    is built to survive a failing network survives this as well.
    """
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        # A string is the path of a Unix socket.
        host = address[0] if isinstance(address, tuple) else ""
    elif event in _LOOKUPS:
        host = arguments[0]
    else:
        return
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is not None and name not in _OURS:
        _strayed.append(f"{event}: {name}")
        raise ConnectionRefusedError(f"tests talk to the loopback only, not to {name}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def _loopback_only():
    """Fail a test that tried to reach, or to look up, any other host."""
    _strayed.clear()
    yield
    strayed = list(dict.fromkeys(_strayed))
    _strayed.clear()
    if strayed:
        pytest.fail(f"left the loopback: {', '.join(strayed)}", pytrace=False)


@pytest.fixture(scope="session")
def _all_is_loaded():
    """Import the whole package and what it uses, although it would rather wait.

    After a run in this process pytester forgets whatever that run imported first, and
    a module that is imported once more has other classes: nothing catches its errors.
    """
    package = pytest_catalyst_oauth
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for name in ("cryptography.fernet", "jwt", "responses", "tenacity", "trustme"):
        import_module(name)


@pytest.fixture
def pytester(_all_is_loaded, pytester):
    """Run pytest within pytest, without harm to the tests that follow."""
    return pytester
