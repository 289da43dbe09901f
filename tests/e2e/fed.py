# SPDX-License-Identifier: Apache-2.0
"""Several relays with a topology: identities first, so that everybody's configuration can name everybody's fingerprint."""
import functools
import json
import math
import pathlib
import re
import subprocess
import tempfile
import time

import wzp

IMPAIR = wzp.BUILD / "src/apps/impair/wzp-impair"
MEASURE = wzp.BUILD / "src/apps/measure/wzp-measure"

THROWN_AWAY = ("duplicate", "not_upstream", "no_room", "hops", "malformed")


def seed_of(i):
    return bytes([0x41 + i]) * 32


@functools.cache
def fingerprint_of(seed):
    """As the relay with this identity logs it."""
    with tempfile.TemporaryDirectory() as folder:
        identity, log = pathlib.Path(folder) / "identity", pathlib.Path(folder) / "log"
        identity.write_text(seed.hex() + "\n")
        identity.chmod(0o600)
        with open(log, "wb") as out:
            relay = subprocess.Popen([wzp.RELAY, "-i", identity, "--listen", "127.0.0.1:0"], stdout=out, stderr=out, cwd=folder)
        try:
            end = time.monotonic() + 10
            while not (found := re.search(r"tls_fingerprint=([0-9a-f:]{95})", log.read_text())):
                assert time.monotonic() < end and relay.poll() is None, log.read_text()
                time.sleep(0.01)
        finally:
            relay.kill()
            relay.wait()
    return found[1]


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

    def __init__(self, stage, n, edges, rooms=("general",), one_way=(), via=None, extra="", flags=(), ports=None,
                 peer_extra=""):
        self.stage, self.n, self.edges, self.flags, self.peer_extra = stage, n, edges, flags, peer_extra
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
                text += peer_lines(url, self.fingerprints[other], f"r{other}", self.peer_extra)
            elif i == b:
                text += trusted_lines(self.fingerprints[a], f"r{a}", self.peer_extra)
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
        end = time.monotonic() + timeout * wzp.PATIENCE
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

    def wait_settled(self, quiet=3, timeout=20):
        """Until no link has brought anything in vain for so long: a shorter way is taken 2 s after the last news, and the old one is
        heard for 2 s more (router/internal.h), so routes that change show again within that time."""
        end, since, seen = time.monotonic() + timeout, time.monotonic(), self.dropped()
        while time.monotonic() - since < quiet:
            assert time.monotonic() < end, f"links still carry in vain after {timeout} s: {seen}"
            time.sleep(0.1)
            now = self.dropped()
            if now != seen:
                since, seen = time.monotonic(), now
        return self

    def wait_for_origins(self, number, timeout=10):
        """Until every relay knows so many origins, itself not counted."""
        for relay in self.relays:
            relay.wait_for_metric("wzp_federation_origins", number, timeout)


def grown(before, after):
    return {key: value - before.get(key, 0) for key, value in after.items() if value > before.get(key, 0)}


class Load:
    """wzp-client as load of relays, whose members take turns among them; made when it says that the talk has begun."""

    def __init__(self, relays, rooms, members, talkers, seconds, prefix="load"):
        addresses = ",".join(r.address for r in relays)
        argv = [wzp.CLIENT, "--load", f"{rooms}x{members}x{talkers}", "--seconds", str(seconds), "--room", prefix, "--json", addresses]
        self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if not any("talking" in line for line in self.child.stderr):
            self.child.kill()
            raise AssertionError("the load did not get in")

    def report(self, timeout=90):
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
