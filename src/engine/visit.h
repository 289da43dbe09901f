/* SPDX-License-Identifier: Apache-2.0 */
/* A call for a purpose other than talking: joins a room on a loop of its own, does what its handler does
 * there, leaves, and returns. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/engine.h>
#include <wzp/error.h>
#include <wzp/event.h>

#include "base/attr.h"
#include "base/us.h"
#include "engine/call.h"

struct wzp_visit;

/** All run inside wzp_visit_run; those that are NULL are left out. */
struct wzp_visit_handler {
    /** In the room. A failure ends the visit, and is what wzp_visit_run gives. */
    enum wzp_err (*on_joined)(void *context, struct wzp_visit *visit, wzp_us now);
    /** The roster (wzp_call_roster) has changed. */
    void (*on_room)(void *context, struct wzp_visit *visit, wzp_us now);
    void (*on_media)(void *context, const uint8_t *bytes, size_t size, wzp_us now);
    /** The time set by wzp_visit_wake has come. */
    void (*on_wake)(void *context, struct wzp_visit *visit, wzp_us now);
    /** The call is over, its roster still there. Not where on_joined never was. */
    void (*on_left)(void *context, struct wzp_visit *visit, wzp_us now);
};

/** What there is to tell people. */
struct wzp_visit_outcome {
    struct wzp_event joined;               /* WZP_EVENT_JOINED; zeros where it never was */
    char warning[WZP_EVENT_MESSAGE_BYTES]; /* the last one, or "" */
    char message[WZP_EVENT_MESSAGE_BYTES]; /* on failure: why */
};

/**
 * Joins as `config` says (its sources, recordings and limits mean nothing here) and stays until
 * wzp_visit_leave or, with `hangs_up_on_signals`, SIGINT or SIGTERM.
 *
 * WZP_EINVAL: `config` is wrong. Else what wzp_event's `ended` says. `out_outcome` is always filled.
 */
WZP_MUST_USE enum wzp_err wzp_visit_run(const struct wzp_engine_config *config,
                                        const struct wzp_visit_handler *handler, void *context,
                                        struct wzp_visit_outcome *out_outcome);

/** Says good-bye; on_left follows. */
void wzp_visit_leave(struct wzp_visit *visit);

/** on_wake at `at`, in place of a time set before; WZP_NEVER takes it back. */
void wzp_visit_wake(struct wzp_visit *visit, wzp_us at);

struct wzp_call *wzp_visit_call(struct wzp_visit *visit);

/** Who we are there, and with which profile. */
const struct wzp_identity *wzp_visit_identity(const struct wzp_visit *visit);
const struct wzp_profile *wzp_visit_profile(const struct wzp_visit *visit);
