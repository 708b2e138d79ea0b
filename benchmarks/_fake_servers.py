"""The servers that are compared: how each is started, and asked for a token."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FORM = "application/x-www-form-urlencoded"
_CLIENT = {"client_id": "invented-client", "client_secret": "invented-client-secret"}
_BASIC = b64encode(":".join(_CLIENT.values()).encode()).decode()
_OURS = Path(__file__).with_name("_fake_ours.py")
_OIDC_PROVIDER = """
import {{ createServer }} from 'node:http';
import Provider from 'oidc-provider';
const provider = new Provider('http://127.0.0.1:{port}', {{
  clients: [{{
    client_id: '{client_id}', client_secret: '{client_secret}', redirect_uris: [],
    grant_types: ['client_credentials'], response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
  }}],
  features: {{ clientCredentials: {{ enabled: true }} }},
}});
createServer(provider.callback()).listen({port}, '127.0.0.1');
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """One of those that are compared.

    Attributes:
        name: As in the tables.
        path: Of the token endpoint.
        command: Starts it on a port.
        form: Is told the port; returns what asks for a token.
        headers: Further ones, each with its line's end.
    """

    name: str
    path: str
    command: Callable[[int], list[str]]
    form: Callable[[int], dict[str, str]]
    headers: str = ""


@dataclass(frozen=True)
class Running:
    """A server that answers.

    Attributes:
        process: To be looked at, not to be stopped.
        port: On 127.0.0.1.
        started_in: Seconds from the start of the process to its first answer.
    """

    process: subprocess.Popen[bytes]
    port: int
    started_in: float

    @property
    def cpu(self) -> float:
        """Seconds that processors have spent on it."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """Megabytes in real memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _of_a_login(port: int) -> dict[str, str]:
    """Log in at oidc-provider-mock, and return what refreshes the token."""
    redirect_uri = "http://127.0.0.1:9/callback"
    asked = {**_CLIENT, "redirect_uri": redirect_uri, "response_type": "code"}
    query = urlencode({**asked, "scope": "openid offline_access"})
    location = _post(port, f"/oauth2/authorize?{query}", {"sub": "guest"})[0]
    code = parse_qs(urlsplit(location).query)["code"][0]
    exchange = {**_CLIENT, "grant_type": "authorization_code", "code": code}
    body = _post(port, "/oauth2/token", {**exchange, "redirect_uri": redirect_uri})[1]
    token = json.loads(body)["refresh_token"]
    return {"grant_type": "refresh_token", "refresh_token": token}


def _post(port: int, path: str, form: dict[str, str]) -> tuple[str, str]:
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("POST", path, urlencode(form), {"Content-Type": _FORM})
        reply = line.getresponse()
        return reply.getheader("Location") or "", reply.read().decode()
    finally:
        line.close()


def servers(folder: Path) -> tuple[list[Server], list[str]]:
    """Return all that can be had, ours first, and remarks on those that cannot."""
    found, remarks = [ours(folder)], []
    node, npm = shutil.which("node"), shutil.which("npm")
    packages = ["oauth2-mock-server", "oidc-provider"]
    if node and npm and _installed(npm, packages, folder):
        found += _of_npm(node, folder)
    else:
        remarks.append(f"left out, as npm could not install them: {packages}")
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    mock = shutil.which("oidc-provider-mock", path=places)
    if mock:
        found.append(_oidc_provider_mock(mock))
    else:
        remarks.append("left out: pip install oidc-provider-mock")
    return found, remarks


def ours(folder: Path) -> Server:
    """Return our fake, without its throttle; it writes down what to ask."""
    return Server(
        name="ours",
        path="/oauth/v2/token",
        command=lambda port: [sys.executable, str(_OURS), str(port), str(folder)],
        form=lambda port: dict(parse_qsl((folder / f"form-{port}").read_text("ascii"))),
    )


def ours_as_a_command() -> Server:
    """Return our fake as people start it."""
    command = [sys.executable, "-m", "pytest_catalyst_oauth", "serve", "--port"]
    return Server(
        name="ours, catalyst-oauth serve",
        path="/oauth/v2/token",
        command=lambda port: [*command, str(port)],
        form=lambda _: {},
    )


def _installed(npm: str, packages: list[str], folder: Path) -> bool:
    if (folder / "node_modules" / packages[-1]).exists():
        return True
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    command = [npm, "install", "--prefix", str(folder), *quiet, *packages]
    done = subprocess.run(command, check=False, capture_output=True, timeout=300)
    return done.returncode == 0


def _of_npm(node: str, folder: Path) -> list[Server]:
    def script(port: int) -> list[str]:
        file = folder / f"provider-{port}.mjs"
        file.write_text(_OIDC_PROVIDER.format(port=port, **_CLIENT), encoding="utf-8")
        return [node, str(file)]

    form = {**_CLIENT, "grant_type": "client_credentials"}
    mock = str(folder / "node_modules" / ".bin" / "oauth2-mock-server")
    return [
        Server(
            name="oauth2-mock-server (npm)",
            path="/token",
            command=lambda port: [node, mock, "-a", "127.0.0.1", "-p", str(port)],
            form=lambda _: form,
        ),
        Server(
            name="oidc-provider (npm)",
            path="/token",
            command=script,
            form=lambda _: form,
        ),
    ]


def _oidc_provider_mock(program: str) -> Server:
    return Server(
        name="oidc-provider-mock (PyPI)",
        path="/oauth2/token",
        command=lambda port: [program, "--port", str(port)],
        form=_of_a_login,
        headers=f"Authorization: Basic {_BASIC}\r\n",
    )


@contextmanager
def running(command: Callable[[int], list[str]]) -> Iterator[Running]:
    """Start a server, wait for its first answer, and stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = command(port)
    quiet = subprocess.DEVNULL
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=quiet, stderr=quiet)
    try:
        _wait(port, process)
        yield Running(process, port, time.perf_counter() - start)
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            if line.recv(1):
                return
        time.sleep(0.001)
    raise RuntimeError(f"a server did not start: {process.args!r}")
