/* SPDX-License-Identifier: Apache-2.0 */
/* What there is: snapshots for metrics and presence pages. */
#include <string.h>

#include "router/internal.h"
#include "router/link.h"
#include "router/origin.h"
#include "router/room.h"

const char *wzp_drop_text(enum wzp_drop drop)
{
    static const char *const texts[] = {
        [WZP_DROP_DUPLICATE] = "duplicate",
        [WZP_DROP_NOT_UPSTREAM] = "not_upstream",
        [WZP_DROP_NO_ROOM] = "no_room",
        [WZP_DROP_RATE] = "rate",
        [WZP_DROP_HOPS] = "hops",
        [WZP_DROP_MALFORMED] = "malformed",
        [WZP_DROP_QUEUE_FULL] = "queue_full",
    };
    return (size_t)drop < wzp_count(texts) ? texts[drop] : "unknown";
}

static size_t size_of_origin(const struct wzp_origin *origin)
{
    size_t size = sizeof *origin + origin->n_people * sizeof origin->people[0] +
                  origin->n_ways * sizeof(struct wzp_way *) + origin->n_streams * sizeof(struct wzp_stream);
    for (size_t i = 0; i < origin->n_ways; i++) {
        const struct wzp_way *way = origin->ways[i];
        size += way ? sizeof *way + way->path_length * sizeof way->path[0] : 0;
    }
    return size;
}

static size_t size_of_room(const struct wzp_room *room)
{
    size_t size = sizeof *room + room->n_members * sizeof(struct wzp_member) +
                  room->by_id.capacity * sizeof(struct wzp_map_entry);
    wzp_list_each(node, &room->origins)
    {
        size += size_of_origin(wzp_container(node, struct wzp_origin, node));
    }
    return size + (room->self ? size_of_origin(room->self) : 0);
}

static size_t count_unsettled(const struct wzp_room *room)
{
    size_t n = 0;
    wzp_list_each(node, &room->origins)
    {
        const struct wzp_origin *origin = wzp_container(node, struct wzp_origin, node);
        n += origin->previous || origin->review_at != WZP_NEVER;
    }
    return n;
}

static size_t size_of_link(const struct wzp_link *link)
{
    size_t size = sizeof *link;
    for (size_t i = 0; i < link->router->n_globals; i++) {
        size += sizeof link->edges[i] + link->edges[i].n_raw * sizeof link->edges[i].raw[0];
    }
    return size;
}

void wzp_router_stats(const struct wzp_router *router, struct wzp_router_stats *out_stats)
{
    struct wzp_router_stats stats = router->stats;
    size_t at = 0;
    stats.memory_bytes = sizeof *router + router->streams.capacity * sizeof(struct wzp_map_entry);
    for (const struct wzp_room *room; (room = wzp_map_next(&router->rooms, &at));) {
        stats.rooms += room->n_members > 0;
        stats.global_rooms_active += room->is_global && (room->n_members > 0 || room->n_shown > 0);
        stats.origins += room->n_shown;
        stats.unsettled += count_unsettled(room);
        stats.memory_bytes += size_of_room(room);
    }
    for (size_t i = 0; i < router->n_slots; i++) {
        stats.links += router->links[i] != NULL;
        stats.memory_bytes += router->links[i] ? size_of_link(router->links[i]) : 0;
    }
    *out_stats = stats;
}

struct walk {
    bool (*each)(void *context, const struct wzp_presence *presence);
    void *context;
};

static bool walk_members(const struct wzp_room *room, const struct walk *walk)
{
    wzp_list_each(node, &room->members)
    {
        const struct wzp_member *member = wzp_container(node, struct wzp_member, node);
        const struct wzp_presence presence = {
            .room = room->name,
            .fingerprint = member->fingerprint,
            .alias = member->alias,
            .relay_label = "",
            .relay = room->router->fingerprint,
            .is_local = true,
            .stream = member->stream,
            .user = member->user,
        };
        if (!walk->each(walk->context, &presence)) {
            return false;
        }
    }
    return true;
}

static bool walk_people(const struct wzp_origin *origin, const struct walk *walk)
{
    for (size_t i = 0; i < origin->n_people; i++) {
        const struct wzp_person *person = &origin->people[i];
        const struct wzp_presence presence = {
            .room = origin->room->name,
            .fingerprint = person->fingerprint,
            .alias = person->alias,
            .relay_label = person->relay_label,
            .relay = origin->fingerprint,
            .stream = person->stream ? person->stream->local : 0,
        };
        if (!walk->each(walk->context, &presence)) {
            return false;
        }
    }
    return true;
}

static bool walk_origins(const struct wzp_room *room, const struct walk *walk)
{
    wzp_list_each(node, &room->origins)
    {
        if (!walk_people(wzp_container(node, struct wzp_origin, node), walk)) {
            return false;
        }
    }
    return true;
}

void wzp_router_each(const struct wzp_router *router,
                     bool (*each)(void *context, const struct wzp_presence *presence), void *context)
{
    const struct walk walk = {.each = each, .context = context};
    size_t at = 0;
    for (const struct wzp_room *room; (room = wzp_map_next(&router->rooms, &at));) {
        if (!walk_members(room, &walk) || !walk_origins(room, &walk)) {
            return;
        }
    }
}

size_t wzp_router_path(const struct wzp_router *router, const char *room, const uint8_t *origin,
                       uint8_t (*out_path)[WZP_FINGERPRINT_BYTES], size_t limit)
{
    const struct wzp_room *found = wzp_room_find(router, room);
    const struct wzp_origin *at = found && found->is_global ? wzp_origin_find(found, origin) : NULL;
    const struct wzp_way *upstream = at ? at->upstream : NULL;
    for (size_t i = 0; upstream && i < upstream->path_length && i < limit; i++) {
        memcpy(out_path[i], upstream->path[i], WZP_FINGERPRINT_BYTES);
    }
    return upstream ? upstream->path_length : 0;
}
