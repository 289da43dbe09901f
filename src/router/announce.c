/* SPDX-License-Identifier: Apache-2.0 */
#include "router/announce.h"

#include <string.h>

#include "router/first.h"
#include "router/hearsay.h"
#include "router/origin.h"
#include "router/people.h"
#include "router/room.h"
#include "router/route.h"
#include "router/say.h"

/* An announcement as values. */
struct news {
    uint8_t origin[WZP_FINGERPRINT_BYTES];
    uint64_t seq;
    uint64_t n;
    struct wzp_path path;
    bool is_too_long;
    bool has_lost;
    uint8_t lost[2][WZP_FINGERPRINT_BYTES];
    const struct wzp_signal_participants *people;
};

void wzp_announce_changed(struct wzp_room *room, wzp_us now)
{
    wzp_room_set_due(room, WZP_DUE_ANNOUNCE, wzp_us_max(now, room->announced_at + WZP_UPDATE_GAP));
}

/* The next number of ours: greater than every one before, in any room. */
static void grow_seq(struct wzp_origin *self)
{
    self->seq = ++self->room->router->seq;
}

void wzp_announce_members(struct wzp_room *room, wzp_us now)
{
    struct wzp_origin *self = room->self;
    if (room->n_members == 0 && !room->is_announced) {
        return;
    }
    room->announced_at = now;
    room->is_announced = room->n_members > 0;
    grow_seq(self);
    if (room->is_announced) {
        wzp_route_tell_all(self);
    } else {
        wzp_route_tell_left(self, NULL);
    }
}

static enum wzp_refusal read_path(const struct wzp_link *link, const struct wzp_signal_texts *texts,
                                  struct news *news)
{
    news->is_too_long = texts->n > WZP_PATH_MAX;
    if (news->is_too_long) {
        return WZP_REFUSAL_NONE;
    }
    for (size_t i = 0; i < texts->n; i++) {
        if (wzp_fingerprint_read(texts->items[i], news->path.relays[i]) != WZP_OK) {
            return WZP_REFUSAL_BAD_PATH;
        }
    }
    news->path.n = texts->n;
    if (texts->n == 0 || memcmp(news->path.relays[0], link->fingerprint, WZP_FINGERPRINT_BYTES) != 0) {
        return WZP_REFUSAL_PATH_START;
    }
    if (memcmp(news->path.relays[texts->n - 1], news->origin, WZP_FINGERPRINT_BYTES) != 0) {
        return WZP_REFUSAL_PATH_END;
    }
    return WZP_REFUSAL_NONE;
}

static enum wzp_refusal read_news(const struct wzp_link *link, const struct wzp_signal *signal,
                                  struct news *news)
{
    const struct wzp_signal_global_room *from = &signal->global_room;
    if (!from->origin || wzp_fingerprint_read(from->origin, news->origin) != WZP_OK) {
        return WZP_REFUSAL_NO_ORIGIN;
    }
    if (from->seq == 0 || from->seq >= WZP_SEQ_LIMIT || from->n == 0) {
        return WZP_REFUSAL_BAD_NUMBER;
    }
    if (from->participants.n > WZP_SIGNAL_MAX_PARTICIPANTS) {
        return WZP_REFUSAL_PARTICIPANTS;
    }
    news->seq = from->seq;
    news->n = from->n;
    news->people = &from->participants;
    news->has_lost = from->lost.n == 2 &&
                     wzp_fingerprint_read(from->lost.items[0], news->lost[0]) == WZP_OK &&
                     wzp_fingerprint_read(from->lost.items[1], news->lost[1]) == WZP_OK;
    bool has_path = signal->kind == WZP_SIGNAL_GLOBAL_ROOM_ACTIVE;
    return has_path ? read_path(link, &from->path, news) : WZP_REFUSAL_NONE;
}

/* Somebody has us with a number that we have not reached: our clock went back between two starts. We go past
 * it, and say again what is true. */
static void hear_of_ourselves(struct wzp_room *room, const struct news *news, wzp_us now)
{
    struct wzp_origin *self = room->self;
    if (news->seq <= self->seq) {
        return;
    }
    struct wzp_router *router = room->router;
    router->seq = router->seq > news->seq ? router->seq : news->seq;
    if (room->is_announced) {
        wzp_announce_changed(room, now);
        return;
    }
    grow_seq(self);
    wzp_route_tell_left(self, NULL);
}

/* Takes the origin and the way that the news is about. False where it is stale or can't be kept. */
static bool take(struct wzp_link *link, struct wzp_origin *origin, const struct news *news,
                 struct wzp_way **out_way)
{
    if (wzp_origin_get_way(origin, link, out_way) != WZP_OK) {
        return false;
    }
    struct wzp_way *way = *out_way;
    bool takes_all = origin->room->router->bugs & WZP_BUG_IGNORE_ORDER;
    if (news->n <= way->heard_n && !takes_all) {
        link->stats.signals_stale++;
        return false;
    }
    way->heard_n = news->n;
    return true;
}

static bool is_usable(const struct wzp_link *link, const struct news *news)
{
    const struct wzp_router *router = link->router;
    if (news->is_too_long || (link->is_leaf && news->path.n > 1)) {
        return false;
    }
    for (size_t i = 0; i < news->path.n && !(router->bugs & WZP_BUG_SKIP_PATH_CHECK); i++) {
        if (memcmp(news->path.relays[i], router->fingerprint, WZP_FINGERPRINT_BYTES) == 0) {
            return false;
        }
    }
    return true;
}

static void hear_active(struct wzp_origin *origin, struct wzp_way *way, struct news *news, wzp_us now)
{
    way->heard_seq = way->heard_seq > news->seq ? way->heard_seq : news->seq;
    if (origin->state == WZP_ORIGIN_LEFT && news->seq <= origin->seq) {
        if (way->told_seq < origin->seq) { /* it does not know that the origin left */
            way->told_seq = origin->seq;
            wzp_say_inactive(origin, way->link, false);
        }
        return;
    }
    bool is_upstream = origin->upstream == way;
    bool had_offer = way->has_offer;
    wzp_us doubted_until = way->doubted_until;
    bool is_usable_way = is_usable(way->link, news);
    bool is_changed = is_usable_way ? wzp_route_offer(way, &news->path, now) : wzp_route_withdraw(way, now);
    unsigned reasons = is_upstream && is_changed ? WZP_ROUTE_MOVED : WZP_ROUTE_CHANGED;
    reasons |= had_offer != way->has_offer ? WZP_ROUTE_OFFERS : 0;
    if (is_usable_way && news->seq > origin->seq && !wzp_first_stands_here(origin) &&
        wzp_people_set(origin, news->people, way->link, now) == WZP_OK) {
        origin->seq = news->seq;
        reasons |= WZP_ROUTE_NEWS;
    }
    if (is_changed) {
        wzp_hearsay_changed(way, now);
    }
    if (news->has_lost) {
        wzp_route_lost(origin, news->lost, way, now);
    }
    if (is_changed || reasons || news->has_lost || way->doubted_until != doubted_until) {
        wzp_route_review(origin, reasons, now);
    }
}

static void hear_withdrawal(struct wzp_origin *origin, struct wzp_way *way, struct news *news, wzp_us now)
{
    bool is_changed = wzp_route_withdraw(way, now);
    if (is_changed) {
        way->withdrawn_at = now;
        wzp_hearsay_changed(way, now);
    }
    if (news->has_lost) {
        wzp_route_lost(origin, news->lost, way, now);
    }
    if (is_changed || news->has_lost) {
        wzp_route_review(origin, is_changed ? WZP_ROUTE_OFFERS : WZP_ROUTE_CHANGED, now);
    }
}

/* A neighbour announces itself with a number below the one we know: its clock went back. It hears the greater
 * number from us and goes past it. */
static void correct_neighbour(struct wzp_origin *origin, struct wzp_way *way, const struct news *news)
{
    if (news->path.n == 1 && news->seq < origin->seq && origin->state == WZP_ORIGIN_KNOWN) {
        wzp_say_active(origin, way->link);
    }
}

static void hear_left(struct wzp_origin *origin, struct wzp_way *way, const struct news *news, wzp_us now)
{
    way->heard_seq = way->heard_seq > news->seq ? way->heard_seq : news->seq;
    if (news->seq < origin->seq || (news->seq == origin->seq && origin->state == WZP_ORIGIN_LEFT)) {
        if (wzp_route_withdraw(way, now)) {
            wzp_route_review(origin, WZP_ROUTE_OFFERS, now);
        }
        return;
    }
    wzp_route_left(origin, news->seq, way->link, now);
}

/* Whether what the link offers leaves place for a way to that origin. There is always place for its own
 * relay, once a room. */
static bool may_offer(const struct wzp_link *link, const struct wzp_room *room, const uint8_t *fingerprint)
{
    bool is_own = memcmp(fingerprint, link->fingerprint, WZP_FINGERPRINT_BYTES) == 0;
    if (is_own || link->n_offers < link->router->limits.offers_per_link) {
        return true;
    }
    const struct wzp_origin *origin = wzp_origin_find(room, fingerprint);
    const struct wzp_way *way = origin ? wzp_origin_way(origin, link) : NULL;
    return way && way->has_offer;
}

enum wzp_refusal wzp_announce_hear(struct wzp_link *link, struct wzp_room *room,
                                   const struct wzp_signal *signal, wzp_us now)
{
    struct news news = {0};
    enum wzp_refusal why = read_news(link, signal, &news);
    if (why) {
        return why;
    }
    if (memcmp(news.origin, room->router->fingerprint, WZP_FINGERPRINT_BYTES) == 0) {
        hear_of_ourselves(room, &news, now);
        return WZP_REFUSAL_NONE;
    }
    if (signal->kind == WZP_SIGNAL_GLOBAL_ROOM_ACTIVE && !may_offer(link, room, news.origin)) {
        return WZP_REFUSAL_OFFERS;
    }
    struct wzp_origin *origin = NULL;
    if (wzp_origin_get(room, news.origin, now, &origin) != WZP_OK) {
        return WZP_REFUSAL_ORIGINS;
    }
    if (origin->state == WZP_ORIGIN_HEARD) {
        wzp_origin_name(origin, news.origin);
    }
    if (memcmp(origin->fingerprint, news.origin, WZP_FINGERPRINT_BYTES) != 0) {
        return WZP_REFUSAL_SAME_ORIGIN;
    }
    struct wzp_way *way = NULL;
    if (!take(link, origin, &news, &way)) {
        return WZP_REFUSAL_NONE;
    }
    if (signal->kind == WZP_SIGNAL_GLOBAL_ROOM_ACTIVE) {
        hear_active(origin, way, &news, now);
        correct_neighbour(origin, way, &news);
    } else if (signal->global_room.withdraw) {
        hear_withdrawal(origin, way, &news, now);
    } else {
        hear_left(origin, way, &news, now);
    }
    return WZP_REFUSAL_NONE;
}
