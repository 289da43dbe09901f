/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens is an event of the endpoint, of a timer or of the HTTP pages; after each, wzp_worker_settle
 * lets the router and the sessions do what is due and sets the one timer to what comes next.
 *
 * The end: wzp_worker_stop -> draining: nobody new is let in, second-generation clients are told GoAway ->
 * after WZP_WORKER_GOODBYE every connection is closed -> when the last has gone, or at
 * WZP_WORKER_ENDS_WITHIN, the loop stops.
 */
#include <stdlib.h>
#include <string.h>

#include "net/loop.h"
#include "relay/arrivals.h"
#include "relay/crew.h"
#include "relay/crossing.h"
#include "relay/figures.h"
#include "relay/gate.h"
#include "relay/link.h"
#include "relay/links.h"
#include "relay/passage.h"
#include "relay/probes.h"
#include "relay/routing.h"
#include "relay/spread.h"
#include "relay/worker_inside.h"

#define WZP_WORKER_PACKETS 16384 /* media packets queued at a time, all receivers together: 24 MiB */
#define WZP_WORKER_LETTERS 65536 /* from other workers, unread */
#define WZP_WORKER_GOODBYE                                                                                   \
    (300 * WZP_MS) /* from GoAway to the closes: the signal gets through, speech ends */

static void enter(struct wzp_worker *worker, enum wzp_worker_state state)
{
    static const char *const names[] = {"running", "draining", "closing", "ended"};
    wzp_info(worker->relay.log, "relay goes on to another state", "old=%s new=%s", names[worker->state],
             names[state]);
    worker->state = state;
    wzp_us now = wzp_loop_now(worker->relay.loop);
    switch (state) {
    case WZP_WORKER_RUNNING:
        break;
    case WZP_WORKER_DRAINING:
        worker->relay.is_draining = true;
        worker->stop_at = now + WZP_WORKER_GOODBYE;
        wzp_endpoint_stop_accepting(worker->relay.endpoint);
        wzp_sessions_go_away(worker->sessions, WZP_WORKER_GOODBYE);
        break;
    case WZP_WORKER_CLOSING:
        worker->stop_at = now + WZP_WORKER_ENDS_WITHIN - WZP_WORKER_GOODBYE;
        wzp_sessions_close_all(worker->sessions, WZP_CLOSE_DRAINING, "this relay is going down");
        if (worker->relay.passage) {
            wzp_passage_close_all(worker->relay.passage, WZP_CLOSE_DRAINING, "this relay is going down");
        }
        if (worker->relay.worker == WZP_CREW_FIRST) {
            wzp_links_close_all(worker->relay.links, WZP_CLOSE_DRAINING, "this relay is going down");
            wzp_probes_close_all(worker->relay.probes);
        }
        break;
    case WZP_WORKER_ENDED:
        wzp_loop_stop(worker->relay.loop);
        break;
    }
}

static void advance_stop(struct wzp_worker *worker, wzp_us now)
{
    if (worker->state == WZP_WORKER_DRAINING && now >= worker->stop_at) {
        enter(worker, WZP_WORKER_CLOSING);
    }
    if (worker->state == WZP_WORKER_CLOSING) {
        struct wzp_endpoint_stats stats;
        wzp_endpoint_stats(worker->relay.endpoint, &stats);
        if (stats.conns == 0 || now >= worker->stop_at) {
            enter(worker, WZP_WORKER_ENDED);
        }
    }
}

static wzp_us next_deadline(const struct wzp_worker *worker)
{
    const struct wzp_relay *relay = &worker->relay;
    wzp_us next = wzp_us_min(wzp_router_deadline(relay->router), wzp_sessions_deadline(worker->sessions));
    next = wzp_us_min(next, wzp_reception_deadline(worker->reception));
    next = wzp_us_min(next, wzp_us_min(worker->stop_at, relay->gate.look_at));
    if (relay->worker == WZP_CREW_FIRST) {
        next = wzp_us_min(next, wzp_links_deadline(relay->links));
        next = wzp_us_min(next, wzp_probes_deadline(relay->probes));
    }
    return next;
}

void wzp_worker_settle(struct wzp_worker *worker, wzp_us now)
{
    struct wzp_relay *relay = &worker->relay;
    relay->now = now;
    worker->has_news = false;
    wzp_sessions_tick(worker->sessions, now);
    if (relay->worker == WZP_CREW_FIRST) {
        wzp_links_tick(relay->links, now);
        wzp_probes_tick(relay->probes, now);
    }
    wzp_reception_tick(worker->reception, now);
    if (wzp_router_deadline(relay->router) <= now) {
        wzp_router_tick(relay->router, now);
    }
    size_t n_hosted = relay->passage ? wzp_passage_n_hosted(relay->passage) : 0;
    wzp_gate_tick(relay, wzp_sessions_count(worker->sessions) + n_hosted, now);
    advance_stop(worker, now);
    if (worker->state == WZP_WORKER_ENDED) {
        wzp_timer_set(relay->timer, WZP_NEVER); /* one that is due would keep the loop from ending */
        return;
    }
    worker->next = next_deadline(worker);
    wzp_timer_set(relay->timer, worker->next);
}

void wzp_worker_show(struct wzp_worker *worker)
{
    wzp_crossing_flush(worker->relay.crossing);
    if (worker->relay.passage) {
        wzp_passage_flush(worker->relay.passage);
    }
}

static void on_timer(void *context)
{
    struct wzp_worker *worker = context;
    wzp_worker_settle(worker, wzp_loop_now(worker->relay.loop));
    wzp_worker_show(worker);
    wzp_endpoint_flush(worker->relay.endpoint);
}

/* Another worker has put something into a ring; its letters have been delivered. */
static void on_bell(void *context)
{
    struct wzp_worker *worker = context;
    wzp_us now = wzp_loop_now(worker->relay.loop);
    worker->relay.now = now;
    wzp_crossing_receive(worker->relay.crossing, now);
    if (worker->relay.passage) {
        wzp_passage_receive(worker->relay.passage, now);
    }
    wzp_worker_settle(worker, now);
    wzp_worker_show(worker);
}

static enum wzp_err open_endpoint(struct wzp_worker *worker, const struct wzp_addr *listen)
{
    struct wzp_relay *relay = &worker->relay;
    struct wzp_endpoint_identity identity = {
        .cert_der = relay->cert->der,
        .cert_size = relay->cert->size,
    };
    memcpy(identity.secret, relay->identity->tls_secret, sizeof identity.secret);
    const struct wzp_endpoint_config config = {
        .bind = *listen,
        .sharing = wzp_arrivals_sharing(relay),
        .is_server = true,
        .identity = &identity,
        .handler = &wzp_worker_events,
        .context = worker,
        .log = relay->log,
        .pool = relay->pool,
        .wide_name = WZP_LINK_SERVER_NAME,
        .max_conns = wzp_sessions_limit(relay->config) + WZP_RECEPTION_SPARE_CONNS,
        .gather_at_most = relay->config->flush_us,
        .counts_losses = relay->config->measure_loss,
        .qlog_dir = relay->config->qlog_dir,
        .keylog_file = relay->config->keylog_file,
    };
    enum wzp_err err = wzp_endpoint_new(relay->loop, &config, &relay->endpoint);
    explicit_bzero(identity.secret, sizeof identity.secret);
    if (err != WZP_OK) {
        char address[WZP_ADDR_TEXT_BYTES];
        wzp_addr_write(&config.bind, address);
        wzp_error(relay->log, "can't listen: is the port free (ss -ulnp), the address ours?",
                  "listen=%s error=\"%s\"", address, wzp_err_text(err));
    }
    return err;
}

static enum wzp_err open_auth(struct wzp_relay *relay)
{
    if (!relay->config->auth_url) {
        return WZP_OK;
    }
    enum wzp_err err = wzp_auth_new(relay->loop, relay->config->auth_url, 0, &relay->auth);
    if (err != WZP_OK) {
        wzp_error(relay->log, "auth_url can't be used: give an http:// or https:// URL",
                  "auth_url=%s error=\"%s\"", relay->config->auth_url, wzp_err_text(err));
    }
    return err;
}

static enum wzp_err spread_rooms(struct wzp_worker *worker)
{
    struct wzp_relay *relay = &worker->relay;
    enum wzp_err err =
        wzp_spread_new(relay->crew, relay->worker, relay->crew->members_per_worker, &relay->spread);
    if (err == WZP_OK) {
        err = wzp_arrivals_new(&relay->arrivals);
    }
    return err == WZP_OK ? wzp_passage_new(relay, worker->sessions, &relay->passage) : err;
}

/* The parts in the order in which they need one another; wzp_worker_free takes back what there is. */
static enum wzp_err assemble(struct wzp_worker *worker)
{
    struct wzp_relay *relay = &worker->relay;
    enum wzp_err err = wzp_routing_open(relay, &worker->delivery.out);
    if (err == WZP_OK) {
        err = open_auth(relay);
    }
    if (err == WZP_OK) {
        err = wzp_sessions_new(relay, &worker->sessions);
    }
    if (err == WZP_OK && relay->crew->members_per_worker > 0) {
        err = spread_rooms(worker);
    }
    if (err == WZP_OK && relay->worker == WZP_CREW_FIRST) {
        err = wzp_links_new(relay, &relay->links);
    }
    if (err == WZP_OK && relay->worker == WZP_CREW_FIRST) {
        err = wzp_probes_new(relay, &relay->probes);
    }
    if (err == WZP_OK) {
        err = wzp_reception_new(relay, worker->sessions, relay->links, &worker->reception);
    }
    if (err == WZP_OK) {
        err = wzp_timer_new(relay->loop, on_timer, worker, &relay->timer);
    }
    return err;
}

static enum wzp_err start(struct wzp_worker *worker, const struct wzp_addr *listen)
{
    struct wzp_relay *relay = &worker->relay;
    enum wzp_err err = wzp_loop_new(&relay->loop);
    if (err == WZP_OK) {
        err = wzp_packet_pool_new(WZP_WORKER_PACKETS, &relay->pool);
    }
    if (err == WZP_OK) {
        err = wzp_metrics_new(&relay->metrics);
    }
    if (err == WZP_OK) {
        err = wzp_crossing_new(relay, &relay->crossing);
    }
    if (err == WZP_OK) {
        err = wzp_mailbox_new(relay->loop, WZP_WORKER_LETTERS, on_bell, worker, &worker->mailbox);
    }
    if (err != WZP_OK) {
        return err;
    }
    relay->crew->mailboxes[relay->worker] = worker->mailbox;
    wzp_figures_init(relay);
    wzp_delivery_init(&worker->delivery, relay);
    err = assemble(worker);
    return err == WZP_OK ? open_endpoint(worker, listen) : err;
}

enum wzp_err wzp_worker_new(const struct wzp_worker_setup *setup, struct wzp_worker **out_worker)
{
    struct wzp_worker *worker = calloc(1, sizeof *worker);
    if (!worker) {
        return WZP_ENOMEM;
    }
    worker->stop_at = WZP_NEVER;
    worker->relay = (struct wzp_relay){
        .config = setup->config,
        .identity = setup->identity,
        .cert = setup->cert,
        .log = setup->log,
        .crew = setup->crew,
        .worker = setup->index,
        .gate.look_at = WZP_NEVER,
        .random = wzp_random_system,
    };
    enum wzp_err err = start(worker, &setup->listen);
    if (err != WZP_OK) {
        wzp_worker_free(worker);
        return err;
    }
    *out_worker = worker;
    return WZP_OK;
}

void wzp_worker_run(struct wzp_worker *worker)
{
    wzp_worker_settle(worker, wzp_loop_now(worker->relay.loop));
    wzp_loop_run(worker->relay.loop);
    wzp_mailbox_close(worker->mailbox); /* whoever waits for an answer has it now */
}

void wzp_worker_stop(struct wzp_worker *worker)
{
    if (worker->state != WZP_WORKER_RUNNING) {
        wzp_loop_stop(worker->relay.loop);
        return;
    }
    enter(worker, WZP_WORKER_DRAINING);
    on_timer(worker);
}

struct wzp_relay *wzp_worker_relay(struct wzp_worker *worker)
{
    return &worker->relay;
}

void wzp_worker_free(struct wzp_worker *worker)
{
    if (!worker) {
        return;
    }
    struct wzp_relay *relay = &worker->relay;
    wzp_endpoint_free(relay->endpoint); /* tells every role that its connection is closed */
    wzp_passage_free(relay->passage);
    wzp_timer_free(relay->timer);
    wzp_reception_free(worker->reception);
    wzp_links_free(relay->links);
    wzp_probes_free(relay->probes);
    wzp_sessions_free(worker->sessions);
    wzp_spread_free(relay->spread);
    wzp_arrivals_free(relay->arrivals);
    wzp_auth_free(relay->auth);
    wzp_router_free(relay->router);
    wzp_metrics_free(relay->metrics);
    wzp_crossing_free(relay->crossing);
    relay->crew->mailboxes[relay->worker] = NULL;
    wzp_mailbox_free(worker->mailbox);
    wzp_packet_pool_free(relay->pool);
    if (relay->loop) {
        wzp_loop_free(relay->loop);
    }
    free(worker);
}
