/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jitter buffer of one stream: takes packets as they come, gives audio in order and in time. Pure: driven
 * by virtual time and by whoever plays.
 *
 *   push(packet, now)            on arrival
 *   pop(now)                     whenever the player needs more of this stream (and has played what it got
 * before) deadline()                   when pop first has something
 *
 *                 first packet                    buffered for delay_us
 *      IDLE ---------------------> FILLING -----------------------------> PLAYING
 *        ^                                                                   |
 *        '------------- empty, and nothing came for over 200 ms -------------'
 *
 * The player's clock paces it: each pop that gives something stands for `duration_us` of audio. What a pop
 * gives:
 *
 *   NOTHING  no audio: not started, or the talk spurt is over. After comfort noise (`codec`) that goes on.
 *   PACKET   decode it.
 *   LOST     a packet was lost or is late, later ones are here: conceal.
 *   STARVED  nothing is here, but something came in the last 200 ms: conceal for now. At the end of a spurt,
 * when the delay is below 200 ms, some of these follow the last packet; a recording may leave them out. PAUSE
 * the sender was silent for this long (timestamps moved on, numbers did not): the decoder's fading out, or
 * noise.
 *
 * Gaps in the numbers. Repair packets and comfort noise use up numbers, so a missing number may be a lost
 * repair, which must not add a frame. What is known is used: numbers of repairs that arrived are no gaps. For
 * unknown numbers the missing audio is measured, between the source packets P before and F behind the gap:
 *   - by timestamps, once their unit (ms or samples at 48 kHz) was learnt from neighbours with successive
 * numbers: ts(F) - ts(P) - duration(P) - what was concealed since P;
 *   - else, where the stream has no repairs at all, one frame per number;
 *   - else by arrival: arrival(F) - arrival(P) in place of the timestamps.
 * In frames, rounded, at least 0 and at most one per unknown number. So one lost repair adds nothing, one
 * lost frame is concealed once, and false timestamps can do no more than loss.
 *
 * Silence. Where more than 200 ms passed between arrivals, F begins a new spurt, and the numbers before it
 * are `skipped` (held back by a relay, or an outage), not lost. In front of F the missing audio becomes
 * PAUSE, as long as F does not wait longer than its delay for it.
 *
 * Restart. A number more than WZP_JITTER_JUMP away from the newest is a new sender or garbage: it is put
 * aside, and when the next packet is its neighbour the stream goes on from there, behind what is still
 * buffered.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "proto/codec_id.h"
#include "proto/media.h"

#define WZP_JITTER_MAX_FRAMES    250  /* buffered; the oldest are dropped for newer ones */
#define WZP_JITTER_MAX_BYTES     1275 /* of a payload: the largest Opus frame */
#define WZP_JITTER_JUMP          500  /* numbers; ten seconds of speech */
#define WZP_JITTER_SILENCE_US    (200 * WZP_MS)
#define WZP_JITTER_DEFAULT_DELAY (60 * WZP_MS)
#define WZP_JITTER_DEFAULT_SLACK (100 * WZP_MS)

struct wzp_jitter;

struct wzp_jitter_config {
    wzp_us delay_us; /* how long the first packet of a spurt waits for its neighbours; 0 to 5 s */
    /** When every packet of two seconds waited longer than delay_us + slack_us (after an outage, or because
     * the sender's clock is fast), one frame is left out. WZP_NEVER: never, as recordings want it. */
    wzp_us slack_us;
};

/** What became of a packet. */
enum wzp_jitter_verdict {
    WZP_JITTER_STORED,    /* a frame or comfort noise, to be played */
    WZP_JITTER_NUMBER,    /* a repair (or sealed) packet: its number is known now */
    WZP_JITTER_DUPLICATE, /* was here before */
    WZP_JITTER_LATE,      /* its turn is over */
    WZP_JITTER_ASIDE,     /* far away from the others: perhaps a restart */
    WZP_JITTER_REFUSED,   /* payload empty or too long */
};

enum wzp_jitter_kind {
    WZP_JITTER_NOTHING,
    WZP_JITTER_PACKET,
    WZP_JITTER_LOST,
    WZP_JITTER_STARVED,
    WZP_JITTER_PAUSE,
};

/** What to play next. */
struct wzp_jitter_frame {
    enum wzp_jitter_kind kind;
    wzp_us duration_us;      /* how much audio this is; of NOTHING 0 */
    enum wzp_codec_id codec; /* of the packet; else the last one given */
    uint16_t seq;            /* of the packet, or of the one that was lost */
    uint32_t timestamp;      /* of the packet, in the sender's unit */
    wzp_us waited_us;        /* how long the packet was in the buffer */
    /** The packet's payload. With LOST: the one right behind the last lost frame, for in-band FEC, or NULL.
     * Borrowed until the next push or pop. */
    const uint8_t *payload;
    size_t payload_size;
};

/** Counters since the start. */
struct wzp_jitter_stats {
    uint64_t stored, repairs, comfort; /* packets accepted; `stored` contains `comfort` */
    uint64_t duplicates, late, refused;
    uint64_t played;     /* PACKETs given */
    uint64_t lost;       /* LOSTs given */
    uint64_t starved;    /* STARVEDs given */
    uint64_t skipped;    /* unknown numbers passed over across a silence */
    uint64_t overflowed; /* frames dropped because 250 were here */
    uint64_t trimmed;    /* frames left out to shorten the delay */
    uint64_t restarts;
    uint64_t spurts;
    wzp_us jitter_us;   /* interarrival jitter (RFC 3550 section 6.4.1) */
    wzp_us buffered_us; /* audio waiting now */
    size_t n_frames;    /* packets waiting now, at most WZP_JITTER_MAX_FRAMES */
};

/** Takes all the memory it will ever need. WZP_EINVAL: a setting is out of range. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_jitter_new(const struct wzp_jitter_config *config,
                                         struct wzp_jitter **out_jitter);

/** Takes NULL. */
void wzp_jitter_free(struct wzp_jitter *jitter);
void wzp_jitter_freep(struct wzp_jitter **jitter);

/** Takes a copy of the packet. A frame that was repaired by FEC is pushed like one that arrived. */
enum wzp_jitter_verdict wzp_jitter_push(struct wzp_jitter *jitter, const struct wzp_media_packet *packet,
                                        wzp_us now);

void wzp_jitter_pop(struct wzp_jitter *jitter, wzp_us now, struct wzp_jitter_frame *out_frame);

/** From when on pop gives something: WZP_NEVER while idle, 0 while playing. */
wzp_us wzp_jitter_deadline(const struct wzp_jitter *jitter);

void wzp_jitter_stats(const struct wzp_jitter *jitter, struct wzp_jitter_stats *out_stats);

/** Starts over as new, but for the counters. */
void wzp_jitter_reset(struct wzp_jitter *jitter);
