# SPDX-License-Identifier: Apache-2.0
"""Only the loudest speakers of a room are heard, and those intact (docs/protocol.md, "Audio level")."""
import time

import audio
import fed
import pytest

LOUD, QUIET = {440: 12000, 880: 9000}, {1320: 1200, 2200: 900}  # Hz: amplitude
HELD_BACK = 'wzp_relay_packets_not_speaking_total{from="clients",to="clients"}'


def tone(stage, hz, seconds, amplitude):
    path = stage.folder / f"{hz}-{seconds}.raw"
    audio.write_tone(path, hz, seconds, amplitude)
    return path


def send(stage, relay, hz, seconds, amplitude, *flags):
    return stage.client(relay, "--send-file", tone(stage, hz, seconds, amplitude), *flags, name=f"sender-{hz}")


def wait_for_speech(relay, packets=15):
    """Until so many more packets came in."""
    name, end = "wzp_relay_packets_received_total", time.monotonic() + 10
    before = relay.metrics()[name]
    while relay.metrics()[name] < before + packets:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_two_loud_ones_are_heard_and_two_quiet_ones_are_not(stage):
    relay = stage.relay(config="max_speakers = 2\n")
    recorder = stage.recorder(relay, "heard.raw")
    loud = [send(stage, relay, hz, 5, amplitude) for hz, amplitude in LOUD.items()]
    wait_for_speech(relay, 40)
    quiet = [send(stage, relay, hz, 2, amplitude) for hz, amplitude in QUIET.items()]
    assert [sender.wait(20) for sender in loud + quiet] == [0] * 4
    time.sleep(1.3)
    assert recorder.interrupt() == 0
    summary = recorder.summary()
    assert summary["frames_received"] == 2 * 250
    assert summary["frames_lost"] == summary["frames_concealed"] == 0
    heard = audio.middle(audio.read(stage.folder / "heard.raw"))
    for hz, amplitude in LOUD.items():
        assert abs(audio.decibels(audio.level(heard, hz) * 2 ** 0.5, amplitude)) < 1.5
    for hz in QUIET:
        assert audio.level(heard, hz) < 12
    assert relay.metrics()[HELD_BACK] >= 2 * 100


def test_who_is_shouted_down_comes_back_without_loss(stage):
    """A sender is held back in the middle of its speech and let in again: no loss, no concealment."""
    relay = stage.relay(config="max_speakers = 1\n")
    recorder = stage.recorder(relay, "heard.raw")
    quiet = send(stage, relay, 440, 6, 2000)
    wait_for_speech(relay, 60)
    loud = send(stage, relay, 1760, 2, 16000)
    assert [loud.wait(20), quiet.wait(20)] == [0, 0]
    time.sleep(1.3)
    assert recorder.interrupt() == 0
    summary = recorder.summary()
    held_back = relay.metrics()[HELD_BACK]
    assert held_back >= 100
    assert summary["frames_lost"] == summary["frames_concealed"] == 0
    heard = audio.read(stage.folder / "heard.raw")
    assert abs(audio.seconds(heard) - 6) < 0.1
    blocks = [heard[i:i + 4800] for i in range(4800, len(heard) - 4800, 4800)]
    levels = [(audio.level(block, 440), audio.level(block, 1760)) for block in blocks]
    alone = [low for low, high in levels if high < 100]
    assert len(alone) >= 30 and max(alone) < 2000
    shouted = [low for low, high in levels if high > 8000]
    assert len(shouted) >= 14 and max(shouted[1:-1]) < 30


@pytest.mark.parametrize("config,heard", [("", True), ("max_speakers = 5\n", True), ("max_speakers = 1\n", False)])
def test_below_the_limit_everybody_is_heard(stage, config, heard):
    relay = stage.relay(config=config)
    recorder = stage.recorder(relay, "heard.raw")
    loud = send(stage, relay, 440, 3, 12000)
    wait_for_speech(relay, 20)
    quiet = send(stage, relay, 1320, 1, 1200)
    assert [loud.wait(20), quiet.wait(20)] == [0, 0]
    time.sleep(1.3)
    assert recorder.interrupt() == 0
    assert recorder.summary()["frames_received"] == (200 if heard else 150)


def test_silence_is_not_forwarded_and_the_flag_sets_it_too(stage):
    relay = stage.relay(flags=["--max-speakers", "1"])
    recorder = stage.recorder(relay, "heard.raw")
    silent = stage.client(relay, name="silent")  # five seconds of it
    assert silent.wait(15) == 0
    assert recorder.interrupt() == 0
    assert recorder.summary()["frames_received"] == 0
    assert relay.metrics()[HELD_BACK] >= 250


def test_the_loudest_of_all_relays_are_heard(stage):
    """Two relays, a limit of one: each lets its own member out, and the listener's relay compares them."""
    f = fed.Federation(stage, 2, [(0, 1)], extra="max_speakers = 1\n").wait_up()
    recorder = stage.recorder(f.relays[1], "heard.raw", "--room", "general")
    loud = send(stage, f.relays[0], 440, 5, 12000, "--room", "general")
    wait_for_speech(f.relays[0], 60)
    quiet = send(stage, f.relays[1], 1320, 2, 1200, "--room", "general")
    assert [loud.wait(20), quiet.wait(20)] == [0, 0]
    time.sleep(1.3)
    assert recorder.interrupt() == 0
    fed.assert_whole_tone(recorder.summary(), stage.folder / "heard.raw", 5, 440, 12000)
    assert audio.level(audio.middle(audio.read(stage.folder / "heard.raw")), 1320) < 12
    series = f.relays[1].metrics()
    assert series[HELD_BACK] >= 100
    assert series[HELD_BACK.replace('to="clients"', 'to="links"')] == 0
