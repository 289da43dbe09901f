/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys are (room) and (room, origin), each per link. What we asked of a peer stands in `has_pruned`, what it
 * asked of us in `is_pruned`; messages that overtake each other are told apart by their n.
 *
 *   media for nothing ──▶ request ──tick──▶ Prune(room)          nobody here or behind us is in it
 *                                     └───▶ Prune(room, origin)  the origin comes to us another way, or
 *                                                                those behind us have it from elsewhere
 *   a member, a downstream or an upstream is gained ──▶ review ──▶ Graft for what we pruned and now want
 */
#include "router/prune.h"

#include <string.h>

#include "router/flood.h"
#include "router/origin.h"
#include "router/say.h"

void wzp_prune_request(struct wzp_room *room, struct wzp_link *link,
                       const uint8_t origin[static WZP_ORIGIN_ID_BYTES])
{
    struct wzp_router *router = room->router;
    if (link->generation == WZP_GENERATION_1 || router->n_requests == WZP_REQUESTS_MAX) {
        return;
    }
    for (size_t i = 0; i < router->n_requests; i++) {
        const struct wzp_request *other = &router->requests[i];
        if (other->link == link && other->room == room &&
            memcmp(other->origin, origin, sizeof other->origin) == 0) {
            return;
        }
    }
    struct wzp_request *request = &router->requests[router->n_requests++];
    request->room = room;
    request->link = link;
    memcpy(request->origin, origin, sizeof request->origin);
}

static bool is_interested(const struct wzp_link *link, const struct wzp_room *room)
{
    const struct wzp_edge *edge = &link->edges[room->index];
    return edge->is_allowed && !link->is_leaf && !edge->is_pruned && (edge->n_offers > 0 || edge->is_grafted);
}

static size_t count_interested(const struct wzp_room *room)
{
    size_t n = 0;
    for (size_t i = 0; i < room->router->n_slots; i++) {
        n += room->router->links[i] && is_interested(room->router->links[i], room);
    }
    return n;
}

/* Whether anybody but `link` wants the room from us; `n_interested` links do. */
static bool wants_room(const struct wzp_room *room, const struct wzp_link *link, size_t n_interested)
{
    return room->n_members > 0 || (!link->is_leaf && n_interested > is_interested(link, room));
}

/* Whether media of the origin that comes by `link` would go anywhere. */
static bool wants_origin(const struct wzp_origin *origin, const struct wzp_link *link)
{
    const struct wzp_room *room = origin->room;
    if (room->n_members > 0) {
        return true;
    }
    for (size_t i = 0; i < room->router->n_slots; i++) {
        const struct wzp_link *to = room->router->links[i];
        if (to && wzp_flood_goes_to(room, origin, link, to)) {
            return true;
        }
    }
    return false;
}

static void set_pruned(struct wzp_way *way, bool has_pruned)
{
    way->origin->room->n_pruned += (size_t)has_pruned - (size_t)way->has_pruned;
    way->has_pruned = has_pruned;
}

static void prune_room(struct wzp_room *room, struct wzp_link *link, wzp_us now)
{
    struct wzp_edge *edge = &link->edges[room->index];
    if (now < edge->pruned_at + WZP_PRUNE_GAP) {
        return;
    }
    edge->pruned_at = now;
    edge->has_pruned = true;
    edge->has_grafted = false;
    wzp_say_prune(room, NULL, link);
}

static void prune_origin(struct wzp_origin *origin, struct wzp_link *link, wzp_us now)
{
    struct wzp_way *way = NULL;
    if (origin->state == WZP_ORIGIN_HEARD || wzp_origin_get_way(origin, link, &way) != WZP_OK ||
        now < way->pruned_at + WZP_PRUNE_GAP) {
        return; /* HEARD: its whole name is not known yet */
    }
    way->pruned_at = now;
    set_pruned(way, true);
    wzp_say_prune(origin->room, origin, link);
}

static void consider(const struct wzp_request *request, wzp_us now)
{
    struct wzp_room *room = request->room;
    struct wzp_link *link = request->link;
    struct wzp_origin *origin = wzp_origin_find(room, request->origin);
    bool comes_elsewhere =
        origin && (origin->state == WZP_ORIGIN_SELF || (origin->upstream && origin->upstream->link != link));
    if (!wants_room(room, link, count_interested(room))) {
        prune_room(room, link, now);
    } else if (origin && (comes_elsewhere || !wants_origin(origin, link))) {
        prune_origin(origin, link, now);
    }
}

void wzp_prune_settle(struct wzp_router *router, wzp_us now)
{
    for (size_t i = 0; i < router->n_requests; i++) {
        consider(&router->requests[i], now);
    }
    router->n_requests = 0;
}

/* Whether any origin that comes by the link is wanted here or behind us. */
static bool wants_any(const struct wzp_room *room, const struct wzp_link *link)
{
    wzp_list_each(node, &room->origins)
    {
        const struct wzp_origin *origin = wzp_container(node, struct wzp_origin, node);
        if (origin->upstream && origin->upstream->link == link && wants_origin(origin, link)) {
            return true;
        }
    }
    return false;
}

/* Whether the link may not be sending us what we want: we pruned, or it can't see that anybody is here. */
static bool may_lack(const struct wzp_edge *edge)
{
    bool is_unseen = edge->n_far > 0 && edge->n_told == 0 && !edge->has_grafted;
    return (edge->n_upstreams > 0 && edge->has_pruned) || is_unseen;
}

static void graft_room(struct wzp_room *room, struct wzp_link *link)
{
    struct wzp_edge *edge = &link->edges[room->index];
    if (may_lack(edge) && wants_room(room, link, count_interested(room)) && wants_any(room, link)) {
        edge->has_pruned = false;
        edge->has_grafted = true;
        wzp_say_graft(room, NULL, link);
    }
}

static void graft_origins(struct wzp_room *room)
{
    wzp_list_each(node, &room->origins)
    {
        struct wzp_origin *origin = wzp_container(node, struct wzp_origin, node);
        struct wzp_way *way = origin->upstream;
        if (way && way->has_pruned && wants_origin(origin, way->link)) {
            set_pruned(way, false);
            way->link->edges[room->index].has_grafted = true;
            wzp_say_graft(room, origin, way->link);
        }
    }
}

void wzp_prune_review(struct wzp_room *room)
{
    const struct wzp_router *router = room->router;
    if (router->bugs & WZP_BUG_FORGET_GRAFT) {
        return;
    }
    for (size_t i = 0; i < router->n_slots; i++) {
        struct wzp_link *link = router->links[i];
        if (link && link->generation == WZP_GENERATION_2 && link->edges[room->index].is_allowed) {
            graft_room(room, link);
        }
    }
    if (room->n_pruned > 0) {
        graft_origins(room);
    }
}

void wzp_prune_release(struct wzp_origin *origin)
{
    for (size_t i = 0; i < origin->n_ways; i++) {
        struct wzp_way *way = origin->ways[i];
        if (way && way->has_pruned) {
            set_pruned(way, false);
            wzp_say_graft(origin->room, origin, way->link);
        }
    }
}

void wzp_prune_drop_link(struct wzp_router *router, const struct wzp_link *link)
{
    for (size_t i = 0; i < router->n_requests;) {
        if (router->requests[i].link == link) {
            router->requests[i] = router->requests[--router->n_requests];
        } else {
            i++;
        }
    }
}

static void hear_of_room(struct wzp_edge *edge, uint64_t n, bool is_prune)
{
    if (n <= edge->prune_n) {
        return;
    }
    edge->prune_n = n;
    edge->is_pruned = is_prune;
    edge->is_grafted = !is_prune;
}

static void hear_of_origin(struct wzp_edge *edge, struct wzp_way *way, uint64_t n, bool is_prune)
{
    if (n <= way->prune_n) {
        return;
    }
    way->prune_n = n;
    way->is_pruned = is_prune;
    edge->is_grafted = edge->is_grafted || !is_prune;
}

void wzp_prune_hear(struct wzp_link *link, const struct wzp_signal *signal)
{
    const struct wzp_signal_prune *prune = &signal->prune;
    bool is_prune = signal->kind == WZP_SIGNAL_PRUNE;
    link->stats.prunes_in += is_prune;
    link->stats.grafts_in += !is_prune;
    struct wzp_room *room = wzp_map_get(&link->router->tags, prune->room_hash, sizeof prune->room_hash);
    if (!room || !link->edges[room->index].is_allowed) {
        return;
    }
    struct wzp_edge *edge = &link->edges[room->index];
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    struct wzp_way *way = NULL;
    if (!prune->origin) {
        hear_of_room(edge, prune->n, is_prune);
    } else if (wzp_fingerprint_read(prune->origin, fingerprint) == WZP_OK) {
        struct wzp_origin *origin = wzp_origin_find(room, fingerprint);
        if (origin && wzp_origin_get_way(origin, link, &way) == WZP_OK) {
            hear_of_origin(edge, way, prune->n, is_prune);
        }
    }
    wzp_prune_review(room);
}
