/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One direction of a bad network, pure: packets go in with a time, come out when they are due, or never.
 *
 * What happens to a packet, in this order: cut, size limit, burst loss (Gilbert-Elliott), random loss,
 * duplication, the queue of a slow link, delay with jitter, reordering. Jitter alone never reorders. Each
 * packet throws the same number of dice whatever is switched on, so that with one seed a change of one
 * setting leaves the others' fate as it was.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"

#define WZP_MODEL_PACKET_BYTES 1472  /* a larger one is over every size limit */
#define WZP_MODEL_MAX_HELD     16384 /* packets on their way; more are dropped */
#define WZP_MODEL_MAX_QUEUE    10000 /* packets before a slow link */
#define WZP_MODEL_MAX_CUTS     16
#define WZP_MODEL_MAX_DELAY    (60 * WZP_SECOND)
#define WZP_MODEL_HEADER_BYTES 28 /* IPv4 and UDP, which a slow link carries too */

/** Nothing passes from `at` on for `length`; both count from the model's start. */
struct wzp_model_cut {
    wzp_us at, length;
};

/** Loss in bursts: Gilbert (1960), Elliott (1963). Per packet: first the state may change, then the packet is
 * lost. */
struct wzp_model_gilbert {
    double enter; /* probability to go from the good to the bad state */
    double leave; /* and back */
    double good;  /* probability of loss in the good state */
    double bad;
};

/** Zeros do nothing. Shares are from 0 to 1, durations up to WZP_MODEL_MAX_DELAY. */
struct wzp_model_settings {
    double loss;
    struct wzp_model_gilbert gilbert; /* on where `enter` or `good` is over 0 */
    wzp_us delay;
    wzp_us jitter; /* evenly from -jitter to +jitter around the delay, never below 0 */
    double reorder;
    wzp_us reorder_by; /* how much later a reordered packet comes */
    double duplicate;
    uint64_t rate_bps;    /* of the link; 0: no limit */
    size_t queue_packets; /* before it, with the one that is being sent; more are dropped */
    size_t mtu_bytes;     /* UDP payload; 0: WZP_MODEL_PACKET_BYTES */
    struct wzp_model_cut cuts[WZP_MODEL_MAX_CUTS];
    size_t n_cuts;
};

struct wzp_model_stats {
    uint64_t packets_in, bytes_in;
    uint64_t packets_out, bytes_out;
    uint64_t lost_random, lost_burst;
    uint64_t dropped_cut, dropped_mtu, dropped_queue;
    uint64_t dropped_memory; /* WZP_MODEL_MAX_HELD, or no memory */
    uint64_t duplicated, reordered;
    size_t max_queue;      /* the longest the link's queue was */
    uint64_t max_queue_us; /* and the longest that a packet took through it, since settings last changed */
    size_t n_held;         /* on their way now */
};

struct wzp_model;

/** What comes out; borrowed until the next call about the model. */
struct wzp_model_packet {
    uint64_t flow; /* as given to wzp_model_push */
    const uint8_t *bytes;
    size_t size;
};

/** `start` is the time that cuts count from. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_model_new(const struct wzp_model_settings *settings, uint64_t seed,
                                        wzp_us start, struct wzp_model **out_model);

/** Takes NULL. */
void wzp_model_free(struct wzp_model *model);

/** From now on; what is on its way stays as it is. */
void wzp_model_set(struct wzp_model *model, const struct wzp_model_settings *settings);

/** One packet of `flow`, copied. Times of calls never go back. */
void wzp_model_push(struct wzp_model *model, uint64_t flow, const uint8_t *bytes, size_t size, wzp_us now);

/** The next packet that is due at `now`. False: none is. */
bool wzp_model_pop(struct wzp_model *model, wzp_us now, struct wzp_model_packet *out_packet);

/** When the next one is due; WZP_NEVER where none is on its way. */
wzp_us wzp_model_deadline(const struct wzp_model *model);

const struct wzp_model_stats *wzp_model_stats(const struct wzp_model *model);
