/* SPDX-License-Identifier: Apache-2.0 */
#include "router/stream.h"

#include <stdlib.h>
#include <string.h>

#include "router/origin.h"
#include "router/room.h"

void wzp_stream_key(const uint8_t tag[static WZP_ROOM_TAG_BYTES],
                    const uint8_t origin[static WZP_ORIGIN_ID_BYTES], uint16_t number,
                    uint8_t out_key[static WZP_STREAM_KEY_BYTES])
{
    memcpy(out_key, tag, WZP_ROOM_TAG_BYTES);
    memcpy(out_key + WZP_ROOM_TAG_BYTES, origin, WZP_ORIGIN_ID_BYTES);
    out_key[WZP_STREAM_KEY_BYTES - 2] = (uint8_t)(number >> 8);
    out_key[WZP_STREAM_KEY_BYTES - 1] = (uint8_t)number;
}

/* Multipliers of XXH64 (Y. Collet, BSD): odd, with their bits well spread. */
#define MIX_1 0x9e3779b185ebca87u
#define MIX_2 0xc2b2ae3d27d4eb4fu
#define MIX_3 0x165667b19e3779f9u

/* Where the table of those heard lately has WZP_STREAM_GUESSES places for the key. Who collides here only
 * takes the longer way, so the mixing is cheap. */
static struct wzp_stream **lately(struct wzp_router *router, const uint8_t key[static WZP_STREAM_KEY_BYTES])
{
    uint64_t tag;
    uint64_t origin;
    uint16_t number;
    memcpy(&tag, key, sizeof tag);
    memcpy(&origin, key + sizeof tag, sizeof origin);
    memcpy(&number, key + sizeof tag + sizeof origin, sizeof number);
    uint64_t mix = (tag ^ router->hash_key.k[0]) * MIX_1 + (origin ^ router->hash_key.k[1]) * MIX_2;
    mix = (mix ^ mix >> 32 ^ number) * MIX_3;
    return &router->lately[mix >> 32 & (WZP_STREAMS_LATELY - WZP_STREAM_GUESSES)];
}

struct wzp_stream *wzp_stream_guess(struct wzp_router *router, const uint8_t key[static WZP_STREAM_KEY_BYTES],
                                    size_t i)
{
    return router->lately ? lately(router, key)[i] : NULL;
}

static bool has_key(const struct wzp_stream *stream, const uint8_t key[static WZP_STREAM_KEY_BYTES])
{
    _Static_assert(WZP_STREAM_KEY_BYTES == 18, "in parts that compilers compare at once");
    return memcmp(stream->key, key, 8) == 0 && memcmp(stream->key + 8, key + 8, 8) == 0 &&
           memcmp(stream->key + 16, key + 16, 2) == 0;
}

struct wzp_stream *wzp_stream_find(struct wzp_router *router, const uint8_t key[static WZP_STREAM_KEY_BYTES])
{
    if (!router->lately) {
        return NULL;
    }
    struct wzp_stream **places = lately(router, key);
    for (size_t i = 0; i < WZP_STREAM_GUESSES; i++) {
        if (places[i] && has_key(places[i], key)) {
            return places[i];
        }
    }
    struct wzp_stream *stream = wzp_map_get(&router->streams, key, WZP_STREAM_KEY_BYTES);
    if (stream) {
        places[1] = places[0];
        places[0] = stream;
    }
    return stream;
}

static enum wzp_err add(struct wzp_origin *origin, const uint8_t key[static WZP_STREAM_KEY_BYTES],
                        struct wzp_stream **out_stream)
{
    struct wzp_router *router = origin->room->router;
    if (origin->n_streams >= WZP_STREAMS_PER_ORIGIN) {
        return WZP_ELIMIT;
    }
    if (!router->lately) {
        router->lately = calloc(WZP_STREAMS_LATELY, sizeof(struct wzp_stream *));
    }
    struct wzp_stream *stream = router->lately ? calloc(1, sizeof *stream) : NULL;
    if (!stream) {
        return WZP_ENOMEM;
    }
    memcpy(stream->key, key, WZP_STREAM_KEY_BYTES);
    enum wzp_err err = wzp_map_add(&router->streams, stream->key, sizeof stream->key, stream);
    if (err != WZP_OK) {
        free(stream);
        return err;
    }
    stream->origin = origin;
    wzp_list_push_back(&origin->streams, &stream->node);
    origin->n_streams++;
    *out_stream = stream;
    return WZP_OK;
}

static bool has_number(const uint8_t key[static WZP_STREAM_KEY_BYTES])
{
    return key[WZP_STREAM_KEY_BYTES - 2] != 0 || key[WZP_STREAM_KEY_BYTES - 1] != 0;
}

enum wzp_err wzp_stream_get(struct wzp_origin *origin, uint16_t number, wzp_us now,
                            struct wzp_stream **out_stream)
{
    uint8_t key[WZP_STREAM_KEY_BYTES];
    wzp_stream_key(origin->room->tag, origin->fingerprint, number, key);
    *out_stream = wzp_stream_find(origin->room->router, key);
    if (*out_stream) {
        return WZP_OK;
    }
    enum wzp_err err = add(origin, key, out_stream);
    if (err == WZP_OK) {
        (*out_stream)->used_at = now;
        (*out_stream)->local = has_number(key) ? wzp_room_take_number(origin->room) : 0;
    }
    return err;
}

void wzp_stream_free(struct wzp_stream *stream)
{
    struct wzp_origin *origin = stream->origin;
    for (size_t i = 0; i < origin->n_people; i++) {
        if (origin->people[i].stream == stream) {
            origin->people[i].stream = NULL;
        }
    }
    struct wzp_router *router = origin->room->router;
    struct wzp_stream **places = lately(router, stream->key);
    for (size_t i = 0; i < WZP_STREAM_GUESSES; i++) {
        places[i] = places[i] == stream ? NULL : places[i];
    }
    wzp_map_remove(&router->streams, stream->key, sizeof stream->key);
    wzp_room_give_number(origin->room, stream->local);
    wzp_list_remove(&stream->node);
    origin->n_streams--;
    free(stream);
}

wzp_us wzp_stream_rest(struct wzp_origin *origin, wzp_us now)
{
    wzp_us next = WZP_NEVER;
    wzp_list_each(node, &origin->streams)
    {
        struct wzp_stream *stream = wzp_container(node, struct wzp_stream, node);
        if (stream->is_listed) {
            continue;
        }
        wzp_us end = stream->used_at + WZP_STREAM_REST;
        if (end <= now) {
            wzp_stream_free(stream);
        } else {
            next = wzp_us_min(next, end);
        }
    }
    return next;
}

struct wzp_fresh *wzp_stream_fresh(struct wzp_room *room, struct wzp_link *link,
                                   const uint8_t key[static WZP_STREAM_KEY_BYTES])
{
    struct wzp_router *router = room->router;
    for (size_t i = 0; i < router->n_fresh; i++) {
        if (memcmp(router->fresh[i].key, key, WZP_STREAM_KEY_BYTES) == 0) {
            return &router->fresh[i];
        }
    }
    if (router->n_fresh == WZP_FRESH_MAX) {
        return NULL;
    }
    struct wzp_fresh *fresh = &router->fresh[router->n_fresh++];
    *fresh = (struct wzp_fresh){.room = room, .link = link};
    memcpy(fresh->key, key, WZP_STREAM_KEY_BYTES);
    fresh->local = has_number(key) ? wzp_room_take_number(room) : 0;
    return fresh;
}

/* The stream keeps the number under which its first packets were handed out. */
static enum wzp_err settle(const struct wzp_fresh *fresh, wzp_us now)
{
    struct wzp_room *room = fresh->room;
    struct wzp_origin *origin = NULL;
    struct wzp_stream *stream = NULL;
    enum wzp_err err = wzp_origin_get(room, fresh->key + WZP_ROOM_TAG_BYTES, now, &origin);
    if (err == WZP_OK) {
        err = add(origin, fresh->key, &stream);
    }
    if (err != WZP_OK) {
        return err;
    }
    stream->window = fresh->window;
    stream->local = fresh->local;
    stream->voice = fresh->voice;
    stream->seat = fresh->seat;
    stream->used_at = now;
    if (!origin->upstream && !origin->bound) {
        origin->bound = fresh->link;
        origin->bound_at = now;
    }
    wzp_room_set_due(room, WZP_DUE_ORIGINS, now + WZP_STREAM_REST);
    return WZP_OK;
}

void wzp_stream_settle(struct wzp_router *router, wzp_us now)
{
    for (size_t i = 0; i < router->n_fresh; i++) {
        if (settle(&router->fresh[i], now) != WZP_OK) {
            wzp_room_give_number(router->fresh[i].room, router->fresh[i].local);
        }
    }
    router->n_fresh = 0;
}

void wzp_stream_drop_link(struct wzp_router *router, const struct wzp_link *link)
{
    for (size_t i = 0; i < router->n_fresh;) {
        if (router->fresh[i].link == link) {
            wzp_room_give_number(router->fresh[i].room, router->fresh[i].local);
            router->fresh[i] = router->fresh[--router->n_fresh];
        } else {
            i++;
        }
    }
}
