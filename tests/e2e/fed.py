# SPDX-License-Identifier: Apache-2.0
"""Several relays with a topology: identities first, so that everybody's configuration can name everybody's fingerprint."""
import contextlib
import json
import math
import re
import subprocess
import time

import wzp
from wzp_peer import certificate, dial, join, tls_fingerprint

LOAD = wzp.BUILD / "tests/bench/bench_load"
IMPAIR = wzp.BUILD / "src/apps/impair/wzp-impair"
MEASURE = wzp.BUILD / "src/apps/measure/wzp-measure"

THROWN_AWAY = ("duplicate", "not_upstream", "no_room", "hops", "malformed")


def seed_of(i):
    return bytes([0x41 + i]) * 32


def fingerprint_of(seed):
    return tls_fingerprint(certificate(seed)[0])


def chain(n):
    return [(i, i + 1) for i in range(n - 1)]


def ring(n):
    return chain(n) + [(n - 1, 0)]


def mesh(n):
    return [(i, j) for i in range(n) for j in range(i)]


def peer_lines(url, fingerprint, label, extra=""):
    return f'[[peers]]\nurl = "{url}"\nfingerprint = "{fingerprint}"\nlabel = "{label}"\n{extra}'


def trusted_lines(fingerprint, label, extra=""):
    return f'[[trusted]]\nfingerprint = "{fingerprint}"\nlabel = "{label}"\n{extra}'


class Federation:
    """`edges` are (dialler, acceptor). Both ends name each other in [[peers]], unless the edge is in `one_way`: then the acceptor
    has a [[trusted]] entry only. `via` gives an edge's dialler another address, that of a proxy. Relay i is called "r<i>"."""

    def __init__(self, stage, n, edges, rooms=("general",), one_way=(), via=None, extra="", flags=(), ports=None):
        self.stage, self.n, self.edges, self.flags = stage, n, edges, flags
        self.one_way, self.via = set(one_way) | set(via or {}), via or {}
        self.ports = ports or [wzp.free_port() for _ in range(n)]
        self.fingerprints = [fingerprint_of(seed_of(i)) for i in range(n)]
        self.configs = [self._config(i, rooms, extra) for i in range(n)]
        self.relays = [self.start(i) for i in range(n)]

    def _config(self, i, rooms, extra):
        text = f'label = "r{i}"\n{extra}'
        for name in rooms:
            text += f'[[global_rooms]]\nname = "{name}"\n'
        for a, b in self.edges:
            if i == a or (i == b and (a, b) not in self.one_way):
                other = b if i == a else a
                url = self.via.get((a, b), f"127.0.0.1:{self.ports[other]}")
                text += peer_lines(url, self.fingerprints[other], f"r{other}")
            elif i == b:
                text += trusted_lines(self.fingerprints[a], f"r{a}")
        return text

    def start(self, i):
        """Starts relay i, for the first time or again on the same port."""
        relay = self.stage.relay(f"r{i}", config=self.configs[i], seed=seed_of(i), port=self.ports[i], flags=self.flags)
        relay.wait_for_text(f"tls_fingerprint={self.fingerprints[i]}")
        return relay

    def restart(self, i):
        self.relays[i] = self.start(i)

    def neighbours(self, i):
        return sorted({b if i == a else a for a, b in self.edges if i in (a, b)})

    def links_down(self):
        down = []
        for i, relay in enumerate(self.relays):
            series = relay.metrics()
            down += [(i, j) for j in self.neighbours(i) if series.get(f'wzp_federation_peer_status{{peer="r{j}"}}') != 1]
        return down

    def wait_up(self, timeout=20):
        end = time.monotonic() + timeout
        while down := self.links_down():
            assert time.monotonic() < end, f"links still down after {timeout} s: {down}"
            time.sleep(0.05)
        return self

    def dropped(self, reasons=THROWN_AWAY):
        """Datagrams that links brought and receivers threw away, as {(relay, peer, reason): number}, all since the start."""
        found = {}
        for i, relay in enumerate(self.relays):
            for name, value in relay.metrics().items():
                match = re.fullmatch(r'wzp_federation_packets_dropped_total\{peer="(.*)",reason="(.*)"\}', name)
                if match and match[2] in reasons and value:
                    found[i, match[1], match[2]] = value
        return found

    def forwarded(self, direction):
        """{(relay, peer): datagrams} of all links."""
        pattern = re.compile(r'wzp_federation_packets_forwarded_total\{peer="(.*)",direction="' + direction + r'"\}')
        return {(i, m[1]): value for i, relay in enumerate(self.relays) for name, value in relay.metrics().items()
                if (m := pattern.fullmatch(name))}

    def wait_for_origins(self, number, timeout=10):
        """Until every relay knows so many origins, itself not counted."""
        for relay in self.relays:
            relay.wait_for_metric("wzp_federation_origins", number, timeout)


def grown(before, after):
    return {key: value - before.get(key, 0) for key, value in after.items() if value > before.get(key, 0)}


class Load:
    """bench_load over relays, whose members take turns among them; started when it says that the talk has begun."""

    def __init__(self, relays, rooms, members, talkers, pps, seconds):
        ports = ",".join(str(r.port) for r in relays)
        self.child = subprocess.Popen([str(x) for x in (LOAD, ports, rooms, members, talkers, pps, seconds)],
                                      stdout=subprocess.PIPE, text=True)
        first = self.child.stdout.readline()
        if first != "talking\n":
            self.child.wait(5)
            raise AssertionError(f"the load did not get in: {first}")

    def report(self, timeout=30):
        out, _ = self.child.communicate(timeout=timeout)
        return json.loads(out.splitlines()[-1])


def assert_each_once(report):
    assert report["failed"] == 0, report
    assert report["sent"] > 0, report
    assert (report["received"], report["duplicated"], report["foreign"]) == (report["expected"], 0, 0), report


def measure(path, hz):
    """What wzp-measure says about a recording: the whole, and the tone."""
    out = subprocess.run([MEASURE, "--json", "--tone", str(hz), path], capture_output=True, text=True, check=True).stdout
    whole = json.loads(out)
    return whole, whole["tones"][0]


def assert_whole_tone(summary, path, seconds=5, hz=440, amplitude=16000):
    """Every frame once, and the samples are the tone that was sent."""
    heard = tuple(summary[k] for k in ("frames_received", "frames_lost", "frames_concealed", "duplicates"))
    assert heard == (seconds * 50, 0, 0, 0), heard
    whole, tone = measure(path, hz)
    assert abs(whole["sound_s"] - seconds) < 0.05, whole
    assert abs(whole["dominant_hz"] - hz) < 1, whole
    assert abs(20 * math.log10(tone["rms"] * math.sqrt(2) / amplitude)) < 1, tone
    assert tone["snr_db"] > 15 and whole["gaps"] == 0, whole


def impair(stage, port, *flags):
    """wzp-impair before a port, its own, and the moment it began."""
    proxy = stage.run(IMPAIR, "--listen", "127.0.0.1:0", "--to", f"127.0.0.1:{port}", *flags, name="impair")
    proxy.wait_for_text("listen=127.0.0.1:")
    return proxy, int(re.search(r"listen=127\.0\.0\.1:(\d+)", proxy.stderr())[1]), time.monotonic()


# --- relays on another QUIC stack, with whatever manners a test wants ---------------------------------------------------

@contextlib.asynccontextmanager
async def strange_relay(port, seed, claim=None, shows=True, version=2):
    """A connection to `_federation` that shows the seed's certificate (or none) and says hello with `claim`."""
    import wzp_peer
    from aioquic.asyncio.client import connect
    from cryptography import x509
    config = wzp_peer.client_config("_federation")
    if shows:
        der, key = certificate(seed)
        config.certificate, config.private_key = x509.load_der_x509_certificate(der), key
    async with connect("127.0.0.1", port, configuration=config, create_protocol=wzp_peer.Peer) as p:
        hello = {"tls_fingerprint": claim or fingerprint_of(seed)}
        p.send({"FederationHello": {**hello, **({"v": version, "label": "strange"} if version > 1 else {})}})
        yield p


# --- people whose every list and datagram is kept with its time --------------------------------------------------------

class Person:
    """Wraps a wzp_peer connection: `lists` is [(time, [alias, ...])]."""

    def __init__(self, peer, name):
        self.peer, self.name, self.lists = peer, name, []
        taken = peer.signals.put_nowait

        def note(message):
            if isinstance(message, dict) and "RoomUpdate" in message:
                people = [p["alias"] for p in message["RoomUpdate"]["participants"]]
                self.lists.append((time.monotonic(), sorted(people)))
            taken(message)
        for message in peer.log:
            if isinstance(message, dict) and "RoomUpdate" in message:
                self.lists.append((time.monotonic(), sorted(p["alias"] for p in message["RoomUpdate"]["participants"])))
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
