/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much one receiver may be sent. Pure: it is fed with what was seen of the connection, about every
 * WZP_LIMITER_EVERY, and answers with a budget. Source: docs/operating.md, "Slow lines".
 *
 *             queue or loss             the queue is gone              hold is over, and somebody waits
 *   FREE ──────────────────▶ DRAINING ─────────────────▶ HOLDING ◀──────────────────────────────▶ TRYING
 *    ▲   the budget is less      │ ▲                        │  ▲          the budget is that         │
 *    │   than what arrived       │ └── queue or loss ───────┤  └── it went well for WZP_LIMITER_TRIAL ┤
 *    │                           │                          │                                        │
 *    ├── it is not ours ─────────┘                          │       (queue or loss: DRAINING, and    │
 *    └───── nobody has waited for WZP_LIMITER_PROOF ────────┘        the next hold is twice as long) ┘
 *
 * What is published: congestion is queueing delay over a base that is the least round trip of the last
 * seconds, as in LEDBAT (RFC 6817 section 2.4.2); what arrived while there was a queue is the line's rate, as
 * in BBR (draft-cardwell-iccrg-bbr-congestion-control section 4.1); loss alone counts from a share on that no
 * radio link has and no random loss reaches. What differs: speech can't be sent slower, so the budget moves
 * in steps of whole speakers, rarely, and is infinite without a sign of congestion.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/us.h"

#define WZP_LIMITER_EVERY (80 * WZP_MS)

#define WZP_LIMITER_QUEUE       (35 * WZP_MS) /* over what is usual: congestion, when seen twice in a row; */
#define WZP_LIMITER_TRIAL_QUEUE (30 * WZP_MS) /* while one more is tried; */
#define WZP_LIMITER_QUEUE_BYTES 300           /* at least, or it is no queue but a packet that was late; */
#define WZP_LIMITER_CLEAR_QUEUE (20 * WZP_MS) /* and up to this one there is none any more */
#define WZP_LIMITER_USUAL_MOST  (40 * WZP_MS) /* of jitter is not taken for a queue */
#define WZP_LIMITER_LOSS        250           /* per mille: congestion, when seen for two windows in a row; */
#define WZP_LIMITER_QUEUED_LOSS 120           /* together with half the queue */
#define WZP_LIMITER_LOSS_WINDOW (1 * WZP_SECOND)
#define WZP_LIMITER_LOSS_LEAST  20 /* packets in such a window */

#define WZP_LIMITER_BASE      (10 * WZP_SECOND) /* the base is the least of one to two of these */
#define WZP_LIMITER_TRIAL     (2 * WZP_SECOND)
#define WZP_LIMITER_HOLD      (10 * WZP_SECOND) /* before one more is tried; doubles with each failure */
#define WZP_LIMITER_HOLD_MOST (160 * WZP_SECOND)
#define WZP_LIMITER_PROOF     (30 * WZP_SECOND)
#define WZP_LIMITER_FUTILE    (3 * WZP_SECOND)  /* much less sent for so long, and nothing better: not ours */
#define WZP_LIMITER_DEAF      (60 * WZP_SECOND) /* then nothing is done about it for so long */

#define WZP_LIMITER_LOSSY_BPS 10000 /* bytes a second: loss alone limits nobody who hears but one voice */
#define WZP_LIMITER_LEAST_BPS 2000  /* bytes a second: who gets less fills no queue; the least budget, too */

enum wzp_limiter_state {
    WZP_LIMITER_FREE,
    WZP_LIMITER_DRAINING,
    WZP_LIMITER_HOLDING,
    WZP_LIMITER_TRYING,
};

/** What was seen of the connection since the last time. Counters are since its start. */
struct wzp_limiter_seen {
    wzp_us rtt; /* the least round trip; 0: none was measured */
    wzp_us lag; /* so much of it, each way, may be our own delay */
    uint64_t bytes_sent, bytes_in_flight;
    uint64_t judged, lost; /* packets, and those of them that were lost; by whoever knows */
    uint32_t wanted; /* the budget with which one more would be heard, bytes a second; 0: nobody waits */
};

/** Counters at one moment. */
struct wzp_limiter_mark {
    wzp_us at;
    uint64_t sent, delivered;
};

/** A value; all zeros: free, and nothing is known yet. */
struct wzp_limiter {
    enum wzp_limiter_state state;
    uint32_t budget;  /* bytes a second; 0 while free */
    uint32_t ceiling; /* what the line is known to carry, bytes a second */

    wzp_us base[2], base_at;   /* the least round trips of this time and the last; 0: none */
    wzp_us queue, usual;       /* as seen last; what it is like without congestion */
    wzp_us queued_at;          /* when it was seen */
    uint8_t n_queued, n_lossy; /* signs of congestion in a row */
    bool has_grown;            /* the last trial went well: the next may be bolder */
    uint16_t loss;             /* of the last window, per mille */
    struct wzp_limiter_mark marks[2];
    wzp_us window_at;
    uint64_t window_judged, window_lost; /* at its beginning */

    wzp_us cut_at, clear_since; /* when the budget was last cut; since when there is no queue, 0: there is */
    wzp_us cut_queue;           /* the queue at that time */
    wzp_us next_at;             /* of the next trial, or the end of this one */
    wzp_us hold;
    wzp_us troubled_at;    /* while DRAINING: when the queue was longest, */
    wzp_us troubled_queue; /* how long that was, and what it was like when it began */
    uint32_t troubled_rate;
    uint16_t troubled_loss;
    wzp_us content_since; /* nobody waits since then, 0: somebody does */
    wzp_us freed_at, deaf_until;
};

/** True where the budget has changed. `now` never goes back. */
bool wzp_limiter_feed(struct wzp_limiter *limiter, const struct wzp_limiter_seen *seen, wzp_us now);

/** In bytes a second, with everything that QUIC adds; 0: no limit. */
static inline uint32_t wzp_limiter_budget(const struct wzp_limiter *limiter)
{
    return limiter->budget;
}
