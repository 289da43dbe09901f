/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libuv behind our own names. Every handle is allocated apart from what the caller holds to, because libuv
 * gives it back only in its close callback: `free` detaches at once, the memory follows from the loop.
 */
#include "net/loop.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include <uv.h>

struct wzp_loop {
    uv_loop_t uv;
    struct wzp_timer *firing; /* the timer whose callback runs, or NULL */
    bool is_stopped;          /* looked at by who runs it in ticks */
};

struct wzp_timer {
    uv_timer_t uv;
    struct wzp_loop *loop;
    wzp_us at; /* WZP_NEVER: stopped, or it has fired */
    wzp_loop_fn fn;
    void *context;
};

struct wzp_wakeup {
    uv_async_t uv;
    wzp_loop_fn fn;
    void *context;
};

struct wzp_prepare {
    uv_prepare_t uv;
    wzp_loop_fn fn;
    void *context;
};

struct wzp_signal_watch {
    uv_signal_t uv;
    wzp_signal_fn fn;
    void *context;
};

enum wzp_err wzp_loop_new(struct wzp_loop **out_loop)
{
    struct wzp_loop *loop = calloc(1, sizeof *loop);
    if (!loop) {
        return WZP_ENOMEM;
    }
    if (uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return WZP_EIO;
    }
    *out_loop = loop;
    return WZP_OK;
}

void wzp_loop_free(struct wzp_loop *loop)
{
    if (!loop) {
        return;
    }
    bool has_more = true;
    while (uv_loop_close(&loop->uv) == UV_EBUSY) {
        assert(has_more); /* something on the loop was not freed */
        has_more = uv_run(&loop->uv, UV_RUN_ONCE) != 0;
    }
    free(loop);
}

void wzp_loop_run(struct wzp_loop *loop)
{
    wzp_ignore(uv_run(&loop->uv, UV_RUN_DEFAULT));
}

/* Until the next multiple of `tick`. */
static void sleep_soundly(wzp_us tick, wzp_us now)
{
    wzp_us at = (now / tick + 1) * tick;
    const struct timespec until = {.tv_sec = (time_t)(at / WZP_SECOND),
                                   .tv_nsec = (long)(at % WZP_SECOND * 1000)};
    wzp_ignore(
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL)); /* a signal only ends it early */
}

void wzp_loop_run_in_ticks(struct wzp_loop *loop, wzp_us tick)
{
    loop->is_stopped = false;
    while (uv_run(&loop->uv, UV_RUN_NOWAIT) != 0 && !loop->is_stopped) {
        sleep_soundly(tick, wzp_loop_now(loop));
    }
}

void wzp_loop_step(struct wzp_loop *loop, bool wait)
{
    wzp_ignore(uv_run(&loop->uv, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT));
}

void wzp_loop_stop(struct wzp_loop *loop)
{
    loop->is_stopped = true;
    uv_stop(&loop->uv);
}

wzp_us wzp_loop_now(const struct wzp_loop *loop)
{
    (void)loop;
    struct timespec now;
    wzp_ignore(clock_gettime(CLOCK_MONOTONIC, &now));
    return (wzp_us)now.tv_sec * WZP_SECOND + now.tv_nsec / 1000;
}

wzp_us wzp_loop_cpu_time(const struct wzp_loop *loop)
{
    (void)loop;
    struct timespec taken;
    wzp_ignore(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &taken));
    return (wzp_us)taken.tv_sec * WZP_SECOND + taken.tv_nsec / 1000;
}

void *wzp_loop_native(struct wzp_loop *loop)
{
    return &loop->uv;
}

/* Frees what embeds the handle as its first member. */
static void free_closed(uv_handle_t *handle)
{
    free(handle);
}

static void on_timer(uv_timer_t *uv)
{
    struct wzp_timer *timer = wzp_container(uv, struct wzp_timer, uv);
    struct wzp_loop *loop = timer->loop; /* the callback may free the timer */
    loop->firing = timer;
    timer->at = WZP_NEVER;
    timer->fn(timer->context);
    loop->firing = NULL;
}

enum wzp_err wzp_timer_new(struct wzp_loop *loop, wzp_loop_fn fn, void *context, struct wzp_timer **out_timer)
{
    struct wzp_timer *timer = calloc(1, sizeof *timer);
    if (!timer) {
        return WZP_ENOMEM;
    }
    timer->loop = loop;
    timer->at = WZP_NEVER;
    timer->fn = fn;
    timer->context = context;
    wzp_ignore(uv_timer_init(&loop->uv, &timer->uv)); /* never fails */
    *out_timer = timer;
    return WZP_OK;
}

void wzp_timer_free(struct wzp_timer *timer)
{
    if (timer) {
        uv_close((uv_handle_t *)&timer->uv, free_closed);
    }
}

void wzp_timer_set(struct wzp_timer *timer, wzp_us at)
{
    if (at == timer->at) {
        return;
    }
    timer->at = at;
    if (at == WZP_NEVER) {
        wzp_ignore(uv_timer_stop(&timer->uv));
        return;
    }
    /* libuv counts from its cached time, which may be a long callback old. */
    uv_update_time(&timer->loop->uv);
    wzp_us wait = at - wzp_loop_now(timer->loop);
    uint64_t wait_ms = wait > 0 ? ((uint64_t)wait + 999) / 1000 : 0;
    if (wait_ms == 0 && timer->loop->firing == timer) {
        wait_ms = 1; /* libuv runs a timer that is due again in the same turn, and would never leave it */
    }
    wzp_ignore(uv_timer_start(&timer->uv, on_timer, wait_ms, 0));
}

static void on_async(uv_async_t *uv)
{
    struct wzp_wakeup *wakeup = wzp_container(uv, struct wzp_wakeup, uv);
    wakeup->fn(wakeup->context);
}

enum wzp_err wzp_wakeup_new(struct wzp_loop *loop, wzp_loop_fn fn, void *context,
                            struct wzp_wakeup **out_wakeup)
{
    struct wzp_wakeup *wakeup = calloc(1, sizeof *wakeup);
    if (!wakeup) {
        return WZP_ENOMEM;
    }
    wakeup->fn = fn;
    wakeup->context = context;
    if (uv_async_init(&loop->uv, &wakeup->uv, on_async) != 0) {
        free(wakeup);
        return WZP_EIO;
    }
    *out_wakeup = wakeup;
    return WZP_OK;
}

void wzp_wakeup_send(struct wzp_wakeup *wakeup)
{
    wzp_ignore(uv_async_send(&wakeup->uv));
}

void wzp_wakeup_free(struct wzp_wakeup *wakeup)
{
    if (wakeup) {
        uv_close((uv_handle_t *)&wakeup->uv, free_closed);
    }
}

static void on_prepare(uv_prepare_t *uv)
{
    struct wzp_prepare *prepare = wzp_container(uv, struct wzp_prepare, uv);
    prepare->fn(prepare->context);
}

enum wzp_err wzp_prepare_new(struct wzp_loop *loop, wzp_loop_fn fn, void *context,
                             struct wzp_prepare **out_prepare)
{
    struct wzp_prepare *prepare = calloc(1, sizeof *prepare);
    if (!prepare) {
        return WZP_ENOMEM;
    }
    prepare->fn = fn;
    prepare->context = context;
    wzp_ignore(uv_prepare_init(&loop->uv, &prepare->uv)); /* these never fail */
    wzp_ignore(uv_prepare_start(&prepare->uv, on_prepare));
    uv_unref((uv_handle_t *)&prepare->uv);
    *out_prepare = prepare;
    return WZP_OK;
}

void wzp_prepare_set_running(struct wzp_prepare *prepare, bool is_running)
{
    if (is_running) {
        wzp_ignore(uv_prepare_start(&prepare->uv, on_prepare));
    } else {
        wzp_ignore(uv_prepare_stop(&prepare->uv));
    }
}

void wzp_prepare_free(struct wzp_prepare *prepare)
{
    if (prepare) {
        uv_close((uv_handle_t *)&prepare->uv, free_closed);
    }
}

static void on_signal(uv_signal_t *uv, int signum)
{
    struct wzp_signal_watch *watch = wzp_container(uv, struct wzp_signal_watch, uv);
    watch->fn(watch->context, signum);
}

enum wzp_err wzp_signal_watch_new(struct wzp_loop *loop, int signum, wzp_signal_fn fn, void *context,
                                  struct wzp_signal_watch **out_watch)
{
    struct wzp_signal_watch *watch = calloc(1, sizeof *watch);
    if (!watch) {
        return WZP_ENOMEM;
    }
    watch->fn = fn;
    watch->context = context;
    if (uv_signal_init(&loop->uv, &watch->uv) != 0) {
        free(watch);
        return WZP_EIO;
    }
    if (uv_signal_start(&watch->uv, on_signal, signum) != 0) {
        uv_close((uv_handle_t *)&watch->uv, free_closed);
        return WZP_EINVAL;
    }
    uv_unref((uv_handle_t *)&watch->uv);
    *out_watch = watch;
    return WZP_OK;
}

void wzp_signal_watch_free(struct wzp_signal_watch *watch)
{
    if (watch) {
        uv_close((uv_handle_t *)&watch->uv, free_closed);
    }
}
