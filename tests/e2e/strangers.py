# SPDX-License-Identifier: Apache-2.0
"""Relays and people on another QUIC stack, with whatever manners a test wants; what they hear is kept with its time."""
import contextlib
import time

import wzp  # noqa: F401  (it finds wzp_peer)
import wzp_peer
from aioquic.asyncio.client import connect
from cryptography import x509
from wzp_peer import certificate, join, tls_fingerprint


@contextlib.asynccontextmanager
async def strange_relay(port, seed, claim=None, shows=True, version=2):
    """A connection to `_federation` that shows the seed's certificate (or none) and says hello with `claim`."""
    config = wzp_peer.client_config("_federation")
    if shows:
        der, key = certificate(seed)
        config.certificate, config.private_key = x509.load_der_x509_certificate(der), key
    async with connect("127.0.0.1", port, configuration=config, create_protocol=wzp_peer.Peer) as p:
        hello = {"tls_fingerprint": claim or tls_fingerprint(certificate(seed)[0])}
        p.send({"FederationHello": {**hello, **({"v": version, "label": "strange"} if version > 1 else {})}})
        yield p


class Person:
    """Wraps a wzp_peer connection: `lists` is [(time, [alias, ...])]."""

    def __init__(self, peer, name):
        self.peer, self.name, self.lists = peer, name, []
        taken = peer.signals.put_nowait

        def note(message):
            if isinstance(message, dict) and "RoomUpdate" in message:
                people = [p["alias"] or "" for p in message["RoomUpdate"]["participants"]]
                self.lists.append((time.monotonic(), sorted(people)))
            taken(message)
        for message in peer.log:
            if isinstance(message, dict) and "RoomUpdate" in message:
                self.lists.append((time.monotonic(), sorted(p["alias"] or "" for p in message["RoomUpdate"]["participants"])))
        peer.signals.put_nowait = note

    def sees(self):
        return self.lists[-1][1] if self.lists else []

    def first_saw(self, people, since):
        """When the list became this after `since`; None if it is not this now."""
        at = None
        for moment, shown in self.lists:
            at = (at or moment) if shown == people else None
        return None if at is None else max(at, since)

    def heard(self):
        """[(time, sequence number)] of what arrived."""
        return [(at, int.from_bytes(d[2:4], "big")) for at, d in self.peer.datagrams]


@contextlib.asynccontextmanager
async def person(relay, name, seed, room="general"):
    async with join(relay.port, room, seed, name) as p:
        yield Person(p, name)
