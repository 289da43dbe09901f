/* SPDX-License-Identifier: Apache-2.0 */
/* Members whose line is slow (shed.h) in rooms: who is loud enough for them, wherever the speaker is. */
#include "rig.h"

#define FRAME (20 * WZP_MS)
#define VOICE WZP_MEDIA_LEVEL_VOICE
#define ONE   3000 /* bytes a second: more than one voice of 14 bytes takes, less than two */

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

/* A second of everybody's speech. */
static void talk(struct rig *rig, struct rig_seat *const *seats, const uint8_t *levels, size_t n)
{
    for (int frame = 0; frame < 50; frame++) {
        for (size_t i = 0; i < n; i++) {
            say_at(rig, seats[i], levels[i]);
        }
        rig_pass(rig, FRAME);
    }
}

static struct wzp_router_stats stats_of(const struct rig *rig)
{
    struct wzp_router_stats stats;
    wzp_router_stats(rig->router, &stats);
    return stats;
}

static void who_has_a_budget_hears_the_loudest_and_the_others_everybody(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *seats[] = {join_with_level(rig, "den", "alice"), join_with_level(rig, "den", "bob"),
                                join_with_level(rig, "den", "carol")};
    static const uint8_t levels[] = {VOICE | 40, VOICE | 20, VOICE | 35};
    struct rig_seat *slow = rig_join(rig, "den", "sloth"), *fast = rig_join(rig, "den", "gepard");
    wzp_router_set_budget(rig->router, slow->member, ONE, rig->now);
    assert_int_equal(stats_of(rig).limited, 1);
    talk(rig, seats, levels, 3);
    rig_clear(rig);
    uint64_t shed = stats_of(rig).shed_speaker, out = stats_of(rig).packets_out;
    talk(rig, seats, levels, 3);
    assert_int_equal(fast->n_packets, 150);
    assert_int_equal(slow->n_packets, 50);
    for (size_t i = 0; i < slow->n_packets; i++) {
        assert_int_equal(wzp_media_stream(slow->packets[i].bytes), wzp_member_stream(seats[1]->member));
    }
    assert_int_equal(stats_of(rig).shed_speaker - shed, 100);
    assert_int_equal(stats_of(rig).packets_out - out, 150 * 4 - 100);
    assert_true(wzp_member_wanted(slow->member, rig->now) > ONE);
    assert_int_equal(wzp_member_wanted(fast->member, rig->now), 0);
    rig_free(rig);
}

static void without_a_budget_everybody_is_heard_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *seats[] = {join_with_level(rig, "den", "alice"), join_with_level(rig, "den", "bob")};
    static const uint8_t levels[] = {VOICE | 40, VOICE | 20};
    struct rig_seat *slow = rig_join(rig, "den", "sloth");
    wzp_router_set_budget(rig->router, slow->member, ONE, rig->now);
    talk(rig, seats, levels, 2);
    wzp_router_set_budget(rig->router, slow->member, 0, rig->now);
    wzp_router_set_budget(rig->router, slow->member, 0, rig->now);
    assert_int_equal(stats_of(rig).limited, 0);
    rig_clear(rig);
    talk(rig, seats, levels, 2);
    assert_int_equal(slow->n_packets, 100);
    rig_free(rig);
}

static void who_leaves_or_is_replaced_takes_the_budget_along(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *first = rig_join(rig, "den", "alice"), *second = rig_join(rig, "den", "bob");
    wzp_router_set_budget(rig->router, first->member, ONE, rig->now);
    wzp_router_set_budget(rig->router, second->member, ONE, rig->now);
    assert_int_equal(stats_of(rig).limited, 2);
    rig_leave(rig, second);
    assert_int_equal(stats_of(rig).limited, 1);
    rig_join(rig, "den", "alice");
    assert_true(first->is_replaced);
    assert_int_equal(stats_of(rig).limited, 0);
    rig_free(rig);
}

/* The level of a remote speaker is in the tag; its packet comes in a copy of its own. */
static void link_says_at(struct rig *rig, struct rig_link *link, uint16_t number, uint16_t seq, uint8_t level)
{
    uint8_t bytes[8 + 8 + 1 + 1 + 14] = {0};
    uint8_t origin[WZP_FINGERPRINT_BYTES];
    rig_fingerprint('a', origin);
    wzp_room_id_tag("general", bytes);
    memcpy(bytes + 8, origin, 8);
    bytes[16] = 5;
    bytes[17] = level;
    uint8_t *media = bytes + 18;
    media[1] = 0x34;
    media[2] = (uint8_t)(seq >> 8);
    media[3] = (uint8_t)seq;
    wzp_media_stamp_stream(media, number);
    rig_link_say_bytes(rig, link, bytes, sizeof bytes);
}

static void remote_speakers_are_weighed_by_the_level_in_their_tag(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct rig_seat *slow = rig_join(rig, "general", "sloth");
    struct rig_link *link = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    rig_hear(rig, link, &(struct rig_news){.origin = 'a', .seq = 1, .people = "quiet,loud"});
    rig_pass(rig, WZP_SECOND);
    wzp_router_set_budget(rig->router, slow->member, ONE, rig->now);
    for (uint16_t seq = 1; seq <= 100; seq++) {
        if (seq == 51) {
            rig_clear(rig);
        }
        link_says_at(rig, link, 1, seq, VOICE | 45);
        link_says_at(rig, link, 2, seq, VOICE | 15);
        rig_pass(rig, FRAME);
    }
    assert_int_equal(slow->n_packets, 50);
    uint16_t heard = wzp_media_stream(slow->packets[0].bytes);
    assert_int_equal(heard, slow->streams[2]); /* the list: sloth, quiet, loud */
    assert_int_equal(wzp_media_stream(slow->packets[49].bytes), heard);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_a_budget_hears_the_loudest_and_the_others_everybody),
        cmocka_unit_test(without_a_budget_everybody_is_heard_again),
        cmocka_unit_test(who_leaves_or_is_replaced_takes_the_budget_along),
        cmocka_unit_test(remote_speakers_are_weighed_by_the_level_in_their_tag),
    };
    return cmocka_run_group_tests_name("router_budget", tests, NULL, NULL);
}
