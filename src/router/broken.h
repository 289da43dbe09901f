/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What broke between other relays a moment ago. Where many links go at once, as when a full mesh falls into
 * two, each relay would otherwise try way after way over another's broken link before the news of that has
 * come round: the path exploration of path vector protocols (Labovitz et al., "Delayed Internet Routing
 * Convergence", 2000).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/us.h"
#include "crypto/fingerprint.h"

#define WZP_BROKEN_MAX 512 /* more at once are not remembered; the oldest stay */

struct wzp_router;

/** A value; zeroed it is empty. */
struct wzp_broken {
    size_t n;
    struct {
        uint64_t pair; /* hash of both fingerprints */
        wzp_us until;
    } links[WZP_BROKEN_MAX];
};

/** The way from relay `pair[0]` to `pair[1]` broke. */
void wzp_broken_note(struct wzp_router *router, uint8_t (*pair)[WZP_FINGERPRINT_BYTES], wzp_us now);

/** Until when a path of `n` relays is to be doubted: INT64_MIN where it leads over nothing that broke.
 * Whether its first relay has its link to the second, that one knows best who tells us of the path. */
wzp_us wzp_broken_doubt(struct wzp_router *router, uint8_t (*path)[WZP_FINGERPRINT_BYTES], size_t n,
                        wzp_us now);
