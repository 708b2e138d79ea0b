"""What names a record. The stores' promises are checked in tests/adapters."""

from __future__ import annotations

from pytest_catalyst_oauth.engine import StoreKey


def test_keys_differ_in_every_part():
    """Neighbouring parts cannot be shifted into each other."""
    keys = [
        StoreKey(profile="ab", accounts_url="c", client_id="d"),
        StoreKey(profile="a", accounts_url="bc", client_id="d"),
        StoreKey(profile="ab", accounts_url="cd", client_id=""),
        StoreKey(profile="2:ab", accounts_url="c", client_id="d"),
    ]

    assert len({key.digest for key in keys}) == 4
    assert all(key.digest.isalnum() for key in keys)
