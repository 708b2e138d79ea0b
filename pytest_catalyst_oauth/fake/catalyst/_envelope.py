"""How the Catalyst API wraps what it answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.fake._answer import json_answer

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply

_AS_TEXT = "application/vnd.catalyst.v2+"


class ApiError(Exception):
    """A failure in the API's own words; it ends one request.

    Args:
        status: HTTP status.
        error_code: For example `INVALID_ID`.
        message: For people.
    """

    def __init__(self, status: int, error_code: str, message: str) -> None:
        super().__init__(status, error_code, message)
        self.status = status
        self.error_code = error_code
        self.message = message

    def answer(self) -> HttpReply:
        """Wrap it. Source: zoho-protocol.md 10.1."""
        data = {"message": self.message, "error_code": self.error_code}
        return json_answer({"status": "failure", "data": data}, self.status)


def success(data: object, accept: str, **beside: object) -> HttpReply:
    """Wrap a result.

    Args:
        data: What was asked for; numbers as `int`.
        accept: The request's `Accept`: version 2 gets its numbers as text.
        beside: Further members of the envelope, as a page of rows has them.

    Source: zoho-protocol.md 10.1.
    """
    if accept.strip().startswith(_AS_TEXT):
        data = json.loads(json.dumps(data), parse_int=str, parse_float=str)
    return json_answer({"status": "success", "data": data, **beside})
