# SPDX-License-Identifier: Apache-2.0
"""Relays that misbehave, each a process of its own: villains.py NAME PORT SECONDS"""
import asyncio
import contextlib
import json
import os
import struct
import sys
import time

import fed
import strangers
from wzp_peer import certificate, media, room_tag, tls_fingerprint

PATIENCE = 60  # seconds, which a relay may take to give up one that is deaf
SEEDS = {name: fed.seed_of(i) for i, name in enumerate(("floods", "garbage", "deaf", "hoards", "crowds"), 12)}


def announcement(seed, room, n, people=(), **more):
    own = tls_fingerprint(certificate(seed)[0])
    return {"GlobalRoomActive": {"room": room, "participants": list(people), "origin": own, "seq": 1000 + n, "n": n, "path": [own], **more}}


async def floods(port, seed, until):
    """First-generation media of a room, many times what it may send."""
    async with strangers.strange_relay(port, seed, version=1) as p:
        i = 0
        while time.monotonic() < until:
            for _ in range(40):
                i += 1
                p._quic.send_datagram_frame(room_tag("general") + media(i, i, payload=os.urandom(40)))
            p.transmit()
            await asyncio.sleep(0.01)


async def garbage(port, seed, until):
    """Datagrams and signals that are none."""
    async with strangers.strange_relay(port, seed) as p:
        bodies = [b"", b"{", b"[" * 5000, b"\xff\xfe", b'{"GlobalRoomActive":{}}', b'{"GlobalRoomActive":{"room":5}}',
                  b'{"Prune":{"room_hash":"zz"}}', b'{"Graft":null}', b'"' + b"x" * 3000]
        for i in range(10 ** 6):
            if time.monotonic() > until:
                return
            p.send_media(os.urandom(i % 200))
            p.send_media(room_tag("general") + os.urandom(30))
            if i % 10 == 0:
                p.send_frame(bodies[i // 10 % len(bodies)])
            await asyncio.sleep(0.02)


async def deaf(port, seed, until):
    """Has a member in the room and acknowledges nothing, whatever is sent, until somebody ends it."""
    async with strangers.strange_relay(port, seed) as p:
        await asyncio.sleep(0.5)
        p.send(announcement(seed, "general", 1, [{"fingerprint": "dead", "alias": "deaf"}]))
        await asyncio.sleep(0.5)
        p.datagram_received = lambda *_: None
        await asyncio.sleep(max(0, until + PATIENCE - time.monotonic()))


async def hoards(port, seed, until):
    """Announces 100,000 rooms; dials again where it is thrown out."""
    n = 0
    while n < 100_000 and time.monotonic() < until:
        with contextlib.suppress(ConnectionError):
            async with strangers.strange_relay(port, seed) as p:
                await asyncio.sleep(0.2)
                while n < 100_000 and time.monotonic() < until and not p.closed.is_set():
                    while p._quic._streams_blocked_bidi and not p.closed.is_set():
                        await asyncio.sleep(0.001)
                    for _ in range(200):
                        n += 1
                        people = [{"fingerprint": f"{n:x}", "alias": "x"}]
                        body = json.dumps(announcement(seed, f"hoard-{n}", n, people)).encode()
                        p._quic.send_stream_data(p._quic.get_next_available_stream_id(), struct.pack(">I", len(body)) + body, True)
                    p.transmit()
                    await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
    return n


async def crowds(port, seed, until):
    """Origins without end in a room that exists, each with many participants."""
    people = [{"fingerprint": f"{i:x}", "alias": "y" * 30} for i in range(100)]
    own = tls_fingerprint(certificate(seed)[0])
    async with strangers.strange_relay(port, seed) as p:
        await asyncio.sleep(0.3)
        for n in range(1, 3000):
            if time.monotonic() > until or p.closed.is_set():
                return
            origin = os.urandom(32).hex()
            origin = ":".join(origin[i:i + 2] for i in range(0, 64, 2))
            p.send(announcement(seed, "crowd", n, people, origin=origin, path=[own, origin]))
            await asyncio.sleep(0.004)


async def run(name, port, seconds):
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(seconds + 1 + (PATIENCE if name == "deaf" else 0)):
            await globals()[name](port, SEEDS[name], time.monotonic() + seconds)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
