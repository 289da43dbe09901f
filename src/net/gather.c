/* SPDX-License-Identifier: Apache-2.0 */
#include "net/gather.h"

#include <stdbool.h>

#define MEASURE_EVERY (20 * WZP_MS) /* a frame of everybody who speaks */
#define MEASURE_SHARE 0.25          /* of the newest measure in the average */

/* Seconds of a core that a datagram costs which travels alone: about 4 us of kernel and QUIC on the machines
 * we measure on. It need not be exact: it only says where gathering begins. */
#define ALONE_SECONDS 4e-6
#define LOAD_BEGIN    0.12 /* below this share of a core nothing waits */
#define LOAD_FULL     0.30 /* from here on the whole time */

#define LEAST_COMPANY 0.5 /* further datagrams for the same receiver within the time */

static void measure(struct wzp_gather *gather, wzp_us passed)
{
    double per_second = (double)gather->n * (double)WZP_SECOND / (double)passed;
    gather->per_second += MEASURE_SHARE * (per_second - gather->per_second);
    gather->receivers += MEASURE_SHARE * ((double)gather->n_receivers - gather->receivers);
    gather->n = 0;
    gather->n_receivers = 0;
    gather->round++;
}

wzp_us wzp_gather_window(struct wzp_gather *gather, wzp_us now)
{
    if (gather->at_most == 0) {
        return 0;
    }
    wzp_us passed = now - gather->measured_at;
    if (passed >= MEASURE_EVERY) {
        measure(gather, passed);
        gather->measured_at = now;
    }
    double share = (gather->per_second * ALONE_SECONDS - LOAD_BEGIN) / (LOAD_FULL - LOAD_BEGIN);
    if (share <= 0) {
        return 0;
    }
    double window = (share < 1 ? share : 1) * (double)gather->at_most;
    bool is_worth_it = gather->per_second * window >= LEAST_COMPANY * gather->receivers * (double)WZP_SECOND;
    return is_worth_it ? (wzp_us)window : 0;
}
