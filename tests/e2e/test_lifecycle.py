# SPDX-License-Identifier: Apache-2.0
"""The relay as a daemon: start, configuration, refusals to start, orderly end."""
import asyncio
import signal
import socket
import stat
import time

import pytest
import wzp
from wzp_peer import join

EX_CONFIG = 78


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_relay_ends_at_once(stage, relay, number):
    relay.send(number)
    assert relay.wait(2) == 0


def test_clients_are_told_and_the_relay_ends_within_five_seconds(stage, relay):
    recorder = stage.recorder(relay, "cut.wav")
    sender = stage.client(relay, "--send-tone", "30", name="sender")
    relay.wait_for_metric("wzp_relay_active_sessions", 2)
    time.sleep(1)
    start = time.monotonic()
    relay.send(signal.SIGTERM)
    assert relay.wait(5) == 0
    assert time.monotonic() - start < 5 * wzp.PATIENCE
    assert sender.wait(5) != 0
    recorder.wait(5)
    assert "drain" in sender.text().lower() or "going" in sender.text().lower() or "leav" in sender.text().lower()
    assert (stage.folder / "cut.wav").stat().st_size > 48000, "what was recorded until then is not saved"


def test_first_generation_clients_see_a_proper_close(stage, relay):
    async def stay():
        async with join(relay.port, "general", wzp.SEEDS[0]) as p:
            relay.send(signal.SIGTERM)
            assert await p.gone(5)
            return p.close_code, p.close_reason
    code, reason = asyncio.run(stay())
    assert code in (0, 4) and reason
    assert relay.wait(5) == 0


def test_a_relay_with_deaf_clients_ends_all_the_same(stage, relay):
    async def stay():
        async with join(relay.port, "general", wzp.SEEDS[0]) as p:
            p.datagram_received = lambda *_: None
            relay.send(signal.SIGTERM)
            await asyncio.to_thread(relay.wait, 6)
    asyncio.run(stay())
    assert relay.child.returncode == 0


def test_a_taken_port_is_an_error_that_names_it(stage):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{s.getsockname()[1]}"
        program = stage.run(wzp.RELAY, "-i", stage.folder / "id", "--listen", address)
        assert program.wait(5) not in (0, None)
        assert address in program.stderr()


def test_a_missing_configuration_is_written_as_an_example(stage):
    path = stage.folder / "new.toml"
    address = f"127.0.0.1:{wzp.free_port()}"
    program = stage.run(wzp.RELAY, "-c", path, "-i", stage.folder / "id", "--listen", address)
    program.wait_for_text("listen")
    end = time.monotonic() + 5
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    program.end()
    assert program.child.returncode == 0
    text = path.read_text()
    assert "[[peers]]" in text and "fingerprint" in text
    assert stage.run(wzp.RELAY, "-c", path, "--check-config").wait(5) == 0


def test_a_new_identity_is_for_its_owner_only_and_stays(stage):
    path = stage.folder / "fresh-identity"
    fingerprints = []
    for _ in range(2):
        relay = stage.run(wzp.RELAY, "-i", path, "--listen", f"127.0.0.1:{wzp.free_port()}")
        relay.wait_for_text("fingerprint")
        relay.end()
        fingerprints.append(path.read_text())
    assert fingerprints[0] == fingerprints[1]
    assert len(fingerprints[0].strip()) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


GOOD_CONFIG = """
listen_addr = "0.0.0.0:4433"
max_sessions = 10
jitter_target_depth = 50
jitter_max_depth = 250
log_level = "info"
metrics_port = 9100
probe_targets = []
probe_mesh = false
trunking_enabled = false
[[trusted]]
fingerprint = "0c:62:cf:b5:b9:e3:7c:77:ae:81:3d:9b:c3:5d:5c:ef:53:e1:2b:0a:bb:d8:e6:3b:4b:42:99:95:7d:6f:37:a9"
label = "one"
[[global_rooms]]
name = "general"
"""

BAD_CONFIGS = [
    # text, what the message must hold
    ("max_sesions = 10\n", ["1:1", "max_sesions", "max_sessions"]),
    ("\n\nmax_sessions = \"ten\"\n", ["3:16", "max_sessions"]),
    ("listen_addr = \"nowhere\"\n", ["1:15", "listen_addr"]),
    ("max_sessions = \n", ["1:"]),
    ("[[peers]]\nurl = \"10.0.0.1:4433\"\n", ["fingerprint"]),
    ("max_sessions = 1\nmax_sessions = 2\n", ["2:1"]),
    ("log_level = \"loud\"\n", ["log_level"]),
    ("metrics_port = 70000\n", ["metrics_port"]),
]


def check_config(stage, text):
    path = stage.folder / "relay.toml"
    path.write_text(text)
    program = stage.run(wzp.RELAY, "-c", path, "--check-config")
    return program.wait(5), program.text()


def test_a_good_configuration_passes(stage):
    status, text = check_config(stage, GOOD_CONFIG)
    assert status == 0, text


@pytest.mark.parametrize("text,wanted", BAD_CONFIGS)
def test_a_bad_configuration_is_told_with_its_place(stage, text, wanted):
    status, said = check_config(stage, text)
    assert status == EX_CONFIG
    assert all(part in said for part in wanted), said
    assert "relay.toml" in said


def test_a_relay_does_not_start_with_a_bad_configuration(stage):
    (stage.folder / "relay.toml").write_text("max_sesions = 10\n")
    program = stage.run(wzp.RELAY, "-c", stage.folder / "relay.toml", "-i", stage.folder / "id")
    assert program.wait(5) not in (0, None)
    assert "max_sessions" in program.stderr()


@pytest.mark.parametrize("program", [wzp.RELAY, wzp.CLIENT], ids=["relay", "client"])
def test_version_help_and_unknown_flags(stage, program):
    version = stage.run(program, "--version")
    assert version.wait(5) == 0 and any(c.isdigit() for c in version.stdout())
    helped = stage.run(program, "--help")
    assert helped.wait(5) == 0 and "--" in helped.text()
    unknown = stage.run(program, "--no-such-flag")
    assert unknown.wait(5) not in (0, None) and "no-such-flag" in unknown.stderr()
