# SPDX-License-Identifier: Apache-2.0
"""The table of loads that a relay is judged by, each beside what the kernel alone takes on the same machine at the same time."""
import rig
import fed  # noqa: I001 (rig says where it is)

TARGET_SHARE = 0.6  # of the relay's core, where a load is scaled to it
GENERATOR_LIMIT = 0.8  # of the load's core
MAX_CLIENTS = 8000

# Name, rooms, members, talkers, flush_us, ratio to bare wanted, ratio that the first generation reached (low, high) or None.
ROWS = (
    ("room of 50, all talk, flush 0", 1, 50, 50, 0, 1.0, (0.64, 0.69)),
    ("room of 50, all talk", 1, 50, 50, 2500, 2.7, (0.64, 0.69)),
    ("room of 50, 5 talk", 1, 50, 5, 2500, 0.5, (0.15, 0.23)),
    ("20 rooms of 10, all talk, flush 5000", 20, 10, 10, 5000, 0.9, (0.53, 0.57)),
    ("100 rooms of 2", 100, 2, 2, 2500, None, (0.10, 0.12)),
    ("300 rooms of 2", 300, 2, 2, 2500, 0.25, (0.14, 0.16)),
    ("room of 300, 10 talk", 1, 300, 10, 2500, None, None),
)
AUDIENCES, AUDIENCE_LEAST = 3000, 200  # the first tried, the last
AUDIENCE_TALKERS, AUDIENCE_FLUSH_US = 10, 20000
AUDIENCE_SOCKETS = 50  # as many as the bare rate's: with one each the load's core is the first to be full
LINK_ROOMS, LINK_ORIGINS, LINK_STREAMS, LINK_WANTED = 400, 2, 2, 8  # origins a room, streams an origin
LINK_MAX_PPS, LINK_FIRST, LINK_TRIES = 10_000_000, 400_000, 4
LINK_SHARE, LINK_LOAD_SHARE = 0.8, 0.9  # of the cores
LINK_SEEDS = fed.seed_of(0), fed.seed_of(1)


def row(name, bare, run, wanted=None, first_generation=None):
    return {"name": name, "bare": bare, "run": run, "wanted": wanted, "first_generation": first_generation,
            "ratio": run["per_cpu_second"] / bare["drained"], "ratio_concurrent": run["per_cpu_second"] / bare["concurrent"]}


def scaled(run, rooms, members):
    """So many rooms that the relay's core is busy enough to judge it, or None where it is."""
    factor = min(TARGET_SHARE / run["relay_share"], GENERATOR_LIMIT / run["load_share"])
    wanted = min(round(rooms * factor), MAX_CLIENTS // members)
    return wanted if wanted > rooms else None


def loads(seconds):
    """Each load as it is named, then so many rooms of it that the relay's core is about 60 % busy."""
    for name, rooms, members, talkers, flush_us, wanted, first_generation in ROWS:
        bare = rig.bare()
        run = rig.measure(f"{rooms}x{members}x{talkers}", flush_us, seconds=seconds)
        yield row(name, bare, run, wanted, first_generation)
        more = scaled(run, rooms, members)
        while more:
            run = rig.measure(f"{more}x{members}x{talkers}", flush_us, seconds=seconds)
            fewer = more * 3 // 4
            if run["lost"] == 0 or fewer <= rooms:
                yield row(f"… {more} rooms of it", bare, run, wanted, first_generation)
                break
            more = fewer  # too much for the load or for the relay: loss is no basis for a price


def audience(seconds):
    """The largest audience of ten talkers that loses nothing: the first of a falling series."""
    listeners, bare = AUDIENCES, rig.bare()
    while True:
        run = rig.measure(f"1x{AUDIENCE_TALKERS + listeners}x{AUDIENCE_TALKERS}", AUDIENCE_FLUSH_US, seconds=seconds, tries=1,
                          flags=("--load-sockets", AUDIENCE_SOCKETS))
        if (run["lost"] == 0 and run["failed"] == 0) or listeners <= AUDIENCE_LEAST:
            break
        listeners = int(listeners * min(0.85, run["received"] / run["expected"]) // 50 * 50)
    return row(f"{AUDIENCE_TALKERS} talkers, {listeners} listeners, flush {AUDIENCE_FLUSH_US}", bare, run)


def link_run(per_second, seconds):
    """A relay that only passes on from one link to another: what it takes for a datagram is taking it and sending it on."""
    config = "flush_us = 2500\n" + "".join(f'[[global_rooms]]\nname = "link-{i}"\n' for i in range(LINK_ROOMS))
    for seed, label in zip(LINK_SEEDS, ("talker", "listener")):
        config += fed.trusted_lines(fed.fingerprint_of(seed), label, f"max_pps = {LINK_MAX_PPS}\n")
    with rig.stage() as it:
        relay = rig.relay_on(it, config=config)
        run = rig.LinkLoad(relay, f"{LINK_ROOMS}x{LINK_ORIGINS}x{LINK_STREAMS}", per_second, seconds, "link-", LINK_SEEDS).report()
        run["dropped"] = {name: value for name, value in relay.metrics().items() if "dropped" in name and value}
    run["flush_us"] = 2500
    run["per_packet"] = run["received"] / max(run["packets_received"], 1)
    return run


def link(seconds):
    """As many datagrams a second as make one of both cores busy enough to judge the relay; fewer where those are too many."""
    bare = rig.bare()
    run = link_run(LINK_FIRST, seconds)
    per_second = LINK_FIRST * max(1, min(LINK_SHARE / run["relay_share"], LINK_LOAD_SHARE / run["load_share"]))
    for _ in range(LINK_TRIES):
        run = link_run(int(per_second), seconds)
        if run["lost"] == 0:
            break
        per_second *= 0.85
    assert run["duplicated"] == run["wrong"] == 0, run
    return row("federation: from link to link", bare, run, LINK_WANTED)


def measure(seconds):
    rows = []
    for one in loads(seconds):
        rows.append(one)
        tell(one)
    for more in (lambda: audience(seconds), lambda: link(seconds)):
        rows.append(more())
        tell(rows[-1])
    return rows


HEAD = (f"  {'load':44} {'dg/CPU s':>10} {'/bare':>6} {'/conc.':>6} {'wanted':>6} {'G1':>9} {'times':>5} {'relay':>6} {'load':>6}"
        f" {'lost':>6} {'dup':>4} {'p50 ms':>7} {'p99 ms':>7} {'in it':>11}   {'bare':>8} {'conc.':>8}")


def times_of(one):
    """How many times the first generation's best ratio, or None."""
    return one["ratio"] / one["first_generation"][1] if one["first_generation"] else None


def tell(one):
    run, g1 = one["run"], one["first_generation"]
    print(f"  {one['name']:44} {run['per_cpu_second']:10,.0f} {one['ratio']:6.2f} {one['ratio_concurrent']:6.2f}"
          f" {one['wanted'] or '':>6} {f'{g1[0]:.2f}-{g1[1]:.2f}' if g1 else '':>9} {f'{times_of(one):.1f}' if g1 else '':>5}"
          f" {run['relay_share']:6.0%} {run['load_share']:6.0%} {run['lost']:6} {run['duplicated']:4}"
          f" {run['delay_p50_ms']:7.2f} {run['delay_p99_ms']:7.2f} {rig.own_delay(run):>11}   {one['bare']['drained']:8,.0f} {one['bare']['concurrent']:8,.0f}"
          f"{'   (the machine was busy)' if rig.is_starved(run) else ''}", flush=True)
