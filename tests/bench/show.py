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
LINK_ROOMS, LINK_PPS, LINK_SECONDS, LINK_WANTED = 50, 400, 5, 8


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


def link():
    """Once more where the machine was busy with something else."""
    first = link_once()
    return first if first["run"]["lost"] == 0 else link_once()


def link_once():
    """A relay that only passes on from one link to another: what it takes for a datagram is taking it and sending it on."""
    bare = rig.bare()
    config = rig.LARGE + "flush_us = 2500\n"
    with rig.stage() as it:
        with rig.on(rig.LOAD_CORES):
            chain = fed.Federation(it, 3, fed.chain(3), rooms=[f"link-{i}" for i in range(LINK_ROOMS)], extra=config,
                                   peer_extra="max_pps = 1000000\n").wait_up()
        first, middle, last = chain.relays
        rig.pin(middle.pid, rig.RELAY_CORES)
        for relay in chain.relays:
            rig.hurry(relay.pid)
        run = rig.Load([middle], f"{LINK_ROOMS}x2x2", LINK_PPS, LINK_SECONDS, targets=[first, last], prefix="link").report()
        run["dropped"] = sum(chain.dropped((*fed.THROWN_AWAY, "rate", "queue_full")).values())
    run["flush_us"] = 2500
    return row("federation: from link to link", bare, run, LINK_WANTED)


def measure(seconds):
    rows = []
    for one in loads(seconds):
        rows.append(one)
        tell(one)
    for more in (lambda: audience(seconds), link):
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
