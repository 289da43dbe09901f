/* SPDX-License-Identifier: Apache-2.0 */
#include "router/content.h"

#include <stdlib.h>
#include <string.h>

#include "proto/media.h"
#include "router/seen.h"

#define WZP_CONTENT_WINDOW     (2 * WZP_SECOND)
#define WZP_CONTENT_ECHO       (10 * WZP_SECOND) /* how long relays may go on telling each other who left */
#define WZP_CONTENT_LEFT_SLOTS 10                /* 1,024 */

struct wzp_content {
    struct wzp_seen *media;
    struct wzp_seen *left;
};

void wzp_content_need(struct wzp_router *router)
{
    if (router->content) {
        return;
    }
    struct wzp_content *content = calloc(1, sizeof *content);
    if (!content) {
        return;
    }
    content->media = wzp_seen_new(router->limits.content_slots_log, WZP_CONTENT_WINDOW);
    content->left = wzp_seen_new(WZP_CONTENT_LEFT_SLOTS, WZP_CONTENT_ECHO);
    if (!content->media || !content->left) {
        wzp_content_free(content);
        return;
    }
    router->content = content;
}

void wzp_content_free(struct wzp_content *content)
{
    if (content) {
        wzp_seen_free(content->media);
        wzp_seen_free(content->left);
        free(content);
    }
}

/* Two parts under the router's key and the room. */
static uint64_t hash_of(const struct wzp_room *room, const void *first, size_t first_size, const void *rest,
                        size_t rest_size)
{
    const struct wzp_hash_key *key = &room->router->hash_key;
    const struct wzp_hash_key second = {.k = {key->k[0] ^ wzp_hash(key, room->tag, sizeof room->tag),
                                              key->k[1] ^ wzp_hash(key, first, first_size)}};
    return wzp_hash(&second, rest, rest_size);
}

bool wzp_content_is_new(const struct wzp_room *room, const uint8_t *media, size_t size, wzp_us now)
{
    struct wzp_content *content = room->router->content;
    if (!content) {
        return true;
    }
    enum { BEFORE_STREAM = 10 };
    uint64_t hash =
        hash_of(room, media, BEFORE_STREAM, media + WZP_MEDIA_HEADER_BYTES, size - WZP_MEDIA_HEADER_BYTES);
    if (wzp_seen_has(content->media, hash, now)) {
        return false;
    }
    wzp_seen_note(content->media, hash, now);
    return true;
}

void wzp_content_note_left(const struct wzp_room *room, const char *fingerprint, wzp_us now)
{
    struct wzp_content *content = room->router->content;
    if (content) {
        wzp_seen_note(content->left, hash_of(room, "", 0, fingerprint, strlen(fingerprint)), now);
    }
}

bool wzp_content_has_left(const struct wzp_room *room, const char *fingerprint, wzp_us now)
{
    struct wzp_content *content = room->router->content;
    uint64_t hash = hash_of(room, "", 0, fingerprint, strlen(fingerprint));
    if (!content || !wzp_seen_has(content->left, hash, now)) {
        return false;
    }
    wzp_seen_note(content->left, hash, now);
    return true;
}
