/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/sweep.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/random.h"
#include "proto/jitter.h"

#define FRAME        (20 * WZP_MS)
#define LOSS         0.01
#define TRANSIT      (20 * WZP_MS)
#define MEAN_REST_US 15000.0
#define MAX_REST     (200 * WZP_MS)
#define DETOUR       (100 * WZP_MS)

/** A packet on its way. */
struct arrival {
    wzp_us at;
    uint16_t number;
};

struct sweep {
    struct wzp_jitter *jitter;
    wzp_us next_pop;             /* WZP_NEVER while the buffer gives nothing */
    wzp_us waited;               /* sum over the frames played, from sending */
    uint64_t starved_until_last; /* those behind the last frame are the end, no underrun */
    struct wzp_sweep_row row;
};

static int compare_arrivals(const void *a, const void *b)
{
    wzp_us left = ((const struct arrival *)a)->at;
    wzp_us right = ((const struct arrival *)b)->at;
    return (left > right) - (left < right);
}

/** Fills `arrivals` in the order of their times; their number. */
static size_t cross_network(const struct wzp_sweep_config *config, size_t n_frames, struct arrival *arrivals)
{
    struct wzp_random_seeded seeded;
    const struct wzp_random random = wzp_random_from_seed(&seeded, config->seed);
    size_t n = 0;
    for (size_t i = 0; i < n_frames; i++) {
        bool is_lost = wzp_random_unit(&random) < LOSS;
        double rest = -MEAN_REST_US * log(1 - wzp_random_unit(&random));
        wzp_us detour = i < n_frames / 10 ? DETOUR : 0;
        if (!is_lost) {
            arrivals[n++] = (struct arrival){
                .at = (wzp_us)i * FRAME + TRANSIT + wzp_us_min((wzp_us)rest, MAX_REST) + detour,
                .number = (uint16_t)i,
            };
        }
    }
    qsort(arrivals, n, sizeof *arrivals, compare_arrivals);
    return n;
}

static void pop(struct sweep *sweep)
{
    struct wzp_jitter_frame frame;
    struct wzp_jitter_stats stats;
    wzp_jitter_pop(sweep->jitter, sweep->next_pop, &frame);
    if (frame.kind == WZP_JITTER_PACKET) {
        wzp_jitter_stats(sweep->jitter, &stats);
        sweep->starved_until_last = stats.starved;
        sweep->row.played++;
        sweep->waited += sweep->next_pop - frame.seq * FRAME;
    }
    sweep->next_pop = frame.kind == WZP_JITTER_NOTHING ? WZP_NEVER : sweep->next_pop + frame.duration_us;
}

/** Plays what is due before `until`. */
static void play(struct sweep *sweep, wzp_us now, wzp_us until)
{
    for (;;) {
        if (sweep->next_pop == WZP_NEVER) {
            wzp_us deadline = wzp_jitter_deadline(sweep->jitter);
            sweep->next_pop = deadline == WZP_NEVER ? WZP_NEVER : wzp_us_max(deadline, now);
        }
        if (sweep->next_pop >= until) {
            return;
        }
        pop(sweep);
    }
}

static void push(struct sweep *sweep, const struct arrival *arrival)
{
    static const uint8_t payload[60] = {0};
    const struct wzp_media_packet packet = {
        .header = {.codec = WZP_CODEC_OPUS_24K,
                   .seq = arrival->number,
                   .timestamp = (uint32_t)arrival->number * (uint32_t)(FRAME / WZP_MS)},
        .payload = payload,
        .payload_size = sizeof payload,
    };
    wzp_ignore(wzp_jitter_push(sweep->jitter, &packet, arrival->at)); /* the statistics tell */
}

static void conclude(struct sweep *sweep)
{
    struct wzp_jitter_stats stats;
    struct wzp_sweep_row *row = &sweep->row;
    wzp_jitter_stats(sweep->jitter, &stats);
    row->loss_pct = row->sent > 0 ? 100.0 * (double)(row->sent - row->played) / (double)row->sent : 0;
    row->latency = row->played > 0 ? sweep->waited / (wzp_us)row->played : 0;
    row->underruns = sweep->starved_until_last;
    row->overruns = stats.trimmed + stats.overflowed;
}

enum wzp_err wzp_sweep_run(const struct wzp_sweep_config *config, struct wzp_sweep_row *out_row)
{
    if (config->duration < 0 || config->duration > WZP_SWEEP_MAX_DURATION || config->max < config->target) {
        return WZP_EINVAL;
    }
    size_t n_frames = (size_t)(config->duration / FRAME);
    const struct wzp_jitter_config jitter = {.delay_us = config->target,
                                             .slack_us = config->max - config->target};
    struct sweep sweep = {.next_pop = WZP_NEVER, .row = {.sent = n_frames}};
    struct arrival *arrivals = calloc(n_frames + 1, sizeof *arrivals);
    if (!arrivals) {
        return WZP_ENOMEM;
    }
    enum wzp_err err = wzp_jitter_new(&jitter, &sweep.jitter);
    if (err == WZP_OK) {
        size_t n = cross_network(config, n_frames, arrivals);
        sweep.row.received = n;
        for (size_t i = 0; i < n; i++) {
            push(&sweep, &arrivals[i]);
            play(&sweep, arrivals[i].at, i + 1 < n ? arrivals[i + 1].at : WZP_NEVER);
        }
        conclude(&sweep);
        *out_row = sweep.row;
        wzp_jitter_free(sweep.jitter);
    }
    free(arrivals);
    return err;
}
