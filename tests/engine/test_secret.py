"""`Secret`: no way out but `reveal`."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import pprint
import traceback

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.engine.doubles import CLIENT, REFRESH

TEXT = "1000.invented-and-secret"


@dataclasses.dataclass(frozen=True)
class Holder:
    secret: Secret


@pytest.mark.parametrize(
    "render",
    [
        repr,
        str,
        "{}".format,
        "{:>60}".format,
        "{!r:^60}".format,
        lambda secret: f"{secret}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031  the point
        lambda secret: pprint.pformat({"secret": [secret]}),
        lambda secret: str(dataclasses.asdict(Holder(secret))),
        lambda secret: str(dataclasses.astuple(Holder(secret))),
        lambda secret: json.dumps([secret], default=str),
        lambda secret: str(copy.copy(secret)) + str(copy.deepcopy(secret)),
    ],
)
def test_rendering_shows_a_tag_and_not_the_text(render):
    """However a secret is printed, the text stays inside."""
    shown = render(Secret(TEXT))

    assert TEXT not in shown
    assert "<secret " in shown


def test_a_log_line_shows_no_text(caplog):
    """Logging an object that holds secrets is safe."""
    logging.getLogger("test").warning("%s and %r", CLIENT, REFRESH)

    assert CLIENT.client_secret.reveal() not in caplog.text
    assert REFRESH.refresh_token.reveal() not in caplog.text


def test_a_secret_cannot_be_pickled():
    """A pickle would carry the text to where nobody expects it."""
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Holder(Secret(TEXT)))


def test_a_secret_has_no_dict():
    """`vars` is a common way to print objects, so there is nothing to print."""
    with pytest.raises(TypeError):
        vars(Secret(TEXT))


def test_a_traceback_with_locals_shows_no_text():
    """A crash while a secret is at hand does not print it."""
    secret = Secret(TEXT)  # noqa: F841  it is there to be printed

    try:
        raise RuntimeError("boom")
    except RuntimeError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)

    assert "secret = <secret " in "".join(shown.format())
    assert TEXT not in "".join(shown.format())


def test_equal_secrets_share_a_tag():
    """A failed comparison in a test stays readable."""
    assert repr(Secret(TEXT)) == repr(Secret(TEXT))
    assert repr(Secret(TEXT)) != repr(Secret(TEXT + "!"))


def test_a_secret_equals_only_a_secret():
    """Comparing with a plain string is never true, so nobody gets used to it."""
    assert Secret(TEXT) == Secret(TEXT)
    assert Secret(TEXT) != TEXT
    assert len({Secret(TEXT), Secret(TEXT)}) == 1


def test_an_empty_secret_is_refused():
    """An unset variable is noticed where it is read."""
    with pytest.raises(SettingsError, match="secret: cannot be empty; set what it"):
        Secret("")
    with pytest.raises(ValueError, match="cannot be empty"):
        Secret("")


@given(st.text(min_size=1))
@example("\ud800")
def test_any_text_can_be_kept(text):
    """Even a text that is no Unicode can be kept, shown, compared and digested.

    An exception about the encoding would carry the text.
    """
    secret = Secret(text)

    assert secret.reveal() == text
    assert secret == Secret(text)
    assert repr(secret).startswith("<secret ")
    assert len(secret.digest()) == 64
