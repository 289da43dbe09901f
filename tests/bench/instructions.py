# SPDX-License-Identifier: Apache-2.0
"""Instructions by callgrind: the same each time, so that a difference is the code's; held against tests/bench/baseline.json."""
import json
import pathlib
import re
import subprocess

import rig

BASELINE = pathlib.Path(__file__).resolve().parent / "baseline.json"
MICRO, PATH, LINK = (rig.BUILD / "tests/bench" / name for name in ("bench_micro", "bench_path", "bench_link"))
TOLERANCE = 0.05
CALLGRIND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]

# Name, and what one time is of.
OPERATIONS = (
    ("header_peek", "check a header, take sequence and codec, write the stream number"),
    ("header_read", "take a packet apart"),
    ("fan_out_2", "the router alone: one packet in a room of 2"),
    ("fan_out_10", "… of 10"),
    ("fan_out_50", "… of 50"),
    ("signal_read", "read a RoomUpdate of three participants from JSON"),
)
# Name, shape, milliseconds of talk, flush_us, what it is.
PATHS = (
    ("path_2", "20x2x2", 1000, 2500, "a datagram's whole way through the relay: 20 rooms of 2"),
    ("path_10", "1x10x10", 1500, 0, "… room of 10, sent at once"),
    ("path_50_at_once", "1x50x50", 300, 0, "… room of 50, sent at once"),
    ("path_50", "1x50x50", 300, 2500, "… room of 50, gathered"),
    ("path_50_5", "1x50x5", 1500, 2500, "… room of 50, 5 talk"),
)
# Name, shape, milliseconds of talk, datagrams a second, what it is.
LINKS = (("path_link", "100x2x2", 500, 200000, "a datagram's whole way from link to link"),)
# What these names mean in numbers that are no instructions.
PACKETS = "datagrams a packet"


def callgrind(*command):
    done = subprocess.run([*CALLGRIND, *map(str, command)], capture_output=True, text=True, timeout=300)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1]), done.stdout


def of_operation(name):
    """Start-up costs the same however often the operation runs."""
    return (callgrind(MICRO, name, 3000)[0] - callgrind(MICRO, name, 1000)[0]) / 2000


def of_path(program, *arguments):
    """Instructions of the relay a forwarded datagram, and datagrams a packet."""
    done = subprocess.run([*CALLGRIND, "--toggle-collect=memory_net_counted_step", program, *map(str, arguments)],
                          capture_output=True, text=True, timeout=300)
    collected, seen = int(re.search(r"Collected : (\d+)", done.stderr)[1]), json.loads(done.stdout)
    assert seen["forwarded"] == seen["expected"] > 0 and seen["duplicated"] == 0, seen
    return collected / seen["forwarded"], seen["forwarded"] / seen["packets_out"]


def measure():
    """{name: {"instructions", "what", perhaps "per_packet"}}"""
    found = {name: {"what": what, "instructions": of_operation(name)} for name, what in OPERATIONS}
    for program, (name, *arguments, what) in [*((PATH, one) for one in PATHS), *((LINK, one) for one in LINKS)]:
        each, per_packet = of_path(program, *arguments)
        found[name] = {"what": what, "instructions": each, "per_packet": per_packet}
    return found


def toolchain(conditions):
    """What else than our code decides on the numbers."""
    return {**{k: conditions[k] for k in ("compiler", "flags", "libraries")}, "valgrind": rig.output("valgrind", "--version")}


def tell(found):
    print("\ninstructions a time, datagram by datagram (callgrind; the kernel's not among them)")
    for name, one in found.items():
        packet = f"{one['per_packet']:5.2f} {PACKETS}" if "per_packet" in one else ""
        print(f"  {name:16} {one['instructions']:10.1f}   {one['what']}{', ' if packet else ''}{packet}")


def write(found, conditions):
    rounded = {name: {k: round(v, 2) if isinstance(v, float) else v for k, v in one.items()} for name, one in found.items()}
    BASELINE.write_text(json.dumps({"taken_with": toolchain(conditions), "operations": rounded}, indent=2, ensure_ascii=False) + "\n")
    print(f"\nwritten to {BASELINE.relative_to(rig.ROOT)}")


def compare(found, conditions):
    """Prints each beside the baseline; whether none got more than 5 % worse."""
    baseline = json.loads(BASELINE.read_text())
    for key, value in toolchain(conditions).items():
        if (then := baseline["taken_with"].get(key)) != value:
            print(f"note: the baseline was taken with another {key}: {then}; here: {value}. Differences may come from that.")
    print(f"\n{'':18} {'baseline':>10} {'now':>10} {'':>8}")
    worse = []
    for name, one in found.items():
        if name not in baseline["operations"]:
            print(f"  {name:16} {'':>10} {one['instructions']:10.1f}   new")
            continue
        before = baseline["operations"][name]["instructions"]
        change = one["instructions"] / before - 1
        is_worse = change > TOLERANCE
        print(f"  {name:16} {before:10.1f} {one['instructions']:10.1f} {change:+8.1%}{'   WORSE' if is_worse else ''}")
        if is_worse:
            worse.append(name)
    for name in baseline["operations"].keys() - found.keys():
        print(f"  {name:16} is in the baseline only")
    if worse:
        print(f"\nmore than {TOLERANCE:.0%} worse: {', '.join(worse)}")
    return not worse
