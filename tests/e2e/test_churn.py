# SPDX-License-Identifier: Apache-2.0
"""Two hundred clients join, talk and leave in random order over 30 s."""
import asyncio
import contextlib
import os
import random
import time

import pytest
import wzp
from wzp_peer import call_offer, dial, media

CLIENTS, ROOMS, SECONDS = 200, 8, 30
SEED = int(os.environ.get("WZP_TEST_SEED", "20"))


class Life:
    """One client: when it comes, how long it stays, and in which room."""

    def __init__(self, rng, i):
        self.name, self.room, self.seed = f"c{i}", f"room{rng.randrange(ROOMS)}", (i + 1).to_bytes(4, "big") * 8
        self.comes = rng.uniform(0, SECONDS - 6)
        self.goes = SECONDS if rng.random() < 0.25 else rng.uniform(self.comes + 0.5, SECONDS - 1)
        self.heard = 0

    @property
    def stays(self):
        return self.goes == SECONDS


async def live(life, port, start, present):
    loop = asyncio.get_running_loop()
    await asyncio.sleep(start + life.comes - loop.time())
    async with dial(port, life.room) as p:
        offer = call_offer(life.seed, life.name)
        offer["CallOffer"]["v"] = 2  # updates then say which is newer, since streams can overtake one another
        p.send(offer)
        await p.expect("CallAnswer", 10)
        for i in range(20):
            p.send_media(media(i, i * 20, payload=b"x" * 40))
            await asyncio.sleep(0.02)
        await asyncio.sleep(max(0.0, start + life.goes - loop.time()))
        life.heard = len(p.datagrams)
        if life.stays:
            await present.wait()
            updates = [m["RoomUpdate"] for m in p.log if "RoomUpdate" in m]
            return max(updates, key=lambda update: update["rev"])
    return None


async def churn(relay, lives):
    loop, present = asyncio.get_running_loop(), asyncio.Event()
    start = loop.time() + 0.5
    tasks = [asyncio.ensure_future(live(life, relay.port, start, present)) for life in lives]
    await asyncio.sleep(SECONDS + 3)
    staying = sum(life.stays for life in lives)
    for _ in range(40):  # a busy machine's clients say good-bye late
        if (await asyncio.to_thread(relay.metrics))["wzp_relay_active_sessions"] == staying:
            break
        await asyncio.sleep(0.5)
    await asyncio.sleep(1)  # the last updates are on their way
    present.set()
    return await asyncio.gather(*tasks)


async def warm_up(port):
    """So that pools and tables have their first pages before memory is measured."""
    for burst in range(2):
        async with contextlib.AsyncExitStack() as peers:
            for i in range(30):
                p = await peers.enter_async_context(dial(port, f"warm{i % 3}"))
                p.send(call_offer((900 + i).to_bytes(4, "big") * 8, f"w{i}"))
                await p.expect("CallAnswer", 10)
            for n in range(20):
                p.send_media(media(n, n * 20))
                await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
def churned(long_stage):
    relay = long_stage.relay(config="max_sessions = 500\n")
    asyncio.run(warm_up(relay.port))
    relay.wait_for_metric("wzp_relay_connections", 0, 40)
    before = relay.resident_kib()
    rng = random.Random(SEED)
    lives = [Life(rng, i) for i in range(CLIENTS)]
    updates = asyncio.run(churn(relay, lives))
    relay.wait_for_metric("wzp_relay_connections", 0, 40)
    return relay, before, lives, updates


def test_the_last_update_of_everyone_still_there_is_the_truth(churned):
    _, _, lives, updates = churned
    stayed = [(life, update) for life, update in zip(lives, updates) if life.stays]
    assert len(stayed) > CLIENTS / 8
    for life, update in stayed:
        truth = sorted(x.name for x in lives if x.stays and x.room == life.room)
        assert sorted(p["alias"] for p in update["participants"]) == truth, f"{life.name} in {life.room}, seed {SEED}"
        assert update["count"] == len(truth)


def test_they_heard_each_other(churned):
    assert sum(life.heard for life in churned[2]) > CLIENTS * 20


def test_nothing_is_left_behind(churned):
    series = churned[0].metrics()
    assert (series["wzp_relay_active_sessions"], series["wzp_relay_active_rooms"]) == (0, 0)
    assert not [name for name in series if "session_id" in name]


def test_memory_returns_to_its_start_level(churned):
    relay, before = churned[:2]
    end = time.monotonic() + 20
    while relay.resident_kib() > before + 2048:
        assert time.monotonic() < end, f"{before} KiB before, {relay.resident_kib()} KiB after"
        time.sleep(0.5)
