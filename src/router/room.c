/* SPDX-License-Identifier: Apache-2.0 */
#include "router/room.h"

#include <assert.h>
#include <stdlib.h>

#include "base/text.h"
#include "router/announce.h"
#include "router/first.h"
#include "router/origin.h"
#include "router/update.h"

static enum wzp_err add_to_tables(struct wzp_router *router, struct wzp_room *room)
{
    enum wzp_err err = wzp_map_add(&router->rooms, room->id.bytes, sizeof room->id.bytes, room);
    if (err != WZP_OK || !room->is_global) {
        return err;
    }
    err = wzp_map_add(&router->tags, room->tag, sizeof room->tag, room);
    if (err != WZP_OK) {
        wzp_ignore(wzp_map_remove(&router->rooms, room->id.bytes, sizeof room->id.bytes));
    }
    return err;
}

/* Everything of a room that takes no memory of its own. */
static void fill(struct wzp_room *room, struct wzp_router *router, const char *folded, bool is_global)
{
    room->router = router;
    room->id = wzp_room_id_of(folded);
    room->is_global = is_global;
    wzp_room_id_write(&room->id, room->name);
    wzp_room_bring_name(room, folded);
    wzp_room_id_tag(room->name, room->tag);
    wzp_list_init(&room->members);
    wzp_list_init(&room->origins);
    wzp_list_init(&room->node);
    wzp_map_init(&room->by_id, &router->hash_key, router->limits.origins_per_room);
    room->numbers[0] = 1; /* 0 means none */
    room->floor.max = room->leaving.max = router->max_speakers;
    room->updated_at = room->announced_at = room->welcomed_at = -WZP_UPDATE_GAP_MAX;
    for (size_t i = 0; i < WZP_N_DUES; i++) {
        room->due[i] = WZP_NEVER;
    }
}

enum wzp_err wzp_room_new(struct wzp_router *router, const char *name, bool is_global,
                          struct wzp_room **out_room)
{
    char folded[WZP_ROOM_NAME_BYTES];
    if (wzp_room_name_fold(name, folded) != WZP_OK || folded[0] == '\0') {
        return WZP_EINVAL;
    }
    struct wzp_room *room = calloc(1, sizeof *room);
    if (!room) {
        return WZP_ENOMEM;
    }
    fill(room, router, folded, is_global);
    enum wzp_err err = is_global ? wzp_origin_new_self(room) : WZP_OK;
    if (err == WZP_OK) {
        err = add_to_tables(router, room);
    }
    if (err != WZP_OK) {
        wzp_origin_free(room->self);
        free(room);
        return err;
    }
    *out_room = room;
    return WZP_OK;
}

void wzp_room_free(struct wzp_room *room)
{
    if (!room) {
        return;
    }
    assert(room->n_members == 0);
    wzp_list_each(node, &room->origins)
    {
        wzp_origin_free(wzp_container(node, struct wzp_origin, node));
    }
    wzp_origin_free(room->self);
    wzp_list_remove(&room->node);
    wzp_map_remove(&room->router->rooms, room->id.bytes, sizeof room->id.bytes);
    if (room->is_global) {
        wzp_map_remove(&room->router->tags, room->tag, sizeof room->tag);
    }
    wzp_map_deinit(&room->by_id);
    free(room);
}

struct wzp_room *wzp_room_find(const struct wzp_router *router, const char *name)
{
    char folded[WZP_ROOM_NAME_BYTES];
    if (wzp_room_name_fold(name, folded) != WZP_OK) {
        return NULL;
    }
    struct wzp_room_id id = wzp_room_id_of(folded);
    return wzp_map_get(&router->rooms, id.bytes, sizeof id.bytes);
}

void wzp_room_bring_name(struct wzp_room *room, const char *name)
{
    if (room->is_named || wzp_room_name_is_hash(name)) {
        return;
    }
    room->is_named = wzp_room_name_fold(name, room->name) == WZP_OK;
}

void wzp_room_set_due(struct wzp_room *room, enum wzp_due what, wzp_us at)
{
    struct wzp_router *router = room->router;
    if (at >= room->due[what]) {
        return;
    }
    room->due[what] = at;
    router->deadline = wzp_us_min(router->deadline, at);
    if (wzp_list_is_empty(&room->node)) {
        wzp_list_push_back(&router->due, &room->node);
    }
}

static void do_due(struct wzp_room *room, enum wzp_due what, wzp_us now)
{
    switch (what) {
    case WZP_DUE_ORIGINS:
        wzp_origin_tick(room, now);
        break;
    case WZP_DUE_ANNOUNCE:
        wzp_announce_members(room, now);
        break;
    case WZP_DUE_FIRST:
        wzp_first_tell(room, now);
        break;
    case WZP_DUE_UPDATE:
        wzp_update_tick(room, now);
        break;
    case WZP_N_DUES:
        break;
    }
}

wzp_us wzp_room_tick(struct wzp_room *room, wzp_us now)
{
    wzp_us next = WZP_NEVER;
    for (size_t i = 0; i < WZP_N_DUES; i++) {
        if (room->due[i] <= now) {
            room->due[i] = WZP_NEVER;
            do_due(room, (enum wzp_due)i, now);
        }
    }
    for (size_t i = 0; i < WZP_N_DUES; i++) {
        next = wzp_us_min(next, room->due[i]);
    }
    return next;
}

void wzp_room_changed(struct wzp_room *room, wzp_us now)
{
    room->rev = ++room->router->rev;
    wzp_us soon = wzp_us_max(now, room->updated_at + wzp_update_gap(room));
    if (room->n_members > 0) {
        wzp_room_set_due(room, WZP_DUE_UPDATE, soon);
    }
    if (room->n_first > 0) {
        wzp_room_set_due(room, WZP_DUE_FIRST, now);
    }
}

void wzp_room_event(const struct wzp_room *room, enum wzp_router_event_kind kind)
{
    const struct wzp_router_out *out = room->router->out;
    const struct wzp_router_event event = {.kind = kind, .room = room->name, .n_members = room->n_members};
    out->event(out->context, &event);
}

static bool is_taken(const struct wzp_room *room, uint16_t number)
{
    return room->numbers[number / 64] >> (number % 64) & 1;
}

uint16_t wzp_room_take_number(struct wzp_room *room)
{
    struct wzp_router *router = room->router;
    for (size_t tries = 0; tries <= UINT16_MAX; tries++) {
        uint16_t number = ++router->last_number;
        if (!is_taken(room, number)) {
            room->numbers[number / 64] |= (uint64_t)1 << (number % 64);
            return number;
        }
    }
    return 0;
}

void wzp_room_give_number(struct wzp_room *room, uint16_t number)
{
    if (number != 0) {
        room->numbers[number / 64] &= ~((uint64_t)1 << (number % 64));
    }
}
