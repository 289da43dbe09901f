/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: sizes, credit, queues, and peers that leave them unfinished. */
#include <stdlib.h>

#include "net/conn.h"
#include "net/endpoint.h"
#include "net_side.h"

#define MIB ((size_t)1024 * 1024)

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

static uint8_t *pattern(size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(i * 31 + (i >> 8));
    }
    return bytes;
}

static void messages_of_any_size_go_both_ways(void **state)
{
    struct net_pair *p = *state;
    static const size_t sizes[] = {0, 1, 2, 1000, 1196, 1200, 60000, 65536};
    p->server.echoes = true;
    uint8_t *bytes = pattern(65536);
    for (size_t i = 0; i < wzp_count(sizes); i++) {
        assert_ok(wzp_conn_send_message(p->at_client, bytes, sizes[i], 0));
        net_wait_for(p->loop, &p->client.n_messages, i + 1, NET_PATIENCE);
        assert_int_equal(p->client.message_size, sizes[i]);
        assert_memory_equal(p->client.message, bytes, sizes[i]);
    }
    free(bytes);
}

static void a_mebibyte_arrives_where_it_is_allowed(void **state)
{
    struct net_pair *p = *state;
    uint8_t *bytes = pattern(MIB);
    wzp_conn_allow_messages(p->at_server, MIB);
    assert_ok(wzp_conn_send_message(p->at_client, bytes, MIB, 0));
    net_wait_for(p->loop, &p->server.n_messages, 1, NET_PATIENCE);
    assert_int_equal(p->server.message_size, MIB);
    assert_memory_equal(p->server.message, bytes, MIB);
    free(bytes);
}

static void one_byte_too_many_closes(void **state)
{
    struct net_pair *p = *state;
    uint8_t *bytes = pattern(65537);
    assert_ok(wzp_conn_send_message(p->at_client, bytes, 65537, 0));
    net_wait_for(p->loop, &p->client.n_closed, 1, NET_PATIENCE);
    assert_int_equal(p->client.closed.origin, WZP_CLOSED_BY_PEER);
    assert_int_equal(p->client.closed.code, WZP_CLOSE_PROTOCOL_ERROR);
    assert_string_equal(p->client.closed.reason, "message too large");
    assert_int_equal(p->server.closed.origin, WZP_CLOSED_BY_US);
    assert_int_equal(p->server.n_messages, 0);
    free(bytes);
}

/* 3 x 250 of them: far more than the 100 streams that a peer may have open. */
static void stream_credit_comes_back(void **state)
{
    struct net_pair *p = *state;
    p->server.echoes = true;
    for (size_t round = 1; round <= 3; round++) {
        for (size_t i = 0; i < 250; i++) {
            assert_ok(wzp_conn_send_message(p->at_client, "x", 1, 0));
        }
        net_wait_for(p->loop, &p->client.n_messages, 250 * round, NET_PATIENCE);
    }
    net_run_for(p->loop, 60 * WZP_MS); /* a round trip for the last acknowledgements */
    assert_true(wzp_conn_is_drained(p->at_client));
    assert_int_equal(p->at_client->streams.n_open, 0);
    assert_int_equal(p->at_server->streams.n_open, 0);
    assert_true(wzp_list_is_empty(&p->at_server->streams.inbound));
    assert_int_equal(p->at_server->streams.held_bytes, 0);
}

static void messages_arrive_in_the_order_they_were_sent(void **state)
{
    struct net_pair *p = *state;
    for (uint8_t i = 0; i < 200; i++) {
        assert_ok(wzp_conn_send_message(p->at_client, &i, 1, 0));
    }
    net_wait_for(p->loop, &p->server.n_messages, 200, NET_PATIENCE);
    assert_int_equal(p->server.message[0], 199);
}

/* Nothing runs between these calls, so that everything still waits. */
static void a_later_message_takes_the_place_of_an_unsent_one(void **state)
{
    struct net_pair *p = *state;
    assert_ok(wzp_conn_send_message(p->at_client, "update 1", 8, 7));
    assert_ok(wzp_conn_send_message(p->at_client, "other", 5, 0));
    assert_ok(wzp_conn_send_message(p->at_client, "update 2", 8, 7));
    assert_ok(wzp_conn_send_message(p->at_client, "another key", 11, 8));
    assert_ok(wzp_conn_send_message(p->at_client, "update 3", 8, 7));
    struct wzp_conn_stats stats;
    wzp_conn_stats(p->at_client, &stats);
    assert_int_equal(stats.queued_messages, 3);
    net_wait_for(p->loop, &p->server.n_messages, 3, NET_PATIENCE);
    net_run_for(p->loop, 20 * WZP_MS);
    assert_int_equal(p->server.n_messages, 3);
}

/* A peer that is not run gives no credit: 100 streams open, the rest waits, then there is an end. */
static void a_stuck_peer_fills_the_queue_and_no_more(void **state)
{
    (void)state;
    struct net_side server, client;
    struct wzp_loop *server_loop = NULL, *client_loop = NULL;
    assert_ok(wzp_loop_new(&server_loop));
    assert_ok(wzp_loop_new(&client_loop));
    struct wzp_endpoint_config server_config = net_config(true), client_config = net_config(false);
    client_config.max_queued_messages = 10;
    net_side_start(&server, server_loop, &server_config);
    net_side_start(&client, client_loop, &client_config);
    struct wzp_conn *conn = net_dial(&client, &server, "general");
    for (int i = 0; i < 1000 && (client.n_opened < 1 || server.n_opened < 1); i++) {
        wzp_loop_step(client_loop, false);
        wzp_loop_step(server_loop, false);
    }
    assert_int_equal(server.n_opened, 1);
    size_t n_taken = 0;
    enum wzp_err err = WZP_OK;
    while (err == WZP_OK && n_taken < 1000) {
        err = wzp_conn_send_message(conn, "x", 1, 0);
        n_taken += err == WZP_OK ? 1 : 0;
        wzp_endpoint_flush(client.endpoint);
    }
    assert_int_equal(err, WZP_ELIMIT);
    assert_int_equal(n_taken, WZP_STREAM_MAX_INBOUND + 10);
    assert_false(wzp_conn_is_drained(conn));
    net_side_stop(&client);
    net_side_stop(&server);
    wzp_loop_free(client_loop);
    wzp_loop_free(server_loop);
}

static void bare_bytes_go_over_a_unidirectional_stream(void **state)
{
    struct net_pair *p = *state;
    assert_ok(wzp_conn_send_uni(p->at_server, "0123abcd", 8));
    net_wait_for(p->loop, &p->client.n_uni_bytes, 8, NET_PATIENCE);
    assert_memory_equal(p->client.uni, "0123abcd", 8);
    assert_true(p->client.has_uni_fin);
}

static void what_is_queued_before_a_close_leaves_before_it(void **state)
{
    struct net_pair *p = *state;
    assert_ok(wzp_conn_send_message(p->at_server, "bye", 3, 0));
    wzp_conn_close(p->at_server, WZP_CLOSE_NORMAL, "done");
    assert_int_equal(wzp_conn_send_message(p->at_server, "late", 4, 0), WZP_ECLOSED);
    net_wait_for(p->loop, &p->client.n_closed, 1, NET_PATIENCE);
    assert_int_equal(p->client.n_messages, 1);
    assert_memory_equal(p->client.message, "bye", 3);
}

/* Writes raw bytes on a new bidirectional stream of the client, as a peer that keeps no rules would. */
static void write_raw(struct net_pair *p, const uint8_t *bytes, size_t size, bool fin)
{
    ngtcp2_conn *ng = p->at_client->ng;
    int64_t id = -1;
    assert_int_equal(ngtcp2_conn_open_bidi_stream(ng, &id, NULL), 0);
    struct wzp_udp_path path = {.local = p->at_client->local_addr, .remote = p->at_client->remote_addr};
    for (size_t sent = 0; sent < size;) {
        uint8_t *space = wzp_udp_reserve(p->client.endpoint->udp);
        assert_non_null(space);
        ngtcp2_vec vec = {(uint8_t *)bytes + sent, size - sent};
        ngtcp2_ssize taken = -1;
        uint32_t flags = fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : NGTCP2_WRITE_STREAM_FLAG_NONE;
        ngtcp2_ssize packet = ngtcp2_conn_writev_stream(ng, NULL, NULL, space, 1200, &taken, flags, id, &vec,
                                                        1, wzp_conn_ts(wzp_loop_now(p->loop)));
        if (packet <= 0) {
            break; /* out of credit */
        }
        wzp_udp_commit(p->client.endpoint->udp, &path, (size_t)packet);
        sent += taken > 0 ? (size_t)taken : 0;
    }
    wzp_udp_flush(p->client.endpoint->udp);
    net_run_for(p->loop, 2 * WZP_MS);
}

static void a_claimed_length_takes_no_memory(void **state)
{
    struct net_pair *p = *state;
    static const uint8_t head[] = {0x00, 0x00, 0xff, 0xff, 'x'};
    for (int i = 0; i < 90; i++) {
        write_raw(p, head, sizeof head, false);
    }
    net_run_for(p->loop, 20 * WZP_MS);
    assert_int_equal(p->at_server->streams.held_bytes, 90 * sizeof head);
    assert_int_equal(p->server.n_closed, 0);
    p->server.echoes = true;
    assert_ok(wzp_conn_send_message(p->at_client, "still here", 10, 0));
    net_wait_for(p->loop, &p->client.n_messages, 1, NET_PATIENCE);
}

static void unfinished_frames_end_with_the_window(void **state)
{
    struct net_pair *p = *state;
    uint8_t *bytes = pattern(60000);
    static const uint8_t head[] = {0x00, 0x00, 0xff, 0xff};
    memcpy(bytes, head, sizeof head);
    for (int i = 0; i < 8 && p->server.n_closed == 0; i++) {
        write_raw(p, bytes, 60000, false);
        assert_true(p->server.n_closed > 0 ||
                    p->at_server->streams.held_bytes <= WZP_STREAM_CONN_WINDOW_BYTES);
    }
    net_wait_for(p->loop, &p->server.n_closed, 1, NET_PATIENCE);
    assert_int_equal(p->server.closed.code, WZP_CLOSE_PROTOCOL_ERROR);
    assert_string_equal(p->server.closed.reason, "too many unfinished messages");
    free(bytes);
}

static void broken_frames_are_skipped(void **state)
{
    struct net_pair *p = *state;
    static const uint8_t cut[] = {0, 0, 0, 9, 'c', 'u', 't'};
    static const uint8_t trailing[] = {0, 0, 0, 2, 'o', 'k', 'm', 'o', 'r', 'e'};
    write_raw(p, cut, sizeof cut, true);
    write_raw(p, cut, 2, true);
    assert_int_equal(p->server.n_messages, 0);
    write_raw(p, trailing, sizeof trailing, true);
    net_wait_for(p->loop, &p->server.n_messages, 1, NET_PATIENCE);
    assert_int_equal(p->server.message_size, 2);
    assert_memory_equal(p->server.message, "ok", 2);
    write_raw(p, trailing, sizeof trailing, false); /* told to stop */
    net_wait_for(p->loop, &p->server.n_messages, 2, NET_PATIENCE);
    net_run_for(p->loop, 60 * WZP_MS);
    assert_true(wzp_list_is_empty(&p->at_server->streams.inbound));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_of_any_size_go_both_ways, start, stop),
        cmocka_unit_test_setup_teardown(a_mebibyte_arrives_where_it_is_allowed, start, stop),
        cmocka_unit_test_setup_teardown(one_byte_too_many_closes, start, stop),
        cmocka_unit_test_setup_teardown(stream_credit_comes_back, start, stop),
        cmocka_unit_test_setup_teardown(messages_arrive_in_the_order_they_were_sent, start, stop),
        cmocka_unit_test_setup_teardown(a_later_message_takes_the_place_of_an_unsent_one, start, stop),
        cmocka_unit_test(a_stuck_peer_fills_the_queue_and_no_more),
        cmocka_unit_test_setup_teardown(bare_bytes_go_over_a_unidirectional_stream, start, stop),
        cmocka_unit_test_setup_teardown(what_is_queued_before_a_close_leaves_before_it, start, stop),
        cmocka_unit_test_setup_teardown(a_claimed_length_takes_no_memory, start, stop),
        cmocka_unit_test_setup_teardown(unfinished_frames_end_with_the_window, start, stop),
        cmocka_unit_test_setup_teardown(broken_frames_are_skipped, start, stop),
    };
    return cmocka_run_group_tests_name("net_messages", tests, NULL, NULL);
}
