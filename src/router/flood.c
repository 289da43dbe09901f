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

/* How many links get which form. */
struct targets {
    size_t n_tagged;
    size_t n_plain;
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

static struct targets count(const struct wzp_flood *flood)
{
    const struct wzp_router *router = flood->room->router;
    struct targets targets = {0};
    if (has_everybody(flood)) {
        return targets;
    }
    for (size_t i = 0; i < router->n_slots; i++) {
        const struct wzp_link *link = router->links[i];
        if (link && wzp_flood_goes_to(flood->room, flood->origin, flood->from, link)) {
            targets.n_tagged += link->generation == WZP_GENERATION_2;
            targets.n_plain += link->generation == WZP_GENERATION_1;
        }
    }
    return targets;
}

/* Hands one form to the links of one generation. */
static void send_form(const struct wzp_flood *flood, enum wzp_generation generation,
                      struct wzp_packet *packet, size_t offset, size_t size)
{
    const struct wzp_router *router = flood->room->router;
    for (size_t i = 0; i < router->n_slots; i++) {
        struct wzp_link *link = router->links[i];
        if (link && link->generation == generation &&
            wzp_flood_goes_to(flood->room, flood->origin, flood->from, link)) {
            link->stats.packets_out++;
            link->stats.bytes_out += size;
            router->out->media_to_link(router->out->context, link->user, packet, offset, size);
        }
    }
}

static void send_tagged(const struct wzp_flood *flood)
{
    uint8_t *media = flood->packet->bytes + flood->media_offset;
    wzp_media_stamp_stream(media, flood->number);
    wzp_fedtag_g2_write(&flood->tag, media - WZP_FEDTAG_G2_BYTES);
    send_form(flood, WZP_GENERATION_2, flood->packet, flood->media_offset - WZP_FEDTAG_G2_BYTES,
              flood->media_size + WZP_FEDTAG_G2_BYTES);
}

static void send_plain(const struct wzp_flood *flood, struct wzp_packet *packet, size_t media_offset,
                       size_t n_links)
{
    uint8_t *media = packet->bytes + media_offset;
    wzp_media_stamp_stream(media, flood->local);
    if (n_links > 0) {
        wzp_fedtag_g1_write(&flood->tag, media - WZP_FEDTAG_G1_BYTES);
        send_form(flood, WZP_GENERATION_1, packet, media_offset - WZP_FEDTAG_G1_BYTES,
                  flood->media_size + WZP_FEDTAG_G1_BYTES);
    }
    if (flood->from && !flood->is_held_back) {
        wzp_member_deliver(flood->room, NULL, packet, media_offset, flood->media_size);
    }
}

/* Both forms differ: the plain one goes into a packet of its own. */
static void send_plain_copy(const struct wzp_flood *flood, size_t n_links)
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
    send_plain(flood, copy, copy->offset, n_links);
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
    struct targets targets = count(&flood);
    if (targets.n_tagged > 0) {
        send_tagged(&flood);
    }
    if (targets.n_plain > 0 && targets.n_tagged > 0) {
        send_plain_copy(&flood, targets.n_plain);
    } else if (targets.n_plain > 0) {
        send_plain(&flood, packet, flood.media_offset, targets.n_plain);
    }
}

bool wzp_flood_transit(const struct wzp_flood *flood)
{
    struct targets targets = count(flood);
    if (targets.n_tagged > 0 && flood->tag.hops == 0) {
        flood->from->stats.dropped[WZP_DROP_HOPS]++;
        targets.n_tagged = 0;
    }
    bool has_members = flood->room->n_members > 0;
    bool has_plain = (has_members && !flood->is_held_back) || targets.n_plain > 0;
    bool is_one_form = targets.n_plain == 0 && flood->number == flood->local;
    if (targets.n_tagged > 0) {
        send_tagged(flood);
    }
    if (has_plain && targets.n_tagged > 0 && !is_one_form) {
        send_plain_copy(flood, targets.n_plain);
    } else if (has_plain) {
        send_plain(flood, flood->packet, flood->media_offset, targets.n_plain);
    }
    return has_members || has_plain || targets.n_tagged > 0;
}
