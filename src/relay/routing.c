/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/routing.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "relay/config.h"
#include "relay/crew.h"
#include "router/router.h"

/* docs/federation.md, "Limits" */
#define WZP_ROUTING_OFFERS 16384 /* (origin, room) pairs of one link */
#define WZP_ROUTING_PEOPLE 32768 /* participants behind one link */
#define WZP_ROUTING_SHARES 8     /* smaller ones would be hard on rooms that meet by chance */

/* Those of the [[global_rooms]] that are this worker's, as the router takes them. */
struct rooms {
    const char **names;
    size_t *max_speakers;
    size_t n;
};

static void free_rooms(struct rooms *rooms)
{
    free(rooms->names);
    free(rooms->max_speakers);
}

static enum wzp_err list_rooms(const struct wzp_relay *relay, struct rooms *rooms)
{
    const struct wzp_relay_config *config = relay->config;
    rooms->names = calloc(config->n_global_rooms + 1, sizeof *rooms->names);
    rooms->max_speakers = calloc(config->n_global_rooms + 1, sizeof *rooms->max_speakers);
    if (!rooms->names || !rooms->max_speakers) {
        return WZP_ENOMEM;
    }
    for (size_t i = 0; i < config->n_global_rooms; i++) {
        const struct wzp_relay_room_config *room = &config->global_rooms[i];
        if (wzp_crew_of_room(relay->crew, room->name) != relay->worker) {
            continue;
        }
        bool is_as_all = room->max_speakers == WZP_RELAY_CONFIG_AS_ALL;
        rooms->names[rooms->n] = room->name;
        rooms->max_speakers[rooms->n++] = is_as_all ? config->max_speakers : room->max_speakers;
    }
    return WZP_OK;
}

/* Rooms are spread over the workers, and so is what a link may fill them with. */
static size_t share(const struct wzp_relay *relay, size_t whole)
{
    return whole / wzp_min_size(relay->crew->n, WZP_ROUTING_SHARES);
}

enum wzp_err wzp_routing_open(struct wzp_relay *relay, const struct wzp_router_out *out)
{
    const struct wzp_relay_config *config = relay->config;
    WZP_AUTO(free_rooms) struct rooms rooms = {0};
    enum wzp_err err = list_rooms(relay, &rooms);
    if (err != WZP_OK) {
        return err;
    }
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    struct wzp_router_config router = {
        .label = config->label ? config->label : "",
        .global_rooms = rooms.names,
        .n_global_rooms = rooms.n,
        .max_speakers = config->max_speakers,
        .global_max_speakers = rooms.max_speakers,
        .limits =
            {
                .members = config->max_sessions,
                .members_per_room = config->max_participants_per_room,
                .offers_per_link = share(relay, WZP_ROUTING_OFFERS),
                .people_per_link = share(relay, WZP_ROUTING_PEOPLE),
            },
        .random = &relay->random,
        .wall_clock_us = (uint64_t)wall.tv_sec * 1000000 + (uint64_t)wall.tv_nsec / 1000,
        .pool = relay->pool,
        .out = out,
    };
    memcpy(router.fingerprint, relay->cert->fingerprint, sizeof router.fingerprint);
    relay->random.fill(relay->random.context, &router.hash_key, sizeof router.hash_key);
    err = wzp_router_new(&router, &relay->router);
    if (err == WZP_EINVAL || err == WZP_ELIMIT) {
        wzp_error(relay->log, "[[global_rooms]] holds a room twice, a bad name, or too many", "error=\"%s\"",
                  wzp_err_text(err));
    }
    return err;
}
