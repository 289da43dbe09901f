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
 *   loss      a relay dies for good, or the relays fall into two halves: lists lose who is out of reach, and
 *             speech goes on among the others
 *
 * and at the end everybody leaves, and nothing may be left.
 */
#include "apps/sim/phases.h"

#define WZP_DRIVER_MEMORY (75 * WZP_SECOND) /* after which an emptied world remembers nothing */

static void run_round(struct wzp_world *world, size_t n_guests)
{
    wzp_faults_run(world);
    wzp_quiet_repair(world);
    wzp_quiet_populate(world, n_guests);
    wzp_quiet_settle(world);
    wzp_quiet_speech(world);
    for (int i = 0; i < 4 && !world->is_broken; i++) {
        wzp_probes_change(world, i % 2 == 0);
    }
    if (!world->is_broken) {
        wzp_probes_heal(world);
    }
    if (!world->is_broken && (world->options->faults & (WZP_FAULT_CRASH | WZP_FAULT_PARTITION))) {
        wzp_quiet_repair(world);
        wzp_quiet_settle(world);
        wzp_probes_lose(world);
    }
    wzp_quiet_silence(world);
    wzp_quiet_pass(world, wzp_quiet_across(world));
    wzp_crowd_expire(world, world->now);
    world->checks_all = false;
    world->costs.rounds++;
}

static void check_nothing_is_left(struct wzp_world *world)
{
    wzp_quiet_repair(world);
    for (size_t i = 0; i < world->n_guests && !world->is_broken; i++) {
        if (world->guests[i]->member) {
            wzp_crowd_leave(world->guests[i]);
        }
    }
    wzp_quiet_pass(world, WZP_DRIVER_MEMORY + wzp_quiet_settling(world));
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
    wzp_quiet_populate(world, n_guests);
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
