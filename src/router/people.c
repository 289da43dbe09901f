/* SPDX-License-Identifier: Apache-2.0 */
#include "router/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "router/content.h"
#include "router/first.h"
#include "router/room.h"
#include "router/stream.h"

void wzp_people_read(const struct wzp_signal_participant *from, struct wzp_person *out_person)
{
    *out_person = (struct wzp_person){
        .caps = from->caps, .version = from->v, .is_muted = from->muted, .number = from->stream};
    wzp_text_clean(from->fingerprint ? from->fingerprint : "", out_person->fingerprint,
                   sizeof out_person->fingerprint);
    wzp_text_clean(from->alias ? from->alias : "", out_person->alias, sizeof out_person->alias);
    wzp_text_clean(from->relay_label ? from->relay_label : "", out_person->relay_label,
                   sizeof out_person->relay_label);
}

/* A relay's own people and those that it passes on are counted apart: a third relay's do not crowd them out.
 */
static bool is_own_of(const struct wzp_origin *origin, const struct wzp_link *link)
{
    return memcmp(origin->fingerprint, link->fingerprint, WZP_FINGERPRINT_BYTES) == 0;
}

/* How many of `n` announced people fit. */
static size_t cut(const struct wzp_origin *origin, size_t n, const struct wzp_link *link)
{
    const struct wzp_room *room = origin->room;
    if (link) {
        bool is_own = is_own_of(origin, link);
        size_t present = origin->people_by == link ? origin->n_people : 0;
        size_t link_left = room->router->limits.people_per_link - (link->n_people[is_own] - present);
        n = wzp_min_size(n, wzp_min_size(link->max_participants, link_left));
    }
    size_t others = room->n_remote - origin->n_people;
    size_t room_left = room->router->limits.remote_per_room - others;
    return wzp_min_size(n, wzp_min_size(room_left, WZP_SIGNAL_MAX_PARTICIPANTS));
}

/* The origin has `n` people from now on, who count for `link`. */
static void count(struct wzp_origin *origin, size_t n, struct wzp_link *link)
{
    struct wzp_room *room = origin->room;
    room->n_remote += n - origin->n_people;
    room->n_shown += (n > 0) - (origin->n_people > 0);
    if (origin->people_by) {
        origin->people_by->n_people[origin->are_people_own] -= origin->n_people;
    }
    if (link) {
        origin->are_people_own = is_own_of(origin, link);
        link->n_people[origin->are_people_own] += n;
    }
    origin->people_by = link;
    origin->n_people = n;
}

static void unlist_streams(struct wzp_origin *origin)
{
    wzp_list_each(node, &origin->streams)
    {
        wzp_container(node, struct wzp_stream, node)->is_listed = false;
    }
}

/* A number that two people claim is the first one's. */
static void give_stream(struct wzp_origin *origin, struct wzp_person *person, wzp_us now)
{
    struct wzp_stream *stream = NULL;
    if (person->number == 0 || wzp_stream_get(origin, person->number, now, &stream) != WZP_OK ||
        stream->is_listed) {
        return;
    }
    const struct wzp_router *router = origin->room->router;
    uint64_t who = wzp_hash(&router->hash_key, person->fingerprint, strlen(person->fingerprint));
    if (stream->person != 0 && stream->person != who) {
        wzp_dup_init(&stream->window);
    }
    stream->person = who;
    stream->is_listed = true;
    person->stream = stream;
}

static void note_generation(struct wzp_origin *origin)
{
    bool is_first = false;
    for (size_t i = 0; i < origin->n_people; i++) {
        is_first = is_first || origin->people[i].number == 0;
    }
    if (is_first && !origin->is_first_generation) {
        origin->is_first_generation = true;
        origin->room->n_first++;
        wzp_content_need(origin->room->router);
    }
}

static bool is_listed(const struct wzp_person *people, size_t n, const char *fingerprint)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(people[i].fingerprint, fingerprint) == 0) {
            return true;
        }
    }
    return false;
}

/* Whoever is not on the new list has left. The people of a relay at a first-generation link of ours also
 * change when others turn out to have them; who left is known from its list then (first.c). */
static void note_who_left(struct wzp_origin *origin, const struct wzp_person *people, size_t n, wzp_us now)
{
    if (origin->room->n_first == 0 || wzp_first_stands_here(origin)) {
        return;
    }
    for (size_t i = 0; i < origin->n_people; i++) {
        if (!is_listed(people, n, origin->people[i].fingerprint)) {
            wzp_first_left(origin->room, origin->people[i].fingerprint, now);
        }
    }
}

void wzp_people_left(struct wzp_origin *origin, wzp_us now)
{
    note_who_left(origin, NULL, 0, now);
}

enum wzp_err wzp_people_set(struct wzp_origin *origin, const struct wzp_signal_participants *list,
                            struct wzp_link *link, wzp_us now)
{
    size_t n = cut(origin, list->n, link);
    if (link && n < list->n) {
        link->stats.refused[WZP_REFUSAL_PEOPLE]++;
    }
    struct wzp_person *people = calloc(n + 1, sizeof *people);
    if (!people) {
        return WZP_ENOMEM;
    }
    unlist_streams(origin);
    for (size_t i = 0; i < n; i++) {
        wzp_people_read(&list->items[i], &people[i]);
        give_stream(origin, &people[i], now);
    }
    struct wzp_room *room = origin->room;
    note_who_left(origin, people, n, now);
    count(origin, n, link);
    free(origin->people);
    origin->people = people;
    note_generation(origin);
    wzp_room_changed(room, now);
    wzp_room_set_due(room, WZP_DUE_ORIGINS, now + WZP_STREAM_REST);
    return WZP_OK;
}

void wzp_people_clear(struct wzp_origin *origin)
{
    count(origin, 0, NULL);
    free(origin->people);
    origin->people = NULL;
    unlist_streams(origin);
}
