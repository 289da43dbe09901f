/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/report.h"

#include <inttypes.h>

#include "base/buffer.h"
#include "base/us.h"

#define JSON_LIMIT_BYTES 16384 /* of the summary */

static const char *trust_text(enum wzp_relay_trust trust)
{
    switch (trust) {
    case WZP_RELAY_PINNED:
        return "pinned";
    case WZP_RELAY_KNOWN:
        return "known";
    case WZP_RELAY_FIRST_USE:
        return "first use";
    case WZP_RELAY_UNCHECKED:
        return "unchecked";
    }
    return "unchecked";
}

/* --- the summary --- */

/** Everybody but ourselves, out of so many in the room. */
static size_t others(size_t n_participants)
{
    return n_participants > 0 ? n_participants - 1 : 0;
}

void wzp_report_print(const struct wzp_report *report, FILE *stream)
{
    const struct wzp_engine_stats *s = &report->stats;
    size_t n_peers = others(s->participants_most);
    if (report->record_file) {
        fprintf(stream, "recorded %.2f s to %s%s\n", (double)s->recorded_ms / 1000, report->record_file,
                s->recorded_ms ? "" : " (nothing was heard: it is empty)");
    }
    fprintf(stream,
            "sent %" PRIu64 " frames and %" PRIu64 " repairs, received %" PRIu64 " (lost %" PRIu64
            ", concealed %" PRIu64 ", late %" PRIu64 "); round trip %.1f ms, jitter %.1f ms; %.1f s, "
            "%zu peer%s\n",
            s->frames_sent, s->repairs_sent, s->frames_received, s->frames_lost, s->frames_concealed,
            s->frames_late, s->rtt_ms, s->jitter_ms, (double)s->call_ms / 1000, n_peers,
            n_peers == 1 ? "" : "s");
}

static void add_relay(const struct wzp_report *report, struct wzp_buffer *out)
{
    wzp_buffer_add_text(out, ",\"relay\":{\"address\":");
    wzp_buffer_add_json(out, report->relay.relay.address);
    wzp_buffer_add_text(out, ",\"fingerprint\":");
    wzp_buffer_add_json(out, report->relay.relay.fingerprint);
    wzp_buffer_add_text(out, ",\"trust\":");
    wzp_buffer_add_json(out, trust_text(report->relay.relay.trust));
    wzp_buffer_add_text(out, ",\"label\":");
    wzp_buffer_add_json(out, report->joined.joined.relay_label);
    wzp_buffer_add_text(out, ",\"build\":");
    wzp_buffer_add_json(out, report->joined.joined.relay_build);
    wzp_buffer_print(out, ",\"generation\":%" PRIu32 "}", report->joined.joined.generation);
}

static void add_figures(const struct wzp_engine_stats *s, struct wzp_buffer *out)
{
    wzp_buffer_print(out,
                     ",\"frames_sent\":%" PRIu64 ",\"repairs_sent\":%" PRIu64 ",\"bytes_sent\":%" PRIu64
                     ",\"frames_received\":%" PRIu64 ",\"repairs_received\":%" PRIu64
                     ",\"comfort_received\":%" PRIu64 ",\"frames_played\":%" PRIu64,
                     s->frames_sent, s->repairs_sent, s->bytes_sent, s->frames_received, s->repairs_received,
                     s->comfort_received, s->frames_played);
    wzp_buffer_print(out,
                     ",\"frames_lost\":%" PRIu64 ",\"frames_concealed\":%" PRIu64 ",\"frames_late\":%" PRIu64
                     ",\"duplicates\":%" PRIu64 ",\"malformed\":%" PRIu64 ",\"undecodable\":%" PRIu64
                     ",\"streams\":%" PRIu64,
                     s->frames_lost, s->frames_concealed, s->frames_late, s->duplicates, s->malformed,
                     s->undecodable, s->streams);
    wzp_buffer_print(
        out,
        ",\"signals_received\":%" PRIu64 ",\"signals_ignored\":%" PRIu64 ",\"signals_malformed\":%" PRIu64
        ",\"packets_lost\":%" PRIu64 ",\"datagrams_dropped\":%" PRIu64,
        s->signals_received, s->signals_ignored, s->signals_malformed, s->packets_lost, s->datagrams_dropped);
    wzp_buffer_print(
        out,
        ",\"peers\":%zu,\"rtt_ms\":%.3f,\"jitter_ms\":%.3f,\"duration_s\":%.3f,\"recorded_s\":%.3f"
        ",\"record_peak\":%.4f",
        others(s->participants_most), s->rtt_ms, s->jitter_ms, (double)s->call_ms / 1000,
        (double)s->recorded_ms / 1000, s->record_peak);
}

enum wzp_err wzp_report_print_json(const struct wzp_report *report, FILE *stream)
{
    struct wzp_buffer out;
    wzp_buffer_init(&out, JSON_LIMIT_BYTES);
    wzp_buffer_print(&out, "{\"ok\":%s,\"message\":", report->ended.ended.err == WZP_OK ? "true" : "false");
    wzp_buffer_add_json(&out, report->ended.message);
    wzp_buffer_add_text(&out, ",\"room\":");
    wzp_buffer_add_json(&out, report->room);
    wzp_buffer_add_text(&out, ",\"profile\":");
    wzp_buffer_add_json(&out, report->profile);
    add_relay(report, &out);
    if (report->record_file) {
        wzp_buffer_add_text(&out, ",\"record_file\":");
        wzp_buffer_add_json(&out, report->record_file);
    }
    add_figures(&report->stats, &out);
    wzp_buffer_add_text(&out, "}\n");
    enum wzp_err err = out.err;
    if (err == WZP_OK) {
        fwrite(out.text, 1, out.size, stream);
    }
    wzp_buffer_deinit(&out);
    return err;
}

/* --- while the call runs --- */

void wzp_report_progress(const struct wzp_engine_stats *s, FILE *stream)
{
    fprintf(stream,
            "\r\033[K%3" PRIu64 " s  sent %" PRIu64 "  received %" PRIu64 "  lost %" PRIu64
            "  rtt %.0f ms  jitter %.0f ms  peers %zu",
            (s->call_ms + 500) / 1000, s->frames_sent, s->frames_received, s->frames_lost, s->rtt_ms,
            s->jitter_ms, others(s->participants));
    fflush(stream);
}

void wzp_report_clear_progress(FILE *stream)
{
    fputs("\r\033[K", stream);
    fflush(stream);
}

void wzp_report_metrics(const struct wzp_engine_stats *s, const char *profile, double unix_seconds,
                        FILE *stream)
{
    fprintf(stream,
            "{\"ts\":%.3f,\"buffer_depth\":%" PRIu64 ",\"underruns\":%" PRIu64 ",\"overruns\":%" PRIu64
            ",\"loss_pct\":%.2f,\"rtt_ms\":%.3f,\"jitter_ms\":%.3f,\"frames_sent\":%" PRIu64
            ",\"frames_received\":%" PRIu64 ",\"quality_profile\":\"%s\"}\n",
            unix_seconds, s->buffered_ms / 20, s->frames_concealed, s->frames_late, s->loss_pct, s->rtt_ms,
            s->jitter_ms, s->frames_sent, s->frames_received, profile);
    fflush(stream);
}

/* --- answers to questions --- */

/** The members that both answers have, with the opening brace. */
static void add_answer(const struct wzp_query_answer *answer, struct wzp_buffer *out)
{
    wzp_buffer_add_text(out, "{\"address\":");
    wzp_buffer_add_json(out, answer->address);
    wzp_buffer_add_text(out, ",\"fingerprint\":");
    wzp_buffer_add_json(out, answer->fingerprint);
    wzp_buffer_add_text(out, ",\"trust\":");
    wzp_buffer_add_json(out, trust_text(answer->trust));
    wzp_buffer_print(out, ",\"rtt_ms\":%.3f,\"connected_after_ms\":%.3f", (double)answer->rtt / WZP_MS,
                     (double)answer->connected_after / WZP_MS);
}

void wzp_report_ping(const struct wzp_query_answer *answer, bool is_json, FILE *stream)
{
    if (is_json) {
        struct wzp_buffer out;
        wzp_buffer_init(&out, JSON_LIMIT_BYTES);
        add_answer(answer, &out);
        fprintf(stream, "%s}\n", out.text ? out.text : "{");
        wzp_buffer_deinit(&out);
        return;
    }
    fprintf(stream, "relay        %s\nround trip   %.1f ms (connected after %.1f ms)\nfingerprint  %s (%s)\n",
            answer->address, (double)answer->rtt / WZP_MS, (double)answer->connected_after / WZP_MS,
            answer->fingerprint, trust_text(answer->trust));
}

void wzp_report_version(const struct wzp_query_answer *answer, bool is_json, FILE *stream)
{
    if (is_json) {
        struct wzp_buffer out;
        wzp_buffer_init(&out, JSON_LIMIT_BYTES);
        add_answer(answer, &out);
        wzp_buffer_add_text(&out, ",\"version\":");
        wzp_buffer_add_json(&out, answer->version);
        fprintf(stream, "%s}\n", out.text ? out.text : "{");
        wzp_buffer_deinit(&out);
        return;
    }
    fprintf(stream, "%s\n", answer->version);
}
