/* SPDX-License-Identifier: Apache-2.0 */
/* First-generation links x and y; a speaks the second generation. We are relay m. */
#include "rig.h"

static void members_are_announced_as_one_list_that_is_complete_each_time(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_pass(rig, 0);
    assert_string_equal(rig_said(x), "Active general: alice(M)");
    struct rig_seat *bob = rig_join(rig, "general", "bob");
    rig_pass(rig, WZP_SECOND);
    rig_leave(rig, alice);
    rig_pass(rig, WZP_SECOND);
    rig_leave(rig, bob);
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(rig_said(x), "Active general: alice(M) | Active general: alice(M),bob(M) | "
                                     "Active general: bob(M) | Inactive general: ");
    rig_free(rig);
}

static void a_new_link_is_told_what_there_is(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    rig_join(rig, "general", "alice");
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    rig_hear(rig, a, &(struct rig_news){.origin = 'z', .seq = 7, .people = "zoe"});
    rig_pass(rig, WZP_SECOND);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    rig_pass(rig, 0);
    assert_string_equal(rig_said(x), "Active general: alice(M),zoe");
    rig_pass(rig, WZP_SECOND);
    assert_int_equal(x->n_signals, 1);
    rig_free(rig);
}

static void its_list_becomes_an_origin_that_stands_at_the_link(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_hear(rig, x, &(struct rig_news){.people = "far"});
    rig_pass(rig, 50 * WZP_MS);
    assert_string_equal(alice->update, "alice,far(X)");
    assert_string_equal(rig_said(a), "Active general origin=x path=mx: far(X)");
    assert_string_equal(rig_said(x), "");
    rig_clear(rig);
    rig_hear(rig, x, &(struct rig_news){.people = "far"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(rig_said(a), "");
    assert_int_equal(alice->n_updates, 0);
    rig_hear(rig, x, &(struct rig_news){.people = "far,off"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,far(X),off(X)");
    rig_hear_inactive(rig, x, &(struct rig_news){0}, false);
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice");
    assert_string_equal(rig_said(a), "Active general origin=x path=mx: far(X),off(X) | Inactive general "
                                     "origin=x path=mx: ");
    rig_hear(rig, x, &(struct rig_news){.people = "new"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,new(X)");
    rig_free(rig);
}

static void a_lost_link_takes_its_people_after_the_grace(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, x, &(struct rig_news){.people = "far"});
    rig_pass(rig, WZP_SECOND);
    rig_link_down(rig, x);
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,far(X)");
    rig_pass(rig, 2 * WZP_SECOND);
    assert_string_equal(alice->update, "alice");
    rig_free(rig);
}

static void a_hub_without_members_carries_lists_and_media(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_link *y = rig_link_up(rig, 'y', WZP_GENERATION_1, NULL);
    struct rig_link *z = rig_link_up(rig, 'z', WZP_GENERATION_1, NULL);
    rig_hear(rig, x, &(struct rig_news){.people = "far"});
    rig_pass(rig, WZP_SECOND);
    rig_hear(rig, y, &(struct rig_news){.people = "yan"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(rig_said(y), "Active general: far(X)");
    assert_string_equal(rig_said(x), "Active general: yan(Y)");
    rig_link_say(rig, x, 0, 0, 5);
    assert_int_equal(y->n_packets, 1);
    assert_int_equal(x->n_packets, 0);
    assert_int_equal(z->n_packets, 0);
    assert_int_equal(y->packets[0].size, 22);
    assert_int_equal(wzp_media_seq(y->packets[0].bytes + 8), 5);
    assert_string_equal(rig_said(x), "Active general: yan(Y)"); /* and no prune */
    rig_free(rig);
}

static void media_goes_both_ways_with_plain_tags(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, x, &(struct rig_news){.people = "far"});
    rig_hear(rig, a, &(struct rig_news){.origin = 'a', .seq = 7, .people = "amy"});
    rig_pass(rig, WZP_SECOND);
    rig_say(rig, alice, 1);
    assert_int_equal(x->n_packets, 1);
    assert_int_equal(x->packets[0].size, 22);
    assert_int_equal(x->packets[0].bytes[0], 0x0f);
    assert_int_equal(wzp_media_stream(x->packets[0].bytes + 8), wzp_member_stream(alice->member));
    assert_int_equal(a->packets[0].size, 32);
    assert_int_equal(a->packets[0].bytes[8], 'm');
    rig_link_say(rig, x, 0, 3, 2);
    assert_int_equal(alice->n_packets, 1);
    assert_int_equal(wzp_media_stream(alice->packets[0].bytes), 0); /* it names no sender */
    assert_int_equal(a->n_packets, 2);
    assert_int_equal(a->packets[1].bytes[8], 'x');
    assert_int_equal(a->packets[1].bytes[16], 31);
    assert_int_equal(wzp_media_stream(a->packets[1].bytes + 18), 0);
    rig_link_say(rig, a, 'a', 1, 3);
    assert_int_equal(x->n_packets, 2);
    assert_int_equal(x->packets[1].size, 22);
    assert_int_equal(alice->n_packets, 2);
    rig_free(rig);
}

static void packets_are_told_apart_by_content_for_two_seconds(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_link *y = rig_link_up(rig, 'y', WZP_GENERATION_1, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, x, &(struct rig_news){.people = "far"});
    rig_hear(rig, y, &(struct rig_news){.people = "yan"});
    rig_link_say(rig, x, 0, 0, 5);
    rig_link_say(rig, x, 0, 7, 5); /* another hint, the same packet */
    rig_link_say(rig, y, 0, 0, 5);
    assert_int_equal(alice->n_packets, 1);
    assert_int_equal(rig_dropped(x, WZP_DROP_DUPLICATE), 1);
    assert_int_equal(rig_dropped(y, WZP_DROP_DUPLICATE), 1);
    rig_pass(rig, 1999 * WZP_MS);
    rig_link_say(rig, x, 0, 0, 5);
    assert_int_equal(alice->n_packets, 1);
    rig_pass(rig, 2 * WZP_MS);
    rig_link_say(rig, x, 0, 0, 5);
    assert_int_equal(alice->n_packets, 2);
    rig_clear(rig);
    rig_say(rig, alice, 9);
    rig_link_say_bytes(rig, x, x->packets[x->n_packets - 1].bytes, 22); /* our own comes back */
    assert_int_equal(rig_dropped(x, WZP_DROP_DUPLICATE), 3);
    rig_free(rig);
}

static void far_speakers_with_the_same_numbers_are_both_heard(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, x, &(struct rig_news){.people = "far,off"});
    uint8_t bytes[24] = {0};
    wzp_room_id_tag("general", bytes);
    for (uint8_t seq = 0; seq < 50; seq++) {
        bytes[11] = seq;
        bytes[20] = 1;
        rig_link_say_bytes(rig, x, bytes, sizeof bytes);
        bytes[20] = 2;
        rig_link_say_bytes(rig, x, bytes, sizeof bytes);
    }
    assert_int_equal(alice->n_packets, 100);
    rig_free(rig);
}

static void an_echo_of_our_own_people_shows_nobody_twice(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_link *y = rig_link_up(rig, 'y', WZP_GENERATION_1, NULL);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, a, &(struct rig_news){.origin = 'a', .seq = 7, .people = "amy"});
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    rig_hear(rig, y, &(struct rig_news){.people = "alice,amy,yan"});
    rig_hear(rig, x, &(struct rig_news){.people = "yan,alice"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,amy,yan(X)"); /* x has the smaller fingerprint */
    rig_free(rig);
}

static void who_left_does_not_come_back_as_an_echo(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_link *y = rig_link_up(rig, 'y', WZP_GENERATION_1, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    struct rig_seat *bob = rig_join(rig, "general", "bob");
    rig_pass(rig, WZP_SECOND);
    rig_hear(rig, x, &(struct rig_news){.people = "alice,bob"}); /* x and y pass on what they heard */
    rig_hear(rig, y, &(struct rig_news){.people = "alice,bob"});
    rig_pass(rig, WZP_SECOND);
    rig_leave(rig, alice);
    rig_hear(rig, y, &(struct rig_news){.people = "alice,bob"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(bob->update, "bob");
    for (int i = 0; i < 30; i++) { /* it goes round and round */
        rig_hear(rig, i % 2 ? x : y, &(struct rig_news){.people = "alice,bob"});
        rig_pass(rig, WZP_SECOND);
    }
    assert_string_equal(bob->update, "bob");
    rig_free(rig);
}

/* Hands each list that one of the links got to us as said by the other, as a ring of such relays does. */
static void rings_do_not_storm(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *links[2] = {rig_link_up(rig, 'x', WZP_GENERATION_1, NULL),
                                 rig_link_up(rig, 'y', WZP_GENERATION_1, NULL)};
    size_t passed[2] = {0};
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    for (int i = 0; i < 200; i++) {
        rig_pass(rig, 10 * WZP_MS);
        for (int k = 0; k < 2; k++) {
            for (; passed[k] < links[k]->n_signals; passed[k]++) {
                bool has_alice = strstr(links[k]->signals[passed[k]], "alice") != NULL;
                rig_hear(rig, links[1 - k], &(struct rig_news){.people = has_alice ? "alice" : "bob"});
            }
        }
    }
    assert_string_equal(alice->update, "alice");
    assert_int_equal(links[0]->n_signals + links[1]->n_signals, 2);
    rig_free(rig);
}

static void another_relay_at_the_same_first_generation_relay_starts_no_contest(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_link *a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    rig_hear(rig, x, &(struct rig_news){.people = "far"});
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    struct rig_news theirs = {.origin = 'x', .seq = 1000000, .people = "far,near"};
    rig_hear(rig, a, &theirs);
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,far(X)");
    assert_string_equal(rig_said(a), "");
    rig_hear(rig, x, &(struct rig_news){.people = "far,fro"});
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(rig_said(a), "Active general origin=x path=mx: far(X),fro(X)");
    rig_free(rig);
}

static void oversized_lists_and_names_are_refused_or_cut(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_link *x = rig_link_up(rig, 'x', WZP_GENERATION_1, NULL);
    struct rig_seat *alice = rig_join(rig, "general", "alice");
    static struct wzp_signal_participant many[600];
    for (size_t i = 0; i < wzp_count(many); i++) {
        many[i].fingerprint = i % 2 ? "even" : "odd";
    }
    struct wzp_signal signal = {.kind = WZP_SIGNAL_GLOBAL_ROOM_ACTIVE,
                                .global_room = {.room = "GENERAL", .participants = {many, 600}}};
    wzp_router_link_signal(rig->router, x->link, &signal, rig->now);
    struct wzp_link_stats stats;
    wzp_link_stats(x->link, &stats);
    assert_int_equal(stats.signals_refused, 1);
    signal.global_room.participants.n = 512;
    wzp_router_link_signal(rig->router, x->link, &signal, rig->now);
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice,odd(X),even(X)");
    signal.global_room.room = "nowhere";
    wzp_router_link_signal(rig->router, x->link, &signal, rig->now);
    signal.global_room.room = NULL;
    wzp_router_link_signal(rig->router, x->link, &signal, rig->now);
    wzp_link_stats(x->link, &stats);
    assert_int_equal(stats.signals_refused, 3);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_announced_as_one_list_that_is_complete_each_time),
        cmocka_unit_test(a_new_link_is_told_what_there_is),
        cmocka_unit_test(its_list_becomes_an_origin_that_stands_at_the_link),
        cmocka_unit_test(a_lost_link_takes_its_people_after_the_grace),
        cmocka_unit_test(a_hub_without_members_carries_lists_and_media),
        cmocka_unit_test(media_goes_both_ways_with_plain_tags),
        cmocka_unit_test(packets_are_told_apart_by_content_for_two_seconds),
        cmocka_unit_test(far_speakers_with_the_same_numbers_are_both_heard),
        cmocka_unit_test(an_echo_of_our_own_people_shows_nobody_twice),
        cmocka_unit_test(who_left_does_not_come_back_as_an_echo),
        cmocka_unit_test(rings_do_not_storm),
        cmocka_unit_test(another_relay_at_the_same_first_generation_relay_starts_no_contest),
        cmocka_unit_test(oversized_lists_and_names_are_refused_or_cut),
    };
    return cmocka_run_group_tests_name("router_first", tests, NULL, NULL);
}
