/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets of handshakes wait here until the voice of the turn has been sent on, and only so much time of a
 * turn is theirs: one costs as much as hundreds of forwarded datagrams, and after an outage a thousand
 * clients come back within a second. Taking them out of the kernel's buffer early keeps its space for voice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "net/udp.h"

#define WZP_NEWCOMERS_MAX    2048 /* packets that wait; more are dropped, and sent again by their sender */
#define WZP_NEWCOMERS_BUDGET (3 * WZP_MS) /* of a turn */

struct wzp_endpoint;

/** What has been done for a packet. */
enum wzp_visit {
    WZP_VISIT_FRESH,  /* nothing */
    WZP_VISIT_HELD,   /* it waited here */
    WZP_VISIT_SORTED, /* it waited, and another endpoint has found out whose a new connection is */
};

/** A value; wzp_newcomers_init makes it ready. */
struct wzp_newcomers {
    struct wzp_list waiting;
    size_t n;
    uint64_t dropped; /* since the start: too many waited, or no memory */
    wzp_us cpu;       /* processor time that went to them since the start */
};

void wzp_newcomers_init(struct wzp_newcomers *newcomers);
void wzp_newcomers_deinit(struct wzp_newcomers *newcomers);

/** Keeps a copy for wzp_newcomers_work, which comes with `visit`. */
void wzp_newcomers_hold(struct wzp_newcomers *newcomers, const struct wzp_udp_path *path,
                        const uint8_t *bytes, size_t size, enum wzp_visit visit);

/** Gives the endpoint those that the budget is enough for, at least one. False: none waited. */
bool wzp_newcomers_work(struct wzp_newcomers *newcomers, struct wzp_endpoint *endpoint);
