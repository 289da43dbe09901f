/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks in order, each with its counter:
 *
 *   rate of the link ─ form ─ room known and allowed ─ rate of the room ─ hops left ─ from the upstream ─
 *   number new ─ content new (where first-generation relays take part) ─ somebody wants it
 */
#include "router/accept.h"

#include <string.h>

#include "proto/fedtag.h"
#include "proto/media.h"
#include "router/content.h"
#include "router/flood.h"
#include "router/origin.h"
#include "router/prune.h"
#include "router/stream.h"

#define FETCHED_SLOTS 4 /* links whose edges are fetched ahead */

/* A datagram taken apart, and what is known of its sender: a stream, or since the last tick a fresh one. */
struct arrival {
    struct wzp_link *link;
    struct wzp_room *room;
    struct wzp_fedtag_packet parts;
    uint16_t number;
    uint8_t key[WZP_STREAM_KEY_BYTES];
    struct wzp_origin *origin; /* NULL: unknown */
    struct wzp_stream *stream;
    struct wzp_fresh *fresh;
    wzp_us now;
};

/* First-generation tags name no origin: it is the link's relay, one hop away. */
static enum wzp_err read(const struct wzp_link *link, const struct wzp_packet *packet,
                         struct arrival *arrival)
{
    const uint8_t *bytes = packet->bytes + packet->offset;
    if (link->generation == WZP_GENERATION_2) {
        enum wzp_err err = wzp_fedtag_g2_read(bytes, packet->size, &arrival->parts);
        arrival->number = err == WZP_OK ? wzp_media_stream(arrival->parts.media) : 0;
        return err;
    }
    enum wzp_err err = wzp_fedtag_g1_read(bytes, packet->size, &arrival->parts);
    memcpy(arrival->parts.tag.origin, link->fingerprint, WZP_ORIGIN_ID_BYTES);
    arrival->parts.tag.hops = WZP_FEDTAG_MAX_HOPS;
    return err;
}

/* By way of the stream where there is one: that saves looking twice. */
static bool find_room(struct arrival *arrival)
{
    struct wzp_router *router = arrival->link->router;
    const struct wzp_fedtag *tag = &arrival->parts.tag;
    wzp_stream_key(tag->room, tag->origin, arrival->number, arrival->key);
    arrival->stream = wzp_stream_find(router, arrival->key);
    arrival->room = arrival->stream ? arrival->stream->origin->room
                                    : wzp_map_get(&router->tags, tag->room, WZP_ROOM_TAG_BYTES);
    return arrival->room && arrival->link->edges[arrival->room->index].is_allowed;
}

/* While the upstream changes for the better, both are. Where nobody announced the origin yet, the first link
 * that brings its media is taken for it. */
static bool is_upstream(struct wzp_origin *origin, struct wzp_link *link, wzp_us now)
{
    if (origin->room->router->bugs & WZP_BUG_FLOOD_EVERYWHERE) {
        return true;
    }
    if (origin->upstream) {
        return origin->upstream->link == link || origin->previous == link;
    }
    if (origin->bound && origin->bound != link && now < origin->bound_at + WZP_BINDING_REST) {
        return false;
    }
    origin->bound = link;
    origin->bound_at = now;
    return true;
}

/* Finds the sender; false where the packet came by the wrong link or there is no place for a new sender. */
static bool find_sender(struct arrival *arrival)
{
    struct wzp_room *room = arrival->room;
    struct wzp_link *link = arrival->link;
    const uint8_t *id = arrival->parts.tag.origin;
    arrival->origin = arrival->stream ? arrival->stream->origin : wzp_origin_find(room, id);
    if (arrival->origin == room->self) {
        wzp_prune_request(room, link, id);
        return false;
    }
    if (arrival->origin && !is_upstream(arrival->origin, link, arrival->now)) {
        if (arrival->origin->upstream) {
            wzp_prune_request(room, link, id);
        }
        return false;
    }
    if (arrival->stream) {
        arrival->stream->used_at = arrival->now;
        return true;
    }
    arrival->fresh = wzp_stream_fresh(room, link, arrival->key);
    return arrival->fresh && (arrival->origin || arrival->fresh->link == link);
}

static bool is_new(struct arrival *arrival)
{
    struct wzp_room *room = arrival->room;
    struct wzp_router *router = room->router;
    const uint8_t *media = arrival->parts.media;
    struct wzp_dup *window = arrival->stream ? &arrival->stream->window : &arrival->fresh->window;
    if (router->bugs & WZP_BUG_SHARE_DUPLICATE_WINDOW) {
        window = &room->shared_window;
    }
    if (arrival->number != 0 && !wzp_dup_is_new(window, wzp_media_seq(media), arrival->now)) {
        return false;
    }
    if (arrival->number != 0 && room->n_first == 0) {
        return true;
    }
    return wzp_content_is_new(room, media, arrival->parts.media_size, arrival->now);
}

static struct wzp_voice *voice_of(const struct arrival *arrival)
{
    return arrival->stream ? &arrival->stream->voice : &arrival->fresh->voice;
}

/* Whether the sender is not among the loudest for our members. */
static bool is_held_back(const struct arrival *arrival)
{
    struct wzp_room *room = arrival->room;
    struct wzp_stream *stream = arrival->stream;
    struct wzp_voice *voice = voice_of(arrival);
    struct wzp_seat *seat = stream ? &stream->seat : &arrival->fresh->seat;
    uint16_t local = stream ? stream->local : arrival->fresh->local;
    wzp_voice_hear(voice, arrival->parts.media, arrival->parts.tag.level, arrival->now);
    if (!wzp_speakers_is_on(&room->floor, room->n_members + room->n_remote) ||
        wzp_speakers_let(&room->floor, voice, seat, local, arrival->now)) {
        return false;
    }
    room->router->stats.not_speaking_remote += room->n_members > 0;
    return true;
}

static bool pass_on(const struct arrival *arrival, struct wzp_packet *packet)
{
    struct wzp_flood flood = {
        .room = arrival->room,
        .origin = arrival->origin,
        .from = arrival->link,
        .packet = packet,
        .media_offset = (size_t)(arrival->parts.media - packet->bytes),
        .media_size = arrival->parts.media_size,
        .tag = arrival->parts.tag,
        .number = arrival->number,
        .local = arrival->stream ? arrival->stream->local : arrival->fresh->local,
        .is_held_back = is_held_back(arrival),
    };
    flood.tag.hops--;
    packet->rank = wzp_voice_loudness(voice_of(arrival), arrival->now);
    arrival->room->router->now = arrival->now;
    return wzp_flood_transit(&flood);
}

/* Why the packet goes nowhere, or WZP_N_DROPS where it went somewhere. */
static enum wzp_drop accept(struct arrival *arrival, struct wzp_packet *packet)
{
    struct wzp_link *link = arrival->link;
    if (!wzp_bucket_take(&link->bucket, arrival->now)) {
        return WZP_DROP_RATE;
    }
    if (read(link, packet, arrival) != WZP_OK) {
        return WZP_DROP_MALFORMED;
    }
    if (!find_room(arrival)) {
        return WZP_DROP_NO_ROOM;
    }
    if (!wzp_bucket_take(&link->edges[arrival->room->index].bucket, arrival->now)) {
        return WZP_DROP_RATE;
    }
    if (arrival->parts.tag.hops == 0) {
        return WZP_DROP_HOPS;
    }
    if (!find_sender(arrival)) {
        return WZP_DROP_NOT_UPSTREAM;
    }
    if (!is_new(arrival)) {
        return WZP_DROP_DUPLICATE;
    }
    if (!pass_on(arrival, packet)) {
        wzp_prune_request(arrival->room, link, arrival->parts.tag.origin);
        return WZP_DROP_NO_ROOM;
    }
    return WZP_N_DROPS;
}

void wzp_accept_media(struct wzp_link *link, struct wzp_packet *packet, wzp_us now)
{
    link->stats.packets_in++;
    link->stats.bytes_in += packet->size;
    struct arrival arrival = {.link = link, .now = now};
    enum wzp_drop why = accept(&arrival, packet);
    if (why != WZP_N_DROPS) {
        link->stats.dropped[why]++;
    }
}

/*
 * Where thousands of senders take turns, hardly anything of one is in the cache when its next packet comes,
 * and each thing leads to the next: stream, origin, room, edge. So all packets of a batch ask for one of
 * them, then all for the next one, and wait together.
 */
static size_t fetch_stream(struct wzp_link *link, const struct wzp_packet *packet,
                           struct wzp_stream **out_streams)
{
    const uint8_t *bytes = packet->bytes + packet->offset;
    const uint8_t *media = bytes + WZP_FEDTAG_G2_BYTES;
    if (packet->size < WZP_FEDTAG_G2_BYTES + WZP_MEDIA_HEADER_BYTES) {
        return 0;
    }
    size_t n = 0;
    uint8_t key[WZP_STREAM_KEY_BYTES];
    wzp_stream_key(bytes, bytes + WZP_FEDTAG_ROOM_BYTES, wzp_media_stream(media), key);
    for (size_t i = 0; i < WZP_STREAM_GUESSES; i++) {
        struct wzp_stream *stream = wzp_stream_guess(link->router, key, i);
        if (stream) {
            __builtin_prefetch(stream);
            __builtin_prefetch(&stream->window);
            __builtin_prefetch(
                &stream->window.seen[wzp_media_seq(media) / 64 % wzp_count(stream->window.seen)]);
            out_streams[n++] = stream;
        }
    }
    return n;
}

static void fetch_edges(const struct wzp_link *from, const struct wzp_origin *origin)
{
    const struct wzp_router *router = from->router;
    size_t n = wzp_min_size(router->n_slots, FETCHED_SLOTS);
    for (size_t i = 0; i < n; i++) {
        if (router->links[i]) {
            __builtin_prefetch(&router->links[i]->edges[origin->room->index]);
        }
        if (i < origin->n_ways && origin->ways[i]) {
            __builtin_prefetch(origin->ways[i]);
        }
    }
}

static void fetch_ahead(struct wzp_link *link, struct wzp_packet *const *packets, size_t n)
{
    struct wzp_stream *streams[WZP_ROUTER_MEDIA_BATCH * WZP_STREAM_GUESSES];
    size_t n_streams = 0;
    for (size_t i = 0; i < n; i++) {
        n_streams += fetch_stream(link, packets[i], streams + n_streams);
    }
    for (size_t i = 0; i < n_streams; i++) {
        __builtin_prefetch(streams[i]->origin);
    }
    for (size_t i = 0; i < n_streams; i++) {
        __builtin_prefetch(streams[i]->origin->room);
        __builtin_prefetch(&streams[i]->origin->room->floor);
        __builtin_prefetch(streams[i]->origin->ways);
    }
    for (size_t i = 0; i < n_streams; i++) {
        fetch_edges(link, streams[i]->origin);
    }
}

void wzp_accept_batch(struct wzp_link *link, struct wzp_packet *const *packets, size_t n, wzp_us now)
{
    if (n > 1 && link->generation == WZP_GENERATION_2) {
        fetch_ahead(link, packets, n);
    }
    for (size_t i = 0; i < n; i++) {
        wzp_accept_media(link, packets[i], now);
    }
}
