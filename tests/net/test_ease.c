/* SPDX-License-Identifier: Apache-2.0 */
/* Connections at ease: who acknowledges voice when, and an endpoint that gathers. */
#include "net/conn.h"
#include "net_side.h"

static int start_with(void **state, wzp_us gather_at_most)
{
    static struct net_pair pair;
    struct wzp_endpoint_config server = net_config(true), client = net_config(false);
    server.gather_at_most = gather_at_most;
    net_pair_start(&pair, &server, &client, "general");
    net_run_for(pair.loop, 150 * WZP_MS); /* the handshake's last packets */
    *state = &pair;
    return 0;
}

static int start(void **state)
{
    return start_with(state, 0);
}

static int start_gathering(void **state)
{
    return start_with(state, 20 * WZP_MS);
}

static int stop(void **state)
{
    net_pair_stop(*state);
    return 0;
}

static uint64_t sent_by(const struct wzp_conn *conn)
{
    struct wzp_conn_stats stats;
    wzp_conn_stats(conn, &stats);
    return stats.packets_sent;
}

static uint64_t in_flight_of(const struct wzp_conn *conn)
{
    struct wzp_conn_stats stats;
    wzp_conn_stats(conn, &stats);
    return stats.bytes_in_flight;
}

/* A datagram in a packet of its own. */
static void say(struct net_side *side, struct wzp_conn *conn)
{
    static const uint8_t bytes[100];
    assert_ok(wzp_conn_send_bytes(conn, bytes, sizeof bytes, wzp_loop_now(side->loop)));
    wzp_endpoint_flush(side->endpoint);
}

static void voice_carries_the_acknowledgements_of_voice(void **state)
{
    struct net_pair *p = *state;
    p->server.echoes = true;
    uint64_t client_before = sent_by(p->at_client), server_before = sent_by(p->at_server);
    for (size_t i = 1; i <= 30; i++) {
        say(&p->client, p->at_client);
        net_wait_for(p->loop, &p->client.n_datagrams, i, NET_PATIENCE);
    }
    assert_in_range(sent_by(p->at_client) - client_before, 30, 45);
    assert_in_range(sent_by(p->at_server) - server_before, 30, 45);
}

static void who_only_listens_acknowledges_after_a_while(void **state)
{
    struct net_pair *p = *state;
    uint64_t before = sent_by(p->at_server);
    say(&p->client, p->at_client);
    net_wait_for(p->loop, &p->server.n_datagrams, 1, NET_PATIENCE);
    assert_int_equal(sent_by(p->at_server), before);
    assert_true(in_flight_of(p->at_client) > 0);
    wzp_us patience = wzp_loop_now(p->loop) + NET_PATIENCE;
    while (in_flight_of(p->at_client) > 0 && wzp_loop_now(p->loop) < patience) {
        wzp_loop_step(p->loop, true);
    }
    assert_int_equal(in_flight_of(p->at_client), 0);
    assert_int_equal(sent_by(p->at_server), before + 1);
}

/* A listener of one voice, whose line may carry little. Where the machine stands still, packets come later
 * and there is more to acknowledge apart. */
static void one_voice_is_acknowledged_every_few_packets(void **state)
{
    struct net_pair *p = *state;
    uint64_t before = sent_by(p->at_server);
    wzp_us from = wzp_loop_now(p->loop);
    for (size_t i = 0; i < 25; i++) {
        say(&p->client, p->at_client);
        net_run_for(p->loop, 20 * WZP_MS);
    }
    uint64_t n_usual = (uint64_t)((wzp_loop_now(p->loop) - from) / (60 * WZP_MS));
    assert_in_range(sent_by(p->at_server) - before, 2, n_usual);
}

static void many_packets_are_acknowledged_at_once(void **state)
{
    struct net_pair *p = *state;
    uint64_t before = sent_by(p->at_server);
    for (size_t i = 0; i < 2 * WZP_CONN_ACK_THRESHOLD; i++) {
        say(&p->client, p->at_client);
    }
    net_wait_for(p->loop, &p->server.n_datagrams, 2 * WZP_CONN_ACK_THRESHOLD, NET_PATIENCE);
    assert_true(sent_by(p->at_server) > before);
}

static void messages_are_answered_without_delay(void **state)
{
    struct net_pair *p = *state;
    wzp_us from = wzp_loop_now(p->loop);
    p->server.echoes = true;
    for (size_t i = 1; i <= 20; i++) {
        assert_ok(wzp_conn_send_message(p->at_client, "hello", 5, 0));
        net_wait_for(p->loop, &p->client.n_messages, i, NET_PATIENCE);
    }
    assert_true(wzp_loop_now(p->loop) - from < 20 * 30 * WZP_MS);
}

/* What comes while it rests stays in the socket; none of it is lost. */
static void who_gathers_hears_everything(void **state)
{
    struct net_pair *p = *state;
    p->server.echoes = true;
    for (size_t i = 1; i <= 100; i++) {
        for (size_t j = 0; j < 100; j++) {
            static const uint8_t bytes[100];
            assert_ok(wzp_conn_send_bytes(p->at_client, bytes, sizeof bytes, wzp_loop_now(p->loop)));
        }
        net_wait_for(p->loop, &p->client.n_datagrams, i * 100, NET_PATIENCE);
    }
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(p->server.endpoint, &stats);
    assert_int_equal(stats.datagrams_sent, 100 * 100);
    assert_int_equal(stats.datagrams_held_back, 0);
}

static void a_message_gets_through_to_one_that_gathers(void **state)
{
    struct net_pair *p = *state;
    who_gathers_hears_everything(state);
    assert_ok(wzp_conn_send_message(p->at_client, "hello", 5, 0));
    net_wait_for(p->loop, &p->client.n_messages, 1, NET_PATIENCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(voice_carries_the_acknowledgements_of_voice, start, stop),
        cmocka_unit_test_setup_teardown(who_only_listens_acknowledges_after_a_while, start, stop),
        cmocka_unit_test_setup_teardown(one_voice_is_acknowledged_every_few_packets, start, stop),
        cmocka_unit_test_setup_teardown(many_packets_are_acknowledged_at_once, start, stop),
        cmocka_unit_test_setup_teardown(messages_are_answered_without_delay, start, stop),
        cmocka_unit_test_setup_teardown(who_gathers_hears_everything, start_gathering, stop),
        cmocka_unit_test_setup_teardown(a_message_gets_through_to_one_that_gathers, start_gathering, stop),
    };
    return cmocka_run_group_tests_name("net_ease", tests, NULL, NULL);
}
