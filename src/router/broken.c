/* SPDX-License-Identifier: Apache-2.0 */
#include "router/broken.h"

#include "router/internal.h"

static uint64_t hash_of(const struct wzp_router *router, uint8_t (*pair)[WZP_FINGERPRINT_BYTES])
{
    return wzp_hash(&router->hash_key, pair, 2 * sizeof *pair);
}

static void forget_old(struct wzp_broken *broken, wzp_us now)
{
    size_t kept = 0;
    for (size_t i = 0; i < broken->n; i++) {
        if (broken->links[i].until > now) {
            broken->links[kept++] = broken->links[i];
        }
    }
    broken->n = kept;
}

void wzp_broken_note(struct wzp_router *router, uint8_t (*pair)[WZP_FINGERPRINT_BYTES], wzp_us now)
{
    struct wzp_broken *broken = &router->broken;
    uint64_t hash = hash_of(router, pair);
    forget_old(broken, now);
    size_t place = 0;
    while (place < broken->n && broken->links[place].pair != hash) {
        place++;
    }
    if (place < WZP_BROKEN_MAX) {
        broken->links[place].pair = hash;
        broken->links[place].until = now + WZP_DOUBT;
        broken->n += place == broken->n;
    }
}

wzp_us wzp_broken_doubt(struct wzp_router *router, uint8_t (*path)[WZP_FINGERPRINT_BYTES], size_t n,
                        wzp_us now)
{
    const struct wzp_broken *broken = &router->broken;
    wzp_us until = INT64_MIN;
    for (size_t i = 1; i + 1 < n && broken->n > 0; i++) {
        uint64_t hash = hash_of(router, &path[i]);
        for (size_t j = 0; j < broken->n; j++) {
            bool is_it = broken->links[j].pair == hash && broken->links[j].until > now;
            until = is_it ? wzp_us_max(until, broken->links[j].until) : until;
        }
    }
    return until;
}
