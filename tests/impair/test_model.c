/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual time; chance comes from a seed, so the shares below are exact for ever. */
#include <math.h>
#include <stdlib.h>

#include "apps/impair/model.h"
#include "support/wzp_test.h"

#define START (1000 * WZP_SECOND) /* times are not from 0 */
#define MANY  100000

static struct wzp_model *make(const struct wzp_model_settings *settings, uint64_t seed)
{
    struct wzp_model *model = NULL;
    assert_ok(wzp_model_new(settings, seed, START, &model));
    return model;
}

static void push(struct wzp_model *model, uint32_t number, size_t size, wzp_us now)
{
    uint8_t bytes[WZP_MODEL_PACKET_BYTES + 100] = {0};
    memcpy(bytes, &number, sizeof number);
    wzp_model_push(model, number % 7, bytes, size, now);
}

/** The number of the next packet due at `now`, or -1. */
static int64_t pop(struct wzp_model *model, wzp_us now)
{
    struct wzp_model_packet packet;
    uint32_t number = 0;
    if (!wzp_model_pop(model, now, &packet)) {
        return -1;
    }
    memcpy(&number, packet.bytes, sizeof number);
    assert_int_equal(packet.flow, number % 7);
    return number;
}

/** Sends packets of 100 bytes 20 ms apart, taking each when it is due. Who arrived how often. */
static uint8_t *run(struct wzp_model *model, uint32_t n)
{
    uint8_t *arrived = calloc(n, 1);
    assert_non_null(arrived);
    for (uint32_t i = 0; i < n; i++) {
        wzp_us now = START + i * 20 * WZP_MS;
        push(model, i, 100, now);
        for (int64_t number = pop(model, now); number >= 0; number = pop(model, now)) {
            arrived[number]++;
        }
    }
    for (int64_t number = pop(model, WZP_NEVER - 1); number >= 0; number = pop(model, WZP_NEVER - 1)) {
        arrived[number]++;
    }
    return arrived;
}

static void without_settings_everything_passes_at_once(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {0};
    struct wzp_model *model = make(&settings, 1);
    assert_true(wzp_model_deadline(model) == WZP_NEVER);
    for (uint32_t i = 0; i < 1000; i++) {
        push(model, i, i % WZP_MODEL_PACKET_BYTES + 4, START + i);
        assert_true(wzp_model_deadline(model) == START + i);
        assert_int_equal(pop(model, START + i), i);
        assert_int_equal(pop(model, START + i), -1);
    }
    const struct wzp_model_stats *stats = wzp_model_stats(model);
    assert_int_equal(stats->packets_in, 1000);
    assert_int_equal(stats->packets_out, 1000);
    assert_int_equal(stats->bytes_in, stats->bytes_out);
    wzp_model_free(model);
}

static void assert_share(double n, double of, double expected, double tolerance)
{
    if (fabs(n / of - expected) > tolerance) {
        fail_msg("%.4f, not %.4f", n / of, expected);
    }
}

static void random_loss_keeps_its_share(void **state)
{
    (void)state;
    static const double shares[] = {0, 0.01, 0.05, 0.5, 1};
    for (size_t i = 0; i < wzp_count(shares); i++) {
        const struct wzp_model_settings settings = {.loss = shares[i]};
        struct wzp_model *model = make(&settings, 3);
        free(run(model, MANY));
        const struct wzp_model_stats *stats = wzp_model_stats(model);
        assert_share((double)stats->lost_random, MANY, shares[i], shares[i] > 0 && shares[i] < 1 ? 0.005 : 0);
        assert_int_equal(stats->packets_out + stats->lost_random, MANY);
        wzp_model_free(model);
    }
}

/** In the long run a share enter / (enter + leave) of the packets meets the bad state, for 1 / leave at a
 * time. */
static void bursts_have_their_length(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {
        .gilbert = {.enter = 0.01, .leave = 0.25, .good = 0, .bad = 1}};
    struct wzp_model *model = make(&settings, 4);
    uint8_t *arrived = run(model, MANY);
    size_t n_lost = 0;
    size_t n_bursts = 0;
    for (size_t i = 0; i < MANY; i++) {
        n_lost += arrived[i] == 0;
        n_bursts += arrived[i] == 0 && (i == 0 || arrived[i - 1] > 0);
    }
    assert_int_equal(wzp_model_stats(model)->lost_burst, n_lost);
    assert_share((double)n_lost, MANY, 0.01 / 0.26, 0.004);
    assert_share((double)n_lost, (double)n_bursts, 4, 0.25);
    free(arrived);
    wzp_model_free(model);
}

static void the_good_state_may_lose_too(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {
        .gilbert = {.enter = 0.5, .leave = 0.5, .good = 0.1, .bad = 0.3}};
    struct wzp_model *model = make(&settings, 5);
    free(run(model, MANY));
    assert_share((double)wzp_model_stats(model)->lost_burst, MANY, 0.2, 0.005);
    wzp_model_free(model);
}

static void a_seed_repeats_itself_and_another_differs(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.loss = 0.3, .jitter = 30 * WZP_MS, .reorder = 0.1};
    struct wzp_model *models[] = {make(&settings, 7), make(&settings, 7), make(&settings, 8)};
    uint8_t *runs[3];
    for (size_t i = 0; i < 3; i++) {
        runs[i] = run(models[i], 1000);
        wzp_model_free(models[i]);
    }
    assert_memory_equal(runs[0], runs[1], 1000);
    assert_int_not_equal(memcmp(runs[0], runs[2], 1000), 0);
    for (size_t i = 0; i < 3; i++) {
        free(runs[i]);
    }
}

/** A packet is lost or not for the same throw, whatever else is switched on. */
static void settings_leave_one_anothers_dice_alone(void **state)
{
    (void)state;
    const struct wzp_model_settings plain = {.loss = 0.2};
    const struct wzp_model_settings full = {.loss = 0.2,
                                            .delay = 50 * WZP_MS,
                                            .jitter = 10 * WZP_MS,
                                            .reorder = 0.1,
                                            .reorder_by = 25 * WZP_MS,
                                            .duplicate = 0.1};
    struct wzp_model *models[] = {make(&plain, 9), make(&full, 9)};
    uint8_t *runs[] = {run(models[0], 2000), run(models[1], 2000)};
    for (size_t i = 0; i < 2000; i++) {
        assert_int_equal(runs[0][i] > 0, runs[1][i] > 0);
    }
    for (size_t i = 0; i < 2; i++) {
        wzp_model_free(models[i]);
        free(runs[i]);
    }
}

static void delay_is_exact(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.delay = 50 * WZP_MS};
    struct wzp_model *model = make(&settings, 1);
    push(model, 1, 100, START);
    push(model, 2, 100, START + 10);
    assert_true(wzp_model_deadline(model) == START + 50 * WZP_MS);
    assert_int_equal(pop(model, START + 50 * WZP_MS - 1), -1);
    assert_int_equal(pop(model, START + 50 * WZP_MS), 1);
    assert_int_equal(pop(model, START + 50 * WZP_MS), -1);
    assert_int_equal(pop(model, START + 50 * WZP_MS + 10), 2);
    wzp_model_free(model);
}

static void jitter_varies_the_delay_and_keeps_the_order(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.delay = 100 * WZP_MS, .jitter = 40 * WZP_MS};
    struct wzp_model *model = make(&settings, 2);
    wzp_us least = WZP_NEVER;
    wzp_us most = 0;
    uint32_t next = 0;
    for (uint32_t i = 0; i < 3000; i++) {
        wzp_us now = START + i * 20 * WZP_MS;
        push(model, i, 100, now);
        while (wzp_model_deadline(model) < now + 20 * WZP_MS) {
            wzp_us due = wzp_model_deadline(model);
            assert_int_equal(pop(model, due), next);
            wzp_us took = due - (START + next * 20 * WZP_MS);
            least = wzp_us_min(least, took);
            most = wzp_us_max(most, took);
            next++;
        }
    }
    assert_true(least >= 60 * WZP_MS && least < 62 * WZP_MS);
    assert_true(most <= 140 * WZP_MS && most > 138 * WZP_MS);
    wzp_model_free(model);
}

static void jitter_over_the_delay_never_goes_back_in_time(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.delay = WZP_MS, .jitter = 40 * WZP_MS};
    struct wzp_model *model = make(&settings, 2);
    for (uint32_t i = 0; i < 1000; i++) {
        wzp_us now = START + i * WZP_SECOND;
        push(model, i, 100, now);
        assert_true(wzp_model_deadline(model) >= now);
        assert_int_equal(pop(model, now + 41 * WZP_MS), i);
    }
    wzp_model_free(model);
}

static void reordered_packets_come_later_than_their_followers(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.reorder = 0.1, .reorder_by = 50 * WZP_MS};
    struct wzp_model *model = make(&settings, 6);
    uint32_t highest = 0;
    uint64_t n_late = 0;
    for (uint32_t i = 0; i < 10000; i++) {
        wzp_us now = START + i * 20 * WZP_MS;
        push(model, i, 100, now);
        for (int64_t number = pop(model, now); number >= 0; number = pop(model, now)) {
            n_late += (uint32_t)number < highest;
            highest = (uint32_t)number > highest ? (uint32_t)number : highest;
        }
    }
    assert_share((double)wzp_model_stats(model)->reordered, 10000, 0.1, 0.01);
    /* All of them but those whose next two followers were held as well, and the last. */
    assert_share((double)n_late, (double)wzp_model_stats(model)->reordered, 1, 0.02);
    wzp_model_free(model);
}

static void duplicates_arrive_twice(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.duplicate = 0.25};
    struct wzp_model *model = make(&settings, 7);
    uint8_t *arrived = run(model, 10000);
    uint64_t n_twice = 0;
    for (size_t i = 0; i < 10000; i++) {
        assert_in_range(arrived[i], 1, 2);
        n_twice += arrived[i] == 2;
    }
    assert_int_equal(wzp_model_stats(model)->duplicated, n_twice);
    assert_share((double)n_twice, 10000, 0.25, 0.01);
    free(arrived);
    wzp_model_free(model);
}

/** 1,000 bytes and 28 of headers at 100 kbit/s take 82.24 ms. */
static void a_slow_link_takes_its_time(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.rate_bps = 100000, .queue_packets = 3, .delay = 10 * WZP_MS};
    struct wzp_model *model = make(&settings, 1);
    for (uint32_t i = 0; i < 5; i++) {
        push(model, i, 1000, START);
    }
    for (uint32_t i = 0; i < 3; i++) {
        wzp_us due = START + 82240 * (i + 1) + 10 * WZP_MS;
        assert_true(wzp_model_deadline(model) == due);
        assert_int_equal(pop(model, due), i);
    }
    const struct wzp_model_stats *stats = wzp_model_stats(model);
    assert_int_equal(stats->dropped_queue, 2);
    assert_int_equal(stats->max_queue, 3);
    assert_int_equal(stats->max_queue_us, 3 * 82240);
    assert_int_equal(stats->n_held, 0);
    wzp_model_set(model, &settings);
    assert_int_equal(stats->max_queue_us, 0);
    push(model, 9, 1000, START + WZP_SECOND); /* the link was idle: no credit saved up */
    assert_true(wzp_model_deadline(model) == START + WZP_SECOND + 82240 + 10 * WZP_MS);
    assert_int_equal(stats->max_queue_us, 82240);
    wzp_model_free(model);
}

static void a_place_in_the_queue_is_free_when_a_packet_has_left(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.rate_bps = 100000, .queue_packets = 1};
    struct wzp_model *model = make(&settings, 1);
    push(model, 0, 1000, START);
    push(model, 1, 1000, START + 82239);
    push(model, 2, 1000, START + 82240);
    assert_int_equal(wzp_model_stats(model)->dropped_queue, 1);
    assert_int_equal(pop(model, START + 82240), 0);
    assert_int_equal(pop(model, START + 2 * 82240), 2);
    wzp_model_free(model);
}

static void a_link_carries_its_rate(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.rate_bps = 3000000, .queue_packets = 50};
    struct wzp_model *model = make(&settings, 1);
    for (uint32_t i = 0; i < 20000; i++) { /* 6 Mbit/s for ten seconds */
        wzp_us now = START + i * 500;
        push(model, i, 347, now);
        while (pop(model, now) >= 0) {
        }
    }
    assert_share((double)wzp_model_stats(model)->packets_out * 375 * 8, 10, 3000000, 3000);
    wzp_model_free(model);
}

static void large_packets_are_dropped(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.mtu_bytes = 1280};
    const struct wzp_model_settings none = {0};
    struct wzp_model *model = make(&settings, 1);
    push(model, 0, 1280, START);
    push(model, 1, 1281, START);
    assert_int_equal(pop(model, START), 0);
    assert_int_equal(pop(model, START), -1);
    wzp_model_set(model, &none);
    push(model, 2, WZP_MODEL_PACKET_BYTES, START);
    push(model, 3, WZP_MODEL_PACKET_BYTES + 1, START);
    assert_int_equal(pop(model, START), 2);
    assert_int_equal(pop(model, START), -1);
    assert_int_equal(wzp_model_stats(model)->dropped_mtu, 2);
    wzp_model_free(model);
}

static void a_cut_lets_nothing_pass(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {
        .cuts = {{.at = 3 * WZP_SECOND, .length = 10 * WZP_SECOND}, {.at = 20 * WZP_SECOND, .length = 1}},
        .n_cuts = 2};
    static const struct {
        wzp_us at;
        bool passes;
    } rows[] = {
        {0, true},
        {3 * WZP_SECOND - 1, true},
        {3 * WZP_SECOND, false},
        {13 * WZP_SECOND - 1, false},
        {13 * WZP_SECOND, true},
        {20 * WZP_SECOND, false},
        {20 * WZP_SECOND + 1, true},
    };
    struct wzp_model *model = make(&settings, 1);
    for (uint32_t i = 0; i < wzp_count(rows); i++) {
        push(model, i, 100, START + rows[i].at);
        assert_int_equal(pop(model, START + rows[i].at), rows[i].passes ? (int64_t)i : -1);
    }
    assert_int_equal(wzp_model_stats(model)->dropped_cut, 3);
    wzp_model_free(model);
}

static void what_is_held_is_bounded(void **state)
{
    (void)state;
    const struct wzp_model_settings settings = {.delay = WZP_SECOND};
    struct wzp_model *model = make(&settings, 1);
    for (uint32_t i = 0; i < WZP_MODEL_MAX_HELD + 10; i++) {
        push(model, i, 100, START);
    }
    assert_int_equal(wzp_model_stats(model)->n_held, WZP_MODEL_MAX_HELD);
    assert_int_equal(wzp_model_stats(model)->dropped_memory, 10);
    for (uint32_t i = 0; i < WZP_MODEL_MAX_HELD; i++) {
        assert_int_equal(pop(model, START + WZP_SECOND), i);
    }
    push(model, 5, 100, START + WZP_SECOND);
    wzp_model_free(model); /* with one on its way */
}

static void new_settings_hold_for_new_packets(void **state)
{
    (void)state;
    const struct wzp_model_settings slow = {.delay = 100 * WZP_MS};
    const struct wzp_model_settings none = {0};
    const struct wzp_model_settings dead = {.loss = 1};
    struct wzp_model *model = make(&slow, 1);
    push(model, 0, 100, START);
    wzp_model_set(model, &none);
    push(model, 1, 100, START + 1); /* no faster than the one before it */
    wzp_model_set(model, &dead);
    push(model, 2, 100, START + 2);
    assert_int_equal(pop(model, START + 100 * WZP_MS - 1), -1);
    assert_int_equal(pop(model, START + 100 * WZP_MS), 0);
    assert_int_equal(pop(model, START + 100 * WZP_MS), 1);
    assert_int_equal(pop(model, WZP_NEVER - 1), -1);
    wzp_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_settings_everything_passes_at_once),
        cmocka_unit_test(random_loss_keeps_its_share),
        cmocka_unit_test(bursts_have_their_length),
        cmocka_unit_test(the_good_state_may_lose_too),
        cmocka_unit_test(a_seed_repeats_itself_and_another_differs),
        cmocka_unit_test(settings_leave_one_anothers_dice_alone),
        cmocka_unit_test(delay_is_exact),
        cmocka_unit_test(jitter_varies_the_delay_and_keeps_the_order),
        cmocka_unit_test(jitter_over_the_delay_never_goes_back_in_time),
        cmocka_unit_test(reordered_packets_come_later_than_their_followers),
        cmocka_unit_test(duplicates_arrive_twice),
        cmocka_unit_test(a_slow_link_takes_its_time),
        cmocka_unit_test(a_place_in_the_queue_is_free_when_a_packet_has_left),
        cmocka_unit_test(a_link_carries_its_rate),
        cmocka_unit_test(large_packets_are_dropped),
        cmocka_unit_test(a_cut_lets_nothing_pass),
        cmocka_unit_test(what_is_held_is_bounded),
        cmocka_unit_test(new_settings_hold_for_new_packets),
    };
    return cmocka_run_group_tests_name("impair_model", tests, NULL, NULL);
}
