/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <stdlib.h>

static void keep(struct rig_packet *packets, size_t *n, const uint8_t *bytes, size_t size)
{
    assert_true(*n < RIG_PACKETS);
    assert_true(size <= sizeof packets->bytes);
    memcpy(packets[*n].bytes, bytes, size);
    packets[(*n)++].size = size;
}

static void add(char *text, const char *more)
{
    size_t used = strlen(text);
    size_t size = strlen(more) + 1;
    assert_true(used + size <= RIG_TEXT);
    memcpy(text + used, more, size);
}

/* The letter of rig_fingerprint that a fingerprint in text form is made of. */
static void add_letter(char *text, const char *fingerprint)
{
    const char letter[2] = {(char)strtol(fingerprint, NULL, 16), '\0'};
    add(text, letter);
}

/* "alice,bob(B)" */
static void write_people(const struct wzp_signal_participants *list, char *text)
{
    for (size_t i = 0; i < list->n; i++) {
        add(text, i > 0 ? "," : "");
        add(text, list->items[i].fingerprint);
        if (list->items[i].relay_label && list->items[i].relay_label[0]) {
            add(text, "(");
            add(text, list->items[i].relay_label);
            add(text, ")");
        }
        add(text, list->items[i].muted ? "!" : "");
    }
}

static void to_members(void *context, void *const *users, size_t n_users, const struct wzp_signal *signal,
                       uint64_t replace_key)
{
    (void)context;
    assert_int_not_equal(replace_key, 0);
    assert_int_equal(signal->kind, WZP_SIGNAL_ROOM_UPDATE);
    for (size_t i = 0; i < n_users; i++) {
        struct rig_seat *seat = users[i];
        const struct wzp_signal_room_update *update = &signal->room_update;
        assert_true(update->rev > seat->rev);
        seat->rev = update->rev;
        seat->n_updates++;
        seat->update[0] = '\0';
        write_people(&update->participants, seat->update);
        seat->n_listed = update->participants.n;
        for (size_t k = 0; k < update->participants.n && k < RIG_SEATS; k++) {
            seat->streams[k] = update->participants.items[k].stream;
        }
    }
}

static void write_global_room(const struct wzp_signal_global_room *room, char *text)
{
    add(text, room->room);
    if (room->origin) {
        add(text, room->withdraw ? " withdraw" : "");
        add(text, " origin=");
        add_letter(text, room->origin);
        add(text, room->path.n > 0 ? " path=" : "");
    }
    for (size_t i = 0; i < room->path.n; i++) {
        add_letter(text, room->path.items[i]);
    }
    add(text, room->lost.n > 0 ? " lost=" : "");
    for (size_t i = 0; i < room->lost.n; i++) {
        add_letter(text, room->lost.items[i]);
    }
    add(text, ": ");
    write_people(&room->participants, text);
}

static void write_prune(const struct wzp_signal_prune *prune, char *text)
{
    add(text, prune->origin ? "origin=" : "room");
    if (prune->origin) {
        add_letter(text, prune->origin);
    }
}

static void to_link(void *context, void *user, const struct wzp_signal *signal, uint64_t replace_key)
{
    (void)context;
    struct rig_link *link = user;
    assert_int_not_equal(replace_key, 0);
    assert_true(link->n_signals < RIG_SIGNALS);
    char *text = link->signals[link->n_signals];
    text[0] = '\0';
    bool is_room =
        signal->kind == WZP_SIGNAL_GLOBAL_ROOM_ACTIVE || signal->kind == WZP_SIGNAL_GLOBAL_ROOM_INACTIVE;
    add(text, signal->kind == WZP_SIGNAL_GLOBAL_ROOM_ACTIVE     ? "Active "
              : signal->kind == WZP_SIGNAL_GLOBAL_ROOM_INACTIVE ? "Inactive "
              : signal->kind == WZP_SIGNAL_PRUNE                ? "Prune "
                                                                : "Graft ");
    if (is_room) {
        link->seqs[link->n_signals] = signal->global_room.seq;
        link->ns[link->n_signals] = signal->global_room.n;
        write_global_room(&signal->global_room, text);
    } else {
        link->ns[link->n_signals] = signal->prune.n;
        write_prune(&signal->prune, text);
    }
    assert_true(link->generation == WZP_GENERATION_1 || link->ns[link->n_signals] > 0);
    link->n_signals++;
}

static void media_to_member(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size)
{
    (void)context;
    struct rig_seat *seat = user;
    keep(seat->packets, &seat->n_packets, packet->bytes + offset, size);
}

static void media_to_link(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size)
{
    (void)context;
    struct rig_link *link = user;
    keep(link->packets, &link->n_packets, packet->bytes + offset, size);
}

static void member_replaced(void *context, void *user)
{
    (void)context;
    struct rig_seat *seat = user;
    seat->is_replaced = true;
    seat->member = NULL;
}

static void event(void *context, const struct wzp_router_event *event)
{
    struct rig *rig = context;
    if (rig->n_events < RIG_EVENTS) {
        rig->events[rig->n_events++] = event->kind;
    }
}

void rig_fingerprint(char letter, uint8_t out_fingerprint[static WZP_FINGERPRINT_BYTES])
{
    memset(out_fingerprint, letter, WZP_FINGERPRINT_BYTES);
}

struct rig *rig_new(void (*change)(struct wzp_router_config *config))
{
    static const char *const rooms[] = {"general", "other"};
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig->now = 10 * WZP_SECOND;
    rig->random = wzp_random_from_seed(&rig->seeded, 1);
    rig->out = (struct wzp_router_out){
        .context = rig,
        .to_members = to_members,
        .to_link = to_link,
        .media_to_member = media_to_member,
        .media_to_link = media_to_link,
        .member_replaced = member_replaced,
        .event = event,
    };
    assert_ok(wzp_packet_pool_new(64, &rig->pool));
    struct wzp_router_config config = {
        .label = "M",
        .global_rooms = rooms,
        .n_global_rooms = wzp_count(rooms),
        .random = &rig->random,
        .wall_clock_us = 1000,
        .pool = rig->pool,
        .out = &rig->out,
    };
    rig_fingerprint('m', config.fingerprint);
    if (change) {
        change(&config);
    }
    assert_ok(wzp_router_new(&config, &rig->router));
    return rig;
}

void rig_free(struct rig *rig)
{
    wzp_router_free(rig->router);
    assert_int_equal(wzp_packet_pool_used(rig->pool), 0);
    wzp_packet_pool_free(rig->pool);
    free(rig);
}

void rig_pass(struct rig *rig, wzp_us us)
{
    wzp_us end = rig->now + us;
    for (int steps = 0; wzp_router_deadline(rig->router) <= end; steps++) {
        assert_true(steps < 10000);
        rig->now = wzp_us_max(rig->now, wzp_router_deadline(rig->router));
        wzp_router_tick(rig->router, rig->now);
    }
    rig->now = end;
}

enum wzp_err rig_try_join(struct rig *rig, const struct wzp_join *join, struct rig_seat **out_seat)
{
    assert_true(rig->n_seats < RIG_SEATS);
    struct rig_seat *seat = &rig->seats[rig->n_seats];
    struct wzp_join with_user = *join;
    with_user.user = seat;
    enum wzp_err err = wzp_router_join(rig->router, &with_user, rig->now, &seat->member);
    if (err == WZP_OK) {
        rig->n_seats++;
        *out_seat = seat;
    }
    return err;
}

struct rig_seat *rig_join(struct rig *rig, const char *room, const char *name)
{
    uint8_t identity[32];
    memset(identity, name[0], sizeof identity);
    const struct wzp_join join = {
        .room = room, .fingerprint = name, .alias = name, .identity = identity, .version = 2};
    struct rig_seat *seat = NULL;
    assert_ok(rig_try_join(rig, &join, &seat));
    return seat;
}

void rig_leave(struct rig *rig, struct rig_seat *seat)
{
    wzp_router_leave(rig->router, seat->member, rig->now);
    seat->member = NULL;
}

void rig_say_bytes(struct rig *rig, struct rig_seat *seat, const void *bytes, size_t size)
{
    struct wzp_packet *packet = NULL;
    assert_ok(wzp_packet_new(rig->pool, bytes, size, &packet));
    wzp_router_media_in(rig->router, seat->member, packet, rig->now);
    wzp_packet_unref(packet);
}

void rig_say(struct rig *rig, struct rig_seat *seat, uint16_t seq)
{
    const uint8_t media[14] = {0,   0x34, (uint8_t)(seq >> 8), (uint8_t)seq, 0, 0, 0, 0, 0, 0, 0x9e, 0,
                               'h', 'i'};
    rig_say_bytes(rig, seat, media, sizeof media);
}

struct rig_link *rig_link_up(struct rig *rig, char letter, enum wzp_generation generation,
                             void (*change)(struct wzp_link_info *info))
{
    assert_true(rig->n_links < RIG_LINKS);
    struct rig_link *link = &rig->links[rig->n_links++];
    const char label[2] = {(char)(letter - 'a' + 'A'), '\0'};
    struct wzp_link_info info = {.label = label, .generation = generation, .user = link};
    rig_fingerprint(letter, info.fingerprint);
    if (change) {
        change(&info);
    }
    rig_fingerprint(letter, link->fingerprint);
    link->generation = generation;
    assert_ok(wzp_router_link_up(rig->router, &info, rig->now, &link->link));
    return link;
}

struct rig *rig_new_linked(struct rig_link **out_a, struct rig_link **out_b, struct rig_link **out_c)
{
    struct rig *rig = rig_new(NULL);
    *out_a = rig_link_up(rig, 'a', WZP_GENERATION_2, NULL);
    *out_b = rig_link_up(rig, 'b', WZP_GENERATION_2, NULL);
    *out_c = rig_link_up(rig, 'c', WZP_GENERATION_2, NULL);
    return rig;
}

void rig_link_down(struct rig *rig, struct rig_link *link)
{
    wzp_router_link_down(rig->router, link->link, rig->now);
    link->link = NULL;
}

/* Texts that a signal borrows. */
struct borrowed {
    char relays[40][WZP_FINGERPRINT_TEXT_BYTES];
    const char *path[40];
    char lost[2][WZP_FINGERPRINT_TEXT_BYTES];
    const char *lost_items[2];
    char origin[WZP_FINGERPRINT_TEXT_BYTES];
    char words[RIG_TEXT];
    struct wzp_signal_participant people[RIG_SEATS];
};

static void write_letter(char letter, char *out_text)
{
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    rig_fingerprint(letter, fingerprint);
    wzp_fingerprint_write(fingerprint, out_text);
}

static size_t split_people(struct borrowed *borrowed, const char *people, bool has_numbers)
{
    size_t n = 0;
    snprintf(borrowed->words, sizeof borrowed->words, "%s", people ? people : "");
    for (char *rest = borrowed->words, *word; (word = strsep(&rest, ",")) && *word; n++) {
        borrowed->people[n] = (struct wzp_signal_participant){
            .fingerprint = word, .alias = word, .stream = has_numbers ? (uint16_t)(n + 1) : 0};
    }
    return n;
}

static struct wzp_signal fill(struct rig_link *link, const struct rig_news *news, struct borrowed *borrowed)
{
    struct wzp_signal signal = {.kind = WZP_SIGNAL_GLOBAL_ROOM_ACTIVE};
    struct wzp_signal_global_room *room = &signal.global_room;
    *room = (struct wzp_signal_global_room){.room = news->room ? news->room : "general", .seq = news->seq};
    room->participants.items = borrowed->people;
    room->participants.n = split_people(borrowed, news->people, news->origin != 0);
    if (news->origin == 0) {
        return signal;
    }
    write_letter(news->origin, borrowed->origin);
    room->origin = borrowed->origin;
    room->n = news->n > 0 ? news->n : ++link->n;
    link->n = room->n > link->n ? room->n : link->n;
    const char direct[3] = {(char)link->fingerprint[0],
                            link->fingerprint[0] == (uint8_t)news->origin ? '\0' : news->origin, '\0'};
    const char *path = news->path ? news->path : direct;
    for (size_t i = 0; path[i]; i++) {
        write_letter(path[i], borrowed->relays[i]);
        borrowed->path[i] = borrowed->relays[i];
    }
    room->path = (struct wzp_signal_texts){.items = borrowed->path, .n = strlen(path)};
    for (size_t i = 0; news->lost && i < 2; i++) {
        write_letter(news->lost[i], borrowed->lost[i]);
        borrowed->lost_items[i] = borrowed->lost[i];
        room->lost = (struct wzp_signal_texts){.items = borrowed->lost_items, .n = 2};
    }
    return signal;
}

void rig_hear(struct rig *rig, struct rig_link *link, const struct rig_news *news)
{
    struct borrowed borrowed;
    struct wzp_signal signal = fill(link, news, &borrowed);
    wzp_router_link_signal(rig->router, link->link, &signal, rig->now);
}

void rig_hear_inactive(struct rig *rig, struct rig_link *link, const struct rig_news *news, bool withdraw)
{
    struct borrowed borrowed;
    struct wzp_signal signal = fill(link, news, &borrowed);
    signal.kind = WZP_SIGNAL_GLOBAL_ROOM_INACTIVE;
    signal.global_room.withdraw = withdraw;
    wzp_router_link_signal(rig->router, link->link, &signal, rig->now);
}

void rig_hear_prune(struct rig *rig, struct rig_link *link, char origin, bool is_prune, uint64_t n)
{
    char text[WZP_FINGERPRINT_TEXT_BYTES];
    struct wzp_signal signal = {.kind = is_prune ? WZP_SIGNAL_PRUNE : WZP_SIGNAL_GRAFT};
    signal.prune.n = n > 0 ? n : ++link->n;
    link->n = signal.prune.n > link->n ? signal.prune.n : link->n;
    wzp_room_id_tag("general", signal.prune.room_hash);
    if (origin) {
        write_letter(origin, text);
        signal.prune.origin = text;
    }
    wzp_router_link_signal(rig->router, link->link, &signal, rig->now);
}

void rig_link_say_bytes(struct rig *rig, struct rig_link *link, const void *bytes, size_t size)
{
    struct wzp_packet *packet = NULL;
    assert_ok(wzp_packet_new(rig->pool, bytes, size, &packet));
    wzp_router_link_media_in(rig->router, link->link, packet, rig->now);
    wzp_packet_unref(packet);
}

void rig_link_say(struct rig *rig, struct rig_link *link, char origin, uint16_t number, uint16_t seq)
{
    uint8_t bytes[32] = {0};
    size_t tag = origin ? 18 : 8;
    wzp_room_id_tag("general", bytes);
    if (origin) {
        memset(bytes + 8, origin, 8);
        bytes[16] = 31;
        bytes[17] = 0x9e;
    }
    uint8_t *media = bytes + tag;
    media[1] = 0x34;
    media[2] = (uint8_t)(seq >> 8);
    media[3] = (uint8_t)seq;
    wzp_media_stamp_stream(media, number);
    media[12] = 'h';
    media[13] = 'i';
    rig_link_say_bytes(rig, link, bytes, tag + 14);
}

uint64_t rig_dropped(const struct rig_link *link, enum wzp_drop why)
{
    struct wzp_link_stats stats;
    wzp_link_stats(link->link, &stats);
    return stats.dropped[why];
}

const char *rig_said(struct rig_link *link)
{
    size_t used = 0;
    link->said[0] = '\0';
    for (size_t i = 0; i < link->n_signals; i++) {
        used += (size_t)snprintf(link->said + used, sizeof link->said - used, "%s%s", i > 0 ? " | " : "",
                                 link->signals[i]);
    }
    return link->said;
}

void rig_clear(struct rig *rig)
{
    for (size_t i = 0; i < rig->n_seats; i++) {
        rig->seats[i].n_packets = 0;
        rig->seats[i].n_updates = 0;
    }
    for (size_t i = 0; i < rig->n_links; i++) {
        rig->links[i].n_packets = 0;
        rig->links[i].n_signals = 0;
    }
    rig->n_events = 0;
}
