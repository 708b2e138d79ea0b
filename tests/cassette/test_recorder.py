"""Remembering exchanges, in threads too."""

import threading

import pytest

from pytest_catalyst_oauth.cassette import (
    Recorder,
)
from pytest_catalyst_oauth.engine import (
    HttpReply,
)
from pytest_catalyst_oauth.engine.errors import TransportError
from tests.cassette.recordings import (
    get,
    replay_of,
)


class Echo:
    """Answers with the body that it was sent, or not at all."""

    def send(self, request):
        if request.url.endswith("/down"):
            raise TransportError(request.origin, "nobody is there")
        return HttpReply(status=200, body=request.body)


def test_a_recorder_remembers_what_passes_through():
    """In the order in which the replies came, and only what was answered."""
    recorder = Recorder(Echo())

    first = recorder.send(get("/x", body=b"1"))
    with pytest.raises(TransportError):
        recorder.send(get("/down"))
    second = recorder.send(get("/x", body=b"2"))

    assert recorder.exchanges == (
        (get("/x", body=b"1"), first),
        (get("/x", body=b"2"), second),
    )


def test_threads_record_and_replay_together():
    """No exchange is lost or given twice."""
    recorder = Recorder(Echo())
    replayed = []

    def in_threads(work):
        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    in_threads(
        lambda name: [
            recorder.send(get("/x", body=f"{name}{i}".encode())) for i in range(50)
        ]
    )
    replay = replay_of(*recorder.exchanges)
    in_threads(
        lambda name: [
            replayed.append(replay.send(get("/x", body=f"{name}{i}".encode())).body)
            for i in range(50)
        ]
    )

    assert len(set(replayed)) == len(recorder.exchanges) == 200
    assert replay.unused == ()
