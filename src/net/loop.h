/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop of one worker: timers, signals and wake-ups over libuv. Everything runs on the thread that
 * runs it. */
#pragma once

#include <stdbool.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"

struct wzp_loop;
struct wzp_timer;
struct wzp_wakeup;

typedef void (*wzp_loop_fn)(void *context);
typedef void (*wzp_signal_fn)(void *context, int signum);

/** WZP_ENOMEM, WZP_EIO. */
WZP_MUST_USE enum wzp_err wzp_loop_new(struct wzp_loop **out_loop);

/** Everything on the loop must have been freed; runs the loop until the close callbacks are through. Takes
 * NULL. */
void wzp_loop_free(struct wzp_loop *loop);

/** Runs until wzp_loop_stop, or until nothing is left that could happen. */
void wzp_loop_run(struct wzp_loop *loop);

/** As wzp_loop_run, but looks only every `tick` and sleeps soundly in between: what comes meanwhile wakes
 * nobody and waits. For thousands of sockets that need not answer at once. */
void wzp_loop_run_in_ticks(struct wzp_loop *loop, wzp_us tick);

/** Runs what is ready now (waiting for the first thing when `wait`), then returns. */
void wzp_loop_step(struct wzp_loop *loop, bool wait);

/** Makes wzp_loop_run and wzp_loop_run_in_ticks return after the current callback. On the loop's thread. */
void wzp_loop_stop(struct wzp_loop *loop);

/** Monotonic time, read now (not cached). */
wzp_us wzp_loop_now(const struct wzp_loop *loop);

/** The processor time that the calling thread, the loop's, has taken so far. A system call. */
wzp_us wzp_loop_cpu_time(const struct wzp_loop *loop);

/** A timer at rest. `fn` runs once per start. */
WZP_MUST_USE enum wzp_err wzp_timer_new(struct wzp_loop *loop, wzp_loop_fn fn, void *context,
                                        struct wzp_timer **out_timer);

/** Detaches at once: `fn` does not run again. Takes NULL. */
void wzp_timer_free(struct wzp_timer *timer);

/** Runs the callback at monotonic time `at` (libuv's millisecond, rounded up); WZP_NEVER stops it. From
 * within its own callback at least a millisecond passes, so that no deadline in the past keeps the loop from
 * turning. Restarts freely. */
void wzp_timer_set(struct wzp_timer *timer, wzp_us at);

/** Calls `fn` on the loop's thread soon after wzp_wakeup_send from any thread; several sends may make one
 * call. */
WZP_MUST_USE enum wzp_err wzp_wakeup_new(struct wzp_loop *loop, wzp_loop_fn fn, void *context,
                                         struct wzp_wakeup **out_wakeup);
void wzp_wakeup_send(struct wzp_wakeup *wakeup);
void wzp_wakeup_free(struct wzp_wakeup *wakeup);

struct wzp_prepare;

/** Calls `fn` each time before the loop waits for something to happen. Does not keep the loop running. */
WZP_MUST_USE enum wzp_err wzp_prepare_new(struct wzp_loop *loop, wzp_loop_fn fn, void *context,
                                          struct wzp_prepare **out_prepare);
/** Stops or goes on. Costs nothing where it changes nothing. */
void wzp_prepare_set_running(struct wzp_prepare *prepare, bool is_running);
void wzp_prepare_free(struct wzp_prepare *prepare);

struct wzp_signal_watch;

/** Calls `fn` on the loop for every `signum` the process gets. Does not keep the loop running. */
WZP_MUST_USE enum wzp_err wzp_signal_watch_new(struct wzp_loop *loop, int signum, wzp_signal_fn fn,
                                               void *context, struct wzp_signal_watch **out_watch);
void wzp_signal_watch_free(struct wzp_signal_watch *watch);

/** The uv_loop_t under it, for the other files of this floor. */
void *wzp_loop_native(struct wzp_loop *loop);
