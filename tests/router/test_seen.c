/* SPDX-License-Identifier: Apache-2.0 */
#include "router/seen.h"
#include "support/wzp_test.h"

static void what_was_noted_is_known_for_the_window(void **state)
{
    (void)state;
    struct wzp_seen *seen = wzp_seen_new(4, 100);
    assert_non_null(seen);
    assert_false(wzp_seen_has(seen, 7, 0));
    wzp_seen_note(seen, 7, 0);
    assert_true(wzp_seen_has(seen, 7, 99));
    assert_false(wzp_seen_has(seen, 7, 100));
    wzp_seen_note(seen, 7, 150);
    wzp_seen_note(seen, 7, 200);
    assert_true(wzp_seen_has(seen, 7, 299));
    wzp_seen_free(seen);
}

static void a_full_row_forgets_its_oldest(void **state)
{
    (void)state;
    struct wzp_seen *seen = wzp_seen_new(2, 1000); /* one row */
    for (uint64_t hash = 1; hash <= 4; hash++) {
        wzp_seen_note(seen, hash, (wzp_us)hash);
    }
    wzp_seen_note(seen, 1, 5);
    wzp_seen_note(seen, 5, 6);
    assert_true(wzp_seen_has(seen, 1, 7));
    assert_false(wzp_seen_has(seen, 2, 7));
    for (uint64_t hash = 3; hash <= 5; hash++) {
        assert_true(wzp_seen_has(seen, hash, 7));
    }
    wzp_seen_free(seen);
}

static void nothing_noted_at_time_zero_looks_like_an_empty_place(void **state)
{
    (void)state;
    struct wzp_seen *seen = wzp_seen_new(2, 10);
    assert_false(wzp_seen_has(seen, 0, 0));
    wzp_seen_note(seen, 0, 0);
    assert_true(wzp_seen_has(seen, 0, 9));
    wzp_seen_free(seen);
    wzp_seen_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_noted_is_known_for_the_window),
        cmocka_unit_test(a_full_row_forgets_its_oldest),
        cmocka_unit_test(nothing_noted_at_time_zero_looks_like_an_empty_place),
    };
    return cmocka_run_group_tests_name("router_seen", tests, NULL, NULL);
}
