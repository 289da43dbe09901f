# SPDX-License-Identifier: Apache-2.0
"""Every kind of bad peer at once, while a call in another room runs on without a lost frame."""
import asyncio
import os
import random
import socket
import time

import audio
import pytest
import wzp
from wzp_peer import call_offer, dial, join, media

A, B, C = wzp.SEEDS[:3]
CALL_SECONDS = 20
ROUND_SECONDS = 13  # of attacks: longer than the relay waits for a first signal


async def random_datagrams(port):
    """Noise of every length, and noise that looks like QUIC."""
    rng = random.Random(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for i in range(4000):
            data = rng.randbytes(rng.randrange(0, 1500))
            if i % 2:  # a long header of QUIC 1
                data = bytes([0xC0 | rng.randrange(64)]) + b"\0\0\0\1" + data
            s.sendto(data[:1400], ("127.0.0.1", port))
            if i % 20 == 0:
                await asyncio.sleep(0.01)


async def other_versions(port):
    """QUIC versions that nobody speaks get a Version Negotiation, or nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setblocking(False)
        s.connect(("127.0.0.1", port))
        s.send(bytes([0xC0]) + b"\x1a\x2a\x3a\x4a" + b"\x08" + b"d" * 8 + b"\x08" + b"s" * 8 + bytes(1200))
        await asyncio.sleep(0.5)
        answer = s.recv(2000)
        assert answer[1:5] == b"\0\0\0\0" and b"\0\0\0\1" in answer[5:], answer.hex()


async def wrong_alpn(port):
    for _ in range(5):
        try:
            async with dial(port, "general", alpn="h3"):
                raise AssertionError("a wrong ALPN was let in")
        except ConnectionError:
            pass


async def bad_signature(port):
    for _ in range(5):
        async with dial(port, "general") as p:
            p.send(call_offer(A, bad_signature=True))
            assert await p.gone(5), "a false signature was not refused"
            assert p.log == []


async def malformed_signals(port):
    """Before the offer, and afterwards."""
    bodies = [b"", b"{", b"[" * 50000, b'{"CallOffer":{}}', b"\xff\xfe", b'{"a":' * 3000, b'"' + b"x" * 30000]
    for body in bodies:
        async with dial(port, "general") as p:
            p.send_frame(body)
            await p.gone(0.2)
    async with join(port, "general", A) as a:
        for body in bodies * 5:
            a.send_frame(body)
            await asyncio.sleep(0.06)
        assert not a.closed.is_set(), "thrown out for signals that are to be skipped"


async def oversized_frames(port):
    """A length over the limit ends the connection, whether or not the bytes follow."""
    for length, body in ((0xFFFFFFFF, b"x" * 100), (2 << 20, b"x" * 40000), (65537, b"x" * 10)):
        async with join(port, "general", B) as p:
            p.send_frame(body, length=length, fin=False)
            assert await p.gone(12), f"still open after a frame of {length} bytes was announced"


async def never_offers(port):
    async with dial(port, "general") as p:
        start = time.monotonic()
        assert await p.gone(15), "still there without a CallOffer"
        assert time.monotonic() - start > 5, "had no time to offer"


async def half_a_signal(port):
    """An offer that never ends holds nothing for ever."""
    async with dial(port, "general") as p:
        p.send_frame(b'{"CallOffer":', length=4000, fin=False)
        assert await p.gone(15), "still there with half an offer"


async def never_reads(port):
    """A member that acknowledges nothing while the room talks: the others go on."""
    async with join(port, "deaf", A) as deaf, join(port, "deaf", B) as b, join(port, "deaf", C) as c:
        await b.expect("RoomUpdate", where=lambda u: u["count"] == 3)
        deaf.datagram_received = lambda *_: None
        for i in range(300):
            b.send_media(media(i, i * 20, payload=os.urandom(500)))
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        assert len(c.media_received()) == 300


async def bad_media(port):
    """Too short, of no codec, with a report that is not there: counted, not forwarded; the talker stays."""
    async with join(port, "general", A, "a") as a, join(port, "general", B, "b") as b:
        await a.expect("RoomUpdate", where=lambda u: u["count"] >= 2)
        for i in range(40):
            for data in (b"", b"\0" * 11, media(i, codec=9), media(i, codec=15), b"\x02" + b"\0" * 13, os.urandom(1000)[:12]):
                if data[:1] not in (b"\x00", b"\x34"):
                    a.send_media(data)
            await asyncio.sleep(0.02)
        a.send_media(media(9999, payload=b"good"))
        await asyncio.sleep(0.3)
        assert any(d[12:] == b"good" for d in b.media_received())
        for d in b.media_received():
            assert len(d) >= 12 and (d[0] >> 2 & 15) <= 8


async def a_flood(port):
    """More than a client may send: the rest is dropped."""
    async with join(port, "flood", A) as a, join(port, "flood", B) as b:
        await a.expect("RoomUpdate", where=lambda u: u["count"] == 2)
        for i in range(3000):
            a.send_media(media(i, i * 20, payload=b"f" * 20))
            if i % 60 == 0:
                await asyncio.sleep(0.03)
        await asyncio.sleep(1)
        assert 200 <= len(b.media_received()) <= 2200, len(b.media_received())


async def comes_and_goes(port):
    """Handshakes that are left without a word."""
    async def nothing():
        pass
    for i in range(40):
        async with dial(port, "general") as p:
            p.close, p.wait_closed, p.transmit = lambda *_, **__: None, nothing, lambda: None
        await asyncio.sleep(0.05)


ATTACKS = [random_datagrams, other_versions, wrong_alpn, bad_signature, malformed_signals, oversized_frames, never_offers,
           half_a_signal, never_reads, bad_media, a_flood, comes_and_goes]


async def attack(port):
    async def one(f):
        try:
            async with asyncio.timeout(ROUND_SECONDS + 10):
                await f(port)
        except Exception as e:
            return e
        return None
    return await asyncio.gather(*(one(f) for f in ATTACKS))


@pytest.fixture(scope="module")
def siege(long_stage):
    relay = long_stage.relay()
    recorder = long_stage.recorder(relay, "calm.raw", "--room", "calm")
    sender = long_stage.client(relay, "--send-tone", str(CALL_SECONDS), "--room", "calm", name="sender")
    time.sleep(1)
    results = asyncio.run(attack(relay.port))
    assert sender.wait(CALL_SECONDS + 10) == 0
    time.sleep(0.7)
    assert recorder.interrupt() == 0
    return relay, dict(zip(ATTACKS, results)), recorder.summary(), audio.read(long_stage.folder / "calm.raw")


@pytest.mark.parametrize("name", ATTACKS, ids=lambda f: f.__name__)
def test_it_is_refused_or_dropped(siege, name):
    result = siege[1][name]
    if result is not None:
        raise result


def test_the_call_next_door_lost_no_frame(siege):
    heard = siege[2]
    assert (heard["frames_received"], heard["frames_lost"]) == (CALL_SECONDS * 50, 0)


def test_the_call_next_door_has_no_gap(siege):
    assert audio.gaps(siege[3], audio.TONE_RMS / 4) == 0


def test_the_relay_lives_and_counted_it(siege):
    relay = siege[0]
    assert relay.alive
    series = relay.metrics()
    assert series["wzp_relay_udp_malformed_total"] > 100
    assert sum(v for k, v in series.items() if k.startswith("wzp_relay_datagrams_dropped_total")) > 100
    assert sum(v for k, v in series.items() if k.startswith("wzp_relay_handshakes_failed_total")) >= 5
