# SPDX-License-Identifier: Apache-2.0
"""What wzp-client does besides calls: who is in the room, loads, tones there and back, the sweep."""
import asyncio
import json
import threading

import pytest
import wzp
from wzp_peer import certificate, join, long_fingerprint, tls_fingerprint


@pytest.fixture(scope="module")
def relay(long_stage):
    return long_stage.relay()


def listed(stage, relay, *flags):
    """The answer of --list; the alias of everybody -> the entry."""
    client = stage.client(relay, "--list", *flags, name="list")
    assert client.wait(10) == 0, client.stderr()
    answer = client.summary()
    return answer, {person["alias"]: person for person in answer["participants"]}


def test_the_list_has_everybody_and_marks_ourselves(stage, relay):
    bob = stage.recorder(relay, "bob.raw", "--room", "listed", "--alias", "bob", "--seed", wzp.SEEDS[1].hex())
    answer, people = listed(stage, relay, "--room", "listed", "--alias", "me", "--seed", wzp.SEEDS[0].hex())
    assert answer["room"] == "listed"
    assert set(people) == {"bob", "me"}
    assert people["bob"]["fingerprint"] == long_fingerprint(wzp.SEEDS[1])
    assert people["me"]["fingerprint"] == long_fingerprint(wzp.SEEDS[0])
    assert people["me"]["self"] and not people["bob"]["self"]
    assert people["bob"]["stream"] and people["bob"]["stream"] != people["me"]["stream"]
    assert not people["bob"]["muted"]
    assert bob.interrupt() == 0


def test_the_table_is_for_people(stage, relay):
    client = stage.run(wzp.CLIENT, "--list", "--room", "alone", "--alias", "solo", relay.address)
    assert client.wait(10) == 0
    head, line = client.stdout().splitlines()
    assert head.split() == ["alias", "fingerprint", "stream", "relay", "muted"]
    assert line.split()[:2] == ["*", "solo"]


def test_the_list_tells_on_which_relay_others_are(stage):
    ports, seeds = [wzp.free_port(), wzp.free_port()], [bytes([60]) * 32, bytes([61]) * 32]
    prints = [tls_fingerprint(certificate(seed)[0]) for seed in seeds]
    common = "[[global_rooms]]\nname = \"shared\"\n"
    berlin = stage.relay(name="berlin", port=ports[0], seed=seeds[0], flags=["--label", "berlin"],
                         config=common + f"[[peers]]\nurl = \"127.0.0.1:{ports[1]}\"\nfingerprint = \"{prints[1]}\"\n")
    paris = stage.relay(name="paris", port=ports[1], seed=seeds[1], flags=["--label", "paris"],
                        config=common + f"[[trusted]]\nfingerprint = \"{prints[0]}\"\n")
    stage.recorder(paris, "remote.raw", "--room", "shared", "--alias", "remote")
    stage.recorder(berlin, "local.raw", "--room", "shared", "--alias", "local")
    for _ in range(20):  # until the relays have found each other
        answer, people = listed(stage, berlin, "--room", "shared", "--alias", "me")
        if "remote" in people:
            break
    assert answer["relay_label"] == "berlin"
    assert {name: person["relay_label"] for name, person in people.items()} == {"me": "", "local": "", "remote": "paris"}
    assert people["me"]["self"] and not people["remote"]["self"]


def test_without_a_relay_the_list_fails(stage):
    client = stage.client(f"127.0.0.1:{wzp.free_port()}", "--list")
    assert client.wait(15) == 1
    assert client.stderr().strip()


@pytest.mark.parametrize("flags", [[], ["--load-sockets", "5"]])
def test_a_small_load_loses_nothing(stage, relay, flags):
    load = stage.client(relay, "--load", "3x4x2", "--seconds", "2", "--pps", "50", "--room", "small", *flags)
    status = load.wait(30)
    seen = load.summary()
    assert (seen["clients"], seen["joined"], seen["failed"]) == (12, 12, 0)
    assert 0 < seen["sent"] <= 3 * 2 * 50 * 2 + 12
    if seen["talked_s"] < 2.1:  # else the machine itself stood still
        assert seen["sent"] >= 3 * 2 * 50 * 2 - 12
    assert seen["expected"] == seen["sent"] * 3
    assert seen["lost"] == seen["expected"] - seen["received"]
    assert status == (1 if seen["lost"] else 0)
    assert seen["lost"] <= seen["expected"] * 0.01
    assert 0 < seen["delay_p50_ms"] <= seen["delay_p99_ms"]
    assert "talking" in load.stderr()


def test_members_of_a_load_take_turns_among_relays(stage, relay):
    other = stage.relay(name="other")
    load = stage.client(f"{relay.address},{other.address}", "--load", "1x2x1", "--seconds", "0.5")
    load.wait(30)
    seen = load.summary()
    assert seen["joined"] == 2
    assert seen["received"] == 0, "these relays do not know each other"
    assert load.wait(1) == 1


@pytest.mark.parametrize("flags", [[], ["--load-sockets", "3"]])
def test_a_storm_of_reconnects_tells_when_all_are_back(stage, relay, flags):
    load = stage.client(relay, "--load", "10x4x0", "--seconds", "0.2", "--load-reconnect", "--room", "storm", *flags)
    assert load.wait(60) == 0, load.text()
    seen = load.summary()
    assert seen["joined"] == seen["rejoined"] == 40
    assert seen["rejoined_in_ms"] > 0


@pytest.mark.parametrize("flags", [["--load", "5x4"], ["--load", "1x2x3"], ["--load", "1x2x1", "--pps", "1001"],
                                   ["--load", "1x2x1", "--packet-bytes", "35"],
                                   ["--load", "1x2x1", "--load-sockets", "3"], ["--pps", "50"]])
def test_a_wrong_load_is_refused(stage, relay, flags):
    client = stage.client(relay, *flags)
    assert client.wait(5) == 2
    assert client.stderr().strip()


class Mirror(threading.Thread):
    """A first-generation peer that sends back every datagram, on a thread of its own."""

    class Datagrams(list):
        def append(self, item):
            super().append(item)
            self.peer.send_media(item[1])

    def __init__(self, relay, room):
        super().__init__(daemon=True)
        self.relay, self.room, self.ready, self.done = relay, room, threading.Event(), threading.Event()

    async def mirror(self):
        async with join(self.relay.port, self.room, bytes([77]) * 32, "mirror") as peer:
            peer.datagrams = self.Datagrams()
            peer.datagrams.peer = peer
            self.ready.set()
            while not self.done.is_set():
                await asyncio.sleep(0.05)

    def run(self):
        asyncio.run(self.mirror())

    def __enter__(self):
        self.start()
        assert self.ready.wait(10), "the mirror did not get in"
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join(10)


def test_an_echo_is_measured(stage, relay):
    with Mirror(relay, "echo"):
        client = stage.client(relay, "--echo-test", "6", "--room", "echo")
        assert client.wait(30) == 0
    seen = client.summary()
    assert seen["sent"] == 300
    assert 295 <= seen["received"] <= 300
    assert len(seen["windows"]) == 2
    for window in seen["windows"]:
        assert not window["silent"]
        assert window["snr_db"] > 10
        assert window["correlation"] > 0.95


def test_an_echo_keeps_time(stage, relay):
    with Mirror(relay, "drift"):
        client = stage.run(wzp.CLIENT, "--drift-test", "3", "--room", "drift", relay.address)
        assert client.wait(30) == 0
    assert "Drift Test Report" in client.stdout()
    drift = float(client.stdout().split("drift ")[1].split(" ms")[0])
    assert abs(drift) < 60


@pytest.mark.parametrize("mode", ["--echo-test", "--drift-test"])
def test_without_a_peer_nothing_comes_back(stage, relay, mode):
    client = stage.run(wzp.CLIENT, mode, "0.5", "--room", "lonely", relay.address)
    assert client.wait(15) == 1
    assert "needs a peer" in client.stdout()


def test_the_sweep_needs_no_relay_and_repeats_itself(stage):
    first, second = (stage.run(wzp.CLIENT, "--sweep", "--json") for _ in range(2))
    assert first.wait(10) == second.wait(10) == 0
    assert first.stdout() == second.stdout()
    rows = [json.loads(line) for line in first.stdout().splitlines()]
    assert len(rows) == 17
    assert all(row["target_ms"] <= row["max_ms"] for row in rows)
    assert rows[0]["latency_ms"] < rows[-1]["latency_ms"]
