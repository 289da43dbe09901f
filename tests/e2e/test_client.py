# SPDX-License-Identifier: Apache-2.0
"""The client as a person uses it: what it says, what it writes, when it refuses."""
import json
import re
import socket
import stat
import subprocess
import time

import audio
import pytest
import wzp
from wzp_peer import certificate, tls_fingerprint

SUMMARY_KEYS = {"frames_sent", "frames_received", "frames_lost", "frames_concealed", "frames_late", "rtt_ms", "jitter_ms",
                "duration_s", "peers"}


@pytest.fixture(scope="module")
def relay(long_stage):
    return long_stage.relay()


def fingerprint(relay):
    return tls_fingerprint(certificate(relay.seed)[0])


def test_ping_tells_round_trip_and_fingerprint(stage, relay):
    ping = stage.run(wzp.CLIENT, "--ping", relay.address)
    assert ping.wait(5) == 0
    assert fingerprint(relay) in ping.stdout()
    assert re.search(r"\d(\.\d+)? ms", ping.stdout())


def test_version_check_tells_the_relays_build(stage, relay):
    check = stage.run(wzp.CLIENT, "--version-check", relay.address)
    assert check.wait(5) == 0
    own = stage.run(wzp.RELAY, "--version")
    own.wait(5)
    assert any(word.strip("()") in check.stdout() for word in own.stdout().split() if len(word) >= 7)


def knows_localhost():
    """A bare chroot has no /etc/hosts."""
    try:
        return bool(socket.getaddrinfo("localhost", None))
    except OSError:
        return False


@pytest.mark.skipif(not knows_localhost(), reason="this system has no localhost")
def test_a_host_name_does_as_well_as_an_address(stage, relay):
    ping = stage.run(wzp.CLIENT, "--ping", f"localhost:{relay.port}")
    assert ping.wait(8) == 0


def test_the_pinned_relay_is_accepted_and_another_is_not(stage, relay):
    good = stage.client(relay, "--relay-fingerprint", fingerprint(relay), "--send-tone", "0.2")
    assert good.wait(10) == 0
    other = "ab" * 32
    bad = stage.client(relay, "--relay-fingerprint", other, "--send-tone", "0.2")
    assert bad.wait(10) == 1
    assert fingerprint(relay) in bad.stderr(), "does not say which fingerprint it found"
    assert "ab:ab" in bad.stderr(), "does not say which one it wanted"


def test_an_identity_file_is_made_for_its_owner_and_kept(stage, relay):
    path = stage.folder / "me"
    for _ in range(2):
        client = stage.client(relay, "--identity", path, "--send-tone", "0.2")
        assert client.wait(10) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(r"[0-9a-f]{64}\s*", path.read_text())


def test_the_summary_is_json_with_all_figures(stage, relay):
    client = stage.client(relay, "--send-tone", "0.5")
    assert client.wait(10) == 0
    summary = client.summary()
    assert SUMMARY_KEYS <= set(summary), SUMMARY_KEYS - set(summary)
    assert summary["frames_sent"] == 25
    assert 0 < summary["rtt_ms"] < 1000


def test_without_json_it_ends_with_a_line_for_people(stage, relay):
    client = stage.run(wzp.CLIENT, "--send-tone", "0.5", relay.address)
    assert client.wait(10) == 0
    assert re.search(r"\b25\b", client.text().strip().splitlines()[-1])


def test_no_mode_is_five_seconds_of_silence(stage, relay):
    client = stage.client(relay)
    assert client.wait(15) == 0
    assert client.summary()["frames_sent"] == 250


def sent_and_heard(stage, relay, file):
    """What a recorder hears of a file that another client sends."""
    recorder = stage.recorder(relay, "again.raw", "--room", file.name)
    assert stage.client(relay, "--send-file", file, "--room", file.name).wait(10) == 0
    time.sleep(0.7)
    assert recorder.interrupt() == 0
    return audio.read(stage.folder / "again.raw")


@pytest.mark.parametrize("name,magic", [("heard.wav", b"RIFF"), ("heard.opus", b"OggS"), ("heard.flac", b"fLaC")])
def test_a_recording_has_the_format_of_its_name(stage, relay, name, magic):
    recorder = stage.recorder(relay, name, "--room", name)
    sender = stage.client(relay, "--send-tone", "2", "--room", name)
    assert sender.wait(10) == 0
    time.sleep(0.7)
    assert recorder.interrupt() == 0
    assert (stage.folder / name).read_bytes()[:4] == magic
    if name.endswith(".wav"):
        samples = audio.read(stage.folder / name)
    else:
        samples = sent_and_heard(stage, relay, stage.folder / name)
    assert abs(audio.seconds(samples) - 2) <= 0.04
    assert abs(audio.frequency(audio.middle(samples)) - 440) <= 1


def test_a_wav_file_is_sent_as_it_sounds(stage, relay):
    source = stage.folder / "source.wav"
    subprocess.run(["sox", "-n", "-r", "44100", "-c", "2", source, "synth", "2", "sine", "600", "gain", "-9"], check=True, timeout=20)
    samples = sent_and_heard(stage, relay, source)
    assert abs(audio.seconds(samples) - 2) <= 0.04
    assert abs(audio.frequency(audio.middle(samples)) - 600) <= 1


def test_interrupting_a_talker_ends_the_call_properly(stage, relay):
    sender = stage.client(relay, "--send-tone", "20", "--room", "cut")
    time.sleep(1.5)
    assert sender.interrupt(5) == 0
    assert 40 <= sender.summary()["frames_sent"] <= 90
    relay.wait_for_metric("wzp_relay_active_sessions", 0, 5)


def test_a_metrics_file_has_a_line_a_second(stage, relay):
    path = stage.folder / "metrics.jsonl"
    client = stage.client(relay, "--send-tone", "3", "--room", "m", "--metrics-file", path)
    assert client.wait(10) == 0
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) >= 2
    assert {"ts", "frames_sent", "frames_received", "loss_pct", "rtt_ms", "jitter_ms"} <= set(lines[-1])


@pytest.mark.parametrize("flags", [["--send-file", "/nonexistent"], ["--profile", "nope"], ["--seed", "zz"], ["--send-tone", "-1"],
                                   ["--mnemonic", "one", "two"], ["--record", "/nonexistent/x.raw"]])
def test_what_cannot_work_is_refused_with_a_reason(stage, relay, flags):
    client = stage.client(relay, *flags)
    assert client.wait(5) not in (0, None)
    assert client.stderr().strip()


def test_a_name_that_does_not_resolve_is_an_error(stage):
    client = stage.client("no-such-host.invalid:4433", "--send-tone", "1")
    assert client.wait(15) == 1
    assert "no-such-host.invalid" in client.stderr()
