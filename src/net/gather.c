/* SPDX-License-Identifier: Apache-2.0 */
#include "net/gather.h"

#define MEASURE_EVERY (20 * WZP_MS) /* a frame of everybody who speaks */
#define MEASURE_SHARE 0.25          /* of the newest measure in the average */

/* Seconds of a core that a datagram costs which travels alone: about 4 us of kernel and QUIC on the machines
 * we measure on. It need not be exact: it only says where gathering begins. */
#define ALONE_SECONDS 4e-6
#define LOAD_BEGIN    0.06 /* below this share of a core nothing waits */
#define LOAD_FULL     0.25 /* from here on the whole time */

wzp_us wzp_gather_window(struct wzp_gather *gather, wzp_us now)
{
    if (gather->at_most == 0) {
        return 0;
    }
    wzp_us passed = now - gather->measured_at;
    if (passed >= MEASURE_EVERY) {
        double measured = (double)gather->n * (double)WZP_SECOND / (double)passed;
        gather->per_second += MEASURE_SHARE * (measured - gather->per_second);
        gather->n = 0;
        gather->measured_at = now;
    }
    double share = (gather->per_second * ALONE_SECONDS - LOAD_BEGIN) / (LOAD_FULL - LOAD_BEGIN);
    if (share <= 0) {
        return 0;
    }
    return share >= 1 ? gather->at_most : (wzp_us)(share * (double)gather->at_most);
}
