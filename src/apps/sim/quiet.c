/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "apps/sim/phases.h"

#define WZP_QUIET_GRACE    (2 * WZP_SECOND)
#define WZP_QUIET_COALESCE (50 * WZP_MS)
#define WZP_QUIET_IMPROVED (40 * WZP_SECOND) /* within which every way is as short as it gets */
#define WZP_QUIET_CLEAN    4                 /* seconds in a row */

void wzp_quiet_pass(struct wzp_world *world, wzp_us us)
{
    wzp_world_run(world, world->now + us, NULL);
}

/* How long a message may take to everybody: over every hop, and a little for those that wait to be merged. */
wzp_us wzp_quiet_across(const struct wzp_world *world)
{
    return (wzp_us)(wzp_oracle_diameter(world) + 1) * world->longest + 2 * WZP_QUIET_COALESCE;
}

/* After what happened last, lists have to be right: a lost way may be explored to and fro. */
wzp_us wzp_quiet_settling(const struct wzp_world *world)
{
    return WZP_QUIET_GRACE + 2 * wzp_quiet_across(world) + 4 * world->longest;
}

void wzp_quiet_speak(struct wzp_world *world, double share, size_t limit, wzp_us pace)
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

void wzp_quiet_silence(struct wzp_world *world)
{
    for (size_t i = 0; i < world->n_guests; i++) {
        wzp_crowd_speak(world->guests[i], 0);
    }
}

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
void wzp_quiet_repair(struct wzp_world *world)
{
    world->has_noise = false;
    for (size_t i = 0; i < world->graph.n; i++) {
        wzp_world_plan(world, WZP_SIM_RESTART, i, world->now);
    }
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        wzp_world_plan(world, WZP_SIM_HEAL, i, world->now);
    }
    wzp_quiet_pass(world, WZP_PHASES_NOTICE + WZP_SECOND);
    for (int tries = 0; tries < 10 && !are_all_up(world) && !world->is_broken; tries++) {
        wzp_quiet_pass(world, WZP_SECOND);
    }
    if (!are_all_up(world)) {
        wzp_world_break(world, "links do not come back"); /* a mistake of the simulation */
    }
}

void wzp_quiet_populate(struct wzp_world *world, size_t n)
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

void wzp_quiet_settle(struct wzp_world *world)
{
    wzp_oracle_look(world);
    wzp_quiet_pass(world, wzp_quiet_settling(world));
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
    wzp_quiet_pass(world, WZP_SECOND);
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
    wzp_us end = world->now + WZP_QUIET_IMPROVED + 2 * wzp_quiet_across(world);
    int clean = 0;
    while (!world->is_broken && clean < WZP_QUIET_CLEAN && world->now < end) {
        clean = count_vain(world, &vain) == 0 ? clean + 1 : 0;
        world->costs.unsteady_seconds += clean == 0;
    }
    world->costs.steady += vain.datagrams;
    world->costs.steady_dropped += vain.dropped;
    if (clean < WZP_QUIET_CLEAN) {
        wzp_world_break(
            world,
            "promise 2: no steady state; in the last second links carried %llu datagrams in vain: "
            "%llu duplicates, %llu from the wrong link",
            (unsigned long long)vain.dropped, (unsigned long long)vain.duplicates,
            (unsigned long long)vain.not_upstream);
    }
}

/* What was said so long ago that it has arrived wherever it goes is checked. */
void wzp_quiet_check_speech(struct wzp_world *world)
{
    wzp_crowd_expire(world, world->now - wzp_quiet_across(world));
}

void wzp_quiet_speech(struct wzp_world *world)
{
    world->checks_all = true;
    wzp_quiet_speak(world, 1.0, WZP_PHASES_SPEAKERS, (wzp_us)world->options->pace_ms * WZP_MS);
    wzp_quiet_pass(world, 2 * WZP_SECOND + wzp_quiet_across(world));
    steady_seconds(world);
    wzp_quiet_check_speech(world);
    wzp_oracle_measure_paths(world);
    measure_memory(world);
}
