/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The turn that everything takes at an endpoint:
 *
 *   packets of a batch -> connections -> handler        (marks what was touched)
 *   on_batch_end       -> handler
 *   touched connections -> packets -> one send batch    (flush)
 *   newcomers' packets -> connections -> handler
 *
 * Timers and what the owner queues in between end in the same flush, which also runs before the loop waits.
 */
#include "net/endpoint.h"

#define STALL        (50 * WZP_MS) /* a timer that much late */
#define HEAVY_FLUSH  12            /* connections: beside them an empty read costs nothing */
#define LONGEST_REST (5 * WZP_MS)  /* without looking at the socket, whose buffer is limited */
#define REST_SLACK   (WZP_MS / 2)
#define REST_LEAST   3 /* of a flush one part in so many: what comes meanwhile makes the next one cheaper */

void wzp_endpoint_touch(struct wzp_endpoint *endpoint, struct wzp_conn *conn)
{
    if (wzp_list_is_empty(&conn->touched)) {
        wzp_list_push_back(&endpoint->touched, &conn->touched);
        endpoint->n_touched++;
        if (!endpoint->is_reading) {
            wzp_prepare_set_running(endpoint->prepare, true);
        }
    }
}

/* Timers of the loop count in milliseconds: a rest may be so much shorter, so that it is not longer. */
static bool is_rest_over(const struct wzp_endpoint *endpoint, wzp_us now)
{
    return endpoint->rests_until <= now + REST_SLACK;
}

/* What is queued waits until the rest is read of what the socket has. */
static bool is_reading_on(const struct wzp_endpoint *endpoint)
{
    return wzp_udp_has_more(endpoint->udp) && !wzp_list_is_empty(&endpoint->touched);
}

void wzp_endpoint_arm(struct wzp_endpoint *endpoint)
{
    wzp_us at = wzp_wheel_next(&endpoint->deadlines);
    bool is_resting = wzp_udp_is_resting(endpoint->udp);
    if (is_resting) {
        at = wzp_us_min(endpoint->rests_until, endpoint->read_at + LONGEST_REST);
    }
    if (endpoint->newcomers.n > 0 || (is_reading_on(endpoint) && !is_resting)) {
        at = wzp_us_min(at, wzp_loop_now(endpoint->loop));
    }
    if (at < endpoint->armed_at) { /* too early a timer only looks again */
        endpoint->armed_at = at;
        wzp_timer_set(endpoint->timer, at);
    }
}

void wzp_endpoint_set_deadline(struct wzp_endpoint *endpoint, struct wzp_conn *conn, wzp_us at)
{
    wzp_wheel_set(&endpoint->deadlines, &conn->deadline, at);
}

/* Packets leave whenever the socket's queue is full, so that not all that is packed has waited for the last.
 */
static void note_sends(struct wzp_endpoint *endpoint)
{
    const struct wzp_udp_stats *udp = wzp_udp_stats(endpoint->udp);
    if (udp->send_batches != endpoint->sends_noted && !wzp_udp_is_blocked(endpoint->udp)) {
        endpoint->sends_noted = udp->send_batches;
        wzp_timing_sent(&endpoint->timing, wzp_loop_now(endpoint->loop));
    }
}

/* While packets were read, more may have come; they can share those that leave now. Who gathers has a next
 * flush for them soon enough. */
bool wzp_endpoint_is_heavy(void *context)
{
    const struct wzp_endpoint *endpoint = context;
    return endpoint->n_touched >= HEAVY_FLUSH && endpoint->rests_until == 0;
}

static void flush(struct wzp_endpoint *endpoint, wzp_us now)
{
    endpoint->now = now;
    endpoint->is_reading = true;
    endpoint->n_touched = 0;
    struct wzp_list *node;
    while ((node = wzp_list_first(&endpoint->touched)) && !wzp_udp_is_blocked(endpoint->udp)) {
        wzp_list_remove(node);
        wzp_conn_flush(wzp_container(node, struct wzp_conn, touched), now);
        note_sends(endpoint);
    }
    wzp_udp_flush(endpoint->udp);
    note_sends(endpoint);
    endpoint->is_reading = false;
}

/* Sends what is queued, or has it wait for company. Who gathers goes by the clock: reads all that has come,
 * flushes once and rests for what is left of the window, so that a datagram waits no longer than that. Where
 * the flush takes as long, windows grow with it, and the core stays a little short of full. */
static void send_or_gather(struct wzp_endpoint *endpoint, wzp_us now)
{
    wzp_us window = wzp_gather_window(&endpoint->gather, now);
    bool is_beginning = window > 0 && endpoint->rests_until == 0;
    if (is_reading_on(endpoint) && now < endpoint->rests_until + window) {
        return;
    }
    wzp_us took = 0;
    if (!is_beginning) {
        flush(endpoint, now);
        took = wzp_loop_now(endpoint->loop) - now;
    }
    endpoint->rests_until = window > 0 ? now + wzp_us_max(window, took + took / REST_LEAST) : 0;
}

static void flush_when_due(struct wzp_endpoint *endpoint, wzp_us now)
{
    if (is_rest_over(endpoint, now) && !wzp_list_is_empty(&endpoint->touched)) {
        send_or_gather(endpoint, now);
    }
    wzp_udp_flush(endpoint->udp); /* what goes to strangers belongs to no connection */
    wzp_udp_set_resting(endpoint->udp, !is_rest_over(endpoint, wzp_loop_now(endpoint->loop)));
    wzp_endpoint_arm(endpoint);
}

void wzp_endpoint_flush(struct wzp_endpoint *endpoint)
{
    if (!endpoint->is_reading) {
        flush(endpoint, wzp_loop_now(endpoint->loop));
        wzp_endpoint_arm(endpoint);
    }
}

void wzp_endpoint_before_wait(void *context)
{
    struct wzp_endpoint *endpoint = context;
    wzp_us now = wzp_loop_now(endpoint->loop);
    if (!wzp_list_is_empty(&endpoint->touched) && !endpoint->is_reading) {
        flush_when_due(endpoint, now);
        now = wzp_loop_now(endpoint->loop);
    }
    if (endpoint->lag.has_work) {
        wzp_tally_add(&endpoint->timing.turns, &wzp_quic_turn_bounds,
                      (uint64_t)wzp_us_max(now - endpoint->lag.works_since, 0));
    }
    wzp_lag_rest(&endpoint->lag, now);
    /* A client has work only when it was touched, and there may be thousands of them on one loop. */
    if (!endpoint->config.is_server) {
        wzp_prepare_set_running(endpoint->prepare, false);
    }
}

/* A process that did not run can't blame its peers for the time. */
static void note_stall(struct wzp_endpoint *endpoint)
{
    wzp_us now = wzp_loop_now(endpoint->loop);
    if (now - endpoint->armed_at > STALL) {
        endpoint->stalled_until = now;
    }
}

void wzp_endpoint_timer_due(void *context)
{
    struct wzp_endpoint *endpoint = context;
    note_stall(endpoint);
    endpoint->armed_at = WZP_NEVER;
    wzp_udp_read(endpoint->udp); /* before deadlines: what came in time must not be taken for silence */
    wzp_us now = wzp_loop_now(endpoint->loop);
    endpoint->now = now;
    wzp_lag_wake(&endpoint->lag, now);
    struct wzp_deadline *deadline;
    while ((deadline = wzp_wheel_take(&endpoint->deadlines, now))) {
        wzp_conn_expire(wzp_container(deadline, struct wzp_conn, deadline),
                        now); /* the flush sets the next */
    }
    flush_when_due(endpoint, now);
}

/* Newcomers' turn, once everybody else's packets have left. */
static void work_off(struct wzp_endpoint *endpoint)
{
    endpoint->is_reading = true;
    bool has_worked = wzp_newcomers_work(&endpoint->newcomers, endpoint);
    if (has_worked) {
        endpoint->config.handler->on_batch_end(endpoint->config.context, endpoint->now);
    }
    endpoint->is_reading = false;
    if (has_worked) {
        flush_when_due(endpoint, wzp_loop_now(endpoint->loop));
    }
}

void wzp_endpoint_batch_end(void *context)
{
    struct wzp_endpoint *endpoint = context;
    if (endpoint->is_reading) {
        /* What the handler has kept until now has waited as long as the last packet. */
        endpoint->config.handler->on_batch_end(endpoint->config.context, endpoint->now);
        endpoint->is_reading = false;
    }
    endpoint->waited = 0;
    endpoint->read_at = wzp_loop_now(endpoint->loop);
    flush_when_due(endpoint, endpoint->read_at);
    work_off(endpoint);
}
