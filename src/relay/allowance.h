/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each peer of the configuration may ask of this relay. It belongs to the entry and not to the link, so
 * that nobody gets more by dialling again.
 */
#pragma once

#include <stdbool.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/bucket.h"
#include "relay/config.h"
#include "router/router.h"

/* A relay that announces each of 4,096 rooms twice over; then a thousand changes a second. */
#define WZP_ALLOWANCE_IN_PER_S 1000
#define WZP_ALLOWANCE_IN_BURST 10000
/* What we send: half of what the other side takes, so that a restart in between makes nobody a nuisance. */
#define WZP_ALLOWANCE_OUT_PER_S 500
#define WZP_ALLOWANCE_OUT_BURST 4500
/* How long a peer that sent too many signals is not linked. */
#define WZP_ALLOWANCE_BAN (30 * WZP_SECOND)
/* Lines of the log about a peer; what is over goes to debug. */
#define WZP_ALLOWANCE_LINES_PER_S 2
#define WZP_ALLOWANCE_LINES_BURST 200
/* Between two lines about the same kind of refusal. */
#define WZP_ALLOWANCE_TELL (60 * WZP_SECOND)

struct wzp_allowance {
    struct wzp_bucket in, out, lines;
    wzp_us banned_until;
    struct {
        wzp_us told_at;
        uint64_t untold;
    } refusals[WZP_N_REFUSALS];
};

/** One that nothing has been taken from. */
struct wzp_allowance wzp_allowance_of(wzp_us now);

struct wzp_allowances;

/** WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_allowances_new(const struct wzp_relay_config *config, wzp_us now,
                                             struct wzp_allowances **out_allowances);
/** Takes NULL. */
void wzp_allowances_free(struct wzp_allowances *allowances);

/** The allowance of an entry of the configuration's [[peers]] or [[trusted]]. */
struct wzp_allowance *wzp_allowances_of(struct wzp_allowances *allowances,
                                        const struct wzp_relay_link_config *entry);

/** Notes a refused announcement; the number of them since the last line where it is time for one, else 0. */
uint64_t wzp_allowance_refused(struct wzp_allowance *allowance, enum wzp_refusal refusal, wzp_us now);
