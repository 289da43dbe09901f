/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/probe.h"

#include <math.h>
#include <stdlib.h>

#include "audio/codec.h"
#include "audio/measure.h"
#include "audio/tone.h"
#include "base/random.h"
#include "engine/receiver.h"
#include "engine/sender.h"

#define PLAYOUT     (100 * WZP_MS) /* the return trip's jitter */
#define DRAIN       (3 * WZP_SECOND)
#define DRAIN_QUIET (500 * WZP_MS) /* nothing for so long: that was the end */
#define BUFFER_SAMPLES                                                                                       \
    ((size_t)((WZP_PROBE_WINDOW + DRAIN + WZP_SECOND) / WZP_MS) * (WZP_CODEC_SAMPLE_HZ / 1000))

struct probing {
    struct wzp_probe *probe;
    struct wzp_call *call;
    struct wzp_sender *sender;
    struct wzp_receiver *receiver;
    wzp_us started_at, sent_at; /* sent_at: the last frame; 0 while it talks */
    uint64_t n_samples, next_sample;
    int16_t *heard; /* of the window `i_heard` */
    size_t n_heard, i_heard;
};

/* --- measuring --- */

void wzp_probe_measure(const int16_t *samples, size_t n, struct wzp_probe_window *window)
{
    window->peak = 0;
    window->snr_db = window->correlation = 0;
    for (size_t i = 0; i < n; i++) {
        int size = abs(samples[i]);
        window->peak = size > window->peak ? size : window->peak;
    }
    if (window->peak == 0) {
        return;
    }
    double snr_db = wzp_measure_tone(samples, n, WZP_TONE_HZ).snr_db;
    double power = pow(10, snr_db / 10);
    window->snr_db = fmin(snr_db, WZP_PROBE_MAX_SNR_DB);
    window->correlation = sqrt(power / (power + 1)); /* the tone's share of the amplitude */
}

wzp_us wzp_probe_drift(const struct wzp_probe *probe)
{
    if (probe->received < 2) {
        return 0;
    }
    wzp_us expected = (wzp_us)(probe->received + probe->lost - 1) * probe->frame;
    return probe->last_at - probe->first_at - expected;
}

static size_t window_at(const struct probing *probing, wzp_us now)
{
    size_t i = (size_t)((now - probing->started_at) / WZP_PROBE_WINDOW);
    return wzp_min_size(i, probing->probe->n_windows - 1);
}

static void close_window(struct probing *probing)
{
    wzp_probe_measure(probing->heard, probing->n_heard, &probing->probe->windows[probing->i_heard]);
    probing->n_heard = 0;
}

/* --- both directions --- */

static bool read_tone(void *context, int16_t *samples, size_t n)
{
    struct probing *probing = context;
    if (probing->next_sample + n > probing->n_samples) {
        return false;
    }
    wzp_tone_fill(WZP_TONE_HZ, WZP_TONE_AMPLITUDE, probing->next_sample, samples, n);
    probing->next_sample += n;
    return true;
}

static void send_due(struct probing *probing, wzp_us now)
{
    uint8_t packet[WZP_SENDER_PACKET_BYTES];
    size_t size = 0;
    while (wzp_sender_next(probing->sender, now, packet, &size) == WZP_OK) {
        wzp_call_send(probing->call, packet, size, now);
    }
    uint64_t n = wzp_sender_counts(probing->sender)->frames;
    probing->probe->windows[window_at(probing, now)].sent += n - probing->probe->sent;
    probing->probe->sent = n;
    if (wzp_sender_deadline(probing->sender) == WZP_NEVER && probing->sent_at == 0) {
        probing->sent_at = now;
    }
}

static void play_due(struct probing *probing, wzp_us now)
{
    struct wzp_block block;
    while (wzp_receiver_next(probing->receiver, now, &block) == WZP_OK) {
        size_t i = window_at(probing, now);
        if (i != probing->i_heard) {
            close_window(probing);
            probing->i_heard = i;
        }
        bool fits = probing->n_heard + WZP_RECEIVER_BLOCK_SAMPLES <= BUFFER_SAMPLES;
        for (size_t k = 0; block.kind == WZP_BLOCK_AUDIO && fits && k < WZP_RECEIVER_BLOCK_SAMPLES; k++) {
            probing->heard[probing->n_heard++] = block.samples[k];
        }
    }
}

static void on_media(void *context, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct probing *probing = context;
    struct wzp_probe *probe = probing->probe;
    struct wzp_receiver_counts counts;
    wzp_receiver_feed(probing->receiver, bytes, size, now);
    wzp_receiver_counts(probing->receiver, &counts);
    if (counts.frames == probe->received) {
        return; /* a repair, or nothing of use */
    }
    probe->windows[window_at(probing, now)].received += counts.frames - probe->received;
    probe->first_at = probe->received == 0 ? now : probe->first_at;
    probe->received = counts.frames;
    probe->last_at = now;
}

/* --- the visit --- */

static wzp_us end_of(const struct probing *probing)
{
    if (probing->sent_at == 0) {
        return WZP_NEVER;
    }
    wzp_us end = probing->sent_at + DRAIN;
    if (probing->probe->received == 0) {
        return end;
    }
    return wzp_us_min(end, wzp_us_max(probing->probe->last_at, probing->sent_at) + DRAIN_QUIET);
}

static void on_wake(void *context, struct wzp_visit *visit, wzp_us now)
{
    struct probing *probing = context;
    send_due(probing, now);
    play_due(probing, now);
    if (now >= end_of(probing)) {
        wzp_visit_leave(visit);
        return;
    }
    /* Packets start the receiver between two wakes: a block later is soon enough. */
    wzp_us next = wzp_us_min(wzp_sender_deadline(probing->sender), wzp_receiver_deadline(probing->receiver));
    next = wzp_us_min(next, now + WZP_RECEIVER_BLOCK_US);
    wzp_visit_wake(visit, wzp_us_min(next, end_of(probing)));
}

static enum wzp_err on_joined(void *context, struct wzp_visit *visit, wzp_us now)
{
    struct probing *probing = context;
    probing->call = wzp_visit_call(visit);
    probing->started_at = now;
    const struct wzp_call_answer *answer = wzp_call_answer(probing->call);
    const struct wzp_profile *profile = wzp_visit_profile(visit);
    probing->probe->frame = profile->frame_ms * WZP_MS;
    const struct wzp_receiver_config receiver = {
        .delay = PLAYOUT, .trusts_numbers = answer->generation >= 2, .decodes = true};
    const struct wzp_sender_config sender = {.profile = profile,
                                             .random = &wzp_random_system,
                                             .read = read_tone,
                                             .context = probing,
                                             .sends_levels = answer->takes_levels};
    enum wzp_err err = wzp_receiver_new(&receiver, &probing->receiver);
    if (err == WZP_OK) {
        err = wzp_sender_new(&sender, now, &probing->sender);
    }
    if (err == WZP_OK) {
        wzp_visit_wake(visit, now);
    }
    return err;
}

static void on_left(void *context, struct wzp_visit *visit, wzp_us now)
{
    struct probing *probing = context;
    struct wzp_receiver_counts counts;
    wzp_ignore(visit);
    wzp_ignore(now);
    if (!probing->receiver) {
        return;
    }
    close_window(probing);
    wzp_receiver_counts(probing->receiver, &counts);
    probing->probe->lost = counts.lost;
}

static enum wzp_err allocate(struct probing *probing, wzp_us duration)
{
    struct wzp_probe *probe = probing->probe;
    probe->n_windows = (size_t)((duration + WZP_PROBE_WINDOW - 1) / WZP_PROBE_WINDOW);
    probe->windows = calloc(probe->n_windows, sizeof *probe->windows);
    probing->heard = calloc(BUFFER_SAMPLES, sizeof *probing->heard);
    probing->n_samples = (uint64_t)(duration / WZP_MS) * (WZP_CODEC_SAMPLE_HZ / 1000);
    return probe->windows && probing->heard ? WZP_OK : WZP_ENOMEM;
}

enum wzp_err wzp_probe_run(const struct wzp_engine_config *config, wzp_us duration,
                           struct wzp_visit_outcome *out_outcome, struct wzp_probe *out_probe)
{
    static const struct wzp_visit_handler handler = {
        .on_joined = on_joined, .on_media = on_media, .on_wake = on_wake, .on_left = on_left};
    struct wzp_probe probe = {0};
    struct probing probing = {.probe = &probe};
    *out_outcome = (struct wzp_visit_outcome){0};
    if (duration <= 0 || duration > WZP_PROBE_MAX_DURATION) {
        return WZP_EINVAL;
    }
    enum wzp_err err = allocate(&probing, duration);
    if (err == WZP_OK) {
        err = wzp_visit_run(config, &handler, &probing, out_outcome);
    }
    wzp_sender_free(probing.sender);
    wzp_receiver_free(probing.receiver);
    free(probing.heard);
    if (err != WZP_OK) {
        wzp_probe_deinit(&probe);
        return err;
    }
    *out_probe = probe;
    return WZP_OK;
}

void wzp_probe_deinit(struct wzp_probe *probe)
{
    free(probe->windows);
    *probe = (struct wzp_probe){0};
}
