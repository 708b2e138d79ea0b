"""What is wrong with a server's certificate, and what cures it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

# Numbers of OpenSSL's x509_vfy.h.
_EXPIRED = (9, 10)
_OTHER_NAME = (62, 63, 64)


def untrusted(error: ssl.SSLCertVerificationError, cure: str) -> str:
    """Say why a certificate is refused.

    Args:
        error: What the TLS library said.
        cure: What makes an unknown authority known to the client that was used.
    """
    if error.verify_code in _EXPIRED:
        why = "it is out of date: renew it, or set this machine's clock right"
    elif error.verify_code in _OTHER_NAME:
        why = "it is for another name: check the data centre's URLs"
    else:
        why = f"nobody here knows who issued it: {cure}"
    return f"the TLS certificate is not trusted, since {why}"
