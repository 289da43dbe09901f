/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "net/loop.h"
#include "support/wzp_test.h"

struct counter {
    struct wzp_loop *loop;
    struct wzp_timer *timer;
    size_t n;
    size_t stop_at;
    wzp_us last;
    int signum;
};

static void count(void *context)
{
    struct counter *counter = context;
    counter->last = wzp_loop_now(counter->loop);
    if (++counter->n == counter->stop_at) {
        wzp_loop_stop(counter->loop);
    }
}

static int start(void **state)
{
    static struct counter counter;
    counter = (struct counter){0};
    assert_ok(wzp_loop_new(&counter.loop));
    *state = &counter;
    return 0;
}

static int stop(void **state)
{
    wzp_loop_free(((struct counter *)*state)->loop);
    return 0;
}

static void a_loop_without_anything_returns(void **state)
{
    struct counter *c = *state;
    wzp_loop_run(c->loop);
    wzp_loop_step(c->loop, true);
}

static void a_timer_runs_once_a_start_and_never_early(void **state)
{
    struct counter *c = *state;
    assert_ok(wzp_timer_new(c->loop, count, c, &c->timer));
    wzp_us at = wzp_loop_now(c->loop) + 3 * WZP_MS + 1;
    wzp_timer_set(c->timer, at);
    wzp_loop_run(c->loop);
    assert_int_equal(c->n, 1);
    assert_true(c->last >= at);
    wzp_timer_set(c->timer, 0); /* long past: at once */
    wzp_loop_run(c->loop);
    assert_int_equal(c->n, 2);
    wzp_timer_free(c->timer);
}

static void set_to_the_past(void *context)
{
    struct counter *counter = context;
    wzp_timer_set(counter->timer, 0);
}

static void a_deadline_in_the_past_does_not_hold_up_the_loop(void **state)
{
    struct counter *c = *state;
    struct wzp_timer *other = NULL;
    c->stop_at = 1;
    assert_ok(wzp_timer_new(c->loop, set_to_the_past, c, &c->timer));
    assert_ok(wzp_timer_new(c->loop, count, c, &other));
    wzp_timer_set(other, wzp_loop_now(c->loop) + 5 * WZP_MS);
    wzp_timer_set(c->timer, 0);
    wzp_loop_run(c->loop);
    assert_int_equal(c->n, 1);
    wzp_timer_free(c->timer);
    wzp_timer_free(other);
}

static void a_timer_that_is_stopped_or_freed_is_silent(void **state)
{
    struct counter *c = *state;
    assert_ok(wzp_timer_new(c->loop, count, c, &c->timer));
    wzp_timer_set(c->timer, wzp_loop_now(c->loop));
    wzp_timer_set(c->timer, WZP_NEVER);
    wzp_loop_run(c->loop);
    wzp_timer_set(c->timer, wzp_loop_now(c->loop));
    wzp_timer_free(c->timer);
    wzp_timer_free(NULL);
    wzp_loop_run(c->loop);
    assert_int_equal(c->n, 0);
}

static void free_from_within(void *context)
{
    struct counter *c = context;
    c->n++;
    wzp_timer_free(c->timer);
}

/* Sets its timer anew until it stops the loop. */
static void count_on(void *context)
{
    struct counter *c = context;
    wzp_timer_set(c->timer, 0);
    count(c);
}

static void in_ticks_a_loop_looks_once_a_tick_until_it_is_stopped(void **state)
{
    struct counter *c = *state;
    wzp_loop_run_in_ticks(c->loop, WZP_MS); /* nothing is on it */
    assert_ok(wzp_timer_new(c->loop, count_on, c, &c->timer));
    c->stop_at = 3;
    wzp_timer_set(c->timer, 0);
    wzp_us began = wzp_loop_now(c->loop);
    wzp_loop_run_in_ticks(c->loop, 10 * WZP_MS);
    assert_int_equal(c->n, 3);
    assert_true(c->last - began >= 10 * WZP_MS); /* two sleeps, the first perhaps a short one */
    wzp_timer_free(c->timer);
}

static void a_timer_may_free_itself(void **state)
{
    struct counter *c = *state;
    assert_ok(wzp_timer_new(c->loop, free_from_within, c, &c->timer));
    wzp_timer_set(c->timer, 0);
    wzp_loop_run(c->loop);
    assert_int_equal(c->n, 1);
}

static void *send_wakeup(void *wakeup)
{
    wzp_wakeup_send(wakeup);
    return NULL;
}

static void a_wakeup_comes_from_another_thread(void **state)
{
    struct counter *c = *state;
    c->stop_at = 1;
    struct wzp_wakeup *wakeup = NULL;
    assert_ok(wzp_wakeup_new(c->loop, count, c, &wakeup));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, send_wakeup, wakeup), 0);
    wzp_loop_run(c->loop);
    assert_int_equal(c->n, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    wzp_wakeup_free(wakeup);
    wzp_wakeup_free(NULL);
}

static void on_signal(void *context, int signum)
{
    struct counter *c = context;
    c->signum = signum;
    wzp_loop_stop(c->loop);
}

static void a_signal_is_heard_on_the_loop(void **state)
{
    struct counter *c = *state;
    struct wzp_signal_watch *watch = NULL;
    assert_ok(wzp_signal_watch_new(c->loop, SIGUSR1, on_signal, c, &watch));
    wzp_loop_run(c->loop); /* a watch alone does not keep it running */
    struct wzp_wakeup *keeper = NULL;
    assert_ok(wzp_wakeup_new(c->loop, count, c, &keeper));
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    wzp_loop_run(c->loop);
    assert_int_equal(c->signum, SIGUSR1);
    wzp_signal_watch_free(watch);
    wzp_signal_watch_free(NULL);
    wzp_wakeup_free(keeper);
    struct wzp_signal_watch *none = NULL;
    assert_int_equal(wzp_signal_watch_new(c->loop, SIGKILL, on_signal, c, &none), WZP_EINVAL);
    assert_null(none);
}

static void prepare_runs_before_each_wait(void **state)
{
    struct counter *c = *state;
    struct wzp_prepare *prepare = NULL;
    assert_ok(wzp_prepare_new(c->loop, count, c, &prepare));
    wzp_loop_run(c->loop); /* it alone does not keep the loop running */
    assert_int_equal(c->n, 0);
    struct wzp_wakeup *keeper = NULL;
    assert_ok(wzp_wakeup_new(c->loop, count, c, &keeper));
    wzp_loop_step(c->loop, false);
    wzp_loop_step(c->loop, false);
    assert_int_equal(c->n, 2);
    wzp_wakeup_free(keeper);
    wzp_prepare_free(prepare);
    wzp_prepare_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_loop_without_anything_returns, start, stop),
        cmocka_unit_test_setup_teardown(a_timer_runs_once_a_start_and_never_early, start, stop),
        cmocka_unit_test_setup_teardown(a_deadline_in_the_past_does_not_hold_up_the_loop, start, stop),
        cmocka_unit_test_setup_teardown(a_timer_that_is_stopped_or_freed_is_silent, start, stop),
        cmocka_unit_test_setup_teardown(in_ticks_a_loop_looks_once_a_tick_until_it_is_stopped, start, stop),
        cmocka_unit_test_setup_teardown(a_timer_may_free_itself, start, stop),
        cmocka_unit_test_setup_teardown(a_wakeup_comes_from_another_thread, start, stop),
        cmocka_unit_test_setup_teardown(a_signal_is_heard_on_the_loop, start, stop),
        cmocka_unit_test_setup_teardown(prepare_runs_before_each_wait, start, stop),
    };
    return cmocka_run_group_tests_name("net_loop", tests, NULL, NULL);
}
