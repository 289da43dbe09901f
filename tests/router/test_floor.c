/* SPDX-License-Identifier: Apache-2.0 */
/* The limit of speakers (speakers.h) in rooms, for members and links. */
#include "rig.h"

#define FRAME (20 * WZP_MS)
#define VOICE WZP_MEDIA_LEVEL_VOICE

static void two_speak(struct wzp_router_config *config)
{
    config->max_speakers = 2;
}

static struct rig_seat *join_with_level(struct rig *rig, const char *room, const char *name)
{
    uint8_t identity[32];
    memset(identity, name[0], sizeof identity);
    const struct wzp_join join = {.room = room,
                                  .fingerprint = name,
                                  .identity = identity,
                                  .version = 2,
                                  .caps = WZP_CAP_TAG | WZP_CAP_LEVEL};
    struct rig_seat *seat = NULL;
    assert_ok(rig_try_join(rig, &join, &seat));
    return seat;
}

static void say_at(struct rig *rig, struct rig_seat *seat, uint8_t level)
{
    const uint8_t media[14] = {0, 0x34, 0, 1, 0, 0, 0, 0, 0, 0, level, 0, 'h', 'i'};
    rig_say_bytes(rig, seat, media, sizeof media);
}

static void a_room_below_the_limit_forwards_everybody(void **state)
{
    (void)state;
    struct rig *rig = rig_new(two_speak);
    struct wzp_router_stats stats;
    struct rig_seat *alice = join_with_level(rig, "den", "alice");
    say_at(rig, alice, 100); /* nobody there, and below the limit */
    wzp_router_stats(rig->router, &stats);
    assert_int_equal(stats.not_speaking, 0);
    struct rig_seat *bob = join_with_level(rig, "den", "bob");
    say_at(rig, alice, 100);
    say_at(rig, alice, VOICE | 30);
    assert_int_equal(bob->n_packets, 1);
    wzp_router_stats(rig->router, &stats);
    assert_int_equal(stats.not_speaking, 1);
    rig_free(rig);
}

static void the_quiet_are_held_back_and_counted(void **state)
{
    (void)state;
    struct rig *rig = rig_new(two_speak);
    struct wzp_router_stats stats;
    struct wzp_member_stats quiet;
    struct rig_seat *seats[4] = {
        join_with_level(rig, "den", "alice"), join_with_level(rig, "den", "bob"),
        join_with_level(rig, "den", "carol"), rig_join(rig, "den", "dave"), /* without the cap */
    };
    for (int frame = 0; frame < 10; frame++) {
        say_at(rig, seats[0], VOICE | 20);
        say_at(rig, seats[1], VOICE | 22);
        say_at(rig, seats[2], VOICE | 40);
        rig_pass(rig, FRAME);
    }
    say_at(rig, seats[3], 100); /* a stranger's byte */
    assert_int_equal(seats[3]->n_packets, 20);
    assert_int_equal(seats[2]->n_packets, 21);
    wzp_router_stats(rig->router, &stats);
    assert_int_equal(stats.packets_in, 31);
    assert_int_equal(stats.packets_out, 21 * 3);
    assert_int_equal(stats.not_speaking, 10);
    wzp_member_stats(seats[2]->member, &quiet);
    assert_int_equal(quiet.not_speaking, 10);
    rig_free(rig);
}

static void only_other(struct wzp_router_config *config)
{
    static const size_t max[] = {0, 1};
    config->global_max_speakers = max;
    config->max_speakers = 2;
}

static void a_global_room_may_have_its_own_limit(void **state)
{
    (void)state;
    struct rig *rig = rig_new(only_other);
    static const char *const rooms[] = {"general", "other", "den"};
    static const size_t expected[] = {3, 1, 2};
    for (size_t i = 0; i < wzp_count(rooms); i++) {
        struct rig_seat *seats[3] = {join_with_level(rig, rooms[i], "alice"),
                                     join_with_level(rig, rooms[i], "bob"),
                                     join_with_level(rig, rooms[i], "carol")};
        struct rig_seat *listener = rig_join(rig, rooms[i], "dave");
        for (size_t k = 0; k < 3; k++) {
            say_at(rig, seats[k], VOICE | 30);
        }
        assert_int_equal(listener->n_packets, expected[i]);
    }
    rig_free(rig);
}

static void too_many_speakers_are_refused(void **state)
{
    (void)state;
    static const char *const rooms[] = {"general"};
    static const size_t max[] = {WZP_ROUTER_MAX_SPEAKERS + 1};
    struct wzp_router *router = NULL;
    struct wzp_router_config config = {.max_speakers = WZP_ROUTER_MAX_SPEAKERS + 1};
    assert_int_equal(wzp_router_new(&config, &router), WZP_ELIMIT);
    config =
        (struct wzp_router_config){.global_rooms = rooms, .n_global_rooms = 1, .global_max_speakers = max};
    assert_int_equal(wzp_router_new(&config, &router), WZP_ELIMIT);
}

/** A packet of relay b's sender `number` with this level in the tag. */
static void link_say_at(struct rig *rig, struct rig_link *link, uint16_t number, uint16_t seq, uint8_t level)
{
    uint8_t bytes[32] = {0};
    wzp_room_id_tag("general", bytes);
    memset(bytes + 8, 'b', 8);
    bytes[16] = 31;
    bytes[17] = level;
    bytes[20] = (uint8_t)(seq >> 8);
    bytes[21] = (uint8_t)seq;
    wzp_media_stamp_stream(bytes + 18, number);
    rig_link_say_bytes(rig, link, bytes, sizeof bytes);
}

static void remote_voices_compete_for_the_same_places(void **state)
{
    (void)state;
    struct rig *rig = rig_new(two_speak);
    struct wzp_router_stats stats;
    struct rig_link *b = rig_link_up(rig, 'b', WZP_GENERATION_2, NULL);
    struct rig_seat *alice = join_with_level(rig, "general", "alice");
    struct rig_seat *listener = rig_join(rig, "general", "zoe");
    rig_hear(rig, b, &(struct rig_news){.origin = 'b', .seq = 1, .people = "bob,carol,dave"});
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    for (uint16_t frame = 0; frame < 20; frame++) {
        link_say_at(rig, b, 1, frame, VOICE | 15);
        link_say_at(rig, b, 2, frame, VOICE | 18);
        say_at(rig, alice, VOICE | 45);
        rig_pass(rig, FRAME);
    }
    assert_int_equal(listener->n_packets, 40);
    assert_int_equal(b->n_packets, 20); /* of what leaves, alice is the loudest: b chooses by itself */
    link_say_at(rig, b, 3, 0, 0);       /* who gives no level is always heard */
    assert_int_equal(listener->n_packets, 41);
    link_say_at(rig, b, 3, 1, VOICE | 45);
    assert_int_equal(listener->n_packets, 41);
    wzp_router_stats(rig->router, &stats);
    assert_int_equal(stats.not_speaking, 20);
    assert_int_equal(stats.not_speaking_links, 0);
    assert_int_equal(stats.not_speaking_remote, 1);
    rig_pass(rig, WZP_SECOND);
    for (size_t i = 0; i < b->n_signals; i++) {
        assert_null(strstr(b->signals[i], "Prune")); /* held back is not unwanted */
    }
    rig_free(rig);
}

static void at_most_max_of_our_members_leave(void **state)
{
    (void)state;
    struct rig *rig = rig_new(two_speak);
    struct wzp_router_stats stats;
    struct rig_link *b = rig_link_up(rig, 'b', WZP_GENERATION_2, NULL);
    struct rig_link *c = rig_link_up(rig, 'c', WZP_GENERATION_2, NULL);
    struct rig_seat *seats[3] = {join_with_level(rig, "general", "alice"),
                                 join_with_level(rig, "general", "bob"),
                                 join_with_level(rig, "general", "carol")};
    rig_hear(rig, b, &(struct rig_news){.origin = 'b', .seq = 1, .people = "dave"});
    rig_hear(rig, c, &(struct rig_news){.origin = 'c', .seq = 1, .people = "eve"});
    rig_pass(rig, WZP_SECOND);
    rig_clear(rig);
    for (size_t i = 0; i < 3; i++) {
        say_at(rig, seats[i], VOICE | 30);
    }
    assert_int_equal(b->n_packets, 2);
    assert_int_equal(b->packets[0].bytes[17], VOICE | 30);
    wzp_router_stats(rig->router, &stats);
    assert_int_equal(stats.not_speaking, 1);
    assert_int_equal(stats.not_speaking_links, 1);
    rig_clear(rig);
    for (uint16_t number = 1; number <= 3; number++) { /* what passes through is not chosen from */
        link_say_at(rig, b, number, 1, VOICE | 60);
    }
    assert_int_equal(c->n_packets, 3);
    assert_int_equal(seats[0]->n_packets, 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_room_below_the_limit_forwards_everybody),
        cmocka_unit_test(the_quiet_are_held_back_and_counted),
        cmocka_unit_test(a_global_room_may_have_its_own_limit),
        cmocka_unit_test(too_many_speakers_are_refused),
        cmocka_unit_test(remote_voices_compete_for_the_same_places),
        cmocka_unit_test(at_most_max_of_our_members_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
