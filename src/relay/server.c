/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One relay, one loop. What happens is an event of the endpoint, of a timer or of the HTTP pages; after each,
 * settle() lets the router and the sessions do what is due and sets the one timer to what comes next.
 *
 * The end: a signal -> draining: nobody new is let in, second-generation clients are told GoAway -> after
 * WZP_SERVER_GOODBYE every connection is closed -> when the last has gone, or at WZP_SERVER_PATIENCE, the
 * loop stops.
 */
#include "relay/server.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/loop.h"
#include "net/quic.h"
#include "relay/banner.h"
#include "relay/delivery.h"
#include "relay/figures.h"
#include "relay/links.h"
#include "relay/pages.h"
#include "relay/probes.h"
#include "relay/reception.h"
#include "relay/relay.h"
#include "relay/role.h"
#include "relay/routing.h"
#include "relay/sessions.h"

#define WZP_SERVER_PACKETS 16384 /* media packets queued at a time, all receivers together: 24 MiB */
#define WZP_SERVER_GOODBYE                                                                                   \
    (300 * WZP_MS) /* from GoAway to the closes: the signal gets through, speech ends */
#define WZP_SERVER_PATIENCE (2 * WZP_SECOND) /* from the signal to the end, whoever is still there */

enum server_state {
    SERVER_RUNNING,
    SERVER_DRAINING, /* clients have been told */
    SERVER_CLOSING,  /* connections have been closed */
    SERVER_ENDED,    /* nothing runs any more */
};

struct wzp_server {
    struct wzp_relay relay;
    struct wzp_delivery delivery;
    struct wzp_sessions *sessions;
    struct wzp_reception *reception;
    struct wzp_pages *pages;
    struct wzp_signal_watch *watches[2];
    enum server_state state;
    wzp_us stop_at; /* of the next step towards the end */
};

static void enter(struct wzp_server *server, enum server_state state)
{
    static const char *const names[] = {"running", "draining", "closing", "ended"};
    wzp_info(server->relay.log, "relay goes on to another state", "old=%s new=%s", names[server->state],
             names[state]);
    server->state = state;
    wzp_us now = wzp_loop_now(server->relay.loop);
    switch (state) {
    case SERVER_RUNNING:
        break;
    case SERVER_DRAINING:
        server->relay.is_draining = true;
        server->stop_at = now + WZP_SERVER_GOODBYE;
        wzp_endpoint_stop_accepting(server->relay.endpoint);
        wzp_sessions_go_away(server->sessions, WZP_SERVER_GOODBYE);
        break;
    case SERVER_CLOSING:
        server->stop_at = now + WZP_SERVER_PATIENCE - WZP_SERVER_GOODBYE;
        wzp_sessions_close_all(server->sessions, WZP_CLOSE_DRAINING, "this relay is going down");
        wzp_links_close_all(server->relay.links, WZP_CLOSE_DRAINING, "this relay is going down");
        wzp_probes_close_all(server->relay.probes);
        break;
    case SERVER_ENDED:
        wzp_loop_stop(server->relay.loop);
        break;
    }
}

static void advance_stop(struct wzp_server *server, wzp_us now)
{
    if (server->state == SERVER_DRAINING && now >= server->stop_at) {
        enter(server, SERVER_CLOSING);
    }
    if (server->state == SERVER_CLOSING) {
        struct wzp_endpoint_stats stats;
        wzp_endpoint_stats(server->relay.endpoint, &stats);
        if (stats.conns == 0 || now >= server->stop_at) {
            enter(server, SERVER_ENDED);
        }
    }
}

/* Does what is due and sets the timer to what is due next. */
static void settle(struct wzp_server *server, wzp_us now)
{
    struct wzp_relay *relay = &server->relay;
    relay->now = now;
    wzp_sessions_tick(server->sessions, now);
    wzp_links_tick(relay->links, now);
    wzp_probes_tick(relay->probes, now);
    wzp_reception_tick(server->reception, now);
    if (wzp_router_deadline(relay->router) <= now) {
        wzp_router_tick(relay->router, now);
    }
    advance_stop(server, now);
    if (server->state == SERVER_ENDED) {
        wzp_timer_set(relay->timer, WZP_NEVER); /* one that is due would keep the loop from ending */
        return;
    }
    wzp_us next = wzp_us_min(wzp_router_deadline(relay->router), wzp_sessions_deadline(server->sessions));
    next = wzp_us_min(next, wzp_reception_deadline(server->reception));
    next = wzp_us_min(next, wzp_links_deadline(relay->links));
    next = wzp_us_min(next, wzp_probes_deadline(relay->probes));
    next = wzp_us_min(next, server->stop_at);
    wzp_timer_set(relay->timer, next);
}

static void on_timer(void *context)
{
    struct wzp_server *server = context;
    settle(server, wzp_loop_now(server->relay.loop));
    wzp_endpoint_flush(server->relay.endpoint);
}

static void on_open(void *context, struct wzp_conn *conn)
{
    struct wzp_server *server = context;
    server->relay.now = wzp_loop_now(server->relay.loop);
    wzp_reception_open(server->reception, conn);
}

static void on_message(void *context, struct wzp_conn *conn, const uint8_t *body, size_t size)
{
    struct wzp_server *server = context;
    struct wzp_role *role = wzp_conn_user(conn);
    server->relay.now = wzp_loop_now(server->relay.loop);
    ++*server->relay.counters.signals_received;
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
    struct wzp_server *server = context;
    struct wzp_role *role = wzp_conn_user(conn);
    server->relay.now = now;
    if (role) {
        role->ops->on_datagram(role, bytes, size, now);
    }
}

static void on_migrated(void *context, struct wzp_conn *conn)
{
    struct wzp_server *server = context;
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_conn_peer_addr(conn), address);
    ++*server->relay.counters.migrations;
    wzp_info(server->relay.log, "a connection goes on from another address", "addr=%s", address);
}

static void on_closed(void *context, struct wzp_conn *conn, const struct wzp_close_info *info)
{
    struct wzp_server *server = context;
    struct wzp_role *role = wzp_conn_user(conn);
    server->relay.now = wzp_loop_now(server->relay.loop);
    if (role) {
        role->ops->on_closed(role, info);
    }
    if (server->state == SERVER_CLOSING) {
        wzp_timer_set(server->relay.timer, server->relay.now); /* it may have been the last */
    }
}

static void on_batch_end(void *context, wzp_us now)
{
    settle(context, now);
}

static const struct wzp_endpoint_handler endpoint_handler = {
    .on_open = on_open,
    .on_message = on_message,
    .on_uni_data = on_uni_data,
    .on_datagram = on_datagram,
    .on_migrated = on_migrated,
    .on_closed = on_closed,
    .on_batch_end = on_batch_end,
};

static void on_signal(void *context, int signum)
{
    struct wzp_server *server = context;
    wzp_info(server->relay.log, "asked to stop", "signal=%s", signum == SIGTERM ? "SIGTERM" : "SIGINT");
    if (server->state != SERVER_RUNNING) {
        wzp_loop_stop(server->relay.loop);
        return;
    }
    enter(server, SERVER_DRAINING);
    on_timer(server);
}

static enum wzp_err open_endpoint(struct wzp_server *server)
{
    struct wzp_relay *relay = &server->relay;
    struct wzp_endpoint_identity identity = {
        .cert_der = relay->cert->der,
        .cert_size = relay->cert->size,
    };
    memcpy(identity.secret, relay->identity->tls_secret, sizeof identity.secret);
    const struct wzp_endpoint_config config = {
        .bind = relay->config->listen_addr,
        .is_server = true,
        .identity = &identity,
        .handler = &endpoint_handler,
        .context = server,
        .log = relay->log,
        .pool = relay->pool,
        .max_conns = wzp_sessions_limit(relay->config) + WZP_RECEPTION_SPARE_CONNS,
        .gather_at_most = relay->config->flush_us,
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

static enum wzp_err watch_signals(struct wzp_server *server)
{
    static const int signals[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < wzp_count(signals); i++) {
        enum wzp_err err =
            wzp_signal_watch_new(server->relay.loop, signals[i], on_signal, server, &server->watches[i]);
        if (err != WZP_OK) {
            return err;
        }
    }
    return WZP_OK;
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

/* The parts in the order in which they need one another; wzp_server_free takes back what there is. */
static enum wzp_err assemble(struct wzp_server *server)
{
    struct wzp_relay *relay = &server->relay;
    enum wzp_err err = wzp_loop_new(&relay->loop);
    if (err == WZP_OK) {
        err = wzp_packet_pool_new(WZP_SERVER_PACKETS, &relay->pool);
    }
    if (err == WZP_OK) {
        err = wzp_metrics_new(&relay->metrics);
    }
    if (err != WZP_OK) {
        return err;
    }
    wzp_figures_init(relay);
    wzp_delivery_init(&server->delivery, relay);
    err = wzp_routing_open(relay, &server->delivery.out);
    if (err == WZP_OK) {
        err = open_auth(relay);
    }
    if (err == WZP_OK) {
        err = wzp_sessions_new(relay, &server->sessions);
    }
    if (err == WZP_OK) {
        err = wzp_links_new(relay, &relay->links);
    }
    if (err == WZP_OK) {
        err = wzp_probes_new(relay, &relay->probes);
    }
    if (err == WZP_OK) {
        err = wzp_reception_new(relay, server->sessions, relay->links, &server->reception);
    }
    if (err == WZP_OK) {
        err = wzp_timer_new(relay->loop, on_timer, server, &relay->timer);
    }
    if (err == WZP_OK) {
        err = watch_signals(server);
    }
    if (err == WZP_OK) {
        err = open_endpoint(server);
    }
    if (err == WZP_OK && relay->config->metrics_port != WZP_RELAY_CONFIG_PORT_OFF) {
        err = wzp_pages_start(relay, &server->pages);
    }
    return err;
}

enum wzp_err wzp_server_new(const struct wzp_server_setup *setup, struct wzp_server **out_server)
{
    struct wzp_server *server = calloc(1, sizeof *server);
    if (!server) {
        return WZP_ENOMEM;
    }
    server->stop_at = WZP_NEVER;
    server->relay = (struct wzp_relay){
        .config = setup->config,
        .identity = setup->identity,
        .cert = setup->cert,
        .log = setup->log,
        .random = wzp_random_system,
    };
    enum wzp_err err = assemble(server);
    if (err != WZP_OK) {
        wzp_error(setup->log, "the relay can't start", "error=\"%s\"", wzp_err_text(err));
        wzp_server_free(server);
        return err;
    }
    wzp_banner_log(&server->relay);
    *out_server = server;
    return WZP_OK;
}

enum wzp_err wzp_server_run(struct wzp_server *server)
{
    settle(server, wzp_loop_now(server->relay.loop));
    wzp_loop_run(server->relay.loop);
    wzp_info(server->relay.log, "the relay has ended", "");
    return WZP_OK;
}

void wzp_server_free(struct wzp_server *server)
{
    if (!server) {
        return;
    }
    struct wzp_relay *relay = &server->relay;
    wzp_pages_free(server->pages);
    wzp_endpoint_free(relay->endpoint); /* tells every role that its connection is closed */
    for (size_t i = 0; i < wzp_count(server->watches); i++) {
        wzp_signal_watch_free(server->watches[i]);
    }
    wzp_timer_free(relay->timer);
    wzp_reception_free(server->reception);
    wzp_links_free(relay->links);
    wzp_probes_free(relay->probes);
    wzp_sessions_free(server->sessions);
    wzp_auth_free(relay->auth);
    wzp_router_free(relay->router);
    wzp_metrics_free(relay->metrics);
    wzp_packet_pool_free(relay->pool);
    if (relay->loop) {
        wzp_loop_free(relay->loop);
    }
    free(server);
}
