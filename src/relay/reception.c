/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/reception.h"

#include <stdlib.h>

#include "base/list.h"
#include "proto/room_name.h"
#include "relay/crew.h"
#include "relay/passage.h"
#include "relay/probes.h"
#include "relay/role.h"
#include "wzp_version_gen.h"

#define WZP_VISITOR_PATIENCE WZP_SECOND    /* a visitor that does not acknowledge is closed all the same */
#define WZP_VISITOR_LOOK     (20 * WZP_MS) /* how often we look whether it has */

/* A connection that is closed as soon as what was sent to it has arrived. */
struct visitor {
    struct wzp_role role;
    struct wzp_list node;
    wzp_us leaves_at;
};

struct wzp_reception {
    struct wzp_relay *relay;
    struct wzp_sessions *sessions;
    struct wzp_links *links;
    struct wzp_list visitors; /* in the order of leaves_at */
    wzp_us look_at;
};

enum wzp_err wzp_reception_new(struct wzp_relay *relay, struct wzp_sessions *sessions,
                               struct wzp_links *links, struct wzp_reception **out_reception)
{
    struct wzp_reception *reception = calloc(1, sizeof *reception);
    if (!reception) {
        return WZP_ENOMEM;
    }
    reception->relay = relay;
    reception->sessions = sessions;
    reception->links = links;
    reception->look_at = WZP_NEVER;
    wzp_list_init(&reception->visitors);
    *out_reception = reception;
    return WZP_OK;
}

void wzp_reception_free(struct wzp_reception *reception)
{
    free(reception);
}

static void ignore_message(struct wzp_role *role, const uint8_t *body, size_t size)
{
    (void)role;
    (void)body;
    (void)size;
}

static void ignore_datagram(struct wzp_role *role, const uint8_t *bytes, size_t size, wzp_us now)
{
    (void)role;
    (void)bytes;
    (void)size;
    (void)now;
}

static void visitor_closed(struct wzp_role *role, const struct wzp_close_info *info)
{
    (void)info;
    struct visitor *visitor = wzp_container(role, struct visitor, role);
    wzp_list_remove(&visitor->node);
    free(visitor);
}

static const struct wzp_role_ops visitor_ops = {
    .on_message = ignore_message,
    .on_datagram = ignore_datagram,
    .on_closed = visitor_closed,
};

/* Sends the build's name on a unidirectional stream; the visitor leaves once it has it. */
static void tell_version(struct wzp_reception *reception, struct wzp_conn *conn)
{
    static const char build[] = WZP_VERSION "-" WZP_BUILD;
    struct visitor *visitor = calloc(1, sizeof *visitor);
    if (!visitor || wzp_conn_send_uni(conn, build, sizeof build - 1) != WZP_OK) {
        free(visitor);
        wzp_conn_close(conn, WZP_CLOSE_NORMAL, "");
        return;
    }
    visitor->role = (struct wzp_role){.ops = &visitor_ops, .conn = conn};
    visitor->leaves_at = reception->relay->now + WZP_VISITOR_PATIENCE;
    wzp_list_push_back(&reception->visitors, &visitor->node);
    reception->look_at = wzp_us_min(reception->look_at, reception->relay->now + WZP_VISITOR_LOOK);
    wzp_conn_set_user(conn, &visitor->role);
}

static void refuse(struct wzp_reception *reception, struct wzp_conn *conn, enum wzp_close_code code,
                   const char *reason)
{
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_conn_peer_addr(conn), address);
    ++*reception->relay->counters.refused_name;
    wzp_debug(reception->relay->log, reason, "addr=%s name=%s", address, wzp_conn_server_name(conn));
    wzp_conn_close(conn, code, reason);
}

static bool is_ours(const struct wzp_relay *relay, const struct wzp_conn *conn)
{
    return wzp_crew_of_server_name(relay->crew, wzp_conn_server_name(conn)) == relay->worker;
}

/* Links and rooms are on one worker each. Whoever came to another, since the name could not be read in time,
 * is sent away. */
static void send_away(const struct wzp_relay *relay, struct wzp_conn *conn)
{
    ++*relay->counters.refused_misplaced;
    wzp_conn_close(conn, WZP_CLOSE_RELAY_FULL, "the relay is busy: try again");
}

static void welcome(struct wzp_reception *reception, struct wzp_conn *conn, const char *room)
{
    if (is_ours(reception->relay, conn)) {
        wzp_sessions_accept(reception->sessions, &(struct wzp_line){.conn = conn}, room);
    } else if (reception->relay->passage) {
        wzp_passage_host(reception->relay->passage, conn, room);
    } else {
        send_away(reception->relay, conn);
    }
}

void wzp_reception_open(struct wzp_reception *reception, struct wzp_conn *conn)
{
    if (!wzp_conn_is_server(conn)) {
        wzp_ignore(wzp_links_opened(reception->links, conn) ||
                   wzp_probes_opened(reception->relay->probes, conn));
        return;
    }
    char room[WZP_ROOM_NAME_BYTES];
    enum wzp_room_name_kind kind = wzp_room_name_of_sni(wzp_conn_server_name(conn), room);
    bool is_room = kind == WZP_ROOM_NAME_RAW || kind == WZP_ROOM_NAME_HASH;
    if (!is_room && !is_ours(reception->relay, conn)) {
        send_away(reception->relay, conn);
        return;
    }
    switch (kind) {
    case WZP_ROOM_NAME_RAW:
    case WZP_ROOM_NAME_HASH:
        welcome(reception, conn, room);
        return;
    case WZP_ROOM_NAME_PING:
        wzp_conn_close(conn, WZP_CLOSE_NORMAL, "");
        return;
    case WZP_ROOM_NAME_VERSION:
        tell_version(reception, conn);
        return;
    case WZP_ROOM_NAME_FEDERATION:
        wzp_links_accept(reception->links, conn);
        return;
    case WZP_ROOM_NAME_PROBE:
        wzp_probes_accept(reception->relay->probes, conn);
        return;
    case WZP_ROOM_NAME_SIGNAL:
        refuse(reception, conn, WZP_CLOSE_PROTOCOL_ERROR, "this relay does not offer that service");
        return;
    case WZP_ROOM_NAME_REFUSED:
        refuse(reception, conn, WZP_CLOSE_PROTOCOL_ERROR,
               "not a room's name: it must not start with an underscore");
        return;
    }
}

wzp_us wzp_reception_deadline(const struct wzp_reception *reception)
{
    return reception->look_at;
}

void wzp_reception_tick(struct wzp_reception *reception, wzp_us now)
{
    if (now < reception->look_at) {
        return;
    }
    wzp_list_each(node, &reception->visitors)
    {
        struct visitor *visitor = wzp_container(node, struct visitor, node);
        if (wzp_conn_is_drained(visitor->role.conn) || now >= visitor->leaves_at) {
            wzp_conn_close(visitor->role.conn, WZP_CLOSE_NORMAL, "");
            wzp_list_remove(node); /* on_closed frees it */
        }
    }
    reception->look_at = wzp_list_is_empty(&reception->visitors) ? WZP_NEVER : now + WZP_VISITOR_LOOK;
}
