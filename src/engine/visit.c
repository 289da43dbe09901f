/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/visit.h"

#include <signal.h>
#include <stdio.h>

#include "base/log.h"
#include "engine/events.h"
#include "engine/settings.h"
#include "net/loop.h"

#define N_SIGNALS 2

/** Lives in wzp_visit_run. */
struct wzp_visit {
    const struct wzp_visit_handler *handler;
    void *context;
    struct wzp_visit_outcome *outcome;
    struct wzp_settings settings;
    struct wzp_log log;
    struct wzp_loop *loop;
    struct wzp_timer *timer;
    struct wzp_signal_watch *signals[N_SIGNALS];
    struct wzp_events events;
    struct wzp_call *call;
};

/* --- what happens --- */

static void on_active(void *context, wzp_us now)
{
    struct wzp_visit *visit = context;
    enum wzp_err err =
        visit->handler->on_joined ? visit->handler->on_joined(visit->context, visit, now) : WZP_OK;
    if (err != WZP_OK) {
        wzp_call_fail(visit->call, err, wzp_err_text(err));
    }
}

static void on_media(void *context, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct wzp_visit *visit = context;
    if (visit->handler->on_media) {
        visit->handler->on_media(visit->context, bytes, size, now);
    }
}

static void on_inactive(void *context, wzp_us now)
{
    struct wzp_visit *visit = context;
    wzp_timer_set(visit->timer, WZP_NEVER);
    if (visit->handler->on_left) {
        visit->handler->on_left(visit->context, visit, now);
    }
}

static void on_timer(void *context)
{
    struct wzp_visit *visit = context;
    if (visit->handler->on_wake) {
        visit->handler->on_wake(visit->context, visit, wzp_loop_now(visit->loop));
    }
}

static void on_signal(void *context, int signum)
{
    wzp_ignore(signum);
    wzp_visit_leave(context);
}

/* --- making it --- */

static enum wzp_err make_loop(struct wzp_visit *visit, bool hangs_up_on_signals)
{
    static const int signums[N_SIGNALS] = {SIGINT, SIGTERM};
    enum wzp_err err = wzp_loop_new(&visit->loop);
    if (err == WZP_OK) {
        err = wzp_timer_new(visit->loop, on_timer, visit, &visit->timer);
    }
    for (size_t i = 0; err == WZP_OK && hangs_up_on_signals && i < N_SIGNALS; i++) {
        err = wzp_signal_watch_new(visit->loop, signums[i], on_signal, visit, &visit->signals[i]);
    }
    return err;
}

static enum wzp_err make_call(struct wzp_visit *visit)
{
    static const struct wzp_call_handler handler = {
        .on_active = on_active, .on_media = on_media, .on_inactive = on_inactive};
    struct wzp_call_config call = wzp_settings_call(&visit->settings);
    call.loop = visit->loop;
    call.log = &visit->log;
    call.events = &visit->events;
    call.handler = &handler;
    call.context = visit;
    return wzp_call_new(&call, &visit->call);
}

/* --- running it --- */

static void take_event(struct wzp_visit *visit, const struct wzp_event *event)
{
    switch (event->kind) {
    case WZP_EVENT_JOINED:
        visit->outcome->joined = *event;
        break;
    case WZP_EVENT_ROOM:
        if (visit->handler->on_room && wzp_call_state(visit->call) == WZP_CALL_ACTIVE) {
            visit->handler->on_room(visit->context, visit, wzp_loop_now(visit->loop));
        }
        break;
    case WZP_EVENT_WARNING:
        snprintf(visit->outcome->warning, sizeof visit->outcome->warning, "%s", event->message);
        break;
    case WZP_EVENT_ENDED:
    case WZP_EVENT_STATE:
    case WZP_EVENT_RELAY:
    case WZP_EVENT_SENT:
    case WZP_EVENT_SECOND:
    case WZP_EVENT_RELAY_LEAVES:
        break;
    }
}

static enum wzp_err run(struct wzp_visit *visit)
{
    struct wzp_event event = {.kind = WZP_EVENT_STATE};
    wzp_call_start(visit->call);
    while (event.kind != WZP_EVENT_ENDED) {
        if (wzp_events_take(&visit->events, &event)) {
            take_event(visit, &event);
        } else {
            wzp_loop_step(visit->loop, true);
        }
    }
    if (event.ended.err != WZP_OK) {
        snprintf(visit->outcome->message, sizeof visit->outcome->message, "%s", event.message);
    }
    return event.ended.err;
}

static void end(struct wzp_visit *visit)
{
    wzp_call_free(visit->call);
    for (size_t i = 0; i < N_SIGNALS; i++) {
        wzp_signal_watch_free(visit->signals[i]);
    }
    wzp_timer_free(visit->timer);
    wzp_loop_free(visit->loop);
    wzp_settings_deinit(&visit->settings);
}

enum wzp_err wzp_visit_run(const struct wzp_engine_config *config, const struct wzp_visit_handler *handler,
                           void *context, struct wzp_visit_outcome *out_outcome)
{
    *out_outcome = (struct wzp_visit_outcome){0};
    struct wzp_visit visit = {.handler = handler, .context = context, .outcome = out_outcome};
    wzp_log_init(&visit.log, config->verbose ? WZP_LOG_DEBUG : WZP_LOG_ERROR);
    enum wzp_err err = wzp_settings_init(&visit.settings, config, out_outcome->message);
    if (err == WZP_OK) {
        err = make_loop(&visit, config->hangs_up_on_signals);
    }
    if (err == WZP_OK) {
        err = make_call(&visit);
    }
    if (err == WZP_OK) {
        err = run(&visit);
    }
    if (err != WZP_OK && !out_outcome->message[0]) {
        snprintf(out_outcome->message, sizeof out_outcome->message, "%s", wzp_err_text(err));
    }
    end(&visit);
    return err;
}

void wzp_visit_leave(struct wzp_visit *visit)
{
    wzp_call_hang_up(visit->call);
}

void wzp_visit_wake(struct wzp_visit *visit, wzp_us at)
{
    wzp_timer_set(visit->timer, at);
}

struct wzp_call *wzp_visit_call(struct wzp_visit *visit)
{
    return visit->call;
}

const struct wzp_identity *wzp_visit_identity(const struct wzp_visit *visit)
{
    return &visit->settings.identity;
}

const struct wzp_profile *wzp_visit_profile(const struct wzp_visit *visit)
{
    return &visit->settings.profile->profile;
}
