/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packet leaves in up to two forms:
 *
 *   tagged   [hash 8][origin 8][hops 1][level 1][media with the origin's number]   second-generation links
 *   plain                              [hash 8][media with our number]             first-generation links
 *                                              [media with our number]             members
 *
 * Both stand in one buffer where they agree, that is, unless tagged and plain links meet or the numbers
 * differ; else the plain form is a copy.
 */
#include "router/flood.h"

#include <string.h>

#include "proto/media.h"
#include "router/member.h"
#include "router/origin.h"

#define CHOSEN_MAX 16

/* Which links get it: how many of each form, and the first of them, so that not all are asked again. */
struct targets {
    size_t n_tagged;
    size_t n_plain;
    struct wzp_link *chosen[CHOSEN_MAX];
};

bool wzp_flood_goes_to(const struct wzp_room *room, const struct wzp_origin *origin,
                       const struct wzp_link *from, const struct wzp_link *to)
{
    const struct wzp_edge *edge = &to->edges[room->index];
    if (to == from || !edge->is_allowed || edge->is_pruned) {
        return false;
    }
    const struct wzp_way *way = origin ? wzp_origin_way(origin, to) : NULL;
    if (way && way->is_pruned) {
        return false;
    }
    if (!from) {
        return true;
    }
    if (origin && origin->upstream && origin->upstream->path_length >= WZP_PATH_MAX) {
        return false; /* relays behind us are out of reach */
    }
    bool has_it = way && way->has_offer; /* who offers us a way to the origin hears it from elsewhere */
    if (from->is_leaf || to->is_leaf || (has_it && !(room->router->bugs & WZP_BUG_FLOOD_EVERYWHERE))) {
        return false;
    }
    return edge->n_offers > 0 || edge->is_grafted;
}

/* Whether every link hears the origin from elsewhere, as in a full mesh. */
static bool has_everybody(const struct wzp_flood *flood)
{
    const struct wzp_router *router = flood->room->router;
    bool floods = router->bugs & WZP_BUG_FLOOD_EVERYWHERE;
    return flood->from && flood->origin && flood->origin->n_offers == router->n_links && !floods;
}

static void add(struct targets *targets, struct wzp_link *link)
{
    size_t n = targets->n_tagged + targets->n_plain;
    if (n < CHOSEN_MAX) {
        targets->chosen[n] = link;
    }
    targets->n_tagged += link->generation == WZP_GENERATION_2;
    targets->n_plain += link->generation == WZP_GENERATION_1;
}

static void choose(const struct wzp_flood *flood, struct targets *out_targets)
{
    const struct wzp_router *router = flood->room->router;
    out_targets->n_tagged = out_targets->n_plain = 0;
    if (has_everybody(flood)) {
        return;
    }
    for (size_t i = 0; i < router->n_slots; i++) {
        struct wzp_link *link = router->links[i];
        if (link && wzp_flood_goes_to(flood->room, flood->origin, flood->from, link)) {
            add(out_targets, link);
        }
    }
}

/* A form of the packet. */
struct form {
    enum wzp_generation generation; /* of the links that get it */
    struct wzp_packet *packet;
    size_t offset, size;
};

static void send_to(const struct wzp_router *router, struct wzp_link *link, const struct form *form)
{
    if (link->generation == form->generation) {
        link->stats.packets_out++;
        link->stats.bytes_out += form->size;
        router->out->media_to_link(router->out->context, link->user, form->packet, form->offset, form->size);
    }
}

static void send_form(const struct wzp_flood *flood, const struct targets *targets, const struct form *form)
{
    const struct wzp_router *router = flood->room->router;
    size_t n = targets->n_tagged + targets->n_plain;
    for (size_t i = 0; n <= CHOSEN_MAX && i < n; i++) {
        send_to(router, targets->chosen[i], form);
    }
    for (size_t i = 0; n > CHOSEN_MAX && i < router->n_slots; i++) {
        struct wzp_link *link = router->links[i];
        if (link && wzp_flood_goes_to(flood->room, flood->origin, flood->from, link)) {
            send_to(router, link, form);
        }
    }
}

static void send_tagged(const struct wzp_flood *flood, const struct targets *targets)
{
    uint8_t *media = flood->packet->bytes + flood->media_offset;
    wzp_media_stamp_stream(media, flood->number);
    wzp_fedtag_g2_write(&flood->tag, media - WZP_FEDTAG_G2_BYTES);
    const struct form form = {
        .generation = WZP_GENERATION_2,
        .packet = flood->packet,
        .offset = flood->media_offset - WZP_FEDTAG_G2_BYTES,
        .size = flood->media_size + WZP_FEDTAG_G2_BYTES,
    };
    send_form(flood, targets, &form);
}

static void send_plain(const struct wzp_flood *flood, struct wzp_packet *packet, size_t media_offset,
                       const struct targets *targets)
{
    uint8_t *media = packet->bytes + media_offset;
    wzp_media_stamp_stream(media, flood->local);
    if (targets->n_plain > 0) {
        const struct form form = {
            .generation = WZP_GENERATION_1,
            .packet = packet,
            .offset = media_offset - WZP_FEDTAG_G1_BYTES,
            .size = flood->media_size + WZP_FEDTAG_G1_BYTES,
        };
        wzp_fedtag_g1_write(&flood->tag, media - WZP_FEDTAG_G1_BYTES);
        send_form(flood, targets, &form);
    }
    if (flood->from && !flood->is_held_back) {
        wzp_member_deliver(flood->room, NULL, packet, media_offset, flood->media_size);
    }
}

/* Both forms differ: the plain one goes into a packet of its own. */
static void send_plain_copy(const struct wzp_flood *flood, const struct targets *targets)
{
    struct wzp_packet *copy = NULL;
    const uint8_t *media = flood->packet->bytes + flood->media_offset;
    if (wzp_packet_new(flood->room->router->pool, media, flood->media_size, &copy) != WZP_OK) {
        if (flood->from) {
            flood->from->stats.dropped[WZP_DROP_QUEUE_FULL]++;
        }
        return;
    }
    copy->rank = flood->packet->rank;
    send_plain(flood, copy, copy->offset, targets);
    wzp_packet_unref(copy);
}

void wzp_flood_member(struct wzp_member *member, struct wzp_packet *packet, uint8_t level)
{
    struct wzp_room *room = member->room;
    struct wzp_flood flood = {
        .room = room,
        .origin = room->self,
        .packet = packet,
        .media_offset = packet->offset,
        .media_size = packet->size,
        .tag = {.hops = WZP_FEDTAG_MAX_HOPS, .level = level},
        .number = member->stream,
        .local = member->stream,
    };
    memcpy(flood.tag.room, room->tag, sizeof flood.tag.room);
    memcpy(flood.tag.origin, room->router->fingerprint, sizeof flood.tag.origin);
    struct targets targets;
    choose(&flood, &targets);
    if (targets.n_tagged > 0) {
        send_tagged(&flood, &targets);
    }
    if (targets.n_plain > 0 && targets.n_tagged > 0) {
        send_plain_copy(&flood, &targets);
    } else if (targets.n_plain > 0) {
        send_plain(&flood, packet, flood.media_offset, &targets);
    }
}

bool wzp_flood_transit(const struct wzp_flood *flood)
{
    struct targets targets;
    choose(flood, &targets);
    bool goes_on = targets.n_tagged > 0 && flood->tag.hops > 0;
    if (targets.n_tagged > 0 && !goes_on) {
        flood->from->stats.dropped[WZP_DROP_HOPS]++;
    }
    bool has_members = flood->room->n_members > 0;
    bool has_plain = (has_members && !flood->is_held_back) || targets.n_plain > 0;
    bool is_one_form = targets.n_plain == 0 && flood->number == flood->local;
    if (goes_on) {
        send_tagged(flood, &targets);
    }
    if (has_plain && goes_on && !is_one_form) {
        send_plain_copy(flood, &targets);
    } else if (has_plain) {
        send_plain(flood, flood->packet, flood->media_offset, &targets);
    }
    return has_members || has_plain || goes_on;
}
