/* SPDX-License-Identifier: Apache-2.0 */
/* The limiter at the end of a line that is computed: virtual time, chance from a seed. */
#include <stdlib.h>

#include "base/random.h"
#include "relay/limiter.h"
#include "support/wzp_test.h"

#define START   (1000 * WZP_SECOND)
#define TICK    (5 * WZP_MS)
#define FRAME   (20 * WZP_MS)
#define ACK     (40 * WZP_MS)
#define BYTES   140 /* a packet of one voice, with QUIC's share */
#define VOICE   (BYTES * 50)
#define PACKETS 65536

struct packet {
    wzp_us sent_at, acked_at; /* acked_at: when an acknowledgement would be here */
    bool is_lost;
};

/** A line with a queue, and a receiver who acknowledges now and then. */
struct line {
    struct wzp_limiter limiter;
    wzp_us now;
    /* what may be changed */
    uint32_t bytes_per_second; /* 0: any number */
    uint32_t queue_bytes;      /* at most */
    wzp_us rtt, jitter, lag;
    wzp_us other_queue; /* another's packets */
    double loss;
    size_t n_voices; /* who talk */
    /* what happens */
    double queued;
    wzp_us free_at;
    struct packet packets[PACKETS];
    uint64_t n_sent, n_done; /* done: acknowledged or lost */
    uint64_t n_lost;
    wzp_us least_rtt, fed_at, acked_at;
    size_t n_heard; /* voices that the budget lets through */
    struct wzp_random_seeded seeded;
    struct wzp_random random;
    /* what is asserted */
    wzp_us most_queue;
    uint32_t n_changes, n_cuts;
    size_t most_heard, least_heard;
};

static struct line *line_new(uint64_t seed)
{
    struct line *line = calloc(1, sizeof *line);
    assert_non_null(line);
    line->now = START;
    line->rtt = 40 * WZP_MS;
    line->queue_bytes = 1000000;
    line->random = wzp_random_from_seed(&line->seeded, seed);
    return line;
}

static void forget(struct line *line)
{
    line->most_queue = 0;
    line->n_changes = line->n_cuts = 0;
    line->most_heard = 0;
    line->least_heard = SIZE_MAX;
}

static void send(struct line *line)
{
    struct packet *packet = &line->packets[line->n_sent++ % PACKETS];
    wzp_us from = wzp_us_max(line->now, line->free_at);
    wzp_us queue = from - line->now;
    double waits = (double)queue * line->bytes_per_second / 1e6;
    *packet = (struct packet){.sent_at = line->now, .is_lost = wzp_random_unit(&line->random) < line->loss};
    if (line->bytes_per_second > 0 && waits + BYTES > line->queue_bytes) {
        packet->is_lost = true;
    } else if (line->bytes_per_second > 0) {
        line->free_at = from + (wzp_us)BYTES * WZP_SECOND / line->bytes_per_second;
        queue = line->free_at - line->now;
        line->most_queue = wzp_us_max(line->most_queue, queue);
    }
    wzp_us jitter = (wzp_us)(wzp_random_unit(&line->random) * (double)line->jitter);
    packet->acked_at = line->now + queue + line->other_queue + line->rtt + jitter;
}

/* What the newest acknowledgement says: everything up to the newest packet that has arrived. */
static void acknowledge(struct line *line)
{
    uint64_t newest = line->n_done;
    for (uint64_t i = line->n_done; i < line->n_sent; i++) {
        const struct packet *packet = &line->packets[i % PACKETS];
        if (!packet->is_lost && packet->acked_at <= line->now) {
            newest = i + 1;
            wzp_us rtt = packet->acked_at - packet->sent_at + line->lag;
            line->least_rtt = line->least_rtt == 0 ? rtt : wzp_us_min(line->least_rtt, rtt);
        }
    }
    for (; line->n_done < newest; line->n_done++) {
        line->n_lost += line->packets[line->n_done % PACKETS].is_lost;
    }
}

static void feed(struct line *line)
{
    const struct wzp_limiter_seen seen = {
        .rtt = line->least_rtt,
        .lag = line->lag,
        .bytes_sent = line->n_sent * BYTES,
        .bytes_in_flight = (line->n_sent - line->n_done) * BYTES,
        .judged = line->n_sent,
        .lost = line->n_lost,
        .wanted = line->n_heard < line->n_voices ? (uint32_t)(line->n_heard + 1) * VOICE : 0,
    };
    uint32_t before = wzp_limiter_budget(&line->limiter);
    bool has_changed = wzp_limiter_feed(&line->limiter, &seen, line->now);
    uint32_t budget = wzp_limiter_budget(&line->limiter);
    assert_int_equal(has_changed, budget != before);
    line->n_changes += has_changed;
    line->n_cuts += budget > 0 && (before == 0 || budget < before);
    line->least_rtt = 0;
}

static void hear(struct line *line)
{
    uint32_t budget = wzp_limiter_budget(&line->limiter);
    size_t fit = budget == 0 ? line->n_voices : budget / VOICE > 0 ? budget / VOICE : 1;
    line->n_heard = fit < line->n_voices ? fit : line->n_voices;
    line->most_heard = line->n_heard > line->most_heard ? line->n_heard : line->most_heard;
    line->least_heard = line->n_heard < line->least_heard ? line->n_heard : line->least_heard;
}

static void run(struct line *line, wzp_us time)
{
    for (wzp_us end = line->now + time; line->now < end; line->now += TICK) {
        hear(line);
        for (size_t i = 0; i < line->n_heard; i++) {
            if ((line->now / TICK + (wzp_us)i) % (FRAME / TICK) == 0) {
                send(line);
            }
        }
        if (line->now - line->acked_at >= ACK) {
            acknowledge(line);
            line->acked_at = line->now;
        }
        if (line->now - line->fed_at >= WZP_LIMITER_EVERY) {
            feed(line);
            line->fed_at = line->now;
        }
    }
}

static void random_loss_and_jitter_limit_nobody(void **state)
{
    (void)state;
    static const struct {
        double loss;
        wzp_us rtt, jitter;
        size_t n_voices;
    } rows[] = {
        {0, 0, 0, 49},    {0.01, 100, 0, 49}, {0.05, 100, 0, 49}, {0.1, 100, 0, 49},
        {0.1, 100, 0, 1}, {0.15, 300, 10, 9}, {0, 60, 40, 9},     {0.02, 60, 100, 9},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct line *line = line_new(i + 1);
        line->loss = rows[i].loss;
        line->rtt = rows[i].rtt * WZP_MS + 200;
        line->jitter = rows[i].jitter * WZP_MS;
        line->n_voices = rows[i].n_voices;
        run(line, 300 * WZP_SECOND);
        if (line->n_changes > 0) {
            fail_msg("row %zu: %u changes", i, line->n_changes);
        }
        free(line);
    }
}

static void a_slow_line_gets_what_it_carries_without_a_queue(void **state)
{
    (void)state;
    static const struct {
        uint32_t bytes_per_second;
        wzp_us rtt;
        size_t n_voices, fit;
    } rows[] = {{12500, 1, 6, 1},     {12500, 100, 6, 1},    {25000, 40, 6, 3}, {25000, 200, 12, 3},
                {100000, 40, 50, 12}, {100000, 250, 50, 12}, {38000, 40, 6, 4}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct line *line = line_new(i + 1);
        line->bytes_per_second = rows[i].bytes_per_second;
        line->rtt = rows[i].rtt * WZP_MS;
        line->n_voices = 1;
        run(line, 5 * WZP_SECOND);
        line->n_voices = rows[i].n_voices; /* all at once */
        run(line, 5 * WZP_SECOND);
        forget(line);
        run(line, 4 * WZP_SECOND);
        print_message("row %zu: %zu to %zu of %zu heard, queue %lld ms\n", i, line->least_heard,
                      line->most_heard, rows[i].fit, (long long)(line->most_queue / WZP_MS));
        assert_int_equal(line->least_heard, line->most_heard); /* the same ones all the time */
        assert_in_range(line->most_heard, (rows[i].fit + 1) / 2, rows[i].fit);
        assert_true(line->most_queue < 40 * WZP_MS);
        free(line);
    }
}

static void people_who_start_one_by_one_never_make_a_queue(void **state)
{
    (void)state;
    struct line *line = line_new(1);
    line->bytes_per_second = 12500;
    line->rtt = 5 * WZP_MS;
    for (line->n_voices = 1; line->n_voices <= 6; line->n_voices++) {
        run(line, 2 * WZP_SECOND);
    }
    run(line, 60 * WZP_SECOND);
    print_message("queue %lld ms\n", (long long)(line->most_queue / WZP_MS));
    assert_true(line->most_queue < 100 * WZP_MS);
    free(line);
}

/* In vain: each time it costs the loudest of the others a moment, so it must be rare. */
static void one_more_is_tried_ever_more_rarely(void **state)
{
    (void)state;
    struct line *line = line_new(1);
    line->bytes_per_second = 12500;
    line->n_voices = 2;
    run(line, 10 * WZP_SECOND);
    forget(line);
    run(line, 600 * WZP_SECOND);
    print_message("%u cuts in ten minutes, queue %lld ms\n", line->n_cuts,
                  (long long)(line->most_queue / WZP_MS));
    assert_in_range(line->n_cuts, 2, 16);
    assert_true(line->most_queue < 100 * WZP_MS);
    free(line);
}

static void everybody_is_back_once_the_line_is(void **state)
{
    (void)state;
    struct line *line = line_new(1);
    line->bytes_per_second = 12500;
    line->queue_bytes = 25000;
    line->n_voices = 50;
    run(line, 8 * WZP_SECOND);
    assert_int_equal(line->n_heard, 1);
    line->bytes_per_second = 1000000;
    run(line, 60 * WZP_SECOND);
    assert_int_equal(line->n_heard, 50);
    run(line, 60 * WZP_SECOND);
    assert_int_equal(wzp_limiter_budget(&line->limiter), 0);
    assert_int_equal(line->limiter.state, WZP_LIMITER_FREE);
    free(line);
}

static void a_line_that_shrinks_is_followed(void **state)
{
    (void)state;
    struct line *line = line_new(1);
    line->bytes_per_second = 200000;
    line->n_voices = 20;
    run(line, 20 * WZP_SECOND);
    assert_int_equal(wzp_limiter_budget(&line->limiter), 0);
    static const struct {
        uint32_t bytes_per_second;
        size_t fit;
    } rows[] = {{100000, 12}, {50000, 6}, {20000, 2}, {4000, 1}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        line->bytes_per_second = rows[i].bytes_per_second;
        run(line, 6 * WZP_SECOND);
        forget(line);
        run(line, 2 * WZP_SECOND);
        assert_in_range(line->most_heard, (rows[i].fit + 1) / 2, rows[i].fit);
    }
    free(line);
}

/* A line that drops instead of queueing: a policer, a shallow buffer. */
static void loss_without_a_queue_limits_too(void **state)
{
    (void)state;
    static const uint32_t buffers[] = {2 * BYTES, 10 * BYTES};
    for (size_t i = 0; i < wzp_count(buffers); i++) {
        struct line *line = line_new(i + 1);
        line->bytes_per_second = 100000;
        line->queue_bytes = buffers[i];
        line->n_voices = 50;
        run(line, 20 * WZP_SECOND);
        uint64_t sent = line->n_sent, lost = line->n_lost;
        forget(line);
        run(line, 5 * WZP_SECOND);
        print_message("%zu heard, %llu of %llu lost\n", line->n_heard,
                      (unsigned long long)(line->n_lost - lost), (unsigned long long)(line->n_sent - sent));
        assert_true((line->n_lost - lost) * 50 < line->n_sent - sent);
        assert_in_range(line->n_heard, 6, 14);
        free(line);
    }
}

static void a_queue_that_is_anothers_is_left_to_it(void **state)
{
    (void)state;
    struct line *line = line_new(1);
    line->n_voices = 10;
    run(line, 10 * WZP_SECOND);
    line->other_queue = 300 * WZP_MS;
    run(line, 10 * WZP_SECOND);
    assert_int_equal(wzp_limiter_budget(&line->limiter), 0);
    forget(line);
    run(line, 60 * WZP_SECOND);
    assert_int_equal(line->n_changes, 0);
    free(line);
}

static void loss_that_less_speech_does_not_cure_is_left_alone(void **state)
{
    (void)state;
    struct line *line = line_new(1);
    line->n_voices = 10;
    line->loss = 0.4;
    run(line, 30 * WZP_SECOND);
    assert_int_equal(wzp_limiter_budget(&line->limiter), 0);
    forget(line);
    run(line, 30 * WZP_SECOND);
    assert_int_equal(line->n_changes, 0);
    free(line);
}

static void a_relay_that_is_late_itself_blames_nobody(void **state)
{
    (void)state;
    struct line *line = line_new(1);
    line->n_voices = 10;
    run(line, 10 * WZP_SECOND);
    for (int i = 0; i < 20; i++) {
        line->lag = (i % 5) * 100 * WZP_MS;
        run(line, WZP_SECOND);
    }
    assert_int_equal(line->n_changes, 0);
    free(line);
}

static void a_moment_of_trouble_is_none(void **state)
{
    (void)state;
    struct line *line = line_new(1);
    line->n_voices = 10;
    for (int i = 0; i < 30; i++) {
        line->loss = i % 3 == 0 ? 1 : 0;
        line->other_queue = i % 3 == 1 ? 200 * WZP_MS : 0;
        run(line, 60 * WZP_MS);
        line->loss = 0;
        line->other_queue = 0;
        run(line, 3 * WZP_SECOND);
    }
    assert_int_equal(line->n_changes, 0);
    free(line);
}

static void who_hears_nothing_is_not_judged(void **state)
{
    (void)state;
    struct line *line = line_new(1);
    line->n_voices = 0;
    run(line, 10 * WZP_SECOND);
    for (int i = 0; i < 50; i++) { /* a packet now and then, ever later */
        line->other_queue += 20 * WZP_MS;
        send(line);
        run(line, WZP_SECOND);
    }
    assert_int_equal(line->n_changes, 0);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_loss_and_jitter_limit_nobody),
        cmocka_unit_test(a_slow_line_gets_what_it_carries_without_a_queue),
        cmocka_unit_test(people_who_start_one_by_one_never_make_a_queue),
        cmocka_unit_test(one_more_is_tried_ever_more_rarely),
        cmocka_unit_test(everybody_is_back_once_the_line_is),
        cmocka_unit_test(a_line_that_shrinks_is_followed),
        cmocka_unit_test(loss_without_a_queue_limits_too),
        cmocka_unit_test(a_queue_that_is_anothers_is_left_to_it),
        cmocka_unit_test(loss_that_less_speech_does_not_cure_is_left_alone),
        cmocka_unit_test(a_relay_that_is_late_itself_blames_nobody),
        cmocka_unit_test(a_moment_of_trouble_is_none),
        cmocka_unit_test(who_hears_nothing_is_not_judged),
    };
    return cmocka_run_group_tests_name("relay_limiter", tests, NULL, NULL);
}
