# SPDX-License-Identifier: Apache-2.0
"""What a relay takes besides media: handshakes, memory, a storm of reconnects; and how its price grows with connections and load."""
import time

import rig
import fed  # noqa: I001 (rig says where it is)

PARTICIPANTS, PARTICIPANTS_SHAPE = 2000, "40x50x2"
CHURN_WAVES = 4
GIVEN_BACK_AFTER = 15  # seconds, which a relay takes to give back what a crowd has left
HANDSHAKES = 1000
STORM, CALL_SECONDS = 1000, 12
GROWTH = ((5, 500), (10, 250), (20, 125), (50, 50), (100, 25), (200, 13))  # rooms of ten; packets a second of the one who talks
GROWTH_RUNS = 3  # of each, of which the middle one counts
GROWTH_ALIKE, ALIKE_FLUSH_US = (5, 10, 20, 50, 100, 200), 2500  # the same rooms, each with one who talks as people do
WORKER_ROOMS = 20  # of ten, all talk
DELAY_ROOMS, DELAY_FLUSH_US = (2, 8, 20, 40, 60), (0, 2500)  # rooms of ten, all talk


def handshakes():
    """Joins one behind the other, 32 at a time: QUIC, TLS with certificate, offer and answer, and the room told."""
    with rig.stage() as it:
        relay = rig.relay_on(it)
        before = rig.cpu_seconds(relay.pid)
        load = rig.ClientLoad([relay], f"{HANDSHAKES // 2}x2x0", seconds=1)
        used = rig.cpu_seconds(relay.pid) - before
        seen = load.report()
    return {"clients": HANDSHAKES, "joined": seen["joined"], "relay_cpu": used, "per_cpu_second": seen["joined"] / used,
            "per_second": seen["joined"] / seen["joined_in_ms"] * 1000}


def wait_until_empty(relay, seconds=40):
    """Those whose good-bye got lost stay until they have been silent for too long."""
    until = time.monotonic() + seconds
    while relay.metrics()["wzp_relay_active_sessions"] > 0 and time.monotonic() < until:
        time.sleep(0.2)


def memory(minutes=0):
    """Resident memory with 2,000 participants, with as many after thousands have come and gone for so long, and when all have left."""
    with rig.stage() as it:
        relay = rig.relay_on(it, config="max_load = 0\n")  # refused ones would be missing
        time.sleep(0.5)
        idle = relay.resident_kib()
        began, levels = time.monotonic(), []
        while len(levels) < CHURN_WAVES or time.monotonic() < began + minutes * 60:
            load = rig.ClientLoad([relay], PARTICIPANTS_SHAPE, seconds=4, prefix=f"wave{len(levels)}", flags=("--load-sockets", 100))
            time.sleep(3)
            levels.append(relay.resident_kib())
            seen = load.report()
            assert seen["joined"] == PARTICIPANTS, seen
            wait_until_empty(relay)
        seconds = time.monotonic() - began
        time.sleep(GIVEN_BACK_AFTER)
        empty = relay.resident_kib()
    return {"participants": PARTICIPANTS, "idle_kib": idle, "waves_kib": levels, "empty_kib": empty, "seconds": seconds,
            "kib_each": [(level - idle) / PARTICIPANTS for level in levels]}


def storm():
    """All clients drop and dial again at once, while others go on talking."""
    with rig.stage() as it:
        relay = rig.relay_on(it)
        call = rig.ClientLoad([relay], "1x10x10", seconds=CALL_SECONDS, prefix="call")
        crowd = rig.ClientLoad([relay], f"{STORM // 10}x10x1", seconds=1, flags=("--load-reconnect",), prefix="crowd").report()
        running = call.report()
    return {"clients": STORM, "back": crowd["rejoined"], "back_in_ms": crowd["rejoined_in_ms"], "call": running}


def growth(seconds):
    """The same datagrams a second for more and more connections: only their number changes. One talks, so that no packet is shared."""
    for rooms, pps in GROWTH:
        yield {"connections": rooms * 10, **rig.measure_again(GROWTH_RUNS, f"{rooms}x10x1", 0, pps=pps, seconds=seconds)}


def growth_alike(seconds):
    """More and more of the same rooms, as a relay grows; default settings."""
    for rooms in GROWTH_ALIKE:
        yield {"connections": rooms * 10, **rig.measure_again(GROWTH_RUNS, f"{rooms}x10x1", ALIKE_FLUSH_US, seconds=seconds)}


def delay(seconds):
    """More and more of the same rooms: what it costs, and how long datagrams take."""
    for flush_us in DELAY_FLUSH_US:
        for rooms in DELAY_ROOMS:
            yield rig.measure(f"{rooms}x10x10", flush_us, seconds=seconds)


def has_workers():
    return "--workers" in rig.output(rig.wzp.RELAY, "--help")


def workers(seconds):
    """Rooms on one worker, twice as many on two, and those on one; all cores for everybody, so that only the price of a datagram tells."""
    for n, rooms in ((1, WORKER_ROOMS), (2, 2 * WORKER_ROOMS), (1, 2 * WORKER_ROOMS)):
        with rig.stage() as it:
            relay = rig.relay_on(it, cores=rig.CORES, flags=("--workers", n))
            yield {"workers": n, "rooms": rooms, **rig.ClientLoad([relay], f"{rooms}x10x10", seconds=seconds, cores=rig.CORES).report()}


def times_of_two(runs):
    """How many times what one worker carries two do: where each has as much to do as the one, where the two have."""
    one, two, crowded = runs
    return 2 * one["us_each"] / two["us_each"], 2 * crowded["us_each"] / two["us_each"]


def one_room(seconds):
    """A room that outgrows one worker; the busier of two is what limits it."""
    for n in (1, 2):
        with rig.stage() as it:
            relay = rig.relay_on(it, cores=rig.CORES, flags=("--workers", n, "--room-members-per-worker", 50))
            yield {"workers": n, **rig.ClientLoad([relay], "1x200x50", seconds=seconds, cores=rig.CORES).report()}


def exactly_once(seconds):
    """Ten talkers, spread over relays, whose sequence numbers coincide."""
    for n, edges in ((2, fed.chain(2)), (3, fed.ring(3))):
        with rig.stage() as it:
            relays = fed.Federation(it, n, edges, rooms=["load-0"], extra=rig.LARGE).wait_up().relays
            yield {"relays": n, **rig.ClientLoad(relays, "1x10x10", seconds=seconds, cores=rig.CORES).report()}


def tell_handshakes(seen):
    print(f"\nhandshakes: {seen['per_cpu_second']:,.0f} joins a CPU second of the relay ({seen['joined']} of {seen['clients']} clients;"
          f" {seen['per_second']:,.0f} a second with this load)")


def tell_memory(seen):
    print(f"\nmemory: idle {seen['idle_kib']:,} KiB; with {seen['participants']} participants {seen['waves_kib'][0]:,} KiB,"
          f" {seen['kib_each'][0]:.1f} KiB each; the same after {len(seen['waves_kib']) - 1} times as many have come and gone in"
          f" {seen['seconds']:.0f} s: {', '.join(f'{k:.1f}' for k in seen['kib_each'][1:])}; {GIVEN_BACK_AFTER} s after all have left"
          f" {seen['empty_kib']:,} KiB")


def tell_storm(seen):
    call = seen["call"]
    print(f"\nreconnect storm: {seen['back']} of {seen['clients']} back in {seen['back_in_ms'] / 1000:.2f} s; a running call lost"
          f" {call['lost']} of {call['expected']}, {call['duplicated']} twice, delay p99 {call['delay_p99_ms']:.1f} ms")


def tell_growth(runs):
    print("\ncost over connections: rooms of ten, one talks, the same number of datagrams a second")
    for run in runs:
        print(f"  {run['connections']:6} connections  {run['us_each']:6.2f} us a datagram  relay {run['relay_share']:4.0%}  lost {run['lost']}  delay p50"
              f" {run['delay_p50_ms']:.2f} ms, p99 {run['delay_p99_ms']:.2f} ms", flush=True)


def tell_growth_alike(runs):
    print("\ncost over connections: rooms of ten, one talks, 50 packets a second in each")
    for run in runs:
        print(f"  {run['connections']:6} connections  {run['forwarded_per_second']:8,.0f} /s  {run['us_each']:6.2f} us a datagram  relay {run['relay_share']:4.0%}"
              f"  lost {run['lost']}", flush=True)


def tell_delay(runs):
    print("\ndelay over load: rooms of ten, all talk; the load's own delay included")
    for run in runs:
        print(f"  flush {run['flush_us']:5} us  {run['forwarded_per_second']:9,.0f} /s  {run['us_each']:6.2f} us a datagram  relay"
              f" {run['relay_share']:4.0%}  lost {run['lost']:5}  p50 {run['delay_p50_ms']:6.2f} ms  p99 {run['delay_p99_ms']:6.2f} ms  in the relay"
              f" {rig.own_delay(run)}{'  (the machine was busy)' if rig.is_starved(run) else ''}", flush=True)


def tell_workers(runs):
    print("\nworkers: rooms of ten, all talk")
    for run in runs:
        print(f"  {run['rooms']} rooms on {run['workers']} {run['us_each']:6.2f} us a datagram  {run['per_cpu_second']:9,.0f} a CPU second  lost {run['lost']}")
    print("  two carry {:.2f} times what one does, at as much for each; {:.2f} times at as much for both".format(*times_of_two(runs)))


def tell_one_room(runs):
    print("\none room of 200, 50 talk")
    for run in runs:
        print(f"  {run['workers']} workers  {run['us_each']:6.2f} us a datagram, {run['us_each_busiest']:.2f} of them on the busiest  lost {run['lost']}")
    one, two = runs
    print(f"  two carry {one['us_each_busiest'] / two['us_each_busiest']:.2f} times what one does")


def tell_exactly_once(runs):
    print("\nfederation: ten talkers whose sequence numbers coincide, spread over the relays")
    for run in runs:
        print(f"  {run['relays']} relays: lost {run['lost']}, twice {run['duplicated']} of {run['expected']}; delay p50"
              f" {run['delay_p50_ms']:.2f} ms, p99 {run['delay_p99_ms']:.2f} ms")
