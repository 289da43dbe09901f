# SPDX-License-Identifier: Apache-2.0
"""What every measurement needs: programs on cores of their own, their processor time, and the kernel's bare rates beside."""
import contextlib
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build-bench"
sys.path.insert(0, str(ROOT / "tests/e2e"))
os.environ["WZP_BUILD"] = str(BUILD)
import wzp  # noqa: E402

CORES = sorted(os.sched_getaffinity(0))
RELAY_CORES, LOAD_CORES = CORES[-1:], CORES[:-1] or CORES
LINK_LOAD = BUILD / "tests/bench/link_load"
PRIORITY = -15  # others on the machine cost less then; where it is not allowed, it goes without
GIVE_UP = 120  # seconds for one load, whatever it is
LARGE = "max_sessions = 20000\nmax_participants_per_room = 10000\n"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def build():
    """As users get it: Meson's defaults of this project, without the tests' assertions on warnings."""
    log = ROOT / "build" / "logs"
    log.mkdir(parents=True, exist_ok=True)
    with open(log / "bench-build.log", "w") as out:
        if not (BUILD / "build.ninja").exists():
            subprocess.run(["meson", "setup", BUILD], cwd=ROOT, stdout=out, stderr=out, check=True, env={**os.environ, "CC": "gcc"})
        subprocess.run(["ninja", "-C", BUILD], stdout=out, stderr=out, check=True)


def build_without(feature):
    """The relay of a second build that leaves an optional library out."""
    folder = ROOT / f"build-bench-no-{feature}"
    with open(ROOT / "build" / "logs" / f"bench-build-no-{feature}.log", "w") as out:
        if not (folder / "build.ninja").exists():
            subprocess.run(["meson", "setup", folder, f"-D{feature}=disabled", "-Dtests=false"], cwd=ROOT, stdout=out, stderr=out, check=True,
                           env={**os.environ, "CC": "gcc"})
        subprocess.run(["ninja", "-C", folder], stdout=out, stderr=out, check=True)
    return folder / wzp.RELAY.relative_to(BUILD.resolve())


@contextlib.contextmanager
def relay_program(path):
    """Relays that are started within are this program."""
    before, wzp.RELAY = wzp.RELAY, path
    try:
        yield
    finally:
        wzp.RELAY = before


def aes_library():
    """Who encrypts the packets."""
    found = re.search(r"=> (\S*/libIPSec_MB\S*)", output("ldd", str(wzp.RELAY)))
    return [pathlib.Path(found[1]).resolve().name] if found else []


def conditions():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    options = {o["name"]: o["value"] for o in json.loads(output("meson", "introspect", "--buildoptions", str(BUILD)))}
    libraries = ("libngtcp2", "gnutls", "libuv", "libsodium", "jansson")
    return {
        "machine": f"{cpu[1] if cpu else platform.machine()}, {len(CORES)} cores",
        "kernel": f"{platform.system()} {platform.release()}",
        "compiler": output("gcc", "--version").splitlines()[0],
        "flags": f"buildtype={options['buildtype']} (-O{options['optimization']}), b_lto={options['b_lto']}, b_pie={options['b_pie']}",
        "libraries": ", ".join([f"{name} {output('pkg-config', '--modversion', name)}" for name in libraries]
                               + aes_library() + [" ".join(platform.libc_ver())]),
        "source": output("git", "-c", "safe.directory=*", "describe", "--always", "--dirty"),
        "date": time.strftime("%Y-%m-%d"),
    }


@contextlib.contextmanager
def on(cores):
    """What is started within runs on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pin(pid, cores):
    """Moves what runs already."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores)


def hurry(pid):
    """Where the kernel groups processes by session, a process's own priority says nothing against other sessions."""
    with contextlib.suppress(OSError):
        pathlib.Path(f"/proc/{pid}/autogroup").write_text(str(PRIORITY))
    with contextlib.suppress(OSError):
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            os.setpriority(os.PRIO_PROCESS, int(task.name), PRIORITY)


def thread_seconds(pid):
    """Time on a processor of each thread; finer than the ticks in /proc/PID/stat."""
    used = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread may end meanwhile
            used[task.name] = int((task / "schedstat").read_text().split()[0]) / 1e9
    return used


def cpu_seconds(pid):
    return sum(thread_seconds(pid).values())


@contextlib.contextmanager
def stage():
    with tempfile.TemporaryDirectory() as folder:
        it = wzp.Stage(pathlib.Path(folder))
        try:
            yield it
        finally:
            it.end()


def relay_on(it, cores=None, config="", flags=()):
    with on(cores or RELAY_CORES):
        relay = it.relay(config=LARGE + config, flags=("--log-level", "warn", *flags), calm=False)
    hurry(relay.pid)
    return relay


def delays_of(relays):
    """{upper bound in ms: datagrams} of the relays' own histogram, receive to send."""
    counts = {}
    for relay in relays:
        for name, value in relay.metrics().items():
            if match := re.fullmatch(r'wzp_relay_delay_seconds_bucket\{.*le="([^"]*)"\}', name):
                bound = float(match[1]) * 1000
                counts[bound] = counts.get(bound, 0) + value
    return counts


def percentile(before, after, share):
    """Of what came between two states of a histogram, linear within its bucket; None where there is none."""
    grown = sorted((bound, count - before.get(bound, 0)) for bound, count in after.items())
    if not grown or grown[-1][1] == 0:
        return None
    wanted, low, below = share * grown[-1][1], 0.0, 0
    for bound, count in grown:
        if count >= wanted:
            return low if bound == float("inf") else low + (bound - low) * (wanted - below) / max(count - below, 1)
        low, below = bound, count
    return low


def own_delay(run):
    """p50 / p99 within the relay, as text."""
    return "" if run.get("relay_p50_ms") is None else f"{run['relay_p50_ms']:.2f} / {run['relay_p99_ms']:.2f}"


class Load:
    """A load, made when everybody is in and talks; `relays` are those whose processor time is taken. It says on stderr when
    it begins to talk and when it has ended, and then prints a line of JSON."""

    def __init__(self, relays, shape, argv, cores=None):
        self.relays, self.shape = relays, shape
        with on(cores or LOAD_CORES):
            self.child = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        hurry(self.child.pid)
        self.killer = threading.Timer(GIVE_UP, self.child.kill)
        self.killer.start()
        self.wait_for("talking")
        self.delays = delays_of(relays)
        self.threads = self.relay_threads()
        self.before = self.clocks()

    def wait_for(self, phase):
        if not any(phase in line for line in self.child.stderr):
            self.child.kill()
            raise AssertionError(f"the load {self.shape} did not get to {phase}")

    def clocks(self):
        return [time.monotonic(), cpu_seconds(self.child.pid)] + [cpu_seconds(r.pid) for r in self.relays]

    def relay_threads(self):
        return {tid: used for relay in self.relays for tid, used in thread_seconds(relay.pid).items()}

    def report(self):
        """What the load saw, with the processor time while the talkers talked."""
        self.wait_for("trailing")
        wall, load, *relays = [after - before for before, after in zip(self.before, self.clocks())]
        busiest = max(used - self.threads.get(tid, 0) for tid, used in self.relay_threads().items())
        delays = delays_of(self.relays)
        out, _ = self.child.communicate()
        self.killer.cancel()
        assert out, f"the load {self.shape} took more than {GIVE_UP} s"
        seen = json.loads(out.splitlines()[-1])
        used = max(sum(relays), 1e-6)
        return {
            "shape": self.shape, **seen,
            "seconds": wall, "relay_cpu": used, "relay_share": used / wall, "load_share": load / wall,
            "per_cpu_second": seen["received"] / used, "forwarded_per_second": seen["received"] / wall,
            "us_each": used / max(seen["received"], 1) * 1e6, "us_each_busiest": busiest / max(seen["received"], 1) * 1e6,
            "relay_p50_ms": percentile(self.delays, delays, 0.5), "relay_p99_ms": percentile(self.delays, delays, 0.99),
        }


class ClientLoad(Load):
    """wzp-client as load."""

    def __init__(self, relays, shape, pps=50, seconds=4, targets=None, flags=(), cores=None, prefix="load"):
        addresses = ",".join(r.address for r in targets or relays)
        self.pps = pps
        super().__init__(relays, shape, [wzp.CLIENT, "--load", shape, "--pps", pps, "--seconds", seconds, "--room", prefix, "--json",
                                         *flags, addresses], cores)

    def report(self):
        return {"pps": self.pps, **super().report()}


class LinkLoad(Load):
    """Two federation peers as load (tests/bench/link_load.c): all that one says passes the relay on the way to the other."""

    def __init__(self, relay, shape, per_second, seconds, prefix, seeds):
        super().__init__([relay], shape, [LINK_LOAD, relay.address, shape, per_second, seconds, prefix, *(s.hex() for s in seeds)])


def is_starved(run):
    """Whether others took so much of the machine that the load itself came late."""
    return run["late_ticks"] > 2 * run["seconds"]


def measure(shape, flush_us=2500, pps=50, seconds=4, config="", tries=2, flags=()):
    """One load on one relay of its own, once more where the machine was busy with something else."""
    for _ in range(tries):
        with stage() as it:
            relay = relay_on(it, config=f"flush_us = {flush_us}\n{config}")
            run = ClientLoad([relay], shape, pps, seconds, flags=flags).report()
        run["flush_us"] = flush_us
        if not is_starved(run) and run["lost"] == 0:
            break
    return run


def measure_again(times, *arguments, **options):
    """The run in the middle of several, by the price of a datagram: what others do to one run does not tell."""
    runs = sorted((measure(*arguments, **options) for _ in range(times)), key=lambda run: run["us_each"])
    return runs[times // 2]


def bare(seconds=2.5):
    """The kernel alone, in packets per CPU second: tests/bench/bare.c."""
    command = [BUILD / "tests/bench/bare", str(int(seconds * 1000)), str(RELAY_CORES[0]), str(LOAD_CORES[0])]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    hurry(child.pid)
    return json.loads(child.communicate(timeout=30)[0])
