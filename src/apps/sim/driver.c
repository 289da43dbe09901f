/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run is rounds of:
 *
 *   faults    people, links and relays come and go while some speak; nothing may be heard twice
 *   repair    every link and relay comes back, noise ends; wait until the lists have to be right
 *   lists     everybody's list is the truth
 *   speech    everything said is heard once by everybody; then a second in which no link carries in vain
 *   changes   one join, one leave: lists follow in time, at most one announcement a link and direction
 *   heal      one link that is not the only way fails: speech finds the other way, lists don't change
 *
 * and at the end everybody leaves, and nothing may be left.
 */
#include <stdio.h>
#include <stdlib.h>

#include "apps/sim/world.h"

#define WZP_DRIVER_FAULTS   (8 * WZP_SECOND)
#define WZP_DRIVER_NOTICE   (3 * WZP_SECOND)
#define WZP_DRIVER_GRACE    (2 * WZP_SECOND)
#define WZP_DRIVER_COALESCE (50 * WZP_MS)
#define WZP_DRIVER_HEAL     (1 * WZP_SECOND) /* promise 4 */
#define WZP_DRIVER_PATIENCE (4 * WZP_SECOND) /* until a shorter way is taken and the former upstream told */
#define WZP_DRIVER_COUNT    (1900 * WZP_MS)  /* what is told later of a change is told of a better way */
#define WZP_DRIVER_IMPROVED (40 * WZP_SECOND)
#define WZP_DRIVER_CLEAN    4 /* seconds */
#define WZP_DRIVER_SPEAKERS 12
#define WZP_DRIVER_MEMORY   (75 * WZP_SECOND) /* after which an emptied world remembers nothing */

static void pass(struct wzp_world *world, wzp_us us)
{
    wzp_world_run(world, world->now + us, NULL);
}

/* How long a message may take to everybody: over every hop, and a little for those that wait to be merged. */
static wzp_us across(const struct wzp_world *world)
{
    return (wzp_us)(wzp_oracle_diameter(world) + 1) * world->longest + 2 * WZP_DRIVER_COALESCE;
}

/* After what happened last, lists have to be right: a lost way may be explored to and fro. */
static wzp_us settling(const struct wzp_world *world)
{
    return WZP_DRIVER_GRACE + 2 * across(world) + 4 * world->longest;
}

/* ---- faults ------------------------------------------------------------------------------------------ */

static void add(struct wzp_world *world, enum wzp_event_kind kind, size_t index, wzp_us at)
{
    wzp_events_add(&world->events, &(struct wzp_sim_event){.at = at, .kind = kind, .index = (uint32_t)index});
}

static wzp_us sometime(struct wzp_world *world)
{
    return wzp_world_between(world, world->now, world->now + WZP_DRIVER_FAULTS - 1);
}

static void plan_churn(struct wzp_world *world)
{
    size_t n = 4 + wzp_random_below(&world->random, 12);
    for (size_t i = 0; i < n; i++) {
        add(world, wzp_world_chance(world, 0.5) ? WZP_SIM_JOIN : WZP_SIM_LEAVE, 0, sometime(world));
    }
    size_t n_cuts = 1 + wzp_random_below(&world->random, 2 + world->graph.n / 4);
    for (size_t i = 0; i < n_cuts; i++) {
        size_t edge = wzp_random_below(&world->random, world->graph.n_edges);
        wzp_us at = sometime(world);
        add(world, WZP_SIM_CUT, edge, at);
        add(world, WZP_SIM_HEAL, edge, at + wzp_world_between(world, 10 * WZP_MS, 5 * WZP_SECOND));
    }
}

static void plan_crashes(struct wzp_world *world)
{
    size_t n = 1 + wzp_random_below(&world->random, 1 + world->graph.n / 8);
    for (size_t i = 0; i < n; i++) {
        size_t relay = wzp_random_below(&world->random, world->graph.n);
        wzp_us at = sometime(world);
        add(world, WZP_SIM_CRASH, relay, at);
        add(world, WZP_SIM_RESTART, relay, at + wzp_world_between(world, 200 * WZP_MS, 5 * WZP_SECOND));
    }
}

static void plan_partition(struct wzp_world *world)
{
    bool *half = calloc(world->graph.n, sizeof *half);
    if (!half) {
        abort();
    }
    for (size_t i = 0; i < world->graph.n; i++) {
        half[i] = wzp_world_chance(world, 0.5);
    }
    wzp_us at = sometime(world);
    wzp_us end = at + wzp_world_between(world, 100 * WZP_MS, 6 * WZP_SECOND);
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        if (half[world->graph.edges[i].a] != half[world->graph.edges[i].b]) {
            add(world, WZP_SIM_CUT, i, at);
            add(world, WZP_SIM_HEAL, i, end);
        }
    }
    free(half);
}

static void speak(struct wzp_world *world, double share, size_t limit, wzp_us pace)
{
    size_t n = 0;
    size_t start = world->n_guests ? wzp_random_below(&world->random, world->n_guests) : 0;
    for (size_t i = 0; i < world->n_guests; i++) {
        struct wzp_guest *guest = world->guests[(start + i) % world->n_guests];
        if (guest->member && n < limit && wzp_world_chance(world, share)) {
            wzp_crowd_speak(guest, pace);
            n++;
        }
    }
}

static void be_silent(struct wzp_world *world)
{
    for (size_t i = 0; i < world->n_guests; i++) {
        wzp_crowd_speak(world->guests[i], 0);
    }
}

static void faults(struct wzp_world *world)
{
    unsigned faults = world->options->faults;
    world->has_noise = faults & WZP_FAULT_LOSS;
    if (faults & WZP_FAULT_CHURN) {
        plan_churn(world);
    }
    if (faults & WZP_FAULT_CRASH) {
        plan_crashes(world);
    }
    if ((faults & WZP_FAULT_PARTITION) && wzp_world_chance(world, 0.7)) {
        plan_partition(world);
    }
    speak(world, 0.4, WZP_DRIVER_SPEAKERS, 100 * WZP_MS);
    pass(world, WZP_DRIVER_FAULTS);
    be_silent(world);
}

/* ---- quiet ------------------------------------------------------------------------------------------- */

static bool are_all_up(struct wzp_world *world)
{
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        if (!wzp_wire_is_up(&world->edges[i])) {
            return false;
        }
    }
    return true;
}

/* Whether an end has not noticed yet that its link is dead can't be seen: wait for the longest notice first.
 */
static void repair(struct wzp_world *world)
{
    world->has_noise = false;
    for (size_t i = 0; i < world->graph.n; i++) {
        add(world, WZP_SIM_RESTART, i, world->now);
    }
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        add(world, WZP_SIM_HEAL, i, world->now);
    }
    pass(world, WZP_DRIVER_NOTICE + WZP_SECOND);
    for (int tries = 0; tries < 10 && !are_all_up(world) && !world->is_broken; tries++) {
        pass(world, WZP_SECOND);
    }
    if (!are_all_up(world)) {
        wzp_world_break(world, "links do not come back"); /* a mistake of the simulation */
    }
}

static void populate(struct wzp_world *world, size_t n)
{
    size_t here = 0;
    for (size_t i = 0; i < world->n_guests; i++) {
        here += world->guests[i]->member != NULL;
    }
    for (; here < n && !world->is_broken; here++) {
        size_t relay = wzp_random_below(&world->random, world->graph.n);
        wzp_crowd_join(world, relay, wzp_random_below(&world->random, world->options->rooms));
    }
}

static void settle(struct wzp_world *world)
{
    wzp_oracle_look(world);
    pass(world, settling(world));
    wzp_oracle_check_lists(world, "when all should be quiet");
    for (size_t i = 0; i < world->n_guests; i++) {
        if (world->guests[i]->settled_at == WZP_NEVER) {
            world->guests[i]->settled_at = world->now;
        }
    }
}

static void measure_memory(struct wzp_world *world)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < world->graph.n; i++) {
        struct wzp_router_stats stats;
        wzp_router_stats(world->relays[i].router, &stats);
        bytes += stats.memory_bytes;
    }
    world->costs.memory_bytes = bytes > world->costs.memory_bytes ? bytes : world->costs.memory_bytes;
}

/* Datagrams that links carried in vain in one second. */
static uint64_t count_vain(struct wzp_world *world, struct wzp_costs *out_vain)
{
    struct wzp_costs before = world->costs;
    wzp_oracle_count(world, &before);
    pass(world, WZP_SECOND);
    struct wzp_costs after = world->costs;
    wzp_oracle_count(world, &after);
    out_vain->datagrams = after.datagrams - before.datagrams;
    out_vain->dropped = after.dropped - before.dropped;
    out_vain->duplicates = after.duplicates - before.duplicates;
    out_vain->not_upstream = after.not_upstream - before.not_upstream;
    return out_vain->dropped;
}

/* Ways that the last faults left too long are improved one after the other. Soon enough some seconds in a row
 * have to be clean. */
static void steady_seconds(struct wzp_world *world)
{
    struct wzp_costs vain = {0};
    wzp_us end = world->now + WZP_DRIVER_IMPROVED + 2 * across(world);
    int clean = 0;
    while (!world->is_broken && clean < WZP_DRIVER_CLEAN && world->now < end) {
        clean = count_vain(world, &vain) == 0 ? clean + 1 : 0;
        world->costs.unsteady_seconds += clean == 0;
    }
    world->costs.steady += vain.datagrams;
    world->costs.steady_dropped += vain.dropped;
    if (clean < WZP_DRIVER_CLEAN) {
        wzp_world_break(
            world,
            "promise 2: no steady state; in the last second links carried %llu datagrams in vain: "
            "%llu duplicates, %llu from the wrong link",
            (unsigned long long)vain.dropped, (unsigned long long)vain.duplicates,
            (unsigned long long)vain.not_upstream);
    }
}

/* What was said so long ago that it has arrived wherever it goes is checked. */
static void check_speech(struct wzp_world *world)
{
    wzp_crowd_expire(world, world->now - across(world));
}

static void speech(struct wzp_world *world)
{
    world->checks_all = true;
    speak(world, 1.0, WZP_DRIVER_SPEAKERS, 40 * WZP_MS);
    pass(world, 2 * WZP_SECOND + across(world));
    steady_seconds(world);
    check_speech(world);
    wzp_oracle_measure_paths(world);
    measure_memory(world);
}

/* ---- one change -------------------------------------------------------------------------------------- */

static bool has_settled(struct wzp_world *world)
{
    if (!world->is_view_changed) {
        return false;
    }
    world->is_view_changed = false;
    return wzp_oracle_is_settled(world);
}

static void count_signals(struct wzp_world *world, double convergence_ms)
{
    uint64_t signals = 0;
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        for (int k = 0; k < 2; k++) {
            const struct wzp_side *side = &world->edges[i].sides[k];
            signals += side->announced;
            world->costs.change_prunes += side->grafted;
            if (side->announced > world->costs.change_worst) {
                world->costs.change_worst = side->announced;
            }
            if (side->announced > 1) {
                wzp_world_break(world,
                                "promise 3: one change took %u announcements from relay %zu to relay %zu",
                                side->announced, side->relay, world->edges[i].sides[1 - k].relay);
            }
        }
    }
    world->costs.changes++;
    world->costs.change_signals += signals;
    world->costs.convergence_ms_sum += convergence_ms;
    if (convergence_ms > world->costs.convergence_ms_max) {
        world->costs.convergence_ms_max = convergence_ms;
    }
    struct wzp_point *points = realloc(world->points, (world->n_points + 1) * sizeof *points);
    if (points) {
        world->points = points;
        points[world->n_points++] = (struct wzp_point){
            .relays = (double)world->graph.n, .signals = (double)signals, .convergence_ms = convergence_ms};
    }
}

static void change(struct wzp_world *world, bool is_join)
{
    pass(world, WZP_DRIVER_PATIENCE + across(world)); /* ways that the last change left to improve */
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        for (int k = 0; k < 2; k++) {
            world->edges[i].sides[k].announced = world->edges[i].sides[k].grafted = 0;
        }
    }
    wzp_us start = world->now;
    struct wzp_guest *guest = wzp_crowd_any(world);
    size_t relay = wzp_random_below(&world->random, world->graph.n);
    size_t room = wzp_random_below(&world->random, world->options->rooms);
    world->probed_relay = is_join || !guest ? relay : guest->relay;
    if (is_join) {
        wzp_crowd_join(world, relay, room);
    } else if (guest) {
        wzp_crowd_leave(guest);
    }
    wzp_oracle_look(world);
    world->is_view_changed = true;
    wzp_world_run(world, start + across(world), has_settled);
    wzp_us settled = world->now;
    wzp_oracle_check_lists(world, is_join ? "after one join" : "after one leave");
    wzp_us counted = wzp_us_min(start + 2 * across(world), start + WZP_DRIVER_COUNT);
    pass(world, wzp_us_max(counted - world->now, 0));
    count_signals(world, (double)(settled - start) / WZP_MS);
    check_speech(world);
}

/* ---- one link fails ---------------------------------------------------------------------------------- */

/* Cuts a link without which everybody still reaches everybody they reached. False where there is none. */
static bool cut_one(struct wzp_world *world, size_t *out_edge)
{
    size_t n = world->graph.n;
    for (int tries = 0; tries < 5; tries++) {
        size_t edge = wzp_random_below(&world->random, world->graph.n_edges);
        size_t reached = 0;
        size_t still = 0;
        for (size_t i = 0; i < n * n; i++) {
            reached += world->distance[i] <= 32;
        }
        world->edges[edge].is_cut = true;
        wzp_oracle_look(world);
        world->edges[edge].is_cut = false;
        for (size_t i = 0; i < n * n; i++) {
            still += world->distance[i] <= 32;
        }
        if (still == reached) {
            *out_edge = edge;
            return true;
        }
        wzp_oracle_look(world);
    }
    return false;
}

static bool is_noticed(struct wzp_world *world)
{
    const struct wzp_edge_of_world *edge = &world->edges[world->failed_edge];
    return !edge->sides[0].link && !edge->sides[1].link;
}

static void heal(struct wzp_world *world)
{
    if (!cut_one(world, &world->failed_edge)) {
        return;
    }
    world->checks_all = false;
    pass(world, across(world)); /* everything owed has arrived before the link goes */
    wzp_crowd_expire(world, world->now - across(world));
    world->watches_gaps = true;
    add(world, WZP_SIM_CUT, world->failed_edge, world->now);
    wzp_world_run(world, world->now + 2 * WZP_DRIVER_NOTICE, is_noticed);
    wzp_us noticed = world->now;
    world->last_gap = noticed;
    pass(world, WZP_DRIVER_HEAL + across(world));
    world->checks_all = true;
    pass(world, WZP_SECOND + across(world));
    check_speech(world);
    world->watches_gaps = false;
    double ms = (double)(world->last_gap - noticed) / WZP_MS;
    world->costs.heals++;
    world->costs.heal_ms_sum += ms > 0 ? ms : 0;
    world->costs.heal_ms_max = ms > world->costs.heal_ms_max ? ms : world->costs.heal_ms_max;
    pass(world, settling(world));
    wzp_oracle_check_lists(world, "after a link was lost that is not the only way");
    world->checks_all = false;
    pass(world, across(world)); /* and everything has arrived before it comes back */
    wzp_crowd_expire(world, world->now - across(world));
    add(world, WZP_SIM_HEAL, world->failed_edge, world->now);
    pass(world, 2 * WZP_SECOND);
}

/* ---- the run ----------------------------------------------------------------------------------------- */

static void run_round(struct wzp_world *world, size_t n_guests)
{
    faults(world);
    repair(world);
    populate(world, n_guests);
    settle(world);
    speech(world);
    for (int i = 0; i < 4 && !world->is_broken; i++) {
        change(world, i % 2 == 0);
    }
    if (!world->is_broken) {
        heal(world);
    }
    be_silent(world);
    pass(world, across(world));
    wzp_crowd_expire(world, world->now);
    world->checks_all = false;
    world->costs.rounds++;
}

static void check_nothing_is_left(struct wzp_world *world)
{
    for (size_t i = 0; i < world->n_guests && !world->is_broken; i++) {
        if (world->guests[i]->member) {
            wzp_crowd_leave(world->guests[i]);
        }
    }
    pass(world, WZP_DRIVER_MEMORY + settling(world));
    for (size_t i = 0; i < world->graph.n && !world->is_broken; i++) {
        struct wzp_router_stats stats;
        wzp_router_stats(world->relays[i].router, &stats);
        if (stats.origins > 0 || stats.members > 0 ||
            wzp_router_deadline(world->relays[i].router) != WZP_NEVER) {
            wzp_world_break(world, "relay %zu still knows of origins after everybody left", i);
        }
    }
}

void wzp_driver_run(struct wzp_world *world)
{
    const struct wzp_sim_options *options = world->options;
    size_t n_guests = options->guests;
    if (n_guests == 0) {
        n_guests = wzp_min_size(world->graph.n + world->graph.n / 2, 200);
    }
    populate(world, n_guests);
    do {
        run_round(world, n_guests);
    } while (!world->is_broken && world->now < options->duration);
    struct wzp_costs counted = world->costs;
    wzp_oracle_count(world, &counted);
    world->costs = counted;
    if (!world->is_broken) {
        check_nothing_is_left(world);
    }
}
