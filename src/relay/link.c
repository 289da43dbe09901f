/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/link.h"

#include <stdlib.h>
#include <string.h>

#include "proto/fedtag.h"
#include "proto/signal.h"
#include "relay/allowance.h"
#include "relay/crew.h"
#include "relay/crossing.h"
#include "relay/delivery.h"
#include "relay/links.h"
#include "relay/links_set.h"
#include "relay/outbox.h"
#include "relay/trust.h"
#include "wzp_version_gen.h"

/* How long an acceptor waits for the hello: as G1 does. A dialler waits less: G1 never answers. */
#define WZP_LINK_HELLO_WAIT  (5 * WZP_SECOND)
#define WZP_LINK_ANSWER_WAIT (1 * WZP_SECOND)
/* docs/federation.md, "Links" */
#define WZP_LINK_KEEP_ALIVE    (1 * WZP_SECOND)
#define WZP_LINK_LOST_AFTER    (3 * WZP_SECOND)
#define WZP_LINK_MESSAGE_BYTES ((size_t)1 << 20)
/* A link that stood so long did not cross with a new one. */
#define WZP_LINK_UP_COUNTS_AS (5 * WZP_SECOND)

static void enter(struct wzp_relay_link *link, enum wzp_link_state state)
{
    static const char *const names[] = {"opening", "greeting", "up", "ended"};
    wzp_debug(link->links->relay->log, "federation link goes on to another state", "peer=%s old=%s new=%s",
              link->label, names[link->state], names[state]);
    link->state = state;
}

static void send_hello(struct wzp_relay_link *link)
{
    struct wzp_relay *relay = link->links->relay;
    const struct wzp_signal hello = {
        .kind = WZP_SIGNAL_FEDERATION_HELLO,
        .federation_hello =
            {
                .tls_fingerprint = relay->cert->fingerprint_text,
                .v = WZP_SIGNAL_VERSION,
                .label = relay->config->label,
                .build = WZP_VERSION "-" WZP_BUILD,
            },
    };
    wzp_delivery_send(relay, link->role.conn, &hello, 0);
}

static struct wzp_link_info info_of(struct wzp_relay_link *link)
{
    struct wzp_link_info info = {
        .label = link->label,
        .generation = link->generation,
        .policy =
            {
                .rooms = (const char *const *)link->entry->rooms.items,
                .n_rooms = link->entry->rooms.n,
                .is_leaf = !link->entry->transit,
                .max_pps = link->entry->max_pps,
                .max_participants = link->entry->max_participants,
            },
        .rtt_class = wzp_links_rtt_class(link->role.conn),
        .user = link,
    };
    memcpy(info.fingerprint, link->fingerprint, sizeof info.fingerprint);
    return info;
}

static void come_up(struct wzp_relay_link *link, enum wzp_generation generation)
{
    struct wzp_relay *relay = link->links->relay;
    link->generation = generation;
    const struct wzp_link_info info = info_of(link);
    relay->lane_in_turn = link->lane;
    enum wzp_err err = wzp_router_link_up(relay->router, &info, relay->now, &link->handle);
    if (err == WZP_OK) {
        err = wzp_crossing_link_up(relay->crossing, link, &info);
    }
    relay->lane_in_turn = 0;
    if (err != WZP_OK) {
        wzp_warn(relay->log, "federation link not taken", "peer=%s error=\"%s\"", link->label,
                 wzp_err_text(err));
        wzp_link_end(link, err == WZP_EEXIST ? WZP_CLOSE_DUPLICATE_LINK : WZP_CLOSE_RELAY_FULL,
                     err == WZP_EEXIST ? "duplicate link" : "too many links");
        return;
    }
    enter(link, WZP_LINK_UP);
    link->up_at = relay->now;
    wzp_links_went_up(link->links, link);
    wzp_log_write(relay->log, wzp_link_level(link), "federation link up",
                  "peer=%s fp=%.11s generation=%d dialled=%s verified=%s", link->label,
                  wzp_links_fingerprint_text(link->fingerprint).text, (int)generation,
                  link->peer ? "by-us" : "by-them", link->is_verified ? "yes" : "NO");
}

/*
 * Two relays that name each other dial each other. They keep the connection that the relay with the smaller
 * fingerprint dialled, whichever came first. A link that has stood for a while did not cross with this one:
 * the other side has lost it, or it would not dial, so the new one takes its place.
 */
static bool is_to_be_kept(const struct wzp_relay_link *link, const struct wzp_relay_link *other)
{
    const struct wzp_relay *relay = link->links->relay;
    if (other->state == WZP_LINK_UP && relay->now - other->up_at > WZP_LINK_UP_COUNTS_AS) {
        return true;
    }
    bool both_ways = !link->peer != !other->peer;
    if (!both_ways) {
        return true;
    }
    bool we_are_smaller = memcmp(relay->cert->fingerprint, link->fingerprint, WZP_FINGERPRINT_BYTES) < 0;
    return link->peer ? we_are_smaller : !we_are_smaller;
}

/* False where the link is the one too many; then it has been ended. */
static bool settle_duplicates(struct wzp_relay_link *link)
{
    struct wzp_relay_link *other = wzp_links_find(link->links, link->fingerprint, link);
    if (!other) {
        return true;
    }
    bool is_kept = is_to_be_kept(link, other);
    wzp_link_end(is_kept ? other : link, WZP_CLOSE_DUPLICATE_LINK, "duplicate link");
    return is_kept;
}

static void take_accepted_hello(struct wzp_relay_link *link, const struct wzp_signal_federation_hello *hello)
{
    struct wzp_relay *relay = link->links->relay;
    uint8_t claimed[WZP_FINGERPRINT_BYTES];
    if (!hello->tls_fingerprint || wzp_fingerprint_read(hello->tls_fingerprint, claimed) != WZP_OK) {
        wzp_link_end(link, WZP_CLOSE_PROTOCOL_ERROR, "the hello has no readable fingerprint");
        return;
    }
    const struct wzp_trust_question question = {
        .shown = wzp_conn_peer_fingerprint(link->role.conn),
        .claimed = claimed,
        .from = wzp_conn_peer_addr(link->role.conn),
        .own = relay->cert->fingerprint,
    };
    struct wzp_trust_answer answer = wzp_trust_decide(relay->config, &question);
    if (answer.trust != WZP_TRUST_VERIFIED && answer.trust != WZP_TRUST_UNVERIFIED) {
        wzp_link_refuse(link, &answer);
        return;
    }
    link->entry = answer.entry;
    link->is_verified = answer.trust == WZP_TRUST_VERIFIED;
    memcpy(link->fingerprint, answer.fingerprint, sizeof link->fingerprint);
    wzp_links_name(link);
    if (wzp_link_is_banned(link) || !settle_duplicates(link)) {
        return;
    }
    wzp_conn_allow_messages(link->role.conn, WZP_LINK_MESSAGE_BYTES);
    bool is_second = hello->v >= WZP_SIGNAL_VERSION;
    if (is_second) {
        send_hello(link);
    }
    come_up(link, is_second ? WZP_GENERATION_2 : WZP_GENERATION_1);
}

/* A dialled relay's generation shows in its hello; announcements may overtake that, and show it as well. */
static bool tells_generation(const struct wzp_signal *signal, enum wzp_generation *out_generation)
{
    bool is_second = false;
    switch ((int)signal->kind) {
    case WZP_SIGNAL_FEDERATION_HELLO:
        is_second = signal->federation_hello.v >= WZP_SIGNAL_VERSION;
        break;
    case WZP_SIGNAL_GLOBAL_ROOM_ACTIVE:
    case WZP_SIGNAL_GLOBAL_ROOM_INACTIVE:
        is_second = signal->global_room.n != 0;
        break;
    case WZP_SIGNAL_PRUNE:
    case WZP_SIGNAL_GRAFT:
        is_second = true;
        break;
    default:
        return false;
    }
    *out_generation = is_second ? WZP_GENERATION_2 : WZP_GENERATION_1;
    return true;
}

static void take_greeting(struct wzp_relay_link *link, const struct wzp_signal *signal)
{
    enum wzp_generation generation;
    if (link->peer) {
        if (tells_generation(signal, &generation) && settle_duplicates(link)) {
            come_up(link, generation);
        }
    } else if (signal->kind == WZP_SIGNAL_FEDERATION_HELLO) {
        take_accepted_hello(link, &signal->federation_hello);
    } else {
        wzp_link_end(link, WZP_CLOSE_PROTOCOL_ERROR, "a hello was expected");
    }
}

/* A signal of a link that stands: to the router that has the room, here or on another worker. */
static void hand_on(struct wzp_relay_link *link, const struct wzp_signal *signal, const uint8_t *body,
                    size_t size)
{
    struct wzp_relay *relay = link->links->relay;
    unsigned worker = wzp_crew_of_signal(relay->crew, signal);
    ++*link->counters.signals_in;
    wzp_link_inbox_empty(link->links);
    if (worker == relay->worker) {
        relay->lane_in_turn = link->lane;
        wzp_router_link_signal(relay->router, link->handle, signal, relay->now);
        relay->lane_in_turn = 0;
    } else if (!wzp_crossing_signal(relay->crossing, link, worker, body, size)) {
        wzp_link_end(link, WZP_CLOSE_RELAY_FULL, "too many signals at once");
    }
}

static void take_signal(struct wzp_relay_link *link, const struct wzp_signal *signal, const uint8_t *body,
                        size_t size)
{
    if (link->state == WZP_LINK_GREETING) {
        take_greeting(link, signal);
    }
    if (link->state == WZP_LINK_UP && signal->kind != WZP_SIGNAL_FEDERATION_HELLO) {
        hand_on(link, signal, body, size);
    }
}

static void on_message(struct wzp_role *role, const uint8_t *body, size_t size)
{
    struct wzp_relay_link *link = wzp_container(role, struct wzp_relay_link, role);
    struct wzp_relay *relay = link->links->relay;
    if (link->state == WZP_LINK_ENDED) {
        return;
    }
    if (link->allowance && !wzp_bucket_take(&link->allowance->in, relay->now)) {
        wzp_link_ban(link);
        return;
    }
    struct wzp_signal signal;
    enum wzp_err err = wzp_signal_read(body, size, &signal);
    if (err == WZP_ENOTFOUND) {
        return;
    }
    if (err != WZP_OK && link->state == WZP_LINK_GREETING && !link->peer) {
        wzp_link_end(link, WZP_CLOSE_PROTOCOL_ERROR, "the hello does not read");
        return;
    }
    if (err != WZP_OK) {
        wzp_link_complain(link, err);
        return;
    }
    take_signal(link, &signal, body, size);
    wzp_signal_deinit(&signal);
}

static void on_datagram(struct wzp_role *role, const uint8_t *bytes, size_t size, wzp_us now)
{
    (void)now;
    struct wzp_relay_link *link = wzp_container(role, struct wzp_relay_link, role);
    struct wzp_relay *relay = link->links->relay;
    if (link->state != WZP_LINK_UP) {
        return;
    }
    unsigned worker = size < WZP_FEDTAG_ROOM_BYTES ? WZP_CREW_FIRST : wzp_crew_of_tag(relay->crew, bytes);
    if (worker != relay->worker) {
        wzp_crossing_datagram(relay->crossing, link, worker, bytes, size);
        return;
    }
    wzp_link_inbox_add(link, bytes, size);
}

static void free_link(struct wzp_relay_link *link)
{
    wzp_list_remove(&link->node);
    wzp_outbox_free(link->outbox);
    free(link);
}

static void leave_router(struct wzp_relay_link *link)
{
    if (link->handle) {
        struct wzp_relay *relay = link->links->relay;
        wzp_link_inbox_empty(link->links);
        wzp_links_collect_one(link);
        relay->lane_in_turn = link->lane;
        wzp_crossing_link_down(relay->crossing, link);
        wzp_router_link_down(relay->router, link->handle, relay->now);
        relay->lane_in_turn = 0;
        link->handle = NULL;
    }
}

static void on_closed(struct wzp_role *role, const struct wzp_close_info *info)
{
    struct wzp_relay_link *link = wzp_container(role, struct wzp_relay_link, role);
    wzp_links_lost(link, info);
    leave_router(link);
    free_link(link);
}

static const struct wzp_role_ops link_ops = {
    .on_message = on_message,
    .on_datagram = on_datagram,
    .on_closed = on_closed,
};

static struct wzp_relay_link *new_link(struct wzp_links *links)
{
    struct wzp_relay_link *link = calloc(1, sizeof *link);
    if (link) {
        link->role.ops = &link_ops;
        link->links = links;
        link->deadline = WZP_NEVER;
        link->complained_at = links->relay->now - WZP_SECOND;
        link->lane = 1 + links->n_made++ % (WZP_OUTBOX_LANES - 1);
        snprintf(link->label, sizeof link->label, "-");
        wzp_list_push_back(&links->all, &link->node);
    }
    return link;
}

enum wzp_err wzp_link_accept(struct wzp_links *links, struct wzp_conn *conn)
{
    struct wzp_relay_link *link = new_link(links);
    if (!link) {
        return WZP_ENOMEM;
    }
    link->role.conn = conn;
    link->deadline = links->relay->now + WZP_LINK_HELLO_WAIT;
    enter(link, WZP_LINK_GREETING);
    wzp_conn_set_user(conn, &link->role);
    wzp_conn_set_liveness(conn, WZP_LINK_KEEP_ALIVE, WZP_LINK_LOST_AFTER);
    return WZP_OK;
}

enum wzp_err wzp_link_dial(struct wzp_links *links, struct wzp_peer *peer, const struct wzp_addr *addr,
                           struct wzp_relay_link **out_link)
{
    struct wzp_relay_link *link = new_link(links);
    if (!link) {
        return WZP_ENOMEM;
    }
    link->peer = peer;
    link->entry = wzp_links_entry(peer);
    link->is_verified = true; /* the pin sees to it */
    memcpy(link->fingerprint, link->entry->fingerprint, sizeof link->fingerprint);
    wzp_links_name(link);
    const struct wzp_dial dial = {
        .addr = *addr,
        .server_name = WZP_LINK_SERVER_NAME,
        .pin = link->entry->fingerprint,
        .user = &link->role,
    };
    enum wzp_err err = wzp_endpoint_dial(links->relay->endpoint, &dial, &link->role.conn);
    if (err != WZP_OK) {
        free_link(link);
        return err;
    }
    *out_link = link;
    return WZP_OK;
}

void wzp_link_opened(struct wzp_relay_link *link)
{
    struct wzp_links *links = link->links;
    if (link->state != WZP_LINK_OPENING) {
        return;
    }
    wzp_conn_set_liveness(link->role.conn, WZP_LINK_KEEP_ALIVE, WZP_LINK_LOST_AFTER);
    wzp_conn_allow_messages(link->role.conn, WZP_LINK_MESSAGE_BYTES);
    link->deadline = links->relay->now + WZP_LINK_ANSWER_WAIT;
    enter(link, WZP_LINK_GREETING);
    send_hello(link);
}

void wzp_link_greeting_over(struct wzp_relay_link *link)
{
    if (!link->peer) {
        wzp_link_end(link, WZP_CLOSE_TIMEOUT, "no hello came in time");
        return;
    }
    if (settle_duplicates(link)) {
        come_up(link, WZP_GENERATION_1);
    }
}

void wzp_link_end(struct wzp_relay_link *link, enum wzp_close_code code, const char *reason)
{
    if (link->state == WZP_LINK_ENDED) {
        return;
    }
    leave_router(link);
    enter(link, WZP_LINK_ENDED);
    wzp_conn_close(link->role.conn, code, reason);
}
