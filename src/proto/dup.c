/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dup.h"

#include <string.h>

#include "proto/seq.h"

#define WORDS (WZP_DUP_WINDOW / 64)

static uint64_t *word_of(struct wzp_dup *dup, uint16_t seq)
{
    return &dup->seen[seq / 64 % WORDS];
}

static uint64_t bit_of(uint16_t seq)
{
    return (uint64_t)1 << seq % 64;
}

void wzp_dup_init(struct wzp_dup *dup)
{
    *dup = (struct wzp_dup){0};
}

static void start(struct wzp_dup *dup, uint16_t seq)
{
    memset(dup->seen, 0, sizeof dup->seen);
    dup->is_started = true;
    dup->newest = seq;
    *word_of(dup, seq) |= bit_of(seq);
}

/** Moves the window `ahead` numbers on: the numbers skipped are unseen. */
static void advance(struct wzp_dup *dup, uint16_t seq, int32_t ahead)
{
    if (ahead >= WZP_DUP_WINDOW) {
        start(dup, seq);
        return;
    }
    for (int32_t i = 1; i <= ahead; i++) {
        uint16_t skipped = (uint16_t)(dup->newest + i);
        *word_of(dup, skipped) &= ~bit_of(skipped);
    }
    dup->newest = seq;
    *word_of(dup, seq) |= bit_of(seq);
}

bool wzp_dup_is_new(struct wzp_dup *dup, uint16_t seq, wzp_us now)
{
    bool was_idle = !dup->is_started || now - dup->last_us > WZP_DUP_IDLE_US;
    dup->last_us = now;
    int32_t ahead = wzp_seq_ahead(seq, dup->newest);
    if (was_idle || ahead <= -WZP_DUP_WINDOW) {
        start(dup, seq);
        return true;
    }
    if (ahead > 0) {
        advance(dup, seq, ahead);
        return true;
    }
    uint64_t *word = word_of(dup, seq);
    bool is_new = !(*word & bit_of(seq));
    *word |= bit_of(seq);
    return is_new;
}
