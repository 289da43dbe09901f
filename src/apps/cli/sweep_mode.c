/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/sweep_mode.h"

#include <inttypes.h>
#include <stdio.h>

#include "apps/cli/modes.h"
#include "base/attr.h"
#include "engine/sweep.h"

#define DEFAULT_DURATION (60 * WZP_SECOND) /* of virtual time */
#define SEED             1

struct row {
    uint32_t target_ms, max_ms;
    struct wzp_sweep_row seen;
};

static void print_head(FILE *stream)
{
    fprintf(stream, "%9s %7s %6s %6s %7s %11s %9s %8s\n", "target ms", "max ms", "sent", "recv", "loss %",
            "latency ms", "underruns", "overruns");
}

static void print_row(const struct row *row, FILE *stream)
{
    const struct wzp_sweep_row *seen = &row->seen;
    fprintf(stream, "%9u %7u %6" PRIu64 " %6" PRIu64 " %7.2f %11.1f %9" PRIu64 " %8" PRIu64 "\n",
            (unsigned)row->target_ms, (unsigned)row->max_ms, seen->sent, seen->received, seen->loss_pct,
            (double)seen->latency / WZP_MS, seen->underruns, seen->overruns);
}

static void print_row_json(const struct row *row, FILE *stream)
{
    const struct wzp_sweep_row *seen = &row->seen;
    fprintf(stream,
            "{\"target_ms\":%u,\"max_ms\":%u,\"sent\":%" PRIu64 ",\"received\":%" PRIu64
            ",\"played\":%" PRIu64 ",\"loss_pct\":%.3f,\"latency_ms\":%.3f,\"underruns\":%" PRIu64
            ",\"overruns\":%" PRIu64 "}\n",
            (unsigned)row->target_ms, (unsigned)row->max_ms, seen->sent, seen->received, seen->played,
            seen->loss_pct, (double)seen->latency / WZP_MS, seen->underruns, seen->overruns);
}

static enum wzp_err run_row(const struct wzp_options *options, struct row *row)
{
    const struct wzp_sweep_config config = {
        .target = row->target_ms * WZP_MS,
        .max = row->max_ms * WZP_MS,
        .duration = options->limit_ms ? options->limit_ms * WZP_MS : DEFAULT_DURATION,
        .seed = SEED,
    };
    enum wzp_err err = wzp_sweep_run(&config, &row->seen);
    if (err == WZP_OK && options->json) {
        print_row_json(row, stdout);
    } else if (err == WZP_OK) {
        print_row(row, stdout);
    }
    return err;
}

int wzp_sweep_mode_run(const struct wzp_options *options)
{
    static const uint32_t targets_ms[] = {10, 25, 50, 100, 200}, maxima_ms[] = {50, 100, 250, 500};
    if (options->limit_ms > WZP_SWEEP_MAX_DURATION / WZP_MS) {
        fprintf(stderr, "wzp-client: --sweep takes at most %d seconds\n",
                (int)(WZP_SWEEP_MAX_DURATION / WZP_SECOND));
        return WZP_EXIT_USAGE;
    }
    if (!options->json) {
        print_head(stdout);
    }
    for (size_t i = 0; i < wzp_count(targets_ms) * wzp_count(maxima_ms); i++) {
        struct row row = {.target_ms = targets_ms[i / wzp_count(maxima_ms)],
                          .max_ms = maxima_ms[i % wzp_count(maxima_ms)]};
        enum wzp_err err = row.target_ms <= row.max_ms ? run_row(options, &row) : WZP_OK;
        if (err != WZP_OK) {
            fprintf(stderr, "wzp-client: %s\n", wzp_err_text(err));
            return WZP_EXIT_FAILED;
        }
    }
    return WZP_EXIT_DONE;
}
