/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals for one peer that wait until it may be sent more. Those that the same peer of ours caused share a
 * lane, and lanes take turns: who causes many waits longer, and nobody else does. A newer signal takes the
 * place of the unsent one with its key.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/hash.h"
#include "base/list.h"

#define WZP_OUTBOX_LANES   16                         /* 0: what we ourselves cause */
#define WZP_OUTBOX_SIGNALS 32768                      /* twice what one peer may offer: router.h */
#define WZP_OUTBOX_BYTES   ((size_t)32 * 1024 * 1024) /* of their bodies */

struct wzp_outbox;

/** One signal that waits. Whoever takes it out frees it. */
struct wzp_outbox_signal {
    struct wzp_list node;
    uint64_t key;
    size_t size;
    char body[];
};

/** `hash_key` should be random: peers have a say in keys. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_outbox_new(const struct wzp_hash_key *hash_key, struct wzp_outbox **out_outbox);

/** Drops what waits. Takes NULL. */
void wzp_outbox_free(struct wzp_outbox *outbox);

/** Takes NULL: nothing waits. */
size_t wzp_outbox_count(const struct wzp_outbox *outbox);

/** What is to be sent, and whose doing it is. */
struct wzp_outbox_post {
    size_t lane;  /* below WZP_OUTBOX_LANES */
    uint64_t key; /* 0: replaces nothing */
    const void *body;
    size_t size;
};

/** Copies the body. WZP_ELIMIT: the peer takes too little: end the link. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_outbox_push(struct wzp_outbox *outbox, const struct wzp_outbox_post *post);

/** The oldest of the lane whose turn it is, or NULL. free() it. */
struct wzp_outbox_signal *wzp_outbox_pop(struct wzp_outbox *outbox);
