/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

static void join_and_leave_are_told_to_everybody_with_growing_revisions(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *alice = rig_join(rig, "den", "alice");
    rig_pass(rig, 0);
    assert_string_equal(alice->update, "alice");
    rig_pass(rig, WZP_SECOND);
    struct rig_seat *bob = rig_join(rig, "den", "bob");
    rig_pass(rig, 0);
    assert_string_equal(alice->update, "alice,bob");
    assert_string_equal(bob->update, "alice,bob");
    rig_pass(rig, WZP_SECOND);
    rig_leave(rig, alice);
    rig_pass(rig, 0);
    assert_string_equal(bob->update, "bob");
    assert_int_equal(bob->n_updates, 2);
    rig_free(rig);
}

static void nothing_is_sent_before_the_tick_after_a_join(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *alice = rig_join(rig, "den", "alice");
    assert_int_equal(alice->n_updates, 0);
    assert_true(wzp_router_deadline(rig->router) <= rig->now);
    rig_pass(rig, 0);
    assert_int_equal(alice->n_updates, 1);
    assert_int_equal(wzp_router_deadline(rig->router), WZP_NEVER);
    rig_free(rig);
}

static void updates_of_a_burst_are_merged_but_each_joiner_gets_its_list_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *first = rig_join(rig, "den", "alice");
    rig_pass(rig, 0);
    for (int i = 0; i < 20; i++) {
        char name[8];
        snprintf(name, sizeof name, "%c%d", 'b' + i, i);
        struct rig_seat *seat = rig_join(rig, "den", name);
        rig_pass(rig, WZP_MS);
        assert_int_equal(seat->n_updates, 1);
        assert_int_equal(seat->n_listed, i + 2);
    }
    assert_int_equal(first->n_updates, 1);
    rig_pass(rig, 50 * WZP_MS);
    for (size_t i = 0; i < rig->n_seats; i++) {
        assert_int_equal(rig->seats[i].n_listed, 21);
        assert_in_range(rig->seats[i].n_updates, 1, 2);
    }
    assert_int_equal(first->n_updates, 2);
    rig_pass(rig, WZP_SECOND);
    assert_int_equal(first->n_updates, 2);
    rig_free(rig);
}

static void raw_and_hashed_names_meet_and_the_raw_one_is_shown(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *alice = rig_join(rig, "a47b63f7d5b511ba5bc4089a74446906", "alice");
    struct rig_seat *bob = rig_join(rig, "GENERAL", "bob");
    struct rig_seat *carol = rig_join(rig, "A47B63F7D5B511BA5BC4089A74446906", "carol");
    rig_pass(rig, 50 * WZP_MS);
    assert_string_equal(alice->update, "alice,bob,carol");
    assert_string_equal(wzp_member_room(bob->member), "general");
    struct rig_seat *dave = rig_join(rig, "46de10172c0bd3222eea8f521ac04d59", "dave");
    assert_string_equal(wzp_member_room(dave->member), "46de10172c0bd3222eea8f521ac04d59");
    rig_join(rig, "my-group", "erin");
    assert_string_equal(wzp_member_room(dave->member), "my-group");
    struct rig_seat *frank = rig_join(rig, NULL, "frank");
    assert_string_equal(wzp_member_room(frank->member), "default");
    assert_string_equal(wzp_router_global_name(rig->router, "a47b63f7d5b511ba5bc4089a74446906"), "general");
    assert_null(wzp_router_global_name(rig->router, "my-group"));
    assert_non_null(carol);
    rig_free(rig);
}

static void media_goes_to_all_others_in_join_order_with_the_number_stamped(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *seats[3] = {rig_join(rig, "den", "alice"), rig_join(rig, "den", "bob"),
                                 rig_join(rig, "den", "carol")};
    struct rig_seat *other = rig_join(rig, "attic", "dave");
    rig_say(rig, seats[1], 77);
    assert_int_equal(seats[0]->n_packets, 1);
    assert_int_equal(seats[1]->n_packets, 0);
    assert_int_equal(seats[2]->n_packets, 1);
    assert_int_equal(other->n_packets, 0);
    const struct rig_packet *packet = &seats[2]->packets[0];
    assert_int_equal(packet->size, 14);
    assert_int_equal(wzp_media_seq(packet->bytes), 77);
    assert_int_equal(wzp_media_stream(packet->bytes), wzp_member_stream(seats[1]->member));
    struct wzp_member_stats stats;
    wzp_member_stats(seats[2]->member, &stats);
    assert_int_equal(stats.packets_out, 1);
    assert_int_equal(stats.bytes_out, 14);
    rig_free(rig);
}

static void malformed_media_is_dropped_and_counted(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t bytes[16];
        size_t size;
    } rows[] = {
        {"empty", {0}, 0},
        {"a byte short", {0}, 11},
        {"codec 9", {9 << 2}, 12},
        {"report announced, not there", {2}, 15},
    };
    struct rig *rig = rig_new(NULL);
    struct rig_seat *alice = rig_join(rig, "den", "alice");
    struct rig_seat *bob = rig_join(rig, "den", "bob");
    for (size_t i = 0; i < wzp_count(rows); i++) {
        rig_say_bytes(rig, alice, rows[i].bytes, rows[i].size);
        struct wzp_member_stats stats;
        wzp_member_stats(alice->member, &stats);
        if (stats.dropped_malformed != i + 1 || bob->n_packets != 0) {
            fail_msg("%s was not dropped", rows[i].name);
        }
    }
    rig_say(rig, alice, 1);
    assert_int_equal(bob->n_packets, 1);
    rig_free(rig);
}

static void few_packets(struct wzp_router_config *config)
{
    config->limits.member_pps = 10;
    config->limits.members_per_room = 8;
    config->limits.members = 12;
    config->limits.rooms = 3;
}

static void a_member_over_its_rate_loses_the_excess(void **state)
{
    (void)state;
    struct rig *rig = rig_new(few_packets);
    struct rig_seat *alice = rig_join(rig, "den", "alice");
    struct rig_seat *bob = rig_join(rig, "den", "bob");
    for (uint16_t i = 0; i < 30; i++) {
        rig_say(rig, alice, i);
    }
    assert_int_equal(bob->n_packets, 20);
    rig_pass(rig, WZP_SECOND);
    for (uint16_t i = 0; i < 30; i++) {
        rig_say(rig, alice, i);
    }
    assert_int_equal(bob->n_packets, 30);
    struct wzp_router_stats stats;
    wzp_router_stats(rig->router, &stats);
    assert_int_equal(stats.dropped_rate, 30);
    rig_free(rig);
}

static enum wzp_err try_name(struct rig *rig, const char *room, const char *name)
{
    struct rig_seat *seat = NULL;
    const struct wzp_join join = {.room = room, .fingerprint = name};
    return rig_try_join(rig, &join, &seat);
}

static void a_full_room_refuses_the_ninth_member_and_a_full_relay_the_thirteenth(void **state)
{
    (void)state;
    struct rig *rig = rig_new(few_packets);
    for (int i = 0; i < 8; i++) {
        assert_ok(try_name(rig, "den", "x"));
    }
    assert_int_equal(try_name(rig, "den", "x"), WZP_ELIMIT);
    for (int i = 0; i < 4; i++) {
        assert_ok(try_name(rig, "attic", "x"));
    }
    assert_int_equal(try_name(rig, "attic", "x"), WZP_EAGAIN);
    assert_int_equal(try_name(rig, "general", "x"), WZP_EAGAIN);
    rig_leave(rig, &rig->seats[0]);
    assert_ok(try_name(rig, "den", "x"));
    struct wzp_router_stats stats;
    wzp_router_stats(rig->router, &stats);
    assert_int_equal(stats.members, 12);
    assert_int_equal(stats.refused, 3);
    rig_free(rig);
}

static void too_many_rooms_are_refused_until_one_empties(void **state)
{
    (void)state;
    struct rig *rig = rig_new(few_packets);
    assert_ok(try_name(rig, "a", "x"));
    assert_ok(try_name(rig, "b", "x"));
    assert_ok(try_name(rig, "c", "x"));
    assert_int_equal(try_name(rig, "d", "x"), WZP_EAGAIN);
    assert_ok(try_name(rig, "general", "x"));
    rig_leave(rig, &rig->seats[0]);
    assert_ok(try_name(rig, "d", "x"));
    rig_free(rig);
}

static void a_bad_name_is_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    char long_name[300];
    memset(long_name, 'a', sizeof long_name);
    long_name[254] = '\0';
    assert_int_equal(try_name(rig, long_name, "x"), WZP_EINVAL);
    long_name[253] = '\0';
    assert_ok(try_name(rig, long_name, "x"));
    assert_int_equal(try_name(rig, "a\nb", "x"), WZP_EINVAL);
    rig_free(rig);
}

static void a_newer_connection_of_an_identity_replaces_the_older_one(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *alice = rig_join(rig, "den", "alice");
    struct rig_seat *bob = rig_join(rig, "den", "bob");
    struct rig_seat *elsewhere = rig_join(rig, "attic", "alice");
    struct rig_seat *again = rig_join(rig, "den", "alice");
    assert_true(alice->is_replaced);
    assert_false(elsewhere->is_replaced);
    rig_pass(rig, 100 * WZP_MS);
    assert_string_equal(bob->update, "bob,alice");
    rig_say(rig, bob, 1);
    assert_int_equal(alice->n_packets, 0);
    assert_int_equal(again->n_packets, 1);
    assert_ok(try_name(rig, "den", "alice"));
    assert_false(again->is_replaced);
    rig_free(rig);
}

static void a_full_room_still_lets_a_member_replace_itself(void **state)
{
    (void)state;
    struct rig *rig = rig_new(few_packets);
    struct rig_seat *alice = rig_join(rig, "den", "alice");
    for (int i = 0; i < 7; i++) {
        assert_ok(try_name(rig, "den", "x"));
    }
    rig_join(rig, "den", "alice");
    assert_true(alice->is_replaced);
    rig_free(rig);
}

static void mute_is_told_and_repeating_it_is_not(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *alice = rig_join(rig, "den", "alice");
    rig_pass(rig, WZP_SECOND);
    wzp_router_set_muted(rig->router, alice->member, true, rig->now);
    rig_pass(rig, WZP_SECOND);
    assert_string_equal(alice->update, "alice!");
    wzp_router_set_muted(rig->router, alice->member, true, rig->now);
    rig_pass(rig, WZP_SECOND);
    assert_int_equal(alice->n_updates, 2);
    rig_free(rig);
}

static void numbers_are_unique_not_zero_and_reused_late(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *stays = rig_join(rig, "den", "stays");
    uint16_t held = wzp_member_stream(stays->member);
    static bool seen[65536];
    memset(seen, 0, sizeof seen);
    seen[0] = seen[held] = true;
    for (int i = 0; i < 65534; i++) {
        struct rig_seat *seat = rig_join(rig, "den", "goes");
        uint16_t number = wzp_member_stream(seat->member);
        assert_false(seen[number]);
        seen[number] = true;
        rig_leave(rig, seat);
        rig->n_seats--;
    }
    for (int i = 0; i < 70000; i++) {
        struct rig_seat *seat = rig_join(rig, "den", "goes");
        uint16_t number = wzp_member_stream(seat->member);
        assert_true(number != 0 && number != held);
        rig_leave(rig, seat);
        rig->n_seats--;
    }
    rig_free(rig);
}

static void rooms_open_and_close_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *alice = rig_join(rig, "den", "alice");
    struct rig_seat *bob = rig_join(rig, "den", "bob");
    rig_leave(rig, alice);
    rig_leave(rig, bob);
    const enum wzp_router_event_kind expected[] = {
        WZP_ROUTER_EVENT_ROOM_OPENED, WZP_ROUTER_EVENT_ROOM_CHANGED, WZP_ROUTER_EVENT_ROOM_CHANGED,
        WZP_ROUTER_EVENT_ROOM_CLOSED};
    assert_int_equal(rig->n_events, 4);
    assert_memory_equal(rig->events, expected, sizeof expected);
    struct wzp_router_stats stats;
    wzp_router_stats(rig->router, &stats);
    assert_int_equal(stats.rooms, 0);
    assert_int_equal(stats.members, 0);
    rig_pass(rig, WZP_SECOND);
    rig_free(rig);
}

static bool count_one(void *context, const struct wzp_presence *presence)
{
    size_t *n = context;
    assert_true(presence->is_local);
    assert_non_null(presence->user);
    return ++*n < 3;
}

static void presence_lists_members_until_told_to_stop(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    rig_join(rig, "den", "alice");
    rig_join(rig, "attic", "bob");
    size_t n = 0;
    wzp_router_each(rig->router, count_one, &n);
    assert_int_equal(n, 2);
    rig_join(rig, "attic", "carol");
    rig_join(rig, "attic", "dave");
    n = 0;
    wzp_router_each(rig->router, count_one, &n);
    assert_int_equal(n, 3);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(join_and_leave_are_told_to_everybody_with_growing_revisions),
        cmocka_unit_test(nothing_is_sent_before_the_tick_after_a_join),
        cmocka_unit_test(updates_of_a_burst_are_merged_but_each_joiner_gets_its_list_at_once),
        cmocka_unit_test(raw_and_hashed_names_meet_and_the_raw_one_is_shown),
        cmocka_unit_test(media_goes_to_all_others_in_join_order_with_the_number_stamped),
        cmocka_unit_test(malformed_media_is_dropped_and_counted),
        cmocka_unit_test(a_member_over_its_rate_loses_the_excess),
        cmocka_unit_test(a_full_room_refuses_the_ninth_member_and_a_full_relay_the_thirteenth),
        cmocka_unit_test(too_many_rooms_are_refused_until_one_empties),
        cmocka_unit_test(a_bad_name_is_refused),
        cmocka_unit_test(a_newer_connection_of_an_identity_replaces_the_older_one),
        cmocka_unit_test(a_full_room_still_lets_a_member_replace_itself),
        cmocka_unit_test(mute_is_told_and_repeating_it_is_not),
        cmocka_unit_test(numbers_are_unique_not_zero_and_reused_late),
        cmocka_unit_test(rooms_open_and_close_once),
        cmocka_unit_test(presence_lists_members_until_told_to_stop),
    };
    return cmocka_run_group_tests_name("router_member", tests, NULL, NULL);
}
