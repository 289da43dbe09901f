# SPDX-License-Identifier: Apache-2.0
"""Rooms over several workers: nobody can tell from outside."""
import asyncio
import json
import time

import fed
import wzp
from wzp_peer import call_offer, dial, join

SPREAD = ("--workers", "3", "--room-members-per-worker", "5")
EACH_ELSEWHERE = ("--workers", "3", "--room-members-per-worker", "1")


def load(stage, relay, shape, seconds, *flags):
    return stage.run(wzp.CLIENT, "--load", shape, "--seconds", str(seconds), "--json", *flags, relay.address)


def report(program, timeout=40):
    assert program.wait(timeout) == 0
    return json.loads(program.stdout().splitlines()[-1])


def wait_until_empty(relay):
    for name in ("active_sessions", "spread_connections", "connections"):
        relay.wait_for_metric(f"wzp_relay_{name}", 0, 20)


def test_a_large_room_is_heard_whole_by_all(stage):
    relay = stage.relay(flags=SPREAD)
    crowd = load(stage, relay, "1x60x10", 3)
    relay.wait_for_metric("wzp_relay_active_sessions", 60)
    metrics = relay.metrics()
    assert 30 <= metrics["wzp_relay_spread_connections"] <= 50, "two of three workers are not the room's"
    assert metrics["wzp_relay_active_rooms"] == 1
    assert len(json.loads(relay.get("/presence")[1])) == 60
    seen = report(crowd)
    assert (seen["joined"], seen["lost"], seen["duplicated"], seen["reordered"]) == (60, 0, 0, 0)
    metrics = relay.metrics()
    assert metrics["wzp_relay_packets_forwarded_total"] == seen["received"] == 59 * seen["sent"]
    assert metrics['wzp_relay_datagrams_dropped_total{reason="between_workers"}'] == 0
    wait_until_empty(relay)


def test_members_come_and_go_without_harm_to_the_others(stage):
    relay = stage.relay(flags=SPREAD)
    call = load(stage, relay, "1x12x3", 8)
    relay.wait_for_metric("wzp_relay_active_sessions", 12)
    others = [load(stage, relay, "1x20x0", 1) for _ in range(3)]
    assert sum(report(o)["failed"] for o in others) == 0
    storm = report(load(stage, relay, "1x40x0", 1, "--load-reconnect", "--room", "storm"))
    assert (storm["joined"], storm["rejoined"]) == (40, 40)
    seen = report(call)
    assert (seen["lost"], seen["duplicated"]) == (0, 0)
    wait_until_empty(relay)


def test_a_federated_room_is_one_for_all_workers_of_both_relays(stage):
    f = fed.Federation(stage, 2, [(0, 1)], rooms=["load-0"], flags=SPREAD).wait_up()
    talk = fed.Load(f.relays, 1, 40, 8, 3)
    assert all(r.metrics()["wzp_relay_spread_connections"] > 0 for r in f.relays)
    fed.assert_each_once(talk.report(30))
    assert sum(f.dropped(fed.THROWN_AWAY).values()) == 0


def test_a_tone_arrives_whole(stage):
    relay = stage.relay(flags=EACH_ELSEWHERE)
    _, recorder = wzp.call(stage, relay, 5, "heard.wav")
    fed.assert_whole_tone(recorder.summary(), stage.folder / "heard.wav")


def test_an_identity_is_replaced_from_another_worker(stage):
    relay = stage.relay(flags=EACH_ELSEWHERE)
    first = stage.client(relay, "--seed", "07" * 32, "--send-tone", "20", name="first")
    relay.wait_for_metric("wzp_relay_active_sessions", 1)
    second = stage.client(relay, "--seed", "07" * 32, "--send-tone", "3", name="second")
    relay.wait_for_metric("wzp_relay_spread_connections", 1)
    assert first.wait(5) == 1
    assert "code 9" in first.stderr()
    assert second.wait(10) == 0


def test_what_a_guest_does_wrong_is_its_own_affair(stage):
    """Refused offers, silence, noise and sudden ends on a connection that another worker has."""
    relay = stage.relay(flags=EACH_ELSEWHERE)

    async def mischief():
        async with join(relay.port, "general", wzp.SEEDS[0]) as good:
            for _ in range(2):
                async with dial(relay.port, "general") as bad:
                    bad.send(call_offer(wzp.SEEDS[1], bad_signature=True))
                    assert await bad.gone(5)
                    assert bad.close_code == 1
            async with dial(relay.port, "general") as noisy:
                for _ in range(200):
                    noisy.send({"Nonsense": {}})
                noisy.send_media(b"\xff" * 1000)
                await asyncio.sleep(0.2)
            assert not await good.gone(0.2)
            async with join(relay.port, "general", wzp.SEEDS[2]):
                await good.expect("RoomUpdate", where=lambda u: u["count"] == 2)
            await good.expect("RoomUpdate", where=lambda u: u["count"] == 1)

    asyncio.run(mischief())
    wait_until_empty(relay)


def test_all_workers_end_when_asked_in_the_middle_of_a_large_room(stage):
    relay = stage.relay(flags=SPREAD)
    crowd = load(stage, relay, "1x30x10", 20)
    relay.wait_for_metric("wzp_relay_active_sessions", 30)
    start = time.monotonic()
    relay.child.terminate()
    assert relay.wait(5) == 0
    assert time.monotonic() - start < 3 * wzp.PATIENCE
    crowd.end()
