/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What such a relay says of a room names no origin and may be an echo of what we or others said. It becomes
 * an origin that stands at the link, with those of its list (`raw`) whom nobody else has:
 *
 *   raw list ─ minus who is here or at second-generation origins
 *            ─ minus who is on the list of a first-generation relay with a smaller fingerprint
 *            ─ minus who left a moment ago (content.h)
 *            ▶ people of the origin, announced with numbers of ours
 *
 * The order by fingerprint is the same at every relay, so that two of them never take people from each other
 * in turns. Whoever leaves is taken off every raw list, so that nobody comes back as a ghost of an echo.
 */
#include "router/first.h"

#include <stdlib.h>
#include <string.h>

#include "router/content.h"
#include "router/origin.h"
#include "router/people.h"
#include "router/prune.h"
#include "router/room.h"
#include "router/route.h"
#include "router/say.h"
#include "router/update.h"

static bool is_first(const struct wzp_link *link, const struct wzp_room *room)
{
    return link && link->generation == WZP_GENERATION_1 && link->edges[room->index].is_allowed;
}

void wzp_first_link_up(struct wzp_room *room, struct wzp_link *link, wzp_us now)
{
    if (is_first(link, room)) {
        room->n_first++;
        wzp_room_set_due(room, WZP_DUE_FIRST, now);
    }
}

void wzp_first_link_down(struct wzp_room *room, struct wzp_link *link)
{
    room->n_first -= is_first(link, room);
}

bool wzp_first_stands_here(const struct wzp_origin *origin)
{
    const struct wzp_router *router = origin->room->router;
    for (size_t i = 0; origin->is_first_generation && i < router->n_slots; i++) {
        if (is_first(router->links[i], origin->room) &&
            router->links[i]->edges[origin->room->index].origin == origin) {
            return true;
        }
    }
    return false;
}

static void strike(struct wzp_edge *edge, const char *fingerprint)
{
    size_t n = 0;
    for (size_t i = 0; i < edge->n_raw; i++) {
        if (strcmp(edge->raw[i].fingerprint, fingerprint) != 0) {
            edge->raw[n++] = edge->raw[i];
        }
    }
    edge->n_raw = n;
}

void wzp_first_left(struct wzp_room *room, const char *fingerprint, wzp_us now)
{
    const struct wzp_router *router = room->router;
    wzp_content_note_left(room, fingerprint, now);
    for (size_t i = 0; i < router->n_slots; i++) {
        if (is_first(router->links[i], room)) {
            strike(&router->links[i]->edges[room->index], fingerprint);
        }
    }
}

/* ---- who is whose ------------------------------------------------------------------------------------ */

static void add_name(struct wzp_map *known, const char *fingerprint)
{
    wzp_ignore(wzp_map_add(known, fingerprint, strlen(fingerprint), (void *)fingerprint));
}

static bool is_known(const struct wzp_map *known, const char *fingerprint)
{
    return wzp_map_get(known, fingerprint, strlen(fingerprint)) != NULL;
}

static void add_people(struct wzp_map *known, const struct wzp_origin *origin)
{
    for (size_t i = 0; i < origin->n_people; i++) {
        add_name(known, origin->people[i].fingerprint);
    }
}

/* Members and the people of second-generation origins. */
static void add_certain(struct wzp_map *known, const struct wzp_room *room)
{
    wzp_list_each(node, &room->members)
    {
        add_name(known, wzp_container(node, struct wzp_member, node)->fingerprint);
    }
    wzp_list_each(other, &room->origins)
    {
        const struct wzp_origin *origin = wzp_container(other, struct wzp_origin, node);
        if (!origin->is_first_generation) {
            add_people(known, origin);
        }
    }
}

/* The first-generation origin with the smallest fingerprint after `last` (NULL: of all), or NULL. */
static struct wzp_origin *next_first(const struct wzp_room *room, const struct wzp_origin *last)
{
    struct wzp_origin *next = NULL;
    wzp_list_each(node, &room->origins)
    {
        struct wzp_origin *origin = wzp_container(node, struct wzp_origin, node);
        if (origin->is_first_generation &&
            (!last || memcmp(origin->fingerprint, last->fingerprint, WZP_FINGERPRINT_BYTES) > 0) &&
            (!next || memcmp(origin->fingerprint, next->fingerprint, WZP_FINGERPRINT_BYTES) < 0)) {
            next = origin;
        }
    }
    return next;
}

static struct wzp_edge *edge_at(const struct wzp_origin *origin)
{
    const struct wzp_router *router = origin->room->router;
    for (size_t i = 0; i < router->n_slots; i++) {
        struct wzp_link *link = router->links[i];
        if (is_first(link, origin->room) && link->edges[origin->room->index].origin == origin) {
            return &link->edges[origin->room->index];
        }
    }
    return NULL;
}

static bool is_same_list(const struct wzp_origin *origin, const struct wzp_signal_participants *list)
{
    if (origin->n_people != list->n) {
        return false;
    }
    for (size_t i = 0; i < list->n; i++) {
        const char *alias = list->items[i].alias ? list->items[i].alias : "";
        if (strcmp(origin->people[i].fingerprint, list->items[i].fingerprint) != 0 ||
            strcmp(origin->people[i].alias, alias) != 0) {
            return false;
        }
    }
    return true;
}

/* A number above every one that is about for the origin: another relay may stand at it too, and announces it
 * with numbers of its own. */
static uint64_t next_seq(const struct wzp_origin *origin)
{
    struct wzp_router *router = origin->room->router;
    uint64_t newest = origin->seq > router->seq ? origin->seq : router->seq;
    for (size_t i = 0; i < origin->n_ways; i++) {
        const struct wzp_way *way = origin->ways[i];
        newest = way && way->heard_seq > newest ? way->heard_seq : newest;
    }
    router->seq = newest + 1;
    return router->seq;
}

/* Gives the origin those of its raw list whom nobody has; announces it where that is a change. */
static void settle_origin(struct wzp_origin *origin, const struct wzp_edge *edge, const struct wzp_map *known,
                          wzp_us now)
{
    struct wzp_router *router = origin->room->router;
    struct wzp_signal_participants list = {0};
    if (wzp_update_reserve(router, WZP_SIGNAL_MAX_PARTICIPANTS) != WZP_OK) {
        return;
    }
    for (size_t i = 0; i < edge->n_raw; i++) {
        if (!is_known(known, edge->raw[i].fingerprint)) {
            router->items[list.n++] = wzp_update_person(origin, &edge->raw[i], 0);
        }
    }
    list.items = router->items;
    bool is_new = origin->state != WZP_ORIGIN_KNOWN && origin->n_offers > 0;
    if (!is_new && (origin->n_offers == 0 || is_same_list(origin, &list))) {
        return;
    }
    if (wzp_people_set(origin, &list, NULL, now) == WZP_OK) {
        origin->seq = next_seq(origin);
    }
    wzp_route_review(origin, WZP_ROUTE_NEWS, now);
}

static void settle(struct wzp_room *room, wzp_us now)
{
    struct wzp_map known;
    wzp_map_init(&known, &room->router->hash_key, SIZE_MAX);
    add_certain(&known, room);
    struct wzp_origin *origin = NULL;
    while ((origin = next_first(room, origin))) {
        const struct wzp_edge *edge = edge_at(origin);
        if (edge) {
            settle_origin(origin, edge, &known, now);
        }
        add_people(&known, origin);
    }
    wzp_map_deinit(&known);
}

/* ---- what they say ----------------------------------------------------------------------------------- */

static bool is_listed(const struct wzp_person *people, size_t n, const char *fingerprint)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(people[i].fingerprint, fingerprint) == 0) {
            return true;
        }
    }
    return false;
}

static size_t count_raw_elsewhere(const struct wzp_link *link, const struct wzp_room *room)
{
    size_t n = 0;
    for (size_t i = 0; i < link->router->n_globals; i++) {
        n += i == room->index ? 0 : link->edges[i].n_raw;
    }
    return n;
}

/* The list as it came, without those who left a moment ago and without repetitions. */
static enum wzp_err read_raw(const struct wzp_link *link, const struct wzp_room *room,
                             const struct wzp_signal_participants *list, wzp_us now,
                             struct wzp_edge *out_edge)
{
    size_t left = link->router->limits.people_per_link - count_raw_elsewhere(link, room);
    size_t n = wzp_min_size(list->n, wzp_min_size(link->max_participants, left));
    struct wzp_person *raw = calloc(n + 1, sizeof *raw);
    if (!raw) {
        return WZP_ENOMEM;
    }
    size_t n_raw = 0;
    for (size_t i = 0; i < n; i++) {
        struct wzp_person *person = &raw[n_raw];
        wzp_people_read(&list->items[i], person);
        person->number = 0;
        if (person->relay_label[0] == '\0') {
            memcpy(person->relay_label, link->label, sizeof person->relay_label);
        }
        n_raw += !wzp_content_has_left(room, person->fingerprint, now) &&
                 !is_listed(raw, n_raw, person->fingerprint);
    }
    *out_edge = (struct wzp_edge){.raw = raw, .n_raw = n_raw};
    return WZP_OK;
}

/* Whoever was on the old list and is not on the new one has left. */
static void replace_raw(struct wzp_room *room, struct wzp_edge *edge, const struct wzp_edge *fresh,
                        wzp_us now)
{
    struct wzp_person *old = edge->raw;
    size_t n_old = edge->n_raw;
    edge->raw = fresh->raw;
    edge->n_raw = fresh->n_raw;
    for (size_t i = 0; i < n_old; i++) {
        if (!is_listed(edge->raw, edge->n_raw, old[i].fingerprint)) {
            wzp_first_left(room, old[i].fingerprint, now);
        }
    }
    free(old);
}

static enum wzp_err stand_origin(struct wzp_link *link, struct wzp_room *room, wzp_us now)
{
    struct wzp_edge *edge = &link->edges[room->index];
    struct wzp_origin *origin = NULL;
    struct wzp_way *way = NULL;
    struct wzp_path path = {.n = 1};
    memcpy(path.relays[0], link->fingerprint, WZP_FINGERPRINT_BYTES);
    enum wzp_err err = wzp_origin_get(room, link->fingerprint, now, &origin);
    if (err == WZP_OK) {
        err = wzp_origin_get_way(origin, link, &way);
    }
    if (err != WZP_OK) {
        return err;
    }
    if (origin->state == WZP_ORIGIN_HEARD) {
        wzp_origin_name(origin, link->fingerprint);
    }
    if (!origin->is_first_generation) {
        origin->is_first_generation = true;
        room->n_first++;
    }
    edge->origin = origin;
    wzp_ignore(wzp_route_offer(way, &path, now));
    return WZP_OK;
}

enum wzp_refusal wzp_first_hear(struct wzp_link *link, struct wzp_room *room, const struct wzp_signal *signal,
                                wzp_us now)
{
    struct wzp_edge *edge = &link->edges[room->index];
    if (signal->kind == WZP_SIGNAL_GLOBAL_ROOM_INACTIVE) {
        replace_raw(room, edge, &(struct wzp_edge){0}, now);
        if (edge->origin && edge->origin->state == WZP_ORIGIN_KNOWN) {
            wzp_route_left(edge->origin, next_seq(edge->origin), link, now);
        }
        return WZP_REFUSAL_NONE;
    }
    if (signal->global_room.participants.n > WZP_SIGNAL_MAX_PARTICIPANTS) {
        return WZP_REFUSAL_PARTICIPANTS;
    }
    struct wzp_edge fresh;
    if (read_raw(link, room, &signal->global_room.participants, now, &fresh) != WZP_OK) {
        return WZP_REFUSAL_MEMORY;
    }
    replace_raw(room, edge, &fresh, now);
    if (stand_origin(link, room, now) != WZP_OK) {
        return WZP_REFUSAL_ORIGINS;
    }
    settle(room, now);
    return WZP_REFUSAL_NONE;
}

/* ---- what they are told ------------------------------------------------------------------------------ */

static uint64_t hash_text(const struct wzp_router *router, uint64_t hash, const char *text)
{
    const struct wzp_hash_key key = {.k = {router->hash_key.k[0] ^ hash, router->hash_key.k[1]}};
    return wzp_hash(&key, text ? text : "", text ? strlen(text) : 0);
}

static uint64_t hash_list(const struct wzp_router *router, const struct wzp_signal_participants *list)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < list->n; i++) {
        hash = hash_text(router, hash, list->items[i].fingerprint);
        hash = hash_text(router, hash, list->items[i].alias);
        hash = hash_text(router, hash, list->items[i].relay_label);
    }
    return hash;
}

static void tell(struct wzp_room *room, struct wzp_link *link)
{
    struct wzp_edge *edge = &link->edges[room->index];
    struct wzp_signal_participants list;
    if (wzp_update_merge(room, link, &list) != WZP_OK) {
        return;
    }
    uint64_t hash = hash_list(room->router, &list);
    bool is_news = list.n > 0 ? !edge->is_told || edge->told_list != hash : edge->is_told;
    if (is_news) {
        edge->is_told = list.n > 0;
        edge->told_list = hash;
        wzp_say_first(room, &list, link);
    }
}

void wzp_first_tell(struct wzp_room *room, wzp_us now)
{
    const struct wzp_router *router = room->router;
    settle(room, now);
    for (size_t i = 0; i < router->n_slots; i++) {
        if (is_first(router->links[i], room)) {
            tell(room, router->links[i]);
        }
    }
}
