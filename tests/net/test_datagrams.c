/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams: whole, packed, and dropped for age, size and number, each counted. */
#include "net/conn.h"
#include "net_side.h"

static int start(void **state)
{
    static struct net_pair pair;
    struct wzp_endpoint_config server = net_config(true), client = net_config(false);
    client.max_queued_datagrams = 500;
    net_pair_start(&pair, &server, &client, "general");
    *state = &pair;
    return 0;
}

static int stop(void **state)
{
    net_pair_stop(*state);
    return 0;
}

static void datagrams_of_any_size_go_both_ways(void **state)
{
    struct net_pair *p = *state;
    static const size_t sizes[] = {1, 2, 12, 100, 256, 1000, 1162};
    uint8_t bytes[1162];
    memset(bytes, 'v', sizeof bytes);
    p->server.echoes = true;
    for (size_t i = 0; i < wzp_count(sizes); i++) {
        bytes[0] = (uint8_t)i;
        assert_ok(wzp_conn_send_bytes(p->at_client, bytes, sizes[i], wzp_loop_now(p->loop)));
        net_wait_for(p->loop, &p->client.n_datagrams, i + 1, NET_PATIENCE);
        assert_int_equal(p->client.datagram_size, sizes[i]);
        assert_memory_equal(p->client.datagram, bytes, sizes[i]);
    }
}

/* 440 of 100 bytes at once: not one is held back, and they share packets. */
static void many_share_few_packets(void **state)
{
    struct net_pair *p = *state;
    net_run_for(p->loop, 50 * WZP_MS);
    struct wzp_endpoint_stats before, after;
    wzp_endpoint_stats(p->client.endpoint, &before);
    uint8_t bytes[100] = {0};
    for (size_t i = 0; i < 440; i++) {
        assert_ok(wzp_conn_send_bytes(p->at_client, bytes, sizeof bytes, wzp_loop_now(p->loop)));
    }
    net_wait_for(p->loop, &p->server.n_datagrams, 440, NET_PATIENCE);
    wzp_endpoint_stats(p->client.endpoint, &after);
    assert_int_equal(after.datagrams_sent - before.datagrams_sent, 440);
    assert_int_equal(after.datagrams_held_back, 0);
    assert_true(after.packets_sent - before.packets_sent <= 440 / 10 + 5);
    assert_true(after.send_batches - before.send_batches <= 5);
}

static void one_packet_goes_to_many_without_a_copy(void **state)
{
    struct net_pair *p = *state;
    struct wzp_conn *second = net_dial(&p->client, &p->server, "general");
    net_wait_for(p->loop, &p->server.n_opened, 2, NET_PATIENCE);
    struct wzp_packet *packet = NULL;
    assert_ok(wzp_packet_new(p->client.pool, "media", 5, &packet));
    wzp_us now = wzp_loop_now(p->loop);
    assert_ok(wzp_conn_send_packet(p->at_client, packet, packet->offset, 5, now));
    assert_ok(wzp_conn_send_packet(second, packet, packet->offset + 1U, 4, now));
    assert_int_equal(wzp_packet_pool_used(p->client.pool), 1);
    wzp_packet_unref(packet);
    net_wait_for(p->loop, &p->server.n_datagrams, 2, NET_PATIENCE);
    assert_int_equal(wzp_packet_pool_used(p->client.pool), 0);
}

static void stale_ones_are_dropped_and_counted(void **state)
{
    struct net_pair *p = *state;
    wzp_us now = wzp_loop_now(p->loop);
    assert_ok(wzp_conn_send_bytes(p->at_client, "old", 3, now - 201 * WZP_MS));
    assert_ok(wzp_conn_send_bytes(p->at_client, "fresh", 5, now - 100 * WZP_MS));
    net_wait_for(p->loop, &p->server.n_datagrams, 1, NET_PATIENCE);
    assert_memory_equal(p->server.datagram, "fresh", 5);
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(p->client.endpoint, &stats);
    assert_int_equal(stats.datagrams_dropped_stale, 1);
    struct wzp_conn_stats of_conn;
    wzp_conn_stats(p->at_client, &of_conn);
    assert_int_equal(of_conn.datagrams_dropped, 1);
}

static void too_large_ones_are_dropped_and_counted(void **state)
{
    struct net_pair *p = *state;
    static uint8_t bytes[WZP_PACKET_BYTES + 1];
    wzp_us now = wzp_loop_now(p->loop);
    assert_int_equal(wzp_conn_send_bytes(p->at_client, bytes, sizeof bytes, now), WZP_EINVAL);
    assert_ok(wzp_conn_send_bytes(p->at_client, bytes, WZP_PACKET_BYTES, now));
    size_t largest = wzp_conn_max_datagram(p->at_client); /* grows as the path is probed */
    assert_ok(wzp_conn_send_bytes(p->at_client, bytes, largest, now));
    net_wait_for(p->loop, &p->server.n_datagrams, 1, NET_PATIENCE);
    assert_int_equal(p->server.datagram_size, largest);
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(p->client.endpoint, &stats);
    assert_int_equal(stats.datagrams_dropped_size, 2);
}

static void a_full_queue_gives_up_its_oldest(void **state)
{
    struct net_pair *p = *state;
    wzp_us now = wzp_loop_now(p->loop);
    uint32_t numbers[25] = {0};
    for (; numbers[0] < 4000; numbers[0]++) {
        assert_ok(wzp_conn_send_bytes(p->at_client, numbers, sizeof numbers, now));
    }
    struct wzp_conn_stats stats;
    wzp_conn_stats(p->at_client, &stats);
    assert_int_equal(stats.queued_datagrams, 500);
    assert_in_range(stats.datagrams_sent, 1000, 3000); /* the congestion window holds no more */
    assert_int_equal(stats.datagrams_dropped, 4000 - 500 - stats.datagrams_sent);
    net_wait_for(p->loop, &p->server.n_datagrams, stats.datagrams_sent + 500, NET_PATIENCE);
    uint32_t last;
    memcpy(&last, p->server.datagram, sizeof last);
    assert_int_equal(last, 3999);
}

/* Twice as many as the queue holds, at once: they are packed before it is full, and packets are full. */
static void a_burst_over_the_queue_loses_none(void **state)
{
    struct net_pair *p = *state;
    wzp_us now = wzp_loop_now(p->loop);
    uint8_t bytes[100] = {0};
    for (size_t i = 0; i < 1000; i++) {
        assert_ok(wzp_conn_send_bytes(p->at_client, bytes, sizeof bytes, now));
    }
    net_wait_for(p->loop, &p->server.n_datagrams, 1000, NET_PATIENCE);
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(p->client.endpoint, &stats);
    assert_int_equal(stats.datagrams_dropped_full, 0);
    assert_int_equal(stats.datagrams_held_back, 0);
    assert_true(stats.packets_sent <= 1000 / 10 + 15);
}

static uint64_t window_of(const struct wzp_conn *conn)
{
    struct wzp_conn_stats stats;
    wzp_conn_stats(conn, &stats);
    return stats.congestion_window_bytes;
}

/* The name decides, at either end, and only that name. */
static void wide_connections_may_have_more_under_way(void **state)
{
    wzp_ignore(state);
    static const char *const names[] = {"wide", "wider"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        struct net_pair pair;
        struct wzp_endpoint_config server = net_config(true), client = net_config(false);
        server.wide_name = client.wide_name = "wide";
        net_pair_start(&pair, &server, &client, names[i]);
        bool is_wide = i == 0;
        assert_true((window_of(pair.at_client) >= 2 << 20) == is_wide);
        assert_true((window_of(pair.at_server) >= 2 << 20) == is_wide);
        assert_true(window_of(pair.at_server) >= 2 * 65527U);
        net_pair_stop(&pair);
    }
}

static void the_path_mtu_is_found(void **state)
{
    struct net_pair *p = *state;
    size_t at_first = wzp_conn_max_datagram(p->at_client);
    assert_in_range(at_first, 1162, 1452);
    for (int i = 0; i < 20; i++) { /* acknowledgements drive the search */
        assert_ok(wzp_conn_send_bytes(p->at_client, "x", 1, wzp_loop_now(p->loop)));
        net_run_for(p->loop, 10 * WZP_MS);
    }
    struct wzp_conn_stats stats;
    wzp_conn_stats(p->at_client, &stats);
    assert_true(stats.rtt_smoothed > 0 && stats.rtt_min > 0);
    assert_true(stats.congestion_window_bytes >= 2 * 65527U);
#if NGTCP2_VERSION_NUM < 0x010000
    assert_in_range(stats.mtu_bytes, 1400, 1472);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(datagrams_of_any_size_go_both_ways, start, stop),
        cmocka_unit_test_setup_teardown(many_share_few_packets, start, stop),
        cmocka_unit_test_setup_teardown(one_packet_goes_to_many_without_a_copy, start, stop),
        cmocka_unit_test_setup_teardown(stale_ones_are_dropped_and_counted, start, stop),
        cmocka_unit_test_setup_teardown(too_large_ones_are_dropped_and_counted, start, stop),
        cmocka_unit_test_setup_teardown(a_full_queue_gives_up_its_oldest, start, stop),
        cmocka_unit_test_setup_teardown(a_burst_over_the_queue_loses_none, start, stop),
        cmocka_unit_test(wide_connections_may_have_more_under_way),
        cmocka_unit_test_setup_teardown(the_path_mtu_is_found, start, stop),
    };
    return cmocka_run_group_tests_name("net_datagrams", tests, NULL, NULL);
}
