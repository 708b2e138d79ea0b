"""The error tree: whose move it is, in plain values."""

from __future__ import annotations

import copy
import pickle

import pytest

from pytest_catalyst_oauth.engine import Failure, errors
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    OAuthError,
    RefusedError,
    ReplyError,
    SettingsError,
    StoreError,
    ThrottledError,
    TransportError,
)

SAMPLES = [
    SettingsError("data centre 'mars'", "is unknown", "choose one of us, eu"),
    SettingsError("retry attempts", "must be 1 or more"),
    StoreError("/invented/tokens.db", "is damaged", "move it away"),
    StoreError("lock", "is held"),
    TransportError("https://accounts.zoho.eu", "the connection broke"),
    TransportError("https://accounts.zoho.eu", "refused", False),
    ReplyError(502, "server error"),
    RefusedError("invalid_client", 200),
    RefusedError("odd", 400, "the server's own words"),
    ThrottledError("Access Denied", 400, "too many"),
    LoginNeededError("invalid_code", 200),
    LoginNeededError("no_token", 0, "nothing is stored"),
]


class PageMissingError(OAuthError):
    """Stands for an error of a package above the engine."""


def same(one, other):
    return type(one) is type(other) and (one.args, str(one), vars(one)) == (
        other.args,
        str(other),
        vars(other),
    )


@pytest.mark.parametrize("error", SAMPLES, ids=repr)
def test_an_error_survives_pickling_and_copying(error):
    """A worker process can hand it over whole."""
    assert same(pickle.loads(pickle.dumps(error)), error)
    assert same(copy.copy(error), error)


@pytest.mark.parametrize("error", SAMPLES, ids=repr)
def test_an_error_survives_a_store(error):
    """What one process met, another raises: same type, same arguments."""
    failure = Failure.of(error, 0.0, None)
    again = failure.error()

    assert again.retry_at == failure.retry_at > 0
    del again.retry_at
    assert same(again, error)
    assert again is not error


def test_errors_of_other_packages_survive_a_store_too():
    """A cassette's miss, for example, is still a miss when it is raised again."""
    again = Failure.of(PageMissingError("page 7"), 0.0, None).error()

    del again.retry_at
    assert same(again, PageMissingError("page 7"))


def test_an_error_that_nobody_here_knows_is_an_oauth_error():
    """Another program may have written it; the values are all that is left."""
    error = errors.by_name("SomebodyElsesError", ("its", "values"))

    assert type(error) is OAuthError
    assert error.args == ("its", "values")


def test_exit_codes_tell_apart_whose_move_it_is():
    """A script can react to the number, and tell each kind from a crash."""
    codes = {type(error): error.exit_code for error in SAMPLES}

    assert codes == {
        SettingsError: 2,
        StoreError: 3,
        TransportError: 4,
        ReplyError: 4,
        RefusedError: 5,
        ThrottledError: 6,
        LoginNeededError: 7,
    }


def test_only_what_another_try_may_cure_is_retryable():
    """A refusal is an answer; asking again costs quota."""
    retryable = {type(error) for error in SAMPLES if error.retryable}

    assert retryable == {TransportError, ReplyError}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SAMPLES[0], "data centre 'mars': is unknown; choose one of us, eu"),
        (SAMPLES[1], "retry attempts: must be 1 or more"),
        (SAMPLES[2], "token store /invented/tokens.db: is damaged; move it away"),
        (SAMPLES[3], "token store lock: is held"),
        (SAMPLES[4], "no answer from https://accounts.zoho.eu: the connection broke"),
        (SAMPLES[6], "unusable answer (HTTP 502): server error"),
        (SAMPLES[8], "refused with 'odd' (HTTP 400); the server's own words"),
        (
            SAMPLES[11],
            (
                "refused with 'no_token' (not asked); nothing is stored; "
                "log in, or give a refresh token or a code"
            ),
        ),
    ],
)
def test_an_error_is_one_readable_line(error, text):
    """It names the thing, what is wrong and what to do next."""
    assert str(error) == text


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("invalid_client", "data centre"),
        ("invalid_client_secret", "copy the client secret again"),
        ("invalid_code", "log in again"),
        ("invalid_redirect_uri", "exactly the redirect URI"),
        ("missing_org_info", "soid"),
        ("access_denied", "ask again later"),
    ],
)
def test_each_documented_refusal_says_what_to_do(code, advice):
    """Zoho's codes come without a description, so we bring one."""
    assert advice in str(RefusedError(code, 200))


def test_an_unknown_refusal_brings_no_advice():
    """No advice is better than a guess."""
    assert RefusedError("new_in_2031", 200).hint == ""
