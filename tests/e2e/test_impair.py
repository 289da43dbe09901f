# SPDX-License-Identifier: Apache-2.0
"""wzp-impair as a program: what it says, how it ends, and that a bad network is as bad as asked for."""
import json
import re
import socket
import threading
import time

import pytest
import wzp

IMPAIR = wzp.BUILD / "src/apps/impair/wzp-impair"


class Echo:
    """Sends every packet back, and remembers from where."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.seen = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            data, peer = self.socket.recvfrom(65536)
            self.seen.append(peer)
            self.socket.sendto(data, peer)


@pytest.fixture
def echo():
    return Echo()


def impair(stage, *flags, name="impair"):
    return stage.run(IMPAIR, *flags, name=name)


def ready(proxy):
    """The port it listens on, once it does."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = re.search(r"listen=127\.0\.0\.1:(\d+)", proxy.stderr())
        if found:
            return int(found.group(1))
        time.sleep(0.01)
    raise AssertionError(proxy.text())


def talk(port, n, gap=0.002, patience=0.5):
    """Sends n numbered packets; who came back when, in the order of arrival."""
    back = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(patience)
        s.connect(("127.0.0.1", port))

        def listen():
            try:
                while True:
                    back.append((int(s.recv(2000)), time.monotonic()))
            except (TimeoutError, OSError):
                pass
        listener = threading.Thread(target=listen)
        listener.start()
        sent = []
        for i in range(n):
            sent.append(time.monotonic())
            s.send(b"%d" % i)
            time.sleep(gap)
        listener.join()
    return [(number, at - sent[number]) for number, at in back]


def test_a_good_network_loses_nothing_and_signals_end_it(stage, echo):
    proxy = impair(stage, "--listen", "127.0.0.1:0", "--to", echo.address, "--json")
    back = talk(ready(proxy), 200)
    assert [n for n, _ in back] == list(range(200))
    assert proxy.interrupt() == 0
    report = json.loads(proxy.stdout())
    for direction in ("up", "down"):
        assert report[direction]["packets_in"] == report[direction]["packets_out"] == 200
    assert report["clients"] == 1


def test_a_seed_repeats_its_losses_and_they_are_counted(stage, echo):
    heard = []
    for name in ("one", "two"):
        proxy = impair(stage, "--listen", "127.0.0.1:0", "--to", echo.address, "--loss", "20%", "--seed", "5",
                       "--direction", "up", "--json", name=name)
        heard.append([n for n, _ in talk(ready(proxy), 300)])
        assert proxy.interrupt() == 0
        assert json.loads(proxy.stdout())["up"]["lost_random"] == 300 - len(heard[-1])
    assert heard[0] == heard[1]
    assert 220 < len(heard[0]) < 260


def test_delay_is_kept(stage, echo):
    proxy = impair(stage, "--listen", "127.0.0.1:0", "--to", echo.address, "--delay", "40ms")
    took = sorted(t for _, t in talk(ready(proxy), 100))
    assert len(took) == 100
    assert took[0] >= 0.080
    assert took[50] < 0.120
    assert proxy.interrupt() == 0
    assert "packets received" in proxy.stdout()


def test_a_rebind_shows_another_port_and_the_call_goes_on(stage, echo):
    proxy = impair(stage, "--listen", "127.0.0.1:0", "--to", echo.address, "--rebind-at", "300ms", "--seconds", "1", "--json")
    back = talk(ready(proxy), 100, gap=0.006)
    assert len(back) >= 98
    assert len(set(echo.seen)) == 2
    assert proxy.wait(5) == 0
    assert json.loads(proxy.stdout())["rebinds"] == 1


def test_a_scenario_cuts_and_heals(stage, echo):
    scenario = stage.folder / "cut.toml"
    scenario.write_text('cut = "200ms+200ms"\n[[step]]\nat = "600ms"\nloss = 1\n')
    proxy = impair(stage, "--listen", "127.0.0.1:0", "--to", echo.address, "--scenario", scenario, "--json")
    back = {n for n, _ in talk(ready(proxy), 100, gap=0.01)}
    assert proxy.interrupt() == 0
    report = json.loads(proxy.stdout())
    assert report["up"]["dropped_cut"] > 5
    assert report["up"]["lost_random"] > 5
    assert len(back) == 100 - report["up"]["dropped_cut"] - report["up"]["lost_random"] - report["down"]["dropped_cut"] \
        - report["down"]["lost_random"]


@pytest.mark.parametrize("flags,status,words", [
    ([], 2, "--listen is missing"),
    (["--los", "5%"], 2, "did you mean loss?"),
    (["--listen", "nowhere", "--to", "127.0.0.1:1"], 2, "nowhere"),
    (["--listen", "203.0.113.1:1", "--to", "127.0.0.1:1"], 1, "203.0.113.1:1"),
    (["--listen", "127.0.0.1:0", "--to", "no-such-host.invalid:1"], 1, "no-such-host.invalid"),
    (["--scenario", "/nonexistent"], 1, "/nonexistent"),
    (["--help"], 0, "usage:"),
    (["--version"], 0, "wzp-impair"),
])
def test_how_it_ends(stage, flags, status, words):
    proxy = impair(stage, *flags)
    assert proxy.wait(10) == status
    assert words in proxy.text()
