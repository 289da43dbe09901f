/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/allowance.h"

#include <stdlib.h>

struct wzp_allowances {
    const struct wzp_relay_config *config;
    struct wzp_allowance items[]; /* of the peers, then of the trusted */
};

struct wzp_allowance wzp_allowance_of(wzp_us now)
{
    struct wzp_allowance allowance = {
        .in = wzp_bucket_of(WZP_ALLOWANCE_IN_PER_S, WZP_ALLOWANCE_IN_BURST, now),
        .out = wzp_bucket_of(WZP_ALLOWANCE_OUT_PER_S, WZP_ALLOWANCE_OUT_BURST, now),
        .lines = wzp_bucket_of(WZP_ALLOWANCE_LINES_PER_S, WZP_ALLOWANCE_LINES_BURST, now),
        .banned_until = now,
    };
    for (size_t i = 0; i < WZP_N_REFUSALS; i++) {
        allowance.refusals[i].told_at = now - WZP_ALLOWANCE_TELL;
    }
    return allowance;
}

enum wzp_err wzp_allowances_new(const struct wzp_relay_config *config, wzp_us now,
                                struct wzp_allowances **out_allowances)
{
    size_t n = config->n_peers + config->n_trusted;
    struct wzp_allowances *allowances = calloc(1, sizeof *allowances + n * sizeof allowances->items[0]);
    if (!allowances) {
        return WZP_ENOMEM;
    }
    allowances->config = config;
    for (size_t i = 0; i < n; i++) {
        allowances->items[i] = wzp_allowance_of(now);
    }
    *out_allowances = allowances;
    return WZP_OK;
}

void wzp_allowances_free(struct wzp_allowances *allowances)
{
    free(allowances);
}

struct wzp_allowance *wzp_allowances_of(struct wzp_allowances *allowances,
                                        const struct wzp_relay_link_config *entry)
{
    const struct wzp_relay_config *config = allowances->config;
    for (size_t i = 0; i < config->n_peers; i++) {
        if (entry == &config->peers[i]) {
            return &allowances->items[i];
        }
    }
    return &allowances->items[config->n_peers + (size_t)(entry - config->trusted)];
}

uint64_t wzp_allowance_refused(struct wzp_allowance *allowance, enum wzp_refusal refusal, wzp_us now)
{
    uint64_t n = ++allowance->refusals[refusal].untold;
    if (now - allowance->refusals[refusal].told_at < WZP_ALLOWANCE_TELL) {
        return 0;
    }
    allowance->refusals[refusal].told_at = now;
    allowance->refusals[refusal].untold = 0;
    return n;
}
