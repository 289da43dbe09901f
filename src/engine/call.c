/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "base/text.h"
#include "crypto/handshake.h"
#include "engine/link.h"
#include "engine/offer.h"
#include "net/addr.h"
#include "proto/signal.h"

#define OFFER_DEADLINE (10 * WZP_SECOND)
#define LEAVE_DEADLINE (2 * WZP_SECOND) /* for what is still under way to arrive */
#define CLOSE_DEADLINE (1 * WZP_SECOND)
#define LEAVE_POLL     (10 * WZP_MS)

struct wzp_call {
    struct wzp_call_config config;
    enum wzp_call_state state;
    wzp_us entered_at;

    struct wzp_handshake handshake;
    struct wzp_link *link;
    struct wzp_timer *deadline;

    struct wzp_call_answer answer;
    struct wzp_roster roster;
    struct wzp_call_counts counts;

    struct wzp_event ended; /* what WZP_EVENT_ENDED will say */
};

static wzp_us deadline_of(const struct wzp_call *call)
{
    switch (call->state) {
    case WZP_CALL_OFFERING:
        return call->entered_at + OFFER_DEADLINE;
    case WZP_CALL_LEAVING:
        return call->entered_at + LEAVE_POLL;
    case WZP_CALL_CLOSING:
        return call->entered_at + CLOSE_DEADLINE;
    case WZP_CALL_RESOLVING: /* the link has its own deadlines */
    case WZP_CALL_CONNECTING:
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
    wzp_debug(call->config.log, "call", "state=%s before=%s", wzp_events_state_name(state),
              wzp_events_state_name(before));
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
static void shut(struct wzp_call *call)
{
    enter(call, wzp_link_close(call->link, "normal close") ? WZP_CALL_CLOSING : WZP_CALL_ENDED);
}

void wzp_call_fail(struct wzp_call *call, enum wzp_err err, const char *message)
{
    if (call->state >= WZP_CALL_CLOSING) {
        return;
    }
    set_ended(call, err, "%s", message);
    shut(call);
}

/* --- leaving --- */

static void close_normally(struct wzp_call *call)
{
    set_ended(call, WZP_OK, "done");
    shut(call);
}

void wzp_call_hang_up(struct wzp_call *call)
{
    switch (call->state) {
    case WZP_CALL_ACTIVE:
        wzp_ignore(
            wzp_offer_send_hangup(wzp_link_conn(call->link))); /* a courtesy; the close says the same */
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
    wzp_link_stats(call->link, &stats);
    return stats.queued_datagrams == 0 && wzp_conn_is_drained(wzp_link_conn(call->link));
}

static void on_deadline(void *context)
{
    struct wzp_call *call = context;
    wzp_us now = wzp_loop_now(call->config.loop);
    switch (call->state) {
    case WZP_CALL_OFFERING:
        set_ended(call, WZP_ETIMEOUT, "the relay did not answer the call%s",
                  call->config.token ? "" : "; it may want a token (--token)");
        shut(call);
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
    case WZP_CALL_RESOLVING:
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
    return wzp_offer_send(&offer, wzp_link_conn(call->link));
}

static void on_dialling(void *context)
{
    enter(context, WZP_CALL_CONNECTING);
}

static void on_open(void *context, const struct wzp_link_relay *relay)
{
    struct wzp_call *call = context;
    struct wzp_event event = {.kind = WZP_EVENT_RELAY, .relay = {.trust = relay->verdict->trust}};
    if (relay->verdict->message[0]) {
        wzp_events_say(call->config.events, WZP_EVENT_WARNING, "%s", relay->verdict->message);
    }
    wzp_addr_write(relay->addr, event.relay.address);
    wzp_fingerprint_write(relay->fingerprint, event.relay.fingerprint);
    wzp_events_push(call->config.events, &event);
    enter(call, WZP_CALL_OFFERING);
    enum wzp_err err = send_offer(call);
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

static void on_message(void *context, const uint8_t *body, size_t size)
{
    struct wzp_call *call = context;
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

static void on_datagram(void *context, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct wzp_call *call = context;
    if (call->state == WZP_CALL_ACTIVE) {
        call->config.handler->on_media(call->config.context, bytes, size, now);
    }
}

static void on_closed(void *context, enum wzp_err err, const char *message)
{
    struct wzp_call *call = context;
    if (call->state == WZP_CALL_LEAVING || err == WZP_OK) {
        set_ended(call, WZP_OK, "done"); /* a relay may hang up first when it hears the good-bye */
    }
    set_ended(call, err, "%s", message);
    if (call->state != WZP_CALL_ENDED) {
        enter(call, WZP_CALL_ENDED);
    }
}

static const struct wzp_link_handler link_handler = {
    .on_dialling = on_dialling,
    .on_open = on_open,
    .on_message = on_message,
    .on_datagram = on_datagram,
    .on_closed = on_closed,
};

/* --- life and questions --- */

void wzp_call_start(struct wzp_call *call)
{
    enter(call, WZP_CALL_RESOLVING);
    enum wzp_err err = wzp_link_start(call->link);
    if (err != WZP_OK) {
        set_ended(call, err, "'%s' is no host:port", call->config.relay);
        enter(call, WZP_CALL_ENDED);
    }
}

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
    wzp_handshake_init(&call->handshake, &wzp_random_system);
    const struct wzp_link_config link = {
        .loop = config->loop,
        .log = config->log,
        .identity = config->identity,
        .handler = &link_handler,
        .context = call,
        .relay = config->relay,
        .server_name = config->server_name,
        .pin = config->pin,
        .known_relays = config->known_relays,
    };
    enum wzp_err err = wzp_link_new(&link, &call->link);
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
    wzp_link_free(call->link);
    wzp_timer_free(call->deadline);
    wzp_handshake_deinit(&call->handshake);
    wzp_roster_deinit(&call->roster);
    free(call);
}

void wzp_call_send(struct wzp_call *call, const uint8_t *bytes, size_t size, wzp_us now)
{
    if (call->state == WZP_CALL_ACTIVE) {
        wzp_ignore(wzp_conn_send_bytes(wzp_link_conn(call->link), bytes, size,
                                       now)); /* losses are counted by the connection */
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
    wzp_link_stats(call->link, out_stats);
}
