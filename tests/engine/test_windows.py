"""`Windows`: when a token is due."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine._windows import Windows


@pytest.mark.parametrize(
    ("life", "soft", "hard"),
    [(3600, 3000, 3540), (86_400, 85_800, 86_340), (600, 500, 590), (30, 15, 20)],
)
def test_windows_scale_with_the_life(life, soft, hard):
    """An hour is due ten minutes and must one minute before its end."""
    assert Windows.of(0, life) == Windows(start=-60, soft=soft, hard=hard, end=life)


def test_a_fleet_does_not_wake_up_at_once():
    """Each process is due a little earlier than the window says; never later."""
    assert Windows.of(0, 3600, jitter=0.1).soft == 3600 - 660
    assert Windows.of(0, 3600, jitter=0.1).hard == 3540


def test_a_clock_that_was_set_back_ends_the_life():
    """Before the token was asked for nothing is known about it; a minute is spared."""
    windows = Windows.of(10_000, 13_600)

    assert windows.lives(9_941)
    assert not windows.lives(9_939)
    assert not windows.lives(13_600)


@given(
    st.floats(min_value=0, max_value=4e9), st.floats(min_value=-10, max_value=86_400)
)
def test_windows_are_in_order(obtained_at, life):
    """Due comes before must, and must before the end, for any life."""
    windows = Windows.of(obtained_at, obtained_at + life)

    assert windows.soft <= windows.hard
    if life > 0:
        assert obtained_at <= windows.soft
        assert windows.hard <= windows.end
