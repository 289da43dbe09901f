/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/query.h"

#include <stdio.h>
#include <string.h>

#include "engine/link.h"
#include "net/addr.h"
#include "net/loop.h"
#include "net/quic.h"

#define ANSWER_DEADLINE  (5 * WZP_SECOND) /* of the handshake */
#define VERSION_DEADLINE (3 * WZP_SECOND) /* from the handshake to the answer */
#define CLOSE_DEADLINE   (1 * WZP_SECOND)

/** A question under way; lives in wzp_query_run. */
struct asking {
    const struct wzp_query *query;
    struct wzp_query_answer *answer;
    struct wzp_loop *loop;
    struct wzp_timer *deadline; /* of the answer, then of the close */
    struct wzp_link *link;
    wzp_us dialled_at;
    bool is_done;
    enum wzp_err err;
};

static void set_message(struct asking *asking, const char *message)
{
    snprintf(asking->answer->message, sizeof asking->answer->message, "%s", message);
}

/** The first outcome counts. */
static void finish(struct asking *asking, enum wzp_err err)
{
    if (asking->is_done) {
        return;
    }
    asking->is_done = true;
    asking->err = err;
    bool waits =
        wzp_link_close(asking->link, asking->query->kind == WZP_QUERY_PING ? "ping" : "normal close");
    if (waits) {
        wzp_timer_set(asking->deadline, wzp_loop_now(asking->loop) + CLOSE_DEADLINE);
    } else {
        wzp_loop_stop(asking->loop);
    }
}

static void finish_version(struct asking *asking)
{
    if (!asking->answer->version[0]) {
        set_message(asking, "the relay does not tell its version");
    }
    finish(asking, asking->answer->version[0] ? WZP_OK : WZP_EUNSUPPORTED);
}

static void on_deadline(void *context)
{
    struct asking *asking = context;
    if (asking->is_done) {
        wzp_loop_stop(asking->loop);
    } else if (asking->answer->fingerprint[0]) {
        finish_version(asking);
    } else {
        set_message(asking, "no relay answers there");
        finish(asking, WZP_ETIMEOUT);
    }
}

static void on_dialling(void *context)
{
    struct asking *asking = context;
    asking->dialled_at = wzp_loop_now(asking->loop);
    wzp_timer_set(asking->deadline, asking->dialled_at + ANSWER_DEADLINE);
}

static void on_open(void *context, const struct wzp_link_relay *relay)
{
    struct asking *asking = context;
    struct wzp_query_answer *answer = asking->answer;
    struct wzp_conn_stats stats;
    wzp_link_stats(asking->link, &stats);
    answer->connected_after = wzp_loop_now(asking->loop) - asking->dialled_at;
    answer->rtt = stats.rtt_min;
    answer->trust = relay->verdict->trust;
    wzp_addr_write(relay->addr, answer->address);
    wzp_fingerprint_write(relay->fingerprint, answer->fingerprint);
    set_message(asking, relay->verdict->message);
    if (asking->query->kind == WZP_QUERY_PING) {
        finish(asking, WZP_OK);
    } else {
        wzp_timer_set(asking->deadline, wzp_loop_now(asking->loop) + VERSION_DEADLINE);
    }
}

static void on_uni_data(void *context, const uint8_t *bytes, size_t size, bool fin)
{
    struct asking *asking = context;
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

static void on_closed(void *context, enum wzp_err err, const char *message)
{
    struct asking *asking = context;
    if (!asking->is_done && asking->answer->fingerprint[0]) {
        finish_version(asking); /* the relay hung up: it has told its version by now, or never will */
    } else if (!asking->is_done) {
        set_message(asking, message);
        finish(asking, err);
    }
    wzp_loop_stop(asking->loop);
}

static void on_message(void *context, const uint8_t *body, size_t size)
{
    wzp_ignore(context);
    wzp_ignore(body);
    wzp_ignore(size);
}

static void on_datagram(void *context, const uint8_t *bytes, size_t size, wzp_us now)
{
    wzp_ignore(now);
    on_message(context, bytes, size);
}

static const struct wzp_link_handler link_handler = {
    .on_dialling = on_dialling,
    .on_open = on_open,
    .on_message = on_message,
    .on_uni_data = on_uni_data,
    .on_datagram = on_datagram,
    .on_closed = on_closed,
};

static enum wzp_err ask(struct asking *asking)
{
    const struct wzp_query *query = asking->query;
    const struct wzp_link_config config = {
        .loop = asking->loop,
        .log = query->log,
        .handler = &link_handler,
        .context = asking,
        .relay = query->relay,
        .server_name = query->kind == WZP_QUERY_PING ? "ping" : "version",
        .pin = query->pin,
        .known_relays = query->known_relays,
    };
    enum wzp_err err = wzp_timer_new(asking->loop, on_deadline, asking, &asking->deadline);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_link_new(&config, &asking->link);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_link_start(asking->link);
    if (err != WZP_OK) {
        set_message(asking, "this is no host:port");
        return err;
    }
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
    wzp_link_free(asking.link);
    wzp_timer_free(asking.deadline);
    wzp_loop_free(asking.loop);
    return err;
}
