/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"
#include "proto/media.h"
#include "router/speakers.h"
#include "support/wzp_test.h"

#define FRAME (20 * WZP_MS)
#define VOICE WZP_MEDIA_LEVEL_VOICE

enum { PEOPLE = 40 };

/** People who talk into one floor. */
struct crowd {
    struct wzp_speakers floor;
    wzp_us now;
    struct {
        struct wzp_voice voice;
        struct wzp_seat seat;
        uint32_t let, held;
        wzp_us let_at;    /* the last packet that was let through, 0: none */
        uint32_t resumed; /* times it was let through again less than 200 ms later, with packets held back */
        bool is_held;
    } people[PEOPLE];
};

static void crowd_init(struct crowd *crowd, size_t max)
{
    *crowd = (struct crowd){.floor.max = max, .now = 10 * WZP_SECOND};
}

/** One packet of person `i`; byte 0 and codec as given. */
static bool packet(struct crowd *crowd, size_t i, uint8_t first_byte, uint8_t level)
{
    const uint8_t media[12] = {first_byte};
    wzp_voice_hear(&crowd->people[i].voice, media, level, crowd->now);
    bool is_let = wzp_speakers_let(&crowd->floor, &crowd->people[i].voice, &crowd->people[i].seat,
                                   (uint16_t)(i + 1), crowd->now);
    crowd->people[i].let += is_let;
    crowd->people[i].held += !is_let;
    if (is_let && crowd->people[i].is_held && crowd->people[i].let_at > 0 &&
        crowd->now - crowd->people[i].let_at <= 200 * WZP_MS) {
        crowd->people[i].resumed++;
    }
    crowd->people[i].is_held = !is_let;
    crowd->people[i].let_at = is_let ? crowd->now : crowd->people[i].let_at;
    return is_let;
}

static bool say(struct crowd *crowd, size_t i, uint8_t dbov_below)
{
    return packet(crowd, i, 0, VOICE | dbov_below);
}

static bool hum(struct crowd *crowd, size_t i)
{
    return packet(crowd, i, 0, 90);
}

/** Everybody sends for `us`: the first `n` with these levels (0x7f: silence). */
static void talk(struct crowd *crowd, const uint8_t *levels, size_t n, wzp_us us)
{
    for (wzp_us end = crowd->now + us; crowd->now < end; crowd->now += FRAME) {
        for (size_t i = 0; i < n; i++) {
            wzp_ignore(levels[i] == 0x7f ? hum(crowd, i) : say(crowd, i, levels[i]));
        }
    }
}

static void clear(struct crowd *crowd)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        crowd->people[i].let = crowd->people[i].held = 0;
    }
}

static void the_loudest_hold_the_floor(void **state)
{
    (void)state;
    struct crowd crowd;
    static const uint8_t levels[] = {50, 20, 45, 15, 48};
    crowd_init(&crowd, 2);
    talk(&crowd, levels, 5, WZP_SECOND);
    clear(&crowd);
    talk(&crowd, levels, 5, WZP_SECOND);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(crowd.people[i].let, levels[i] <= 20 ? 50 : 0);
        assert_int_equal(crowd.people[i].held, levels[i] <= 20 ? 0 : 50);
    }
}

static void a_voice_is_heard_from_its_first_frame_where_a_place_is_free(void **state)
{
    (void)state;
    struct crowd crowd;
    crowd_init(&crowd, 2);
    assert_false(hum(&crowd, 0));
    crowd.now += FRAME;
    assert_true(say(&crowd, 0, 60));
    assert_true(say(&crowd, 1, 60));
    assert_false(say(&crowd, 2, 60));
}

static void a_louder_voice_comes_in_within_a_tenth_of_a_second(void **state)
{
    (void)state;
    struct crowd crowd;
    static const uint8_t levels[] = {40, 30};
    crowd_init(&crowd, 1);
    talk(&crowd, levels, 1, WZP_SECOND);
    clear(&crowd);
    talk(&crowd, levels, 2, WZP_SECOND);
    assert_in_range(crowd.people[1].held, 1, 8); /* a doubt of 12 dB has to go: 10 dB louder, 4 dB to spare */
    assert_int_equal(crowd.people[1].let, 50 - crowd.people[1].held);
    assert_true(crowd.people[0].let <= crowd.people[1].held + 1);
}

static void equal_voices_do_not_flap(void **state)
{
    (void)state;
    struct crowd crowd;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 3);
    uint32_t changes = 0;
    int holder = -1;
    crowd_init(&crowd, 1);
    for (int frame = 0; frame < 50 * 60; frame++, crowd.now += FRAME) {
        for (int i = 0; i < 2; i++) { /* syllables: up to 15 dB up and down, four times a second */
            uint8_t level =
                (uint8_t)(25 + wzp_random_below(&random, 5) + ((frame + i * 6) % 12 < 6 ? 0 : 12));
            if (say(&crowd, (size_t)i, level) && holder != i) {
                holder = i;
                changes++;
            }
        }
    }
    assert_int_equal(changes, 1);
}

static void a_click_does_not_take_the_floor(void **state)
{
    (void)state;
    struct crowd crowd;
    static const uint8_t levels[] = {30};
    crowd_init(&crowd, 1);
    talk(&crowd, levels, 1, WZP_SECOND);
    assert_false(say(&crowd, 1, 15));
    crowd.now += FRAME;
    assert_false(hum(&crowd, 1));
    assert_true(say(&crowd, 0, 30));
}

static void a_pause_of_300_ms_does_not_cost_the_floor(void **state)
{
    (void)state;
    struct crowd crowd;
    static const uint8_t speaks[] = {30, 0x7f}, pauses[] = {0x7f, 30};
    crowd_init(&crowd, 1);
    talk(&crowd, speaks, 2, WZP_SECOND);
    clear(&crowd);
    talk(&crowd, pauses, 2, 280 * WZP_MS);
    assert_int_equal(crowd.people[0].held, 0);
    assert_int_equal(crowd.people[1].let, 0);
    talk(&crowd, pauses, 2, 20 * WZP_MS);
    assert_int_equal(crowd.people[1].let, 1); /* then it does */
}

static void who_is_silent_for_a_second_is_held_back(void **state)
{
    (void)state;
    struct crowd crowd;
    static const uint8_t speaks[] = {30}, pauses[] = {0x7f};
    crowd_init(&crowd, 3);
    talk(&crowd, speaks, 1, WZP_SECOND);
    clear(&crowd);
    talk(&crowd, pauses, 1, 2 * WZP_SECOND);
    assert_int_equal(crowd.people[0].let, 49);
    assert_int_equal(crowd.people[0].held, 51);
    assert_true(say(&crowd, 0, 30)); /* and is heard again at once */
}

static void who_gives_no_level_is_always_heard(void **state)
{
    (void)state;
    struct crowd crowd;
    static const uint8_t levels[] = {10, 10};
    crowd_init(&crowd, 2);
    talk(&crowd, levels, 2, WZP_SECOND);
    assert_true(packet(&crowd, 2, 0, 0));
    assert_true(packet(&crowd, 2, 0x40, 0));
    assert_true(say(&crowd, 0, 10));
    assert_true(say(&crowd, 1, 10));
}

static void repairs_and_comfort_noise_follow_their_stream(void **state)
{
    (void)state;
    struct crowd crowd;
    const uint8_t repair = 0x40, comfort = WZP_CODEC_COMFORT_NOISE << 2;
    crowd_init(&crowd, 1);
    assert_true(say(&crowd, 0, 30));
    assert_false(say(&crowd, 1, 30));
    assert_true(packet(&crowd, 0, repair, 0));
    assert_true(packet(&crowd, 0, comfort, 0));
    assert_false(packet(&crowd, 1, repair, VOICE | 1)); /* a level on them says nothing */
    assert_false(packet(&crowd, 1, comfort, VOICE | 1));
    crowd.now += 400 * WZP_MS;
    assert_false(packet(&crowd, 1, repair, 0)); /* they take no place that rests */
    assert_true(packet(&crowd, 0, repair, 0));
}

/** Speech at random: whoever was held back comes back as a new talk spurt, or not yet. */
static void nobody_comes_back_before_receivers_see_a_new_spurt(void **state)
{
    (void)state;
    struct crowd crowd;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 11);
    uint8_t levels[PEOPLE];
    uint64_t let = 0;
    crowd_init(&crowd, 5);
    for (int step = 0; step < 1000; step++) {
        for (size_t i = 0; i < PEOPLE; i++) {
            bool speaks = wzp_random_below(&random, 4) == 0;
            levels[i] = speaks ? (uint8_t)(10 + wzp_random_below(&random, 50)) : 0x7f;
        }
        clear(&crowd);
        talk(&crowd, levels, PEOPLE, (wzp_us)wzp_random_below(&random, 600) * WZP_MS);
        for (size_t i = 0; i < PEOPLE; i++) {
            let += crowd.people[i].let;
        }
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        assert_int_equal(crowd.people[i].resumed, 0);
    }
    assert_true(let > 0);
}

/** However many speak: only the frames in which a place changes hands let one more through. */
static void no_more_than_max_hold_the_floor(void **state)
{
    (void)state;
    struct crowd crowd;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 12);
    size_t n = 0;
    crowd_init(&crowd, 3);
    for (int frame = 0; frame < 5000; frame++, crowd.now += FRAME) {
        size_t holders = 0;
        for (size_t i = 0; i < PEOPLE; i++) {
            n += say(&crowd, i, (uint8_t)(10 + wzp_random_below(&random, 60)));
        }
        for (size_t i = 0; i < PEOPLE; i++) {
            const struct wzp_speakers_place *place = &crowd.floor.places[crowd.people[i].seat.place];
            holders += place->number == i + 1;
        }
        assert_true(holders <= 3);
    }
    assert_in_range(n, 3 * 5000 * 95 / 100, 3 * 5000 * 110 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loudest_hold_the_floor),
        cmocka_unit_test(a_voice_is_heard_from_its_first_frame_where_a_place_is_free),
        cmocka_unit_test(a_louder_voice_comes_in_within_a_tenth_of_a_second),
        cmocka_unit_test(equal_voices_do_not_flap),
        cmocka_unit_test(a_click_does_not_take_the_floor),
        cmocka_unit_test(a_pause_of_300_ms_does_not_cost_the_floor),
        cmocka_unit_test(who_is_silent_for_a_second_is_held_back),
        cmocka_unit_test(who_gives_no_level_is_always_heard),
        cmocka_unit_test(repairs_and_comfort_noise_follow_their_stream),
        cmocka_unit_test(nobody_comes_back_before_receivers_see_a_new_spurt),
        cmocka_unit_test(no_more_than_max_hold_the_floor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
