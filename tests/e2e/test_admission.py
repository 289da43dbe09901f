# SPDX-License-Identifier: Apache-2.0
"""Who is let in: tokens, limits of rooms and relay, one connection an identity."""
import asyncio
import http.server
import json
import threading
import time

import pytest
import wzp
from wzp_peer import call_offer, dial, join


class Service(http.server.ThreadingHTTPServer):
    """The operator's token check: "good" is Alice, "slow" takes ten seconds, "lost" is an error, all else is refused."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/check"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((self.path, self.headers["content-type"], body))
        if body["token"] == "slow":
            time.sleep(8)
        good = body["token"] in ("good", "slow")
        reply = json.dumps({"valid": good, "fingerprint": "alice-of-example" if good else None, "alias": None}).encode()
        self.send_response(500 if body["token"] == "lost" else 200)
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def service():
    s = Service()
    yield s
    s.shutdown()


@pytest.fixture(scope="module")
def guarded(long_stage, service):
    return long_stage.relay(flags=["--auth-url", service.url])


def test_a_good_token_opens_the_door_and_names_its_owner(stage, guarded, service):
    async def look():
        async with dial(guarded.port, "general") as p:
            p.send({"AuthToken": {"token": "good"}})
            p.send(call_offer(wzp.SEEDS[0], "a"))
            await p.expect("CallAnswer")
            return (await p.expect("RoomUpdate"))["participants"][0]["fingerprint"]
    assert asyncio.run(look()) == "alice-of-example"
    assert service.asked[-1] == ("/check", "application/json", {"token": "good"})
    assert stage.client(guarded, "--token", "good", "--send-tone", "0.2").wait(10) == 0


@pytest.mark.parametrize("token", ["bad", "lost", "slow"])
def test_everything_else_keeps_it_shut(stage, guarded, token):
    start = time.monotonic()
    client = stage.client(guarded, "--token", token, "--send-tone", "0.2")
    assert client.wait(12) == 1
    assert time.monotonic() - start < 8 * wzp.PATIENCE
    assert token not in guarded.text(), "a token in the log"


def test_without_a_token_nobody_comes_in(stage, guarded):
    assert stage.client(guarded, "--send-tone", "0.2").wait(15) == 1


def test_checks_are_counted(guarded, stage):
    before = guarded.metrics()
    assert stage.client(guarded, "--token", "good", "--send-tone", "0.2").wait(10) == 0
    assert stage.client(guarded, "--token", "bad", "--send-tone", "0.2").wait(10) == 1
    after = guarded.metrics()
    for result in ("ok", "fail"):
        name = f'wzp_relay_auth_attempts_total{{result="{result}"}}'
        assert after[name] == before.get(name, 0) + 1


def close_code_of(port, room, seed):
    async def knock():
        async with dial(port, room) as p:
            p.send(call_offer(seed))
            assert await p.gone(5), "let in"
            return p.close_code
    return knock()


def test_a_full_room_refuses_the_next_member(stage):
    relay = stage.relay(config="max_participants_per_room = 2\n")
    async def fill():
        async with join(relay.port, "small", wzp.SEEDS[0]), join(relay.port, "small", wzp.SEEDS[1]):
            assert await close_code_of(relay.port, "small", wzp.SEEDS[2]) == 2
            async with join(relay.port, "other", wzp.SEEDS[2]):
                pass
        await asyncio.sleep(0.3)
        async with join(relay.port, "small", wzp.SEEDS[2]):
            pass
    asyncio.run(fill())


def test_a_full_relay_refuses_the_next_client(stage):
    relay = stage.relay(config="max_sessions = 2\n")
    async def fill():
        async with join(relay.port, "a", wzp.SEEDS[0]), join(relay.port, "b", wzp.SEEDS[1]):
            assert await close_code_of(relay.port, "c", wzp.SEEDS[2]) == 3
    asyncio.run(fill())
    assert stage.client(relay, "--send-tone", "0.2").wait(10) == 0


def test_a_second_connection_of_an_identity_replaces_the_first(stage, relay):
    first = stage.client(relay, "--seed", "07" * 32, "--send-tone", "20", name="first")
    relay.wait_for_metric("wzp_relay_active_sessions", 1)
    second = stage.client(relay, "--seed", "07" * 32, "--send-tone", "1", name="second")
    assert first.wait(5) == 1
    assert "code 9" in first.stderr()
    assert second.wait(10) == 0


def test_an_offer_that_proves_nothing_about_the_connection_replaces_nobody(stage, relay):
    """First-generation clients show no certificate, and whoever saw an offer could send it again."""
    async def twice():
        async with join(relay.port, "general", wzp.SEEDS[0]) as first, join(relay.port, "general", wzp.SEEDS[0]) as second:
            assert (await second.expect("RoomUpdate", where=lambda u: u["count"] == 2))
            assert not await first.gone(0.5)
    asyncio.run(twice())


def test_a_busy_relay_lets_in_nobody_more_and_those_there_lose_nothing(stage):
    relay = stage.relay(config="max_load = 1\n")
    load = stage.run(wzp.CLIENT, "--load", "1x20x20", "--seconds", "4", "--json", relay.address)
    relay.wait_for_metric("wzp_relay_active_sessions", 20)
    relay.wait_for_text("too busy for more clients")
    late = stage.client(relay, "--send-tone", "1")
    assert late.wait(10) != 0
    assert "busy" in late.text()
    assert relay.metrics()['wzp_relay_connections_refused_total{reason="busy"}'] == 1
    assert relay.metrics()["wzp_relay_load_ratio"] > 0.01
    assert load.wait(20) == 0
    seen = json.loads(load.stdout().splitlines()[-1])
    assert (seen["lost"], seen["duplicated"]) == (0, 0)
    relay.wait_for_metric("wzp_relay_active_sessions", 0)
    assert stage.client(relay, "--send-tone", "1").wait(10) == 0  # there is time again


def test_when_everybody_comes_back_at_once_all_are_let_in_and_a_running_call_loses_nothing(stage):
    relay = stage.relay()
    call = stage.run(wzp.CLIENT, "--load", "1x6x6", "--seconds", "6", "--room", "call", "--json", relay.address)
    relay.wait_for_metric("wzp_relay_active_sessions", 6)
    storm = stage.run(wzp.CLIENT, "--load", "40x10x0", "--seconds", "1", "--load-reconnect", "--room", "storm", "--json", relay.address)
    assert storm.wait(40) == 0
    assert call.wait(20) == 0
    seen, back = (json.loads(p.stdout().splitlines()[-1]) for p in (call, storm))
    assert (seen["lost"], seen["duplicated"]) == (0, 0)
    assert (back["joined"], back["rejoined"]) == (400, 400)
