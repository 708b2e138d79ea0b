"""Known secrets in spellings that only programs write."""

import base64
import gzip
import html
from contextlib import suppress

import pytest

from pytest_catalyst_oauth.cassette import environment_secrets, scan
from pytest_catalyst_oauth.engine import Secret
from tests.cassette.recordings import scrub_reply

WORDY = "Inv3nted-plugh-42-mellon"
HEX = "3f9c0b7de1a4482fb6d05c9a7e21f8834d"


def written(text, secret):
    """Return what is left of a reply's body, whatever it is made of."""
    body = text if isinstance(text, bytes) else text.encode()
    left = scrub_reply(body, secrets=[secret]).body
    return gzip.decompress(left) if left.startswith(b"\x1f\x8b") else left


@pytest.mark.parametrize("padded", [f"{WORDY}\n", f" {WORDY}\r\n", f"\t{WORDY}  "])
def test_a_secret_is_known_without_the_blanks_around_it(padded):
    """A file's last line feed is no part of a key, and clients do not send it."""
    assert written(f"see {WORDY}.", padded) == b"see REDACTED-secret-1."
    assert scan(f"see {WORDY}.".encode(), known=[Secret(padded)])


def test_blanks_count_where_little_else_is_there():
    """What is left without them would be found by chance."""
    assert written("see 1nv3    .", "1nv3    ") == b"see REDACTED-secret-1."
    assert scan(b"see 1nv3    .", known=[Secret("1nv3    ")])


def test_a_variable_is_known_without_the_blanks_around_its_value():
    """Shells keep a line feed that `cat` read."""
    environ = {"PARTNER_API_KEY": f"{WORDY}\n"}

    assert [one.reveal() for one in environment_secrets(environ)] == [WORDY]
    assert scan(f"see {WORDY}.".encode(), environment=environ)


def wrapped(secret, width):
    text = base64.b64encode(f"begin {secret} and the end".encode()).decode()
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


SPELLED = {
    "hexadecimal with colons": lambda s: s.encode().hex(":"),
    "hexadecimal with blanks": lambda s: s.encode().hex(" ").upper(),
    "escapes in braces": lambda s: "".join(f"\\u{{{ord(one):x}}}" for one in s),
    "octal escapes": lambda s: "".join(f"\\{ord(one):o}" for one in s),
    "base64 in lines of 16": lambda s: wrapped(s, 16),
    "base64 in lines of 20": lambda s: wrapped(s, 20),
    "entities without an end": lambda s: "".join(f"&#{ord(one)}" for one in s),
    "in hexadecimal": lambda s: "".join(f"&#x{ord(one):x}" for one in s),
    "a second member of gzip": lambda s: (
        gzip.compress(b"first, ") + gzip.compress(f"then {s}".encode())
    ),
    "gzip behind something": lambda s: b"ab" + gzip.compress(f"then {s}".encode()),
}
OF_HEX = {
    "capitals": lambda digits: f"id {digits.upper()} x",
    "colons": lambda digits: f"id {bytes.fromhex(digits).hex(':')} x",
    "base64": lambda digits: base64.b64encode(bytes.fromhex(digits)).decode(),
    "base64 for URLs": lambda digits: (
        "id " + base64.urlsafe_b64encode(bytes.fromhex(digits)).decode().rstrip("=")
    ),
    "bytes": lambda digits: b"id " + bytes.fromhex(digits) + b"\xff\x00\x01",
}


@pytest.mark.parametrize("how", SPELLED)
def test_a_known_secret_is_replaced_however_it_is_spelled(how):
    """Programs, pages and keys have spellings of their own."""
    text = SPELLED[how](WORDY)
    left = written(text, WORDY)

    assert left != text
    assert b"REDACTED-secret-1" in unspelled(left)


def unspelled(left):
    """Return what is left as a text, of whichever spelling."""
    if b"\x1f\x8b" in left:
        return gzip.decompress(left[left.index(b"\x1f\x8b") :])
    plain = b"".join(left.split())
    for read in (
        lambda: bytes.fromhex(plain.replace(b":", b"").decode()),
        lambda: base64.b64decode(plain, validate=True),
    ):
        with suppress(ValueError):
            return read()
    return html.unescape(left.decode()).encode()


@pytest.mark.parametrize("how", SPELLED)
def test_a_known_secret_is_refused_however_it_is_spelled(how):
    """The scanner reads those spellings too, if the scrubber were blind."""
    body = SPELLED[how](WORDY)
    text = body if isinstance(body, str) else base64.b64encode(body).decode()
    value = f"!!binary {text}" if isinstance(body, bytes) else f"|\n{text}"

    file = "a: " + value.replace("\n", "\n  ") + "\n"

    assert scan(file.encode(), known=[Secret(WORDY)])


@pytest.mark.parametrize("how", OF_HEX)
@pytest.mark.parametrize("known", [HEX, HEX.upper()], ids=["small", "capital"])
def test_hexadecimal_is_known_whatever_its_case_and_as_bytes(how, known):
    """The digits of a key are one way to write it."""
    text = OF_HEX[how](HEX)

    left = written(text, known)

    assert b"fadefade" in left.lower().replace(b":", b"")
    if isinstance(text, str):
        assert scan(f"a: {text}\n".encode(), known=[Secret(known)])


def test_capital_digits_are_found_in_small_ones():
    """A program may print a key in its own way."""
    assert b"fadefade" in written(f"id {HEX} x", HEX.upper())
    assert scan(f"id {HEX} x".encode(), known=[Secret(HEX.upper())])
