/* SPDX-License-Identifier: Apache-2.0 */
/* What wzp-impair is to do, from the command line or a scenario file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "apps/impair/model.h"
#include "apps/impair/settings.h"
#include "base/attr.h"
#include "base/us.h"

#define WZP_PLAN_MESSAGE_BYTES WZP_SETTINGS_MESSAGE_BYTES
#define WZP_PLAN_ADDRESS_BYTES 300 /* a host name of 253 characters and a port */
#define WZP_PLAN_MAX_STEPS     64
#define WZP_PLAN_MAX_REBINDS   32
#define WZP_PLAN_MAX_CLIENTS   1024

enum wzp_plan_direction {
    WZP_PLAN_UP,   /* from the clients */
    WZP_PLAN_DOWN, /* to the clients */
    WZP_PLAN_N_DIRECTIONS,
    WZP_PLAN_BOTH = WZP_PLAN_N_DIRECTIONS,
};

/** From `at` on other settings hold. */
struct wzp_plan_step {
    wzp_us at; /* from the start */
    struct wzp_model_settings settings[WZP_PLAN_N_DIRECTIONS];
};

/** Times count from the start of the program. */
struct wzp_plan {
    char listen[WZP_PLAN_ADDRESS_BYTES];
    char to[WZP_PLAN_ADDRESS_BYTES];
    uint64_t seed;
    wzp_us length; /* WZP_NEVER: until a signal */
    size_t max_clients;
    wzp_us rebind_at[WZP_PLAN_MAX_REBINDS]; /* in order of time */
    size_t n_rebinds;
    wzp_us rebind_every;                            /* 0: not */
    struct wzp_plan_step steps[WZP_PLAN_MAX_STEPS]; /* the first at 0, then in order of time */
    size_t n_steps;
};

/** Nothing impaired, no addresses, seed 1. The caller's to free(); NULL: no memory. */
struct wzp_plan *wzp_plan_new(void);

/** The names that wzp_plan_set knows beside those of settings.h; NULL behind the last. */
extern const struct wzp_settings_name wzp_plan_names[];

/**
 * Sets one by name, of the plan or (of the last step, in one or both directions) of settings.h.
 * WZP_ENOTFOUND: no such name; `out_message` suggests the nearest. WZP_EINVAL, WZP_ELIMIT: `out_message` says
 * what is wrong with the value.
 */
WZP_MUST_USE enum wzp_err wzp_plan_set(struct wzp_plan *plan, enum wzp_plan_direction direction,
                                       const char *name, const char *value,
                                       char out_message[static WZP_PLAN_MESSAGE_BYTES]);

/** Adds a step with what holds in the last one. WZP_ELIMIT; WZP_EINVAL: not after the last one. */
WZP_MUST_USE enum wzp_err wzp_plan_add_step(struct wzp_plan *plan, wzp_us at);

/** Reads "up", "down" or "both". WZP_EINVAL. */
WZP_MUST_USE enum wzp_err wzp_plan_direction_read(const char *word, enum wzp_plan_direction *out_direction);

/** WZP_EINVAL: an address is missing. */
WZP_MUST_USE enum wzp_err wzp_plan_check(const struct wzp_plan *plan,
                                         char out_message[static WZP_PLAN_MESSAGE_BYTES]);
