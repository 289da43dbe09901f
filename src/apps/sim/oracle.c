/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/sim/world.h"

#define WZP_ORACLE_REACH 32 /* relays on a path, docs/federation.md section 5 */

uint64_t wzp_oracle_mark(size_t guest)
{
    uint64_t mark = (guest + 1) * 0x9e3779b97f4a7c15u; /* splitmix64's steps (Vigna, 2015) */
    mark = (mark ^ mark >> 30) * 0xbf58476d1ce4e5b9u;
    mark = (mark ^ mark >> 27) * 0x94d049bb133111ebu;
    return mark ^ mark >> 31;
}

/* Appends the neighbours of a relay that are new to the queue; returns its length. */
static size_t reach_neighbours(const struct wzp_world *world, size_t relay, uint8_t *distance, size_t *queue,
                               size_t n_queued)
{
    for (size_t i = world->first_edge[relay]; i < world->first_edge[relay + 1]; i++) {
        const struct wzp_edge_of_world *edge = &world->edges[world->edge_list[i]];
        size_t next = edge->sides[edge->sides[0].relay == relay].relay;
        if (wzp_wire_is_up(edge) && distance[next] == WZP_SIM_FAR && distance[relay] < WZP_SIM_FAR - 1) {
            distance[next] = distance[relay] + 1;
            queue[n_queued++] = next;
        }
    }
    return n_queued;
}

/* Breadth first over edges that stand. */
static void measure_from(struct wzp_world *world, size_t start, size_t *queue)
{
    size_t n = world->graph.n;
    uint8_t *distance = world->distance + start * n;
    memset(distance, WZP_SIM_FAR, n);
    size_t n_queued = 0;
    if (world->relays[start].router) {
        distance[start] = 0;
        queue[n_queued++] = start;
    }
    for (size_t at = 0; at < n_queued; at++) {
        n_queued = reach_neighbours(world, queue[at], distance, queue, n_queued);
    }
}

/* Everybody in reach should see the guest. */
static void add_to_truth(struct wzp_world *world, const struct wzp_guest *guest)
{
    size_t n = world->graph.n;
    for (size_t relay = 0; relay < n; relay++) {
        if (wzp_oracle_reaches(world, guest->relay, relay)) {
            world->truth[guest->room * n + relay] += wzp_oracle_mark(guest->index);
            world->truth_n[guest->room * n + relay]++;
        }
    }
}

void wzp_oracle_look(struct wzp_world *world)
{
    size_t n = world->graph.n;
    size_t rooms = world->options->rooms;
    size_t *queue = calloc(n, sizeof *queue);
    if (!queue) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        measure_from(world, i, queue);
    }
    free(queue);
    memset(world->truth, 0, rooms * n * sizeof *world->truth);
    memset(world->truth_n, 0, rooms * n * sizeof *world->truth_n);
    for (size_t i = 0; i < world->n_guests; i++) {
        if (world->guests[i]->member) {
            add_to_truth(world, world->guests[i]);
        }
    }
}

uint8_t wzp_oracle_distance(const struct wzp_world *world, size_t a, size_t b)
{
    return world->distance[a * world->graph.n + b];
}

bool wzp_oracle_reaches(const struct wzp_world *world, size_t a, size_t b)
{
    return wzp_oracle_distance(world, a, b) <= WZP_ORACLE_REACH;
}

size_t wzp_oracle_diameter(const struct wzp_world *world)
{
    size_t diameter = 1;
    for (size_t i = 0; i < world->graph.n * world->graph.n; i++) {
        if (world->distance[i] != WZP_SIM_FAR) {
            diameter = wzp_max_size(diameter, world->distance[i]);
        }
    }
    return diameter;
}

static bool is_right(const struct wzp_world *world, const struct wzp_guest *guest)
{
    size_t at = guest->room * world->graph.n + guest->relay;
    return guest->view && guest->view->sum == world->truth[at] && guest->view->n == world->truth_n[at];
}

bool wzp_oracle_is_settled(struct wzp_world *world)
{
    for (size_t i = 0; i < world->n_guests; i++) {
        if (world->guests[i]->member && !is_right(world, world->guests[i])) {
            return false;
        }
    }
    return true;
}

static bool shows(const struct wzp_guest *guest, size_t other)
{
    for (size_t i = 0; guest->view && i < guest->view->n; i++) {
        if (guest->view->seats[i].guest == other) {
            return true;
        }
    }
    return false;
}

/* Names one participant that is wrongly there or missing. */
static void explain(struct wzp_world *world, const struct wzp_guest *guest, const char *when)
{
    for (size_t i = 0; i < world->n_guests; i++) {
        const struct wzp_guest *other = world->guests[i];
        bool belongs = other->member && other->room == guest->room &&
                       wzp_oracle_reaches(world, other->relay, guest->relay);
        if (belongs != shows(guest, i)) {
            wzp_world_break(world, "promise 4: %s, p%zu at relay %zu %s p%zu at relay %zu", when,
                            guest->index, guest->relay, belongs ? "does not see" : "still sees", i,
                            other->relay);
            return;
        }
    }
}

void wzp_oracle_check_lists(struct wzp_world *world, const char *when)
{
    for (size_t i = 0; i < world->n_guests && !world->is_broken; i++) {
        if (world->guests[i]->member && !is_right(world, world->guests[i])) {
            explain(world, world->guests[i], when);
        }
    }
}

static void count_drops(const struct wzp_link *link, struct wzp_costs *costs)
{
    struct wzp_link_stats stats;
    wzp_link_stats(link, &stats);
    costs->duplicates += stats.dropped[WZP_DROP_DUPLICATE];
    costs->not_upstream += stats.dropped[WZP_DROP_NOT_UPSTREAM];
    for (size_t why = 0; why < WZP_N_DROPS; why++) {
        costs->dropped += stats.dropped[why];
    }
}

void wzp_oracle_count(const struct wzp_world *world, struct wzp_costs *out_costs)
{
    out_costs->duplicates = out_costs->not_upstream = out_costs->dropped = 0;
    for (size_t i = 0; i < 2 * world->graph.n_edges; i++) {
        const struct wzp_link *link = world->edges[i / 2].sides[i % 2].link;
        if (link) {
            count_drops(link, out_costs);
        }
    }
}

static void measure_path(struct wzp_world *world, size_t to, size_t from, size_t room)
{
    uint8_t path[1][WZP_FINGERPRINT_BYTES];
    size_t length = wzp_router_path(world->relays[to].router, world->rooms[room],
                                    world->relays[from].fingerprint, path, 1);
    size_t shortest = wzp_oracle_distance(world, to, from);
    double stretch = (double)length / (double)shortest;
    if (length == 0) {
        wzp_world_break(world, "relay %zu has no way to relay %zu", to, from);
        return;
    }
    world->costs.stretch_sum += stretch;
    world->costs.stretches++;
    world->costs.stretch_max = stretch > world->costs.stretch_max ? stretch : world->costs.stretch_max;
}

void wzp_oracle_measure_paths(struct wzp_world *world)
{
    size_t n = world->graph.n;
    for (size_t tries = 0; tries < 10 * world->n_guests && !world->is_broken; tries++) {
        const struct wzp_guest *guest = world->guests[tries / 10];
        size_t to = wzp_random_below(&world->random, n);
        if (guest->member && to != guest->relay && wzp_oracle_reaches(world, to, guest->relay)) {
            measure_path(world, to, guest->relay, guest->room);
        }
    }
}
