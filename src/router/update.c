/* SPDX-License-Identifier: Apache-2.0 */
#include "router/update.h"

#include <stdlib.h>

#include "router/origin.h"
#include "router/room.h"

#define WZP_UPDATE_KEY 1 /* a member is in one room: its updates replace one another */

enum wzp_err wzp_update_reserve(struct wzp_router *router, size_t n)
{
    if (n <= router->items_size) {
        return WZP_OK;
    }
    size_t size = wzp_max_size(n, router->items_size * 2);
    struct wzp_signal_participant *items = realloc(router->items, size * sizeof *items);
    if (!items) {
        return WZP_ENOMEM;
    }
    router->items = items;
    router->items_size = size;
    return WZP_OK;
}

static enum wzp_err reserve_users(struct wzp_router *router, size_t n)
{
    if (n <= router->users_size) {
        return WZP_OK;
    }
    size_t size = wzp_max_size(n, router->users_size * 2);
    void **users = realloc(router->users, size * sizeof *users);
    if (!users) {
        return WZP_ENOMEM;
    }
    router->users = users;
    router->users_size = size;
    return WZP_OK;
}

struct wzp_signal_participant wzp_update_member(const struct wzp_member *member, const char *label,
                                                const char *relay_fp)
{
    return (struct wzp_signal_participant){
        .fingerprint = member->fingerprint,
        .alias = member->alias[0] ? member->alias : NULL,
        .relay_label = label,
        .stream = member->stream,
        .relay_fp = relay_fp,
        .v = member->version,
        .caps = member->caps,
        .muted = member->is_muted,
    };
}

struct wzp_signal_participant wzp_update_person(const struct wzp_origin *origin,
                                                const struct wzp_person *person, uint16_t number)
{
    return (struct wzp_signal_participant){
        .fingerprint = person->fingerprint,
        .alias = person->alias[0] ? person->alias : NULL,
        .relay_label = person->relay_label,
        .stream = number,
        .relay_fp = origin->text,
        .v = person->version,
        .caps = person->caps,
        .muted = person->is_muted,
    };
}

static void add_members(struct wzp_room *room, bool is_for_relay, size_t *n)
{
    struct wzp_router *router = room->router;
    const char *label = is_for_relay ? router->label : "";
    const char *relay_fp = is_for_relay ? router->text : NULL;
    wzp_list_each(node, &room->members)
    {
        const struct wzp_member *member = wzp_container(node, struct wzp_member, node);
        if (*n < WZP_SIGNAL_MAX_PARTICIPANTS) {
            router->items[(*n)++] = wzp_update_member(member, label, relay_fp);
        }
    }
}

static void add_people(struct wzp_room *room, const struct wzp_origin *origin, size_t *n)
{
    for (size_t i = 0; i < origin->n_people && *n < WZP_SIGNAL_MAX_PARTICIPANTS; i++) {
        const struct wzp_person *person = &origin->people[i];
        uint16_t number = person->stream ? person->stream->local : 0;
        room->router->items[(*n)++] = wzp_update_person(origin, person, number);
    }
}

enum wzp_err wzp_update_merge(struct wzp_room *room, const struct wzp_link *except,
                              struct wzp_signal_participants *out_list)
{
    struct wzp_router *router = room->router;
    enum wzp_err err = wzp_update_reserve(router, WZP_SIGNAL_MAX_PARTICIPANTS);
    if (err != WZP_OK) {
        return err;
    }
    size_t n = 0;
    add_members(room, except != NULL, &n);
    wzp_list_each(node, &room->origins)
    {
        const struct wzp_origin *origin = wzp_container(node, struct wzp_origin, node);
        if (!except || wzp_origin_may_show_to(origin, except)) {
            add_people(room, origin, &n);
        }
    }
    *out_list = (struct wzp_signal_participants){.items = router->items, .n = n};
    return WZP_OK;
}

/* The members that are to get the list now. */
static size_t collect(struct wzp_room *room, bool only_new)
{
    size_t n = 0;
    wzp_list_each(node, &room->members)
    {
        struct wzp_member *member = wzp_container(node, struct wzp_member, node);
        if (member->rev == 0 || (!only_new && member->rev < room->rev)) {
            member->rev = room->rev;
            room->router->users[n++] = member->user;
        }
    }
    return n;
}

static void send(struct wzp_room *room, size_t n_users)
{
    struct wzp_router *router = room->router;
    struct wzp_signal signal = {
        .kind = WZP_SIGNAL_ROOM_UPDATE,
        .room_update = {.room = room->name, .rev = room->rev},
    };
    if (wzp_update_merge(room, NULL, &signal.room_update.participants) != WZP_OK) {
        return; /* no memory: the next change tries again */
    }
    router->stats.updates += n_users;
    router->out->to_members(router->out->context, router->users, n_users, &signal, WZP_UPDATE_KEY);
}

wzp_us wzp_update_gap(const struct wzp_room *room)
{
    size_t n_entries = wzp_min_size(room->n_members + room->n_remote, WZP_SIGNAL_MAX_PARTICIPANTS);
    wzp_us gap =
        WZP_UPDATE_GAP * (wzp_us)(room->n_members * n_entries) / (WZP_UPDATE_CROWD * WZP_UPDATE_CROWD);
    return wzp_us_min(wzp_us_max(gap, WZP_UPDATE_GAP), WZP_UPDATE_GAP_MAX);
}

/* Sends the list where it is time; returns when to look again, or WZP_NEVER. */
static wzp_us tick(struct wzp_room *room, wzp_us now)
{
    wzp_us next = room->updated_at + wzp_update_gap(room);
    bool only_new = now < next;
    wzp_us welcome = room->n_members > WZP_UPDATE_CROWD ? room->welcomed_at + WZP_UPDATE_GAP : now;
    if (only_new && now < welcome) {
        return wzp_us_min(welcome, next);
    }
    size_t n = collect(room, only_new);
    if (n > 0) {
        send(room, n);
        room->welcomed_at = now;
    }
    if (!only_new && n > 0) {
        room->updated_at = now;
    }
    return only_new ? next : WZP_NEVER;
}

void wzp_update_tick(struct wzp_room *room, wzp_us now)
{
    if (reserve_users(room->router, room->n_members) == WZP_OK) {
        wzp_room_set_due(room, WZP_DUE_UPDATE, tick(room, now));
    }
}
