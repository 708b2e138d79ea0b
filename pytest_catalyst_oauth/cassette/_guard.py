"""Our scrubber and scanner in a `VCR` of somebody else's."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, final

from vcr.persisters.filesystem import FilesystemPersister
from vcr.request import Request
from vcr.serialize import serialize

from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError

from . import _file
from ._any_client import as_reply, as_request
from ._exchange import RecordedExchange
from ._likeness import fits, pairs_fit
from ._meaning import meaning
from ._scanner import scan
from ._scrubber import Scrubber
from .errors import SecretInCassetteError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vcr import VCR

    from pytest_catalyst_oauth.engine import Secret

    from ._meaning import Meaning

_NO_REPLY = HttpReply(status=200)


@final
class Memory:
    """The secrets of a session, so that one cassette's are known to the next.

    Args:
        secrets: Returns what is known beforehand.
    """

    def __init__(self, secrets: Callable[[], Iterable[Secret]] = tuple) -> None:
        self._secrets = secrets
        self._lock = Lock()
        self._found: dict[Secret, None] = {}

    def scrub(self, exchanges: Iterable[RecordedExchange]) -> Any:
        """Scrub with all that was found before; remember what is found."""
        with self._lock:
            known = dict.fromkeys((*self._secrets(), *self._found))
            scrubbed = Scrubber(known).scrub(exchanges)
            self._found.update(dict.fromkeys(scrubbed.secrets))
            return scrubbed


def guard(
    recorder: VCR,
    memory: Memory,
    refuse: Callable[[Exception], BaseException] = lambda error: error,
) -> None:
    """Let a `VCR` write no secret, and compare requests without them.

    What is in memory stays as it is, so a test that records works as before. A cassette
    is scrubbed as a whole when it is written, and scanned.

    Args:
        recorder: Before its `use_cassette`.
        memory: One for the whole session.
        refuse: Makes what is raised if a secret survived.
    """
    if isinstance(recorder.persister, _Persister):
        return
    recorder.register_persister(_Persister(recorder.persister, memory, refuse))
    for name, compared in _MATCHERS.items():
        recorder.register_matcher(name, _matcher(compared))


class _Persister:
    """Saves what another persister would, without the secrets."""

    def __init__(
        self,
        inner: Any,
        memory: Memory,
        refuse: Callable[[Exception], BaseException],
    ) -> None:
        self._inner = inner
        self._memory = memory
        self._refuse = refuse

    def load_cassette(self, cassette_path: Any, serializer: Any) -> Any:
        """Load as before."""
        return self._inner.load_cassette(cassette_path, serializer)

    def save_cassette(
        self, cassette_path: Any, cassette_dict: Mapping[str, Any], serializer: Any
    ) -> None:
        """Scrub, scan and save.

        Raises:
            SecretInCassetteError: A secret survived. Nothing was written.
            SettingsError: A client sent what cannot be recorded. Likewise.
        """
        try:
            outcome = self._clean(cassette_dict, serializer)
        except SettingsError as error:
            raise self._refuse(error) from None
        if isinstance(outcome, tuple):
            leak = SecretInCassetteError(str(cassette_path), outcome)
            raise self._refuse(leak) from None
        clean, data = outcome["cassette"], outcome["data"]
        kind = self._inner if isinstance(self._inner, type) else type(self._inner)
        if getattr(kind, "save_cassette", None) is FilesystemPersister.save_cassette:
            _file.write(Path(cassette_path), data)
        else:
            self._inner.save_cassette(cassette_path, clean, serializer)

    def _clean(self, cassette: Mapping[str, Any], serializer: Any) -> Any:
        """Return the cassette and its bytes, or what the scan found."""
        requests, responses = cassette["requests"], list(cassette["responses"])
        exchanges = [
            RecordedExchange(as_request(asked), as_reply(answered))
            for asked, answered in zip(requests, responses, strict=True)
        ]
        # Some stubs note the address once more.
        noted = [
            RecordedExchange(HttpRequest(method="GET", url=one["url"]), _NO_REPLY)
            for one in responses
            if isinstance(one.get("url"), str)
        ]
        scrubbed = self._memory.scrub([*exchanges, *noted])
        urls = iter(one.request.url for one in scrubbed.exchanges[len(exchanges) :])
        clean = {
            **cassette,
            "requests": [
                _request(one.request) for one in scrubbed.exchanges[: len(exchanges)]
            ],
            "responses": [
                _response(one.reply, before, urls)
                for one, before in zip(scrubbed.exchanges, responses, strict=False)
            ],
        }
        data = serialize(clean, serializer)
        data = data if isinstance(data, bytes) else data.encode()
        findings = scan(data, known=scrubbed.secrets)
        return tuple(map(str, findings)) or {"cassette": clean, "data": data}


def _request(request: HttpRequest) -> Any:
    body = request.body or None
    return Request(request.method, request.url, body, dict(request.headers))


def _response(reply: HttpReply, before: Mapping[str, Any], urls: Any) -> dict[str, Any]:
    headers: dict[str, list[str]] = {}
    for name, value in reply.headers:
        headers.setdefault(name, []).append(value)
    url = {"url": next(urls)} if isinstance(before.get("url"), str) else {}
    return {**before, "headers": headers, "body": {"string": reply.body}, **url}


def _same_address(sent: Meaning, recorded: Meaning) -> bool:
    return (
        sent.origin == recorded.origin
        and fits(recorded.path, sent.path)
        and pairs_fit(sent, recorded, "query")
    )


_MATCHERS: dict[str, Callable[[Meaning, Meaning], bool]] = {
    "uri": _same_address,
    "path": lambda sent, recorded: fits(recorded.path, sent.path),
    "query": lambda sent, recorded: pairs_fit(sent, recorded, "query"),
    "body": lambda sent, recorded: pairs_fit(sent, recorded, "body"),
}


def _matcher(
    is_alike: Callable[[Meaning, Meaning], bool],
) -> Callable[[Any, Any], bool]:
    def matches(sent: Any, recorded: Any) -> bool:
        return is_alike(meaning(as_request(sent)), meaning(as_request(recorded)))

    return matches
