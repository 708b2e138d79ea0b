"""A certificate authority that nobody knows, and servers with its certificates."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

from tests.adapters.loopback import Listener, Talk


class Authority:
    """Issues certificates for servers.

    Attributes:
        bundle: Path of the file that makes its certificates trusted.
    """

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.bundle = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.bundle)

    def certify(self, path: Path, name: str = "127.0.0.1") -> Path:
        """Write a certificate for `name` into a file, together with its key."""
        issued = self._authority.issue_cert(name)
        issued.private_key_and_cert_chain_pem.write_to_path(path)
        return path

    def context(self) -> ssl.SSLContext:
        """What a client of `httpx` takes as `verify`."""
        return ssl.create_default_context(cafile=self.bundle)

    def over_tls(self, talk: Talk, name: str = "127.0.0.1") -> Talk:
        """Talk under a certificate for `name`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(name).configure_cert(context)

        def secured(connection, listener):
            with context.wrap_socket(connection, server_side=True) as secure:
                talk(secure, listener)

        return secured


def https(listener: Listener) -> str:
    return listener.url.replace("http:", "https:")
