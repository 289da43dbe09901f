# SPDX-License-Identifier: Apache-2.0
"""What a relay sends to whom: loss holds nothing back, a slow line gets the loudest speakers (docs/operating.md, "Slow lines").

WZP_SLOW=1 runs the whole room of 50, all talking, too; it takes a machine with two cores of its own.
"""
import json
import os
import time

import audio
import fed
import pytest

HELD_BACK = "wzp_relay_datagrams_held_back_total"
SHED = 'wzp_relay_shed_datagrams_total{reason="%s"}'
LIMITED = "wzp_relay_limited_receivers"
AMPLITUDES = {440: 14000, 660: 5000, 1100: 2500, 1540: 1500, 1980: 1200, 2420: 1000}  # Hz: six talkers, the first loudest


def load(stage, port, shape, seconds):
    client = stage.client(f"127.0.0.1:{port}", "--load", shape, "--seconds", str(seconds), name="load")
    assert client.wait(60) in (0, 1)  # 1: something was lost
    return client.summary()


ROOMS = [("1x10x10", 2)] + ([("1x50x50", 8)] if os.environ.get("WZP_SLOW") else [("1x50x3", 2)])


@pytest.mark.parametrize("loss", [1, 5, 10])
@pytest.mark.parametrize("shape,seconds", ROOMS)
def test_loss_holds_nothing_back_and_sheds_nobody(stage, relay, shape, seconds, loss):
    """100 ms round trip, and each packet is lost with that chance, both ways."""
    proxy, port, _ = fed.impair(stage, relay.port, "--delay", "50ms", "--loss", f"{loss}%", "--json")
    seen = load(stage, port, shape, seconds)
    series = relay.metrics()
    assert series[HELD_BACK] == 0
    assert series[SHED % "speaker"] == series[SHED % "redundancy"] == series[LIMITED] == 0
    arrived = seen["received"] / seen["expected"]
    assert abs(arrived - (1 - loss / 100) ** 2) < 0.06, seen
    assert seen["failed"] == 0
    assert proxy.interrupt() == 0


def slow_line(stage, relay, settled_at):
    """100 kbit/s towards the receiver; the figures of its queue count from `settled_at` on."""
    scenario = stage.folder / "slow.toml"
    scenario.write_text(f'[down]\nrate = "100kbit"\nqueue = 200\ndelay = "10ms"\n[[step]]\nat = "{settled_at}s"\n')
    return fed.impair(stage, relay.port, "--scenario", scenario, "--json")


def talk(stage, relay, hz, seconds):
    path = stage.folder / f"{hz}.raw"
    audio.write_tone(path, hz, seconds, AMPLITUDES[hz])
    return stage.client(relay, "--send-file", path, name=f"talker-{hz}")


def one_call(stage):
    """A call with a slow listener; the longest time in its queue, in us, while all six talk."""
    relay = stage.relay()
    proxy, port, began = slow_line(stage, relay, 6)
    slow = stage.client(f"127.0.0.1:{port}", "--record", stage.folder / "slow.raw", name="slow")
    relay.wait_for_metric("wzp_relay_active_sessions", 1)
    fast = stage.recorder(relay, "fast.raw")
    seconds = 11
    talkers = [talk(stage, relay, hz, seconds) for hz in AMPLITUDES]
    relay.wait_for_metric("wzp_relay_active_sessions", 8)
    time.sleep(max(0.0, began + 6 - time.monotonic()))
    settled = relay.metrics()
    assert settled[LIMITED] == 1
    time.sleep(4)
    later = relay.metrics()
    assert [slow.interrupt(), proxy.interrupt()] == [0, 0]
    assert [talker.wait(20) for talker in talkers] == [0] * 6
    time.sleep(1.3)
    assert fast.interrupt() == 0
    line, summary, others = json.loads(proxy.stdout())["down"], slow.summary(), fast.summary()
    assert line["dropped_queue"] == 0, line
    assert later[SHED % "speaker"] - settled[SHED % "speaker"] > 0.9 * 5 * 50 * 4  # of the quieter five
    assert later[HELD_BACK] == 0

    assert summary["frames_received"] > 8 * 50, summary
    assert summary["frames_lost"] <= 4, summary
    heard = audio.read(stage.folder / "slow.raw")[-4 * audio.RATE:-audio.RATE]
    assert abs(audio.decibels(audio.level(heard, 440) * 2 ** 0.5, AMPLITUDES[440])) < 1.5
    for hz in list(AMPLITUDES)[1:]:
        assert audio.level(heard, hz) < 25

    assert others["frames_received"] == 6 * seconds * 50
    assert others["frames_lost"] == others["frames_concealed"] == 0
    return line["max_queue_us"]


def test_a_slow_line_gets_the_loudest_speaker_whole_and_the_others_not_at_all(stage):
    """Who is in the room is said at its beginning and end, on the same line: the queue is looked at between them.

    A busy machine that stops a program for some frames makes a queue of them all by itself: then once more.
    """
    queues = []
    while not queues or (queues[-1] >= 100_000 and len(queues) < 3):
        queues.append(one_call(stage))
    assert queues[-1] < 100_000, queues
