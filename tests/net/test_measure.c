/* SPDX-License-Identifier: Apache-2.0 */
/* What is seen of a connection: round trips without the peer's delay, what is under way, losses. */
#include "net/conn.h"
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

static void say(struct net_pair *p, int n)
{
    for (int i = 0; i < n; i++) {
        assert_ok(wzp_conn_send_bytes(p->at_server, "voice", 5, wzp_loop_now(p->loop)));
        net_run_for(p->loop, 10 * WZP_MS);
    }
}

/* The client acknowledges 40 ms late, as it announces: none of that is the path's. */
static void round_trips_do_not_contain_the_peers_delay(void **state)
{
    struct net_pair *p = *state;
    say(p, 10);
    assert_int_equal(p->server.n_measures, 0); /* nobody asked */
    wzp_conn_measure_every(p->at_server, 20 * WZP_MS);
    p->server.rtt_most = 0;
    say(p, 50);
    assert_in_range(p->server.n_measures, 3, 26);
    assert_in_range(p->server.measure.rtt, 1, 20 * WZP_MS);
    assert_true(p->server.measure.bytes_sent >= 45 * 30);
    assert_true(p->server.measure.bytes_in_flight < p->server.measure.bytes_sent);
    assert_true(p->server.measure.packets_sent >= 45);
    assert_int_equal(p->server.measure.packets_lost, 0);
}

static void nobody_is_told_any_more_who_does_not_want_to(void **state)
{
    struct net_pair *p = *state;
    wzp_conn_measure_every(p->at_server, 20 * WZP_MS);
    say(p, 20);
    size_t n = p->server.n_measures;
    assert_true(n > 0);
    wzp_conn_measure_every(p->at_server, 0);
    say(p, 20);
    assert_int_equal(p->server.n_measures, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trips_do_not_contain_the_peers_delay, start, stop),
        cmocka_unit_test_setup_teardown(nobody_is_told_any_more_who_does_not_want_to, start, stop),
    };
    return cmocka_run_group_tests_name("net_measure", tests, NULL, NULL);
}
