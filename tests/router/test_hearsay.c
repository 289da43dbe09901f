/* SPDX-License-Identifier: Apache-2.0 */
/* What others say of a neighbour's path beside what it says itself. We are relay m. */
#include "rig.h"

static const struct rig_news by_a = {.origin = 'x', .seq = 7, .path = "ayx", .people = "far"};
static const struct rig_news by_b_over_a = {.origin = 'x', .seq = 7, .path = "bayx", .people = "far"};

static void a_way_over_a_neighbour_that_withdrew_its_own_is_not_tried(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &by_a);
    rig_hear(rig, b, &by_b_over_a);
    rig_clear(rig);
    rig_hear_inactive(rig, a, &by_a, true);
    assert_string_equal(rig_said(c), "Inactive general withdraw origin=x path=mx: ");
    rig_free(rig);
}

static void nor_is_one_that_is_offered_after_that(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &by_a);
    rig_hear_inactive(rig, a, &by_a, true);
    rig_clear(rig);
    rig_hear(rig, b, &by_b_over_a);
    assert_string_equal(rig_said(c), "");
    rig_pass(rig, 1500 * WZP_MS); /* who was right would have said so by now */
    assert_string_equal(rig_said(c), "Active general origin=x path=mbayx: far");
    rig_free(rig);
}

static void a_neighbour_may_come_back_at_once(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &by_a);
    rig_hear_inactive(rig, a, &by_a, true);
    rig_clear(rig);
    rig_hear(rig, a, &by_a);
    assert_string_equal(rig_said(c), "Active general origin=x path=mayx: far");
    rig_free(rig);
}

static void a_way_over_a_former_path_of_a_neighbour_is_not_tried(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &by_a);
    rig_hear(rig, b, &by_b_over_a);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .path = "akzx", .people = "far"});
    rig_clear(rig);
    rig_link_down(rig, a);
    assert_string_equal(rig_said(c), "Inactive general withdraw origin=x path=mx lost=ma: ");
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "bakzx", .people = "far"});
    assert_string_equal(rig_said(c), "Inactive general withdraw origin=x path=mx lost=ma:  | "
                                     "Active general origin=x path=mbakzx: far");
    rig_free(rig);
}

/* It may have been told to keep its ways to itself. */
static void a_neighbour_that_never_offered_a_way_contradicts_nobody(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'z', .seq = 3, .people = "zoe"});
    rig_clear(rig);
    rig_hear(rig, b, &by_b_over_a);
    assert_string_equal(rig_said(c), "Active general origin=x path=mbayx: far");
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_way_over_a_neighbour_that_withdrew_its_own_is_not_tried),
        cmocka_unit_test(nor_is_one_that_is_offered_after_that),
        cmocka_unit_test(a_neighbour_may_come_back_at_once),
        cmocka_unit_test(a_way_over_a_former_path_of_a_neighbour_is_not_tried),
        cmocka_unit_test(a_neighbour_that_never_offered_a_way_contradicts_nobody),
    };
    return cmocka_run_group_tests_name("router_hearsay", tests, NULL, NULL);
}
