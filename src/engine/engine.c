/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library's face: checks and keeps the configuration, owns the loop and what runs on it, and passes
 * events out. The call (call.h) speaks to the relay, the media (media.h) do the audio; they meet here only.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wzp/engine.h>

#include "base/attr.h"
#include "base/log.h"
#include "engine/call.h"
#include "engine/events.h"
#include "engine/media.h"
#include "engine/settings.h"
#include "net/loop.h"

#define N_SIGNALS 2

struct wzp_engine {
    struct wzp_settings settings;
    struct wzp_log log;

    struct wzp_loop *loop;
    struct wzp_wakeup *hangup_wakeup;
    struct wzp_signal_watch *signals[N_SIGNALS];
    struct wzp_timer *second_timer, *leave_timer;
    struct wzp_events events;
    struct wzp_call *call;
    struct wzp_media *media;

    bool has_started;
    wzp_us active_at, inactive_at; /* 0: not yet */
    wzp_us n_seconds;              /* of WZP_EVENT_SECOND so far */
};

/* --- while it runs --- */

static void hang_up(struct wzp_engine *engine)
{
    if (engine->has_started) {
        wzp_call_hang_up(engine->call);
    }
}

static void on_hangup_wakeup(void *context)
{
    hang_up(context);
}

static void on_signal(void *context, int signum)
{
    wzp_ignore(signum);
    hang_up(context);
}

static void on_leave(void *context)
{
    hang_up(context);
}

static void on_second(void *context)
{
    struct wzp_engine *engine = context;
    struct wzp_conn_stats conn;
    wzp_call_conn_stats(engine->call, &conn);
    wzp_media_second(engine->media, &conn);
    wzp_events_push(&engine->events, &(struct wzp_event){.kind = WZP_EVENT_SECOND});
    engine->n_seconds++;
    wzp_timer_set(engine->second_timer, engine->active_at + (engine->n_seconds + 1) * WZP_SECOND);
}

static void on_active(void *context, wzp_us now)
{
    struct wzp_engine *engine = context;
    engine->active_at = now;
    wzp_timer_set(engine->second_timer, now + WZP_SECOND);
    if (engine->settings.limit_ms > 0) {
        wzp_timer_set(engine->leave_timer, now + engine->settings.limit_ms * WZP_MS);
    }
    enum wzp_err err = wzp_media_start(engine->media, wzp_call_answer(engine->call), now);
    if (err != WZP_OK) {
        wzp_call_fail(engine->call, err, "the audio could not be started");
    }
}

static void on_inactive(void *context, wzp_us now)
{
    struct wzp_engine *engine = context;
    engine->inactive_at = now;
    wzp_timer_set(engine->second_timer, WZP_NEVER);
    wzp_timer_set(engine->leave_timer, WZP_NEVER);
    wzp_media_stop(engine->media);
}

static void on_media(void *context, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct wzp_engine *engine = context;
    wzp_media_feed(engine->media, bytes, size, now);
}

static void on_packet(void *context, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct wzp_engine *engine = context;
    wzp_call_send(engine->call, bytes, size, now);
}

static void on_sent(void *context, wzp_us now)
{
    struct wzp_engine *engine = context;
    wzp_events_push(&engine->events, &(struct wzp_event){.kind = WZP_EVENT_SENT});
    wzp_us leave_at = now + engine->settings.linger_ms * WZP_MS;
    if (engine->settings.limit_ms > 0) {
        leave_at = wzp_us_min(leave_at, engine->active_at + engine->settings.limit_ms * WZP_MS);
    }
    wzp_timer_set(engine->leave_timer, leave_at);
}

/* --- making one --- */

static enum wzp_err make_loop(struct wzp_engine *engine)
{
    enum wzp_err err = wzp_loop_new(&engine->loop);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_wakeup_new(engine->loop, on_hangup_wakeup, engine, &engine->hangup_wakeup);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_timer_new(engine->loop, on_second, engine, &engine->second_timer);
    if (err != WZP_OK) {
        return err;
    }
    return wzp_timer_new(engine->loop, on_leave, engine, &engine->leave_timer);
}

static enum wzp_err watch_signals(struct wzp_engine *engine)
{
    static const int signums[N_SIGNALS] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < N_SIGNALS; i++) {
        enum wzp_err err =
            wzp_signal_watch_new(engine->loop, signums[i], on_signal, engine, &engine->signals[i]);
        if (err != WZP_OK) {
            return err;
        }
    }
    return WZP_OK;
}

static enum wzp_err make_call(struct wzp_engine *engine)
{
    static const struct wzp_call_handler handler = {
        .on_active = on_active, .on_media = on_media, .on_inactive = on_inactive};
    struct wzp_call_config call = wzp_settings_call(&engine->settings);
    call.loop = engine->loop;
    call.log = &engine->log;
    call.events = &engine->events;
    call.handler = &handler;
    call.context = engine;
    return wzp_call_new(&call, &engine->call);
}

static enum wzp_err make_media(struct wzp_engine *engine, const struct wzp_engine_config *config,
                               char *out_message)
{
    static const struct wzp_media_handler handler = {.on_packet = on_packet, .on_sent = on_sent};
    const struct wzp_media_config media = {
        .loop = engine->loop,
        .events = &engine->events,
        .handler = &handler,
        .context = engine,
        .profile = &engine->settings.profile->profile,
        .engine = config,
    };
    return wzp_media_new(&media, out_message, &engine->media);
}

/** The caller's struct may be older and shorter than ours: what it lacks is 0. */
static enum wzp_err adopt(const struct wzp_engine_config *config, struct wzp_engine_config *out_config)
{
    if (config->config_bytes < offsetof(struct wzp_engine_config, room) ||
        config->config_bytes > sizeof *out_config) {
        return WZP_EINVAL;
    }
    memset(out_config, 0, sizeof *out_config);
    memcpy(out_config, config, config->config_bytes);
    return WZP_OK;
}

static enum wzp_err fill(struct wzp_engine *engine, const struct wzp_engine_config *config, char *out_message)
{
    wzp_log_init(&engine->log, config->verbose ? WZP_LOG_DEBUG : WZP_LOG_ERROR);
    enum wzp_err err = wzp_settings_init(&engine->settings, config, out_message);
    if (err != WZP_OK) {
        return err;
    }
    err = make_loop(engine);
    if (err != WZP_OK) {
        return err;
    }
    if (config->hangs_up_on_signals) {
        err = watch_signals(engine);
        if (err != WZP_OK) {
            return err;
        }
    }
    err = make_call(engine);
    return err == WZP_OK ? make_media(engine, config, out_message) : err;
}

static void engine_freep(struct wzp_engine **engine)
{
    wzp_engine_free(*engine);
}

enum wzp_err wzp_engine_new(const struct wzp_engine_config *config, char out_message[WZP_EVENT_MESSAGE_BYTES],
                            struct wzp_engine **out_engine)
{
    struct wzp_engine_config whole;
    WZP_AUTO(engine_freep) struct wzp_engine *engine = NULL;
    out_message[0] = '\0';
    enum wzp_err err = adopt(config, &whole);
    if (err == WZP_OK) {
        engine = calloc(1, sizeof *engine);
        err = engine ? fill(engine, &whole, out_message) : WZP_ENOMEM;
    }
    if (err != WZP_OK) {
        if (!out_message[0]) {
            snprintf(out_message, WZP_EVENT_MESSAGE_BYTES, "can't get ready: %s", wzp_err_text(err));
        }
        return err;
    }
    *out_engine = wzp_take(engine);
    return WZP_OK;
}

void wzp_engine_free(struct wzp_engine *engine)
{
    if (!engine) {
        return;
    }
    wzp_call_free(engine->call);
    wzp_media_free(engine->media);
    for (size_t i = 0; i < N_SIGNALS; i++) {
        wzp_signal_watch_free(engine->signals[i]);
    }
    wzp_timer_free(engine->second_timer);
    wzp_timer_free(engine->leave_timer);
    wzp_wakeup_free(engine->hangup_wakeup);
    wzp_loop_free(engine->loop);
    wzp_settings_deinit(&engine->settings);
    free(engine);
}

/* --- the caller's side --- */

enum wzp_err wzp_engine_next(struct wzp_engine *engine, struct wzp_event *out_event)
{
    if (!engine->has_started) {
        engine->has_started = true;
        wzp_call_start(engine->call);
    }
    while (!wzp_events_take(&engine->events, out_event)) {
        if (engine->events.has_ended) {
            return WZP_ECLOSED;
        }
        wzp_loop_step(engine->loop, true);
    }
    return WZP_OK;
}

void wzp_engine_hangup(struct wzp_engine *engine)
{
    wzp_wakeup_send(engine->hangup_wakeup);
}

static wzp_us call_time(const struct wzp_engine *engine)
{
    if (engine->active_at == 0) {
        return 0;
    }
    wzp_us end = engine->inactive_at ? engine->inactive_at : wzp_loop_now(engine->loop);
    return end - engine->active_at;
}

void wzp_engine_stats(const struct wzp_engine *engine, struct wzp_engine_stats *out_stats)
{
    struct wzp_engine_stats stats = {.stats_bytes = wzp_min_size(out_stats->stats_bytes, sizeof stats)};
    struct wzp_conn_stats conn;
    const struct wzp_call_counts *counts = wzp_call_counts(engine->call);
    wzp_call_conn_stats(engine->call, &conn);
    wzp_media_stats(engine->media, &stats);
    stats.signals_received = counts->received;
    stats.signals_ignored = counts->ignored;
    stats.signals_malformed = counts->malformed;
    stats.rtt_ms = (double)conn.rtt_smoothed / WZP_MS;
    stats.packets_lost = conn.packets_lost;
    stats.datagrams_dropped = conn.datagrams_dropped;
    stats.call_ms = (uint64_t)(call_time(engine) / WZP_MS);
    stats.participants = wzp_call_roster(engine->call)->n;
    stats.participants_most = wzp_call_roster(engine->call)->n_most;
    memcpy(out_stats, &stats, stats.stats_bytes);
}

enum wzp_err wzp_engine_participant(const struct wzp_engine *engine, size_t i,
                                    struct wzp_engine_participant *out_participant)
{
    const struct wzp_roster *roster = wzp_call_roster(engine->call);
    if (i >= roster->n) {
        return WZP_ENOTFOUND;
    }
    *out_participant = roster->people[i];
    return WZP_OK;
}
