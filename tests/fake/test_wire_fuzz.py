"""Whatever comes over the socket: an answer or a clean end, and never a traceback.

Some hundreds of requests by default; `CATALYST_OAUTH_FUZZ=10000` asks for more.
"""

from __future__ import annotations

import os
import random
import re
import socket

import pytest

from pytest_catalyst_oauth.fake import FakeServer
from tests.fake.wire import dial, refresh_octets

COUNT = int(os.environ.get("CATALYST_OAUTH_FUZZ", "400"))
_ANSWER = re.compile(
    rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n", re.DOTALL
)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n5\r\na=b&c\r\n0\r\n\r\n"
PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b": ",
    b" ",
    b"\t",
    b"\xff\xfe",
    b"\x16\x03\x01\x02\x00\x01",
    b"HTTP/1.1",
    b"HTTP/9.9",
    b"HTTP/1.0",
    b"GET ",
    b"CONNECT accounts.zoho.com:443 ",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length: 5\r\nContent-Length: 6\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Expect: 100-continue\r\n",
    b"Upgrade: h2c\r\nConnection: Upgrade\r\n",
    b"Host: [\r\n",
    b"Host: accounts.zoho.eu\r\n",
    b"ffffffffffffffff\r\n",
    b"0\r\n\r\n",
    b"http://[/",
    b"http://user@/\xe9",
    b"//oauth/v2/token?a=%zz&a",
    b"X: " + b"y" * 70_000 + b"\r\n",
]


def mutated(octets, dice):
    """A few cuts, copies, swaps and insertions."""
    found = bytearray(octets)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(found) + 1)
        end = min(len(found), place + dice.randint(0, 40))
        match dice.randrange(5):
            case 0:
                del found[place:end]
            case 1:
                found[place:place] = found[place:end]
            case 2:
                found[place:place] = dice.choice(PIECES)
            case 3:
                found[place:end] = dice.randbytes(end - place)
            case 4:
                found[place:end] = dice.choice(PIECES)
    return bytes(found)


def said(server, octets, dice):
    """Send octets in up to three packets, then end; return what comes."""
    with dial(server) as line:
        cuts = sorted(dice.randrange(len(octets) + 1) for _ in range(2))
        try:
            for piece in (
                octets[: cuts[0]],
                octets[cuts[0] : cuts[1]],
                octets[cuts[1] :],
            ):
                line.sendall(piece)
            line.shutdown(socket.SHUT_WR)
            # A server that hangs makes this a TimeoutError.
            return b"".join(iter(lambda: line.recv(65_536), b""))
        except TimeoutError:
            raise
        except OSError:
            # It had ended already, and said so: reset, broken, or not connected.
            return b""


def is_well_formed(answer, octets):
    """Whether it is nothing but answers, each as long as it says."""
    # In a tunnel, TLS says in its own way that it was not spoken.
    answer = re.sub(rb"\x15\x03.\0\x02..\Z", b"", answer, flags=re.DOTALL)
    while answer:
        found = _ANSWER.match(answer)
        if found is None:
            return False
        length = re.search(rb"Content-Length: (\d+)\r\n", found[2])
        # Neither the two short ones nor HEAD have a body.
        size = int(length[1]) if length and found[1] != b"100" else 0
        rest = answer[found.end() :]
        answer = rest if b"HEAD" in octets and rest[:5] == b"HTTP/" else rest[size:]
    return True


@pytest.mark.parametrize("https", [False, True], ids=["http", "https"])
def test_whatever_comes_is_answered_or_ended(fake, caplog, capfd, https):
    """Nothing hangs, nothing is logged, and the next client is served."""
    dice = random.Random(20_261_124)
    fake.fail("token", fault="drip", seconds=0.0, times=None, chance=0.05, seed=1)
    with FakeServer(fake, https=https) as server:
        seeds = [
            refresh_octets(server),
            refresh_octets(server, headers="") * 2,
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            b"POST /oauth/v2/token HTTP/1.1\r\nHost: x\r\n" + CHUNKED,
            b"CONNECT accounts.zoho.com:443 HTTP/1.1\r\nHost: x\r\n\r\n\x16\x03\x01",
        ]
        for _ in range(COUNT // 2):
            octets = mutated(dice.choice(seeds), dice)
            answer = said(server, octets, dice)

            assert https or is_well_formed(answer, octets), (octets, answer)

    assert not caplog.records
    assert "Traceback" not in capfd.readouterr().err
