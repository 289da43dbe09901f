/* SPDX-License-Identifier: Apache-2.0 */
/* What crossing.c and crossing_news.c share of a worker's end. */
#pragma once

#include <stdatomic.h>

#include "base/ring.h"
#include "relay/allowance.h"
#include "relay/crew.h"
#include "relay/crossing.h"
#include "relay/link.h"

/* A link as a worker knows it that does not have it. */
struct wzp_far_link {
    uint32_t id;
    char label[WZP_ROUTER_LABEL_BYTES];
    struct wzp_link *handle; /* the router's; NULL: it did not take the link */
    struct wzp_link_stats collected;
    struct wzp_allowance allowance; /* only what is told of refusals */
    size_t lane;                    /* of what it causes */
    uint64_t *queue_full;           /* pointer into the metrics */
};

/* The two rings between the first worker and another. */
struct wzp_ring_pair {
    struct wzp_ring *out, *in; /* as the owner of the end sees them */
};

struct wzp_crossing {
    struct wzp_relay *relay;
    struct wzp_crossing *ends[WZP_CREW_MAX]; /* of the others; an other knows only the first's */
    struct wzp_ring_pair pairs[WZP_CREW_MAX];

    /* the first worker's */
    struct wzp_relay_link *links[WZP_CROSSING_LINKS];
    uint32_t last_id;
    _Atomic uint32_t broken[WZP_CROSSING_LINKS]; /* ids of links whose signals could not be passed to us */

    /* the others' */
    struct wzp_far_link *far[WZP_CROSSING_LINKS];
};

/* The low bits of an id are its slot; the others make it differ from the slot's earlier ones. */
static inline size_t wzp_crossing_slot(uint32_t id)
{
    return id % WZP_CROSSING_LINKS;
}

static inline bool wzp_crossing_is_first(const struct wzp_crossing *crossing)
{
    return crossing->relay->worker == WZP_CREW_FIRST;
}

static inline struct wzp_mailbox *wzp_crossing_mailbox(const struct wzp_crossing *crossing, unsigned worker)
{
    return crossing->relay->crew->mailboxes[worker];
}

/** The first worker's link with this id, or NULL. */
static inline struct wzp_relay_link *wzp_crossing_find(const struct wzp_crossing *crossing, uint32_t id)
{
    struct wzp_relay_link *link = crossing->links[wzp_crossing_slot(id)];
    return link && link->crossing_id == id ? link : NULL;
}
