/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/packet.h"
#include "crypto/cert.h"
#include "engine/path_watch.h"
#include "net/addr.h"

#define DEFAULT_PORT     4433
#define RESOLVE_DEADLINE (4 * WZP_SECOND) /* with the handshake's 10 s an answer within 15 s */
#define KEEP_ALIVE       (5 * WZP_SECOND)
#define PACKET_LIMIT     1024              /* queued datagrams: 20 s of speech, of which net keeps 200 ms */
#define MESSAGE_BYTES    ((size_t)1 << 20) /* from a relay: lists of large rooms */

struct wzp_link {
    struct wzp_link_config config;
    struct wzp_packet_pool *pool;
    struct wzp_resolve *resolve;   /* while the name resolves */
    struct wzp_timer *deadline;    /* of the name */
    struct wzp_endpoint *endpoint; /* made when the family of the relay's address is known */
    struct wzp_conn *conn;         /* from dialling to on_closed */
    struct wzp_addr addr;
    struct wzp_conn_stats last_stats;
    struct wzp_path_watch watch;
    struct wzp_timer *watch_timer;
    bool is_ours_to_end; /* wzp_link_close was called */
    bool is_silent;      /* being freed: nothing is told any more */
    enum wzp_err refused;
    char refusal[WZP_EVENT_MESSAGE_BYTES]; /* where `refused` */
};

static void tell_closed(struct wzp_link *link, enum wzp_err err, const char *message)
{
    if (!link->is_silent) {
        link->config.handler->on_closed(link->config.context, err, message);
    }
}

/* --- what the connection tells --- */

static enum wzp_err judge(const struct wzp_link *link, const uint8_t *fingerprint,
                          struct wzp_trust_verdict *out_verdict)
{
    const struct wzp_trust trust = {
        .name = link->config.relay,
        .pin = link->config.pin,
        .known_relays = link->config.known_relays,
        .addr = &link->addr,
    };
    if (!fingerprint) {
        *out_verdict = (struct wzp_trust_verdict){.message = "the relay showed no certificate"};
        return WZP_ETLS;
    }
    return wzp_trust_judge(&trust, fingerprint, out_verdict);
}

static void on_open(void *context, struct wzp_conn *conn)
{
    struct wzp_link *link = context;
    struct wzp_trust_verdict verdict;
    if (link->is_ours_to_end) {
        return;
    }
    const uint8_t *fingerprint = wzp_conn_peer_fingerprint(conn);
    link->refused = judge(link, fingerprint, &verdict);
    if (link->refused != WZP_OK) {
        memcpy(link->refusal, verdict.message, sizeof link->refusal);
        wzp_conn_close(conn, WZP_CLOSE_NORMAL, "normal close");
        return;
    }
    const struct wzp_link_relay relay = {
        .addr = &link->addr, .fingerprint = fingerprint, .verdict = &verdict};
    link->config.handler->on_open(link->config.context, &relay);
}

/** Whether what comes is still of interest. */
static bool listens(const struct wzp_link *link)
{
    return !link->is_ours_to_end && link->refused == WZP_OK;
}

static void on_message(void *context, struct wzp_conn *conn, const uint8_t *body, size_t size)
{
    struct wzp_link *link = context;
    wzp_ignore(conn);
    if (listens(link)) {
        link->config.handler->on_message(link->config.context, body, size);
    }
}

static void on_uni_data(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, bool fin)
{
    struct wzp_link *link = context;
    wzp_ignore(conn);
    if (listens(link) && link->config.handler->on_uni_data) {
        link->config.handler->on_uni_data(link->config.context, bytes, size, fin);
    }
}

/** Follows the watch, whose `asks` has changed. */
static void set_keep_alive(struct wzp_link *link)
{
    wzp_conn_set_liveness(link->conn, link->watch.asks ? WZP_PATH_WATCH_QUIET : KEEP_ALIVE, WZP_NEVER);
}

static void on_watch_timer(void *context)
{
    struct wzp_link *link = context;
    if (link->conn && wzp_path_watch_tick(&link->watch, wzp_loop_now(link->config.loop))) {
        set_keep_alive(link);
    }
    wzp_timer_set(link->watch_timer, link->conn ? wzp_path_watch_deadline(&link->watch) : WZP_NEVER);
}

static void on_datagram(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct wzp_link *link = context;
    wzp_ignore(conn);
    if (wzp_path_watch_hear(&link->watch, now)) {
        set_keep_alive(link);
    }
    wzp_timer_set(link->watch_timer, wzp_path_watch_deadline(&link->watch));
    if (listens(link)) {
        link->config.handler->on_datagram(link->config.context, bytes, size, now);
    }
}

static void on_migrated(void *context, struct wzp_conn *conn)
{
    wzp_ignore(context);
    wzp_ignore(conn);
}

/** What ended the connection, in words for people. */
static enum wzp_err explain(const struct wzp_link *link, const struct wzp_close_info *info,
                            char out_message[static WZP_EVENT_MESSAGE_BYTES])
{
    const char *reason = info->reason[0] ? info->reason : "no reason given";
    struct wzp_trust_verdict verdict;
    enum wzp_err err = info->err == WZP_OK ? WZP_ECLOSED : info->err;
    if (link->refused != WZP_OK) {
        snprintf(out_message, WZP_EVENT_MESSAGE_BYTES, "%s", link->refusal);
        return link->refused;
    }
    if (err == WZP_EAUTH && judge(link, wzp_conn_peer_fingerprint(link->conn), &verdict) == WZP_EAUTH) {
        snprintf(out_message, WZP_EVENT_MESSAGE_BYTES, "%s", verdict.message);
    } else if (!info->was_open && info->origin == WZP_CLOSED_BY_TIMEOUT) {
        snprintf(out_message, WZP_EVENT_MESSAGE_BYTES, "no relay answers at %s", link->config.relay);
    } else if (!info->was_open) {
        snprintf(out_message, WZP_EVENT_MESSAGE_BYTES, "connecting to %s failed: %s", link->config.relay,
                 reason);
    } else if (info->origin == WZP_CLOSED_BY_PEER) {
        snprintf(out_message, WZP_EVENT_MESSAGE_BYTES, "the relay closed the connection (code %llu: %s)",
                 (unsigned long long)info->code, reason);
    } else {
        snprintf(out_message, WZP_EVENT_MESSAGE_BYTES, "the connection to the relay is lost: %s", reason);
    }
    return err;
}

static void on_closed(void *context, struct wzp_conn *conn, const struct wzp_close_info *info)
{
    struct wzp_link *link = context;
    char message[WZP_EVENT_MESSAGE_BYTES] = "";
    enum wzp_err err = link->is_ours_to_end ? WZP_OK : explain(link, info, message);
    wzp_conn_stats(conn, &link->last_stats);
    link->conn = NULL;
    tell_closed(link, err, message);
}

static void on_batch_end(void *context, wzp_us now)
{
    wzp_ignore(context);
    wzp_ignore(now);
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

/* --- dialling --- */

static enum wzp_err make_endpoint(struct wzp_link *link)
{
    struct wzp_cert cert;
    struct wzp_endpoint_identity identity = {0};
    struct wzp_endpoint_config config = {.handler = &endpoint_handler,
                                         .context = link,
                                         .log = link->config.log,
                                         .pool = link->pool,
                                         .max_message_bytes = MESSAGE_BYTES};
    bool is_ip6 = link->addr.storage.ss_family == AF_INET6;
    enum wzp_err err = wzp_addr_read(is_ip6 ? "[::]:0" : "0.0.0.0:0", &config.bind);
    if (err != WZP_OK) {
        return err;
    }
    if (link->config.identity) {
        wzp_cert_init(&cert, link->config.identity);
        identity = (struct wzp_endpoint_identity){.cert_der = cert.der, .cert_size = cert.size};
        memcpy(identity.secret, link->config.identity->tls_secret, sizeof identity.secret);
        config.identity = &identity;
    }
    err = wzp_endpoint_new(link->config.loop, &config, &link->endpoint);
    explicit_bzero(&identity, sizeof identity);
    return err;
}

static enum wzp_err dial(struct wzp_link *link)
{
    enum wzp_err err = make_endpoint(link);
    if (err != WZP_OK) {
        return err;
    }
    const struct wzp_dial dial = {
        .addr = link->addr, .server_name = link->config.server_name, .pin = link->config.pin};
    return wzp_endpoint_dial(link->endpoint, &dial, &link->conn);
}

static void on_resolved(void *context, enum wzp_err err, const struct wzp_addr *addr)
{
    struct wzp_link *link = context;
    char message[WZP_EVENT_MESSAGE_BYTES];
    link->resolve = NULL;
    wzp_timer_set(link->deadline, WZP_NEVER);
    if (err != WZP_OK) {
        snprintf(message, sizeof message, "the name %s does not resolve", link->config.relay);
        tell_closed(link, err, message);
        return;
    }
    link->addr = *addr;
    link->config.handler->on_dialling(link->config.context);
    err = dial(link);
    if (err != WZP_OK) {
        snprintf(message, sizeof message, "connecting to %s failed: %s", link->config.relay,
                 wzp_err_text(err));
        tell_closed(link, err, message);
    }
}

static void on_deadline(void *context)
{
    struct wzp_link *link = context;
    char message[WZP_EVENT_MESSAGE_BYTES];
    wzp_resolve_cancel(wzp_take(link->resolve));
    snprintf(message, sizeof message, "the name %s does not resolve in time", link->config.relay);
    tell_closed(link, WZP_ETIMEOUT, message);
}

/* --- the owner's side --- */

static void link_freep(struct wzp_link **link)
{
    wzp_link_free(*link);
}

enum wzp_err wzp_link_new(const struct wzp_link_config *config, struct wzp_link **out_link)
{
    WZP_AUTO(link_freep) struct wzp_link *link = calloc(1, sizeof *link);
    if (!link) {
        return WZP_ENOMEM;
    }
    link->config = *config;
    enum wzp_err err = wzp_packet_pool_new(PACKET_LIMIT, &link->pool);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_timer_new(config->loop, on_deadline, link, &link->deadline);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_timer_new(config->loop, on_watch_timer, link, &link->watch_timer);
    if (err != WZP_OK) {
        return err;
    }
    *out_link = wzp_take(link);
    return WZP_OK;
}

void wzp_link_free(struct wzp_link *link)
{
    if (!link) {
        return;
    }
    link->is_silent = true;
    link->is_ours_to_end = true;
    wzp_resolve_cancel(link->resolve);
    wzp_timer_free(link->deadline);
    wzp_timer_free(link->watch_timer);
    wzp_endpoint_free(link->endpoint);
    wzp_packet_pool_free(link->pool);
    free(link);
}

enum wzp_err wzp_link_start(struct wzp_link *link)
{
    enum wzp_err err = wzp_resolve_start(link->config.loop, link->config.relay, DEFAULT_PORT, on_resolved,
                                         link, &link->resolve);
    if (err == WZP_OK) {
        wzp_timer_set(link->deadline, wzp_loop_now(link->config.loop) + RESOLVE_DEADLINE);
    }
    return err;
}

bool wzp_link_close(struct wzp_link *link, const char *reason)
{
    wzp_resolve_cancel(wzp_take(link->resolve));
    wzp_timer_set(link->deadline, WZP_NEVER);
    link->is_ours_to_end = true;
    if (!link->conn) {
        return false;
    }
    wzp_conn_close(link->conn, WZP_CLOSE_NORMAL, reason);
    return true;
}

struct wzp_conn *wzp_link_conn(const struct wzp_link *link)
{
    return link->conn;
}

void wzp_link_stats(const struct wzp_link *link, struct wzp_conn_stats *out_stats)
{
    if (link->conn) {
        wzp_conn_stats(link->conn, out_stats);
    } else {
        *out_stats = link->last_stats;
    }
}
