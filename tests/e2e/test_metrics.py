# SPDX-License-Identifier: Apache-2.0
"""The metrics page: good for Prometheus, and fed."""
import shutil
import subprocess
import time
import urllib.request

import pytest
import wzp


@pytest.fixture(scope="module")
def pages(long_stage):
    """Before, in the middle of, and after a call of five seconds."""
    relay = long_stage.relay()
    before = relay.metrics()
    recorder = long_stage.recorder(relay, "heard.raw")
    sender = long_stage.client(relay, "--send-tone", "5", name="sender")
    relay.wait_for_metric("wzp_relay_active_sessions", 2)
    time.sleep(3)
    during, text = relay.metrics(), relay.get("/metrics")[1]
    assert sender.wait(15) == 0
    assert recorder.interrupt() == 0
    relay.wait_for_metric("wzp_relay_connections", 0)
    return relay, before, during, relay.metrics(), text


def test_promtool_has_nothing_to_complain_about(pages):
    assert shutil.which("promtool"), "package prometheus is missing: ./dev setup"
    done = subprocess.run(["promtool", "check", "metrics"], input=pages[4], capture_output=True, text=True)
    # Dashboards know wzp_relay_session_rtt_ms and its like; promtool's advice on the unit comes too late for them.
    said = [line for line in (done.stdout + done.stderr).splitlines() if not line.endswith("abbreviated units")]
    assert done.returncode in (0, 3) and not said, said


def test_the_content_type_is_that_of_prometheus(pages):
    with urllib.request.urlopen(f"http://127.0.0.1:{pages[0].metrics_port}/metrics") as answer:
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_sessions_and_rooms_come_and_go(pages):
    _, before, during, after, _ = pages
    for series, sessions, rooms in ((before, 0, 0), (during, 2, 1), (after, 0, 0)):
        assert series["wzp_relay_active_sessions"] == sessions
        assert series["wzp_relay_active_rooms"] == rooms


def test_packets_are_counted(pages):
    _, before, _, after, _ = pages
    assert before["wzp_relay_packets_received_total"] == 0
    assert after["wzp_relay_packets_received_total"] == 300
    assert after["wzp_relay_packets_forwarded_total"] == 300
    assert after["wzp_relay_bytes_forwarded_total"] > 300 * 20
    assert after['wzp_relay_udp_packets_total{direction="in"}'] > 300
    assert after['wzp_relay_udp_packets_total{direction="out"}'] > 200


def test_the_relays_own_delay_is_told(pages):
    _, before, _, after, _ = pages
    assert before["wzp_relay_delay_seconds_count"] == 0
    assert after["wzp_relay_delay_seconds_count"] == 300
    assert 0 < after["wzp_relay_delay_seconds_sum"] / 300 < 0.05
    assert after['wzp_relay_delay_seconds_bucket{le="0.2"}'] == 300
    for direction in ("receive", "send"):
        assert after[f"wzp_relay_{direction}_batch_packets_count"] > 0
        assert after[f"wzp_relay_{direction}_batch_packets_sum"] > 200


def test_handshakes_are_timed(pages):
    after = pages[3]
    assert after["wzp_relay_handshake_duration_seconds_count"] == 2
    assert 0 < after["wzp_relay_handshake_duration_seconds_sum"] < 5
    assert after['wzp_relay_handshake_duration_seconds_bucket{le="+Inf"}'] == 2


def test_series_of_a_session_end_with_it(pages):
    _, _, during, after, _ = pages
    assert any("session_id" in name for name in during)
    assert not any("session_id" in name for name in after)


@pytest.mark.parametrize("path,status", [("/livez", 200), ("/readyz", 200), ("/nothing", 404), ("/", 404)])
def test_health_pages(pages, path, status):
    assert pages[0].get(path)[0] == status
