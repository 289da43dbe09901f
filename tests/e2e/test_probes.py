# SPDX-License-Identifier: Apache-2.0
"""Relays that probe each other, and the pages that say who is where."""
import asyncio
import json
import time

import wzp  # noqa: F401 (puts tests/interop on the path)
import wzp_peer


def page(relay, path):
    status, text = relay.get(path)
    assert status == 200, (path, status)
    return json.loads(text)


def wait_until(what, timeout=15):
    end = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.1)


def test_two_relays_measure_each_other_and_tell_who_is_there(stage):
    far = stage.relay("far", seed=b"\x01" * 32)
    client = stage.client(far, "--seed", "2a" * 32, "--seconds", "8", name="somebody")
    far.wait_for_metric("wzp_relay_active_sessions", 1)
    near = stage.relay("near", flags=("--probe", f"127.0.0.1:{far.port}", "--probe", "127.0.0.1:9"), seed=b"\x02" * 32)
    target = f'{{target="127.0.0.1:{far.port}"}}'
    near.wait_for_metric(f"wzp_probe_up{target}", 1)
    somebody = "9983:c2ce:87f9:61b7:7931:d7c1:fd7f:864c"

    wait_until(lambda: page(near, "/peers"))
    peer = page(near, "/peers")[0]
    assert peer["addr"] == f"127.0.0.1:{far.port}" and peer["fingerprints"] == [somebody]
    assert page(near, f"/presence/{somebody}")["location"] == {"Remote": f"127.0.0.1:{far.port}"}
    assert page(near, f"/route/{somebody}") == {
        "fingerprint": somebody, "relay_chain": [f"127.0.0.1:{near.port}", f"127.0.0.1:{far.port}"], "route": "direct_peer"}
    assert {"fingerprint": somebody, "location": "Local"} in page(far, "/presence")
    assert page(far, f"/route/{somebody}")["route"] == "local"
    assert page(near, "/route/nobody")["route"] == "not_found"
    assert page(near, "/presence/nobody")["location"] is None

    wait_until(lambda: near.metrics()[f"wzp_probe_rtt_ms{target}"] >= 0)
    mesh = near.get("/mesh")[1]
    assert f"127.0.0.1:{far.port}" in mesh and "UP" in mesh and "DOWN" in mesh
    assert near.metrics()[f"wzp_probe_loss_pct{target}"] == 0
    assert client.wait(20) == 0

    far.end()
    near.wait_for_metric(f"wzp_probe_up{target}", 0, timeout=40)


def test_a_first_generation_prober_is_answered(stage):
    relay = stage.relay()

    async def probe():
        async with wzp_peer.dial(relay.port, "_probe") as p:
            p.send({"Ping": {"timestamp_ms": 1234567}})
            assert (await p.expect("Pong"))["timestamp_ms"] == 1234567
            # The first generation names the address of the relay it talks to, not its own.
            p.send({"PresenceUpdate": {"fingerprints": ["00aa"], "relay_addr": f"127.0.0.1:{relay.port}"}})
            assert (await p.expect("PresenceUpdate"))["fingerprints"] == []
            for strange in (b"{", b'{"Future":{}}', b'"Hold"'):
                p.send_frame(strange)
            p.send({"RouteQuery": {"fingerprint": "00aa", "ttl": 3}})
            route = await p.expect("RouteResponse")
            assert route["found"] and len(route["relay_chain"]) == 2
            assert route["relay_chain"][0] == f"127.0.0.1:{relay.port}" != route["relay_chain"][1]
            assert not {wzp_peer.variant(m) for m in p.log} - wzp_peer.G1_SIGNALS
            return page(relay, "/peers")

    assert [p["fingerprints"] for p in asyncio.run(probe())] == [["00aa"]]
