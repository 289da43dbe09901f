/* SPDX-License-Identifier: Apache-2.0 */
/* How connections end and what each side is told. */
#include "net/conn.h"
#include "net/endpoint.h"
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

static void code_and_reason_reach_the_other_side(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *heard;
        enum wzp_close_code code;
        bool by_server;
    } rows[] = {
        {"", "", WZP_CLOSE_NORMAL, true},
        {"room is full", "room is full", WZP_CLOSE_ROOM_FULL, true},
        {"hangup", "hangup", WZP_CLOSE_NORMAL, false},
        {"gr\xc3\xbc\xc3\x9f Gott", "gr\xc3\xbc\xc3\x9f Gott", WZP_CLOSE_BANNED, true},
        {"no\nnew\x1b lines", "nonew lines", WZP_CLOSE_UNAUTHORIZED, true},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct net_pair p;
        struct wzp_endpoint_config server = net_config(true), client = net_config(false);
        net_pair_start(&p, &server, &client, "general");
        wzp_conn_close(rows[i].by_server ? p.at_server : p.at_client, rows[i].code, rows[i].reason);
        assert_int_equal(p.server.n_closed + p.client.n_closed, 0); /* not from within the call */
        net_wait_for(p.loop, &p.server.n_closed, 1, NET_PATIENCE);
        net_wait_for(p.loop, &p.client.n_closed, 1, NET_PATIENCE);
        const struct wzp_close_info *ours = rows[i].by_server ? &p.server.closed : &p.client.closed;
        const struct wzp_close_info *theirs = rows[i].by_server ? &p.client.closed : &p.server.closed;
        assert_int_equal(ours->origin, WZP_CLOSED_BY_US);
        assert_int_equal(theirs->origin, WZP_CLOSED_BY_PEER);
        assert_int_equal(theirs->code, rows[i].code);
        assert_int_equal(theirs->err, WZP_ECLOSED);
        assert_true(ours->was_open && theirs->was_open);
        assert_string_equal(theirs->reason, rows[i].heard);
        net_pair_stop(&p);
    }
}

static void a_long_reason_is_cut_at_a_character(void **state)
{
    struct net_pair *p = *state;
    char reason[400];
    memset(reason, 'r', sizeof reason);
    memcpy(reason + WZP_QUIC_REASON_BYTES - 2, "\xc3\xa4", 2); /* its first byte would still fit */
    reason[sizeof reason - 1] = '\0';
    wzp_conn_close(p->at_server, WZP_CLOSE_NORMAL, reason);
    net_wait_for(p->loop, &p->client.n_closed, 1, NET_PATIENCE);
    assert_int_equal(strlen(p->client.closed.reason), WZP_QUIC_REASON_BYTES - 2);
}

static void closing_in_on_open_reaches_the_client(void **state)
{
    (void)state;
    struct wzp_loop *loop = NULL;
    struct net_side server, client;
    struct wzp_endpoint_config server_config = net_config(true), client_config = net_config(false);
    assert_ok(wzp_loop_new(&loop));
    net_side_start(&server, loop, &server_config);
    net_side_start(&client, loop, &client_config);
    server.close_with = WZP_CLOSE_DRAINING;
    wzp_ignore(net_dial(&client, &server, "general"));
    net_wait_for(loop, &client.n_closed, 1, NET_PATIENCE);
    assert_int_equal(client.closed.code, WZP_CLOSE_DRAINING);
    assert_string_equal(client.closed.reason, "as told");
    net_side_stop(&client);
    net_side_stop(&server);
    wzp_loop_free(loop);
}

static void nothing_can_be_sent_after_a_close(void **state)
{
    struct net_pair *p = *state;
    wzp_conn_close(p->at_client, WZP_CLOSE_NORMAL, "");
    wzp_conn_close(p->at_client, WZP_CLOSE_BANNED, "only the first counts");
    assert_int_equal(wzp_conn_send_message(p->at_client, "x", 1, 0), WZP_ECLOSED);
    assert_int_equal(wzp_conn_send_uni(p->at_client, "x", 1), WZP_ECLOSED);
    assert_int_equal(wzp_conn_send_bytes(p->at_client, "x", 1, 0), WZP_ECLOSED);
    assert_int_equal(wzp_conn_max_datagram(p->at_client), 0);
    net_wait_for(p->loop, &p->server.n_closed, 1, NET_PATIENCE);
    assert_int_equal(p->server.closed.code, WZP_CLOSE_NORMAL);
}

static void freeing_an_endpoint_closes_what_is_open(void **state)
{
    (void)state;
    struct net_pair p;
    struct wzp_endpoint_config server = net_config(true), client = net_config(false);
    net_pair_start(&p, &server, &client, "general");
    wzp_endpoint_free(p.server.endpoint);
    p.server.endpoint = NULL;
    assert_int_equal(p.server.n_closed, 1);
    assert_int_equal(p.server.closed.origin, WZP_CLOSED_BY_US);
    net_wait_for(p.loop, &p.client.n_closed, 1, NET_PATIENCE);
    assert_int_equal(p.client.closed.origin, WZP_CLOSED_BY_PEER);
    net_pair_stop(&p);
}

static void a_lost_close_is_repeated_to_late_packets(void **state)
{
    (void)state;
    struct net_line line;
    net_line_start(&line, 30 * WZP_SECOND);
    line.proxy.loses_to_client = true;
    wzp_conn_close(net_conn(&line.server), WZP_CLOSE_DRAINING, "going");
    net_run_for(line.loop, 10 * WZP_MS);
    assert_int_equal(line.server.n_closed, 1);
    line.proxy.loses_to_client = false;
    assert_ok(wzp_conn_send_bytes(line.at_client, "hello?", 6, wzp_loop_now(line.loop)));
    net_wait_for(line.loop, &line.client.n_closed, 1, NET_PATIENCE);
    assert_int_equal(line.client.closed.code, WZP_CLOSE_DRAINING);
    assert_string_equal(line.client.closed.reason, "going");
    net_line_stop(&line);
}

static void nothing_lingers_for_ever(void **state)
{
    struct net_pair *p = *state;
    wzp_conn_close(p->at_client, WZP_CLOSE_NORMAL, "");
    net_wait_for(p->loop, &p->server.n_closed, 1, NET_PATIENCE);
    assert_int_equal(p->server.endpoint->n_lingering, 1);
    for (int i = 0; i < 40 && p->server.endpoint->n_lingering + p->client.endpoint->n_lingering > 0; i++) {
        net_run_for(p->loop, 100 * WZP_MS);
    }
    assert_int_equal(p->server.endpoint->n_lingering, 0);
    assert_int_equal(p->client.endpoint->n_lingering, 0);
    assert_int_equal(p->server.endpoint->n_free, p->server.endpoint->table_size);
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(p->server.endpoint, &stats);
    assert_int_equal(stats.conns, 0);
    assert_int_equal(p->server.endpoint->initials.n, 0);
    assert_int_equal(p->client.endpoint->tokens.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_and_reason_reach_the_other_side),
        cmocka_unit_test_setup_teardown(a_long_reason_is_cut_at_a_character, start, stop),
        cmocka_unit_test(closing_in_on_open_reaches_the_client),
        cmocka_unit_test_setup_teardown(nothing_can_be_sent_after_a_close, start, stop),
        cmocka_unit_test(freeing_an_endpoint_closes_what_is_open),
        cmocka_unit_test(a_lost_close_is_repeated_to_late_packets),
        cmocka_unit_test_setup_teardown(nothing_lingers_for_ever, start, stop),
    };
    return cmocka_run_group_tests_name("net_closing", tests, NULL, NULL);
}
