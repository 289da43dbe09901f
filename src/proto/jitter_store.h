/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is inside a jitter buffer: its packets, and what is known of each sequence number near them.
 *
 * Numbers become positions, which only grow: position `newest` has the number `newest_seq`. What is known of
 * a position stands in a ring of WZP_JITTER_STORE_NUMBERS marks that ends at `newest`. Positions below `next`
 * are over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/us.h"
#include "proto/codec_id.h"
#include "proto/jitter.h"

#define WZP_JITTER_STORE_NUMBERS 1024 /* a power of 2, over two times WZP_JITTER_JUMP */
/** Packets: those that wait, and the one that the player has borrowed. */
#define WZP_JITTER_STORE_ITEMS (WZP_JITTER_MAX_FRAMES + 1)

enum wzp_jitter_mark {
    WZP_JITTER_MARK_UNKNOWN = 0, /* did not come (yet) */
    WZP_JITTER_MARK_NUMBER,      /* came, and is no audio */
    WZP_JITTER_MARK_AUDIO,       /* came, and is here */
    WZP_JITTER_MARK_GONE,        /* came, and was played or dropped */
};

/** An audio packet but for its payload. */
struct wzp_jitter_head {
    uint64_t position;
    enum wzp_codec_id codec;
    uint16_t seq;
    uint32_t timestamp;
    wzp_us arrived_us;
    wzp_us duration_us;
    bool is_restart; /* numbers and timestamps begin anew here */
};

struct wzp_jitter_item {
    struct wzp_jitter_head head;
    size_t size;
    uint8_t bytes[WZP_JITTER_MAX_BYTES];
};

struct wzp_jitter_store {
    uint64_t next; /* position to be played next */
    uint64_t newest;
    uint16_t newest_seq;
    wzp_us buffered_us;
    size_t n_items;
    size_t n_free;
    uint8_t free_items[WZP_JITTER_STORE_ITEMS]; /* the last used first: only as much memory is touched as is
                                                   needed */
    uint8_t marks[WZP_JITTER_STORE_NUMBERS];    /* enum wzp_jitter_mark */
    uint8_t item_at[WZP_JITTER_STORE_NUMBERS];  /* where the mark is AUDIO */
    struct wzp_jitter_item items[WZP_JITTER_STORE_ITEMS];
};

/** The gap in front of the first packet. */
struct wzp_jitter_gap {
    struct wzp_jitter_item *item; /* NULL: there is none */
    size_t n_unknown;             /* numbers between `next` and it of which nothing is known */
    uint64_t first_unknown;       /* position */
};

/** Empty; the first position is that of `seq`. */
void wzp_jitter_store_init(struct wzp_jitter_store *store, uint16_t seq);

/** Moves `newest` up to `position`, at most WZP_JITTER_JUMP further. Gives the number of packets that had to
 * go, as their numbers are too far back now. */
size_t wzp_jitter_store_advance(struct wzp_jitter_store *store, uint64_t position);

enum wzp_jitter_mark wzp_jitter_store_mark(const struct wzp_jitter_store *store, uint64_t position);
void wzp_jitter_store_set_mark(struct wzp_jitter_store *store, uint64_t position, enum wzp_jitter_mark mark);

/** The packet at `position`, or NULL. */
struct wzp_jitter_item *wzp_jitter_store_at(struct wzp_jitter_store *store, uint64_t position);

/** Copies a packet of at most WZP_JITTER_MAX_BYTES in, at its position, which must be UNKNOWN; fewer than
 * WZP_JITTER_MAX_FRAMES must be there. */
void wzp_jitter_store_put(struct wzp_jitter_store *store, const struct wzp_jitter_head *head,
                          const uint8_t *bytes, size_t size);

struct wzp_jitter_gap wzp_jitter_store_gap(struct wzp_jitter_store *store);

/** Takes `item` out and moves `next` behind it. Its memory stays until wzp_jitter_store_release. */
void wzp_jitter_store_take(struct wzp_jitter_store *store, const struct wzp_jitter_item *item);
void wzp_jitter_store_release(struct wzp_jitter_store *store, const struct wzp_jitter_item *item);
