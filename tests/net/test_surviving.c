/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection survives, and what it does not: silence, moves, key updates, restarts. */
#include <unistd.h>

#include "net/conn.h"
#include "net_line.h"

static int start(void **state)
{
    static struct net_pair pair;
    struct wzp_endpoint_config server = net_config(true), client = net_config(false);
    net_pair_start(&pair, &server, &client, "general");
    *state = &pair;
    return 0;
}

static int stop(void **state)
{
    net_pair_stop(*state);
    return 0;
}

static void keep_alives_hold_a_silent_connection(void **state)
{
    (void)state;
    struct net_line line;
    net_line_start(&line, 150 * WZP_MS);
    net_run_for(line.loop, 500 * WZP_MS);
    assert_int_equal(line.client.n_closed + line.server.n_closed, 0);
    net_line_stop(&line);
}

static void a_dead_line_ends_at_the_idle_time_out(void **state)
{
    (void)state;
    struct net_line line;
    net_line_start(&line, 200 * WZP_MS);
    line.proxy.loses_to_client = line.proxy.loses_to_server = true;
    wzp_us from = wzp_loop_now(line.loop);
    net_wait_for(line.loop, &line.client.n_closed, 1, NET_PATIENCE);
    net_wait_for(line.loop, &line.server.n_closed, 1, NET_PATIENCE);
    assert_true(wzp_loop_now(line.loop) - from >= 190 * WZP_MS);
    assert_int_equal(line.client.closed.origin, WZP_CLOSED_BY_TIMEOUT);
    assert_int_equal(line.client.closed.err, WZP_ETIMEOUT);
    assert_int_equal(line.server.closed.origin, WZP_CLOSED_BY_TIMEOUT);
    net_line_stop(&line);
}

static void liveness_finds_a_dead_line_sooner(void **state)
{
    (void)state;
    struct net_line line;
    net_line_start(&line, 30 * WZP_SECOND);
    wzp_conn_set_liveness(line.at_client, 50 * WZP_MS, 200 * WZP_MS);
    net_run_for(line.loop, 400 * WZP_MS);
    assert_int_equal(line.client.n_closed, 0); /* answers to its own pings hold it */
    line.proxy.loses_to_client = true;
    wzp_us from = wzp_loop_now(line.loop);
    net_wait_for(line.loop, &line.client.n_closed, 1, NET_PATIENCE);
    assert_in_range(wzp_loop_now(line.loop) - from, 100 * WZP_MS, 1000 * WZP_MS);
    assert_int_equal(line.client.closed.origin, WZP_CLOSED_BY_TIMEOUT);
    net_wait_for(line.loop, &line.server.n_closed, 1, NET_PATIENCE); /* that direction worked */
    assert_int_equal(line.server.closed.code, WZP_CLOSE_TIMEOUT);
    net_line_stop(&line);
}

/* The server dies without a word and another takes its port, with the same identity. */
static void a_restarted_server_resets_what_it_does_not_know(void **state)
{
    (void)state;
    struct net_line line;
    net_line_start(&line, 30 * WZP_SECOND);
    line.proxy.loses_to_client = true; /* so that the closing words of the first are not heard */
    struct wzp_endpoint_config config = net_config(true);
    config.bind = wzp_endpoint_addr(line.server.endpoint);
    net_side_stop(&line.server);
    net_run_for(line.loop, 5 * WZP_MS);
    net_side_start(&line.server, line.loop, &config);
    line.proxy.loses_to_client = false;
    wzp_us from = wzp_loop_now(line.loop);
    uint8_t voice[60] = {0};
    assert_ok(wzp_conn_send_bytes(line.at_client, voice, sizeof voice, from));
    net_wait_for(line.loop, &line.client.n_closed, 1, NET_PATIENCE);
    assert_true(wzp_loop_now(line.loop) - from < WZP_SECOND);
    assert_int_equal(line.client.closed.origin, WZP_CLOSED_BY_TRANSPORT);
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(line.server.endpoint, &stats);
    assert_true(stats.resets_sent >= 1);
    net_line_stop(&line);
}

static void a_client_keeps_its_call_when_its_address_changes(void **state)
{
    (void)state;
    struct net_line line;
    net_line_start(&line, 30 * WZP_SECOND);
    line.server.echoes = true;
    struct wzp_addr before = *wzp_conn_peer_addr(net_conn(&line.server));
    size_t n_sent = 0;
    for (int i = 0; i < 30; i++) {
        if (i == 10) {
            net_proxy_rebind(&line.proxy);
        }
        assert_ok(wzp_conn_send_bytes(line.at_client, "voice", 5, wzp_loop_now(line.loop)));
        n_sent++;
        net_run_for(line.loop, 20 * WZP_MS);
    }
    assert_int_equal(line.server.n_migrated, 1);
    assert_int_equal(line.server.n_closed, 0);
    assert_false(wzp_addr_is_equal(&before, wzp_conn_peer_addr(net_conn(&line.server))));
    assert_int_equal(line.server.n_datagrams, n_sent);
    assert_true(line.client.n_datagrams + 5 >= n_sent); /* at most 100 ms of speech */
    net_line_stop(&line);
}

/* Both sides share this process, so the stall hits both; what was sent before it lies in the sockets. */
static void a_stall_is_not_taken_for_silence(void **state)
{
    (void)state;
    struct net_line line;
    net_line_start(&line, 30 * WZP_SECOND);
    wzp_conn_set_liveness(line.at_client, 20 * WZP_MS, 100 * WZP_MS);
    net_run_for(line.loop, 60 * WZP_MS);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(usleep(150000), 0);
        net_run_for(line.loop, 60 * WZP_MS);
    }
    assert_int_equal(line.client.n_closed, 0);
    net_line_stop(&line);
}

static void losses_are_counted_where_a_client_sends(void **state)
{
    (void)state;
    struct net_line line;
    net_line_start(&line, 30 * WZP_SECOND);
    net_run_for(line.loop, 100 * WZP_MS);
    for (int i = 0; i < 20; i++) {
        line.proxy.loses_to_server = i % 4 == 1 && i < 16;
        assert_ok(wzp_conn_send_bytes(line.at_client, "voice", 5, wzp_loop_now(line.loop)));
        net_run_for(line.loop, 20 * WZP_MS);
    }
    net_run_for(line.loop, 200 * WZP_MS);
    assert_int_equal(line.server.n_datagrams, 16);
    struct wzp_conn_stats stats;
    wzp_conn_stats(line.at_client, &stats);
    assert_int_equal(stats.packets_lost, 4);
    assert_true(stats.congestion_window_bytes >= 2 * 65527U); /* voice is not held back for it */
    net_line_stop(&line);
}

/* Both kinds there and back. A datagram that meets keys its receiver has not made ready yet is lost: then
 * another goes. */
static void talk_on(struct net_pair *p)
{
    size_t n_heard = p->client.n_datagrams;
    size_t n_read = p->client.n_messages;
    assert_ok(wzp_conn_send_message(p->at_client, "text", 4, 0));
    for (int tries = 0; tries < 50 && p->client.n_datagrams == n_heard; tries++) {
        wzp_ignore(wzp_conn_send_bytes(p->at_client, "voice", 5, wzp_loop_now(p->loop)));
        net_run_for(p->loop, 40 * WZP_MS);
    }
    assert_true(p->client.n_datagrams > n_heard);
    net_wait_for(p->loop, &p->client.n_messages, n_read + 1, NET_PATIENCE);
}

static void a_call_outlives_key_updates(void **state)
{
    struct net_pair *p = *state;
    p->server.echoes = true;
    for (size_t round = 1; round <= 4; round++) {
        ngtcp2_conn *ng = round % 2 == 0 ? p->at_server->ng : p->at_client->ng;
        int status = -1;
        /* Three PTO from one update to the next, and keys are made ready by traffic: RFC 9001, 6.5. */
        for (int tries = 0; tries < 40 && status != 0; tries++) {
            net_run_for(p->loop, 50 * WZP_MS);
            talk_on(p);
            status = ngtcp2_conn_initiate_key_update(ng, wzp_conn_ts(wzp_loop_now(p->loop)));
        }
        assert_int_equal(status, 0);
        talk_on(p);
    }
    assert_null(p->at_server->tls.gnutls); /* all of it without the server's TLS session */
    assert_int_equal(p->client.n_closed + p->server.n_closed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keep_alives_hold_a_silent_connection),
        cmocka_unit_test(a_dead_line_ends_at_the_idle_time_out),
        cmocka_unit_test(liveness_finds_a_dead_line_sooner),
        cmocka_unit_test(a_restarted_server_resets_what_it_does_not_know),
        cmocka_unit_test(a_client_keeps_its_call_when_its_address_changes),
        cmocka_unit_test(a_stall_is_not_taken_for_silence),
        cmocka_unit_test(losses_are_counted_where_a_client_sends),
        cmocka_unit_test_setup_teardown(a_call_outlives_key_updates, start, stop),
    };
    return cmocka_run_group_tests_name("net_surviving", tests, NULL, NULL);
}
