/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An edge is a path between two relays; over it stand connections, one at a time, each a session.
 *
 *   CONNECT ─▶ UP on one side, a delay later on the other ─▶ cut or crash ─▶ NOTICE on each side in its own
 *   time ─▶ when both ends are without a link, whole and alive: CONNECT
 *
 * Signals are reliable and each on a stream of its own: they overtake each other, wait while the edge is cut,
 * and arrive unless the session ends. Datagrams are lost instead.
 */
#include <stdio.h>
#include <string.h>

#include "apps/sim/mail.h"
#include "apps/sim/trace.h"
#include "apps/sim/world.h"
#include "proto/signal.h"

#define WZP_WIRE_NOTICE_MIN (100 * WZP_MS)
#define WZP_WIRE_NOTICE_MAX (3 * WZP_SECOND) /* liveness: docs/federation.md, "Links" */
#define WZP_WIRE_RETRY      (100 * WZP_MS)   /* of what waits for a cut edge */

static struct wzp_side *other(const struct wzp_side *side)
{
    return &side->world->edges[side->edge].sides[1 - side->side];
}

static void add(struct wzp_world *world, enum wzp_event_kind kind, const struct wzp_side *side, wzp_us at)
{
    wzp_events_add(&world->events, &(struct wzp_sim_event){
                                       .at = at,
                                       .kind = kind,
                                       .index = side->edge,
                                       .side = side->side,
                                       .session = world->edges[side->edge].session,
                                   });
}

bool wzp_wire_is_up(const struct wzp_edge_of_world *edge)
{
    return !edge->is_cut && edge->sides[0].link && edge->sides[1].link;
}

/* ---- sending ----------------------------------------------------------------------------------------- */

static wzp_us signal_delay(struct wzp_world *world, const struct wzp_edge_of_world *edge)
{
    wzp_us delay = edge->delay + wzp_world_between(world, 0, 2 * edge->delay);
    if (world->has_noise && wzp_world_chance(world, 0.05)) {
        delay += wzp_world_between(world, edge->delay, 10 * edge->delay); /* lost and sent again */
    }
    return delay;
}

/* Whether the announcement is about the probed room and origin. */
static bool is_of_probed(const struct wzp_world *world, const struct wzp_signal_global_room *room)
{
    return strcmp(room->origin, world->relays[world->probed_relay].text) == 0 &&
           strcmp(room->room, world->rooms[world->probed_room]) == 0;
}

void wzp_wire_signal(struct wzp_side *side, const struct wzp_signal *signal)
{
    struct wzp_world *world = side->world;
    struct wzp_edge_of_world *edge = &world->edges[side->edge];
    struct wzp_sim_event event = {
        .at = world->now + signal_delay(world, edge),
        .kind = WZP_SIM_MAIL,
        .index = side->edge,
        .side = 1 - side->side,
        .session = edge->session,
    };
    bool is_prune = signal->kind == WZP_SIGNAL_PRUNE || signal->kind == WZP_SIGNAL_GRAFT;
    world->costs.signals += !is_prune;
    world->costs.prunes += is_prune;
    side->announced += !is_prune && is_of_probed(world, &signal->global_room);
    side->grafted += is_prune;
    wzp_trace_signal(side, signal);
    enum wzp_err err = wzp_mail_new(signal, world->options->as_json, &event.mail);
    if (err != WZP_OK) {
        wzp_world_break(world, "a signal can't be written and read back: %s", wzp_err_text(err));
        return;
    }
    wzp_events_add(&world->events, &event);
}

void wzp_wire_datagram(struct wzp_side *side, const uint8_t *bytes, size_t size)
{
    struct wzp_world *world = side->world;
    struct wzp_edge_of_world *edge = &world->edges[side->edge];
    struct wzp_sim_event event = {
        .kind = WZP_SIM_DATAGRAM,
        .index = side->edge,
        .side = 1 - side->side,
        .session = edge->session,
        .size = (uint8_t)size,
    };
    world->costs.datagrams++;
    memcpy(event.bytes, bytes, size);
    int copies = 1;
    if (world->has_noise) {
        copies = wzp_world_chance(world, 0.03) ? 0 : wzp_world_chance(world, 0.01) ? 2 : 1;
    }
    for (int i = 0; i < copies; i++) {
        event.at = world->now + edge->delay + wzp_world_between(world, 0, edge->delay / 2);
        wzp_events_add(&world->events, &event);
    }
}

/* ---- arriving ---------------------------------------------------------------------------------------- */

/* Waits for an edge that is cut and for a side that is not up yet; ends with the session. */
static void deliver_mail(struct wzp_world *world, const struct wzp_sim_event *event)
{
    struct wzp_edge_of_world *edge = &world->edges[event->index];
    struct wzp_side *side = &edge->sides[event->side];
    bool is_over = event->session != edge->session || (!side->link && side->up_session == event->session) ||
                   !world->relays[side->relay].router;
    if (is_over) {
        wzp_mail_free(event->mail);
        return;
    }
    if (edge->is_cut || !side->link) {
        struct wzp_sim_event again = *event;
        again.at = world->now + WZP_WIRE_RETRY;
        wzp_events_add(&world->events, &again);
        return;
    }
    wzp_router_link_signal(world->relays[side->relay].router, side->link, wzp_mail_signal(event->mail),
                           world->now);
    wzp_mail_free(event->mail);
    wzp_world_settle(world, side->relay);
}

static void deliver_datagram(struct wzp_world *world, const struct wzp_sim_event *event)
{
    const struct wzp_edge_of_world *edge = &world->edges[event->index];
    const struct wzp_side *side = &edge->sides[event->side];
    struct wzp_packet *packet = NULL;
    if (event->session != edge->session || edge->is_cut || !side->link ||
        wzp_packet_new(world->pool, event->bytes, event->size, &packet) != WZP_OK) {
        return;
    }
    wzp_router_link_media_in(world->relays[side->relay].router, side->link, packet, world->now);
    wzp_packet_unref(packet);
    wzp_world_settle(world, side->relay);
}

/* ---- links ------------------------------------------------------------------------------------------- */

void wzp_wire_connect(struct wzp_world *world, uint32_t index)
{
    struct wzp_edge_of_world *edge = &world->edges[index];
    bool is_ready = !edge->is_cut && !edge->is_connecting && !edge->sides[0].link && !edge->sides[1].link &&
                    world->relays[edge->sides[0].relay].router && world->relays[edge->sides[1].relay].router;
    if (is_ready) {
        edge->is_connecting = true;
        add(world, WZP_SIM_CONNECT, &edge->sides[0], world->now + wzp_world_between(world, 0, WZP_SECOND));
    }
}

static void connect(struct wzp_world *world, uint32_t index)
{
    struct wzp_edge_of_world *edge = &world->edges[index];
    edge->is_connecting = false;
    if (edge->is_cut || edge->sides[0].link || edge->sides[1].link ||
        !world->relays[edge->sides[0].relay].router || !world->relays[edge->sides[1].relay].router) {
        return;
    }
    edge->session++;
    uint8_t first = wzp_world_chance(world, 0.5);
    wzp_events_add(&world->events, &(struct wzp_sim_event){.at = world->now,
                                                           .kind = WZP_SIM_UP,
                                                           .index = index,
                                                           .side = first,
                                                           .session = edge->session,
                                                           .size = 1});
    add(world, WZP_SIM_UP, &edge->sides[1 - first], world->now + edge->delay);
}

static void notice(struct wzp_world *world, const struct wzp_sim_event *event)
{
    struct wzp_edge_of_world *edge = &world->edges[event->index];
    struct wzp_side *side = &edge->sides[event->side];
    bool is_dead = edge->is_cut || !other(side)->link;
    if (event->session == edge->session && side->link && is_dead) {
        wzp_trace_line(world, "%zu notices that %zu is gone", side->relay, other(side)->relay);
        wzp_router_link_down(world->relays[side->relay].router, side->link, world->now);
        side->link = NULL;
        wzp_world_settle(world, side->relay);
    }
    wzp_wire_connect(world, event->index);
}

static void expect_notice(struct wzp_world *world, const struct wzp_side *side, wzp_us soonest)
{
    if (side->link) {
        add(world, WZP_SIM_NOTICE, side, world->now + wzp_world_between(world, soonest, WZP_WIRE_NOTICE_MAX));
    }
}

/* The side that is up first waits for nobody; the other one must find it up still. */
static void up(struct wzp_world *world, const struct wzp_sim_event *event)
{
    struct wzp_edge_of_world *edge = &world->edges[event->index];
    struct wzp_side *side = &edge->sides[event->side];
    struct wzp_router *router = world->relays[side->relay].router;
    bool is_alone = event->size == 0 && !other(side)->link;
    if (event->session != edge->session || !router || side->link || edge->is_cut || is_alone) {
        expect_notice(world, other(side), 0); /* who is up already has a dead link */
        wzp_wire_connect(world, event->index);
        return;
    }
    struct wzp_link_info info = {.label = "peer",
                                 .generation = WZP_GENERATION_2,
                                 .user = side,
                                 .rtt_class = (uint32_t)(edge->delay / WZP_MS / 10)};
    memcpy(info.fingerprint, world->relays[other(side)->relay].fingerprint, sizeof info.fingerprint);
    wzp_trace_line(world, "%zu is linked to %zu", side->relay, other(side)->relay);
    enum wzp_err err = wzp_router_link_up(router, &info, world->now, &side->link);
    if (err != WZP_OK) {
        wzp_world_break(world, "link up: %s", wzp_err_text(err));
        return;
    }
    side->up_session = edge->session;
    wzp_world_settle(world, side->relay);
}

static void cut(struct wzp_world *world, uint32_t index)
{
    struct wzp_edge_of_world *edge = &world->edges[index];
    if (edge->is_cut) {
        return;
    }
    edge->is_cut = true;
    wzp_trace_line(world, "the edge between %zu and %zu is cut", edge->sides[0].relay, edge->sides[1].relay);
    for (int i = 0; i < 2; i++) {
        expect_notice(world, &edge->sides[i], WZP_WIRE_NOTICE_MIN);
    }
}

/* One end without a link tells the other that its connection is dead. */
static void heal(struct wzp_world *world, uint32_t index)
{
    struct wzp_edge_of_world *edge = &world->edges[index];
    edge->is_cut = false;
    for (int i = 0; i < 2; i++) {
        if (!edge->sides[1 - i].link && edge->sides[i].link) {
            add(world, WZP_SIM_NOTICE, &edge->sides[i], world->now + 2 * edge->delay);
        }
    }
    wzp_wire_connect(world, index);
}

void wzp_wire_relay_died(struct wzp_world *world, size_t relay)
{
    for (size_t i = world->first_edge[relay]; i < world->first_edge[relay + 1]; i++) {
        struct wzp_edge_of_world *edge = &world->edges[world->edge_list[i]];
        struct wzp_side *side = &edge->sides[edge->sides[0].relay == relay ? 0 : 1];
        side->link = NULL;
        side->up_session = edge->session;
        expect_notice(world, other(side), WZP_WIRE_NOTICE_MIN);
    }
}

void wzp_wire_event(struct wzp_world *world, const struct wzp_sim_event *event)
{
    if (event->kind == WZP_SIM_MAIL) {
        deliver_mail(world, event);
    } else if (event->kind == WZP_SIM_DATAGRAM) {
        deliver_datagram(world, event);
    } else if (event->kind == WZP_SIM_NOTICE) {
        notice(world, event);
    } else if (event->kind == WZP_SIM_CONNECT) {
        connect(world, event->index);
    } else if (event->kind == WZP_SIM_UP) {
        up(world, event);
    } else if (event->kind == WZP_SIM_CUT) {
        cut(world, event->index);
    } else if (event->kind == WZP_SIM_HEAL) {
        heal(world, event->index);
    }
}
