/* SPDX-License-Identifier: Apache-2.0 */
/* The worker that has a connection: it passes on what comes, and sends what it is told to. */
#include <stdlib.h>
#include <string.h>

#include "relay/delivery.h"
#include "relay/limiter.h"
#include "relay/passage_ends.h"
#include "relay/session.h"

#define WZP_PASSAGE_FIRST_SLOTS 64

/* ---- ids ---- */

static bool grow(struct wzp_passage *passage)
{
    size_t n = passage->n_slots > 0 ? 2 * passage->n_slots : WZP_PASSAGE_FIRST_SLOTS;
    n = wzp_min_size(n, WZP_PASSAGE_HOSTED);
    if (n == passage->n_slots) {
        return false;
    }
    struct wzp_hosted_slot *slots = realloc(passage->slots, n * sizeof *slots);
    if (!slots) {
        return false;
    }
    memset(slots + passage->n_slots, 0, (n - passage->n_slots) * sizeof *slots);
    passage->slots = slots;
    passage->n_slots = n;
    return true;
}

/* Gives the connection an id; false: there are too many. */
static bool take_slot(struct wzp_passage *passage, struct wzp_hosted *hosted)
{
    if (passage->n_hosted == passage->n_slots && !grow(passage)) {
        return false;
    }
    size_t slot = passage->last_slot;
    do {
        slot = (slot + 1) % passage->n_slots;
    } while (passage->slots[slot].hosted);
    passage->last_slot = slot;
    passage->slots[slot].hosted = hosted;
    passage->slots[slot].generation++;
    passage->n_hosted++;
    hosted->id = passage->slots[slot].generation << 16 | (uint32_t)slot;
    return true;
}

static void give_slot(struct wzp_passage *passage, const struct wzp_hosted *hosted)
{
    passage->slots[wzp_passage_slot(hosted->id)].hosted = NULL;
    passage->n_hosted--;
}

struct wzp_hosted *wzp_passage_find_hosted(const struct wzp_passage *passage, uint32_t id)
{
    size_t slot = wzp_passage_slot(id);
    struct wzp_hosted *hosted = slot < passage->n_slots ? passage->slots[slot].hosted : NULL;
    return hosted && hosted->id == id ? hosted : NULL;
}

/* ---- the connection's events ---- */

static void on_message(struct wzp_role *role, const uint8_t *body, size_t size)
{
    struct wzp_hosted *hosted = wzp_container(role, struct wzp_hosted, role);
    const struct wzp_relay *relay = hosted->passage->relay;
    if (!wzp_bucket_take(&hosted->signals, relay->now)) {
        ++*relay->counters.signals_over_rate;
    } else if (wzp_passage_tell(hosted, body, size) != WZP_OK) {
        wzp_conn_close(role->conn, WZP_CLOSE_RELAY_FULL, "the relay is busy: try again");
    }
}

static void on_datagram(struct wzp_role *role, const uint8_t *bytes, size_t size, wzp_us now)
{
    const struct wzp_hosted *hosted = wzp_container(role, struct wzp_hosted, role);
    const struct wzp_passage_record record = {WZP_PASSAGE_DATAGRAM, hosted->id, now};
    void *space = wzp_passage_put(hosted->passage, hosted->home, &record, size);
    if (space) {
        memcpy(space, bytes, size);
    }
}

static void on_measure(struct wzp_role *role, const struct wzp_conn_measure *measure, wzp_us now)
{
    const struct wzp_hosted *hosted = wzp_container(role, struct wzp_hosted, role);
    const struct wzp_passage_record record = {WZP_PASSAGE_MEASURE, hosted->id, now};
    void *space = wzp_passage_put(hosted->passage, hosted->home, &record, sizeof *measure);
    if (space) {
        memcpy(space, measure, sizeof *measure);
    }
}

static void on_closed(struct wzp_role *role, const struct wzp_close_info *info)
{
    struct wzp_hosted *hosted = wzp_container(role, struct wzp_hosted, role);
    hosted->parting->id = hosted->id;
    hosted->parting->info = *info;
    wzp_parting_send(hosted->parting, hosted->passage, hosted->home, wzp_passage_deliver_end);
    give_slot(hosted->passage, hosted);
    free(hosted);
}

static const struct wzp_role_ops hosted_ops = {
    .on_message = on_message,
    .on_datagram = on_datagram,
    .on_measure = on_measure,
    .on_closed = on_closed,
};

/* ---- from its beginning to its end ---- */

static void give_up(struct wzp_hosted *hosted)
{
    if (hosted) {
        free(hosted->parting);
    }
    free(hosted);
}

static struct wzp_hosted *make(struct wzp_passage *passage, struct wzp_conn *conn, const char *room)
{
    struct wzp_hosted *hosted = calloc(1, sizeof *hosted);
    struct wzp_parting *parting = wzp_parting_new();
    if (!hosted || !parting) {
        free(hosted);
        free(parting);
        return NULL;
    }
    *hosted = (struct wzp_hosted){
        .role = {.ops = &hosted_ops, .conn = conn},
        .passage = passage,
        .home = wzp_crew_of_room(passage->relay->crew, room),
        .signals = wzp_session_signals_bucket(passage->relay->now),
        .parting = parting,
    };
    return hosted;
}

void wzp_passage_host(struct wzp_passage *passage, struct wzp_conn *conn, const char *room)
{
    if (wzp_sessions_turn_away(passage->relay, &(struct wzp_line){.conn = conn})) {
        return;
    }
    struct wzp_hosted *hosted = make(passage, conn, room);
    if (!hosted || !take_slot(passage, hosted)) {
        give_up(hosted);
        wzp_conn_close(conn, WZP_CLOSE_RELAY_FULL, "the relay is full");
        return;
    }
    if (wzp_passage_announce(hosted, room) != WZP_OK) {
        give_slot(passage, hosted);
        give_up(hosted);
        wzp_conn_close(conn, WZP_CLOSE_RELAY_FULL, "the relay is busy: try again");
        return;
    }
    wzp_conn_set_user(conn, &hosted->role);
    wzp_conn_measure_every(conn, WZP_LIMITER_EVERY);
}

size_t wzp_passage_n_hosted(const struct wzp_passage *passage)
{
    return passage->n_hosted;
}

void wzp_passage_close_all(struct wzp_passage *passage, enum wzp_close_code code, const char *reason)
{
    for (size_t i = 0; i < passage->n_slots; i++) {
        if (passage->slots[i].hosted) {
            wzp_conn_close(passage->slots[i].hosted->role.conn, code, reason);
        }
    }
}

void wzp_passage_deliver_dismissal(struct wzp_letter *letter, void *context)
{
    (void)context;
    struct wzp_parting *dismissal = wzp_container(letter, struct wzp_parting, letter);
    const struct wzp_hosted *hosted = wzp_passage_find_hosted(dismissal->to, dismissal->id);
    if (hosted) {
        wzp_conn_close(hosted->role.conn, dismissal->info.code, dismissal->info.reason);
    }
    wzp_parting_discard(letter);
}
