/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery.h"

#include <stdlib.h>

#include "proto/signal.h"
#include "relay/allowance.h"
#include "relay/crew.h"
#include "relay/crossing.h"
#include "relay/link.h"
#include "relay/links_set.h"
#include "relay/passage.h"
#include "relay/session.h"

/* The queue of a healthy peer never fills: what supersedes something replaces it. */
void wzp_delivery_send_body(struct wzp_relay *relay, struct wzp_conn *conn, const char *body, size_t size,
                            uint64_t replace_key)
{
    enum wzp_err err = wzp_conn_send_message(conn, body, size, replace_key);
    if (err == WZP_OK) {
        ++*relay->counters.signals_sent;
        return;
    }
    if (err == WZP_ELIMIT) {
        ++*relay->counters.signals_unsent;
        wzp_conn_close(conn, WZP_CLOSE_TIMEOUT, "signals are not being read");
    }
}

bool wzp_delivery_write(const struct wzp_relay *relay, const struct wzp_signal *signal, char **out_body,
                        size_t *out_size)
{
    enum wzp_err err = wzp_signal_write(signal, out_body, out_size);
    if (err != WZP_OK) {
        wzp_warn(relay->log, "a signal can't be written", "signal=%s error=\"%s\"",
                 wzp_signal_kind_name(signal->kind), wzp_err_text(err));
    }
    return err == WZP_OK;
}

void wzp_delivery_send(struct wzp_relay *relay, struct wzp_conn *conn, const struct wzp_signal *signal,
                       uint64_t replace_key)
{
    char *body = NULL;
    size_t size = 0;
    if (wzp_delivery_write(relay, signal, &body, &size)) {
        wzp_delivery_send_body(relay, conn, body, size, replace_key);
        free(body);
    }
}

static void to_members(void *context, void *const *users, size_t n_users, const struct wzp_signal *signal,
                       uint64_t replace_key)
{
    struct wzp_delivery *delivery = context;
    char *body = NULL;
    size_t size = 0;
    if (!wzp_delivery_write(delivery->relay, signal, &body, &size)) {
        return;
    }
    for (size_t i = 0; i < n_users; i++) {
        const struct wzp_session *session = users[i];
        if (session->line.conn) {
            wzp_delivery_send_body(delivery->relay, session->line.conn, body, size, replace_key);
        } else {
            wzp_passage_address(delivery->relay->passage, session->line.guest);
        }
    }
    if (delivery->relay->passage) {
        wzp_passage_say(delivery->relay->passage, body, size, replace_key);
    }
    free(body);
}

static void to_link(void *context, void *user, const struct wzp_signal *signal, uint64_t replace_key)
{
    struct wzp_delivery *delivery = context;
    if (delivery->relay->worker != WZP_CREW_FIRST) {
        wzp_crossing_to_link(delivery->relay->crossing, user, signal, replace_key);
        return;
    }
    wzp_link_say(user, signal, replace_key);
}

static void media_to_member(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size)
{
    const struct wzp_delivery *delivery = context;
    const struct wzp_relay *relay = delivery->relay;
    const struct wzp_line *line = &((const struct wzp_session *)user)->line;
    if (line->conn) {
        wzp_ignore(wzp_conn_send_packet(line->conn, packet, offset, size, relay->now));
    } else {
        wzp_passage_media(relay->passage, line->guest, packet, offset, size);
    }
}

static void media_to_link(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size)
{
    const struct wzp_delivery *delivery = context;
    if (delivery->relay->worker != WZP_CREW_FIRST) {
        wzp_crossing_media_to_link(delivery->relay->crossing, user, packet, offset, size);
        return;
    }
    const struct wzp_relay_link *link = user;
    wzp_ignore(wzp_conn_send_packet(link->role.conn, packet, offset, size, delivery->relay->now));
}

static void member_replaced(void *context, void *user)
{
    (void)context;
    wzp_session_replaced(user);
}

static struct wzp_fingerprint_text fingerprint_text(const struct wzp_router_event *event)
{
    static const uint8_t none[WZP_FINGERPRINT_BYTES];
    return wzp_links_fingerprint_text(event->origin ? event->origin : none);
}

static const char *link_label(const struct wzp_relay *relay, const struct wzp_router_event *event)
{
    if (!event->link) {
        return "-";
    }
    const struct wzp_relay_link *link = event->link;
    return relay->worker == WZP_CREW_FIRST ? link->label : wzp_crossing_label(event->link);
}

/* What peers do to rooms is worth a line, but not thousands. */
static enum wzp_log_level level_of(struct wzp_delivery *delivery, const struct wzp_router_event *event)
{
    if (event->link && delivery->relay->worker == WZP_CREW_FIRST) {
        return wzp_link_level(event->link);
    }
    return wzp_bucket_take(&delivery->lines, delivery->relay->now) ? WZP_LOG_INFO : WZP_LOG_DEBUG;
}

static uint64_t count_refusal(const struct wzp_relay *relay, const struct wzp_router_event *event)
{
    struct wzp_relay_link *link = event->link;
    struct wzp_allowance *allowance =
        relay->worker == WZP_CREW_FIRST ? link->allowance : wzp_crossing_allowance(event->link);
    return wzp_allowance_refused(allowance, event->refusal, relay->now);
}

static void tell_refusal(struct wzp_delivery *delivery, const struct wzp_router_event *event)
{
    struct wzp_relay *relay = delivery->relay;
    const char *peer = link_label(relay, event);
    uint64_t n = count_refusal(relay, event);
    if (n == 0 || level_of(delivery, event) != WZP_LOG_INFO) {
        wzp_debug(relay->log, "a peer's signal was refused", "room=%s peer=%s why=\"%s\"", event->room, peer,
                  wzp_refusal_text(event->refusal));
    } else if (event->refusal == WZP_REFUSAL_NO_ROOM) {
        wzp_info(relay->log,
                 "a peer announces rooms that this relay does not have; to share one, name it in "
                 "[[global_rooms]]",
                 "peer=%s room=%s refused=%llu", peer, event->room, (unsigned long long)n);
    } else if (event->refusal == WZP_REFUSAL_NOT_ALLOWED) {
        wzp_info(relay->log,
                 "a peer announces rooms that `rooms` of its entry leaves out; to share one, add it",
                 "peer=%s room=%s refused=%llu", peer, event->room, (unsigned long long)n);
    } else {
        wzp_warn(
            relay->log,
            "a peer's announcements were refused; what it says over a limit is left out. Ask its operator",
            "peer=%s room=%s refused=%llu why=\"%s\"", peer, event->room, (unsigned long long)n,
            wzp_refusal_text(event->refusal));
    }
}

static void event(void *context, const struct wzp_router_event *event)
{
    struct wzp_delivery *delivery = context;
    const struct wzp_log *log = delivery->relay->log;
    switch (event->kind) {
    case WZP_ROUTER_EVENT_ROOM_OPENED:
        wzp_info(log, "room opened", "room=%s", event->room);
        break;
    case WZP_ROUTER_EVENT_ROOM_CHANGED:
        wzp_debug(log, "room changed", "room=%s members=%zu", event->room, event->n_members);
        break;
    case WZP_ROUTER_EVENT_ROOM_CLOSED:
        wzp_info(log, "room closed", "room=%s", event->room);
        break;
    case WZP_ROUTER_EVENT_ORIGIN_APPEARED:
        wzp_log_write(log, level_of(delivery, event), "a relay has members in a global room",
                      "room=%s origin=%.11s by=%s", event->room, fingerprint_text(event).text,
                      link_label(delivery->relay, event));
        break;
    case WZP_ROUTER_EVENT_ORIGIN_GONE:
        wzp_log_write(log, level_of(delivery, event), "a relay has no members in a global room any more",
                      "room=%s origin=%.11s", event->room, fingerprint_text(event).text);
        break;
    case WZP_ROUTER_EVENT_SIGNAL_REFUSED:
        tell_refusal(delivery, event);
        break;
    }
}

void wzp_delivery_init(struct wzp_delivery *delivery, struct wzp_relay *relay)
{
    *delivery = (struct wzp_delivery){
        .relay = relay,
        .lines =
            wzp_bucket_of(WZP_ALLOWANCE_LINES_PER_S, WZP_ALLOWANCE_LINES_BURST, wzp_loop_now(relay->loop)),
        .out =
            {
                .context = delivery,
                .to_members = to_members,
                .to_link = to_link,
                .media_to_member = media_to_member,
                .media_to_link = media_to_link,
                .member_replaced = member_replaced,
                .event = event,
            },
    };
}
