"""What a server or a client said, in a message of ours."""

from __future__ import annotations

import re
import subprocess
import sys
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine._server_words import (
    quotable,
    quotable_path,
    quotable_value,
)

# The rules as they read best. They take ages with long texts.
LIKE_A_SECRET = re.compile(r"(?=[A-Za-z._~+/=-]*\d)[A-Za-z0-9._~+/=-]{20,}")
HEXADECIMAL = re.compile(r"[0-9a-f.]*(?=[0-9]*[a-f])[0-9a-f]{16,}[0-9a-f.]*")

SIGNS = st.text(st.sampled_from("abf019.-~/= xé"), max_size=60)
TOKENS = st.from_regex(r"1000\.[a-f][0-9a-f]{31}\.[a-f][0-9a-f]{31}", fullmatch=True)
WORDS = st.text(st.sampled_from(" :,;()é\n"), max_size=100)


@given(SIGNS)
def test_what_is_hidden_follows_the_plain_rules(text):
    """No more and no less than the slow patterns say."""
    line = text.replace("\n", " ")

    assert quotable(text, 500) == LIKE_A_SECRET.sub("•••", line)
    assert quotable_value(text) == HEXADECIMAL.sub("•••", line)


@given(WORDS, TOKENS, WORDS, st.integers(1, 300))
def test_no_part_of_a_token_is_shown(before, token, after, longest):
    """Wherever it stands, and wherever the text is cut."""
    text = f"{before}{token}{after}"

    shown = (quotable(text, longest), quotable_value(text), quotable_path(f"/{token}"))

    assert set("".join(shown)).isdisjoint({*ascii_letters, *digits})


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "0" * 1_000_000, "." * 1_000_000, "a." * 500_000]
)
def test_a_long_text_is_quoted_at_once(text):
    """A server or a client cannot freeze us by one answer or request.

    With one look at a character after another these take a second; they took years.
    """
    code = (
        "from pytest_catalyst_oauth.engine._server_words import *\n"
        "import sys; text = sys.stdin.read()\n"
        "print(len(quotable(text)), len(quotable_value(text)))\n"
        "print(quotable_path(text) == text)\n"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code],
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert asked.stdout.split()[0] == str(len(quotable(text[:2000])))


def test_a_long_word_on_the_command_line_is_refused_at_once():
    """The message is searched for secrets, and there is no room for patience."""
    command = [sys.executable, "-m", "pytest_catalyst_oauth", "token", "--nothing"]
    word = "0" * 100_000

    refused = subprocess.run(
        [*command, f"a.{word}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert refused.returncode == 2
    assert word not in refused.stderr
