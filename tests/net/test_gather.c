/* SPDX-License-Identifier: Apache-2.0 */
#include "net/gather.h"
#include "support/wzp_test.h"

#define RECEIVERS 50

/* One second of datagrams, evenly spread over time and over `n` receivers; the window at its end. */
static wzp_us run_for(struct wzp_gather *gather, unsigned n, unsigned per_second, wzp_us from)
{
    uint32_t rounds[1000] = {0};
    unsigned next = 0;
    wzp_us window = 0;
    for (unsigned ms = 0; ms < 1000; ms++) {
        for (unsigned i = 0; i < per_second / 1000; i++) {
            wzp_gather_count(gather, &rounds[next++ % n]);
        }
        window = wzp_gather_window(gather, from + ms * WZP_MS);
    }
    return window;
}

static wzp_us run(struct wzp_gather *gather, unsigned per_second, wzp_us from)
{
    return run_for(gather, RECEIVERS, per_second, from);
}

static void a_quiet_relay_sends_at_once(void **state)
{
    (void)state;
    struct wzp_gather gather = {.at_most = 2500};
    assert_int_equal(run(&gather, 25000, WZP_SECOND), 0);
}

static void a_busy_one_gathers_up_to_its_limit(void **state)
{
    (void)state;
    struct wzp_gather gather = {.at_most = 2500};
    wzp_us some = run(&gather, 55000, WZP_SECOND);
    assert_in_range(some, 1000, 2000);
    assert_int_equal(run(&gather, 200000, 2 * WZP_SECOND), 2500);
}

static void it_stops_soon_after_the_crowd_has_gone(void **state)
{
    (void)state;
    struct wzp_gather gather = {.at_most = 2500};
    assert_int_equal(run(&gather, 200000, WZP_SECOND), 2500);
    assert_int_equal(run(&gather, 1000, 2 * WZP_SECOND), 0);
}

static void who_gets_one_voice_only_does_not_wait_for_company(void **state)
{
    (void)state;
    struct wzp_gather gather = {.at_most = 2500};
    assert_int_equal(run_for(&gather, 1000, 50000, WZP_SECOND), 0);
    struct wzp_gather longer = {.at_most = 20000};
    assert_int_equal(run_for(&longer, 1000, 100000, WZP_SECOND), 20000);
}

static void no_limit_means_no_waiting(void **state)
{
    (void)state;
    struct wzp_gather gather = {.at_most = 0};
    assert_int_equal(run(&gather, 500000, WZP_SECOND), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_relay_sends_at_once),
        cmocka_unit_test(a_busy_one_gathers_up_to_its_limit),
        cmocka_unit_test(it_stops_soon_after_the_crowd_has_gone),
        cmocka_unit_test(who_gets_one_voice_only_does_not_wait_for_company),
        cmocka_unit_test(no_limit_means_no_waiting),
    };
    return cmocka_run_group_tests_name("net_gather", tests, NULL, NULL);
}
