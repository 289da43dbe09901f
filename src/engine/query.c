/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/query.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/packet.h"
#include "base/text.h"
#include "engine/trust.h"
#include "net/addr.h"
#include "net/loop.h"
#include "net/quic.h"

#define DEFAULT_PORT     4433
#define DEADLINE         (5 * WZP_SECOND) /* for everything */
#define VERSION_DEADLINE (3 * WZP_SECOND) /* from the handshake to the answer */

/** A question under way; lives in wzp_query_run. */
struct asking {
    const struct wzp_query *query;
    struct wzp_query_answer *answer;
    struct wzp_loop *loop;
    struct wzp_packet_pool *pool;
    struct wzp_timer *deadline;
    struct wzp_resolve *resolve;
    struct wzp_endpoint *endpoint;
    struct wzp_conn *conn;
    struct wzp_addr addr;
    wzp_us dialled_at;
    bool is_open;
    bool is_done;
    enum wzp_err err;
};

/** The first outcome counts; its message has been set. */
static void conclude(struct asking *asking, enum wzp_err err)
{
    if (asking->is_done) {
        return;
    }
    asking->is_done = true;
    asking->err = err;
    if (asking->conn) {
        wzp_conn_close(asking->conn, WZP_CLOSE_NORMAL,
                       asking->query->kind == WZP_QUERY_PING ? "ping" : "normal close");
    } else {
        wzp_loop_stop(asking->loop);
    }
}

static void finish(struct asking *asking, enum wzp_err err, const char *format, ...) WZP_PRINTF(3, 4);

static void finish(struct asking *asking, enum wzp_err err, const char *format, ...)
{
    if (asking->is_done) {
        return;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(asking->answer->message, sizeof asking->answer->message, format, args);
    va_end(args);
    conclude(asking, err);
}

static void finish_version(struct asking *asking)
{
    if (asking->answer->version[0]) {
        conclude(asking, WZP_OK);
    } else {
        finish(asking, WZP_EUNSUPPORTED, "the relay does not tell its version");
    }
}

static void on_deadline(void *context)
{
    struct asking *asking = context;
    if (asking->is_done) {
        wzp_loop_stop(asking->loop);
    } else if (asking->is_open) {
        finish_version(asking);
    } else {
        finish(asking, WZP_ETIMEOUT, "no relay answers at %s", asking->query->relay);
    }
    wzp_timer_set(asking->deadline, wzp_loop_now(asking->loop) + WZP_SECOND);
}

static void on_open(void *context, struct wzp_conn *conn)
{
    struct asking *asking = context;
    struct wzp_query_answer *answer = asking->answer;
    const uint8_t *fingerprint = wzp_conn_peer_fingerprint(conn);
    if (!fingerprint) {
        finish(asking, WZP_ETLS, "the relay showed no certificate");
        return;
    }
    struct wzp_conn_stats stats;
    wzp_conn_stats(conn, &stats);
    asking->is_open = true;
    answer->connected_after = wzp_loop_now(asking->loop) - asking->dialled_at;
    answer->rtt = stats.rtt_min;
    wzp_fingerprint_write(fingerprint, answer->fingerprint);
    const struct wzp_trust trust = {
        .name = asking->query->relay,
        .pin = asking->query->pin,
        .known_relays = asking->query->known_relays,
        .addr = &asking->addr,
    };
    struct wzp_trust_verdict verdict;
    enum wzp_err err = wzp_trust_judge(&trust, fingerprint, &verdict);
    answer->trust = verdict.trust;
    if (err != WZP_OK || asking->query->kind == WZP_QUERY_PING) {
        finish(asking, err, "%s", verdict.message);
        return;
    }
    memcpy(answer->message, verdict.message, sizeof answer->message);
    wzp_timer_set(asking->deadline, wzp_loop_now(asking->loop) + VERSION_DEADLINE);
}

static void on_uni_data(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, bool fin)
{
    struct asking *asking = context;
    wzp_ignore(conn);
    char *version = asking->answer->version;
    size_t n = strlen(version);
    for (size_t i = 0; i < size && n + 1 < WZP_QUERY_VERSION_BYTES; i++) {
        if (bytes[i] > ' ' && bytes[i] < 0x7f) {
            version[n++] = (char)bytes[i];
        }
    }
    version[n] = '\0';
    if (fin) {
        finish_version(asking);
    }
}

static void on_closed(void *context, struct wzp_conn *conn, const struct wzp_close_info *info)
{
    struct asking *asking = context;
    if (asking->conn != conn) {
        return; /* the question is settled, the endpoint is being freed */
    }
    asking->conn = NULL;
    if (asking->is_open && asking->query->kind == WZP_QUERY_VERSION) {
        finish_version(asking);
    } else {
        enum wzp_err err = info->err == WZP_OK ? WZP_ENET : info->err;
        finish(asking, err, "connecting to %s failed: %s", asking->query->relay,
               info->reason[0] ? info->reason : wzp_err_text(err));
    }
    wzp_loop_stop(asking->loop);
}

static void on_message(void *context, struct wzp_conn *conn, const uint8_t *body, size_t size)
{
    wzp_ignore(context);
    wzp_ignore(conn);
    wzp_ignore(body);
    wzp_ignore(size);
}

static void on_datagram(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, wzp_us now)
{
    on_message(context, conn, bytes, size);
    wzp_ignore(now);
}

static void on_migrated(void *context, struct wzp_conn *conn)
{
    wzp_ignore(context);
    wzp_ignore(conn);
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

static enum wzp_err dial(struct asking *asking)
{
    struct wzp_endpoint_config config = {
        .handler = &endpoint_handler, .context = asking, .log = asking->query->log, .pool = asking->pool};
    bool is_ip6 = asking->addr.storage.ss_family == AF_INET6;
    enum wzp_err err = wzp_addr_read(is_ip6 ? "[::]:0" : "0.0.0.0:0", &config.bind);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_endpoint_new(asking->loop, &config, &asking->endpoint);
    if (err != WZP_OK) {
        return err;
    }
    const struct wzp_dial dial = {
        .addr = asking->addr,
        .server_name = asking->query->kind == WZP_QUERY_PING ? "ping" : "version",
    };
    asking->dialled_at = wzp_loop_now(asking->loop);
    return wzp_endpoint_dial(asking->endpoint, &dial, &asking->conn);
}

static void on_resolved(void *context, enum wzp_err err, const struct wzp_addr *addr)
{
    struct asking *asking = context;
    asking->resolve = NULL;
    if (err != WZP_OK) {
        finish(asking, err, "the name %s does not resolve: %s", asking->query->relay, wzp_err_text(err));
        return;
    }
    asking->addr = *addr;
    wzp_addr_write(addr, asking->answer->address);
    err = dial(asking);
    if (err != WZP_OK) {
        finish(asking, err, "connecting to %s failed: %s", asking->query->relay, wzp_err_text(err));
    }
}

static enum wzp_err ask(struct asking *asking)
{
    enum wzp_err err = wzp_packet_pool_new(16, &asking->pool);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_timer_new(asking->loop, on_deadline, asking, &asking->deadline);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_resolve_start(asking->loop, asking->query->relay, DEFAULT_PORT, on_resolved, asking,
                            &asking->resolve);
    if (err != WZP_OK) {
        snprintf(asking->answer->message, sizeof asking->answer->message, "'%s' is no host:port",
                 asking->query->relay);
        return err;
    }
    wzp_timer_set(asking->deadline, wzp_loop_now(asking->loop) + DEADLINE);
    wzp_loop_run(asking->loop);
    return asking->err;
}

enum wzp_err wzp_query_run(const struct wzp_query *query, struct wzp_query_answer *out_answer)
{
    *out_answer = (struct wzp_query_answer){0};
    struct asking asking = {.query = query, .answer = out_answer};
    enum wzp_err err = wzp_loop_new(&asking.loop);
    if (err != WZP_OK) {
        return err;
    }
    err = ask(&asking);
    asking.is_done = true;
    asking.conn = NULL;
    wzp_resolve_cancel(asking.resolve);
    wzp_endpoint_free(asking.endpoint);
    wzp_timer_free(asking.deadline);
    wzp_packet_pool_free(asking.pool);
    wzp_loop_free(asking.loop);
    return err;
}
