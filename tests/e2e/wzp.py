# SPDX-License-Identifier: Apache-2.0
"""The built programs as objects: start them, wait for them, read what they say; nothing outlives its test."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("WZP_BUILD", ROOT / "build")).resolve()
RELAY = BUILD / "src/apps/relay/wzp-relay"
CLIENT = BUILD / "src/apps/cli/wzp-client"
sys.path.insert(0, str(ROOT / "tests/interop"))  # wzp_peer: first-generation peers on another QUIC stack

SANITIZER = re.compile(r"ERROR: \w*Sanitizer|WARNING: ThreadSanitizer|runtime error:")
SEEDS = [bytes([i + 1]) * 32 for i in range(8)]
PATIENCE = 3  # a machine that others use too gets so many times as long


def free_port(kind=socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Program:
    """A child process with stdout and stderr in files."""

    def __init__(self, argv, folder, name):
        self.name, self.argv = name, [str(a) for a in argv]
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.err"
        env = {**os.environ, "HOME": str(folder), "NO_COLOR": "1"}
        env.pop("JOURNAL_STREAM", None)
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.child = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env, cwd=folder)

    @property
    def alive(self):
        return self.child.poll() is None

    @property
    def pid(self):
        return self.child.pid

    def stdout(self):
        return self.out.read_text(errors="replace")

    def stderr(self):
        return self.err.read_text(errors="replace")

    def text(self):
        return self.stdout() + self.stderr()

    def wait(self, timeout=30):
        """The exit status; a failure of the test if it does not end in time."""
        try:
            return self.child.wait(timeout * PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {timeout} s") from None

    def send(self, number):
        self.child.send_signal(number)

    def interrupt(self, timeout=10):
        """SIGINT, as Ctrl-C; the exit status."""
        self.send(signal.SIGINT)
        return self.wait(timeout)

    def wait_for_line(self, pattern, timeout=10):
        """Until a line of what it says holds this regular expression."""
        end = time.monotonic() + timeout * PATIENCE
        while not re.search(pattern, self.text()):
            assert self.alive, f"{self.name} ended before it said {pattern!r}"
            assert time.monotonic() < end, f"{self.name} did not say {pattern!r} within {timeout * PATIENCE} s"
            time.sleep(0.02)

    def wait_for_text(self, text, timeout=10):
        self.wait_for_line(re.escape(text), timeout)

    def end(self):
        if not self.alive:
            return
        self.child.terminate()
        try:
            self.child.wait(6)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def resident_kib(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError(f"{self.name} has no memory figures")


class Relay(Program):
    """A relay on a free port of the loopback with an identity of its own."""

    def __init__(self, folder, name="relay", config="", flags=(), seed=bytes(range(32)), port=None):
        self.port, self.metrics_port, self.seed = port or free_port(), free_port(socket.SOCK_STREAM), seed
        self.address = f"127.0.0.1:{self.port}"
        identity, toml = folder / f"{name}.identity", folder / f"{name}.toml"
        identity.write_text(seed.hex() + "\n")
        identity.chmod(0o600)
        toml.write_text(config)
        super().__init__([RELAY, *os.environ.get("WZP_RELAY_FLAGS", "").split(), "-c", toml, "-i", identity, "--listen", self.address,
                          "--metrics-port", self.metrics_port, *flags], folder, name)

    def get(self, path):
        """Status and body of an HTTP page."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def wait_up(self, timeout=10):
        end = time.monotonic() + timeout * PATIENCE
        while True:
            assert self.alive, f"{self.name} ended at its start:\n{self.text()[-2000:]}"
            try:
                if self.get("/readyz")[0] == 200:
                    return self
            except OSError:
                pass
            assert time.monotonic() < end, f"{self.name} was not ready within {timeout} s"
            time.sleep(0.03)

    def metrics(self):
        """All series of /metrics: name with labels -> value."""
        series = {}
        for line in self.get("/metrics")[1].splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                series[name] = float(value)
        return series

    def wait_for_metric(self, name, value, timeout=10):
        end = time.monotonic() + timeout * PATIENCE
        while (now := self.metrics().get(name)) != value:
            assert time.monotonic() < end, f"{name} is {now}, not {value}, after {timeout} s"
            time.sleep(0.05)


class Client(Program):
    """wzp-client with --json; `summary()` is what it printed at its end."""

    def __init__(self, folder, name, relay, *flags):
        address = relay if isinstance(relay, str) else relay.address
        super().__init__([CLIENT, "--json", *flags, address], folder, name)

    def summary(self):
        lines = [line for line in self.stdout().splitlines() if line.startswith("{")]
        assert lines, f"{self.name} printed no summary"
        return json.loads(lines[-1])


class Stage:
    """A folder, and all programs that a test started in it."""

    def __init__(self, folder):
        self.folder, self.programs, self.n = folder, [], 0

    def keep(self, program):
        self.programs.append(program)
        return program

    def unique(self, name):
        self.n += 1
        return f"{self.n:02}-{name}"

    def relay(self, name="relay", config="", flags=(), calm=True, **options):
        """One that is `calm` refuses nobody because others keep the machine busy, unless `config` sets max_load."""
        calm = ("--max-load", "0") if calm and "max_load" not in config else ()
        relay = Relay(self.folder, self.unique(name), config=config, flags=(*calm, *flags), **options)
        return self.keep(relay).wait_up()

    def client(self, relay, *flags, name="client"):
        return self.keep(Client(self.folder, self.unique(name), relay, *flags))

    def run(self, *argv, name="program"):
        return self.keep(Program(argv, self.folder, self.unique(name)))

    def recorder(self, relay, file, *flags, members=None):
        """A client that records; returned once the relay counts it as one of `members` sessions."""
        before = relay.metrics()["wzp_relay_active_sessions"]
        client = self.client(relay, "--record", self.folder / file, *flags, name="recorder")
        relay.wait_for_metric("wzp_relay_active_sessions", members or before + 1)
        return client

    def end(self):
        for program in reversed(self.programs):
            program.end()
        for program in self.programs:
            report = SANITIZER.search(program.stderr())
            assert not report, f"{program.name}: {program.stderr()[report.start():][:3000]}"

    def logs(self):
        for program in self.programs:
            status = "running" if program.alive else f"exit status {program.child.returncode}"
            yield program.name, f"{' '.join(program.argv)}\n{status}\n{program.text()[-6000:]}"


def call(stage, relay, seconds, file, *flags, room="general"):
    """A tone from one client recorded by another: both ended, as (sender, recorder)."""
    recorder = stage.recorder(relay, file, "--room", room)
    sender = stage.client(relay, "--send-tone", str(seconds), "--room", room, *flags, name="sender")
    assert sender.wait(seconds + 15) == 0
    time.sleep(0.7)  # what the recorder still has in its jitter buffer
    assert recorder.interrupt() == 0
    return sender, recorder
