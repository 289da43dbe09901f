/* SPDX-License-Identifier: Apache-2.0 */
/* A sender, a network and a player in virtual time around one jitter buffer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/us.h"
#include "proto/jitter.h"

#define MAX_PACKETS 2048
#define MAX_FRAMES  4096

/** A packet on its way. Its payload is its number, twice. */
struct sent {
    wzp_us at; /* arrival */
    bool is_lost;
    bool is_repair;
    enum wzp_codec_id codec;
    uint16_t seq;
    uint32_t timestamp;
};

enum unit {
    UNIT_MS,
    UNIT_SAMPLES,
    UNIT_NONE, /* all timestamps are the same */
};

/** What a sender does. */
struct talk {
    enum wzp_codec_id codec;
    enum unit unit;
    uint16_t first_seq;
    size_t n_frames;
    size_t repair_every; /* frames; 0: no repairs */
    wzp_us start_us;
    uint32_t start_ms; /* of the timestamps */
};

struct play {
    struct wzp_jitter *jitter;
    size_t n_sent;
    struct sent sent[MAX_PACKETS];
    size_t n_frames;
    struct wzp_jitter_frame frames[MAX_FRAMES]; /* what the player got, without NOTHING; payloads are gone */
    wzp_us got_at[MAX_FRAMES];
    size_t n_wrong; /* packets with another payload than theirs */
    struct wzp_jitter_stats stats;
};

/** A scene with an empty buffer. Freed by play_free. */
struct play *play_new(wzp_us delay_us, wzp_us slack_us);
void play_free(struct play *play);

/** Appends a sender's packets, each of which arrives as it is sent; gives the index of the first. */
size_t play_talk(struct play *play, const struct talk *talk);

/** Feeds everything by order of arrival, and pops whenever the player has played out, every 20 ms, until
 * `end`. */
void play_run(struct play *play, wzp_us end);

/** How many frames of `kind` the player got. */
size_t play_count(const struct play *play, enum wzp_jitter_kind kind);

/** Index of the packet that is the `n`-th source frame. */
size_t play_source(const struct play *play, size_t n);

/** Audio from the first to the last packet, both included. */
wzp_us play_length_us(const struct play *play);

/** Whether the packets came out by growing number. */
bool play_is_in_order(const struct play *play);
