"""Forms with files: `multipart/form-data`."""

from __future__ import annotations

from email import message_from_string
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpRequest


class Part(NamedTuple):
    """One part of a form.

    Attributes:
        content: Its bytes, exactly.
        content_type: None if it says nothing.
        file_name: None or empty if it has none.
    """

    content: bytes
    content_type: str | None
    file_name: str | None

    @property
    def text(self) -> str:
        """The content of a part that is no file."""
        return self.content.decode("utf-8", "replace")


def parts_of(request: HttpRequest) -> dict[str, Part]:
    """Return the parts by name, the first of each; empty for another kind of body.

    Source: RFC 7578; RFC 2046, section 5.1.1.
    """
    head = Message()
    head["Content-Type"] = (request.header("Content-Type") or "").translate(_NO_BREAK)
    boundary = head.get_boundary()
    if head.get_content_type() != "multipart/form-data" or not boundary:
        return {}
    # The line break before a boundary belongs to it, so the first one needs one, too.
    line = b"\r\n--" + boundary.encode("utf-8", "replace")
    found: dict[str, Part] = {}
    for piece in (b"\r\n" + request.body).split(line)[1:]:
        if piece.startswith(b"--"):
            break
        named = _part(piece)
        if named is not None:
            found.setdefault(*named)
    return found


_NO_BREAK = str.maketrans("\r\n", "  ")


def _part(piece: bytes) -> tuple[str, Part] | None:
    padding, _, rest = piece.partition(b"\r\n")
    lines, blank, content = rest.partition(b"\r\n\r\n")
    if padding.strip(b" \t") or not blank:
        return None
    head = message_from_string(lines.decode("utf-8", "replace"))
    name = head.get_param("name", header="content-disposition")
    if name is None:
        return None
    content_type = head.get("Content-Type")
    part = Part(content, content_type and str(content_type), head.get_filename())
    return collapse_rfc2231_value(name), part
