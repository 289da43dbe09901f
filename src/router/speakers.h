/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who speaks: of all who send into a room, the loudest `max` hold the floor, and only they are forwarded.
 * Source: docs/protocol.md, "Audio level". Pure; no memory, O(1) for a packet of who has a place or is
 * silent, O(max) for a voice that wants one.
 *
 *            a voiced frame, and a place is free, or rests,
 *            or its holder is WZP_SPEAKERS_LEAD quieter
 *   OUTSIDE ────────────────────────────────────────────────▶ HOLDS A PLACE
 *      ▲                                                          │
 *      └── silent for WZP_SPEAKERS_LINGER, or the place is taken ─┘
 *
 * A place rests from WZP_SPEAKERS_HOLD after its holder's last voiced frame on: whoever speaks may take it.
 * Nobody comes back within WZP_SPEAKERS_PAUSE of the last packet that was forwarded, so that receivers see a
 * new talk spurt and no loss. Stale places (their holder left) rest like any other; stream numbers are not
 * used again that soon.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/us.h"

#define WZP_SPEAKERS_MAX    64 /* places of a room */
#define WZP_SPEAKERS_HOLD   (300 * WZP_MS)
#define WZP_SPEAKERS_LINGER (1 * WZP_SECOND) /* pauses between sentences are not cut */
#define WZP_SPEAKERS_PAUSE  (240 * WZP_MS)   /* over the 200 ms of receivers, with room for jitter */
#define WZP_SPEAKERS_LEAD   6                /* dB that a louder voice must be ahead */
#define WZP_SPEAKERS_DOUBT  12 /* dB taken off the first frame of a spurt: a click is no speech */

#define WZP_VOICE_UNITS_PER_DB 256
/* What a voice that does not tell its level counts as: ordinary speech, -30 dBov. */
#define WZP_VOICE_UNKNOWN (97 * WZP_VOICE_UNITS_PER_DB)

/** How loud one stream is. All zeros: not heard yet. */
struct wzp_voice {
    uint16_t loudness; /* smoothed over voiced frames, in 1/256 dB above silence */
    bool has_level;    /* its source packets say how loud they are; where not, it counts as speaking */
    bool is_voiced;    /* the packet heard last was a voiced frame */
    wzp_us hold_until; /* last voiced frame and WZP_SPEAKERS_HOLD */
};

/** One stream's part in one floor. All zeros: outside. */
struct wzp_seat {
    uint8_t place;
    wzp_us out_until; /* no place before that */
};

struct wzp_speakers_place {
    uint16_t number; /* stream number of the holder, 0: free */
    uint16_t loudness;
    wzp_us hold_until;
};

/** A floor. All zeros: everybody is forwarded. */
struct wzp_speakers {
    size_t max; /* 1 to WZP_SPEAKERS_MAX; 0: no limit */
    struct wzp_speakers_place places[WZP_SPEAKERS_MAX];
};

/** Notes a valid media packet of the stream. `level`: its audio level (media.h), 0 for none. Repairs and
 * comfort noise say nothing about loudness. */
void wzp_voice_hear(struct wzp_voice *voice, const uint8_t *media, uint8_t level, wzp_us now);

/** How loud the voice is now: 0 where it is silent; one that does not tell counts as ordinary speech. In
 * 1/256 dB.
 */
uint16_t wzp_voice_loudness(const struct wzp_voice *voice, wzp_us now);

/** Whether the limit counts in a room of so many participants. */
bool wzp_speakers_is_on(const struct wzp_speakers *speakers, size_t n_participants);

/** Whether the packet heard last, of stream `number`, is forwarded; takes a place for it where it may. */
bool wzp_speakers_let(struct wzp_speakers *speakers, const struct wzp_voice *voice, struct wzp_seat *seat,
                      uint16_t number, wzp_us now);
