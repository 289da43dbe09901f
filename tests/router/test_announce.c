/* SPDX-License-Identifier: Apache-2.0 */
/* We are relay m; links a, b, c speak the second generation. */
#include "rig.h"

static void our_members_are_announced_and_the_last_one_takes_them_back(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "a47b63f7d5b511ba5bc4089a74446906", "alice");
    rig_join(rig, "den", "dave");
    rig_pass(rig, 0);
    assert_string_equal(rig_said(a), "Active general origin=m path=m: alice(M)");
    assert_string_equal(rig_said(b), "Active general origin=m path=m: alice(M)");
    assert_true(a->seqs[0] > 1000);
    rig_clear(rig);
    struct rig_seat *bob = rig_join(rig, "general", "bob");
    struct rig_seat *carol = rig_join(rig, "general", "carol");
    rig_pass(rig, 49 * WZP_MS);
    assert_string_equal(rig_said(a), "");
    rig_pass(rig, WZP_MS);
    assert_string_equal(rig_said(a), "Active general origin=m path=m: alice(M),bob(M),carol(M)");
    rig_clear(rig);
    rig_leave(rig, alice);
    rig_leave(rig, bob);
    rig_leave(rig, carol);
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(rig_said(a), "Inactive general origin=m path=m: ");
    rig_free(rig);
}

static void an_announcement_is_shown_and_passed_on_to_the_others(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far,off"});
    rig_pass(rig, 0);
    assert_string_equal(alice->update, "alice,far,off");
    assert_string_equal(rig_said(a), "");
    assert_string_equal(rig_said(b), "Active general origin=x path=max: far,off");
    assert_string_equal(rig_said(c), "Active general origin=x path=max: far,off");
    assert_int_equal(b->seqs[0], 7);
    rig_free(rig);
}

static void a_number_that_a_link_told_us_is_not_told_back(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_clear(rig);
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 8, .people = "far,off"});
    assert_string_equal(rig_said(b), "");
    assert_string_equal(rig_said(a), "");
    assert_string_equal(rig_said(c), "Active general origin=x path=max: far,off");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 8, .people = "far,off"});
    assert_string_equal(rig_said(b), "");
    assert_int_equal(c->n_signals, 1);
    rig_free(rig);
}

static void a_shorter_path_wins_after_a_while_and_a_tie_moves_nothing(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, c, &(struct rig_news){.origin = 'x', .seq = 7, .path = "cyx", .people = "far"});
    rig_clear(rig);
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "byx", .people = "far"});
    assert_string_equal(rig_said(a), "");
    assert_string_equal(rig_said(b), "");
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "bx", .people = "far"});
    rig_pass(rig, 1999 * WZP_MS);
    assert_string_equal(rig_said(a), "");
    rig_pass(rig, WZP_MS);
    assert_string_equal(rig_said(a), "Active general origin=x path=mbx: far");
    assert_string_equal(rig_said(b), "Inactive general withdraw origin=x path=mx: ");
    assert_string_equal(rig_said(c), "");
    rig_pass(rig, 2 * WZP_SECOND);
    assert_string_equal(rig_said(c), "Active general origin=x path=mbx: far");
    uint8_t path[4][WZP_FINGERPRINT_BYTES];
    uint8_t x[WZP_FINGERPRINT_BYTES];
    rig_fingerprint('x', x);
    assert_int_equal(wzp_router_path(rig->router, "general", x, path, 4), 2);
    assert_int_equal(path[0][0], 'b');
    rig_free(rig);
}

static void news_take_the_shorter_path_at_once_and_are_told_once(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, c, &(struct rig_news){.origin = 'x', .seq = 7, .path = "cyx", .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "bx", .people = "far"});
    rig_clear(rig);
    rig_hear(rig, c, &(struct rig_news){.origin = 'x', .seq = 8, .path = "cyx", .people = "far,off"});
    rig_pass(rig, 10 * WZP_SECOND);
    assert_string_equal(rig_said(a), "Active general origin=x path=mbx: far,off");
    assert_string_equal(rig_said(b), "Inactive general withdraw origin=x path=mx: ");
    assert_string_equal(rig_said(c), "Active general origin=x path=mbx: far,off");
    rig_free(rig);
}

static void both_ways_are_heard_while_the_upstream_changes_for_the_better(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, c, &(struct rig_news){.origin = 'x', .seq = 7, .path = "cyx", .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .path = "bx", .people = "far"});
    rig_link_say(rig, c, 'x', 1, 1);
    rig_link_say(rig, b, 'x', 1, 2);
    assert_int_equal(alice->n_packets, 1);
    rig_pass(rig, 2 * WZP_SECOND);
    rig_clear(rig);
    rig_link_say(rig, c, 'x', 1, 3);
    rig_link_say(rig, b, 'x', 1, 3);
    rig_link_say(rig, b, 'x', 1, 4);
    rig_link_say(rig, c, 'x', 1, 4);
    assert_int_equal(alice->n_packets, 2);
    rig_pass(rig, 2 * WZP_SECOND);
    rig_link_say(rig, c, 'x', 1, 5);
    assert_int_equal(alice->n_packets, 2);
    rig_free(rig);
}

static void a_former_upstream_that_loses_its_way_is_told_ours_at_once(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, c, &(struct rig_news){.origin = 'x', .seq = 7, .path = "cyx", .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 8, .path = "bx", .people = "far"});
    rig_clear(rig);
    rig_hear_inactive(rig, c, &(struct rig_news){.origin = 'x', .seq = 7}, true);
    assert_string_equal(rig_said(c), "Active general origin=x path=mbx: far");
    rig_free(rig);
}

static void near(struct wzp_link_info *info)
{
    info->rtt_class = info->fingerprint[0] == 'c' ? 1 : 2;
}

static void among_equal_paths_a_new_choice_takes_the_nearest_then_the_smallest(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, near);
    struct rig_link *b = rig_link_up(rig, 'b', WZP_GENERATION_2, near);
    struct rig_link *c = rig_link_up(rig, 'c', WZP_GENERATION_2, near);
    struct rig_link *d = rig_link_up(rig, 'd', WZP_GENERATION_2, near);
    struct rig_link *first = d;
    rig_hear(rig, d, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, c, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_clear(rig);
    rig_hear_inactive(rig, first, &(struct rig_news){.origin = 'x', .seq = 7}, true);
    assert_string_equal(rig_said(d), "Active general origin=x path=mcx: far");
    assert_string_equal(rig_said(c), "Inactive general withdraw origin=x path=mx: ");
    rig_clear(rig);
    rig_link_down(rig, c);
    assert_string_equal(rig_said(d), "Active general origin=x path=max lost=mc: far");
    rig_free(rig);
}

static void a_path_that_holds_us_is_no_offer_and_takes_the_older_one_back(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .path = "amx", .people = "far"});
    assert_string_equal(rig_said(b), "");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_clear(rig);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 8, .path = "abmx", .people = "far"});
    assert_string_equal(rig_said(b), "Inactive general withdraw origin=x path=mx: ");
    struct wzp_link_stats stats;
    wzp_link_stats(a->link, &stats);
    assert_int_equal(stats.offers, 0);
    rig_free(rig);
}

static void a_path_of_33_relays_is_no_offer(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a,
             &(struct rig_news){
                 .origin = 'x', .seq = 7, .path = "abcdefghijklABCDEFGHIJKLMNOPQRSTx", .people = "far"});
    struct wzp_link_stats stats;
    wzp_link_stats(a->link, &stats);
    assert_int_equal(stats.offers, 0);
    rig_hear(rig, a,
             &(struct rig_news){
                 .origin = 'x', .seq = 7, .path = "abcdefghijklABCDEFGHIJKLMNOPQRSx", .people = "far"});
    wzp_link_stats(a->link, &stats);
    assert_int_equal(stats.offers, 1);
    assert_string_equal(rig_said(b), ""); /* with us in front it would be too long */
    rig_free(rig);
}

static void messages_that_overtake_each_other_end_in_the_newest(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .n = 2}, true);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far", .n = 1});
    struct wzp_link_stats stats;
    wzp_link_stats(a->link, &stats);
    assert_int_equal(stats.offers, 0);
    assert_int_equal(stats.signals_stale, 1);
    assert_string_equal(rig_said(b), "");
    rig_free(rig);
}

static void what_left_stays_away_until_a_newer_number(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_hear_inactive(rig, b, &(struct rig_news){.origin = 'x', .seq = 8}, false);
    rig_pass(rig, 0);
    assert_string_equal(alice->update, "alice");
    assert_string_equal(rig_said(a), "Inactive general origin=x path=mx: ");
    assert_string_equal(rig_said(b), "");
    assert_string_equal(rig_said(c), "Inactive general origin=x path=mx: ");
    rig_clear(rig);
    rig_hear_inactive(rig, c, &(struct rig_news){.origin = 'x', .seq = 8}, false);
    assert_string_equal(rig_said(a), "");
    rig_hear(rig, c, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice");
    rig_hear(rig, c, &(struct rig_news){.origin = 'x', .seq = 9, .people = "far"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,far");
    rig_free(rig);
}

static void a_lost_origin_is_shown_for_the_grace_and_comes_back_with_the_same_number(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_link_down(rig, a);
    assert_string_equal(rig_said(b), "Inactive general withdraw origin=x path=mx lost=ma: ");
    rig_pass(rig, 1999 * WZP_MS);
    assert_int_equal(alice->n_updates, 0);
    rig_pass(rig, 2 * WZP_MS);
    assert_string_equal(alice->update, "alice");
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,far");
    rig_free(rig);
}

static void another_way_changes_nothing_for_the_clients(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_link_down(rig, a);
    rig_pass(rig, 10 * WZP_SECOND);
    assert_int_equal(alice->n_updates, 0);
    assert_string_equal(rig_said(c), "Active general origin=x path=mbx lost=ma: far");
    assert_string_equal(rig_said(b), "Inactive general withdraw origin=x path=mx lost=ma: ");
    rig_free(rig);
}

static void a_new_link_is_told_everything_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, a, &(struct rig_news){.room = "other", .origin = 'a', .seq = 7, .people = "off"});
    rig_join(rig, "general", "alice");
    rig_pass(rig, 0);
    struct rig_link *b = rig_link_up(rig, 'b', WZP_GENERATION_2, NULL);
    assert_string_equal(rig_said(b), "Active general origin=m path=m: alice(M) | Active general origin=x "
                                     "path=max: far | Active other origin=a path=ma: off");
    rig_free(rig);
}

static void a_relay_on_the_path_is_not_offered_its_own_way(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .path = "abx", .people = "far"});
    assert_string_equal(rig_said(b), "");
    assert_string_equal(rig_said(c), "Active general origin=x path=mabx: far");
    rig_free(rig);
}

static void leaf(struct wzp_link_info *info)
{
    info->policy.is_leaf = info->fingerprint[0] == 'b';
}

static void nothing_of_third_relays_goes_to_or_comes_from_a_leaf(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, leaf);
    struct rig_link *b = rig_link_up(rig, 'b', WZP_GENERATION_2, leaf);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(rig_said(b), "Active general origin=m path=m: alice(M)");
    rig_clear(rig);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'b', .seq = 7, .people = "bea"});
    rig_hear(rig, b, &(struct rig_news){.origin = 'y', .seq = 7, .people = "yan"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,far,bea");
    assert_string_equal(rig_said(a), "");
    assert_string_equal(rig_said(b), "");
    rig_clear(rig);
    rig_link_say(rig, a, 'x', 1, 1);
    rig_link_say(rig, b, 'b', 1, 1);
    assert_int_equal(alice->n_packets, 2);
    assert_int_equal(a->n_packets + b->n_packets, 0);
    rig_free(rig);
}

static const char *const only_other[] = {"oth*"};

static void no_general(struct wzp_link_info *info)
{
    info->policy.rooms = only_other;
    info->policy.n_rooms = 1;
    info->policy.max_participants = 2;
}

static void policy_keeps_rooms_off_a_link_both_ways_and_cuts_lists(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, no_general);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    struct rig_seat *bob = rig_join(rig, "other", "bob");
    rig_pass(rig, 0);
    assert_string_equal(rig_said(a), "Active other origin=m path=m: bob(M)");
    rig_hear(rig, a, &(struct rig_news){.origin = 'a', .seq = 7, .people = "far"});
    rig_hear(rig, a, &(struct rig_news){.room = "other", .origin = 'a', .seq = 8, .people = "far,off,no"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice");
    assert_string_equal(bob->update, "bob,far,off");
    struct wzp_link_stats stats;
    wzp_link_stats(a->link, &stats);
    assert_int_equal(stats.signals_refused, 1);
    rig_say(rig, alice, 1);
    rig_link_say(rig, a, 'a', 1, 1);
    assert_int_equal(a->n_packets + alice->n_packets, 0);
    assert_int_equal(rig_dropped(a, WZP_DROP_NO_ROOM), 1);
    rig_free(rig);
}

static void announcements_that_break_a_rule_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct rig_news news;
    } rows[] = {
        {"an unknown room", {.room = "den", .origin = 'x', .seq = 7}},
        {"no origin", {.origin = 0, .seq = 7}},
        {"number 0", {.origin = 'x', .seq = 0}},
        {"a number too great", {.origin = 'x', .seq = (uint64_t)1 << 62}},
        {"a path from another", {.origin = 'x', .seq = 7, .path = "bx"}},
        {"a path to another", {.origin = 'x', .seq = 7, .path = "ay"}},
        {"no path", {.origin = 'x', .seq = 7, .path = ""}},
    };
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    for (size_t i = 0; i < wzp_count(rows); i++) {
        rig_hear(rig, a, &rows[i].news);
        struct wzp_link_stats stats;
        wzp_link_stats(a->link, &stats);
        if (stats.signals_refused != i + 1 || stats.offers != 0 || b->n_signals != 0) {
            fail_msg("%s was taken", rows[i].name);
        }
    }
    assert_int_equal(rig->events[0], WZP_ROUTER_EVENT_SIGNAL_REFUSED);
    rig_free(rig);
}

static void few_origins(struct wzp_router_config *config)
{
    config->limits.origins_per_room = 3;
    config->limits.remote_per_room = 4;
    config->limits.links = 2;
}

static void origins_people_and_links_have_their_limits(void **state)
{
    (void)state;
    struct rig *rig = rig_new(few_origins);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    rig_link_up(rig, 'b', WZP_GENERATION_2, NULL);
    struct wzp_link_info info = {.generation = WZP_GENERATION_2};
    struct wzp_link *link = NULL;
    rig_fingerprint('c', info.fingerprint);
    assert_int_equal(wzp_router_link_up(rig->router, &info, rig->now, &link), WZP_ELIMIT);
    rig_fingerprint('a', info.fingerprint);
    assert_int_equal(wzp_router_link_up(rig->router, &info, rig->now, &link), WZP_EEXIST);
    rig_fingerprint('m', info.fingerprint);
    assert_int_equal(wzp_router_link_up(rig->router, &info, rig->now, &link), WZP_EINVAL);
    rig_hear(rig, a, &(struct rig_news){.origin = 'w', .seq = 7, .people = "w1,w2,w3"});
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "x1,x2,x3"});
    rig_hear(rig, a, &(struct rig_news){.origin = 'y', .seq = 7, .people = "y1"});
    rig_hear(rig, a, &(struct rig_news){.origin = 'z', .seq = 7, .people = "z1"});
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_pass(rig, 0);
    assert_string_equal(alice->update, "alice,w1,w2,w3,x1");
    struct wzp_link_stats stats;
    wzp_link_stats(a->link, &stats);
    assert_int_equal(stats.signals_refused, 1);
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'w', .seq = 8}, false);
    rig_hear(rig, a, &(struct rig_news){.origin = 'z', .seq = 8, .people = "z1"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,x1,z1");
    rig_free(rig);
}

static void a_greater_number_of_our_own_is_outgrown(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_join(rig, "general", "alice");
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_hear(rig, a, &(struct rig_news){.origin = 'm', .seq = 5000, .people = "ghost"});
    rig_hear(rig, a, &(struct rig_news){.room = "other", .origin = 'm', .seq = 6000, .people = "ghost"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(rig_said(b), "Inactive other origin=m path=m:  | Active general origin=m path=m: "
                                     "alice(M)");
    assert_int_equal(b->seqs[0], 6001);
    assert_true(b->seqs[1] > 5000);
    rig_free(rig);
}

static void nothing_is_left_of_an_origin_a_minute_after(void **state)
{
    (void)state;
    struct rig_link *a, *b, *c;
    struct rig *rig = rig_new_linked(&a, &b, &c);
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "far"});
    rig_hear(rig, a, &(struct rig_news){.origin = 'y', .seq = 7, .people = "far"});
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'x', .seq = 7}, true);
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'y', .seq = 8}, false);
    rig_pass(rig, 70 * WZP_SECOND);
    assert_int_equal(wzp_router_deadline(rig->router), WZP_NEVER);
    struct wzp_router_stats stats;
    wzp_router_stats(rig->router, &stats);
    assert_int_equal(stats.origins, 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_members_are_announced_and_the_last_one_takes_them_back),
        cmocka_unit_test(an_announcement_is_shown_and_passed_on_to_the_others),
        cmocka_unit_test(a_number_that_a_link_told_us_is_not_told_back),
        cmocka_unit_test(a_shorter_path_wins_after_a_while_and_a_tie_moves_nothing),
        cmocka_unit_test(news_take_the_shorter_path_at_once_and_are_told_once),
        cmocka_unit_test(both_ways_are_heard_while_the_upstream_changes_for_the_better),
        cmocka_unit_test(a_former_upstream_that_loses_its_way_is_told_ours_at_once),
        cmocka_unit_test(among_equal_paths_a_new_choice_takes_the_nearest_then_the_smallest),
        cmocka_unit_test(a_path_that_holds_us_is_no_offer_and_takes_the_older_one_back),
        cmocka_unit_test(a_path_of_33_relays_is_no_offer),
        cmocka_unit_test(messages_that_overtake_each_other_end_in_the_newest),
        cmocka_unit_test(what_left_stays_away_until_a_newer_number),
        cmocka_unit_test(a_lost_origin_is_shown_for_the_grace_and_comes_back_with_the_same_number),
        cmocka_unit_test(another_way_changes_nothing_for_the_clients),
        cmocka_unit_test(a_new_link_is_told_everything_at_once),
        cmocka_unit_test(a_relay_on_the_path_is_not_offered_its_own_way),
        cmocka_unit_test(nothing_of_third_relays_goes_to_or_comes_from_a_leaf),
        cmocka_unit_test(policy_keeps_rooms_off_a_link_both_ways_and_cuts_lists),
        cmocka_unit_test(announcements_that_break_a_rule_are_refused),
        cmocka_unit_test(origins_people_and_links_have_their_limits),
        cmocka_unit_test(a_greater_number_of_our_own_is_outgrown),
        cmocka_unit_test(nothing_is_left_of_an_origin_a_minute_after),
    };
    return cmocka_run_group_tests_name("router_announce", tests, NULL, NULL);
}
