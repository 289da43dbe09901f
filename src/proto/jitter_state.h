/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a jitter buffer, for jitter.c (life and playing) and jitter_push.c (arrivals) only. */
#pragma once

#include <stdbool.h>

#include "base/us.h"
#include "proto/jitter.h"
#include "proto/jitter_gap.h"
#include "proto/jitter_store.h"
#include "proto/media_clock.h"

enum wzp_jitter_state {
    WZP_JITTER_IDLE,
    WZP_JITTER_FILLING,
    WZP_JITTER_PLAYING,
};

struct wzp_jitter {
    struct wzp_jitter_config config;
    enum wzp_jitter_state state;
    bool has_numbers;        /* some packet has been here */
    bool has_played;         /* so that earlier numbers are late */
    enum wzp_codec_id codec; /* given last */
    wzp_us start_us;         /* FILLING: when to play at the latest */
    wzp_us last_audio_us;    /* arrival */
    wzp_us window_us;        /* begin of the trimming window */
    wzp_us shortest_wait_us; /* in it */
    struct wzp_jitter_past past;
    struct wzp_media_clock clock;
    struct wzp_jitter_stats stats;
    struct wzp_jitter_item *borrowed; /* by the player; NULL for none */
    bool has_aside;
    bool aside_is_audio;
    struct wzp_jitter_item aside; /* a packet far away from the others */
    struct wzp_jitter_store store;
};

void wzp_jitter_enter(struct wzp_jitter *jitter, enum wzp_jitter_state state, wzp_us now);

/** The packet that the player had borrowed may be overwritten now. */
void wzp_jitter_give_back(struct wzp_jitter *jitter);

/** Notes `head` as played (or passed over): what follows is measured from it. */
void wzp_jitter_note_past(struct wzp_jitter *jitter, const struct wzp_jitter_head *head);

/** Leaves the oldest packet out; there must be one. */
void wzp_jitter_drop_oldest(struct wzp_jitter *jitter);
