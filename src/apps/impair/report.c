/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/impair/report.h"

#include <inttypes.h>

/** Where a figure of a direction stands. */
struct figure {
    const char *key;
    const char *words;
    size_t offset;
    bool is_size; /* a size_t, not a uint64_t */
};

#define FIGURE(member, words)                                                                                \
    {                                                                                                        \
#member, words, offsetof(struct wzp_model_stats, member), false                                      \
    }
#define SIZE_FIGURE(member, words)                                                                           \
    {                                                                                                        \
#member, words, offsetof(struct wzp_model_stats, member), true                                       \
    }

static const struct figure figures[] = {
    FIGURE(packets_in, "packets received"),
    FIGURE(bytes_in, "bytes received"),
    FIGURE(packets_out, "packets passed on"),
    FIGURE(bytes_out, "bytes passed on"),
    FIGURE(lost_random, "lost at random"),
    FIGURE(lost_burst, "lost in bursts"),
    FIGURE(dropped_cut, "dropped: cut"),
    FIGURE(dropped_mtu, "dropped: too large"),
    FIGURE(dropped_queue, "dropped: queue full"),
    FIGURE(dropped_memory, "dropped: memory"),
    FIGURE(duplicated, "duplicated"),
    FIGURE(reordered, "reordered"),
    SIZE_FIGURE(max_queue, "longest queue"),
    FIGURE(max_queue_us, "longest queue, us"),
    SIZE_FIGURE(n_held, "still on their way"),
};

static uint64_t figure_of(const struct wzp_report *report, enum wzp_plan_direction direction,
                          const struct figure *figure)
{
    const char *at = (const char *)&report->models[direction] + figure->offset;
    return figure->is_size ? *(const size_t *)(const void *)at : *(const uint64_t *)(const void *)at;
}

static double seconds_of(const struct wzp_report *report)
{
    return (double)report->proxy.ran_for / (double)WZP_SECOND;
}

void wzp_report_write_text(const struct wzp_report *report, struct wzp_buffer *out_text)
{
    wzp_buffer_print(out_text, "%-22s %12s %12s\n", "", "up", "down");
    for (size_t i = 0; i < wzp_count(figures); i++) {
        wzp_buffer_print(out_text, "%-22s %12" PRIu64 " %12" PRIu64 "\n", figures[i].words,
                         figure_of(report, WZP_PLAN_UP, &figures[i]),
                         figure_of(report, WZP_PLAN_DOWN, &figures[i]));
    }
    const struct wzp_proxy_stats *proxy = &report->proxy;
    wzp_buffer_print(out_text,
                     "clients %" PRIu64 ", rebinds %" PRIu64 ", without a client %" PRIu64 ", unsent %" PRIu64
                     ", foreign %" PRIu64 "; seed %" PRIu64 ", %.1f s\n",
                     proxy->clients, proxy->rebinds, proxy->no_client, proxy->unsent, proxy->foreign,
                     report->seed, seconds_of(report));
}

static void add_direction(const struct wzp_report *report, enum wzp_plan_direction direction,
                          const char *name, struct wzp_buffer *out_text)
{
    wzp_buffer_print(out_text, ",\"%s\":{", name);
    for (size_t i = 0; i < wzp_count(figures); i++) {
        wzp_buffer_print(out_text, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",", figures[i].key,
                         figure_of(report, direction, &figures[i]));
    }
    wzp_buffer_add_text(out_text, "}");
}

void wzp_report_write_json(const struct wzp_report *report, struct wzp_buffer *out_text)
{
    const struct wzp_proxy_stats *proxy = &report->proxy;
    wzp_buffer_print(out_text,
                     "{\"seed\":%" PRIu64 ",\"seconds\":%.3f,\"clients\":%" PRIu64 ",\"rebinds\":%" PRIu64
                     ",\"no_client\":%" PRIu64 ",\"unsent\":%" PRIu64 ",\"foreign\":%" PRIu64,
                     report->seed, seconds_of(report), proxy->clients, proxy->rebinds, proxy->no_client,
                     proxy->unsent, proxy->foreign);
    add_direction(report, WZP_PLAN_UP, "up", out_text);
    add_direction(report, WZP_PLAN_DOWN, "down", out_text);
    wzp_buffer_add_text(out_text, "}\n");
}
