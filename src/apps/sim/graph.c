/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sim/graph.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WZP_GRAPH_MAX_RELAYS 10000

static const char *const names[WZP_TOPOLOGIES] = {"pair", "chain", "star", "ring", "mesh",
                                                  "grid", "er",    "ba",   "file"};

const char *wzp_graph_topology_name(enum wzp_topology topology)
{
    return names[topology];
}

enum wzp_err wzp_graph_topology_read(const char *name, enum wzp_topology *out_topology)
{
    for (size_t i = 0; i < WZP_TOPOLOGIES; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out_topology = (enum wzp_topology)i;
            return WZP_OK;
        }
    }
    return WZP_EINVAL;
}

static bool has_edge(const struct wzp_graph *graph, size_t a, size_t b)
{
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct wzp_graph_edge *edge = &graph->edges[i];
        if ((edge->a == a && edge->b == b) || (edge->a == b && edge->b == a)) {
            return true;
        }
    }
    return false;
}

static enum wzp_err add(struct wzp_graph *graph, size_t a, size_t b)
{
    struct wzp_graph_edge *edges = realloc(graph->edges, (graph->n_edges + 1) * sizeof *edges);
    if (!edges) {
        return WZP_ENOMEM;
    }
    graph->edges = edges;
    edges[graph->n_edges++] = (struct wzp_graph_edge){.a = a < b ? a : b, .b = a < b ? b : a};
    return WZP_OK;
}

static enum wzp_err add_new(struct wzp_graph *graph, size_t a, size_t b)
{
    return a == b || has_edge(graph, a, b) ? WZP_OK : add(graph, a, b);
}

static enum wzp_err make_chain(struct wzp_graph *graph, bool is_closed)
{
    enum wzp_err err = WZP_OK;
    for (size_t i = 1; i < graph->n && err == WZP_OK; i++) {
        err = add(graph, i - 1, i);
    }
    return err == WZP_OK && is_closed && graph->n > 2 ? add(graph, graph->n - 1, 0) : err;
}

static enum wzp_err make_star(struct wzp_graph *graph)
{
    enum wzp_err err = WZP_OK;
    for (size_t i = 1; i < graph->n && err == WZP_OK; i++) {
        err = add(graph, 0, i);
    }
    return err;
}

static enum wzp_err make_mesh(struct wzp_graph *graph)
{
    enum wzp_err err = WZP_OK;
    for (size_t i = 0; i < graph->n; i++) {
        for (size_t k = i + 1; k < graph->n && err == WZP_OK; k++) {
            err = add(graph, i, k);
        }
    }
    return err;
}

static enum wzp_err make_grid(struct wzp_graph *graph)
{
    size_t width = 1;
    while (width * width < graph->n) {
        width++;
    }
    enum wzp_err err = WZP_OK;
    for (size_t i = 1; i < graph->n && err == WZP_OK; i++) {
        if (i % width != 0) {
            err = add(graph, i - 1, i);
        }
        if (err == WZP_OK && i >= width) {
            err = add(graph, i - width, i);
        }
    }
    return err;
}

/* A random tree keeps it connected; then random edges up to two a relay (each has two ends). */
static enum wzp_err make_er(struct wzp_graph *graph, const struct wzp_random *random)
{
    enum wzp_err err = WZP_OK;
    for (size_t i = 1; i < graph->n && err == WZP_OK; i++) {
        err = add(graph, i, wzp_random_below(random, i));
    }
    for (size_t i = 0; i < graph->n && err == WZP_OK; i++) {
        size_t b = wzp_random_below(random, graph->n); /* one by one: every compiler draws in this order */
        err = add_new(graph, wzp_random_below(random, graph->n), b);
    }
    return err;
}

/* A newcomer picks ends of random edges: relays with many links are picked more often. */
static enum wzp_err make_ba(struct wzp_graph *graph, const struct wzp_random *random)
{
    enum wzp_err err = add(graph, 0, 1);
    for (size_t i = 2; i < graph->n && err == WZP_OK; i++) {
        size_t n_edges = graph->n_edges;
        for (int k = 0; k < 2 && err == WZP_OK; k++) {
            const struct wzp_graph_edge *edge = &graph->edges[wzp_random_below(random, n_edges)];
            err = add_new(graph, i, wzp_random_below(random, 2) ? edge->a : edge->b);
        }
    }
    return err;
}

static enum wzp_err make(enum wzp_topology topology, const struct wzp_random *random, struct wzp_graph *graph)
{
    switch (topology) {
    case WZP_TOPOLOGY_PAIR:
    case WZP_TOPOLOGY_CHAIN:
        return make_chain(graph, false);
    case WZP_TOPOLOGY_STAR:
        return make_star(graph);
    case WZP_TOPOLOGY_RING:
        return make_chain(graph, true);
    case WZP_TOPOLOGY_MESH:
        return make_mesh(graph);
    case WZP_TOPOLOGY_GRID:
        return make_grid(graph);
    case WZP_TOPOLOGY_ER:
        return make_er(graph, random);
    case WZP_TOPOLOGY_BA:
        return make_ba(graph, random);
    case WZP_TOPOLOGY_FILE:
    case WZP_TOPOLOGIES:
        break;
    }
    return WZP_EINVAL;
}

enum wzp_err wzp_graph_make(enum wzp_topology topology, size_t n, const struct wzp_random *random,
                            struct wzp_graph *out_graph)
{
    *out_graph = (struct wzp_graph){.n = topology == WZP_TOPOLOGY_PAIR ? 2 : n};
    enum wzp_err err = n < 2 ? WZP_EINVAL : make(topology, random, out_graph);
    if (err != WZP_OK) {
        wzp_graph_deinit(out_graph);
    }
    return err;
}

static enum wzp_err read_line(char *line, struct wzp_graph *graph)
{
    unsigned long a = 0;
    unsigned long b = 0;
    char rest[2];
    line[strcspn(line, "#\n")] = '\0';
    if (line[strspn(line, " \t\r")] == '\0') {
        return WZP_OK;
    }
    if (sscanf(line, "%lu %lu %1s", &a, &b, rest) != 2 || a == b || a >= WZP_GRAPH_MAX_RELAYS ||
        b >= WZP_GRAPH_MAX_RELAYS) {
        return WZP_EMALFORMED;
    }
    graph->n = wzp_max_size(graph->n, wzp_max_size(a, b) + 1);
    return add_new(graph, a, b);
}

enum wzp_err wzp_graph_read(const char *path, struct wzp_graph *out_graph)
{
    *out_graph = (struct wzp_graph){0};
    FILE *file = fopen(path, "r");
    if (!file) {
        return WZP_EIO;
    }
    char line[256];
    enum wzp_err err = WZP_OK;
    while (err == WZP_OK && fgets(line, sizeof line, file)) {
        err = read_line(line, out_graph);
    }
    wzp_ignore(fclose(file)); /* only read */
    if (err == WZP_OK && out_graph->n < 2) {
        err = WZP_EMALFORMED;
    }
    if (err != WZP_OK) {
        wzp_graph_deinit(out_graph);
    }
    return err;
}

/* Reaches the relays beside those `rim` deep (one more than links; 0: not reached). False where none is new.
 */
static bool reach_next(const struct wzp_graph *graph, size_t *depth, size_t rim)
{
    bool is_new = false;
    for (size_t i = 0; i < graph->n_edges; i++) {
        size_t from = depth[graph->edges[i].a] == rim ? graph->edges[i].a : graph->edges[i].b;
        size_t to = from == graph->edges[i].a ? graph->edges[i].b : graph->edges[i].a;
        if (depth[from] == rim && depth[to] == 0) {
            depth[to] = rim + 1;
            is_new = true;
        }
    }
    return is_new;
}

size_t wzp_graph_depth(const struct wzp_graph *graph)
{
    size_t *depth = calloc(graph->n, sizeof *depth);
    if (!depth) {
        abort();
    }
    size_t rim = 1;
    depth[0] = rim;
    while (reach_next(graph, depth, rim)) {
        rim++;
    }
    free(depth);
    return rim - 1;
}

void wzp_graph_deinit(struct wzp_graph *graph)
{
    free(graph->edges);
    *graph = (struct wzp_graph){0};
}
