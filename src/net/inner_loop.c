/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As libuv's documentation of uv_backend_fd() has it. What a callback changes on the inner loop reaches the
 * kernel only in the next turn, so a loop that is not at rest gets one in every turn of the outer loop: from
 * an idle handle, since a timer of 0 ms that starts itself again keeps libuv 1.44 inside its timers.
 */
#include "net/inner_loop.h"

#include <stdbool.h>
#include <stdlib.h>

#define WZP_INNER_LOOP_DRAIN_TURNS 1000

struct wzp_inner_loop {
    uv_loop_t loop;
    uv_poll_t poll; /* on the outer loop, as are the next two */
    uv_timer_t timer;
    uv_idle_t idle;
    int n_open; /* of these three */
    bool is_turning;
    bool wants_another;
};

static void on_timer(uv_timer_t *timer)
{
    wzp_inner_loop_turn(timer->data);
}

static void on_idle(uv_idle_t *idle)
{
    wzp_inner_loop_turn(idle->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    wzp_inner_loop_turn(poll->data);
}

enum wzp_err wzp_inner_loop_new(struct wzp_loop *outer, struct wzp_inner_loop **out_inner)
{
    uv_loop_t *native = wzp_loop_native(outer);
    struct wzp_inner_loop *inner = calloc(1, sizeof *inner);
    if (!inner) {
        return WZP_ENOMEM;
    }
    if (uv_loop_init(&inner->loop) != 0) {
        free(inner);
        return WZP_EIO;
    }
    if (uv_poll_init(native, &inner->poll, uv_backend_fd(&inner->loop)) != 0) {
        wzp_ignore(uv_loop_close(&inner->loop));
        free(inner);
        return WZP_EIO;
    }
    wzp_ignore(uv_timer_init(native, &inner->timer)); /* these never fail */
    wzp_ignore(uv_idle_init(native, &inner->idle));
    inner->n_open = 3;
    inner->poll.data = inner;
    inner->timer.data = inner;
    inner->idle.data = inner;
    if (uv_poll_start(&inner->poll, UV_READABLE, on_poll) != 0) {
        wzp_inner_loop_free(inner);
        return WZP_EIO;
    }
    *out_inner = inner;
    return WZP_OK;
}

uv_loop_t *wzp_inner_loop_native(struct wzp_inner_loop *inner)
{
    return &inner->loop;
}

/** Asks the outer loop for the turns that the inner one needs now. */
static void wait_for_next(struct wzp_inner_loop *inner)
{
    uv_update_time(&inner->loop);
    int timeout_ms = inner->wants_another ? 0 : uv_backend_timeout(&inner->loop);
    if (timeout_ms == 0) {
        wzp_ignore(uv_idle_start(&inner->idle, on_idle));
        return;
    }
    wzp_ignore(uv_idle_stop(&inner->idle));
    if (timeout_ms < 0) {
        wzp_ignore(uv_timer_stop(&inner->timer));
    } else {
        wzp_ignore(uv_timer_start(&inner->timer, on_timer, (uint64_t)timeout_ms, 0));
    }
}

void wzp_inner_loop_turn(struct wzp_inner_loop *inner)
{
    inner->wants_another = inner->is_turning;
    if (inner->is_turning) {
        return;
    }
    inner->is_turning = true;
    wzp_ignore(uv_run(&inner->loop, UV_RUN_NOWAIT));
    inner->is_turning = false;
    wait_for_next(inner);
}

void wzp_inner_loop_drain(struct wzp_inner_loop *inner)
{
    int turns = 0;
    while (turns < WZP_INNER_LOOP_DRAIN_TURNS && uv_run(&inner->loop, UV_RUN_NOWAIT) != 0) {
        turns++;
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct wzp_inner_loop *inner = handle->data;
    if (--inner->n_open == 0) {
        free(inner);
    }
}

void wzp_inner_loop_free(struct wzp_inner_loop *inner)
{
    if (!inner) {
        return;
    }
    uv_close((uv_handle_t *)&inner->poll, on_closed);
    uv_close((uv_handle_t *)&inner->timer, on_closed);
    uv_close((uv_handle_t *)&inner->idle, on_closed);
    wzp_inner_loop_drain(inner);
    wzp_ignore(uv_loop_close(&inner->loop));
}
