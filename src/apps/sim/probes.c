/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "apps/sim/phases.h"

#define WZP_PROBES_HEAL     (1 * WZP_SECOND)  /* promise 4 */
#define WZP_PROBES_COUNT    (1900 * WZP_MS)   /* what is told later of a change is told of a better way */
#define WZP_PROBES_IMPROVED (60 * WZP_SECOND) /* by then no relay looks for a better way */

/* ---- one change -------------------------------------------------------------------------------------- */

static bool has_settled(struct wzp_world *world)
{
    if (!world->is_view_changed) {
        return false;
    }
    world->is_view_changed = false;
    return wzp_oracle_is_settled(world);
}

/* One direction of a link. */
static void count_side(struct wzp_world *world, const struct wzp_side *side)
{
    world->costs.change_signals += side->announced;
    world->costs.change_prunes += side->grafted;
    if (side->announced > world->costs.change_worst) {
        world->costs.change_worst = side->announced;
    }
    if (side->announced > 1) {
        wzp_world_break(world, "promise 3: one change took %u announcements from relay %zu to relay %zu",
                        side->announced, side->relay, world->edges[side->edge].sides[1 - side->side].relay);
    }
}

static void count_signals(struct wzp_world *world, double convergence_ms)
{
    uint64_t before = world->costs.change_signals;
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        count_side(world, &world->edges[i].sides[0]);
        count_side(world, &world->edges[i].sides[1]);
    }
    double signals = (double)(world->costs.change_signals - before);
    world->costs.changes++;
    world->costs.convergence_ms_sum += convergence_ms;
    if (convergence_ms > world->costs.convergence_ms_max) {
        world->costs.convergence_ms_max = convergence_ms;
    }
    struct wzp_point *points = realloc(world->points, (world->n_points + 1) * sizeof *points);
    if (points) {
        world->points = points;
        points[world->n_points++] = (struct wzp_point){
            .relays = (double)world->graph.n, .signals = signals, .convergence_ms = convergence_ms};
    }
}

static bool has_unsettled(const struct wzp_world *world)
{
    for (size_t i = 0; i < world->graph.n; i++) {
        struct wzp_router_stats stats;
        wzp_router_stats(world->relays[i].router, &stats);
        if (stats.unsettled > 0) {
            return true;
        }
    }
    return false;
}

/* Ways that the last change left too long are improved one after the other, and told of: that is no part of
 * the next change. */
static void await_settled(struct wzp_world *world)
{
    wzp_us end = world->now + WZP_PROBES_IMPROVED;
    wzp_us settled_at = world->now;
    while (world->now < settled_at + wzp_quiet_across(world) && world->now < end && !world->is_broken) {
        wzp_quiet_pass(world, WZP_SECOND);
        settled_at = has_unsettled(world) ? world->now : settled_at;
    }
}

void wzp_probes_change(struct wzp_world *world, bool is_join)
{
    await_settled(world);
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
    world->probed_room = is_join || !guest ? room : guest->room;
    if (is_join) {
        wzp_crowd_join(world, relay, room);
    } else if (guest) {
        wzp_crowd_leave(guest);
    }
    wzp_oracle_look(world);
    world->is_view_changed = true;
    wzp_world_run(world, start + wzp_quiet_across(world), has_settled);
    wzp_us settled = world->now;
    wzp_oracle_check_lists(world, is_join ? "after one join" : "after one leave");
    wzp_us counted = wzp_us_min(start + 2 * wzp_quiet_across(world), start + WZP_PROBES_COUNT);
    wzp_quiet_pass(world, wzp_us_max(counted - world->now, 0));
    count_signals(world, (double)(settled - start) / WZP_MS);
    wzp_quiet_check_speech(world);
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

void wzp_probes_heal(struct wzp_world *world)
{
    if (!cut_one(world, &world->failed_edge)) {
        return;
    }
    world->checks_all = false;
    wzp_quiet_pass(world, wzp_quiet_across(world)); /* everything owed has arrived before the link goes */
    wzp_crowd_expire(world, world->now - wzp_quiet_across(world));
    world->watches_gaps = true;
    wzp_world_plan(world, WZP_SIM_CUT, world->failed_edge, world->now);
    wzp_world_run(world, world->now + 2 * WZP_PHASES_NOTICE, is_noticed);
    wzp_us noticed = world->now;
    world->last_gap = noticed;
    wzp_quiet_pass(world, WZP_PROBES_HEAL + wzp_quiet_across(world));
    world->checks_all = true;
    wzp_quiet_pass(world, WZP_SECOND + wzp_quiet_across(world));
    wzp_quiet_check_speech(world);
    world->watches_gaps = false;
    double ms = (double)(world->last_gap - noticed) / WZP_MS;
    world->costs.heals++;
    world->costs.heal_ms_sum += ms > 0 ? ms : 0;
    world->costs.heal_ms_max = ms > world->costs.heal_ms_max ? ms : world->costs.heal_ms_max;
    wzp_quiet_pass(world, wzp_quiet_settling(world));
    wzp_oracle_check_lists(world, "after a link was lost that is not the only way");
    world->checks_all = false;
    wzp_quiet_pass(world, wzp_quiet_across(world)); /* and everything has arrived before it comes back */
    wzp_crowd_expire(world, world->now - wzp_quiet_across(world));
    wzp_world_plan(world, WZP_SIM_HEAL, world->failed_edge, world->now);
    wzp_quiet_pass(world, 2 * WZP_SECOND);
}

/* ---- who is out of reach ------------------------------------------------------------------------------ */

void wzp_probes_lose(struct wzp_world *world)
{
    world->checks_all = false;
    wzp_quiet_pass(world, wzp_quiet_across(world)); /* everything owed has arrived before */
    wzp_crowd_expire(world, world->now - wzp_quiet_across(world));
    wzp_us end = world->now + WZP_PHASES_NOTICE + 2 * wzp_quiet_settling(world) + 2 * wzp_quiet_across(world);
    bool dies = (world->options->faults & WZP_FAULT_CRASH) &&
                (!(world->options->faults & WZP_FAULT_PARTITION) || wzp_world_chance(world, 0.5));
    if (dies) {
        wzp_world_plan(world, WZP_SIM_CRASH, wzp_random_below(&world->random, world->graph.n), world->now);
    } else {
        wzp_faults_split(world, world->now, end);
    }
    wzp_quiet_pass(world, WZP_PHASES_NOTICE);
    wzp_oracle_look(world);
    wzp_quiet_pass(world, wzp_quiet_settling(world));
    wzp_oracle_check_lists(world, dies ? "after a relay died" : "after the relays fell apart");
    wzp_crowd_expire(world, world->now);
    world->checks_all = true;
    wzp_quiet_pass(world, end - world->now - wzp_quiet_across(world));
    world->checks_all = false;
    wzp_quiet_pass(world, wzp_quiet_across(world));
    wzp_crowd_expire(world, world->now - wzp_quiet_across(world));
}
