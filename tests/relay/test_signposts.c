/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/signposts.h"
#include "support/wzp_test.h"

static void a_sign_stands_until_it_is_cleared(void **state)
{
    (void)state;
    struct wzp_signposts signposts = {0};
    assert_int_equal(wzp_signposts_read(&signposts, 7, 1), 1);
    assert_true(wzp_signposts_set(&signposts, 7, 3));
    assert_int_equal(wzp_signposts_read(&signposts, 7, 1), 3);
    assert_true(wzp_signposts_set(&signposts, 7, 2));
    assert_int_equal(wzp_signposts_read(&signposts, 7, 1), 2);
    wzp_signposts_clear(&signposts, 7);
    wzp_signposts_clear(&signposts, 7);
    assert_int_equal(wzp_signposts_read(&signposts, 7, 1), 1);
}

static void rooms_that_meet_stand_side_by_side_until_there_is_no_place(void **state)
{
    (void)state;
    struct wzp_signposts signposts = {0};
    for (uint64_t i = 0; i < WZP_SIGNPOSTS_REACH; i++) {
        assert_true(wzp_signposts_set(&signposts, 1 + i * WZP_SIGNPOSTS, (unsigned)i));
    }
    uint64_t homeless = 1 + (uint64_t)WZP_SIGNPOSTS_REACH * WZP_SIGNPOSTS;
    assert_false(wzp_signposts_set(&signposts, homeless, 5));
    assert_int_equal(wzp_signposts_read(&signposts, homeless, 60), 60);
    for (uint64_t i = 0; i < WZP_SIGNPOSTS_REACH; i++) {
        assert_int_equal(wzp_signposts_read(&signposts, 1 + i * WZP_SIGNPOSTS, 60), i);
    }
    wzp_signposts_clear(&signposts, 1); /* those behind it are found all the same */
    assert_int_equal(wzp_signposts_read(&signposts, 1 + WZP_SIGNPOSTS, 60), 1);
    assert_true(wzp_signposts_set(&signposts, homeless, 5));
    assert_int_equal(wzp_signposts_read(&signposts, homeless, 60), 5);
}

static void a_crowd_is_counted_by_the_second(void **state)
{
    (void)state;
    struct wzp_signposts signposts = {0};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(wzp_signposts_arrive(&signposts, 9, 4 * WZP_SECOND + (wzp_us)i), i);
    }
    assert_int_equal(wzp_signposts_arrive(&signposts, 10, 4 * WZP_SECOND), 0);
    assert_int_equal(wzp_signposts_arrive(&signposts, 9, 5 * WZP_SECOND), 0);
    assert_int_equal(wzp_signposts_arrive(&signposts, 9, 5 * WZP_SECOND), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sign_stands_until_it_is_cleared),
        cmocka_unit_test(rooms_that_meet_stand_side_by_side_until_there_is_no_place),
        cmocka_unit_test(a_crowd_is_counted_by_the_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
