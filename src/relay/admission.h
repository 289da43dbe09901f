/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a worker has time for more clients: none are let in before those that are there would suffer.
 *
 * Looked at twice a second: the share of a processor that the worker takes, and how much of the voice it let
 * wait. A rush of handshakes (everybody comes back after an outage) takes time too, but soon ends, and
 * sending people away would only make them come again: while it lasts what was seen before counts. Nor does
 * voice that is late for a moment, as when the machine gives its processor to somebody else.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/us.h"

#define WZP_ADMISSION_WINDOW       (500 * WZP_MS)
#define WZP_ADMISSION_STEP_BACK    10    /* percent below the limit at which it opens again */
#define WZP_ADMISSION_RUSH         50    /* handshakes in a window that are a rush */
#define WZP_ADMISSION_LATE_US      20000 /* voice that waited longer in the relay is late: one frame */
#define WZP_ADMISSION_LATE_FLUSHES 2.5   /* where it gathers for long: so many windows, if that is more */
#define WZP_ADMISSION_LATE_SHARE   0.01  /* of the voice may be */
#define WZP_ADMISSION_FEW          100   /* datagrams in a window say nothing yet */
#define WZP_ADMISSION_LATE_WINDOWS 2     /* in a row, and the worker counts as late */

/** Counters of a worker, since its start. */
struct wzp_admission_sample {
    wzp_us at;
    wzp_us cpu; /* processor time of the worker's thread, without that of handshakes */
    uint64_t handshakes;
    uint64_t datagrams; /* sent */
    uint64_t late;      /* of them, over wzp_admission_late_after */
};

/** How long voice may stay in a relay that gathers for `flush_us`. */
static inline wzp_us wzp_admission_late_after(wzp_us flush_us)
{
    return wzp_us_max(WZP_ADMISSION_LATE_US, (wzp_us)(WZP_ADMISSION_LATE_FLUSHES * (double)flush_us));
}

/** A value; zeroed with `limit` it is open. */
struct wzp_admission {
    unsigned limit; /* percent of a processor; 0: always open */
    struct wzp_admission_sample last;
    unsigned load;   /* percent, of the last window without a rush */
    unsigned n_late; /* windows in a row with late voice */
    bool is_late;
    bool is_closed;
};

/** Judges by the time since the sample before. True where the judgement is another one now. */
bool wzp_admission_judge(struct wzp_admission *admission, const struct wzp_admission_sample *sample);
