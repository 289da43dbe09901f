/* SPDX-License-Identifier: Apache-2.0 */
#include "router/say.h"

#include <string.h>

#include "router/update.h"

/* A path as texts: ourselves, then the upstream's. */
struct path {
    char texts[WZP_PATH_MAX][WZP_FINGERPRINT_TEXT_BYTES];
    const char *items[WZP_PATH_MAX];
    size_t n;
};

static void fill_path(const struct wzp_origin *origin, struct path *path)
{
    path->items[0] = origin->room->router->text;
    path->n = 1;
    const struct wzp_way *upstream = origin->upstream;
    for (size_t i = 0; upstream && i < upstream->path_length && path->n < WZP_PATH_MAX; i++) {
        wzp_fingerprint_write(upstream->path[i], path->texts[path->n]);
        path->items[path->n] = path->texts[path->n];
        path->n++;
    }
}

/* What broke, as texts. */
struct lost {
    char texts[2][WZP_FINGERPRINT_TEXT_BYTES];
    const char *items[2];
};

static struct wzp_signal_texts fill_lost(const struct wzp_origin *origin, struct lost *lost)
{
    for (size_t i = 0; origin->has_lost && i < 2; i++) {
        wzp_fingerprint_write(origin->lost[i], lost->texts[i]);
        lost->items[i] = lost->texts[i];
    }
    return (struct wzp_signal_texts){.items = lost->items, .n = origin->has_lost ? 2 : 0};
}

/* Messages about the same room, origin and matter replace one another while unsent. Never 0. */
static uint64_t replace_key(const struct wzp_room *room, const struct wzp_origin *origin, char matter)
{
    uint8_t key[WZP_ROOM_TAG_BYTES + WZP_ORIGIN_ID_BYTES + 1] = {0};
    memcpy(key, room->tag, WZP_ROOM_TAG_BYTES);
    if (origin) {
        memcpy(key + WZP_ROOM_TAG_BYTES, origin->fingerprint, WZP_ORIGIN_ID_BYTES);
    }
    key[sizeof key - 1] = (uint8_t)matter;
    return wzp_hash(&room->router->hash_key, key, sizeof key) | 1;
}

static void send(struct wzp_link *link, const struct wzp_signal *signal, uint64_t key)
{
    const struct wzp_router_out *out = link->router->out;
    out->to_link(out->context, link->user, signal, key);
}

static size_t list_members(struct wzp_room *room)
{
    struct wzp_router *router = room->router;
    size_t n = 0;
    wzp_list_each(node, &room->members)
    {
        const struct wzp_member *member = wzp_container(node, struct wzp_member, node);
        if (n < WZP_SIGNAL_MAX_PARTICIPANTS) {
            router->items[n++] = wzp_update_member(member, router->label, router->text);
        }
    }
    return n;
}

/* Our own members, or an origin's people with the numbers it gave them. */
static enum wzp_err list_people(struct wzp_origin *origin, struct wzp_signal_participants *out_list)
{
    struct wzp_router *router = origin->room->router;
    enum wzp_err err = wzp_update_reserve(router, WZP_SIGNAL_MAX_PARTICIPANTS);
    if (err != WZP_OK) {
        return err;
    }
    size_t n = origin->state == WZP_ORIGIN_SELF ? list_members(origin->room) : 0;
    for (size_t i = 0; i < origin->n_people && n < WZP_SIGNAL_MAX_PARTICIPANTS; i++) {
        router->items[n++] = wzp_update_person(origin, &origin->people[i], origin->people[i].number);
    }
    *out_list = (struct wzp_signal_participants){.items = router->items, .n = n};
    return WZP_OK;
}

void wzp_say_active(struct wzp_origin *origin, struct wzp_link *link)
{
    struct path path;
    struct lost lost;
    fill_path(origin, &path);
    struct wzp_signal signal = {
        .kind = WZP_SIGNAL_GLOBAL_ROOM_ACTIVE,
        .global_room = {.room = origin->room->name,
                        .origin = origin->text,
                        .seq = origin->seq,
                        .n = ++link->n,
                        .path = {.items = path.items, .n = path.n},
                        .lost = fill_lost(origin, &lost)},
    };
    if (list_people(origin, &signal.global_room.participants) != WZP_OK) {
        return; /* no memory: the next change tells it */
    }
    link->stats.signals_out++;
    send(link, &signal, replace_key(origin->room, origin, 'A'));
}

void wzp_say_inactive(struct wzp_origin *origin, struct wzp_link *link, bool withdraw)
{
    const char *path[] = {origin->room->router->text, origin->text};
    bool is_self = origin->state == WZP_ORIGIN_SELF;
    struct lost lost;
    const struct wzp_signal signal = {
        .kind = WZP_SIGNAL_GLOBAL_ROOM_INACTIVE,
        .global_room = {.room = origin->room->name,
                        .origin = origin->text,
                        .seq = origin->seq,
                        .n = ++link->n,
                        .path = {.items = path, .n = is_self ? 1 : 2},
                        .lost = fill_lost(origin, &lost),
                        .withdraw = withdraw},
    };
    link->stats.signals_out++;
    send(link, &signal, replace_key(origin->room, origin, 'A'));
}

static void say_prune(struct wzp_room *room, const struct wzp_origin *origin, struct wzp_link *link,
                      enum wzp_signal_kind kind)
{
    struct wzp_signal signal = {
        .kind = kind,
        .prune = {.origin = origin ? origin->text : NULL, .n = ++link->n},
    };
    memcpy(signal.prune.room_hash, room->tag, sizeof signal.prune.room_hash);
    send(link, &signal, replace_key(room, origin, 'P'));
}

void wzp_say_prune(struct wzp_room *room, const struct wzp_origin *origin, struct wzp_link *link)
{
    link->stats.prunes_out++;
    say_prune(room, origin, link, WZP_SIGNAL_PRUNE);
}

void wzp_say_graft(struct wzp_room *room, const struct wzp_origin *origin, struct wzp_link *link)
{
    link->stats.grafts_out++;
    say_prune(room, origin, link, WZP_SIGNAL_GRAFT);
}

void wzp_say_first(struct wzp_room *room, const struct wzp_signal_participants *list, struct wzp_link *link)
{
    const struct wzp_signal signal = {
        .kind = list->n > 0 ? WZP_SIGNAL_GLOBAL_ROOM_ACTIVE : WZP_SIGNAL_GLOBAL_ROOM_INACTIVE,
        .global_room = {.room = room->name, .participants = *list},
    };
    link->stats.signals_out++;
    send(link, &signal, replace_key(room, NULL, 'A'));
}
