# SPDX-License-Identifier: Apache-2.0
"""One room over many relays, as processes: everybody hears everybody once, over every topology, and what fails heals."""
import asyncio
import contextlib
import datetime
import json
import os
import re
import signal
import time

import audio
import fed
import pytest
import wzp
from fed import Federation, Load, chain, mesh, ring
from wzp_peer import media, room_tag

SECONDS = 5


def call(stage, talker_relay, listener_relay, room="general", hz=440, listener_flags=()):
    """A talker and a recorder on two relays; returns a function that waits for the end and checks the recording."""
    file = f"{stage.unique('heard')}.raw"
    recorder = stage.recorder(listener_relay, file, "--room", room, *listener_flags)
    source = stage.folder / f"{file}.source"
    audio.write_tone(source, hz, SECONDS)

    def talk():
        return stage.client(talker_relay, "--send-file", source, "--room", room, name="talker")

    def check(talker):
        assert talker.wait(SECONDS + 15) == 0
        assert talker.summary()["frames_sent"] == SECONDS * 50
        time.sleep(1.2)
        assert recorder.interrupt() == 0
        fed.assert_whole_tone(recorder.summary(), stage.folder / file, SECONDS, hz)
    return talk, check


def run_calls(*calls):
    talkers = [talk() for talk, _ in calls]
    for talker, (_, check) in zip(talkers, calls):
        check(talker)


# --- every frame once ---------------------------------------------------------------------------------------------------

def test_two_relays_carry_a_tone_each_way_for_raw_and_hashed_names(stage):
    f = Federation(stage, 2, [(0, 1)], rooms=("there", "back")).wait_up()
    there = call(stage, f.relays[0], f.relays[1], "there", 440, ["--hash-room"])
    back = call(stage, f.relays[1], f.relays[0], "back", 880, ["--hash-room"])
    f.wait_for_origins(1)
    run_calls(there, back)


@pytest.mark.parametrize("n", [3, 5])
def test_a_chain_carries_every_frame_from_end_to_end(stage, n):
    f = Federation(stage, n, chain(n)).wait_up()
    one = call(stage, f.relays[0], f.relays[-1])
    f.relays[0].wait_for_metric("wzp_federation_origins", 1)
    run_calls(one)


def test_two_relays_that_one_merely_trusts_meet_there(stage):
    f = Federation(stage, 3, [(0, 1), (2, 1)], one_way=[(0, 1), (2, 1)]).wait_up()
    there = call(stage, f.relays[0], f.relays[2])
    f.relays[0].wait_for_metric("wzp_federation_origins", 1)
    run_calls(there)


SHAPES = {"chain of 3": (3, chain(3)), "ring of 3": (3, ring(3)), "ring of 4": (4, ring(4)), "mesh of 5": (5, mesh(5))}


@pytest.mark.parametrize("shape", SHAPES)
def test_talkers_on_every_relay_are_heard_once_and_links_carry_nothing_in_vain(stage, shape):
    n, edges = SHAPES[shape]
    f = Federation(stage, n, edges, rooms=("bench-0",)).wait_up()
    load = Load(f.relays, 1, 2 * n, 2 * n, 50, 4)
    time.sleep(1.5)  # routes settle: the first datagrams find out which links are the way
    dropped, carried = f.dropped(), f.forwarded("in")
    fed.assert_each_once(load.report())
    assert fed.grown(dropped, f.dropped()) == {}
    used = fed.grown(carried, f.forwarded("in"))
    each_once = n * (n - 1) * 2 * 50  # a second of two talkers of each relay, to each other relay
    assert each_once < sum(used.values()) <= each_once * 4, used
