/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/packet.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/handshake.h"
#include "engine/offer.h"
#include "engine/trust.h"
#include "net/addr.h"
#include "proto/signal.h"

#define DEFAULT_PORT     4433
#define CONNECT_DEADLINE (10 * WZP_SECOND) /* name and handshake together */
#define OFFER_DEADLINE   (10 * WZP_SECOND)
#define LEAVE_DEADLINE   (2 * WZP_SECOND) /* for what is still under way to arrive */
#define CLOSE_DEADLINE   (1 * WZP_SECOND)
#define LEAVE_POLL       (10 * WZP_MS)
#define PACKET_LIMIT     1024 /* queued datagrams: 20 s of speech, of which net keeps the last 200 ms */

struct wzp_call {
    struct wzp_call_config config;
    uint8_t pin[WZP_FINGERPRINT_BYTES];
    enum wzp_call_state state;
    wzp_us entered_at;

    struct wzp_cert cert;
    struct wzp_handshake handshake;
    struct wzp_packet_pool *pool;
    struct wzp_endpoint *endpoint; /* made when the family of the relay's address is known */
    struct wzp_conn *conn;         /* NULL before dialling and after on_closed */
    struct wzp_resolve *resolve;   /* NULL but in RESOLVING */
    struct wzp_timer *deadline;
    struct wzp_addr addr;

    struct wzp_call_answer answer;
    struct wzp_roster roster;
    struct wzp_call_counts counts;
    struct wzp_conn_stats last_stats;

    struct wzp_event ended; /* what WZP_EVENT_ENDED will say */
};

static const char *state_name(enum wzp_call_state state)
{
    static const char *const names[] = {
        [WZP_CALL_IDLE] = "idle",
        [WZP_CALL_RESOLVING] = "resolving",
        [WZP_CALL_CONNECTING] = "connecting",
        [WZP_CALL_OFFERING] = "offering",
        [WZP_CALL_ACTIVE] = "active",
        [WZP_CALL_LEAVING] = "leaving",
        [WZP_CALL_CLOSING] = "closing",
        [WZP_CALL_ENDED] = "ended",
    };
    return names[state];
}

static wzp_us deadline_of(const struct wzp_call *call)
{
    switch (call->state) {
    case WZP_CALL_RESOLVING:
        return call->entered_at + CONNECT_DEADLINE;
    case WZP_CALL_OFFERING:
        return call->entered_at + OFFER_DEADLINE;
    case WZP_CALL_LEAVING:
        return call->entered_at + LEAVE_POLL;
    case WZP_CALL_CLOSING:
        return call->entered_at + CLOSE_DEADLINE;
    case WZP_CALL_CONNECTING: /* the transport has its own, which tells more; the one of RESOLVING runs on */
    case WZP_CALL_IDLE:
    case WZP_CALL_ACTIVE:
    case WZP_CALL_ENDED:
        break;
    }
    return WZP_NEVER;
}

static void enter(struct wzp_call *call, enum wzp_call_state state)
{
    enum wzp_call_state before = call->state;
    wzp_us now = wzp_loop_now(call->config.loop);
    wzp_debug(call->config.log, "call", "from=%s to=%s", state_name(before), state_name(state));
    call->state = state;
    call->entered_at = now;
    wzp_timer_set(call->deadline, deadline_of(call));
    if (before == WZP_CALL_ACTIVE) {
        call->config.handler->on_inactive(call->config.context, now);
    }
    wzp_events_push(call->config.events, &(struct wzp_event){.kind = WZP_EVENT_STATE, .state = state});
    if (state == WZP_CALL_ENDED) {
        wzp_events_push(call->config.events, &call->ended);
    }
}

/** The first reason is the one that is told. */
static void set_ended(struct wzp_call *call, enum wzp_err err, const char *format, ...) WZP_PRINTF(3, 4);

static void set_ended(struct wzp_call *call, enum wzp_err err, const char *format, ...)
{
    if (call->ended.kind == WZP_EVENT_ENDED) {
        return;
    }
    call->ended = (struct wzp_event){.kind = WZP_EVENT_ENDED, .ended = {.err = err}};
    va_list args;
    va_start(args, format);
    vsnprintf(call->ended.message, sizeof call->ended.message, format, args);
    va_end(args);
}

/** Gives up whatever is under way; the reason has been set. */
static void shut(struct wzp_call *call, enum wzp_close_code code, const char *reason)
{
    wzp_resolve_cancel(wzp_take(call->resolve));
    if (!call->conn) {
        enter(call, WZP_CALL_ENDED);
        return;
    }
    wzp_conn_close(call->conn, code, reason);
    enter(call, WZP_CALL_CLOSING);
}

void wzp_call_fail(struct wzp_call *call, enum wzp_err err, const char *message)
{
    if (call->state >= WZP_CALL_CLOSING) {
        return;
    }
    set_ended(call, err, "%s", message);
    shut(call, WZP_CLOSE_NORMAL, "normal close");
}

/* --- leaving --- */

static void close_normally(struct wzp_call *call)
{
    set_ended(call, WZP_OK, "done");
    shut(call, WZP_CLOSE_NORMAL, "normal close");
}

void wzp_call_hang_up(struct wzp_call *call)
{
    switch (call->state) {
    case WZP_CALL_ACTIVE:
        wzp_ignore(wzp_offer_send_hangup(call->conn)); /* a courtesy; the close says the same */
        enter(call, WZP_CALL_LEAVING);
        break;
    case WZP_CALL_IDLE:
    case WZP_CALL_RESOLVING:
    case WZP_CALL_CONNECTING:
    case WZP_CALL_OFFERING:
    case WZP_CALL_LEAVING:
        close_normally(call);
        break;
    case WZP_CALL_CLOSING:
        enter(call, WZP_CALL_ENDED);
        break;
    case WZP_CALL_ENDED:
        break;
    }
}

/** Whether the good-bye has arrived and no audio is left to send. */
static bool has_drained(const struct wzp_call *call)
{
    struct wzp_conn_stats stats;
    wzp_conn_stats(call->conn, &stats);
    return stats.queued_datagrams == 0 && wzp_conn_is_drained(call->conn);
}

static void on_deadline(void *context)
{
    struct wzp_call *call = context;
    wzp_us now = wzp_loop_now(call->config.loop);
    switch (call->state) {
    case WZP_CALL_RESOLVING:
        set_ended(call, WZP_ETIMEOUT, "the name %s did not resolve in time", call->config.relay);
        shut(call, WZP_CLOSE_NORMAL, "");
        break;
    case WZP_CALL_OFFERING:
        set_ended(call, WZP_ETIMEOUT, "the relay did not answer the call%s",
                  call->config.token ? "" : "; it may want a token (--token)");
        shut(call, WZP_CLOSE_NORMAL, "normal close");
        break;
    case WZP_CALL_LEAVING:
        if (has_drained(call) || now >= call->entered_at + LEAVE_DEADLINE) {
            close_normally(call);
        } else {
            wzp_timer_set(call->deadline, now + LEAVE_POLL);
        }
        break;
    case WZP_CALL_CLOSING:
        enter(call, WZP_CALL_ENDED);
        break;
    case WZP_CALL_IDLE:
    case WZP_CALL_CONNECTING:
    case WZP_CALL_ACTIVE:
    case WZP_CALL_ENDED:
        break;
    }
}

/* --- the offer --- */

static enum wzp_err send_offer(struct wzp_call *call)
{
    const struct wzp_offer offer = {
        .identity = call->config.identity,
        .handshake = &call->handshake,
        .alias = call->config.alias,
        .token = call->config.token,
    };
    return wzp_offer_send(&offer, call->conn);
}

static void on_open(void *context, struct wzp_conn *conn)
{
    struct wzp_call *call = context;
    if (call->state != WZP_CALL_CONNECTING) {
        return;
    }
    const struct wzp_trust trust = {
        .name = call->config.relay,
        .pin = call->config.pin,
        .known_relays = call->config.known_relays,
        .addr = &call->addr,
    };
    struct wzp_trust_verdict verdict;
    const uint8_t *fingerprint = wzp_conn_peer_fingerprint(conn);
    if (!fingerprint) {
        wzp_call_fail(call, WZP_ETLS, "the relay showed no certificate");
        return;
    }
    enum wzp_err err = wzp_trust_judge(&trust, fingerprint, &verdict);
    if (err != WZP_OK) {
        wzp_call_fail(call, err, verdict.message);
        return;
    }
    if (verdict.message[0]) {
        wzp_events_say(call->config.events, WZP_EVENT_WARNING, "%s", verdict.message);
    }
    struct wzp_event event = {.kind = WZP_EVENT_RELAY, .relay = {.trust = verdict.trust}};
    wzp_addr_write(&call->addr, event.relay.address);
    wzp_fingerprint_write(fingerprint, event.relay.fingerprint);
    wzp_events_push(call->config.events, &event);
    enter(call, WZP_CALL_OFFERING);
    err = send_offer(call);
    if (err != WZP_OK) {
        wzp_call_fail(call, err, "the offer could not be sent");
    }
}

static void take_answer(struct wzp_call *call, const struct wzp_signal_call_answer *answer)
{
    if (call->state != WZP_CALL_OFFERING) {
        call->counts.ignored++;
        return;
    }
    if (wzp_offer_check(answer) != WZP_OK) {
        wzp_call_fail(call, WZP_EAUTH, "the relay's answer has a bad signature: it is not who it says");
        return;
    }
    call->answer = (struct wzp_call_answer){
        .generation = answer->v >= WZP_SIGNAL_VERSION ? 2 : 1,
        .stream = answer->stream,
        .takes_levels = (answer->caps & WZP_CAP_LEVEL) != 0,
    };
    struct wzp_event event = {.kind = WZP_EVENT_JOINED, .joined = {.generation = call->answer.generation}};
    wzp_text_clean(answer->relay_label ? answer->relay_label : "", event.joined.relay_label,
                   sizeof event.joined.relay_label);
    wzp_text_clean(answer->relay_build ? answer->relay_build : "", event.joined.relay_build,
                   sizeof event.joined.relay_build);
    wzp_events_push(call->config.events, &event);
    enter(call, WZP_CALL_ACTIVE);
    call->config.handler->on_active(call->config.context, call->entered_at);
}

static void take_room(struct wzp_call *call, const struct wzp_signal_room_update *update)
{
    if (wzp_roster_update(&call->roster, update) != WZP_OK) {
        call->counts.ignored++;
        return;
    }
    wzp_events_push(call->config.events,
                    &(struct wzp_event){.kind = WZP_EVENT_ROOM, .room = {.n_participants = call->roster.n}});
}

/* --- what the connection tells --- */

static void take_signal(struct wzp_call *call, const struct wzp_signal *signal)
{
    /* Most of the forty kinds are for other peers: the rest is one case on purpose. */
    if (signal->kind == WZP_SIGNAL_CALL_ANSWER) {
        take_answer(call, &signal->call_answer);
    } else if (signal->kind == WZP_SIGNAL_ROOM_UPDATE) {
        take_room(call, &signal->room_update);
    } else if (signal->kind == WZP_SIGNAL_GO_AWAY) {
        wzp_events_say(call->config.events, WZP_EVENT_RELAY_LEAVES, "%s",
                       signal->go_away.reason ? signal->go_away.reason : "no reason given");
    } else if (signal->kind == WZP_SIGNAL_QUALITY_DIRECTIVE) {
        wzp_debug(call->config.log, "the relay recommends a profile", "codec=%s",
                  wzp_codec_id_name(signal->quality_directive.recommended_profile.codec));
    } else {
        call->counts.ignored++;
    }
}

static void on_message(void *context, struct wzp_conn *conn, const uint8_t *body, size_t size)
{
    struct wzp_call *call = context;
    wzp_ignore(conn);
    if (call->state != WZP_CALL_OFFERING && call->state != WZP_CALL_ACTIVE) {
        return;
    }
    struct wzp_signal signal;
    call->counts.received++;
    enum wzp_err err = wzp_signal_read(body, size, &signal);
    if (err == WZP_OK) {
        take_signal(call, &signal);
        wzp_signal_deinit(&signal);
    } else if (err == WZP_ENOTFOUND) {
        call->counts.ignored++;
    } else {
        call->counts.malformed++;
    }
}

static void on_uni_data(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, bool fin)
{
    wzp_ignore(context);
    wzp_ignore(conn);
    wzp_ignore(bytes);
    wzp_ignore(size);
    wzp_ignore(fin);
}

static void on_datagram(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct wzp_call *call = context;
    wzp_ignore(conn);
    if (call->state == WZP_CALL_ACTIVE) {
        call->config.handler->on_media(call->config.context, bytes, size, now);
    }
}

static void on_migrated(void *context, struct wzp_conn *conn)
{
    wzp_ignore(context);
    wzp_ignore(conn);
}

/** What ended the connection, in words for people. */
static void explain_close(struct wzp_call *call, const struct wzp_close_info *info)
{
    const char *reason = info->reason[0] ? info->reason : "no reason given";
    const struct wzp_trust trust = {.pin = call->config.pin};
    const uint8_t *fingerprint = wzp_conn_peer_fingerprint(call->conn);
    struct wzp_trust_verdict verdict;
    if (info->err == WZP_EAUTH && trust.pin && fingerprint &&
        wzp_trust_judge(&trust, fingerprint, &verdict) != WZP_OK) {
        set_ended(call, WZP_EAUTH, "%s", verdict.message);
    } else if (!info->was_open && info->origin == WZP_CLOSED_BY_TIMEOUT) {
        set_ended(call, WZP_ETIMEOUT, "no relay answers at %s", call->config.relay);
    } else if (!info->was_open) {
        set_ended(call, info->err, "connecting to %s failed: %s", call->config.relay, reason);
    } else if (info->origin == WZP_CLOSED_BY_TIMEOUT) {
        set_ended(call, WZP_ETIMEOUT, "the connection to the relay is lost: %s", reason);
    } else {
        set_ended(call, info->err == WZP_OK ? WZP_ECLOSED : info->err,
                  "the relay closed the connection (code %llu: %s)", (unsigned long long)info->code, reason);
    }
}

static void on_closed(void *context, struct wzp_conn *conn, const struct wzp_close_info *info)
{
    struct wzp_call *call = context;
    wzp_conn_stats(conn, &call->last_stats);
    if (call->state == WZP_CALL_LEAVING) {
        set_ended(call, WZP_OK, "done");
    }
    explain_close(call, info);
    call->conn = NULL;
    if (call->state != WZP_CALL_ENDED) {
        enter(call, WZP_CALL_ENDED);
    }
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

static enum wzp_err dial(struct wzp_call *call)
{
    struct wzp_endpoint_identity identity = {.cert_der = call->cert.der, .cert_size = call->cert.size};
    memcpy(identity.secret, call->config.identity->tls_secret, sizeof identity.secret);
    struct wzp_endpoint_config config = {
        .identity = &identity,
        .handler = &endpoint_handler,
        .context = call,
        .log = call->config.log,
        .pool = call->pool,
    };
    bool is_ip6 = call->addr.storage.ss_family == AF_INET6;
    enum wzp_err err = wzp_addr_read(is_ip6 ? "[::]:0" : "0.0.0.0:0", &config.bind);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_endpoint_new(call->config.loop, &config, &call->endpoint);
    explicit_bzero(identity.secret, sizeof identity.secret);
    if (err != WZP_OK) {
        return err;
    }
    const struct wzp_dial dial = {
        .addr = call->addr,
        .server_name = call->config.server_name,
        .pin = call->config.pin,
    };
    return wzp_endpoint_dial(call->endpoint, &dial, &call->conn);
}

static void on_resolved(void *context, enum wzp_err err, const struct wzp_addr *addr)
{
    struct wzp_call *call = context;
    call->resolve = NULL;
    if (err != WZP_OK) {
        set_ended(call, err, "the name %s does not resolve: %s", call->config.relay, wzp_err_text(err));
        shut(call, WZP_CLOSE_NORMAL, "");
        return;
    }
    call->addr = *addr;
    enter(call, WZP_CALL_CONNECTING);
    err = dial(call);
    if (err != WZP_OK) {
        set_ended(call, err, "connecting to %s failed: %s", call->config.relay, wzp_err_text(err));
        shut(call, WZP_CLOSE_NORMAL, "");
    }
}

void wzp_call_start(struct wzp_call *call)
{
    enter(call, WZP_CALL_RESOLVING);
    enum wzp_err err = wzp_resolve_start(call->config.loop, call->config.relay, DEFAULT_PORT, on_resolved,
                                         call, &call->resolve);
    if (err != WZP_OK) {
        set_ended(call, err, "'%s' is no host:port", call->config.relay);
        shut(call, WZP_CLOSE_NORMAL, "");
    }
}

/* --- life and questions --- */

static void call_freep(struct wzp_call **call)
{
    wzp_call_free(*call);
}

enum wzp_err wzp_call_new(const struct wzp_call_config *config, struct wzp_call **out_call)
{
    WZP_AUTO(call_freep) struct wzp_call *call = calloc(1, sizeof *call);
    if (!call) {
        return WZP_ENOMEM;
    }
    call->config = *config;
    if (config->pin) {
        memcpy(call->pin, config->pin, sizeof call->pin);
        call->config.pin = call->pin;
    }
    wzp_cert_init(&call->cert, config->identity);
    wzp_handshake_init(&call->handshake, &wzp_random_system);
    enum wzp_err err = wzp_packet_pool_new(PACKET_LIMIT, &call->pool);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_timer_new(config->loop, on_deadline, call, &call->deadline);
    if (err != WZP_OK) {
        return err;
    }
    *out_call = wzp_take(call);
    return WZP_OK;
}

void wzp_call_free(struct wzp_call *call)
{
    if (!call) {
        return;
    }
    call->state = WZP_CALL_ENDED; /* what the endpoint still tells is of no interest */
    wzp_resolve_cancel(call->resolve);
    wzp_endpoint_free(call->endpoint);
    wzp_timer_free(call->deadline);
    wzp_packet_pool_free(call->pool);
    wzp_handshake_deinit(&call->handshake);
    wzp_roster_deinit(&call->roster);
    free(call);
}

void wzp_call_send(struct wzp_call *call, const uint8_t *bytes, size_t size, wzp_us now)
{
    if (call->state == WZP_CALL_ACTIVE) {
        wzp_ignore(
            wzp_conn_send_bytes(call->conn, bytes, size, now)); /* losses are counted by the connection */
    }
}

enum wzp_call_state wzp_call_state(const struct wzp_call *call)
{
    return call->state;
}

const struct wzp_call_answer *wzp_call_answer(const struct wzp_call *call)
{
    return &call->answer;
}

const struct wzp_roster *wzp_call_roster(const struct wzp_call *call)
{
    return &call->roster;
}

const struct wzp_call_counts *wzp_call_counts(const struct wzp_call *call)
{
    return &call->counts;
}

void wzp_call_conn_stats(const struct wzp_call *call, struct wzp_conn_stats *out_stats)
{
    if (call->conn) {
        wzp_conn_stats(call->conn, out_stats);
    } else {
        *out_stats = call->last_stats;
    }
}
