/* SPDX-License-Identifier: Apache-2.0 */
#include "router/member.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "router/announce.h"
#include "router/content.h"
#include "router/first.h"
#include "router/flood.h"
#include "router/prune.h"
#include "router/room.h"
#include "router/shed.h"

static const char *room_of(const struct wzp_join *join)
{
    return join->room && join->room[0] ? join->room : WZP_ROOM_NAME_DEFAULT;
}

/* The member that a newer connection of the same identity takes the place of, or NULL. */
static struct wzp_member *find_same(const struct wzp_room *room, const uint8_t *identity)
{
    if (!identity) {
        return NULL;
    }
    wzp_list_each(node, &room->members)
    {
        struct wzp_member *member = wzp_container(node, struct wzp_member, node);
        if (member->has_identity && memcmp(member->identity, identity, sizeof member->identity) == 0) {
            return member;
        }
    }
    return NULL;
}

static enum wzp_err find_or_make_room(struct wzp_router *router, const char *name, struct wzp_room **out_room)
{
    struct wzp_room *room = wzp_room_find(router, name);
    if (room) {
        wzp_room_bring_name(room, name);
        *out_room = room;
        return WZP_OK;
    }
    enum wzp_err err = wzp_room_new(router, name, false, out_room);
    return err == WZP_ELIMIT ? WZP_EAGAIN : err;
}

static struct wzp_member *make(const struct wzp_router *router, const struct wzp_join *join, wzp_us now)
{
    struct wzp_member *member = calloc(1, sizeof *member);
    if (!member) {
        return NULL;
    }
    wzp_list_init(&member->node);
    wzp_text_clean(join->fingerprint, member->fingerprint, sizeof member->fingerprint);
    wzp_text_clean(join->alias ? join->alias : "", member->alias, sizeof member->alias);
    if (join->identity) {
        memcpy(member->identity, join->identity, sizeof member->identity);
        member->has_identity = true;
    }
    member->user = join->user;
    member->is_muted = join->is_muted;
    member->has_level = join->caps & WZP_CAP_LEVEL;
    member->version = join->version;
    member->caps = join->caps;
    uint32_t pps = router->limits.member_pps;
    member->bucket = wzp_bucket_of(pps, 2 * pps, now);
    return member;
}

static void enter(struct wzp_room *room, struct wzp_member *member, wzp_us now)
{
    member->room = room;
    member->stream = wzp_room_take_number(room);
    wzp_list_push_back(&room->members, &member->node);
    room->n_members++;
    room->router->stats.members++;
    room->router->stats.joins++;
    if (room->n_members <= WZP_SIGNAL_MAX_PARTICIPANTS) { /* else the list is full, and stays as it is */
        wzp_room_changed(room, now);
    }
    wzp_room_set_due(room, WZP_DUE_UPDATE, now); /* the joiner's first list */
    wzp_room_event(room, room->n_members == 1 ? WZP_ROUTER_EVENT_ROOM_OPENED : WZP_ROUTER_EVENT_ROOM_CHANGED);
    if (room->is_global) {
        wzp_announce_changed(room, now);
        wzp_prune_review(room);
    }
}

/* Unlinks and frees; the room may be empty afterwards. */
static void detach(struct wzp_member *member)
{
    struct wzp_room *room = member->room;
    if (room) {
        wzp_list_remove(&member->node);
        wzp_room_give_number(room, member->stream);
        room->n_members--;
        room->router->stats.members--;
        room->router->stats.limited -= member->shed ? 1 : 0;
    }
    wzp_shed_free(member->shed);
    free(member);
}

void wzp_member_free(struct wzp_member *member)
{
    detach(member);
}

enum wzp_err wzp_member_join(struct wzp_router *router, const struct wzp_join *join, wzp_us now,
                             struct wzp_member **out_member)
{
    struct wzp_room *room = NULL;
    enum wzp_err err = find_or_make_room(router, room_of(join), &room);
    if (err != WZP_OK) {
        return err;
    }
    struct wzp_member *older = find_same(room, join->identity);
    size_t n_stay = room->n_members - (older ? 1 : 0);
    err = router->stats.members - (older ? 1 : 0) >= router->limits.members ? WZP_EAGAIN
          : n_stay >= router->limits.members_per_room                       ? WZP_ELIMIT
                                                                            : WZP_OK;
    struct wzp_member *member = err == WZP_OK ? make(router, join, now) : NULL;
    if (!member) {
        if (!room->is_global && room->n_members == 0) {
            wzp_room_free(room);
        }
        return err == WZP_OK ? WZP_ENOMEM : err;
    }
    if (older) {
        router->stats.replaced++;
        router->out->member_replaced(router->out->context, older->user);
        detach(older);
    }
    enter(room, member, now);
    *out_member = member;
    return WZP_OK;
}

void wzp_member_leave(struct wzp_member *member, wzp_us now)
{
    struct wzp_room *room = member->room;
    if (room->n_first > 0) {
        wzp_first_left(room, member->fingerprint, now);
    }
    detach(member);
    wzp_room_changed(room, now);
    wzp_room_event(room, room->n_members == 0 ? WZP_ROUTER_EVENT_ROOM_CLOSED : WZP_ROUTER_EVENT_ROOM_CHANGED);
    if (room->is_global) {
        wzp_announce_changed(room, now);
        wzp_prune_review(room);
    } else if (room->n_members == 0) {
        wzp_room_free(room);
    }
}

void wzp_member_set_muted(struct wzp_member *member, bool is_muted, wzp_us now)
{
    if (member->is_muted == is_muted) {
        return;
    }
    member->is_muted = is_muted;
    wzp_room_changed(member->room, now);
    if (member->room->is_global) {
        wzp_announce_changed(member->room, now);
    }
}

void wzp_member_set_budget(struct wzp_member *member, uint32_t bytes_per_second, wzp_us now)
{
    struct wzp_router_stats *stats = &member->room->router->stats;
    if (bytes_per_second == 0) {
        stats->limited -= member->shed ? 1 : 0;
        wzp_shed_free(member->shed);
        member->shed = NULL;
    } else if (member->shed) {
        wzp_shed_set_budget(member->shed, bytes_per_second, now);
    } else if (wzp_shed_new(bytes_per_second, now, &member->shed) == WZP_OK) {
        stats->limited++;
    }
}

uint32_t wzp_member_wanted(const struct wzp_member *member, wzp_us now)
{
    return member->shed ? wzp_shed_wanted(member->shed, now) : 0;
}

/* Whether the member's budget has a place for the packet. */
static bool has_place(struct wzp_member *member, const struct wzp_packet *packet, size_t offset, size_t size)
{
    struct wzp_router *router = member->room->router;
    const uint8_t *media = packet->bytes + offset;
    const struct wzp_shed_packet question = {
        .number = wzp_media_stream(media),
        .loudness = packet->rank,
        .is_repair = wzp_media_is_repair(media),
        .size = size,
    };
    switch (wzp_shed_ask(member->shed, &question, router->now)) {
    case WZP_SHED_LET:
        return true;
    case WZP_SHED_SPEAKER:
        router->stats.shed_speaker++;
        break;
    case WZP_SHED_REDUNDANCY:
        router->stats.shed_redundancy++;
        break;
    }
    return false;
}

void wzp_member_deliver(struct wzp_room *room, const struct wzp_member *except, struct wzp_packet *packet,
                        size_t offset, size_t size)
{
    const struct wzp_router_out *out = room->router->out;
    size_t n = 0;
    wzp_list_each(node, &room->members)
    {
        struct wzp_member *member = wzp_container(node, struct wzp_member, node);
        if (member != except && (!member->shed || has_place(member, packet, offset, size))) {
            member->stats.packets_out++;
            member->stats.bytes_out += size;
            out->media_to_member(out->context, member->user, packet, offset, size);
            n++;
        }
    }
    room->router->stats.packets_out += n;
    room->router->stats.bytes_out += n * size;
}

/* To the links, for which our members are chosen among themselves: each relay chooses again from what all
 * of them let through. */
static void flood(struct wzp_member *member, struct wzp_packet *packet, uint8_t level, bool is_limited,
                  wzp_us now)
{
    struct wzp_room *room = member->room;
    if (is_limited &&
        !wzp_speakers_let(&room->leaving, &member->voice, &member->leaving, member->stream, now)) {
        room->router->stats.not_speaking_links++;
        return;
    }
    wzp_flood_member(member, packet, level);
}

void wzp_member_media_in(struct wzp_member *member, struct wzp_packet *packet, wzp_us now)
{
    struct wzp_room *room = member->room;
    struct wzp_router *router = room->router;
    uint8_t *media = wzp_packet_data(packet);
    if (!wzp_media_is_valid(media, packet->size)) {
        member->stats.dropped_malformed++;
        router->stats.dropped_malformed++;
        return;
    }
    if (!wzp_bucket_take(&member->bucket, now)) {
        member->stats.dropped_rate++;
        router->stats.dropped_rate++;
        return;
    }
    member->stats.packets_in++;
    member->stats.bytes_in += packet->size;
    router->stats.packets_in++;
    router->stats.bytes_in += packet->size;
    uint8_t level = member->has_level ? wzp_media_level(media) : 0;
    wzp_media_stamp_stream(media, member->stream);
    if (room->n_first > 0) {
        wzp_ignore(wzp_content_is_new(room, media, packet->size, now)); /* it may come back */
    }
    bool is_limited = wzp_speakers_is_on(&room->floor, room->n_members + room->n_remote);
    wzp_voice_hear(&member->voice, media, level, now);
    packet->rank = wzp_voice_loudness(&member->voice, now);
    router->now = now;
    if (room->is_global) {
        flood(member, packet, level, is_limited, now);
    }
    if (is_limited && !wzp_speakers_let(&room->floor, &member->voice, &member->seat, member->stream, now)) {
        member->stats.not_speaking++;
        router->stats.not_speaking++;
        return;
    }
    wzp_member_deliver(room, member, packet, packet->offset, packet->size);
}

uint16_t wzp_member_stream(const struct wzp_member *member)
{
    return member->stream;
}

const char *wzp_member_room(const struct wzp_member *member)
{
    return member->room->name;
}

void wzp_member_stats(const struct wzp_member *member, struct wzp_member_stats *out_stats)
{
    *out_stats = member->stats;
}
