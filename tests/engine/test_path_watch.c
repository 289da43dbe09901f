/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/path_watch.h"
#include "support/wzp_test.h"

#define START (5 * WZP_SECOND)

static void nothing_is_asked_while_nobody_talks_or_somebody_does(void **state)
{
    wzp_ignore(state);
    struct wzp_path_watch watch = {0};
    assert_int_equal(wzp_path_watch_deadline(&watch), WZP_NEVER);
    for (wzp_us now = START; now < START + WZP_SECOND; now += 20 * WZP_MS) {
        assert_false(wzp_path_watch_hear(&watch, now));
        assert_false(wzp_path_watch_tick(&watch, now + 19 * WZP_MS));
        assert_false(watch.asks);
    }
}

static void silence_is_asked_about_until_it_is_the_end_of_a_talk(void **state)
{
    wzp_ignore(state);
    struct wzp_path_watch watch = {0};
    assert_false(wzp_path_watch_hear(&watch, START));
    assert_int_equal(wzp_path_watch_deadline(&watch), START + WZP_PATH_WATCH_QUIET);
    assert_true(wzp_path_watch_tick(&watch, START + WZP_PATH_WATCH_QUIET));
    assert_true(watch.asks);
    assert_false(wzp_path_watch_tick(&watch, START + WZP_PATH_WATCH_ASKS - 1));
    assert_true(wzp_path_watch_tick(&watch, START + WZP_PATH_WATCH_ASKS));
    assert_false(watch.asks);
    assert_int_equal(wzp_path_watch_deadline(&watch), WZP_NEVER);
}

static void a_datagram_ends_the_asking(void **state)
{
    wzp_ignore(state);
    struct wzp_path_watch watch = {0};
    assert_false(wzp_path_watch_hear(&watch, START));
    assert_true(wzp_path_watch_tick(&watch, START + WZP_PATH_WATCH_QUIET));
    assert_true(wzp_path_watch_hear(&watch, START + 80 * WZP_MS));
    assert_false(watch.asks);
    assert_int_equal(wzp_path_watch_deadline(&watch), START + 80 * WZP_MS + WZP_PATH_WATCH_QUIET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_asked_while_nobody_talks_or_somebody_does),
        cmocka_unit_test(silence_is_asked_about_until_it_is_the_end_of_a_talk),
        cmocka_unit_test(a_datagram_ends_the_asking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
