/* SPDX-License-Identifier: Apache-2.0 */
#include "router/origin.h"

#include <stdlib.h>
#include <string.h>

#include "router/people.h"
#include "router/prune.h"
#include "router/room.h"
#include "router/route.h"
#include "router/stream.h"

static struct wzp_origin *make(struct wzp_room *room, const uint8_t *fingerprint, size_t size)
{
    struct wzp_origin *origin = calloc(1, sizeof *origin);
    if (!origin) {
        return NULL;
    }
    memcpy(origin->fingerprint, fingerprint, size);
    wzp_fingerprint_write(origin->fingerprint, origin->text);
    origin->room = room;
    origin->until = origin->review_at = WZP_NEVER;
    wzp_list_init(&origin->node);
    wzp_list_init(&origin->idle);
    wzp_list_init(&origin->streams);
    return origin;
}

enum wzp_err wzp_origin_new_self(struct wzp_room *room)
{
    room->self = make(room, room->router->fingerprint, WZP_FINGERPRINT_BYTES);
    if (!room->self) {
        return WZP_ENOMEM;
    }
    room->self->state = WZP_ORIGIN_SELF;
    return WZP_OK;
}

struct wzp_origin *wzp_origin_find(const struct wzp_room *room, const uint8_t id[static WZP_ORIGIN_ID_BYTES])
{
    if (memcmp(room->self->fingerprint, id, WZP_ORIGIN_ID_BYTES) == 0) {
        return room->self;
    }
    return wzp_map_get(&room->by_id, id, WZP_ORIGIN_ID_BYTES);
}

static bool is_remembered(enum wzp_origin_state state)
{
    return state == WZP_ORIGIN_FORGOTTEN || state == WZP_ORIGIN_LEFT;
}

static void leave_idle(struct wzp_origin *origin)
{
    struct wzp_router *router = origin->room->router;
    if (!wzp_list_is_empty(&origin->idle)) {
        wzp_list_remove(&origin->idle);
        router->n_heard -= origin->state == WZP_ORIGIN_HEARD;
        router->n_left -= is_remembered(origin->state);
    }
}

/* After its state has been set. */
static void join_idle(struct wzp_origin *origin)
{
    struct wzp_router *router = origin->room->router;
    if (origin->state == WZP_ORIGIN_HEARD) {
        wzp_list_push_back(&router->heard, &origin->idle);
        router->n_heard++;
    } else if (is_remembered(origin->state)) {
        wzp_list_push_back(&router->left, &origin->idle);
        router->n_left++;
    }
}

static void drop(struct wzp_origin *origin)
{
    wzp_prune_release(origin);
    wzp_origin_free(origin);
}

/* Peers can name as many as they like: of those that are only heard, and of those that left, the oldest make
 * place for a new one. */
static void bound_idle(struct wzp_router *router)
{
    while (router->n_heard >= router->limits.heard_origins) {
        drop(wzp_container(wzp_list_first(&router->heard), struct wzp_origin, idle));
    }
    while (router->n_left >= router->limits.left_origins) {
        drop(wzp_container(wzp_list_first(&router->left), struct wzp_origin, idle));
    }
}

/* One that shows nobody makes place for a new one: the one whose time is up first. */
static bool evict(struct wzp_room *room)
{
    struct wzp_origin *first = NULL;
    wzp_list_each(node, &room->origins)
    {
        struct wzp_origin *origin = wzp_container(node, struct wzp_origin, node);
        bool is_idle = origin->state == WZP_ORIGIN_HEARD || is_remembered(origin->state);
        if (is_idle && (!first || origin->until < first->until)) {
            first = origin;
        }
    }
    if (first) {
        drop(first);
    }
    return first != NULL;
}

enum wzp_err wzp_origin_get(struct wzp_room *room, const uint8_t id[static WZP_ORIGIN_ID_BYTES], wzp_us now,
                            struct wzp_origin **out_origin)
{
    *out_origin = wzp_origin_find(room, id);
    if (*out_origin) {
        return WZP_OK;
    }
    bound_idle(room->router);
    if (room->by_id.n >= room->by_id.limit && !evict(room)) {
        return WZP_ELIMIT;
    }
    struct wzp_origin *origin = make(room, id, WZP_ORIGIN_ID_BYTES);
    if (!origin) {
        return WZP_ENOMEM;
    }
    enum wzp_err err = wzp_map_add(&room->by_id, origin->fingerprint, WZP_ORIGIN_ID_BYTES, origin);
    if (err != WZP_OK) {
        free(origin);
        return err;
    }
    wzp_list_push_back(&room->origins, &origin->node);
    wzp_origin_enter(origin, WZP_ORIGIN_HEARD, now);
    *out_origin = origin;
    return WZP_OK;
}

void wzp_origin_name(struct wzp_origin *origin, const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES])
{
    memcpy(origin->fingerprint, fingerprint, WZP_FINGERPRINT_BYTES);
    wzp_fingerprint_write(origin->fingerprint, origin->text);
}

void wzp_origin_free(struct wzp_origin *origin)
{
    if (!origin) {
        return;
    }
    leave_idle(origin);
    wzp_people_clear(origin);
    wzp_list_each(node, &origin->streams)
    {
        wzp_stream_free(wzp_container(node, struct wzp_stream, node));
    }
    for (size_t i = 0; i < origin->n_ways; i++) {
        if (origin->ways[i]) {
            wzp_origin_drop_way(origin->ways[i]);
        }
    }
    if (origin->state != WZP_ORIGIN_SELF && !wzp_list_is_empty(&origin->node)) {
        wzp_map_remove(&origin->room->by_id, origin->fingerprint, WZP_ORIGIN_ID_BYTES);
    }
    origin->room->n_first -= origin->is_first_generation;
    wzp_list_remove(&origin->node);
    free(origin->ways);
    free(origin);
}

struct wzp_way *wzp_origin_way(const struct wzp_origin *origin, const struct wzp_link *link)
{
    return link->slot < origin->n_ways ? origin->ways[link->slot] : NULL;
}

static enum wzp_err grow_ways(struct wzp_origin *origin, size_t n)
{
    if (n <= origin->n_ways) {
        return WZP_OK;
    }
    struct wzp_way **ways = realloc(origin->ways, n * sizeof *ways);
    if (!ways) {
        return WZP_ENOMEM;
    }
    memset(ways + origin->n_ways, 0, (n - origin->n_ways) * sizeof *ways);
    origin->ways = ways;
    origin->n_ways = n;
    return WZP_OK;
}

enum wzp_err wzp_origin_get_way(struct wzp_origin *origin, struct wzp_link *link, struct wzp_way **out_way)
{
    enum wzp_err err = grow_ways(origin, link->slot + 1);
    if (err != WZP_OK) {
        return err;
    }
    struct wzp_way *way = origin->ways[link->slot];
    if (!way) {
        way = calloc(1, sizeof *way);
        if (!way) {
            return WZP_ENOMEM;
        }
        way->origin = origin;
        way->link = link;
        way->pruned_at = -WZP_PRUNE_GAP;
        way->withdrawn_at = -WZP_DOUBT;
        origin->ways[link->slot] = way;
        wzp_list_push_back(&link->ways, &way->node);
        link->n_ways++;
    }
    *out_way = way;
    return WZP_OK;
}

void wzp_origin_drop_way(struct wzp_way *way)
{
    struct wzp_origin *origin = way->origin;
    struct wzp_edge *edge = &way->link->edges[origin->room->index];
    edge->n_offers -= way->has_offer;
    origin->n_offers -= way->has_offer;
    way->link->n_offers -= way->has_offer;
    edge->n_told -= way->is_told;
    origin->room->n_pruned -= way->has_pruned;
    if (origin->upstream == way) {
        edge->n_upstreams--;
        edge->n_far -= way->path_length > 1;
        origin->upstream = NULL;
    }
    if (origin->people_by == way->link) {
        way->link->n_people[origin->are_people_own] -= origin->n_people;
        origin->people_by = NULL;
    }
    if (edge->origin == origin) {
        edge->origin = NULL;
    }
    origin->ways[way->link->slot] = NULL;
    way->link->n_ways--;
    wzp_list_remove(&way->node);
    free(way->path);
    free(way);
}

void wzp_origin_unbind(struct wzp_room *room, const struct wzp_link *link)
{
    wzp_list_each(node, &room->origins)
    {
        struct wzp_origin *origin = wzp_container(node, struct wzp_origin, node);
        origin->bound = origin->bound == link ? NULL : origin->bound;
        origin->previous = origin->previous == link ? NULL : origin->previous;
    }
}

static wzp_us lifetime(enum wzp_origin_state state)
{
    switch (state) {
    case WZP_ORIGIN_HEARD:
        return WZP_STREAM_REST;
    case WZP_ORIGIN_LOST:
        return WZP_GRACE;
    case WZP_ORIGIN_FORGOTTEN:
    case WZP_ORIGIN_LEFT:
        return WZP_MEMORY;
    case WZP_ORIGIN_KNOWN:
    case WZP_ORIGIN_SELF:
        break;
    }
    return WZP_NEVER;
}

void wzp_origin_event(const struct wzp_origin *origin, enum wzp_router_event_kind kind,
                      const struct wzp_link *link)
{
    const struct wzp_router_out *out = origin->room->router->out;
    const struct wzp_router_event event = {
        .kind = kind,
        .room = origin->room->name,
        .n_members = origin->room->n_members,
        .link = link ? link->user : NULL,
        .origin = origin->fingerprint,
    };
    out->event(out->context, &event);
}

static bool is_shown(enum wzp_origin_state state)
{
    return state == WZP_ORIGIN_KNOWN || state == WZP_ORIGIN_LOST;
}

void wzp_origin_enter(struct wzp_origin *origin, enum wzp_origin_state state, wzp_us now)
{
    bool was_shown = is_shown(origin->state);
    leave_idle(origin);
    origin->state = state;
    join_idle(origin);
    wzp_us us = lifetime(state);
    origin->until = us == WZP_NEVER ? WZP_NEVER : now + us;
    if (origin->until != WZP_NEVER) {
        wzp_room_set_due(origin->room, WZP_DUE_ORIGINS, origin->until);
    }
    if (state == WZP_ORIGIN_FORGOTTEN) {
        origin->seq = 0;
    }
    if (was_shown && !is_shown(state)) {
        wzp_people_clear(origin);
        wzp_room_changed(origin->room, now);
        wzp_room_set_due(origin->room, WZP_DUE_ORIGINS, now + WZP_STREAM_REST);
        wzp_origin_event(origin, WZP_ROUTER_EVENT_ORIGIN_GONE, NULL);
    }
    if (!was_shown && is_shown(state)) {
        wzp_origin_event(origin, WZP_ROUTER_EVENT_ORIGIN_APPEARED,
                         origin->upstream ? origin->upstream->link : NULL);
    }
}

bool wzp_origin_may_go_to(const struct wzp_origin *origin, const struct wzp_link *link)
{
    const struct wzp_way *upstream = origin->upstream;
    if (!link->edges[origin->room->index].is_allowed) {
        return false;
    }
    if (origin->state == WZP_ORIGIN_SELF) {
        return true;
    }
    return upstream && upstream->link != link && !link->is_leaf && !upstream->link->is_leaf;
}

bool wzp_origin_may_show_to(const struct wzp_origin *origin, const struct wzp_link *link)
{
    bool is_itself = memcmp(origin->fingerprint, link->fingerprint, WZP_FINGERPRINT_BYTES) == 0;
    bool is_lost = origin->state == WZP_ORIGIN_LOST && !link->is_leaf;
    return !is_itself && (is_lost || wzp_origin_may_go_to(origin, link));
}

/* True where the origin is to be freed. */
static bool end_state(struct wzp_origin *origin, wzp_us now)
{
    switch (origin->state) {
    case WZP_ORIGIN_HEARD:
        if (origin->bound && origin->bound_at + WZP_STREAM_REST > now) {
            wzp_origin_enter(origin, WZP_ORIGIN_HEARD, origin->bound_at);
            return false;
        }
        return true;
    case WZP_ORIGIN_LOST:
        if (origin->n_offers > 0) { /* doubted ones: they are withdrawn soon, or used */
            origin->until = now + WZP_DOUBT;
            return false;
        }
        wzp_origin_enter(origin, WZP_ORIGIN_FORGOTTEN, now);
        return false;
    case WZP_ORIGIN_FORGOTTEN:
    case WZP_ORIGIN_LEFT:
        return true;
    case WZP_ORIGIN_KNOWN:
    case WZP_ORIGIN_SELF:
        break;
    }
    return false;
}

void wzp_origin_tick(struct wzp_room *room, wzp_us now)
{
    wzp_us next = WZP_NEVER;
    wzp_list_each(node, &room->origins)
    {
        struct wzp_origin *origin = wzp_container(node, struct wzp_origin, node);
        if (origin->until <= now && end_state(origin, now)) {
            drop(origin);
            continue;
        }
        next = wzp_us_min(next, wzp_route_tick(origin, now));
        next = wzp_us_min(next, wzp_stream_rest(origin, now));
        next = wzp_us_min(next, origin->until);
    }
    if (next != WZP_NEVER) {
        wzp_room_set_due(room, WZP_DUE_ORIGINS, next);
    }
}
