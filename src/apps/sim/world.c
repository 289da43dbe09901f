/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/sim/trace.h"

#define WZP_WORLD_EPOCH_US 1700000000000000 /* the wall clock at time 0 */
#define WZP_WORLD_PACKETS  4096
#define WZP_WORLD_TURNS    1000 /* ticks at one moment before we call it a storm */

wzp_us wzp_world_between(struct wzp_world *world, wzp_us low, wzp_us high)
{
    return low + (wzp_us)wzp_random_below(&world->random, (uint64_t)(high - low) + 1);
}

bool wzp_world_chance(struct wzp_world *world, double probability)
{
    return wzp_random_unit(&world->random) < probability;
}

void wzp_world_plan(struct wzp_world *world, enum wzp_event_kind kind, size_t index, wzp_us at)
{
    wzp_events_add(&world->events, &(struct wzp_sim_event){.at = at, .kind = kind, .index = (uint32_t)index});
}

void wzp_world_break(struct wzp_world *world, const char *format, ...)
{
    if (world->is_broken) {
        return;
    }
    world->is_broken = true;
    int used = snprintf(world->why, sizeof world->why, "at %.3f s: ", (double)world->now / WZP_SECOND);
    va_list args;
    va_start(args, format);
    vsnprintf(world->why + used, sizeof world->why - (size_t)used, format, args);
    va_end(args);
}

void wzp_world_fingerprint(size_t relay, uint8_t out_fingerprint[static WZP_FINGERPRINT_BYTES])
{
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, relay + 1);
    random.fill(random.context, out_fingerprint, WZP_FINGERPRINT_BYTES);
}

/* ---- what routers do --------------------------------------------------------------------------------- */

static void to_members(void *context, void *const *users, size_t n_users, const struct wzp_signal *signal,
                       uint64_t replace_key)
{
    (void)replace_key;
    struct wzp_relay_of_world *relay = context;
    wzp_crowd_told(relay->world, users, n_users, signal);
}

static void to_link(void *context, void *user, const struct wzp_signal *signal, uint64_t replace_key)
{
    (void)context;
    (void)replace_key;
    wzp_wire_signal(user, signal);
}

static void media_to_member(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size)
{
    (void)context;
    wzp_crowd_heard(user, packet->bytes + offset, size);
}

static void media_to_link(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size)
{
    (void)context;
    wzp_wire_datagram(user, packet->bytes + offset, size);
}

static void member_replaced(void *context, void *user)
{
    (void)user;
    struct wzp_relay_of_world *relay = context;
    wzp_world_break(relay->world, "a member was replaced, though nobody shares an identity");
}

static void event(void *context, const struct wzp_router_event *event)
{
    struct wzp_relay_of_world *relay = context;
    if (event->kind == WZP_ROUTER_EVENT_SIGNAL_REFUSED) {
        wzp_world_break(relay->world, "relay %zu refused a signal: %s", relay->index,
                        wzp_refusal_text(event->refusal));
    }
}

/* ---- life -------------------------------------------------------------------------------------------- */

void wzp_world_start(struct wzp_world *world, size_t index)
{
    struct wzp_relay_of_world *relay = &world->relays[index];
    char label[16];
    snprintf(label, sizeof label, "relay %zu", index);
    struct wzp_router_config config = {
        .label = label,
        .global_rooms = world->rooms,
        .n_global_rooms = world->options->rooms,
        .limits = {.links = world->graph.n},
        .hash_key = {.k = {index, world->options->seed}},
        .random = &world->random,
        .wall_clock_us = (uint64_t)(WZP_WORLD_EPOCH_US + world->now),
        .pool = world->pool,
        .out = &relay->out,
        .bugs = world->options->bugs,
    };
    memcpy(config.fingerprint, relay->fingerprint, sizeof config.fingerprint);
    relay->tick_at = WZP_NEVER;
    if (wzp_router_new(&config, &relay->router) != WZP_OK) {
        abort(); /* no memory */
    }
}

void wzp_world_settle(struct wzp_world *world, size_t index)
{
    struct wzp_relay_of_world *relay = &world->relays[index];
    if (!relay->router) {
        return;
    }
    int turns = 0;
    while (wzp_router_deadline(relay->router) <= world->now) {
        wzp_router_tick(relay->router, world->now);
        if (++turns > WZP_WORLD_TURNS) {
            wzp_world_break(world, "relay %zu never stops ticking", index);
            return;
        }
    }
    wzp_us deadline = wzp_router_deadline(relay->router);
    if (deadline < relay->tick_at) {
        relay->tick_at = deadline;
        wzp_events_add(&world->events, &(struct wzp_sim_event){
                                           .at = deadline, .kind = WZP_SIM_TICK, .index = (uint32_t)index});
    }
}

static void crash(struct wzp_world *world, size_t index)
{
    struct wzp_relay_of_world *relay = &world->relays[index];
    if (!relay->router) {
        return;
    }
    struct wzp_router *router = relay->router;
    wzp_trace_line(world, "%zu dies", index);
    relay->router = NULL;
    wzp_crowd_relay_died(world, index);
    wzp_wire_relay_died(world, index);
    wzp_router_free(router);
}

static void restart(struct wzp_world *world, size_t index)
{
    if (world->relays[index].router) {
        return;
    }
    wzp_world_start(world, index);
    for (size_t i = world->first_edge[index]; i < world->first_edge[index + 1]; i++) {
        wzp_wire_connect(world, (uint32_t)world->edge_list[i]);
    }
}

static void tick(struct wzp_world *world, const struct wzp_sim_event *event)
{
    struct wzp_relay_of_world *relay = &world->relays[event->index];
    if (relay->router && relay->tick_at == event->at) {
        relay->tick_at = WZP_NEVER;
        wzp_world_settle(world, event->index);
    }
}

static void join_somewhere(struct wzp_world *world)
{
    size_t relay = wzp_random_below(&world->random, world->graph.n);
    wzp_crowd_join(world, relay, wzp_random_below(&world->random, world->options->rooms));
}

static void happen(struct wzp_world *world, const struct wzp_sim_event *event)
{
    struct wzp_guest *guest = NULL;
    switch (event->kind) {
    case WZP_SIM_TICK:
        tick(world, event);
        break;
    case WZP_SIM_MAIL:
    case WZP_SIM_DATAGRAM:
    case WZP_SIM_NOTICE:
    case WZP_SIM_CONNECT:
    case WZP_SIM_UP:
    case WZP_SIM_CUT:
    case WZP_SIM_HEAL:
        wzp_wire_event(world, event);
        break;
    case WZP_SIM_CRASH:
        crash(world, event->index);
        break;
    case WZP_SIM_RESTART:
        restart(world, event->index);
        break;
    case WZP_SIM_JOIN:
        join_somewhere(world);
        break;
    case WZP_SIM_LEAVE:
        guest = wzp_crowd_any(world);
        if (guest) {
            wzp_crowd_leave(guest);
        }
        break;
    case WZP_SIM_SPEAK:
        wzp_crowd_spoke(world, event);
        break;
    }
}

void wzp_world_run(struct wzp_world *world, wzp_us until, bool (*stop)(struct wzp_world *world))
{
    struct wzp_sim_event event;
    while (!world->is_broken && wzp_events_next(&world->events, until, &event)) {
        world->now = event.at;
        world->costs.events++;
        happen(world, &event);
        if (stop && stop(world)) {
            return;
        }
    }
    if (!world->is_broken) {
        world->now = until;
    }
}

/* ---- set-up ------------------------------------------------------------------------------------------ */

static enum wzp_err make_graph(struct wzp_world *world)
{
    const struct wzp_sim_options *options = world->options;
    if (options->topology == WZP_TOPOLOGY_FILE) {
        return wzp_graph_read(options->file, &world->graph);
    }
    return wzp_graph_make(options->topology, options->min_relays, &world->random, &world->graph);
}

static void make_edges(struct wzp_world *world)
{
    wzp_us slowest = (wzp_us)world->options->delay_ms * WZP_MS;
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        struct wzp_edge_of_world *edge = &world->edges[i];
        edge->delay = wzp_world_between(world, WZP_MS, slowest);
        world->longest = wzp_us_max(world->longest, 3 * edge->delay);
        for (uint8_t side = 0; side < 2; side++) {
            size_t relay = side == 0 ? world->graph.edges[i].a : world->graph.edges[i].b;
            edge->sides[side] =
                (struct wzp_side){.world = world, .edge = (uint32_t)i, .side = side, .relay = relay};
            world->first_edge[relay + 1]++;
        }
    }
}

static void list_edges(struct wzp_world *world)
{
    for (size_t i = 0; i < world->graph.n; i++) {
        world->first_edge[i + 1] += world->first_edge[i];
    }
    size_t *at = calloc(world->graph.n, sizeof *at);
    if (!at) {
        abort();
    }
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        for (int side = 0; side < 2; side++) {
            size_t relay = world->edges[i].sides[side].relay;
            world->edge_list[world->first_edge[relay] + at[relay]++] = i;
        }
    }
    free(at);
}

static void make_relays(struct wzp_world *world)
{
    for (size_t i = 0; i < world->options->rooms; i++) {
        snprintf(world->room_names[i], sizeof world->room_names[i], "room%zu", i);
        world->rooms[i] = world->room_names[i];
    }
    for (size_t i = 0; i < world->graph.n; i++) {
        struct wzp_relay_of_world *relay = &world->relays[i];
        relay->world = world;
        relay->index = i;
        relay->out = (struct wzp_router_out){
            .context = relay,
            .to_members = to_members,
            .to_link = to_link,
            .media_to_member = media_to_member,
            .media_to_link = media_to_link,
            .member_replaced = member_replaced,
            .event = event,
        };
        wzp_world_fingerprint(i, relay->fingerprint);
        wzp_fingerprint_write(relay->fingerprint, relay->text);
        wzp_world_start(world, i);
    }
}

enum wzp_err wzp_world_new(const struct wzp_sim_options *options, struct wzp_world **out_world)
{
    struct wzp_world *world = calloc(1, sizeof *world);
    if (!world) {
        return WZP_ENOMEM;
    }
    world->options = options;
    world->random = wzp_random_from_seed(&world->seeded, options->seed);
    enum wzp_err err = make_graph(world);
    if (err == WZP_OK) {
        err = wzp_packet_pool_new(WZP_WORLD_PACKETS, &world->pool);
    }
    if (err != WZP_OK) {
        wzp_world_free(world);
        return err;
    }
    size_t n = world->graph.n;
    world->relays = calloc(n, sizeof *world->relays);
    world->edges = calloc(world->graph.n_edges + 1, sizeof *world->edges);
    world->first_edge = calloc(n + 1, sizeof *world->first_edge);
    world->edge_list = calloc(2 * world->graph.n_edges + 1, sizeof *world->edge_list);
    world->room_names = calloc(options->rooms, sizeof *world->room_names);
    world->rooms = calloc(options->rooms, sizeof *world->rooms);
    world->distance = calloc(n, n);
    world->truth = calloc(options->rooms * n, sizeof *world->truth);
    world->truth_n = calloc(options->rooms * n, sizeof *world->truth_n);
    world->stream_marks = calloc(UINT16_MAX + 1, sizeof *world->stream_marks);
    if (!world->relays || !world->edges || !world->first_edge || !world->edge_list || !world->room_names ||
        !world->rooms || !world->distance || !world->truth || !world->truth_n || !world->stream_marks) {
        wzp_world_free(world);
        return WZP_ENOMEM;
    }
    make_edges(world);
    list_edges(world);
    make_relays(world);
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        wzp_wire_connect(world, (uint32_t)i);
    }
    *out_world = world;
    return WZP_OK;
}

void wzp_world_free(struct wzp_world *world)
{
    if (!world) {
        return;
    }
    for (size_t i = 0; world->relays && i < world->graph.n; i++) {
        wzp_router_free(world->relays[i].router);
    }
    wzp_crowd_free(world);
    wzp_events_deinit(&world->events);
    wzp_packet_pool_free(world->pool);
    wzp_graph_deinit(&world->graph);
    free(world->relays);
    free(world->edges);
    free(world->first_edge);
    free(world->edge_list);
    free(world->room_names);
    free(world->rooms);
    free(world->distance);
    free(world->truth);
    free(world->truth_n);
    free(world->points);
    free(world);
}
