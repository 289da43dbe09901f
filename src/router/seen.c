/* SPDX-License-Identifier: Apache-2.0 */
#include "router/seen.h"

#include <stddef.h>
#include <stdlib.h>

#define WZP_SEEN_PLACES 4 /* a row */

struct place {
    uint64_t hash;
    wzp_us until; /* 0: free */
};

struct wzp_seen {
    wzp_us window;
    size_t mask; /* of rows */
    struct place rows[][WZP_SEEN_PLACES];
};

struct wzp_seen *wzp_seen_new(uint32_t slots_log, wzp_us window)
{
    size_t n_rows = ((size_t)1 << slots_log) / WZP_SEEN_PLACES;
    struct wzp_seen *seen = calloc(1, sizeof *seen + n_rows * sizeof seen->rows[0]);
    if (seen) {
        seen->window = window;
        seen->mask = n_rows - 1;
    }
    return seen;
}

void wzp_seen_free(struct wzp_seen *seen)
{
    free(seen);
}

bool wzp_seen_has(const struct wzp_seen *seen, uint64_t hash, wzp_us now)
{
    const struct place *row = seen->rows[hash & seen->mask];
    for (size_t i = 0; i < WZP_SEEN_PLACES; i++) {
        if (row[i].hash == hash && row[i].until > now) {
            return true;
        }
    }
    return false;
}

void wzp_seen_note(struct wzp_seen *seen, uint64_t hash, wzp_us now)
{
    struct place *row = seen->rows[hash & seen->mask];
    struct place *chosen = row;
    for (size_t i = 0; i < WZP_SEEN_PLACES; i++) {
        if (row[i].hash == hash) {
            chosen = &row[i];
            break;
        }
        chosen = row[i].until < chosen->until ? &row[i] : chosen;
    }
    *chosen = (struct place){.hash = hash, .until = now + seen->window};
}
