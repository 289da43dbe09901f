# SPDX-License-Identifier: Apache-2.0
"""One room over many relays, as processes: everybody hears everybody once, over every topology, and what fails heals."""
import asyncio
import pathlib
import re
import sys
import time

import audio
import fed
import pytest
import strangers
import villains
import wzp
from fed import Federation, Load, chain, mesh, ring

SECONDS = 5


def call(stage, talker_relay, listener_relay, room="general", hz=440, listener_flags=()):
    """A talker and a recorder on two relays; returns a function that waits for the end and checks the recording."""
    file = f"{stage.unique('heard')}.raw"
    recorder = stage.recorder(listener_relay, file, "--room", room, *listener_flags)
    source = stage.folder / f"{file}.source"
    audio.write_tone(source, hz, SECONDS)

    def talk():
        return stage.client(talker_relay, "--send-file", source, "--room", room, name="talker")

    def check(talker):
        assert talker.wait(SECONDS + 15) == 0
        assert talker.summary()["frames_sent"] == SECONDS * 50
        time.sleep(1.2)
        assert recorder.interrupt() == 0
        fed.assert_whole_tone(recorder.summary(), stage.folder / file, SECONDS, hz)
    return talk, check


def run_calls(*calls):
    talkers = [talk() for talk, _ in calls]
    for talker, (_, check) in zip(talkers, calls):
        check(talker)


# --- every frame once ---------------------------------------------------------------------------------------------------

def test_two_relays_carry_a_tone_each_way_for_raw_and_hashed_names(stage):
    f = Federation(stage, 2, [(0, 1)], rooms=("there", "back")).wait_up()
    there = call(stage, f.relays[0], f.relays[1], "there", 440, ["--hash-room"])
    back = call(stage, f.relays[1], f.relays[0], "back", 880, ["--hash-room"])
    f.wait_for_origins(1)
    run_calls(there, back)


@pytest.mark.parametrize("n", [3, 5])
def test_a_chain_carries_every_frame_from_end_to_end(stage, n):
    f = Federation(stage, n, chain(n)).wait_up()
    one = call(stage, f.relays[0], f.relays[-1])
    f.relays[0].wait_for_metric("wzp_federation_origins", 1)
    run_calls(one)


def test_two_relays_that_one_merely_trusts_meet_there(stage):
    f = Federation(stage, 3, [(0, 1), (2, 1)], one_way=[(0, 1), (2, 1)]).wait_up()
    there = call(stage, f.relays[0], f.relays[2])
    f.relays[0].wait_for_metric("wzp_federation_origins", 1)
    run_calls(there)


SHAPES = {"chain of 3": (3, chain(3)), "ring of 3": (3, ring(3)), "ring of 4": (4, ring(4)), "mesh of 5": (5, mesh(5))}


@pytest.mark.parametrize("shape", SHAPES)
def test_talkers_on_every_relay_are_heard_once_and_links_carry_nothing_in_vain(stage, shape):
    n, edges = SHAPES[shape]
    f = Federation(stage, n, edges, rooms=("load-0",)).wait_up()
    load = Load(f.relays, 1, 2 * n, 2 * n, 20)
    f.wait_for_origins(n - 1)
    f.wait_settled(timeout=16)
    start, dropped, carried = time.monotonic(), f.dropped(), f.forwarded("in")
    time.sleep(2)
    assert fed.grown(dropped, f.dropped()) == {}
    used, seconds = fed.grown(carried, f.forwarded("in")), time.monotonic() - start
    fed.assert_each_once(load.report())
    each_once = n * (n - 1) * 2 * 50 * seconds  # two talkers of each relay, to each other relay
    assert each_once * 0.5 < sum(used.values()) <= each_once * 1.5, used


def test_fifty_rooms_of_ten_over_one_link_lose_nothing(stage):
    rooms = [f"load-{i}" for i in range(50)]
    f = Federation(stage, 2, [(0, 1)], rooms=rooms).wait_up()
    report = Load(f.relays, 50, 10, 1, 10).report()
    fed.assert_each_once(report)
    assert report["received"] > 50 * 490 * 9
    assert f.dropped() == {} and f.dropped(["queue_full", "rate"]) == {}


# --- who may federate ---------------------------------------------------------------------------------------------------

SELF, FRIEND, STRANGER = (fed.seed_of(i) for i in (0, 10, 11))
UNVERIFIED = "allow_unverified = true\n"


def doorkeeper(stage, entries, seed=SELF, **options):
    """A relay called r0 with these entries and one global room."""
    return stage.relay("r0", config=f'label = "r0"\n{entries}[[global_rooms]]\nname = "general"\n', seed=seed, **options)


def meet(relay, seed, seconds=0.7, **manners):
    """What becomes of a strange relay's link: (close code or None where it stands, the reason, kinds of signals heard)."""
    async def run():
        async with strangers.strange_relay(relay.port, seed, **manners) as p:
            await p.gone(seconds)
            return p.close_code, p.close_reason, [next(iter(m)) for m in p.log]
    return asyncio.run(run())


def refused(relay, reason):
    return relay.metrics().get(f'wzp_federation_links_refused_total{{reason="{reason}"}}', 0)


def test_a_peer_with_another_certificate_than_configured_is_told_nothing(stage):
    other = doorkeeper(stage, fed.trusted_lines(fed.fingerprint_of(SELF), "r0"), seed=STRANGER)
    relay = doorkeeper(stage, fed.peer_lines(other.address, fed.fingerprint_of(FRIEND), "friend"))
    relay.wait_for_text("a peer's address answers with another certificate than its entry says; nothing was sent")
    assert f"peer=friend addr={other.address} met={fed.fingerprint_of(STRANGER)}" in relay.stderr()
    assert relay.metrics()['wzp_federation_peer_status{peer="friend"}'] == 0
    assert "link up" not in relay.stderr() + other.stderr()


def test_an_unknown_certificate_is_refused_and_the_lines_of_the_log_let_it_in(stage):
    known = fed.trusted_lines(fed.fingerprint_of(FRIEND), "friend")
    relay = doorkeeper(stage, known)
    asking = doorkeeper(stage, fed.peer_lines(relay.address, fed.fingerprint_of(SELF), "r0"), seed=STRANGER)
    relay.wait_for_text("an unknown relay wants to federate and was refused")
    asking.wait_for_text("a peer does not know this relay: ask its operator to add our fingerprint")
    assert f"ours={fed.fingerprint_of(STRANGER)}" in asking.stderr()
    assert meet(relay, STRANGER)[0] == 8
    assert relay.stderr().count("an unknown relay wants to federate") == 1, "told twice within a minute"
    assert relay.stderr().count("addr=127.0.0.1:") == 1, "a stranger fills the log"
    assert refused(relay, "unknown") == 2
    told = relay.stderr()[relay.stderr().index("to accept it, add to the configuration:"):]
    pasted = "\n".join(re.findall(r'msg="  (.*)"', told)) + "\n"
    assert fed.fingerprint_of(STRANGER) in pasted, relay.stderr()
    relay.interrupt()
    relay = doorkeeper(stage, known + pasted, port=relay.port)
    relay.wait_for_text("federation link up", 20)
    assert "verified=yes" in relay.stderr()


def test_a_relay_says_how_others_dial_it(stage):
    relay = doorkeeper(stage, "")
    relay.wait_for_text("for other relays to federate with this one, in their configuration:")
    block = re.findall(r'msg="  (.*)"', relay.stderr())
    assert block == ["[[peers]]", f"url = '{relay.address}'", f"fingerprint = '{fed.fingerprint_of(SELF)}'", "label = 'r0'"]


def test_a_relay_without_certificate_is_refused_unless_its_entry_allows_it(stage):
    strict = doorkeeper(stage, fed.trusted_lines(fed.fingerprint_of(FRIEND), "friend"))
    code, reason, heard = meet(strict, FRIEND, shows=False)
    assert (code, reason, heard) == (1, "no certificate was shown to prove the fingerprint", [])
    assert "a relay claims a named fingerprint but shows no certificate" in strict.stderr()
    assert f"fp={fed.fingerprint_of(FRIEND)}" in strict.stderr() and refused(strict, "unproven") == 1
    mild = doorkeeper(stage, fed.trusted_lines(fed.fingerprint_of(FRIEND), "friend", UNVERIFIED))
    assert meet(mild, FRIEND, shows=False)[0] is None
    assert "verified=NO" in mild.stderr()
    assert meet(mild, STRANGER, shows=False)[0] == 8


def test_a_hello_that_claims_anothers_fingerprint_is_refused(stage):
    relay = doorkeeper(stage, fed.trusted_lines(fed.fingerprint_of(FRIEND), "friend", UNVERIFIED))
    code, reason, heard = meet(relay, STRANGER, claim=fed.fingerprint_of(FRIEND))
    assert (code, reason, heard) == (1, "the hello claims another fingerprint than the certificate", [])
    assert "a relay claims another fingerprint than its certificate has; refused" in relay.stderr()
    assert f"shown={fed.fingerprint_of(STRANGER)}" in relay.stderr() and refused(relay, "mismatch") == 1
    assert meet(relay, SELF)[1] == "this relay dialled itself"
    assert meet(relay, FRIEND)[0] is None


def test_a_trusted_relay_may_dial_from_anywhere(stage):
    relay = doorkeeper(stage, fed.trusted_lines(fed.fingerprint_of(FRIEND), "friend"), flags=["--listen", "0.0.0.0:0"])
    port = int(re.search(r"listen=0\.0\.0\.0:(\d+)", relay.stderr())[1])
    entry = fed.peer_lines(f"127.0.0.1:{port}", fed.fingerprint_of(SELF), "r0")
    for n, host in enumerate(("127.0.0.7", "127.0.0.8"), 1):
        friend = doorkeeper(stage, entry, seed=FRIEND, flags=["--listen", f"{host}:0"])
        relay.wait_for_metric('wzp_federation_peer_status{peer="friend"}', 1)
        assert relay.stderr().count("federation link up") == n
        friend.interrupt()
        relay.wait_for_metric('wzp_federation_peer_status{peer="friend"}', 0)


# --- peers that misbehave -----------------------------------------------------------------------------------------------

CALM_SECONDS = 14


@pytest.fixture(scope="module")
def siege(long_stage):
    """Two calls inside a relay, one in a global room, while every kind of bad peer has its way with it."""
    entries = "".join(fed.trusted_lines(fed.fingerprint_of(seed), name, "max_pps = 500\n" if name == "floods" else "")
                      for name, seed in villains.SEEDS.items())
    rooms = "".join(f'[[global_rooms]]\nname = "{room}"\n' for room in ("general", "crowd", "quiet"))
    relay = long_stage.relay("besieged", config=entries + rooms, seed=SELF)
    recorders = {room: long_stage.recorder(relay, f"{room}.raw", "--room", room) for room in ("calm", "quiet", "crowd", "general")}
    before = relay.resident_kib()
    senders = [long_stage.client(relay, "--send-tone", str(CALM_SECONDS), "--room", room, name="sender")
               for room in ("calm", "quiet", "general")]

    attacks = [long_stage.run(sys.executable, pathlib.Path(villains.__file__), name, relay.port, CALM_SECONDS - 2, name=name)
               for name in villains.SEEDS]
    most = 0
    deaf = attacks[list(villains.SEEDS).index("deaf")]
    while any(a.alive for a in attacks if a is not deaf):
        most = max(most, relay.resident_kib())
        time.sleep(0.2)
    assert [sender.wait(20) for sender in senders] == [0] * 3
    relay.wait_for_line("peer=deaf .*code=6 .*federation link down")
    deaf.end()
    time.sleep(1.2)
    assert {room: recorder.interrupt() for room, recorder in recorders.items()} == dict.fromkeys(recorders, 0)
    return relay, (before, most), {room: (r.summary(), long_stage.folder / f"{room}.raw") for room, r in recorders.items()}


@pytest.mark.parametrize("room", ["calm", "quiet"])
def test_bad_peers_cost_a_local_call_no_frame(siege, room):
    fed.assert_whole_tone(*siege[2][room], CALM_SECONDS)


def test_bad_peers_do_not_make_the_relay_grow(siege):
    before, most = siege[1]
    print(f"resident: {before} KiB before, at most {most} KiB under attack")
    assert most - before < 48 * 1024


def test_bad_peers_are_counted(siege):
    relay = siege[0]
    assert relay.alive
    series = relay.metrics()

    def dropped(peer, reason):
        return series.get(f'wzp_federation_packets_dropped_total{{peer="{peer}",reason="{reason}"}}', 0)
    print({k: v for k, v in series.items() if "federation" in k and v})
    assert dropped("floods", "rate") > 200
    assert dropped("garbage", "malformed") + dropped("garbage", "no_room") > 100
    assert 'a signal of a peer does not read; skipped' in relay.stderr()
    assert series['wzp_federation_signals_total{peer="hoards",direction="in"}'] > 500
    assert series["wzp_federation_active_rooms"] <= 3
    assert series["wzp_federation_origins"] <= 3 * 1024
