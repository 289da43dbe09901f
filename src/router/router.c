/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way in: sets the router up, hands each call to the module that does the work, and keeps the time.
 *
 * Signals: link.c -> announce.c (what we hear and say) -> origin.c (what is known) -> route.c (upstream, and
 * whom to tell). Media: member.c or accept.c -> flood.c. What media finds out waits for the next tick in
 * fixed tables: stream.c (fresh senders) and prune.c (requests).
 */
#include "router/router.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "router/accept.h"
#include "router/content.h"
#include "router/link.h"
#include "router/member.h"
#include "router/origin.h"
#include "router/prune.h"
#include "router/room.h"
#include "router/stream.h"

static size_t or_default(size_t value, size_t fallback)
{
    return value > 0 ? value : fallback;
}

static struct wzp_router_limits with_defaults(const struct wzp_router_limits *limits)
{
    return (struct wzp_router_limits){
        .members = or_default(limits->members, 1000),
        .members_per_room = or_default(limits->members_per_room, 1000),
        .rooms = or_default(limits->rooms, 1000),
        .links = or_default(limits->links, 256),
        .origins_per_room = or_default(limits->origins_per_room, 1024),
        .remote_per_room = or_default(limits->remote_per_room, 8192),
        .offers_per_link = or_default(limits->offers_per_link, 16384),
        .people_per_link = or_default(limits->people_per_link, 32768),
        .heard_origins = or_default(limits->heard_origins, 4096),
        .left_origins = or_default(limits->left_origins, 16384),
        .member_pps = (uint32_t)or_default(limits->member_pps, 400),
        .link_pps = (uint32_t)or_default(limits->link_pps, 50000),
        .link_room_pps = (uint32_t)or_default(limits->link_room_pps, 10000),
        .content_slots_log = (uint32_t)or_default(limits->content_slots_log, 14),
    };
}

static enum wzp_err add_globals(struct wzp_router *router, const struct wzp_router_config *config)
{
    router->globals = calloc(config->n_global_rooms + 1, sizeof(struct wzp_room *));
    if (!router->globals) {
        return WZP_ENOMEM;
    }
    for (size_t i = 0; i < config->n_global_rooms; i++) {
        enum wzp_err err = wzp_room_new(router, config->global_rooms[i], true, &router->globals[i]);
        if (err != WZP_OK) {
            return err == WZP_EEXIST ? WZP_EINVAL : err;
        }
        router->globals[i]->index = router->n_globals++;
        if (config->global_max_speakers) {
            size_t max = config->global_max_speakers[i];
            router->globals[i]->floor.max = router->globals[i]->leaving.max = max;
        }
    }
    return WZP_OK;
}

static bool are_speakers_in_range(const struct wzp_router_config *config)
{
    static_assert(WZP_ROUTER_MAX_SPEAKERS == WZP_SPEAKERS_MAX, "the contract says what a floor holds");
    for (size_t i = 0; config->global_max_speakers && i < config->n_global_rooms; i++) {
        if (config->global_max_speakers[i] > WZP_SPEAKERS_MAX) {
            return false;
        }
    }
    return config->max_speakers <= WZP_SPEAKERS_MAX;
}

static void freep(struct wzp_router **router)
{
    wzp_router_free(*router);
}

enum wzp_err wzp_router_new(const struct wzp_router_config *config, struct wzp_router **out_router)
{
    if (config->n_global_rooms > WZP_ROUTER_MAX_GLOBAL_ROOMS || !are_speakers_in_range(config)) {
        return WZP_ELIMIT;
    }
    WZP_AUTO(freep) struct wzp_router *router = calloc(1, sizeof *router);
    if (!router) {
        return WZP_ENOMEM;
    }
    memcpy(router->fingerprint, config->fingerprint, sizeof router->fingerprint);
    wzp_fingerprint_write(router->fingerprint, router->text);
    wzp_text_clean(config->label ? config->label : "", router->label, sizeof router->label);
    router->limits = with_defaults(&config->limits);
    router->max_speakers = config->max_speakers;
    router->hash_key = config->hash_key;
    router->pool = config->pool;
    router->out = config->out;
    router->bugs = config->bugs;
    router->seq = config->wall_clock_us;
    router->deadline = WZP_NEVER;
    router->last_number = (uint16_t)wzp_random_u64(config->random);
    wzp_map_init(&router->rooms, &router->hash_key, router->limits.rooms + config->n_global_rooms);
    wzp_map_init(&router->tags, &router->hash_key, config->n_global_rooms);
    wzp_map_init(&router->streams, &router->hash_key, SIZE_MAX);
    wzp_list_init(&router->heard);
    wzp_list_init(&router->left);
    wzp_list_init(&router->due);
    router->links = calloc(router->limits.links, sizeof(struct wzp_link *));
    if (!router->links) {
        return WZP_ENOMEM;
    }
    enum wzp_err err = add_globals(router, config);
    if (err != WZP_OK) {
        return err;
    }
    *out_router = wzp_take(router);
    return WZP_OK;
}

static void free_room(struct wzp_room *room)
{
    wzp_list_each(node, &room->members)
    {
        wzp_member_free(wzp_container(node, struct wzp_member, node));
    }
    wzp_room_free(room);
}

void wzp_router_free(struct wzp_router *router)
{
    if (!router) {
        return;
    }
    for (size_t at = 0; router->rooms.n > 0; at = 0) {
        free_room(wzp_map_next(&router->rooms, &at));
    }
    for (size_t i = 0; i < router->n_slots; i++) {
        wzp_link_free(router->links[i]);
    }
    wzp_content_free(router->content);
    wzp_map_deinit(&router->rooms);
    wzp_map_deinit(&router->tags);
    wzp_map_deinit(&router->streams);
    free(router->lately);
    free(router->globals);
    free(router->links);
    free(router->items);
    free(router->users);
    free(router);
}

wzp_us wzp_router_deadline(const struct wzp_router *router)
{
    return router->n_fresh + router->n_requests > 0 ? INT64_MIN : router->deadline;
}

void wzp_router_tick(struct wzp_router *router, wzp_us now)
{
    wzp_stream_settle(router, now);
    wzp_prune_settle(router, now);
    if (now < router->deadline) {
        return;
    }
    router->deadline = WZP_NEVER;
    wzp_list_each(node, &router->due)
    {
        struct wzp_room *room = wzp_container(node, struct wzp_room, node);
        wzp_us next = wzp_room_tick(room, now);
        router->deadline = wzp_us_min(router->deadline, next);
        if (next == WZP_NEVER) {
            wzp_list_remove(&room->node);
        }
    }
}

const char *wzp_router_global_name(const struct wzp_router *router, const char *name)
{
    const struct wzp_room *room = wzp_room_find(router, name);
    return room && room->is_global ? room->name : NULL;
}

enum wzp_err wzp_router_join(struct wzp_router *router, const struct wzp_join *join, wzp_us now,
                             struct wzp_member **out_member)
{
    enum wzp_err err = wzp_member_join(router, join, now, out_member);
    router->stats.refused += err != WZP_OK;
    return err;
}

void wzp_router_leave(struct wzp_router *router, struct wzp_member *member, wzp_us now)
{
    (void)router;
    wzp_member_leave(member, now);
}

void wzp_router_set_muted(struct wzp_router *router, struct wzp_member *member, bool is_muted, wzp_us now)
{
    (void)router;
    wzp_member_set_muted(member, is_muted, now);
}

void wzp_router_set_budget(struct wzp_router *router, struct wzp_member *member, uint32_t bytes_per_second,
                           wzp_us now)
{
    (void)router;
    wzp_member_set_budget(member, bytes_per_second, now);
}

void wzp_router_media_in(struct wzp_router *router, struct wzp_member *member, struct wzp_packet *packet,
                         wzp_us now)
{
    (void)router;
    wzp_member_media_in(member, packet, now);
}

enum wzp_err wzp_router_link_up(struct wzp_router *router, const struct wzp_link_info *info, wzp_us now,
                                struct wzp_link **out_link)
{
    return wzp_link_up(router, info, now, out_link);
}

void wzp_router_link_down(struct wzp_router *router, struct wzp_link *link, wzp_us now)
{
    wzp_stream_settle(router, now);
    wzp_link_down(link, now);
}

void wzp_router_link_set_rtt(struct wzp_link *link, uint32_t rtt_class)
{
    link->rtt_class = rtt_class;
}

void wzp_router_link_signal(struct wzp_router *router, struct wzp_link *link, const struct wzp_signal *signal,
                            wzp_us now)
{
    wzp_stream_settle(router, now); /* senders heard before the signal are known to it */
    wzp_link_signal(link, signal, now);
}

void wzp_router_link_media_batch(struct wzp_router *router, struct wzp_link *link,
                                 struct wzp_packet *const *packets, size_t n, wzp_us now)
{
    (void)router;
    wzp_accept_batch(link, packets, n, now);
}

void wzp_router_link_media_in(struct wzp_router *router, struct wzp_link *link, struct wzp_packet *packet,
                              wzp_us now)
{
    (void)router;
    wzp_accept_media(link, packet, now);
}
