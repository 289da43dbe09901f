/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of nobody's: what is answered, how, and that nobody else notices. */
#include <sys/socket.h>
#include <unistd.h>

#include "net/conn.h"
#include "net/endpoint.h"
#include "net_side.h"

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

/* A generator of Lehmer's kind is random enough here, and the same each time. */
static uint32_t fill_garbage(uint8_t *bytes, size_t size, uint32_t x)
{
    for (size_t i = 0; i < size; i++) {
        x = x * 1664525U + 1013904223U;
        bytes[i] = (uint8_t)(x >> 24);
    }
    return x;
}

static void garbage_to_the_port_is_counted_and_dropped(void **state)
{
    struct net_pair *p = *state;
    struct wzp_addr to = wzp_endpoint_addr(p->server.endpoint);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    static const uint8_t version_1[] = {0, 0, 0, 1, 8}; /* and an id of 8 bytes */
    uint8_t bytes[1500];
    uint32_t x = 1;
    for (int i = 0; i < 400; i++) {
        x = fill_garbage(bytes, sizeof bytes, x);
        bytes[0] = (uint8_t)(i % 4 < 2 ? bytes[0] | 0xc0 : bytes[0] & 0x7f);
        if (i % 4 == 0) {
            memcpy(bytes + 1, version_1, sizeof version_1);
        }
        size_t size = i % 3 == 0 ? sizeof bytes : x % sizeof bytes;
        assert_int_equal(sendto(fd, bytes, size, 0, (const struct sockaddr *)&to.storage, to.size), size);
        wzp_loop_step(p->loop, false);
    }
    assert_int_equal(close(fd), 0);
    p->server.echoes = true;
    assert_ok(wzp_conn_send_message(p->at_client, "still here", 10, 0));
    net_wait_for(p->loop, &p->client.n_messages, 1, NET_PATIENCE);
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(p->server.endpoint, &stats);
    assert_true(stats.packets_malformed > 100);
    assert_int_equal(stats.conns, 1);
}

/* Sends one packet from a socket of its own; gives the size of the answer, or 0. */
static size_t ask(struct net_pair *p, const uint8_t *bytes, size_t size, uint8_t *out_answer, size_t capacity)
{
    struct wzp_addr to = wzp_endpoint_addr(p->server.endpoint);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(sendto(fd, bytes, size, 0, (const struct sockaddr *)&to.storage, to.size), size);
    net_run_for(p->loop, 5 * WZP_MS);
    ssize_t got = recv(fd, out_answer, capacity, 0);
    assert_int_equal(close(fd), 0);
    return got > 0 ? (size_t)got : 0;
}

static void a_version_we_do_not_speak_is_answered_with_ours(void **state)
{
    uint8_t hello[1200] = {0xc3, 0x1a, 0x2a, 0x3a, 0x4a, 8,   'd', 'c', 'i', 'd',
                           'd',  'c',  'i',  'd',  4,    's', 'c', 'i', 'd'};
    static const uint8_t head[] = {0,   0,   0,   0,   4,   's', 'c', 'i', 'd', 8, 'd',
                                   'c', 'i', 'd', 'd', 'c', 'i', 'd', 0,   0,   0, 1};
    uint8_t answer[1500];
    size_t size = ask(*state, hello, sizeof hello, answer, sizeof answer);
    assert_int_equal(size, 1 + sizeof head);
    assert_true(answer[0] & 0x80);
    assert_memory_equal(answer + 1, head, sizeof head);
    assert_int_equal(ask(*state, hello, 1199, answer, sizeof answer), 0);
    memset(hello + 1, 0, 4); /* itself a version negotiation: never answered */
    assert_int_equal(ask(*state, hello, sizeof hello, answer, sizeof answer), 0);
}

static void unknown_ids_get_a_shorter_reset(void **state)
{
    uint8_t packet[200] = {0x45, 1, 2, 3, 4, 5, 6, 7, 8};
    uint8_t first[1500], second[1500];
    for (size_t size = 0; size < 60; size++) {
        size_t answered = ask(*state, packet, size, first, sizeof first);
        assert_true(answered == 0 || answered < size); /* so that two servers can't play ping-pong */
        assert_true(size > 37 || answered == 0);
    }
    size_t n_first = ask(*state, packet, sizeof packet, first, sizeof first);
    size_t n_second = ask(*state, packet, sizeof packet, second, sizeof second);
    assert_in_range(n_first, 21, sizeof packet - 1);
    assert_int_equal(n_first, n_second);
    assert_int_equal(first[0] & 0xc0, 0x40); /* looks like any packet with a short header */
    assert_memory_equal(first + n_first - 16, second + n_second - 16, 16);
    packet[8] ^= 1;
    n_second = ask(*state, packet, sizeof packet, second, sizeof second);
    assert_memory_not_equal(first + n_first - 16, second + n_second - 16, 16);
}

static void answers_to_strangers_have_a_rate(void **state)
{
    struct net_pair *p = *state;
    uint8_t packet[100] = {0x45};
    struct wzp_udp_path path = {.local = wzp_endpoint_addr(p->server.endpoint)};
    assert_ok(wzp_addr_read("127.0.0.1:9", &path.remote));
    for (int i = 0; i < 5000; i++) {
        wzp_endpoint_receive(p->server.endpoint, &path, packet, sizeof packet);
    }
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(p->server.endpoint, &stats);
    assert_in_range(stats.resets_sent, 1, 1100);
    assert_int_equal(stats.packets_malformed, 5000);
    net_run_for(p->loop, WZP_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(garbage_to_the_port_is_counted_and_dropped, start, stop),
        cmocka_unit_test_setup_teardown(a_version_we_do_not_speak_is_answered_with_ours, start, stop),
        cmocka_unit_test_setup_teardown(unknown_ids_get_a_shorter_reset, start, stop),
        cmocka_unit_test_setup_teardown(answers_to_strangers_have_a_rate, start, stop),
    };
    return cmocka_run_group_tests_name("net_strangers", tests, NULL, NULL);
}
