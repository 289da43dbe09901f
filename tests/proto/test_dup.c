/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"
#include "proto/dup.h"
#include "support/wzp_test.h"

static void each_number_is_new_once(void **state)
{
    (void)state;
    struct wzp_dup dup;
    wzp_dup_init(&dup);
    for (uint32_t i = 0; i < 200000; i++) { /* three times round */
        uint16_t seq = (uint16_t)(60000 + i);
        wzp_us now = i * 20 * WZP_MS;
        assert_true(wzp_dup_is_new(&dup, seq, now));
        assert_false(wzp_dup_is_new(&dup, seq, now));
    }
}

static void late_numbers_within_the_window_are_new_once(void **state)
{
    (void)state;
    struct wzp_dup dup;
    wzp_dup_init(&dup);
    assert_true(wzp_dup_is_new(&dup, 500, 0));
    for (int back = 1; back < WZP_DUP_WINDOW; back++) {
        uint16_t seq = (uint16_t)(500 - back); /* wraps below 0 */
        assert_true(wzp_dup_is_new(&dup, seq, 0));
        assert_false(wzp_dup_is_new(&dup, seq, 0));
    }
    assert_false(wzp_dup_is_new(&dup, 500, 0));
}

static void skipped_numbers_count_as_unseen(void **state)
{
    (void)state;
    struct wzp_dup dup;
    wzp_dup_init(&dup);
    for (uint16_t seq = 0; seq < 2000; seq++) {
        assert_true(wzp_dup_is_new(&dup, seq, 0));
    }
    assert_true(wzp_dup_is_new(&dup, 2900, 0)); /* their bits were used by 976 and later */
    for (uint16_t seq = 2000; seq < 2900; seq++) {
        assert_true(wzp_dup_is_new(&dup, seq, 0));
    }
    assert_false(wzp_dup_is_new(&dup, 1999, 0));
    assert_true(wzp_dup_is_new(&dup, 2900 + 1500, 0)); /* further than the window is long */
    assert_true(wzp_dup_is_new(&dup, 2900 + 1499, 0));
    assert_false(wzp_dup_is_new(&dup, 2900 + 1500, 0));
}

static void two_ways_give_each_packet_once(void **state)
{
    (void)state;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 1);
    struct wzp_dup dup;
    wzp_dup_init(&dup);
    uint32_t n_new = 0;
    for (uint32_t i = 0; i < 100000; i++) { /* the second way lags by up to 500 packets */
        uint32_t lag = (uint32_t)wzp_random_below(&random, 500);
        n_new += wzp_dup_is_new(&dup, (uint16_t)i, i * WZP_MS);
        if (i >= lag) {
            n_new += wzp_dup_is_new(&dup, (uint16_t)(i - lag), i * WZP_MS);
        }
    }
    assert_int_equal(n_new, 100000);
}

static void a_sender_that_was_silent_may_start_again(void **state)
{
    (void)state;
    struct wzp_dup dup;
    wzp_dup_init(&dup);
    for (uint16_t seq = 0; seq < 300; seq++) {
        assert_true(wzp_dup_is_new(&dup, seq, 0));
    }
    assert_false(wzp_dup_is_new(&dup, 0, WZP_DUP_IDLE_US)); /* not silent for longer than that */
    wzp_us later = 2 * WZP_DUP_IDLE_US + 1;
    assert_true(wzp_dup_is_new(&dup, 0, later));
    assert_true(wzp_dup_is_new(&dup, 1, later));
    assert_false(wzp_dup_is_new(&dup, 0, later));
}

static void a_jump_behind_the_window_starts_afresh(void **state)
{
    (void)state;
    struct wzp_dup dup;
    wzp_dup_init(&dup);
    for (uint32_t seq = 3000; seq < 5000; seq++) {
        assert_true(wzp_dup_is_new(&dup, (uint16_t)seq, 0));
    }
    for (uint16_t seq = 0; seq < 100; seq++) {
        assert_true(wzp_dup_is_new(&dup, seq, 0));
        assert_false(wzp_dup_is_new(&dup, seq, 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_is_new_once),
        cmocka_unit_test(late_numbers_within_the_window_are_new_once),
        cmocka_unit_test(skipped_numbers_count_as_unseen),
        cmocka_unit_test(two_ways_give_each_packet_once),
        cmocka_unit_test(a_sender_that_was_silent_may_start_again),
        cmocka_unit_test(a_jump_behind_the_window_starts_afresh),
    };
    return cmocka_run_group_tests_name("proto_dup", tests, NULL, NULL);
}
