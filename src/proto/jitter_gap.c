/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/jitter_gap.h"

#include "base/attr.h"

static size_t frames_in(wzp_us length_us, wzp_us frame_us)
{
    return length_us > 0 ? (size_t)((length_us + frame_us / 2) / frame_us) : 0;
}

/** Frames of audio between `past` and the packet behind the gap, but for `done_us` of it. */
static size_t count_missing(const struct wzp_jitter_gap *gap, const struct wzp_jitter_past *past,
                            const struct wzp_jitter_habits *habits, wzp_us done_us)
{
    const struct wzp_jitter_head *head = &gap->item->head;
    wzp_us elapsed_us = 0;
    if (!wzp_media_clock_between(habits->clock, past->timestamp, head->timestamp, &elapsed_us)) {
        bool is_by_numbers = !habits->has_repairs && !wzp_jitter_gap_is_silence(past, head);
        if (gap->n_unknown == 0 || is_by_numbers) {
            return gap->n_unknown;
        }
        elapsed_us = head->arrived_us - past->arrived_us;
    }
    return frames_in(elapsed_us - past->duration_us - done_us, past->duration_us);
}

struct wzp_jitter_judgement wzp_jitter_gap_judge(const struct wzp_jitter_gap *gap,
                                                 const struct wzp_jitter_past *past,
                                                 const struct wzp_jitter_habits *habits, wzp_us now)
{
    const struct wzp_jitter_head *head = &gap->item->head;
    struct wzp_jitter_judgement packet = {.kind = WZP_JITTER_PACKET};
    if (!past->is_valid || head->is_restart) {
        return packet;
    }
    size_t n_missing = count_missing(gap, past, habits, past->concealed_us);
    if (n_missing == 0) {
        return packet;
    }
    if (gap->n_unknown > 0 && !wzp_jitter_gap_is_silence(past, head)) {
        return (struct wzp_jitter_judgement){
            .kind = WZP_JITTER_LOST,
            .n_missing = wzp_min_size(n_missing, gap->n_unknown),
        };
    }
    bool has_time = now + past->duration_us / 2 < head->arrived_us + habits->delay_us;
    return has_time ? (struct wzp_jitter_judgement){.kind = WZP_JITTER_PAUSE} : packet;
}

size_t wzp_jitter_gap_hidden(const struct wzp_jitter_gap *gap, const struct wzp_jitter_past *past,
                             const struct wzp_jitter_habits *habits)
{
    const struct wzp_jitter_head *head = &gap->item->head;
    if (!past->is_valid || head->is_restart || wzp_jitter_gap_is_silence(past, head)) {
        return 0;
    }
    size_t n_missing = count_missing(gap, past, habits, past->lost_us);
    size_t n_starved = (size_t)((past->concealed_us - past->lost_us) / past->duration_us);
    return wzp_min_size(wzp_min_size(n_missing, n_starved), gap->n_unknown);
}
