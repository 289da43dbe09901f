/* SPDX-License-Identifier: Apache-2.0 */
#include "router/hearsay.h"

#include <string.h>

static bool forgets(const struct wzp_origin *origin)
{
    return origin->room->router->bugs & WZP_BUG_FORGET_LOST;
}

/* Whether the relay at the other end of `way` has another path than the `n` relays from `tail` on, of which
 * it is the first. One that never offered us a way may have been told not to. */
static bool says_otherwise(const struct wzp_way *way, uint8_t (*tail)[WZP_FINGERPRINT_BYTES], size_t n,
                           wzp_us now)
{
    if (!way->has_offer) {
        return now < way->withdrawn_at + WZP_DOUBT;
    }
    return way->path_length != n || memcmp(way->path, tail, n * WZP_FINGERPRINT_BYTES) != 0;
}

/* Whether that relay stands between the first and the last of the path, and says otherwise. */
static bool contradicts(const struct wzp_way *way, uint8_t (*path)[WZP_FINGERPRINT_BYTES], size_t n,
                        wzp_us now)
{
    for (size_t i = 1; i + 1 < n; i++) {
        if (memcmp(way->link->fingerprint, path[i], WZP_FINGERPRINT_BYTES) == 0) {
            return says_otherwise(way, path + i, n - i, now);
        }
    }
    return false;
}

wzp_us wzp_hearsay_doubt(const struct wzp_origin *origin, const struct wzp_link *by,
                         const struct wzp_path *path, wzp_us now)
{
    uint8_t(*relays)[WZP_FINGERPRINT_BYTES] = (uint8_t(*)[WZP_FINGERPRINT_BYTES])path->relays;
    for (size_t i = 0; i < origin->n_ways && !forgets(origin); i++) {
        const struct wzp_way *way = origin->ways[i];
        if (way && way->link != by && contradicts(way, relays, path->n, now)) {
            return now + WZP_DOUBT;
        }
    }
    return INT64_MIN;
}

void wzp_hearsay_changed(const struct wzp_way *way, wzp_us now)
{
    const struct wzp_origin *origin = way->origin;
    for (size_t i = 0; i < origin->n_ways && !forgets(origin); i++) {
        struct wzp_way *other = origin->ways[i];
        if (other && other != way && contradicts(way, other->path, other->path_length, now)) {
            other->doubted_until = wzp_us_max(other->doubted_until, now + WZP_DOUBT);
        }
    }
}
