# SPDX-License-Identifier: Apache-2.0
"""A client whose address changes in a call keeps it."""
import time

import audio
from proxy import Proxy


def moved_call(stage, relay, sender_at, recorder_at, proxy):
    recorder = stage.recorder(relay, "moved.raw") if recorder_at is relay else record_through(stage, relay, recorder_at)
    sender = stage.client(sender_at, "--send-tone", "5", name="sender")
    time.sleep(2.5)
    proxy.rebind()
    assert sender.wait(20) == 0
    time.sleep(0.7)
    assert recorder.interrupt() == 0
    return recorder.summary()


def record_through(stage, relay, address):
    recorder = stage.client(address, "--record", stage.folder / "moved.raw", name="recorder")
    relay.wait_for_metric("wzp_relay_active_sessions", 1)
    return recorder


def check(stage, relay, heard):
    assert heard["frames_received"] >= 250 - 5, "more than 100 ms of speech lost"
    assert audio.gaps(audio.read(stage.folder / "moved.raw"), audio.TONE_RMS / 8) <= 10
    assert relay.metrics()["wzp_relay_migrations_total"] >= 1


def test_a_talker_that_moves_loses_at_most_100_ms(stage, relay):
    with Proxy(relay.port) as proxy:
        check(stage, relay, moved_call(stage, relay, proxy.address, relay, proxy))


def test_a_listener_that_moves_loses_at_most_100_ms(stage, relay):
    with Proxy(relay.port) as proxy:
        check(stage, relay, moved_call(stage, relay, relay, proxy.address, proxy))
