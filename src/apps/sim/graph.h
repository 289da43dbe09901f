/* SPDX-License-Identifier: Apache-2.0 */
/* Topologies: which relays have links between them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/random.h"

enum wzp_topology {
    WZP_TOPOLOGY_PAIR,
    WZP_TOPOLOGY_CHAIN,
    WZP_TOPOLOGY_STAR, /* relay 0 in the middle */
    WZP_TOPOLOGY_RING,
    WZP_TOPOLOGY_MESH, /* everybody with everybody */
    WZP_TOPOLOGY_GRID, /* as square as it gets */
    WZP_TOPOLOGY_ER,   /* Erdős-Rényi, four links a relay on average, connected */
    WZP_TOPOLOGY_BA,   /* Barabási-Albert, two links for each newcomer */
    WZP_TOPOLOGY_FILE, /* lines "a b"; # starts a comment */
    WZP_TOPOLOGIES,
};

struct wzp_graph_edge {
    size_t a, b; /* a < b */
};

struct wzp_graph {
    size_t n; /* relays */
    struct wzp_graph_edge *edges;
    size_t n_edges;
};

const char *wzp_graph_topology_name(enum wzp_topology topology);

/** WZP_EINVAL: no topology has that name. */
WZP_MUST_USE enum wzp_err wzp_graph_topology_read(const char *name, enum wzp_topology *out_topology);

/** A connected graph of `n` relays (2 or more; a pair is always two). Not for WZP_TOPOLOGY_FILE. */
WZP_MUST_USE enum wzp_err wzp_graph_make(enum wzp_topology topology, size_t n,
                                         const struct wzp_random *random, struct wzp_graph *out_graph);

/** WZP_EIO: not readable. WZP_EMALFORMED: a line is no pair of different numbers below 10,000. */
WZP_MUST_USE enum wzp_err wzp_graph_read(const char *path, struct wzp_graph *out_graph);

/** How many links lie between relay 0 and the relay that is farthest from it. */
size_t wzp_graph_depth(const struct wzp_graph *graph);

void wzp_graph_deinit(struct wzp_graph *graph);
