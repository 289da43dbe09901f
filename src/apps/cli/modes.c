/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/modes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <wzp/engine.h>

#include "apps/cli/report.h"
#include "apps/cli/setup.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/query.h"

#define SILENCE_MS 5000 /* 250 frames, as the first generation's connectivity test */
#define LINGER_MS  2000 /* of a recording behind what was sent */

static void freep(char **text)
{
    free(*text);
}

static void complain(const char *message)
{
    fprintf(stderr, "wzp-client: %s\n", message);
}

/* --- questions --- */

int wzp_modes_query(const struct wzp_options *options)
{
    struct wzp_log log;
    uint8_t pin[WZP_FINGERPRINT_BYTES];
    wzp_log_init(&log, options->verbose ? WZP_LOG_DEBUG : WZP_LOG_ERROR);
    if (options->relay_fingerprint && wzp_fingerprint_read(options->relay_fingerprint, pin) != WZP_OK) {
        complain("--relay-fingerprint needs 64 hexadecimal digits, with or without colons");
        return WZP_EXIT_USAGE;
    }
    WZP_AUTO(freep) char *known_relays = wzp_setup_known_relays(options);
    const struct wzp_query query = {
        .kind = options->mode == WZP_MODE_PING ? WZP_QUERY_PING : WZP_QUERY_VERSION,
        .relay = options->relay,
        .pin = options->relay_fingerprint ? pin : NULL,
        .known_relays = known_relays,
        .log = &log,
    };
    struct wzp_query_answer answer;
    enum wzp_err err = wzp_query_run(&query, &answer);
    if (answer.message[0]) {
        complain(answer.message);
    }
    if (err != WZP_OK) {
        return WZP_EXIT_FAILED;
    }
    if (query.kind == WZP_QUERY_PING) {
        wzp_report_ping(&answer, options->json, stdout);
    } else {
        wzp_report_version(&answer, options->json, stdout);
    }
    return WZP_EXIT_DONE;
}

/* --- calls --- */

/** A call and what it shows while it runs. */
struct show {
    const struct wzp_options *options;
    struct wzp_engine *engine;
    struct wzp_report report;
    FILE *metrics; /* or NULL */
    bool shows_progress;
};

static double unix_seconds(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void take_figures(struct show *show)
{
    show->report.stats.stats_bytes = sizeof show->report.stats;
    wzp_engine_stats(show->engine, &show->report.stats);
}

/** A line that does not mix with the progress line. */
static void say(const struct show *show, const char *prefix, const char *message)
{
    if (show->shows_progress) {
        wzp_report_clear_progress(stderr);
    }
    fprintf(stderr, "wzp-client: %s%s\n", prefix, message);
}

static void on_second(struct show *show)
{
    take_figures(show);
    if (show->metrics) {
        wzp_report_metrics(&show->report.stats, show->report.profile, unix_seconds(), show->metrics);
    }
    if (show->shows_progress) {
        wzp_report_progress(&show->report.stats, stderr);
    }
}

static void on_event(struct show *show, const struct wzp_event *event)
{
    switch (event->kind) {
    case WZP_EVENT_RELAY:
        show->report.relay = *event;
        break;
    case WZP_EVENT_JOINED:
        show->report.joined = *event;
        break;
    case WZP_EVENT_SECOND:
        on_second(show);
        break;
    case WZP_EVENT_WARNING:
        say(show, "warning: ", event->message);
        break;
    case WZP_EVENT_RELAY_LEAVES:
        say(show, "the relay goes away: ", event->message);
        break;
    case WZP_EVENT_ENDED:
        show->report.ended = *event;
        break;
    case WZP_EVENT_STATE:
    case WZP_EVENT_ROOM:
    case WZP_EVENT_SENT:
        break;
    }
}

/** What is printed at the end; the exit status. */
static int conclude(struct show *show)
{
    bool has_failed = show->report.ended.ended.err != WZP_OK;
    bool has_joined = show->report.joined.kind == WZP_EVENT_JOINED;
    take_figures(show);
    if (show->shows_progress) {
        wzp_report_clear_progress(stderr);
    }
    if (show->options->json) {
        wzp_ignore(wzp_report_print_json(&show->report, stdout));
    } else if (has_joined) {
        wzp_report_print(&show->report, stdout);
    }
    if (has_failed) {
        say(show, "", show->report.ended.message);
    }
    return has_failed ? WZP_EXIT_FAILED : WZP_EXIT_DONE;
}

/** What is sent and recorded, and how long. */
static void choose_audio(const struct wzp_options *options, struct wzp_engine_config *config)
{
    bool sends = options->tone_ms > 0 || options->send_file;
    config->source = options->send_file ? WZP_SOURCE_FILE : WZP_SOURCE_NONE;
    config->source_file = options->send_file;
    config->record_file = options->record_file;
    config->linger_ms = options->record_file && sends ? LINGER_MS : 0;
    config->limit_ms = options->limit_ms;
    config->playout_ms = options->playout_ms;
    if (options->tone_ms > 0) {
        config->source = WZP_SOURCE_TONE;
        config->source_ms = options->tone_ms;
    } else if (!sends && !options->record_file) {
        config->source = WZP_SOURCE_SILENCE;
        config->source_ms = SILENCE_MS;
    }
}

/** --metrics-file; false where it can't be written. */
static bool open_metrics(struct show *show)
{
    const char *path = show->options->metrics_file;
    if (!path) {
        return true;
    }
    show->metrics = fopen(path, "we");
    if (!show->metrics) {
        fprintf(stderr, "wzp-client: --metrics-file: can't write %s: %s\n", path, strerror(errno));
    }
    return show->metrics != NULL;
}

static int run(struct show *show, const struct wzp_engine_config *config)
{
    char message[WZP_EVENT_MESSAGE_BYTES];
    struct wzp_event event;
    enum wzp_err err = wzp_engine_new(config, message, &show->engine);
    if (err != WZP_OK) {
        complain(message);
        return err == WZP_EINVAL ? WZP_EXIT_USAGE : WZP_EXIT_FAILED;
    }
    while (wzp_engine_next(show->engine, &event) == WZP_OK) {
        on_event(show, &event);
    }
    int status = conclude(show);
    wzp_engine_free(show->engine);
    return status;
}

int wzp_modes_call(const struct wzp_options *options)
{
    struct wzp_setup setup;
    if (wzp_setup_init(&setup, options) != WZP_OK) {
        return WZP_EXIT_USAGE;
    }
    choose_audio(options, &setup.config);
    const struct wzp_engine_config *config = &setup.config;
    struct show show = {
        .options = options,
        .report = {.room = config->room, .profile = config->profile, .record_file = config->record_file},
        .shows_progress = !options->json && !options->verbose && isatty(STDERR_FILENO),
    };
    int status = open_metrics(&show) ? run(&show, config) : WZP_EXIT_FAILED;
    wzp_setup_deinit(&setup);
    if (show.metrics) {
        fclose(show.metrics);
    }
    return status;
}
