/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/spread.h"

#include <stdint.h>
#include <stdlib.h>

/* The room's worker does the routing for all: for so many members as much work as one connection makes
 * (docs/performance.md, "Workers"). */
#define WZP_SPREAD_ROUTING 8

struct wzp_spread_room {
    uint64_t key;
    size_t n; /* members */
    bool has_sign;
    uint32_t at[]; /* members by worker */
};

struct wzp_spread {
    struct wzp_crew *crew;
    unsigned worker;
    size_t members_per_worker;
    struct wzp_map rooms; /* by key */
};

enum wzp_err wzp_spread_new(struct wzp_crew *crew, unsigned worker, size_t members_per_worker,
                            struct wzp_spread **out_spread)
{
    struct wzp_spread *spread = calloc(1, sizeof *spread);
    if (!spread) {
        return WZP_ENOMEM;
    }
    spread->crew = crew;
    spread->worker = worker;
    spread->members_per_worker = members_per_worker;
    wzp_map_init(&spread->rooms, &crew->key, SIZE_MAX);
    *out_spread = spread;
    return WZP_OK;
}

static void forget(struct wzp_spread *spread, struct wzp_spread_room *room)
{
    if (room->has_sign) {
        wzp_signposts_clear(&spread->crew->signposts, room->key);
    }
    wzp_map_remove(&spread->rooms, &room->key, sizeof room->key);
    free(room);
}

void wzp_spread_free(struct wzp_spread *spread)
{
    if (!spread) {
        return;
    }
    for (size_t at = 0; spread->rooms.n > 0; at = 0) {
        forget(spread, wzp_map_next(&spread->rooms, &at));
    }
    wzp_map_deinit(&spread->rooms);
    free(spread);
}

/* Of the workers that the room has by its size, the one with the fewest of it. */
static unsigned choose(const struct wzp_spread *spread, const struct wzp_spread_room *room)
{
    size_t n_workers = wzp_min_size(spread->crew->n, 1 + room->n / spread->members_per_worker);
    unsigned best = spread->worker;
    size_t least = room->at[best] + room->n / WZP_SPREAD_ROUTING;
    for (unsigned i = 1; i < n_workers; i++) {
        unsigned worker = (spread->worker + i) % spread->crew->n;
        if (room->at[worker] < least) {
            best = worker;
            least = room->at[worker];
        }
    }
    return best;
}

static void point(struct wzp_spread *spread, struct wzp_spread_room *room)
{
    unsigned next = choose(spread, room);
    if (next != spread->worker) {
        room->has_sign = wzp_signposts_set(&spread->crew->signposts, room->key, next);
    } else if (room->has_sign) {
        wzp_signposts_clear(&spread->crew->signposts, room->key);
        room->has_sign = false;
    }
}

static struct wzp_spread_room *make(struct wzp_spread *spread, uint64_t key)
{
    struct wzp_spread_room *room = calloc(1, sizeof *room + spread->crew->n * sizeof room->at[0]);
    if (!room) {
        return NULL;
    }
    room->key = key;
    if (wzp_map_add(&spread->rooms, &room->key, sizeof room->key, room) != WZP_OK) {
        free(room);
        return NULL;
    }
    return room;
}

struct wzp_spread_room *wzp_spread_enter(struct wzp_spread *spread, const char *room, unsigned at)
{
    uint64_t key = wzp_crew_room_key(spread->crew, room);
    struct wzp_spread_room *found = wzp_map_get(&spread->rooms, &key, sizeof key);
    if (!found) {
        found = make(spread, key);
    }
    if (found) {
        found->n++;
        found->at[at]++;
        point(spread, found);
    }
    return found;
}

void wzp_spread_leave(struct wzp_spread *spread, struct wzp_spread_room *room, unsigned at)
{
    if (!room) {
        return;
    }
    room->n--;
    room->at[at]--;
    if (room->n == 0) {
        forget(spread, room);
    } else {
        point(spread, room);
    }
}
