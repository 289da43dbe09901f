/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/admission.h"

static bool is_late(const struct wzp_admission_sample *before, const struct wzp_admission_sample *now)
{
    uint64_t n = now->datagrams - before->datagrams;
    uint64_t late = now->late - before->late;
    return n >= WZP_ADMISSION_FEW && (double)late > WZP_ADMISSION_LATE_SHARE * (double)n;
}

bool wzp_admission_judge(struct wzp_admission *admission, const struct wzp_admission_sample *sample)
{
    struct wzp_admission_sample last = admission->last;
    admission->last = *sample;
    wzp_us window = sample->at - last.at;
    if (last.at == 0 || window <= 0) {
        return false;
    }
    if (sample->handshakes - last.handshakes < WZP_ADMISSION_RUSH) {
        admission->load = (unsigned)((sample->cpu - last.cpu) * 100 / window);
        admission->n_late = is_late(&last, sample) ? admission->n_late + 1 : 0;
        admission->is_late = admission->n_late >= WZP_ADMISSION_LATE_WINDOWS;
    }

    bool was_closed = admission->is_closed;
    unsigned limit = admission->limit;
    unsigned back = limit > WZP_ADMISSION_STEP_BACK ? limit - WZP_ADMISSION_STEP_BACK : 0;
    bool is_too_much = admission->load >= (was_closed ? back : limit);
    admission->is_closed = limit > 0 && (is_too_much || admission->is_late);
    return admission->is_closed != was_closed;
}
