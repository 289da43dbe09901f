/* SPDX-License-Identifier: Apache-2.0 */
#include "router/hearsay.h"

#include <string.h>

static bool forgets(const struct wzp_origin *origin)
{
    return origin->room->router->bugs & WZP_BUG_FORGET_LOST;
}

/* Whether the relay at the other end of `way` contradicts that its path is the `n` relays from `tail` on, the
 * first of them itself. One that never offered us a way may have been told not to. */
static bool contradicts(const struct wzp_way *way, uint8_t (*tail)[WZP_FINGERPRINT_BYTES], size_t n,
                        wzp_us now)
{
    if (memcmp(way->link->fingerprint, tail, WZP_FINGERPRINT_BYTES) != 0) {
        return false;
    }
    if (!way->has_offer) {
        return now < way->withdrawn_at + WZP_DOUBT;
    }
    return way->path_length != n || memcmp(way->path, tail, n * WZP_FINGERPRINT_BYTES) != 0;
}

wzp_us wzp_hearsay_doubt(const struct wzp_origin *origin, const struct wzp_link *by,
                         const struct wzp_path *path, wzp_us now)
{
    for (size_t i = 0; i < origin->n_ways && !forgets(origin); i++) {
        const struct wzp_way *way = origin->ways[i];
        for (size_t k = 1; way && way->link != by && k + 1 < path->n; k++) {
            uint8_t(*tail)[WZP_FINGERPRINT_BYTES] = (uint8_t(*)[WZP_FINGERPRINT_BYTES])path->relays + k;
            if (contradicts(way, tail, path->n - k, now)) {
                return now + WZP_DOUBT;
            }
        }
    }
    return INT64_MIN;
}

void wzp_hearsay_changed(const struct wzp_way *way, wzp_us now)
{
    const struct wzp_origin *origin = way->origin;
    for (size_t i = 0; i < origin->n_ways && !forgets(origin); i++) {
        struct wzp_way *other = origin->ways[i];
        for (size_t k = 1; other && other != way && k + 1 < other->path_length; k++) {
            if (contradicts(way, other->path + k, other->path_length - k, now)) {
                other->doubted_until = wzp_us_max(other->doubted_until, now + WZP_DOUBT);
            }
        }
    }
}
