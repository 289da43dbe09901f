/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "router/shed.h"
#include "router/speakers.h"
#include "support/wzp_test.h"

#define FRAME      (20 * WZP_MS)
#define BYTES      110 /* and QUIC's make 7,000 a second */
#define RATE       7000
#define DB(number) ((uint16_t)((number)*WZP_VOICE_UNITS_PER_DB))

enum { PEOPLE = 80 };

/** People who talk to one receiver: each a packet every frame, and a repair every fifth where asked for. */
struct talk {
    struct wzp_shed *shed;
    wzp_us now;
    size_t n;
    struct {
        uint16_t loudness;
        bool is_silent, has_repairs;
        uint32_t let, shed, repairs_let, repairs_shed;
        uint32_t n_cuts; /* times it was let through and then not */
        bool was_let;
        wzp_us let_at;
        wzp_us shortest_gap; /* between two packets that were let through with others dropped between */
        bool is_between;
    } people[PEOPLE];
};

static struct talk *talk_new(uint32_t budget, size_t n)
{
    struct talk *talk = calloc(1, sizeof *talk);
    assert_non_null(talk);
    talk->now = 100 * WZP_SECOND;
    talk->n = n;
    for (size_t i = 0; i < n; i++) {
        talk->people[i].loudness = DB(60 + 5 * (i % 10));
        talk->people[i].shortest_gap = WZP_NEVER;
    }
    assert_ok(wzp_shed_new(budget, talk->now, &talk->shed));
    return talk;
}

static void talk_free(struct talk *talk)
{
    wzp_shed_free(talk->shed);
    free(talk);
}

static void say(struct talk *talk, size_t i)
{
    struct wzp_shed_packet packet = {
        .number = (uint16_t)(i + 1), .loudness = talk->people[i].loudness, .size = BYTES};
    bool is_let = wzp_shed_ask(talk->shed, &packet, talk->now) == WZP_SHED_LET;
    talk->people[i].let += is_let;
    talk->people[i].shed += !is_let;
    talk->people[i].n_cuts += talk->people[i].was_let && !is_let;
    if (is_let && talk->people[i].is_between) {
        wzp_us gap = talk->now - talk->people[i].let_at;
        talk->people[i].shortest_gap = wzp_us_min(talk->people[i].shortest_gap, gap);
    }
    talk->people[i].is_between = !is_let && (talk->people[i].was_let || talk->people[i].is_between);
    talk->people[i].let_at = is_let ? talk->now : talk->people[i].let_at;
    talk->people[i].was_let = is_let;
}

static void repair(struct talk *talk, size_t i)
{
    struct wzp_shed_packet packet = {
        .number = (uint16_t)(i + 1), .loudness = talk->people[i].loudness, .is_repair = true, .size = BYTES};
    enum wzp_shed_verdict verdict = wzp_shed_ask(talk->shed, &packet, talk->now);
    talk->people[i].repairs_let += verdict == WZP_SHED_LET;
    talk->people[i].repairs_shed += verdict == WZP_SHED_REDUNDANCY;
}

static void talk_for(struct talk *talk, wzp_us time)
{
    for (wzp_us end = talk->now + time; talk->now < end; talk->now += FRAME) {
        for (size_t i = 0; i < talk->n; i++) {
            if (!talk->people[i].is_silent) {
                say(talk, i);
            }
            if (talk->people[i].has_repairs && talk->now / FRAME % 5 == 0) {
                repair(talk, i);
            }
        }
    }
}

static void forget(struct talk *talk)
{
    for (size_t i = 0; i < talk->n; i++) {
        talk->people[i].let = talk->people[i].shed = talk->people[i].n_cuts = 0;
        talk->people[i].repairs_let = talk->people[i].repairs_shed = 0;
    }
}

static void assert_heard(const struct talk *talk, size_t first, size_t last)
{
    for (size_t i = 0; i < talk->n; i++) {
        bool is_heard = i >= first && i <= last;
        if (is_heard ? talk->people[i].shed > 0 : talk->people[i].let > 0) {
            fail_msg("person %zu: %u let through, %u dropped", i, talk->people[i].let, talk->people[i].shed);
        }
    }
}

static void the_loudest_that_fit_are_whole_and_the_others_gone(void **state)
{
    (void)state;
    static const struct {
        uint32_t budget;
        size_t first; /* of ten, the last being the loudest */
    } rows[] = {{0, 9}, {1000, 9}, {RATE, 9}, {2 * RATE, 8}, {5 * RATE, 5}, {10 * RATE, 0}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct talk *talk = talk_new(rows[i].budget, 10);
        talk_for(talk, WZP_SHED_SORT + FRAME);
        forget(talk);
        talk_for(talk, 30 * WZP_SECOND);
        assert_heard(talk, rows[i].first, 9);
        talk_free(talk);
    }
}

static void at_first_everybody_is_listened_to(void **state)
{
    (void)state;
    struct talk *talk = talk_new(RATE, 10);
    talk_for(talk, WZP_SHED_SORT);
    assert_heard(talk, 0, 9);
    talk_free(talk);
}

static void a_smaller_budget_counts_at_once_and_a_larger_one_brings_one_back_at_a_time(void **state)
{
    (void)state;
    struct talk *talk = talk_new(10 * RATE, 10);
    talk_for(talk, 2 * WZP_SECOND);
    wzp_shed_set_budget(talk->shed, 3 * RATE, talk->now);
    talk_for(talk, FRAME);
    forget(talk);
    talk_for(talk, 2 * WZP_SECOND);
    assert_heard(talk, 7, 9);
    assert_int_equal(wzp_shed_wanted(talk->shed, talk->now), 4 * RATE);
    wzp_shed_set_budget(talk->shed, 5 * RATE, talk->now);
    talk_for(talk, 3 * FRAME);
    forget(talk);
    talk_for(talk, FRAME);
    assert_heard(talk, 6, 9);
    talk_for(talk, 5 * FRAME);
    forget(talk);
    talk_for(talk, 2 * WZP_SECOND);
    assert_heard(talk, 5, 9);
    talk_free(talk);
}

static void who_came_in_first_stays_among_equals(void **state)
{
    (void)state;
    struct talk *talk = talk_new(2 * RATE, 4);
    for (size_t i = 0; i < 4; i++) {
        talk->people[i].loudness = (uint16_t)(WZP_VOICE_UNKNOWN + 3 * i * WZP_VOICE_UNITS_PER_DB / 2);
    }
    talk_for(talk, WZP_SHED_SORT + FRAME);
    forget(talk);
    for (int i = 0; i < 40; i++) { /* within 6 dB of one another, now the one ahead, now the other */
        for (size_t j = 0; j < 4; j++) {
            talk->people[j].loudness = (uint16_t)(WZP_VOICE_UNKNOWN + ((size_t)i + j) % 4 * DB(1.5));
        }
        talk_for(talk, WZP_SECOND);
    }
    size_t n = 0;
    for (size_t i = 0; i < 4; i++) {
        n += talk->people[i].let > 0;
        assert_int_equal(talk->people[i].n_cuts, 0);
    }
    assert_int_equal(n, 2);
    talk_free(talk);
}

static void a_much_louder_voice_takes_the_place_of_the_quietest_after_its_tenure(void **state)
{
    (void)state;
    struct talk *talk = talk_new(RATE, 2);
    talk->people[0].loudness = DB(90);
    talk->people[1].is_silent = true;
    talk_for(talk, 2 * WZP_SECOND);
    talk->people[1].is_silent = false;
    talk->people[1].loudness = DB(95);
    talk_for(talk, 2 * WZP_SECOND);
    assert_int_equal(talk->people[1].let, 0);
    talk->people[1].loudness = DB(97);
    talk_for(talk, WZP_SHED_CHOOSE + FRAME);
    assert_true(talk->people[1].was_let && !talk->people[0].was_let);
    talk->people[0].loudness = DB(120); /* but nobody is cut in its first second */
    talk_for(talk, WZP_SHED_TENURE - 3 * WZP_SHED_CHOOSE);
    assert_true(talk->people[1].was_let);
    talk_for(talk, 4 * WZP_SHED_CHOOSE);
    assert_true(!talk->people[1].was_let && talk->people[0].was_let);
    talk_free(talk);
}

static void who_falls_silent_gives_way_at_once(void **state)
{
    (void)state;
    struct talk *talk = talk_new(RATE, 2);
    talk->people[0].loudness = DB(90);
    talk->people[1].loudness = DB(70);
    talk_for(talk, 2 * WZP_SECOND);
    talk->people[0].loudness = 0; /* goes on sending: silence */
    talk_for(talk, WZP_SHED_CHOOSE + FRAME);
    assert_true(talk->people[1].was_let && !talk->people[0].was_let);
    talk->people[1].is_silent = true; /* sends nothing any more */
    talk_for(talk, WZP_SHED_REST + 2 * WZP_SHED_CHOOSE);
    assert_true(talk->people[0].was_let);
    talk_free(talk);
}

/* 200 ms is when a receiver takes a silence for a new talk spurt, and no loss. */
static void whoever_comes_back_makes_a_new_talk_spurt(void **state)
{
    (void)state;
    struct talk *talk = talk_new(3 * RATE, 10);
    for (int i = 0; i < 400; i++) {
        wzp_shed_set_budget(talk->shed, (uint32_t)(1 + i % 7) * RATE, talk->now);
        talk->people[i % 10].loudness = DB(50 + i * 7 % 60);
        talk_for(talk, (1 + i % 5) * FRAME);
    }
    uint32_t n_cuts = 0;
    for (size_t i = 0; i < 10; i++) {
        n_cuts += talk->people[i].n_cuts;
        assert_true(talk->people[i].shortest_gap >= WZP_SPEAKERS_PAUSE);
    }
    assert_true(n_cuts > 20);
    talk_free(talk);
}

static void the_last_one_gives_up_its_repairs_and_nothing_else(void **state)
{
    (void)state;
    struct talk *talk = talk_new(2 * RATE, 2);
    talk->people[0].has_repairs = talk->people[1].has_repairs = true;
    talk_for(talk, 3 * WZP_SECOND);
    wzp_shed_set_budget(talk->shed, RATE * 13 / 10, talk->now); /* one, with its repairs */
    talk_for(talk, 5 * FRAME);
    forget(talk);
    talk_for(talk, 2 * WZP_SECOND);
    assert_heard(talk, 1, 1);
    assert_int_equal(talk->people[1].repairs_let, 20);
    wzp_shed_set_budget(talk->shed, RATE * 8 / 10, talk->now);
    talk_for(talk, 5 * FRAME);
    forget(talk);
    talk_for(talk, 2 * WZP_SECOND);
    assert_heard(talk, 1, 1);
    assert_int_equal(talk->people[1].repairs_let, 0);
    assert_int_equal(talk->people[1].repairs_shed, 20);
    assert_in_range(wzp_shed_wanted(talk->shed, talk->now), RATE * 115 / 100, RATE * 125 / 100);
    wzp_shed_set_budget(talk->shed, RATE * 13 / 10, talk->now);
    talk_for(talk, 5 * FRAME);
    forget(talk);
    talk_for(talk, 2 * WZP_SECOND);
    assert_int_equal(talk->people[1].repairs_let, 20);
    talk_free(talk);
}

static void a_rate_that_wavers_costs_nobody_the_place(void **state)
{
    (void)state;
    struct talk *talk = talk_new(3 * RATE, 3);
    talk_for(talk, 2 * WZP_SECOND);
    forget(talk);
    for (int i = 0; i < 100; i++) { /* one more frame now and then */
        talk_for(talk, 15 * FRAME);
        say(talk, (size_t)i % 3);
    }
    assert_heard(talk, 0, 2);
    talk_free(talk);
}

static void beyond_the_table_people_wait_until_somebody_rests(void **state)
{
    (void)state;
    struct talk *talk = talk_new(PEOPLE * RATE, PEOPLE);
    talk_for(talk, 20 * WZP_SECOND);
    size_t n = 0;
    for (size_t i = 0; i < PEOPLE; i++) {
        n += talk->people[i].let > 0;
    }
    assert_int_equal(n, WZP_SHED_STREAMS);
    for (size_t i = 0; i < 40; i++) {
        talk->people[i].is_silent = true;
    }
    talk_for(talk, WZP_SHED_FORGET + 5 * WZP_SECOND);
    for (size_t i = 40; i < PEOPLE; i++) {
        assert_true(talk->people[i].was_let);
    }
    assert_int_equal(wzp_shed_wanted(talk->shed, talk->now), 0);
    talk_free(talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loudest_that_fit_are_whole_and_the_others_gone),
        cmocka_unit_test(at_first_everybody_is_listened_to),
        cmocka_unit_test(a_smaller_budget_counts_at_once_and_a_larger_one_brings_one_back_at_a_time),
        cmocka_unit_test(who_came_in_first_stays_among_equals),
        cmocka_unit_test(a_much_louder_voice_takes_the_place_of_the_quietest_after_its_tenure),
        cmocka_unit_test(who_falls_silent_gives_way_at_once),
        cmocka_unit_test(whoever_comes_back_makes_a_new_talk_spurt),
        cmocka_unit_test(the_last_one_gives_up_its_repairs_and_nothing_else),
        cmocka_unit_test(a_rate_that_wavers_costs_nobody_the_place),
        cmocka_unit_test(beyond_the_table_people_wait_until_somebody_rests),
    };
    return cmocka_run_group_tests_name("router_shed", tests, NULL, NULL);
}
