/* SPDX-License-Identifier: Apache-2.0 */
/* The room's worker: its guests, from what their hosts tell of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/room_name.h"
#include "relay/delivery.h"
#include "relay/line.h"
#include "relay/passage_ends.h"
#include "relay/session.h"

#define WZP_PASSAGE_FIRST_GUESTS 64

struct wzp_guest *wzp_passage_find_guest(const struct wzp_passage *passage, unsigned worker, uint32_t id)
{
    const struct wzp_passage_pair *pair = passage->pairs[worker];
    size_t slot = wzp_passage_slot(id);
    struct wzp_guest *guest = slot < pair->n_slots ? pair->guests[slot] : NULL;
    return guest && guest->id == id ? guest : NULL;
}

/* ---- what the host tells ---- */

/* A new connection. */
struct arrival {
    struct wzp_letter letter;
    struct wzp_passage *to;
    unsigned from;
    uint32_t id;
    bool has_fingerprint;
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    struct wzp_addr addr;
    char room[WZP_ROOM_NAME_BYTES];
};

static void discard_arrival(struct wzp_letter *letter)
{
    free(wzp_container(letter, struct arrival, letter));
}

static bool make_space(struct wzp_passage_pair *pair, size_t slot)
{
    size_t n = pair->n_slots > 0 ? pair->n_slots : WZP_PASSAGE_FIRST_GUESTS;
    while (n <= slot) {
        n *= 2;
    }
    if (n == pair->n_slots) {
        return true;
    }
    struct wzp_guest **guests = realloc(pair->guests, n * sizeof *guests);
    if (guests) {
        memset(guests + pair->n_slots, 0, (n - pair->n_slots) * sizeof *guests);
        pair->guests = guests;
        pair->n_slots = n;
    }
    return guests != NULL;
}

static struct wzp_guest *make_guest(const struct arrival *arrival)
{
    struct wzp_guest *guest = calloc(1, sizeof *guest);
    struct wzp_parting *dismissal = wzp_parting_new();
    struct wzp_passage_pair *pair = arrival->to->pairs[arrival->from];
    if (!guest || !dismissal || !make_space(pair, wzp_passage_slot(arrival->id))) {
        free(guest);
        free(dismissal);
        return NULL;
    }
    *guest = (struct wzp_guest){
        .passage = arrival->to,
        .worker = arrival->from,
        .id = arrival->id,
        .has_fingerprint = arrival->has_fingerprint,
        .addr = arrival->addr,
        .dismissal = dismissal,
    };
    memcpy(guest->fingerprint, arrival->fingerprint, sizeof guest->fingerprint);
    dismissal->id = arrival->id;
    pair->guests[wzp_passage_slot(guest->id)] = guest;
    return guest;
}

/* Without memory for a guest the connection hears nothing, and ends at its client's patience. */
static void deliver_arrival(struct wzp_letter *letter, void *context)
{
    (void)context;
    const struct arrival *arrival = wzp_container(letter, struct arrival, letter);
    struct wzp_relay *relay = arrival->to->relay;
    relay->now = wzp_loop_now(relay->loop);
    struct wzp_guest *guest = make_guest(arrival);
    if (guest) {
        wzp_sessions_accept(arrival->to->sessions, &(struct wzp_line){.guest = guest}, arrival->room);
    } else {
        wzp_error(relay->log, "no memory for a client on another worker", "worker=%u", arrival->from);
    }
    discard_arrival(letter);
}

enum wzp_err wzp_passage_announce(const struct wzp_hosted *hosted, const char *room)
{
    const struct wzp_passage *passage = hosted->passage;
    struct arrival *arrival = calloc(1, sizeof *arrival);
    if (!arrival) {
        return WZP_ENOMEM;
    }
    arrival->letter = (struct wzp_letter){.deliver = deliver_arrival, .discard = discard_arrival};
    arrival->to = passage->pairs[hosted->home]->far;
    arrival->from = passage->relay->worker;
    arrival->id = hosted->id;
    arrival->addr = *wzp_conn_peer_addr(hosted->role.conn);
    const uint8_t *fingerprint = wzp_conn_peer_fingerprint(hosted->role.conn);
    arrival->has_fingerprint = fingerprint != NULL;
    if (fingerprint) {
        memcpy(arrival->fingerprint, fingerprint, sizeof arrival->fingerprint);
    }
    snprintf(arrival->room, sizeof arrival->room, "%s", room);
    return wzp_passage_post(passage, hosted->home, &arrival->letter);
}

/* A message of a client. */
struct message {
    struct wzp_letter letter;
    struct wzp_passage *to;
    unsigned from;
    uint32_t id;
    size_t size;
    uint8_t body[];
};

static void discard_message(struct wzp_letter *letter)
{
    free(wzp_container(letter, struct message, letter));
}

static void deliver_message(struct wzp_letter *letter, void *context)
{
    (void)context;
    const struct message *message = wzp_container(letter, struct message, letter);
    struct wzp_relay *relay = message->to->relay;
    const struct wzp_guest *guest = wzp_passage_find_guest(message->to, message->from, message->id);
    relay->now = wzp_loop_now(relay->loop);
    if (guest && guest->role) {
        guest->role->ops->on_message(guest->role, message->body, message->size);
    }
    discard_message(letter);
}

enum wzp_err wzp_passage_tell(const struct wzp_hosted *hosted, const uint8_t *body, size_t size)
{
    const struct wzp_passage *passage = hosted->passage;
    struct message *message = malloc(sizeof *message + size);
    if (!message) {
        return WZP_ENOMEM;
    }
    *message = (struct message){
        .letter = {.deliver = deliver_message, .discard = discard_message},
        .to = passage->pairs[hosted->home]->far,
        .from = passage->relay->worker,
        .id = hosted->id,
        .size = size,
    };
    if (size > 0) {
        memcpy(message->body, body, size);
    }
    return wzp_passage_post(passage, hosted->home, &message->letter);
}

static void end_guest(struct wzp_guest *guest, const struct wzp_close_info *info)
{
    if (guest->role) {
        guest->role->ops->on_closed(guest->role, info);
    }
    free(guest->dismissal);
    free(guest);
}

void wzp_passage_deliver_end(struct wzp_letter *letter, void *context)
{
    (void)context;
    struct wzp_parting *parting = wzp_container(letter, struct wzp_parting, letter);
    struct wzp_passage *passage = parting->to;
    struct wzp_guest *guest = wzp_passage_find_guest(passage, parting->from, parting->id);
    passage->relay->now = wzp_loop_now(passage->relay->loop);
    if (guest) {
        passage->pairs[parting->from]->guests[wzp_passage_slot(guest->id)] = NULL;
        end_guest(guest, &parting->info);
    }
    wzp_parting_discard(letter);
}

void wzp_passage_free_guests(struct wzp_passage_pair *pair)
{
    static const struct wzp_close_info info = {.origin = WZP_CLOSED_BY_US, .was_open = true};
    for (size_t i = 0; i < pair->n_slots; i++) {
        if (pair->guests[i]) {
            end_guest(pair->guests[i], &info);
        }
    }
    free(pair->guests);
}

/* ---- guests as lines ---- */

void wzp_guest_set_role(struct wzp_guest *guest, struct wzp_role *role)
{
    guest->role = role;
}

unsigned wzp_guest_worker(const struct wzp_guest *guest)
{
    return guest->worker;
}

const struct wzp_addr *wzp_guest_addr(const struct wzp_guest *guest)
{
    return &guest->addr;
}

const uint8_t *wzp_guest_fingerprint(const struct wzp_guest *guest)
{
    return guest->has_fingerprint ? guest->fingerprint : NULL;
}

void wzp_guest_dismiss(struct wzp_guest *guest, enum wzp_close_code code, const char *reason)
{
    struct wzp_parting *dismissal = wzp_take(guest->dismissal);
    if (dismissal) {
        dismissal->info.code = code;
        snprintf(dismissal->info.reason, sizeof dismissal->info.reason, "%s", reason);
        wzp_parting_send(dismissal, guest->passage, guest->worker, wzp_passage_deliver_dismissal);
    }
}
