# SPDX-License-Identifier: Apache-2.0
"""Relays with several workers: nobody can tell from outside."""
import json
import pathlib
import time

import fed
import wzp

WORKERS = ("--workers", "3")


def threads(relay):
    return len(list(pathlib.Path(f"/proc/{relay.pid}/task").iterdir()))


def test_rooms_on_different_workers_lose_nothing(stage):
    relay = stage.relay(flags=WORKERS)
    assert threads(relay) >= 3
    load = stage.run(wzp.CLIENT, "--load", "12x3x1", "--seconds", "3", "--json", relay.address)
    relay.wait_for_metric("wzp_relay_active_sessions", 36)
    assert relay.metrics()["wzp_relay_active_rooms"] == 12
    assert len(json.loads(relay.get("/presence")[1])) == 36
    assert load.wait(20) == 0
    seen = json.loads(load.stdout().splitlines()[-1])
    assert (seen["joined"], seen["lost"], seen["duplicated"]) == (36, 0, 0)
    metrics = relay.metrics()
    assert metrics["wzp_relay_packets_forwarded_total"] == seen["received"]
    assert metrics['wzp_relay_connections_refused_total{reason="misplaced"}'] == 0


def test_clients_that_share_a_socket_reach_rooms_on_all_workers(stage):
    """The kernel takes packets of several of them for one, and brings them to the worker of the first."""
    relay = stage.relay(flags=WORKERS)
    load = stage.run(wzp.CLIENT, "--load", "12x4x2", "--load-sockets", "2", "--load-reconnect", "--seconds", "3", "--json", relay.address)
    assert load.wait(30) == 0
    seen = json.loads(load.stdout().splitlines()[-1])
    assert (seen["joined"], seen["rejoined"], seen["lost"], seen["duplicated"]) == (48, 48, 0, 0)


def test_links_reach_rooms_on_all_workers(stage):
    rooms = [f"load-{i}" for i in range(12)]
    f = fed.Federation(stage, 2, [(0, 1)], rooms=rooms, flags=WORKERS).wait_up()
    seen = fed.Load(f.relays, 12, 4, 1, 3).report(30)
    assert (seen["lost"], seen["duplicated"]) == (0, 0), seen
    assert sum(f.forwarded("in").values()) > 0
    assert sum(f.dropped(fed.THROWN_AWAY).values()) == 0


def test_the_limit_of_sessions_is_one_for_all(stage):
    relay = stage.relay(config="max_sessions = 5\n", flags=WORKERS)
    load = stage.run(wzp.CLIENT, "--load", "8x1x0", "--seconds", "1", "--json", relay.address)
    load.wait(20)
    refused = 'wzp_relay_connections_refused_total{reason="full"}'
    end = time.monotonic() + 5
    while relay.metrics()[refused] < 3 and time.monotonic() < end:
        time.sleep(0.1)
    assert relay.metrics()[refused] >= 3


def test_all_workers_end_when_asked(stage):
    relay = stage.relay(flags=WORKERS)
    load = stage.run(wzp.CLIENT, "--load", "6x2x1", "--seconds", "20", "--json", relay.address)
    relay.wait_for_metric("wzp_relay_active_sessions", 12)
    start = time.monotonic()
    relay.child.terminate()
    assert relay.wait(5) == 0
    assert time.monotonic() - start < 3 * wzp.PATIENCE
    load.end()
