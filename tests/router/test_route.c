/* SPDX-License-Identifier: Apache-2.0 */
/* Ways that break and come back. We are relay m; links speak the second generation. */
#include "rig.h"

static void a_lost_link_is_named_to_those_who_hear_of_another_way(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'a', .seq = 7, .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'a', .seq = 7, .path = "ba", .people = "far"});
    rig_clear(rig);
    rig_link_down(rig, a);
    assert_string_equal(rig_said(b), "Inactive general withdraw origin=a path=ma lost=ma: ");
    assert_string_equal(rig_said(c), "Active general origin=a path=mba lost=ma: far");
    rig_clear(rig);
    rig_link_down(rig, b);
    assert_string_equal(rig_said(c), "Inactive general withdraw origin=a path=ma lost=mb: ");
    rig_free(rig);
}

static void a_way_over_what_broke_is_not_tried(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .path = "ax", .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "bax", .people = "far"});
    rig_clear(rig);
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .lost = "ax"}, true);
    assert_string_equal(rig_said(c), "Inactive general withdraw origin=x path=mx lost=ax: ");
    assert_string_equal(rig_said(b), "Inactive general withdraw origin=x path=mx lost=ax: ");
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "byx", .people = "far"});
    assert_string_equal(rig_said(c), "Inactive general withdraw origin=x path=mx lost=ax:  | "
                                     "Active general origin=x path=mbyx: far");
    rig_free(rig);
}

static void a_doubted_way_that_is_still_offered_later_is_used(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .path = "ax", .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "bax", .people = "far"});
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .lost = "ax"}, true);
    rig_pass(rig, 1499 * WZP_MS);
    assert_int_equal(c->n_signals, 1);
    rig_pass(rig, WZP_MS);
    assert_string_equal(c->signals[1], "Active general origin=x path=mbax: far");
    rig_pass(rig, 5 * WZP_SECOND);
    assert_int_equal(alice->n_updates, 0); /* within the grace: nobody saw it */
    rig_free(rig);
}

static void a_way_over_what_broke_is_doubted_when_it_is_offered_later_too(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .path = "ax", .people = "far"});
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .lost = "ax"}, true);
    rig_clear(rig);
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "bax", .people = "far"});
    assert_string_equal(rig_said(c), "");
    rig_pass(rig, 1500 * WZP_MS);
    assert_string_equal(rig_said(c), "Active general origin=x path=mbax: far");
    rig_free(rig);
}

static void what_broke_for_one_origin_is_doubted_for_others(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .path = "ayx", .people = "far"});
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .lost = "ay"}, true);
    rig_clear(rig);
    rig_hear(rig, b, &(struct rig_news){.origin = 'z', .seq = 7, .path = "bayz", .people = "zoe"});
    assert_string_equal(rig_said(c), "");
    rig_hear(rig, a, &(struct rig_news){.origin = 'z', .seq = 7, .path = "ayz", .people = "zoe"});
    assert_string_equal(rig_said(c), "Active general origin=z path=mayz: zoe"); /* it knows its own links */
    rig_free(rig);
}

static void people_of_an_origin_that_was_only_ever_doubted_go_again(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'y', .seq = 7, .path = "ay", .people = "yan"});
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'y', .seq = 7, .lost = "ax"}, true);
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "bax", .people = "far"});
    rig_hear_inactive(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .lost = "ax"}, true);
    rig_pass(rig, 10 * WZP_SECOND);
    assert_string_equal(alice->update, "alice");
    rig_free(rig);
}

static void what_broke_elsewhere_takes_an_upstream_away(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .path = "ayzx", .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "bkpqzx", .people = "far"});
    rig_clear(rig);
    rig_hear(rig, b,
             &(struct rig_news){.origin = 'x', .seq = 7, .path = "bkpqrx", .people = "far", .lost = "zx"});
    assert_string_equal(rig_said(c), "Active general origin=x path=mbkpqrx lost=zx: far");
    assert_string_equal(rig_said(a), "Active general origin=x path=mbkpqrx lost=zx: far");
    rig_free(rig);
}

static void a_relay_that_comes_back_hears_what_is_still_said_of_it(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .path = "ax", .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'y', .seq = 9, .path = "by", .people = "yan"});
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_2, NULL);
    assert_string_equal(rig_said(x), "Inactive general withdraw origin=x path=mx:  | "
                                     "Active general origin=y path=mby: yan");
    assert_int_equal(x->seqs[0], 7);
    rig_clear(rig);
    rig_hear_inactive(rig, x, &(struct rig_news){.origin = 'x', .seq = 8}, false);
    assert_string_equal(rig_said(a), "Inactive general origin=x path=mx: ");
    rig_free(rig);
}

static void a_restarted_relay_says_that_it_has_nobody(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'm', .seq = 5000}, true);
    assert_string_equal(rig_said(a), "Inactive general origin=m path=m: ");
    assert_string_equal(rig_said(c), "Inactive general origin=m path=m: ");
    assert_int_equal(a->seqs[0], 5001);
    rig_hear_inactive(rig, b, &(struct rig_news){.origin = 'm', .seq = 5000}, true);
    assert_int_equal(a->n_signals, 1);
    rig_free(rig);
}

static void a_late_way_of_an_origin_that_left_is_answered_once(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'x', .seq = 8}, false);
    rig_clear(rig);
    struct rig_link *d = rig_link_up(rig, 'd', WZP_GENERATION_2, NULL);
    rig_hear(rig, d, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, d, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    assert_string_equal(rig_said(d), "Inactive general origin=x path=mx: ");
    rig_free(rig);
}

/* Else it would count as one that sees that somebody is here, and not be asked for what c wants. */
static void who_says_that_an_origin_left_holds_no_offer_of_ours(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear_inactive(rig, b, &(struct rig_news){.origin = 'x', .seq = 8}, false);
    rig_clear(rig);
    rig_hear_prune(rig, c, 0, false, 9);
    rig_hear(rig, b, &(struct rig_news){.origin = 'y', .seq = 7, .path = "bzy", .people = "yan"});
    assert_string_equal(rig_said(b), "Graft room");
    rig_free(rig);
}

static void a_neighbour_whose_clock_went_back_hears_the_greater_number(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, b, &(struct rig_news){.origin = 'a', .seq = 900, .path = "bya", .people = "old"});
    rig_clear(rig);
    rig_hear(rig, a, &(struct rig_news){.origin = 'a', .seq = 5, .people = "new"});
    assert_string_equal(rig_said(a), "Active general origin=a path=mbya: old");
    assert_int_equal(a->seqs[0], 900);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_link_is_named_to_those_who_hear_of_another_way),
        cmocka_unit_test(a_way_over_what_broke_is_not_tried),
        cmocka_unit_test(a_doubted_way_that_is_still_offered_later_is_used),
        cmocka_unit_test(a_way_over_what_broke_is_doubted_when_it_is_offered_later_too),
        cmocka_unit_test(what_broke_for_one_origin_is_doubted_for_others),
        cmocka_unit_test(people_of_an_origin_that_was_only_ever_doubted_go_again),
        cmocka_unit_test(what_broke_elsewhere_takes_an_upstream_away),
        cmocka_unit_test(a_relay_that_comes_back_hears_what_is_still_said_of_it),
        cmocka_unit_test(a_restarted_relay_says_that_it_has_nobody),
        cmocka_unit_test(a_late_way_of_an_origin_that_left_is_answered_once),
        cmocka_unit_test(who_says_that_an_origin_left_holds_no_offer_of_ours),
        cmocka_unit_test(a_neighbour_whose_clock_went_back_hears_the_greater_number),
    };
    return cmocka_run_group_tests_name("router_route", tests, NULL, NULL);
}
