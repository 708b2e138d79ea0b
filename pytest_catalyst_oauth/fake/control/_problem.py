"""How the control says no."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import final

from pytest_catalyst_oauth.engine import HttpReply


@final
class ProblemError(Exception):
    """A request to the control that is refused.

    Args:
        status: HTTP status.
        detail: What is wrong, for people; never a secret.
        headers: What the answer has besides.
    """

    def __init__(
        self, status: int, detail: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.headers = headers

    def reply(self) -> HttpReply:
        """Return it as JSON. Source: RFC 9457, section 3."""
        body = {
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        return HttpReply(
            status=self.status,
            headers=(("Content-Type", "application/problem+json"), *self.headers),
            body=json.dumps(body, ensure_ascii=False).encode(errors="replace"),
        )
