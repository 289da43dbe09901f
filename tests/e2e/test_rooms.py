# SPDX-License-Identifier: Apache-2.0
"""Rooms by name: raw, hashed, in any case, and with names that no host could have."""
import asyncio

import pytest
import wzp
from aioquic.asyncio.client import connect
from aioquic.tls import CipherSuite
from wzp_peer import Peer, call_offer, client_config, join, media, room_hash_name

A, B = wzp.SEEDS[:2]

MEETINGS = [
    # what one types, what the other types
    ("general", room_hash_name("general")),
    ("general", "General"),
    ("my_room", "my_room"),
    ("my_room", room_hash_name("my_room")),
    ("Kitchen Table é", "kitchen table é"),
    ("-dash-", "-dash-"),
    ("1234", "1234"),
    ("a" * 64, "a" * 64),
    ("日本語", "日本語"),
    ("a..b", "a..b"),
]


@pytest.fixture(scope="module")
def relay(long_stage):
    return long_stage.relay()


@pytest.mark.parametrize("first,second", MEETINGS)
def test_both_names_lead_to_one_room(stage, relay, first, second):
    recorder = stage.recorder(relay, "heard.raw", f"--room={first}")
    sender = stage.client(relay, "--send-tone", "0.4", f"--room={second}")
    assert sender.wait(15) == 0
    assert recorder.interrupt() == 0
    assert recorder.summary()["frames_received"] == 20


def test_the_hash_alone_can_be_sent(stage, relay):
    recorder = stage.recorder(relay, "heard.raw", "--room", "secret-plans", "--hash-room")
    sender = stage.client(relay, "--send-tone", "0.4", "--room", "secret-plans")
    assert sender.wait(15) == 0
    assert recorder.interrupt() == 0
    assert recorder.summary()["frames_received"] == 20


def test_rooms_are_apart(stage, relay):
    recorder = stage.recorder(relay, "heard.raw", "--room", "here")
    sender = stage.client(relay, "--send-tone", "0.4", "--room", "there")
    assert sender.wait(15) == 0
    assert recorder.interrupt() == 0
    assert recorder.summary()["frames_received"] == 0


@pytest.mark.parametrize("name", ["_nothing", "_federation", "_"])
def test_a_room_may_be_called_like_what_is_reserved(stage, relay, name):
    """Such a name goes as its hash; sent raw it is refused (tests/interop, reserved_names)."""
    recorder = stage.recorder(relay, "heard.raw", "--room", name)
    sender = stage.client(relay, "--send-tone", "0.4", "--room", name)
    assert sender.wait(15) == 0
    assert recorder.interrupt() == 0
    assert recorder.summary()["frames_received"] == 20


@pytest.mark.parametrize("offered, chosen", [
    (["CHACHA20_POLY1305_SHA256", "AES_256_GCM_SHA384", "AES_128_GCM_SHA256"], "AES_128_GCM_SHA256"),
    (["CHACHA20_POLY1305_SHA256", "AES_256_GCM_SHA384"], "AES_256_GCM_SHA384"),
    (["CHACHA20_POLY1305_SHA256"], "CHACHA20_POLY1305_SHA256"),
])
def test_the_cheapest_cipher_that_a_client_knows_is_taken(relay, offered, chosen):
    async def talk():
        config = client_config("general")
        config.cipher_suites = [CipherSuite[name] for name in offered]
        async with (join(relay.port, "general", A, "other") as other,
                    connect("127.0.0.1", relay.port, configuration=config, create_protocol=Peer) as p):
            p.send(call_offer(B, "picky"))
            await p.expect("CallAnswer")
            p.send_media(media(1, 20, payload=b"hello"))
            for _ in range(100):
                await asyncio.sleep(0 if other.datagrams else 0.02)
            assert other.datagrams, "what it says does not arrive"
            return p._quic.tls.key_schedule.cipher_suite
    assert asyncio.run(talk()) == CipherSuite[chosen]


@pytest.mark.parametrize("suite", ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384"])
def test_a_client_on_another_stack_changes_its_keys(relay, suite):
    """Whoever encrypts our packets, the next keys are those that the other side derives."""
    async def talk():
        config = client_config("keys")
        config.cipher_suites = [CipherSuite[suite]]
        async with (join(relay.port, "keys", A, "other") as other,
                    connect("127.0.0.1", relay.port, configuration=config, create_protocol=Peer) as p):
            p.send(call_offer(B, "changes"))
            await p.expect("CallAnswer")
            for i in range(6):
                if i in (2, 4):
                    p._quic.request_key_update()
                p.send_media(media(i, i * 20, payload=b"said"))
                other.send_media(media(i, i * 20, payload=b"answered"))
                for _ in range(150):
                    await asyncio.sleep(0 if len(other.datagrams) > i and len(p.datagrams) > i else 0.02)
                assert (len(other.datagrams), len(p.datagrams)) == (i + 1, i + 1)
    asyncio.run(talk())
