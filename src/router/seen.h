/* SPDX-License-Identifier: Apache-2.0 */
/* Which of some hashes have been seen lately: a table of fixed size with four places a row. A full row
 * forgets its oldest, so that a flood shortens the window instead of growing the table. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/us.h"

struct wzp_seen;

/** A table of 2^`slots_log` (2 to 24) places that remembers for `window`. NULL where there is no memory. */
struct wzp_seen *wzp_seen_new(uint32_t slots_log, wzp_us window);

/** Takes NULL. */
void wzp_seen_free(struct wzp_seen *seen);

/** Whether the hash was noted within the window. */
bool wzp_seen_has(const struct wzp_seen *seen, uint64_t hash, wzp_us now);

/** Notes the hash; its window starts anew. */
void wzp_seen_note(struct wzp_seen *seen, uint64_t hash, wzp_us now);
