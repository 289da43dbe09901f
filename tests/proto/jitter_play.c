/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/jitter_play.h"

#include <stdlib.h>
#include <string.h>

#include "proto/seq.h"
#include "support/wzp_test.h"

#define TICK_US (20 * WZP_MS)

struct play *play_new(wzp_us delay_us, wzp_us slack_us)
{
    struct play *play = calloc(1, sizeof *play);
    assert_non_null(play);
    struct wzp_jitter_config config = {.delay_us = delay_us, .slack_us = slack_us};
    assert_ok(wzp_jitter_new(&config, &play->jitter));
    return play;
}

void play_free(struct play *play)
{
    wzp_jitter_free(play->jitter);
    free(play);
}

static uint32_t timestamp_of(const struct talk *talk, wzp_us since_start)
{
    uint32_t ms = talk->start_ms + (uint32_t)(since_start / WZP_MS);
    switch (talk->unit) {
    case UNIT_MS:
        return ms;
    case UNIT_SAMPLES:
        return ms * 48;
    case UNIT_NONE:
        return 7;
    }
    return 0;
}

static void append(struct play *play, struct sent sent)
{
    assert_true(play->n_sent < MAX_PACKETS);
    play->sent[play->n_sent++] = sent;
}

size_t play_talk(struct play *play, const struct talk *talk)
{
    size_t first = play->n_sent;
    uint16_t seq = talk->first_seq;
    wzp_us frame_us = wzp_codec_id_frame_us(talk->codec);
    for (size_t i = 0; i < talk->n_frames; i++) {
        wzp_us since = (wzp_us)i * frame_us;
        struct sent source = {
            .at = talk->start_us + since,
            .codec = talk->codec,
            .seq = seq++,
            .timestamp = timestamp_of(talk, since),
        };
        append(play, source);
        if (talk->repair_every > 0 && (i + 1) % talk->repair_every == 0) {
            struct sent repair = source;
            repair.is_repair = true;
            repair.at += frame_us / 2;
            repair.seq = seq++;
            append(play, repair);
        }
    }
    return first;
}

static int by_arrival(const void *left, const void *right)
{
    const struct sent *a = left;
    const struct sent *b = right;
    return a->at < b->at ? -1 : a->at > b->at;
}

static void push(struct play *play, const struct sent *sent)
{
    uint8_t payload[4] = {(uint8_t)(sent->seq >> 8), (uint8_t)sent->seq, (uint8_t)(sent->seq >> 8),
                          (uint8_t)sent->seq};
    struct wzp_media_packet packet = {
        .header = {.codec = sent->codec,
                   .is_repair = sent->is_repair,
                   .seq = sent->seq,
                   .timestamp = sent->timestamp},
        .payload = payload,
        .payload_size = sizeof payload,
    };
    wzp_jitter_push(play->jitter, &packet, sent->at);
}

/** Takes one frame; how long it plays. */
static wzp_us pop(struct play *play, wzp_us now)
{
    struct wzp_jitter_frame frame;
    wzp_jitter_pop(play->jitter, now, &frame);
    if (frame.kind == WZP_JITTER_NOTHING) {
        assert_int_equal(frame.duration_us, 0);
        return 0;
    }
    const uint8_t *bytes = frame.payload;
    if (frame.kind == WZP_JITTER_PACKET &&
        (frame.payload_size != 4 || (bytes[0] << 8 | bytes[1]) != frame.seq ||
         (bytes[2] << 8 | bytes[3]) != frame.seq)) {
        play->n_wrong++;
    }
    assert_true(play->n_frames < MAX_FRAMES);
    play->got_at[play->n_frames] = now;
    play->frames[play->n_frames++] = frame;
    return frame.duration_us;
}

void play_run(struct play *play, wzp_us end)
{
    qsort(play->sent, play->n_sent, sizeof play->sent[0], by_arrival); /* glibc's is stable for such few */
    size_t i = 0;
    wzp_us played_until = 0;
    for (wzp_us now = 0; now < end; now += TICK_US) {
        for (; i < play->n_sent && play->sent[i].at <= now; i++) {
            if (!play->sent[i].is_lost) {
                push(play, &play->sent[i]);
            }
        }
        if (played_until <= now) {
            played_until = now + pop(play, now);
        }
    }
    wzp_jitter_stats(play->jitter, &play->stats);
    assert_int_equal(play->n_wrong, 0);
}

size_t play_count(const struct play *play, enum wzp_jitter_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < play->n_frames; i++) {
        n += play->frames[i].kind == kind;
    }
    return n;
}

size_t play_source(const struct play *play, size_t n)
{
    for (size_t i = 0; i < play->n_sent; i++) {
        if (!play->sent[i].is_repair && n-- == 0) {
            return i;
        }
    }
    fail_msg("no such frame");
    return 0;
}

wzp_us play_length_us(const struct play *play)
{
    wzp_us first = WZP_NEVER;
    wzp_us last = 0;
    for (size_t i = 0; i < play->n_frames; i++) {
        if (play->frames[i].kind == WZP_JITTER_PACKET) {
            first = wzp_us_min(first, play->got_at[i]);
            last = play->got_at[i] + play->frames[i].duration_us;
        }
    }
    return first == WZP_NEVER ? 0 : last - first;
}

bool play_is_in_order(const struct play *play)
{
    const struct wzp_jitter_frame *before = NULL;
    for (size_t i = 0; i < play->n_frames; i++) {
        const struct wzp_jitter_frame *frame = &play->frames[i];
        if (frame->kind != WZP_JITTER_PACKET) {
            continue;
        }
        if (before && !wzp_seq_is_newer(frame->seq, before->seq)) {
            return false;
        }
        before = frame;
    }
    return true;
}
