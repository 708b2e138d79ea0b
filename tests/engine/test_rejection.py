"""`is_stale_token`: when a refresh cures a 401."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import is_stale_token

# zoho-protocol.md 10.2 and 11
STALE = [
    {"status": "failure", "data": {"message": "x", "error_code": "INVALID_TOKEN"}},
    {"code": "INVALID_TOKEN", "details": {}, "message": "x", "status": "error"},
    {"code": "AUTHENTICATION_FAILURE", "details": {}, "status": "error"},
    {"error": {"code": 401, "message": "INVALID_OAUTHTOKEN"}},
    {"error": {"status_code": "401", "title": "INVALID_OAUTHTOKEN"}},
    {"error": [{"description": "x", "error_code": "INVALID_OAUTHTOKEN"}]},
    {"response": "error", "cause": "INVALID_OAUTHTOKEN"},
]
OTHER = [
    {"status": "failure", "data": {"error_code": "OAUTH_SCOPE_MISMATCH"}},
    {"response": "error", "cause": "INVALID_OAUTHSCOPE"},
    {"data": {"error_code": "INVALID_TOKEN", "why": "OAUTH_SCOPE_MISMATCH"}},
    {"status": "failure", "data": {"error_code": "PERMISSION_NEEDED"}},
    {"message": "not INVALID_TOKEN but near"},
    {},
    None,
]


@pytest.mark.parametrize("answer", STALE)
def test_a_stale_token_is_recognized_in_every_envelope(answer):
    """Zoho's products wrap the same codes differently."""
    assert is_stale_token(401, json.dumps(answer).encode())


@pytest.mark.parametrize("answer", OTHER)
def test_a_refresh_is_not_spent_where_it_does_not_help(answer):
    """A missing scope stays missing after a refresh, and the quota is small."""
    assert not is_stale_token(401, json.dumps(answer).encode())


@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_only_a_401_speaks_of_the_token(status):
    """The same words under another status mean something else."""
    assert not is_stale_token(status, json.dumps(STALE[0]).encode())


@given(st.one_of(st.binary(), st.just(b"[" * 5000 + b"]" * 5000)))
def test_any_body_is_read_without_complaint(body):
    """A proxy's page at 401 is not a reason to crash."""
    assert not is_stale_token(401, body)
