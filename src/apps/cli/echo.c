/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/echo.h"

#include <inttypes.h>
#include <math.h>

#include "apps/cli/modes.h"
#include "apps/cli/setup.h"

#define TREND_WINDOWS     4   /* fewer tell nothing about a trend */
#define TREND_LOSS_PCT    5.0 /* points that the second half may lose more than the first */
#define TREND_CORRELATION 0.1 /* that it may be lower */

static double loss_pct(uint64_t sent, uint64_t received)
{
    return sent > received ? 100.0 * (double)(sent - received) / (double)sent : 0;
}

static double ms(wzp_us time)
{
    return (double)time / WZP_MS;
}

static bool is_silent(const struct wzp_probe_window *window)
{
    return window->peak < WZP_PROBE_SILENT_PEAK;
}

/* --- echo --- */

static void print_window(const struct wzp_probe_window *window, size_t i, FILE *stream)
{
    fprintf(stream, "%4zu %5zu s %6" PRIu64 " %6" PRIu64 " %6.1f %%", i + 1,
            i * (size_t)(WZP_PROBE_WINDOW / WZP_SECOND), window->sent, window->received,
            loss_pct(window->sent, window->received));
    if (is_silent(window)) {
        fprintf(stream, " %8s %6s  SILENT\n", "-", "-");
    } else {
        fprintf(stream, " %5.1f dB %6.3f\n", window->snr_db, window->correlation);
    }
}

/** Means over windows `first` to `end - 1`. */
struct mean {
    double loss_pct, correlation;
};

static struct mean mean_of(const struct wzp_probe *probe, size_t first, size_t end)
{
    struct mean mean = {0};
    for (size_t i = first; i < end; i++) {
        const struct wzp_probe_window *window = &probe->windows[i];
        mean.loss_pct += loss_pct(window->sent, window->received) / (double)(end - first);
        mean.correlation += window->correlation / (double)(end - first);
    }
    return mean;
}

static void print_trend(const struct wzp_probe *probe, FILE *stream)
{
    size_t half = probe->n_windows / 2;
    const struct mean before = mean_of(probe, 0, half);
    const struct mean after = mean_of(probe, half, probe->n_windows);
    bool loses_more = after.loss_pct > before.loss_pct + TREND_LOSS_PCT;
    bool sounds_worse = after.correlation < before.correlation - TREND_CORRELATION;
    if (loses_more) {
        fprintf(stream, "WARNING: loss rises: %.1f %% in the first half, %.1f %% in the second\n",
                before.loss_pct, after.loss_pct);
    }
    if (sounds_worse) {
        fprintf(stream, "WARNING: correlation falls: %.3f in the first half, %.3f in the second\n",
                before.correlation, after.correlation);
    }
    if (!loses_more && !sounds_worse) {
        fprintf(stream, "Quality is STABLE over the test\n");
    }
}

void wzp_echo_print(const struct wzp_probe *probe, FILE *stream)
{
    fprintf(stream,
            "Echo Quality Test Report\nsent %" PRIu64 " frames, received %" PRIu64 ", loss %.1f %%\n\n",
            probe->sent, probe->received, loss_pct(probe->sent, probe->received));
    fprintf(stream, "%4s %7s %6s %6s %8s %8s %6s\n", "Win", "Time", "Sent", "Recv", "Loss", "SNR", "Corr");
    for (size_t i = 0; i < probe->n_windows; i++) {
        print_window(&probe->windows[i], i, stream);
    }
    fputc('\n', stream);
    if (probe->received == 0) {
        fprintf(stream, "Nothing came back: this needs a peer in the room that sends back what it hears\n");
    } else if (probe->n_windows >= TREND_WINDOWS) {
        print_trend(probe, stream);
    }
}

/* --- drift --- */

static const char *grade_of(wzp_us drift)
{
    double size = fabs(ms(drift));
    if (size < 5) {
        return "EXCELLENT";
    }
    if (size < 20) {
        return "GOOD";
    }
    return size < 100 ? "FAIR" : "POOR";
}

void wzp_echo_print_drift(const struct wzp_probe *probe, FILE *stream)
{
    wzp_us drift = wzp_probe_drift(probe);
    wzp_us took = probe->last_at - probe->first_at;
    fprintf(stream, "Drift Test Report\nsent %" PRIu64 " frames, received %" PRIu64 ", lost %" PRIu64 "\n",
            probe->sent, probe->received, probe->lost);
    if (probe->received < 2) {
        fprintf(stream, "WARNING: no frames came back: this needs a peer in the room that sends back what it "
                        "hears\n");
        return;
    }
    fprintf(stream, "first to last frame %.1f ms, expected %.1f ms\ndrift %+.1f ms: %s\n", ms(took),
            ms(took - drift), ms(drift), grade_of(drift));
}

/* --- both --- */

static void print_window_json(const struct wzp_probe_window *window, FILE *stream)
{
    fprintf(stream,
            "{\"sent\":%" PRIu64 ",\"received\":%" PRIu64
            ",\"loss_pct\":%.2f,\"snr_db\":%.2f,\"correlation\":%.4f,\"peak\":%d,\"silent\":%s}",
            window->sent, window->received, loss_pct(window->sent, window->received), window->snr_db,
            window->correlation, window->peak, is_silent(window) ? "true" : "false");
}

void wzp_echo_print_json(const struct wzp_probe *probe, FILE *stream)
{
    bool has_drift = probe->received >= 2;
    fprintf(stream,
            "{\"sent\":%" PRIu64 ",\"received\":%" PRIu64 ",\"lost\":%" PRIu64
            ",\"loss_pct\":%.2f,\"drift_ms\":",
            probe->sent, probe->received, probe->lost, loss_pct(probe->sent, probe->received));
    if (has_drift) {
        fprintf(stream, "%.3f,\"grade\":\"%s\"", ms(wzp_probe_drift(probe)),
                grade_of(wzp_probe_drift(probe)));
    } else {
        fputs("null,\"grade\":null", stream);
    }
    fputs(",\"windows\":[", stream);
    for (size_t i = 0; i < probe->n_windows; i++) {
        fputs(i > 0 ? "," : "", stream);
        print_window_json(&probe->windows[i], stream);
    }
    fputs("]}\n", stream);
}

static void print(const struct wzp_options *options, const struct wzp_probe *probe)
{
    if (options->json) {
        wzp_echo_print_json(probe, stdout);
    } else if (options->mode == WZP_MODE_DRIFT_TEST) {
        wzp_echo_print_drift(probe, stdout);
    } else {
        wzp_echo_print(probe, stdout);
    }
}

int wzp_echo_run(const struct wzp_options *options)
{
    struct wzp_setup setup;
    struct wzp_visit_outcome outcome;
    struct wzp_probe probe;
    if (options->test_ms > WZP_PROBE_MAX_DURATION / WZP_MS) {
        fprintf(stderr, "wzp-client: %s takes at most a day\n", options->mode_flag);
        return WZP_EXIT_USAGE;
    }
    if (wzp_setup_init(&setup, options) != WZP_OK) {
        return WZP_EXIT_USAGE;
    }
    enum wzp_err err = wzp_probe_run(&setup.config, options->test_ms * WZP_MS, &outcome, &probe);
    wzp_setup_deinit(&setup);
    if (outcome.warning[0]) {
        fprintf(stderr, "wzp-client: warning: %s\n", outcome.warning);
    }
    if (err != WZP_OK) {
        fprintf(stderr, "wzp-client: %s\n", outcome.message);
        return WZP_EXIT_FAILED;
    }
    print(options, &probe);
    bool has_returned = probe.received > 0;
    wzp_probe_deinit(&probe);
    return has_returned ? WZP_EXIT_DONE : WZP_EXIT_FAILED;
}
