"""`ProofKey`: RFC 7636 to the letter."""

from __future__ import annotations

import re

import pytest

from pytest_catalyst_oauth.engine import Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.engine.grants import ProofKey
from tests.engine.grants.frames import shown
from tests.engine.grants.people import CHALLENGE, VERIFIER


def test_the_example_of_the_standard_comes_out():
    """RFC 7636, appendix B: this verifier has this challenge."""
    proof_key = ProofKey(verifier=Secret(VERIFIER))

    assert proof_key.method == "S256"
    assert proof_key.challenge == CHALLENGE


def test_a_plain_challenge_is_the_verifier():
    """RFC 7636, section 4.2; only for whoever asks for it by name."""
    proof_key = ProofKey(verifier=Secret(VERIFIER), method="plain")

    assert proof_key.challenge == VERIFIER


def test_each_proof_key_is_new():
    """Ten thousand of them are all different, and all of the right form."""
    keys = [ProofKey.new() for _ in range(10_000)]

    verifiers = {key.verifier.reveal() for key in keys}
    assert len(verifiers) == 10_000
    assert all(re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", one) for one in verifiers)
    assert {key.method for key in keys} == {"S256"}


@pytest.mark.parametrize("length", [43, 44, 127, 128])
def test_the_longest_and_the_shortest_verifier_are_accepted(length):
    """43 to 128 characters, every unreserved one among them."""
    text = ("-._~aZ09" * 16)[:length]

    assert ProofKey(verifier=Secret(text)).verifier == Secret(text)


@pytest.mark.parametrize(
    "text",
    ["a" * 42, "a" * 129, "a" * 42 + "+", "a" * 42 + "=", "a" * 43 + "\n", "ä" * 43],
)
def test_a_verifier_of_another_form_is_refused_without_showing_it(text):
    """The message says the form; the text stays a secret."""
    with pytest.raises(SettingsError, match="43 to 128 letters") as caught:
        ProofKey(verifier=Secret(text))

    assert text not in shown(caught.value)


@pytest.mark.parametrize("method", ["s256", "S512", "", "none"])
def test_an_unknown_method_is_refused(method):
    """Before a browser opens, with the two that there are."""
    with pytest.raises(SettingsError, match="is unknown; use S256 or plain"):
        ProofKey.new(method)


def test_a_proof_key_does_not_show_itself():
    """Whatever prints it prints a tag."""
    proof_key = ProofKey(verifier=Secret(VERIFIER))

    assert VERIFIER not in f"{proof_key} {proof_key!r}"
