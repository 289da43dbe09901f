/* SPDX-License-Identifier: Apache-2.0 */
/* What links can make the router keep: each limit is reached here. */
#include "rig.h"

static void small(struct wzp_router_config *config)
{
    config->limits.offers_per_link = 3;
    config->limits.people_per_link = 5;
    config->limits.heard_origins = 2;
    config->limits.left_origins = 2;
}

static struct wzp_link_stats stats_of(const struct rig_link *link)
{
    struct wzp_link_stats stats;
    wzp_link_stats(link->link, &stats);
    return stats;
}

static void hear(struct rig *rig, struct rig_link *link, const char *room, char origin, uint64_t seq)
{
    rig_hear(rig, link, &(struct rig_news){.room = room, .origin = origin, .seq = seq, .people = "p"});
}

static void a_link_offers_no_more_rooms_and_origins_than_its_limit(void **state)
{
    (void)state;
    struct rig *rig = rig_new(small);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    struct rig_link *b = rig_link_up(rig, 'b', WZP_GENERATION_2, NULL);
    hear(rig, a, "general", 'x', 7);
    hear(rig, a, "general", 'y', 7);
    hear(rig, a, "other", 'x', 7);
    hear(rig, a, "other", 'y', 7); /* the fourth */
    assert_int_equal(stats_of(a).offers, 3);
    assert_int_equal(stats_of(a).refused[WZP_REFUSAL_OFFERS], 1);
    hear(rig, a, "other", 'x', 8); /* what stands may change */
    hear(rig, b, "other", 'y', 7); /* the other link is none the worse */
    assert_int_equal(stats_of(a).signals_refused, 1);
    assert_int_equal(stats_of(b).offers, 1);
    rig_hear_inactive(rig, a, &(struct rig_news){.origin = 'y', .seq = 8}, false);
    hear(rig, a, "other", 'y', 8);
    assert_int_equal(stats_of(a).offers, 3);
    rig_link_down(rig, a);
    a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    hear(rig, a, "other", 'x', 9);
    assert_int_equal(stats_of(a).offers, 1);
    rig_free(rig);
}

static void the_lists_of_a_link_are_cut_at_its_limit(void **state)
{
    (void)state;
    struct rig *rig = rig_new(small);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    struct rig_link *b = rig_link_up(rig, 'b', WZP_GENERATION_2, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "x1,x2,x3"});
    rig_hear(rig, a, &(struct rig_news){.origin = 'y', .seq = 7, .people = "y1,y2,y3"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,x1,x2,x3,y1,y2");
    assert_int_equal(stats_of(a).refused[WZP_REFUSAL_PEOPLE], 1);
    assert_int_equal(stats_of(a).signals_refused, 0);
    rig_hear(rig, b,
             &(struct rig_news){.origin = 'y', .seq = 8, .people = "y1,y2,y3"}); /* they count for b */
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 8, .people = "x1,x2,x3,x4,x5,x6"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,x1,x2,x3,x4,x5,y1,y2,y3");
    rig_link_down(rig, a);
    rig_pass(rig, 3 * WZP_SECOND);
    assert_string_equal(alice->update, "alice,y1,y2,y3");
    rig_free(rig);
}

static void third_relays_do_not_crowd_out_the_links_own(void **state)
{
    (void)state;
    struct rig *rig = rig_new(small);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'x', .seq = 7, .people = "x1,x2,x3,x4,x5,x6"});
    hear(rig, a, "general", 'y', 7);
    hear(rig, a, "other", 'x', 7);
    rig_hear(rig, a, &(struct rig_news){.origin = 'a', .seq = 7, .path = "a", .people = "a1,a2"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,x1,x2,x3,x4,x5,a1,a2");
    assert_int_equal(stats_of(a).signals_refused, 0);
    rig_free(rig);
}

static void of_relays_that_left_the_oldest_make_place(void **state)
{
    (void)state;
    struct rig *rig = rig_new(small);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    struct wzp_router_stats before, after;
    wzp_router_stats(rig->router, &before);
    for (int letter = 'n'; letter <= 'z'; letter++) {
        char origin = (char)letter;
        hear(rig, a, "general", origin, 7);
        rig_hear_inactive(rig, a, &(struct rig_news){.origin = origin, .seq = 8}, false);
    }
    wzp_router_stats(rig->router, &after);
    assert_in_range(after.memory_bytes - before.memory_bytes, 1, 8000);
    hear(rig, a, "general", 'z', 7); /* the last one's number is still known */
    assert_int_equal(stats_of(a).offers, 0);
    hear(rig, a, "general", 'z', 9);
    assert_int_equal(stats_of(a).offers, 1);
    rig_free(rig);
}

static void relays_of_which_only_media_is_heard_make_place_for_one_another(void **state)
{
    (void)state;
    struct rig *rig = rig_new(small);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    hear(rig, a, "general", 'b', 7);
    struct wzp_router_stats before, after;
    wzp_router_stats(rig->router, &before);
    for (int letter = 'n'; letter <= 'z'; letter++) {
        char origin = (char)letter;
        rig_link_say(rig, a, origin, 1, 1);
        rig_pass(rig, WZP_MS);
    }
    wzp_router_stats(rig->router, &after);
    assert_in_range(after.memory_bytes - before.memory_bytes, 1, 16000);
    assert_int_equal(after.origins, 1); /* who is announced stays */
    assert_int_equal(alice->n_packets, 'z' - 'n' + 1);
    rig_free(rig);
}

static void a_first_generation_relay_may_repeat_that_it_left(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_1, NULL);
    rig_hear(rig, a, &(struct rig_news){.people = "x1"});
    rig_hear_inactive(rig, a, &(struct rig_news){0}, false);
    rig_pass(rig, 90 * WZP_SECOND); /* it has been forgotten */
    rig_hear_inactive(rig, a, &(struct rig_news){0}, false);
    rig_hear(rig, a, &(struct rig_news){.people = "x1"});
    assert_int_equal(stats_of(a).offers, 1);
    rig_free(rig);
}

static void first_generation_lists_are_cut_too(void **state)
{
    (void)state;
    struct rig *rig = rig_new(small);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_1, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.room = "other", .people = "o1,o2,o3"});
    rig_hear(rig, a, &(struct rig_news){.people = "g1,g2,g3"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,g1(A),g2(A)");
    rig_free(rig);
}

static void every_refusal_has_its_words(void **state)
{
    (void)state;
    for (int i = 0; i < WZP_N_REFUSALS; i++) {
        assert_non_null(wzp_refusal_text((enum wzp_refusal)i));
        assert_non_null(wzp_refusal_reason((enum wzp_refusal)i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_offers_no_more_rooms_and_origins_than_its_limit),
        cmocka_unit_test(the_lists_of_a_link_are_cut_at_its_limit),
        cmocka_unit_test(third_relays_do_not_crowd_out_the_links_own),
        cmocka_unit_test(of_relays_that_left_the_oldest_make_place),
        cmocka_unit_test(relays_of_which_only_media_is_heard_make_place_for_one_another),
        cmocka_unit_test(a_first_generation_relay_may_repeat_that_it_left),
        cmocka_unit_test(first_generation_lists_are_cut_too),
        cmocka_unit_test(every_refusal_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
