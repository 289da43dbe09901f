/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of wzp-sim as a value. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <wzp/error.h>

#include "apps/sim/graph.h"
#include "base/attr.h"
#include "base/us.h"

enum wzp_sim_fault {
    WZP_FAULT_CHURN = 1 << 0,     /* people join and leave, links fail and heal */
    WZP_FAULT_LOSS = 1 << 1,      /* datagrams are lost, doubled and overtaken, signals late */
    WZP_FAULT_CRASH = 1 << 2,     /* relays die and come back with nothing but their identity */
    WZP_FAULT_PARTITION = 1 << 3, /* the relays fall into two halves */
    WZP_FAULT_ALL = 15,
};

struct wzp_sim_options {
    enum wzp_topology topology;
    bool any_topology; /* each seed picks one */
    const char *file;  /* of WZP_TOPOLOGY_FILE; borrowed */
    size_t min_relays, max_relays;
    uint64_t seed;
    unsigned faults; /* enum wzp_sim_fault */
    wzp_us duration;
    size_t rooms;
    size_t guests;     /* people at the start; 0: one and a half a relay, at most 200 */
    uint32_t pace_ms;  /* between a speaker's packets where everything is checked; 0: 40, in a sweep 100 */
    uint32_t delay_ms; /* the longest one-way delay of a link; 0: each seed picks 10, 60 or 250 */
    unsigned bugs;     /* enum wzp_router_bug */
    bool as_json;      /* signals go through JSON */
    bool json;         /* the result as JSON */
    bool verbose;
    const char *plot; /* borrowed */
    uint64_t sweep;   /* number of seeds; 0: one run */
    unsigned jobs;    /* 0: one a core */
    bool is_help;
};

#define WZP_SIM_MESSAGE_BYTES 256

/** WZP_EINVAL: `out_message` says which word is wrong. */
WZP_MUST_USE enum wzp_err wzp_options_read(int argc, const char *const argv[],
                                           char out_message[static WZP_SIM_MESSAGE_BYTES],
                                           struct wzp_sim_options *out_options);

void wzp_options_print_help(FILE *stream);

/** The words that repeat one run: "--topology ring --relays 7 --seed 3 ...". */
void wzp_options_write(const struct wzp_sim_options *options, char *out_text, size_t size);
