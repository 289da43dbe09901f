/* SPDX-License-Identifier: Apache-2.0 */
#include "router/link.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "router/announce.h"
#include "router/content.h"
#include "router/first.h"
#include "router/origin.h"
#include "router/prune.h"
#include "router/room.h"
#include "router/route.h"
#include "router/say.h"
#include "router/stream.h"

static struct wzp_link *find(const struct wzp_router *router, const uint8_t *fingerprint)
{
    for (size_t i = 0; i < router->n_slots; i++) {
        struct wzp_link *link = router->links[i];
        if (link && memcmp(link->fingerprint, fingerprint, sizeof link->fingerprint) == 0) {
            return link;
        }
    }
    return NULL;
}

static size_t free_slot(const struct wzp_router *router)
{
    size_t slot = 0;
    while (slot < router->n_slots && router->links[slot]) {
        slot++;
    }
    return slot;
}

static bool is_allowed(const struct wzp_link_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->n_rooms; i++) {
        if (fnmatch(policy->rooms[i], name, 0) == 0) {
            return true;
        }
    }
    return policy->n_rooms == 0;
}

static struct wzp_bucket bucket_of(uint32_t pps, wzp_us now)
{
    return wzp_bucket_of(pps, wzp_max_size(pps / 5, 1), now);
}

static enum wzp_err fill_edges(struct wzp_link *link, const struct wzp_link_policy *policy, wzp_us now)
{
    const struct wzp_router *router = link->router;
    link->edges = calloc(router->n_globals + 1, sizeof *link->edges);
    if (!link->edges) {
        return WZP_ENOMEM;
    }
    for (size_t i = 0; i < router->n_globals; i++) {
        link->edges[i].is_allowed = is_allowed(policy, router->globals[i]->name);
        link->edges[i].pruned_at = now - WZP_PRUNE_GAP;
        link->edges[i].bucket = bucket_of(router->limits.link_room_pps, now);
    }
    return WZP_OK;
}

static enum wzp_err make(struct wzp_router *router, const struct wzp_link_info *info, wzp_us now,
                         struct wzp_link **out_link)
{
    struct wzp_link *link = calloc(1, sizeof *link);
    if (!link) {
        return WZP_ENOMEM;
    }
    const struct wzp_link_policy *policy = &info->policy;
    link->router = router;
    memcpy(link->fingerprint, info->fingerprint, sizeof link->fingerprint);
    wzp_text_clean(info->label ? info->label : "", link->label, sizeof link->label);
    link->generation = info->generation;
    link->is_leaf = policy->is_leaf;
    link->max_participants =
        policy->max_participants > 0 ? policy->max_participants : WZP_SIGNAL_MAX_PARTICIPANTS;
    link->rtt_class = info->rtt_class;
    link->user = info->user;
    link->bucket = bucket_of(policy->max_pps > 0 ? policy->max_pps : router->limits.link_pps, now);
    wzp_list_init(&link->ways);
    enum wzp_err err = fill_edges(link, policy, now);
    if (err != WZP_OK) {
        wzp_link_free(link);
        return err;
    }
    *out_link = link;
    return WZP_OK;
}

/* A relay that comes back hears what is still said of it, so that it can put it right: it may have died and
 * know nothing. */
static void tell_origin(struct wzp_origin *origin, struct wzp_link *link)
{
    bool is_itself = memcmp(origin->fingerprint, link->fingerprint, sizeof origin->fingerprint) == 0;
    if (is_itself && (origin->state == WZP_ORIGIN_KNOWN || origin->state == WZP_ORIGIN_LOST)) {
        wzp_say_inactive(origin, link, true);
        return;
    }
    wzp_route_tell(origin, link);
}

static void tell_everything(struct wzp_link *link, wzp_us now)
{
    const struct wzp_router *router = link->router;
    for (size_t i = 0; i < router->n_globals; i++) {
        struct wzp_room *room = router->globals[i];
        if (link->generation == WZP_GENERATION_1) {
            wzp_first_link_up(room, link, now);
            continue;
        }
        wzp_route_tell(room->self, link);
        wzp_list_each(node, &room->origins)
        {
            tell_origin(wzp_container(node, struct wzp_origin, node), link);
        }
    }
}

enum wzp_err wzp_link_up(struct wzp_router *router, const struct wzp_link_info *info, wzp_us now,
                         struct wzp_link **out_link)
{
    if (memcmp(info->fingerprint, router->fingerprint, sizeof router->fingerprint) == 0) {
        return WZP_EINVAL;
    }
    if (find(router, info->fingerprint)) {
        return WZP_EEXIST;
    }
    size_t slot = free_slot(router);
    if (slot >= router->limits.links) {
        return WZP_ELIMIT;
    }
    enum wzp_err err = make(router, info, now, out_link);
    if (err != WZP_OK) {
        return err;
    }
    struct wzp_link *link = *out_link;
    link->slot = slot;
    router->links[slot] = link;
    router->n_links++;
    router->n_slots = wzp_max_size(router->n_slots, slot + 1);
    if (link->generation == WZP_GENERATION_1) {
        wzp_content_need(router);
    }
    tell_everything(link, now);
    return WZP_OK;
}

/* Takes back what the link offers and forgets what we said to it, origin by origin. */
static void drop_ways(struct wzp_link *link, wzp_us now)
{
    wzp_list_each(node, &link->ways)
    {
        struct wzp_way *way = wzp_container(node, struct wzp_way, node);
        struct wzp_origin *origin = way->origin;
        uint8_t lost[2][WZP_FINGERPRINT_BYTES];
        memcpy(lost[0], link->router->fingerprint, sizeof lost[0]);
        memcpy(lost[1], link->fingerprint, sizeof lost[1]);
        bool was_upstream = origin->upstream == way;
        bool had_offer = wzp_route_withdraw(way, now);
        wzp_origin_drop_way(way);
        if (was_upstream) {
            wzp_route_lost(origin, lost, NULL, now);
        }
        if (had_offer) {
            wzp_route_review(origin, WZP_ROUTE_OFFERS, now);
        }
    }
}

void wzp_link_down(struct wzp_link *link, wzp_us now)
{
    struct wzp_router *router = link->router;
    router->links[link->slot] = NULL;
    router->n_links--;
    while (router->n_slots > 0 && !router->links[router->n_slots - 1]) {
        router->n_slots--;
    }
    wzp_stream_drop_link(router, link);
    wzp_prune_drop_link(router, link);
    drop_ways(link, now);
    for (size_t i = 0; i < router->n_globals; i++) {
        if (link->generation == WZP_GENERATION_1) {
            wzp_first_link_down(router->globals[i], link);
        }
        wzp_origin_unbind(router->globals[i], link);
        wzp_prune_review(router->globals[i]);
    }
    wzp_link_free(link);
}

void wzp_link_free(struct wzp_link *link)
{
    if (!link) {
        return;
    }
    for (size_t i = 0; link->edges && i < link->router->n_globals; i++) {
        free(link->edges[i].raw);
    }
    free(link->edges);
    free(link);
}

static void refuse(struct wzp_link *link, const char *room, enum wzp_refusal why)
{
    link->stats.signals_refused++;
    link->stats.refused[why]++;
    const struct wzp_router_event event = {
        .kind = WZP_ROUTER_EVENT_SIGNAL_REFUSED, .room = room, .link = link->user, .refusal = why};
    link->router->out->event(link->router->out->context, &event);
}

static void hear_room(struct wzp_link *link, const struct wzp_signal *signal, wzp_us now)
{
    const char *name = signal->global_room.room;
    struct wzp_room *room = name ? wzp_room_find(link->router, name) : NULL;
    link->stats.signals_in++;
    if (!room || !room->is_global) {
        refuse(link, name ? name : "", WZP_REFUSAL_NO_ROOM);
    } else if (!link->edges[room->index].is_allowed) {
        refuse(link, room->name, WZP_REFUSAL_NOT_ALLOWED);
    } else {
        enum wzp_refusal why = link->generation == WZP_GENERATION_1
                                   ? wzp_first_hear(link, room, signal, now)
                                   : wzp_announce_hear(link, room, signal, now);
        if (why) {
            refuse(link, room->name, why);
        }
    }
}

void wzp_link_signal(struct wzp_link *link, const struct wzp_signal *signal, wzp_us now)
{
    if (signal->kind == WZP_SIGNAL_GLOBAL_ROOM_ACTIVE || signal->kind == WZP_SIGNAL_GLOBAL_ROOM_INACTIVE) {
        hear_room(link, signal, now);
    } else if ((signal->kind == WZP_SIGNAL_PRUNE || signal->kind == WZP_SIGNAL_GRAFT) &&
               link->generation == WZP_GENERATION_2) {
        wzp_prune_hear(link, signal);
    }
}

const char *wzp_link_label(const struct wzp_link *link)
{
    return link->label;
}

void wzp_link_stats(const struct wzp_link *link, struct wzp_link_stats *out_stats)
{
    *out_stats = link->stats;
    for (size_t i = 0; i < link->router->n_globals; i++) {
        out_stats->rooms += link->edges[i].n_offers > 0;
        out_stats->offers += link->edges[i].n_offers;
    }
}
