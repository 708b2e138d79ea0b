"""Certificates for Zoho's hosts, by an authority of our own."""

from __future__ import annotations

import os
import ssl
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.adapters import write_private_file
from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    import trustme

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def zoho_hosts() -> tuple[str, ...]:
    """Return the hosts of all data centres."""
    return tuple(
        urlsplit(url).hostname or ""
        for center in DataCenter.all()
        for url in (center.accounts_url, center.api_url, center.console_url)
        if url
    )


@final
class Certificates:
    """An authority, and what it issues. Made when somebody needs it.

    Args:
        kept: File with the authority and its key; it is created if there is none. None
            makes an authority that is forgotten at the end.

    Raises:
        SettingsError: trustme is not installed, or the file cannot be used.
    """

    def __init__(self, kept: Path | None = None) -> None:
        library = _trustme()
        self._authority: Any = _kept(library, kept) if kept else _new(library)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._file: Path | None = None

    @property
    def file(self) -> Path:
        """What clients have to trust: a temporary file, readable by its user alone."""
        if self._file is None:
            number, name = tempfile.mkstemp(prefix="fake-catalyst-ca-", suffix=".pem")
            with os.fdopen(number, "wb") as file:
                file.write(self._authority.cert_pem.bytes())
            self._file = Path(name)
        return self._file

    def context(self, host: str = "") -> ssl.SSLContext:
        """Return what a server needs to be believed to be a host.

        Args:
            host: Name; empty for all that this server may be called.
        """
        if host not in self._contexts:
            names = (host,) if host else (*_LOOPBACK, *zoho_hosts())
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_alpn_protocols(["http/1.1"])
            # By a file that exists for a moment: the ssl module reads no other.
            self._authority.issue_cert(*names).configure_cert(context)
            self._contexts[host] = context
        return self._contexts[host]

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)
            self._file = None


def _trustme() -> Any:
    try:
        import trustme
    except ImportError:
        pass
    else:
        return trustme
    raise SettingsError(
        "https",
        "needs certificates, and trustme, which makes them, is not installed",
        "pip install 'pytest-catalyst-oauth[tls]'",
    )


def _new(library: Any) -> trustme.CA:
    made: trustme.CA = library.CA(organization_name="pytest-catalyst-oauth, a fake")
    return made


def _kept(library: Any, path: Path) -> trustme.CA:
    if not path.exists():
        authority = _new(library)
        pems = (authority.cert_pem, authority.private_key_pem)
        write_private_file(path, "".join(pem.bytes().decode() for pem in pems))
        return authority
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO):
            problem = "holds a key, and others may read it"
            raise SettingsError(str(path), problem, f"chmod 600 {path}")
        # Of anything else nothing is read: a pipe would wait, a device not end.
        pem = path.read_bytes() if stat.S_ISREG(mode) else b""
        kept: trustme.CA = library.CA.from_pem(cert_bytes=pem, private_key_bytes=pem)
    except (OSError, ValueError):
        pass
    else:
        return kept
    raise SettingsError(
        str(path),
        "is no certificate authority of this fake",
        "name another file; one that does not exist is created",
    )
