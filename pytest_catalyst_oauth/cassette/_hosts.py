"""Writing public hosts where a recording used others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, final
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    Headers = tuple[tuple[str, str], ...]


@final
class Hosts:
    """Replaces starts of URLs, in every text and in the usual spellings.

    Args:
        public: Start of a URL as used, to the start to write in its place.
    """

    def __init__(self, public: Mapping[str, str]) -> None:
        self._public: dict[str, str] = {}
        for used, written in public.items():
            old, new = used.rstrip("/"), written.rstrip("/")
            self._public[old] = new
            self._public[old.replace("/", "\\/")] = new.replace("/", "\\/")
            self._public[quote(old, safe="")] = quote(new, safe="")
        longest_first = sorted(self._public, key=len, reverse=True)
        # What follows must not be more of the host, the port or the path's segment.
        self._pattern = re.compile(
            rf"(?:{'|'.join(map(re.escape, longest_first))})"
            r"(?![A-Za-z0-9_-]|:\d|\.[A-Za-z0-9])"
        )

    def rewrite(self, text: str) -> str:
        """Return the text with public hosts."""
        if not self._public:
            return text
        return self._pattern.sub(lambda found: self._public[found[0]], text)

    def headers(self, headers: Headers, host: str, url: str) -> Headers:
        """Return headers with public hosts, `Host` as the request's URL says."""
        written = urlsplit(self.rewrite(url)).netloc
        return tuple(
            (name, written)
            if name.lower() == "host" and value == host
            else (name, self.rewrite(value))
            for name, value in headers
        )
