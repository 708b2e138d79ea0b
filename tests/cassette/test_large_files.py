"""Files of many megabytes: what is searched once must not be searched for each line."""

import base64
import json
import random

import pytest

from pytest_catalyst_oauth.cassette import scan
from pytest_catalyst_oauth.cassette._scan_pieces import pieces
from pytest_catalyst_oauth.cassette._scan_sheets import Sheet, sheets

TOKEN = f"1000.{'0badcafe' * 4}.{'feedf00d' * 4}"
RANDOM = "q7Zp2mXw9KfT4vBn8sLd1Rc6"


def content(size):
    return random.Random(size).randbytes(size)


def in_lines(size):
    return base64.encodebytes(content(size)).decode()


def in_body(text):
    return json.dumps({"response": {"body": text}}).encode()


@pytest.mark.parametrize("size", [3_000, 90_000])
@pytest.mark.parametrize("write", [in_lines, lambda n: base64.b64encode(content(n))])
def test_the_content_of_a_file_is_no_secret(write, size):
    """Chance makes short addresses and words of it, and nobody can use them."""
    text = write(size)

    assert not scan(in_body(text if isinstance(text, str) else text.decode()))


@pytest.mark.parametrize("size", [3_000, 90_000])
@pytest.mark.parametrize("secret", [TOKEN, RANDOM, "ada@guests.invented-host.io"])
def test_a_secret_in_a_large_file_is_found(size, secret):
    """Before and behind its lines, and inside of them."""
    inside = content(size) + f" {secret} ".encode() + content(size)

    assert scan(in_body(f"{secret}\n{in_lines(size)}"))
    assert scan(in_body(f"{in_lines(size)}\n{secret}"))
    if secret is not RANDOM:
        assert scan(in_body(base64.b64encode(inside).decode()))
        assert scan(in_body(base64.encodebytes(inside).decode()))


def test_a_short_address_with_signs_around_it_is_found():
    """Also where it was encoded."""
    whole = base64.b64encode(b'{"mail": "a@b.io"}').decode()

    assert scan(in_body(f"see a@b.io for it {whole}"))
    assert scan(in_body(base64.b64encode(b"mail to a@b.io now").decode()))
    assert scan(in_body(whole))


def test_the_lines_of_a_file_are_not_looked_up_one_by_one(monkeypatch):
    """That takes the square of a file's length."""
    asked = []
    places = Sheet.places
    monkeypatch.setattr(
        Sheet, "places", lambda self, word: asked.append(word) or places(self, word)
    )

    assert not scan(in_body(in_lines(60_000)))
    assert len(asked) < 10


def test_a_long_word_is_found_where_it_stands():
    """Each time, and not inside of another one."""
    file = in_body(f"{RANDOM} a{RANDOM} {RANDOM}")
    sheet, _ = next(sheets(pieces(file)))

    first, last = sheet.starts(RANDOM.encode())
    assert sheet.data[first:].startswith(RANDOM.encode())
    assert last - first == 2 * len(RANDOM) + 3
