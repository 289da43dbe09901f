/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/sim/trace.h"
#include "apps/sim/world.h"
#include "proto/media.h"
#include "proto/signal.h"

#define WZP_CROWD_SAYINGS      (1 << 16)        /* packets that are remembered at most */
#define WZP_CROWD_LATE         (2 * WZP_SECOND) /* a duplicate window may have started afresh by then */
#define WZP_CROWD_PACKET_BYTES 20               /* header and eight bytes that name the packet */

/* ---- coming and going -------------------------------------------------------------------------------- */

static struct wzp_guest *new_guest(struct wzp_world *world)
{
    if (world->n_guests == world->guests_size) {
        size_t size = world->guests_size ? 2 * world->guests_size : 64;
        struct wzp_guest **guests = realloc(world->guests, size * sizeof(struct wzp_guest *));
        uint32_t *marks = realloc(world->marks, size * sizeof *marks);
        if (!guests || !marks) {
            abort();
        }
        memset(marks + world->guests_size, 0, (size - world->guests_size) * sizeof *marks);
        world->guests = guests;
        world->marks = marks;
        world->guests_size = size;
    }
    struct wzp_guest *guest = calloc(1, sizeof *guest);
    if (!guest) {
        abort();
    }
    guest->world = world;
    guest->index = world->n_guests;
    guest->seq = (uint16_t)wzp_random_u64(&world->random);
    world->guests[world->n_guests++] = guest;
    return guest;
}

struct wzp_guest *wzp_crowd_join(struct wzp_world *world, size_t relay, size_t room)
{
    struct wzp_router *router = world->relays[relay].router;
    if (!router) {
        return NULL;
    }
    struct wzp_guest *guest = new_guest(world);
    guest->relay = relay;
    guest->room = room;
    guest->settled_at = WZP_NEVER;
    wzp_trace_line(world, "p%zu joins room%zu at %zu", guest->index, room, relay);
    char name[24];
    uint8_t identity[32] = {0};
    snprintf(name, sizeof name, "p%zu", guest->index);
    memcpy(identity, &guest->index, sizeof guest->index);
    const struct wzp_join join = {.room = world->rooms[room],
                                  .fingerprint = name,
                                  .identity = identity,
                                  .version = WZP_SIGNAL_VERSION,
                                  .user = guest};
    enum wzp_err err = wzp_router_join(router, &join, world->now, &guest->member);
    if (err != WZP_OK) {
        wzp_world_break(world, "join: %s", wzp_err_text(err));
        return NULL;
    }
    wzp_world_settle(world, relay);
    return guest;
}

static void forget_view(struct wzp_guest *guest)
{
    if (guest->view && --guest->view->refs == 0) {
        free(guest->view);
    }
    guest->view = NULL;
}

void wzp_crowd_leave(struct wzp_guest *guest)
{
    struct wzp_world *world = guest->world;
    wzp_trace_line(world, "p%zu leaves room%zu at %zu", guest->index, guest->room, guest->relay);
    wzp_router_leave(world->relays[guest->relay].router, guest->member, world->now);
    guest->member = NULL;
    forget_view(guest);
    wzp_world_settle(world, guest->relay);
}

void wzp_crowd_relay_died(struct wzp_world *world, size_t relay)
{
    for (size_t i = 0; i < world->n_guests; i++) {
        if (world->guests[i]->member && world->guests[i]->relay == relay) {
            world->guests[i]->member = NULL;
            forget_view(world->guests[i]);
        }
    }
}

struct wzp_guest *wzp_crowd_any(struct wzp_world *world)
{
    size_t n = 0;
    struct wzp_guest *chosen = NULL;
    for (size_t i = 0; i < world->n_guests; i++) {
        if (world->guests[i]->member && wzp_random_below(&world->random, ++n) == 0) {
            chosen = world->guests[i];
        }
    }
    return chosen;
}

/* ---- lists ------------------------------------------------------------------------------------------- */

static void read_seat(struct wzp_world *world, const struct wzp_signal_participant *one,
                      struct wzp_view *view, size_t room)
{
    size_t index = strtoul(one->fingerprint + 1, NULL, 10);
    if (one->fingerprint[0] != 'p' || index >= world->n_guests || world->guests[index]->room != room) {
        wzp_world_break(world, "a list shows %s, who is not of that room", one->fingerprint);
        return;
    }
    if (world->marks[index] == world->mark) {
        wzp_world_break(world, "promise 4: a list shows %s twice", one->fingerprint);
    }
    world->marks[index] = world->mark;
    view->sum += wzp_oracle_mark(index);
    view->seats[view->n++] = (struct wzp_seat){.guest = (uint32_t)index, .stream = one->stream};
    if (one->stream == 0 || world->stream_marks[one->stream] == world->mark) {
        wzp_world_break(world, "a list gives p%zu stream %u, which is none or another's", index, one->stream);
    }
    world->stream_marks[one->stream] = world->mark;
}

void wzp_crowd_told(struct wzp_world *world, void *const *users, size_t n, const struct wzp_signal *signal)
{
    const struct wzp_signal_participants *list = &signal->room_update.participants;
    struct wzp_view *view = calloc(1, sizeof *view + list->n * sizeof view->seats[0]);
    if (!view) {
        abort();
    }
    const struct wzp_guest *first = users[0];
    world->mark++;
    for (size_t i = 0; i < list->n && !world->is_broken; i++) {
        read_seat(world, &list->items[i], view, first->room);
    }
    for (size_t i = 0; i < n; i++) {
        struct wzp_guest *guest = users[i];
        forget_view(guest);
        guest->view = view;
        view->refs++;
    }
    world->is_view_changed = true;
}

/* ---- speech ------------------------------------------------------------------------------------------ */

static struct wzp_saying *saying_of(struct wzp_world *world, uint64_t number)
{
    return &world->sayings[number % WZP_CROWD_SAYINGS];
}

static uint64_t note_saying(struct wzp_world *world, const struct wzp_guest *guest)
{
    if (!world->sayings) {
        world->sayings = calloc(WZP_CROWD_SAYINGS, sizeof *world->sayings);
        if (!world->sayings) {
            abort();
        }
    }
    if (world->next_saying - world->first_saying == WZP_CROWD_SAYINGS) {
        wzp_crowd_expire(world, saying_of(world, world->first_saying)->at + 1);
    }
    struct wzp_saying *saying = saying_of(world, world->next_saying);
    *saying = (struct wzp_saying){.guest = (uint32_t)guest->index,
                                  .room = guest->room,
                                  .at = world->now,
                                  .is_owed = world->checks_all,
                                  .n_guests = world->n_guests};
    saying->heard = calloc(world->n_guests / 64 + 1, sizeof(uint64_t));
    if (!saying->heard) {
        abort();
    }
    return world->next_saying++;
}

void wzp_crowd_speak(struct wzp_guest *guest, wzp_us pace)
{
    struct wzp_world *world = guest->world;
    guest->speech++;
    guest->pace = pace;
    if (pace > 0) {
        wzp_events_add(&world->events, &(struct wzp_sim_event){
                                           .at = world->now + wzp_world_between(world, 0, pace),
                                           .kind = WZP_SIM_SPEAK,
                                           .index = (uint32_t)guest->index,
                                           .session = guest->speech,
                                       });
    }
}

void wzp_crowd_spoke(struct wzp_world *world, const struct wzp_sim_event *event)
{
    struct wzp_guest *guest = world->guests[event->index];
    if (!guest->member || event->session != guest->speech) {
        return;
    }
    uint64_t number = note_saying(world, guest);
    uint8_t media[WZP_CROWD_PACKET_BYTES] = {0, 0x34, (uint8_t)(guest->seq >> 8), (uint8_t)guest->seq};
    memcpy(media + WZP_MEDIA_HEADER_BYTES, &number, sizeof number);
    guest->seq++;
    struct wzp_packet *packet = NULL;
    if (wzp_packet_new(world->pool, media, sizeof media, &packet) != WZP_OK) {
        wzp_world_break(world, "no packet left");
        return;
    }
    wzp_router_media_in(world->relays[guest->relay].router, guest->member, packet, world->now);
    wzp_packet_unref(packet);
    wzp_world_settle(world, guest->relay);
    struct wzp_sim_event next = *event;
    next.at = world->now + guest->pace;
    wzp_events_add(&world->events, &next);
}

/* The number in the header has to be the speaker's on the listener's list. Every sixteenth packet is looked
 * at. */
static void check_stream(struct wzp_guest *guest, const struct wzp_saying *saying, uint64_t number,
                         uint16_t stream)
{
    if (!saying->is_owed || number % 16 != 0 || !guest->view) {
        return;
    }
    for (size_t i = 0; i < guest->view->n; i++) {
        const struct wzp_seat *seat = &guest->view->seats[i];
        if (seat->guest == saying->guest && seat->stream != stream) {
            wzp_world_break(guest->world, "p%zu hears p%u as stream %u, its list says %u", guest->index,
                            saying->guest, stream, seat->stream);
        }
    }
}

void wzp_crowd_heard(struct wzp_guest *guest, const uint8_t *media, size_t size)
{
    struct wzp_world *world = guest->world;
    uint64_t number = 0;
    world->costs.heard++;
    if (size != WZP_CROWD_PACKET_BYTES) {
        wzp_world_break(world, "a packet changed its size");
        return;
    }
    memcpy(&number, media + WZP_MEDIA_HEADER_BYTES, sizeof number);
    if (number < world->first_saying || number >= world->next_saying) {
        return; /* long ago */
    }
    struct wzp_saying *saying = saying_of(world, number);
    if (saying->room != guest->room || saying->guest == guest->index) {
        wzp_world_break(world, "p%zu hears what p%u said in another room or itself", guest->index,
                        saying->guest);
        return;
    }
    if (guest->index >= saying->n_guests) {
        return; /* it came after the packet */
    }
    uint64_t bit = (uint64_t)1 << (guest->index % 64);
    bool is_late = world->now - saying->at > WZP_CROWD_LATE;
    if ((saying->heard[guest->index / 64] & bit) && !is_late) {
        wzp_world_break(world, "promise 1: p%zu at relay %zu hears a packet of p%u at relay %zu twice",
                        guest->index, guest->relay, saying->guest, world->guests[saying->guest]->relay);
    }
    saying->heard[guest->index / 64] |= bit;
    check_stream(guest, saying, number, wzp_media_stream(media));
}

/* Whoever was settled when it was said and is there still has to have heard it. False where one has not. */
static bool is_heard(struct wzp_world *world, const struct wzp_saying *saying, size_t *out_deaf)
{
    size_t from = world->guests[saying->guest]->relay;
    for (size_t i = 0; i < saying->n_guests; i++) {
        const struct wzp_guest *guest = world->guests[i];
        bool is_listener = guest->member && guest->room == saying->room && i != saying->guest &&
                           guest->settled_at <= saying->at && wzp_oracle_reaches(world, from, guest->relay);
        if (is_listener && !(saying->heard[i / 64] >> (i % 64) & 1)) {
            *out_deaf = i;
            return false;
        }
    }
    return true;
}

static void check_saying(struct wzp_world *world, const struct wzp_saying *saying)
{
    size_t deaf = 0;
    if (is_heard(world, saying, &deaf)) {
        return;
    }
    world->last_gap = saying->at;
    if (saying->is_owed) {
        wzp_world_break(world,
                        "promise 1: p%zu at relay %zu never heard what p%u at relay %zu said at %.3f s", deaf,
                        world->guests[deaf]->relay, saying->guest, world->guests[saying->guest]->relay,
                        (double)saying->at / WZP_SECOND);
    }
}

void wzp_crowd_expire(struct wzp_world *world, wzp_us before)
{
    while (world->first_saying < world->next_saying) {
        struct wzp_saying *saying = saying_of(world, world->first_saying);
        if (saying->at >= before) {
            return;
        }
        if ((saying->is_owed || world->watches_gaps) && !world->is_broken) {
            check_saying(world, saying);
        }
        free(saying->heard);
        saying->heard = NULL;
        world->first_saying++;
    }
}

void wzp_crowd_free(struct wzp_world *world)
{
    world->is_broken = true; /* nothing is checked any more */
    wzp_crowd_expire(world, WZP_NEVER);
    for (size_t i = 0; i < world->n_guests; i++) {
        forget_view(world->guests[i]);
        free(world->guests[i]);
    }
    free(world->guests);
    free(world->marks);
    free(world->sayings);
    free(world->stream_marks);
}
