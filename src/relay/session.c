/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/session.h"

#include <stdlib.h>
#include <string.h>

#include "proto/signal.h"
#include "relay/crew.h"
#include "relay/line.h"
#include "relay/spread.h"
#include "relay/tap.h"

/* wire-protocol section 6 */
#define WZP_SESSION_SIGNALS_PER_SECOND 20
#define WZP_SESSION_SIGNALS_BURST      100

#define WZP_SESSION_ID_BYTES 24

/* A report of loss counts as so many packets. */
#define REPORT_PACKETS 1000

static void write_id(const struct wzp_session *session, char out_id[static WZP_SESSION_ID_BYTES])
{
    snprintf(out_id, WZP_SESSION_ID_BYTES, "%016llx", (unsigned long long)session->number);
}

static const char *state_name(enum wzp_session_state state)
{
    static const char *const names[] = {
        [WZP_SESSION_WAITING_TOKEN] = "waiting_token",
        [WZP_SESSION_CHECKING] = "checking",
        [WZP_SESSION_WAITING_OFFER] = "waiting_offer",
        [WZP_SESSION_IN_ROOM] = "in_room",
        [WZP_SESSION_ENDED] = "ended",
    };
    return names[state];
}

void wzp_session_enter(struct wzp_session *session, enum wzp_session_state state)
{
    wzp_debug(session->relay->log, "session goes on to another state", "session=%llu old=%s new=%s",
              (unsigned long long)session->number, state_name(session->state), state_name(state));
    session->state = state;
    switch (state) {
    case WZP_SESSION_WAITING_TOKEN:
    case WZP_SESSION_WAITING_OFFER:
        /* Everybody gets the same time, so the list stays in the order of deadlines. */
        session->deadline = session->relay->now + WZP_SESSION_FIRST_SIGNAL;
        wzp_list_push_back(&session->sessions->waiting, &session->waiting);
        break;
    case WZP_SESSION_CHECKING: /* has its own time-out, the auth service's */
    case WZP_SESSION_IN_ROOM:
    case WZP_SESSION_ENDED:
        wzp_list_remove(&session->waiting);
        break;
    }
}

bool wzp_session_is_second_generation(const struct wzp_session *session)
{
    return session->version >= WZP_SIGNAL_VERSION;
}

void wzp_session_complain(struct wzp_session *session, enum wzp_err err)
{
    ++*session->relay->counters.signals_malformed;
    if (session->relay->now - session->complained_at < WZP_SECOND) {
        return;
    }
    session->complained_at = session->relay->now;
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_line_addr(&session->line), address);
    wzp_debug(session->relay->log, "a signal does not read; skipped", "session=%llu addr=%s error=\"%s\"",
              (unsigned long long)session->number, address, wzp_err_text(err));
}

static void answer_ping(struct wzp_session *session, const struct wzp_signal *ping)
{
    const struct wzp_signal pong = {.kind = WZP_SIGNAL_PONG, .ping = ping->ping};
    wzp_line_send(session->relay, &session->line, &pong, WZP_SIGNAL_PONG);
}

/* A member's signals are few: what is not for a room is read, so that its credit comes back, and left alone.
 */
static void act_in_room(struct wzp_session *session, const struct wzp_signal *signal)
{
    wzp_us now = session->relay->now;
    switch ((int)signal->kind) {
    case WZP_SIGNAL_MUTE:
        wzp_router_set_muted(session->relay->router, session->member, true, now);
        break;
    case WZP_SIGNAL_UNMUTE:
        wzp_router_set_muted(session->relay->router, session->member, false, now);
        break;
    case WZP_SIGNAL_HANGUP:
        wzp_session_end(session, WZP_CLOSE_NORMAL, "");
        break;
    case WZP_SIGNAL_PING:
        answer_ping(session, signal);
        break;
    default:
        break;
    }
}

static void take_in_room(struct wzp_session *session, const uint8_t *body, size_t size)
{
    struct wzp_signal signal;
    enum wzp_err err = wzp_signal_read(body, size, &signal);
    if (err == WZP_ENOTFOUND) {
        return;
    }
    if (err != WZP_OK) {
        wzp_session_complain(session, err);
        return;
    }
    act_in_room(session, &signal);
    wzp_signal_deinit(&signal);
}

/* One message may arrive while the token is checked: the offer. Clients send both without waiting. */
static void keep_early(struct wzp_session *session, const uint8_t *body, size_t size)
{
    if (session->early_offer || size == 0) {
        return;
    }
    session->early_offer = malloc(size);
    if (session->early_offer) {
        memcpy(session->early_offer, body, size);
        session->early_size = size;
    }
}

static void on_message(struct wzp_role *role, const uint8_t *body, size_t size)
{
    struct wzp_session *session = wzp_container(role, struct wzp_session, role);
    if (!wzp_bucket_take(&session->signals, session->relay->now)) {
        ++*session->relay->counters.signals_over_rate;
        return;
    }
    switch (session->state) {
    case WZP_SESSION_WAITING_TOKEN:
        wzp_session_take_token(session, body, size);
        break;
    case WZP_SESSION_CHECKING:
        keep_early(session, body, size);
        break;
    case WZP_SESSION_WAITING_OFFER:
        wzp_session_take_offer(session, body, size);
        break;
    case WZP_SESSION_IN_ROOM:
        take_in_room(session, body, size);
        break;
    case WZP_SESSION_ENDED:
        break;
    }
}

/* Once a second at most per client: the report rides on one source packet a second. */
static void note_report(struct wzp_session *session, const uint8_t *bytes, size_t size)
{
    struct wzp_media_packet packet;
    if (wzp_media_read(bytes, size, &packet) != WZP_OK) {
        return;
    }
    if (!session->loss_pct) {
        char id[WZP_SESSION_ID_BYTES];
        write_id(session, id);
        session->loss_pct = wzp_metrics_gauge(session->relay->metrics, WZP_METRIC_SESSION_LOSS_PCT, id, NULL);
        session->rtt_ms = wzp_metrics_gauge(session->relay->metrics, WZP_METRIC_SESSION_RTT_MS, id, NULL);
    }
    struct wzp_media_quality quality = wzp_media_report_decode(&packet.report);
    *session->loss_pct = quality.loss_pct;
    session->reported += REPORT_PACKETS;
    session->reported_lost += (uint64_t)(quality.loss_pct * REPORT_PACKETS / 100);
    *session->rtt_ms = (double)quality.rtt_us / 1000;
}

static void on_datagram(struct wzp_role *role, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct wzp_session *session = wzp_container(role, struct wzp_session, role);
    struct wzp_relay *relay = session->relay;
    if (session->state != WZP_SESSION_IN_ROOM) {
        ++*relay->counters.media_outside;
        return;
    }
    struct wzp_packet *packet;
    if (wzp_packet_new(relay->pool, bytes, size, &packet) != WZP_OK) {
        ++*relay->counters.media_no_memory;
        return;
    }
    if (relay->config->debug_tap) {
        wzp_tap_packet(relay, session, bytes, size);
    }
    if (wzp_media_is_valid(bytes, size) && wzp_media_has_report(bytes)) {
        note_report(session, bytes, size);
    }
    wzp_router_media_in(relay->router, session->member, packet, now);
    wzp_packet_unref(packet);
}

void wzp_session_limit(struct wzp_session *session)
{
    uint32_t budget = wzp_limiter_budget(&session->limiter);
    if (session->member) {
        wzp_router_set_budget(session->relay->router, session->member, budget, session->relay->now);
    }
}

/* A few lines a minute at most: budgets live for seconds. */
static void log_budget(const struct wzp_session *session, uint32_t before)
{
    const struct wzp_limiter *limiter = &session->limiter;
    uint32_t budget = wzp_limiter_budget(limiter);
    if (before == 0) {
        wzp_info(session->relay->log, "a client's line carries less than its room says",
                 "session=%llu bytes_per_second=%u queue_ms=%lld loss_permille=%u",
                 (unsigned long long)session->number, budget, (long long)(limiter->queue / WZP_MS),
                 limiter->loss);
    } else if (budget == 0) {
        wzp_info(session->relay->log, "a client's line carries everything again", "session=%llu",
                 (unsigned long long)session->number);
    } else {
        wzp_debug(session->relay->log, "what a client's line carries is judged anew",
                  "session=%llu bytes_per_second=%u queue_ms=%lld loss_permille=%u",
                  (unsigned long long)session->number, budget, (long long)(limiter->queue / WZP_MS),
                  limiter->loss);
    }
}

static void on_measure(struct wzp_role *role, const struct wzp_conn_measure *measure, wzp_us now)
{
    struct wzp_session *session = wzp_container(role, struct wzp_session, role);
    bool is_counted = session->relay->config->measure_loss;
    const struct wzp_limiter_seen seen = {
        .rtt = measure->rtt,
        .lag = measure->lag,
        .bytes_sent = measure->bytes_sent,
        .bytes_in_flight = measure->bytes_in_flight,
        .judged = is_counted ? measure->packets_sent : session->reported,
        .lost = is_counted ? measure->packets_lost : session->reported_lost,
        .wanted = session->member ? wzp_member_wanted(session->member, now) : 0,
    };
    uint32_t before = wzp_limiter_budget(&session->limiter);
    if (wzp_limiter_feed(&session->limiter, &seen, now)) {
        log_budget(session, before);
        wzp_session_limit(session);
    }
}

static void leave_room(struct wzp_session *session)
{
    if (session->member) {
        wzp_router_leave(session->relay->router, session->member, session->relay->now);
        session->member = NULL;
    }
    if (session->loss_pct) {
        char id[WZP_SESSION_ID_BYTES];
        write_id(session, id);
        wzp_metrics_forget(session->relay->metrics, "session_id", id);
        session->loss_pct = session->rtt_ms = NULL;
    }
}

static void free_session(struct wzp_session *session)
{
    leave_room(session);
    wzp_auth_check_cancel(session->check);
    wzp_list_remove(&session->waiting);
    wzp_list_remove(&session->node);
    if (session->relay->spread) {
        wzp_spread_leave(session->relay->spread, session->spread,
                         wzp_line_worker(session->relay, &session->line));
    }
    wzp_sessions_ended(session->sessions);
    free(session->early_offer);
    free(session);
}

static void log_end(const struct wzp_session *session, const struct wzp_close_info *info)
{
    static const char *const origins[] = {
        [WZP_CLOSED_BY_US] = "relay",
        [WZP_CLOSED_BY_PEER] = "client",
        [WZP_CLOSED_BY_TRANSPORT] = "transport",
        [WZP_CLOSED_BY_TIMEOUT] = "timeout",
    };
    wzp_info(session->relay->log, "client gone",
             "session=%llu room=%s client=%.9s by=%s code=%llu reason=\"%s\"",
             (unsigned long long)session->number, session->room,
             session->fingerprint[0] ? session->fingerprint : "-", origins[info->origin],
             (unsigned long long)info->code, info->reason);
}

static void on_closed(struct wzp_role *role, const struct wzp_close_info *info)
{
    struct wzp_session *session = wzp_container(role, struct wzp_session, role);
    log_end(session, info);
    free_session(session);
}

static const struct wzp_role_ops session_ops = {
    .on_message = on_message,
    .on_datagram = on_datagram,
    .on_measure = on_measure,
    .on_closed = on_closed,
};

struct wzp_bucket wzp_session_signals_bucket(wzp_us now)
{
    return wzp_bucket_of(WZP_SESSION_SIGNALS_PER_SECOND, WZP_SESSION_SIGNALS_BURST, now);
}

enum wzp_err wzp_session_new(struct wzp_sessions *sessions, const struct wzp_line *line, const char *room,
                             struct wzp_session **out_session)
{
    struct wzp_relay *relay = sessions->relay;
    struct wzp_session *session = calloc(1, sizeof *session);
    if (!session) {
        return WZP_ENOMEM;
    }
    session->role = (struct wzp_role){.ops = &session_ops};
    session->line = *line;
    session->relay = relay;
    session->sessions = sessions;
    session->number = sessions->n_started++ * sessions->relay->crew->n + sessions->relay->worker + 1;
    session->opened_at = relay->now;
    session->complained_at = relay->now - WZP_SECOND;
    session->signals = wzp_session_signals_bucket(relay->now);
    snprintf(session->room, sizeof session->room, "%s", room);
    wzp_list_push_back(&sessions->all, &session->node);
    sessions->n++;
    sessions->most = wzp_max_size(sessions->most, sessions->n);
    wzp_list_init(&session->waiting);
    wzp_session_enter(session, relay->auth ? WZP_SESSION_WAITING_TOKEN : WZP_SESSION_WAITING_OFFER);
    if (relay->spread) {
        session->spread = wzp_spread_enter(relay->spread, room, wzp_line_worker(relay, line));
    }
    wzp_line_set_role(line, &session->role);
    *out_session = session;
    return WZP_OK;
}

void wzp_session_end(struct wzp_session *session, enum wzp_close_code code, const char *reason)
{
    if (session->state == WZP_SESSION_ENDED) {
        return;
    }
    leave_room(session);
    wzp_session_enter(session, WZP_SESSION_ENDED);
    wzp_line_close(&session->line, code, reason);
}

void wzp_session_replaced(struct wzp_session *session)
{
    session->member = NULL;
    wzp_session_end(session, WZP_CLOSE_REPLACED, "a newer connection of this identity took over");
}
