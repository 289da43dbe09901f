/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "apps/sim/phases.h"

#define WZP_FAULTS_LENGTH (8 * WZP_SECOND)

static wzp_us sometime(struct wzp_world *world)
{
    return wzp_world_between(world, world->now, world->now + WZP_FAULTS_LENGTH - 1);
}

static void plan_churn(struct wzp_world *world)
{
    size_t n = 4 + wzp_random_below(&world->random, 12);
    for (size_t i = 0; i < n; i++) {
        wzp_us at = sometime(world); /* one by one: every compiler draws in this order */
        wzp_world_plan(world, wzp_world_chance(world, 0.5) ? WZP_SIM_JOIN : WZP_SIM_LEAVE, 0, at);
    }
    size_t n_cuts = 1 + wzp_random_below(&world->random, 2 + world->graph.n / 4);
    for (size_t i = 0; i < n_cuts; i++) {
        size_t edge = wzp_random_below(&world->random, world->graph.n_edges);
        wzp_us at = sometime(world);
        wzp_world_plan(world, WZP_SIM_CUT, edge, at);
        wzp_world_plan(world, WZP_SIM_HEAL, edge, at + wzp_world_between(world, 10 * WZP_MS, 5 * WZP_SECOND));
    }
}

static void plan_crashes(struct wzp_world *world)
{
    size_t n = 1 + wzp_random_below(&world->random, 1 + world->graph.n / 8);
    for (size_t i = 0; i < n; i++) {
        size_t relay = wzp_random_below(&world->random, world->graph.n);
        wzp_us at = sometime(world);
        wzp_world_plan(world, WZP_SIM_CRASH, relay, at);
        wzp_world_plan(world, WZP_SIM_RESTART, relay,
                       at + wzp_world_between(world, 200 * WZP_MS, 5 * WZP_SECOND));
    }
}

/* Cuts every edge between two random halves. */
void wzp_faults_split(struct wzp_world *world, wzp_us at, wzp_us end)
{
    bool *half = calloc(world->graph.n, sizeof *half);
    if (!half) {
        abort();
    }
    double share = wzp_world_chance(world, 0.5) ? 0.5 : 0.15;
    for (size_t i = 0; i < world->graph.n; i++) {
        half[i] = wzp_world_chance(world, share);
    }
    for (size_t i = 0; i < world->graph.n_edges; i++) {
        if (half[world->graph.edges[i].a] != half[world->graph.edges[i].b]) {
            wzp_world_plan(world, WZP_SIM_CUT, i, at);
            wzp_world_plan(world, WZP_SIM_HEAL, i, end);
        }
    }
    free(half);
}

static void plan_partition(struct wzp_world *world)
{
    wzp_us at = sometime(world);
    wzp_faults_split(world, at, at + wzp_world_between(world, 100 * WZP_MS, 6 * WZP_SECOND));
}

void wzp_faults_run(struct wzp_world *world)
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
    wzp_quiet_speak(world, 0.4, WZP_PHASES_SPEAKERS, 100 * WZP_MS);
    wzp_quiet_pass(world, WZP_FAULTS_LENGTH);
    wzp_quiet_silence(world);
}
