# SPDX-License-Identifier: Apache-2.0
"""A tone that one client sends is what another one records: every frame, its length, pitch and level."""
import time

import audio
import pytest
import wzp

FRAMES = {"good": 250, "degraded": 125, "studio-32k": 250, "studio-48k": 250, "studio-64k": 250,
          "codec2-3200": 250, "catastrophic": 125}
OPUS = ["good", "degraded", "studio-32k", "studio-48k", "studio-64k"]


@pytest.fixture(scope="module")
def calls(long_stage):
    """A call of five seconds at every profile, all at the same time in rooms of their own."""
    relay = long_stage.relay()
    recorders = {p: long_stage.recorder(relay, f"{p}.raw", "--room", p) for p in FRAMES}
    senders = {p: long_stage.client(relay, "--send-tone", "5", "--room", p, "--profile", p, name=f"sender-{p}") for p in FRAMES}
    for p, sender in senders.items():
        assert sender.wait(30) == 0, p
    time.sleep(0.7)
    for p, recorder in recorders.items():
        assert recorder.interrupt() == 0, p
    return {p: (senders[p].summary(), recorders[p].summary(), audio.read(long_stage.folder / f"{p}.raw")) for p in FRAMES}


@pytest.mark.parametrize("profile", FRAMES)
def test_every_frame_arrives(calls, profile):
    sent, heard, _ = calls[profile]
    assert sent["frames_sent"] == FRAMES[profile]
    assert heard["frames_received"] == FRAMES[profile]
    assert (heard["frames_lost"], heard["frames_concealed"], heard["frames_late"]) == (0, 0, 0)


@pytest.mark.parametrize("profile", FRAMES)
def test_the_recording_is_as_long_as_the_tone(calls, profile):
    assert abs(audio.seconds(calls[profile][2]) - 5.0) <= 0.020


@pytest.mark.parametrize("profile", OPUS)
def test_pitch_and_level_are_those_of_the_source(calls, profile):
    tone = audio.middle(calls[profile][2])
    assert abs(audio.frequency(tone) - 440) <= 1
    assert abs(audio.decibels(audio.rms(tone), audio.TONE_RMS)) <= 1
    assert audio.snr_db(tone, 440) > 15


@pytest.mark.parametrize("profile", OPUS)
def test_there_is_no_gap(calls, profile):
    assert audio.gaps(calls[profile][2], audio.TONE_RMS / 4) == 0


def test_repairs_are_sent_beside_the_speech(calls):
    sent, heard, _ = calls["good"]
    assert (sent["frames_sent"], sent["repairs_sent"]) == (250, 50)
    assert heard["repairs_received"] == 50


def test_two_talkers_are_both_in_a_third_ones_recording(stage, relay):
    audio.write_tone(stage.folder / "880.raw", 880, 5, amplitude=8000)
    recorder = stage.recorder(relay, "both.raw")
    first = stage.client(relay, "--send-tone", "5")
    second = stage.client(relay, "--send-file", stage.folder / "880.raw")
    assert first.wait(20) == 0 and second.wait(20) == 0
    time.sleep(0.7)
    assert recorder.interrupt() == 0
    assert recorder.summary()["streams"] == 2
    both = audio.middle(audio.read(stage.folder / "both.raw"))
    assert abs(audio.decibels(audio.level(both, 440), audio.TONE_RMS)) <= 1
    assert abs(audio.decibels(audio.level(both, 880), audio.TONE_RMS / 2)) <= 1


def test_members_hear_each_other_but_not_themselves(stage, relay):
    a = stage.client(relay, "--send-tone", "3", "--record", stage.folder / "a.raw", name="a")
    audio.write_tone(stage.folder / "880.raw", 880, 3)
    b = stage.client(relay, "--send-file", stage.folder / "880.raw", "--record", stage.folder / "b.raw", name="b")
    assert a.wait(20) == 0 and b.wait(20) == 0
    for file, heard, own in (("a.raw", 880, 440), ("b.raw", 440, 880)):
        tone = audio.middle(audio.sound(audio.read(stage.folder / file)))
        assert audio.seconds(tone) > 1.5
        assert audio.level(tone, heard) > 20 * audio.level(tone, own)
