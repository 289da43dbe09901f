/* SPDX-License-Identifier: Apache-2.0 */
/* Two endpoints, one process: messages and datagrams both ways. */
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

static void a_message_arrives_whole(void **state)
{
    struct net_pair *p = *state;
    p->server.echoes = true;
    assert_ok(wzp_conn_send_message(p->at_client, "hello", 5, 0));
    net_wait_for(p->loop, &p->client.n_messages, 1, NET_PATIENCE);
    assert_int_equal(p->client.message_size, 5);
    assert_memory_equal(p->client.message, "hello", 5);
}

static void a_datagram_arrives_whole(void **state)
{
    struct net_pair *p = *state;
    p->server.echoes = true;
    assert_ok(wzp_conn_send_bytes(p->at_client, "voice", 5, wzp_loop_now(p->loop)));
    net_wait_for(p->loop, &p->client.n_datagrams, 1, NET_PATIENCE);
    assert_int_equal(p->client.datagram_size, 5);
    assert_memory_equal(p->client.datagram, "voice", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_arrives_whole, start, stop),
        cmocka_unit_test_setup_teardown(a_datagram_arrives_whole, start, stop),
    };
    return cmocka_run_group_tests_name("net_quic", tests, NULL, NULL);
}
