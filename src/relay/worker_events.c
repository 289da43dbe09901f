/* SPDX-License-Identifier: Apache-2.0 */
/* The events of a worker's endpoint, each given to the role of its connection. */
#include "relay/links.h"
#include "relay/role.h"
#include "relay/worker_inside.h"

static void on_open(void *context, struct wzp_conn *conn)
{
    struct wzp_worker *worker = context;
    worker->has_news = true;
    worker->relay.now = wzp_loop_now(worker->relay.loop);
    wzp_reception_open(worker->reception, conn);
}

static void on_message(void *context, struct wzp_conn *conn, const uint8_t *body, size_t size)
{
    struct wzp_worker *worker = context;
    worker->has_news = true;
    struct wzp_role *role = wzp_conn_user(conn);
    worker->relay.now = wzp_loop_now(worker->relay.loop);
    ++*worker->relay.counters.signals_received;
    if (role) {
        role->ops->on_message(role, body, size);
    }
}

static void on_uni_data(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, bool fin)
{
    /* Nobody sends a relay anything on such streams; reading gives the credit back. */
    (void)context;
    (void)conn;
    (void)bytes;
    (void)size;
    (void)fin;
}

static void on_datagram(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct wzp_worker *worker = context;
    struct wzp_role *role = wzp_conn_user(conn);
    worker->relay.now = now;
    if (role) {
        role->ops->on_datagram(role, bytes, size, now);
    }
}

static void on_measure(void *context, struct wzp_conn *conn, const struct wzp_conn_measure *measure,
                       wzp_us now)
{
    struct wzp_worker *worker = context;
    struct wzp_role *role = wzp_conn_user(conn);
    worker->relay.now = now;
    if (role && role->ops->on_measure) {
        role->ops->on_measure(role, measure, now);
    }
}

static void on_migrated(void *context, struct wzp_conn *conn)
{
    struct wzp_worker *worker = context;
    worker->has_news = true;
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_conn_peer_addr(conn), address);
    ++*worker->relay.counters.migrations;
    wzp_info(worker->relay.log, "a connection goes on from another address", "addr=%s", address);
}

static void on_closed(void *context, struct wzp_conn *conn, const struct wzp_close_info *info)
{
    struct wzp_worker *worker = context;
    worker->has_news = true;
    struct wzp_role *role = wzp_conn_user(conn);
    worker->relay.now = wzp_loop_now(worker->relay.loop);
    if (role) {
        role->ops->on_closed(role, info);
    }
    if (worker->state == WZP_WORKER_CLOSING) {
        wzp_timer_set(worker->relay.timer, worker->relay.now); /* it may have been the last */
    }
}

/* Media moves no deadline but the router's: most batches leave the others alone. */
static void on_batch_end(void *context, wzp_us now)
{
    struct wzp_worker *worker = context;
    if (worker->relay.links) {
        wzp_links_batch_end(worker->relay.links);
    }
    wzp_us next = wzp_us_min(worker->next, wzp_router_deadline(worker->relay.router));
    if (worker->has_news || next < worker->next || next <= now) {
        wzp_worker_settle(worker, now);
    }
    wzp_worker_show(worker);
}

const struct wzp_endpoint_handler wzp_worker_events = {
    .on_open = on_open,
    .on_message = on_message,
    .on_uni_data = on_uni_data,
    .on_datagram = on_datagram,
    .on_migrated = on_migrated,
    .on_measure = on_measure,
    .on_closed = on_closed,
    .on_batch_end = on_batch_end,
};
