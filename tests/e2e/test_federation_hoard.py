# SPDX-License-Identifier: Apache-2.0
"""Peers that announce 100,000 rooms, flood, send garbage or never read, at full speed: nobody else is the worse for it.

  talker, listener -- besieged -- neighbour -- listener        besieged and neighbour share 4,000 rooms and `quiet`
                       |||||
                      villains (villain.c), each trusted by the besieged relay

What a link may make the relay keep: docs/federation.md, "Limits".
"""
import asyncio
import json
import os
import pathlib
import re
import time

import audio
import fed
import pytest
import wzp
from strangers import person

VILLAIN = wzp.BUILD / "tests/e2e/villain"
HALLS = 4000
HOARD = 100_000
MEMORY_KIB = 256 * 1024  # 32 MiB of signals that wait for each link, and what hoarders may fill rooms with

AS_FAST_AS_IT_CAN = ["--again"]
BELOW_THE_LIMIT = ["--pace", "950"]
ABSENT = ["announce", "--count", str(HOARD), "--names", "nowhere-"]
PRESENT = ["announce", "--count", str(HOARD), "--names", "hall-", "--names-count", str(HALLS), "--people", "8"]
VILLAINS = {
    "absent-fast": [*ABSENT, *AS_FAST_AS_IT_CAN],
    "absent-paced": [*ABSENT, *BELOW_THE_LIMIT],
    "present-fast": [*PRESENT, *AS_FAST_AS_IT_CAN],
    "present-paced": [*PRESENT, *BELOW_THE_LIMIT],
    "one-way": [*ABSENT, "--uni"],
    "floods": ["flood"],
    "garbage": ["garbage", *AS_FAST_AS_IT_CAN],
    "deaf": ["never-reads"],
}
# One after the other would take long; all at once would only show that two cores are few.
STORIES = {
    "rooms at once": (12, ["absent-fast", "absent-paced", "present-fast", "present-paced", "one-way"]),
    "noise": (10, ["floods", "garbage", "deaf"]),
    "rooms for long": (HOARD / 950 + 5, ["absent-paced", "present-paced", "present-fast"]),
}
LONG = ["rooms for long"]

pytestmark = pytest.mark.long  # eight peers at full speed want more than two busy cores


def seed_of(name):
    return fed.seed_of(10 + list(VILLAINS).index(name))


def cpu_seconds(program):
    fields = pathlib.Path(f"/proc/{program.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Siege:
    def __init__(self, stage, story):
        self.stage, self.story = stage, story
        self.seconds, self.names = STORIES[story]
        self.figures = {}
        halls = "".join(f'[[global_rooms]]\nname = "hall-{i}"\n' for i in range(HALLS)) + '[[global_rooms]]\nname = "quiet"\n'
        ours, theirs = (fed.fingerprint_of(fed.seed_of(i)) for i in (0, 1))
        trusted = "".join(fed.trusted_lines(fed.fingerprint_of(seed_of(name)), name) for name in self.names)
        self.relay = stage.relay("besieged", config='label = "r0"\n' + trusted + fed.trusted_lines(theirs, "r1") + halls,
                                 seed=fed.seed_of(0))
        self.neighbour = stage.relay("neighbour", config='label = "r1"\n' + fed.peer_lines(self.relay.address, ours, "r0") + halls,
                                     seed=fed.seed_of(1))
        self.relay.wait_for_metric('wzp_federation_peer_status{peer="r1"}', 1)
        self.run()

    def call(self, listener_at, room, hz):
        file, source = (self.stage.folder / self.stage.unique(f"{room}.{kind}") for kind in ("raw", "source"))
        audio.write_tone(source, hz, self.talk_seconds)
        recorder = self.stage.recorder(listener_at, file, "--room", room)
        return recorder, file, lambda: self.stage.client(self.relay, "--send-file", source, "--room", room, name="talker")

    async def newcomer(self):
        """How long after somebody comes into a shared room of the besieged relay people on the other one see it."""
        async with person(self.neighbour, "watcher", wzp.SEEDS[0], "quiet") as watcher:
            await asyncio.sleep(1)
            asked = time.monotonic()
            async with person(self.relay, "newcomer", wzp.SEEDS[1], "quiet"):
                while "newcomer" not in watcher.sees():
                    assert time.monotonic() < asked + 10, watcher.sees()
                    await asyncio.sleep(0.01)
                return time.monotonic() - asked

    def run(self):
        self.talk_seconds = int(self.seconds) + 3
        calls = [self.call(self.relay, "calm", 440), self.call(self.neighbour, "quiet", 880)]
        self.relay.wait_for_metric("wzp_federation_origins", 1)
        before, cpu, start = self.relay.resident_kib(), cpu_seconds(self.relay), time.monotonic()
        talkers = [talk() for _, _, talk in calls]
        # They have machines of their own, in earnest: so they take no time from the relay and the clients here.
        villains = {name: self.stage.run("nice", "-n", "5", VILLAIN, *VILLAINS[name], self.relay.address, "--seed",
                                         seed_of(name).hex(), "--seconds", self.seconds, name=name) for name in self.names}
        time.sleep(self.seconds / 3 if self.seconds < 60 else self.seconds / 2)
        self.newcomer_after = asyncio.run(self.newcomer())
        most, self.series = self.relay.resident_kib(), self.relay.metrics()
        while any(v.alive for v in villains.values()):
            assert time.monotonic() < start + self.seconds + 20, [v.name for v in villains.values() if v.alive]
            most = max(most, self.relay.resident_kib())
            self.series = self.relay.metrics()
            time.sleep(0.25)
        share = (cpu_seconds(self.relay) - cpu) / (time.monotonic() - start)
        for talker in talkers:
            assert talker.wait(30) == 0
        time.sleep(1.2)
        self.heard = []
        for recorder, file, _ in calls:
            assert recorder.interrupt() == 0
            self.heard.append((recorder.summary(), file))
        self.after = self.relay.metrics()
        self.did = {name: json.loads(v.stdout()) for name, v in villains.items() if v.stdout()}
        self.memory = before, most, self.relay.resident_kib()
        self.report(share)

    def report(self, share):
        before, most, after = (kib / 1024 for kib in self.memory)
        print(f"\n{self.story}: resident {before:.1f} MiB before, at most {most:.1f}, {after:.1f} after; CPU {share:.0%}; "
              f"a newcomer is seen by the neighbour after {self.newcomer_after * 1000:.0f} ms; {self.log_lines()} lines of log")
        for name, did in self.did.items():
            print(f"  {name}: {did}")
        print("  " + " ".join(f"{k.removeprefix('wzp_federation_')}={v:.0f}" for k, v in self.after.items()
                              if re.match("wzp_federation_(signals|links_refused|packets_dropped|memory|origins)", k) and v))

    def log_lines(self):
        return len(self.relay.stderr().splitlines())

    def count(self, name, **labels):
        text = ",".join(f'{key}="{value}"' for key, value in labels.items())
        return self.after.get(f"wzp_federation_{name}{{{text}}}", 0)

    def refused(self, peer, reason):
        return self.count("signals_refused_total", peer=peer, reason=reason)

    def taken(self, peer):
        return self.count("signals_total", peer=peer, direction="in")


@pytest.fixture(scope="module", params=list(STORIES))
def siege(request, tmp_path_factory):
    stage = wzp.Stage(tmp_path_factory.mktemp("stage"))
    yield Siege(stage, request.param)
    stage.end()


def test_a_local_call_loses_no_frame(siege):
    fed.assert_whole_tone(*siege.heard[0], siege.talk_seconds, 440)


def test_a_federated_call_loses_no_frame(siege):
    fed.assert_whole_tone(*siege.heard[1], siege.talk_seconds, 880)


def test_the_neighbour_stays_linked_and_hears_news_in_time(siege):
    for relay in (siege.relay, siege.neighbour):
        assert "signals are not being read" not in relay.stderr()
        assert len(re.findall(r"peer=r[01] .*federation link up", relay.stderr())) == 1
    assert siege.after['wzp_federation_peer_status{peer="r1"}'] == 1
    assert siege.newcomer_after < 2


def test_memory_stays_under_its_limit(siege):
    before, most, _ = siege.memory
    assert most - before < MEMORY_KIB
    assert siege.series["wzp_federation_memory_bytes"] < (most + 1024) * 1024


def test_the_log_stays_readable_and_says_what_to_do(siege):
    assert siege.log_lines() < 1500 + 10 * siege.seconds
    text = siege.relay.stderr()
    for name in siege.names:
        if name.startswith("absent"):
            told = len(re.findall(rf"peer={name} .*a peer announces rooms that this relay does not have; to share one", text))
            assert 1 <= told <= 1 + siege.seconds / 60, (name, told)
        if name.endswith("-fast"):
            told = len(re.findall(rf"peer={name} .*a peer sends too many signals: it is not linked for a while", text))
            assert 1 <= told <= 1 + siege.seconds / 30, (name, told)


def test_the_counters_tell(siege):
    for name in siege.names:
        if name.startswith("absent"):
            assert siege.refused(name, "no_room") == siege.taken(name) > 5000
        if name.startswith("present"):
            assert siege.refused(name, "limit") > 0
        if name.endswith("-fast"):
            assert 1 <= siege.refused(name, "rate") <= 1 + siege.seconds / 30
            assert siege.taken(name) <= 11_000 + 1000 * siege.seconds
            assert siege.count("links_refused_total", reason="banned") > 10
        if name.endswith("-paced"):
            assert siege.refused(name, "rate") == 0 and siege.did[name]["links"] == 1
            assert siege.taken(name) > 0.9 * min(950 * siege.seconds, HOARD)
    if siege.story == "noise":
        assert siege.count("packets_dropped_total", peer="floods", reason="rate") > 100_000
        assert siege.count("packets_dropped_total", peer="garbage", reason="malformed") > 1000
        assert re.search("peer=deaf .*federation link down", siege.relay.stderr())
    if siege.story in LONG:
        assert siege.taken("present-paced") > 0.98 * HOARD
        assert siege.refused("present-paced", "limit") > HOARD / 2
    assert siege.series["wzp_federation_origins"] <= 16384 * sum(name.startswith("present") for name in siege.names) + 1
