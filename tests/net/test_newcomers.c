/* SPDX-License-Identifier: Apache-2.0 */
#include "net/newcomers.h"
#include "net_side.h"

static const struct wzp_udp_path nowhere;

static void only_so_many_wait(void **state)
{
    (void)state;
    struct wzp_newcomers newcomers;
    wzp_newcomers_init(&newcomers);
    for (size_t i = 0; i < WZP_NEWCOMERS_MAX + 5; i++) {
        wzp_newcomers_hold(&newcomers, &nowhere, (const uint8_t *)"packet", 6, WZP_VISIT_HELD);
    }
    assert_int_equal(newcomers.n, WZP_NEWCOMERS_MAX);
    assert_int_equal(newcomers.dropped, 5);
    wzp_newcomers_deinit(&newcomers);
    assert_int_equal(newcomers.n, 0);
}

static void what_was_never_made_is_freed_without_harm(void **state)
{
    (void)state;
    struct wzp_newcomers newcomers = {.n = 0};
    wzp_newcomers_deinit(&newcomers);
}

static void a_crowd_comes_in_and_its_time_is_told(void **state)
{
    (void)state;
    struct wzp_loop *loop = NULL;
    assert_ok(wzp_loop_new(&loop));
    static struct net_side server;
    static struct net_side client;
    struct wzp_endpoint_config config = net_config(true);
    net_side_start(&server, loop, &config);
    config = net_config(false);
    net_side_start(&client, loop, &config);
    for (size_t i = 0; i < 40; i++) {
        net_dial(&client, &server, "room");
    }
    net_wait_for(loop, &server.n_opened, 40, 10 * WZP_SECOND);
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(server.endpoint, &stats);
    assert_true(stats.newcomers_cpu > 0);
    assert_int_equal(stats.newcomers_dropped, 0);
    net_side_stop(&client);
    net_side_stop(&server);
    wzp_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_so_many_wait),
        cmocka_unit_test(what_was_never_made_is_freed_without_harm),
        cmocka_unit_test(a_crowd_comes_in_and_its_time_is_told),
    };
    return cmocka_run_group_tests_name("net_newcomers", tests, NULL, NULL);
}
