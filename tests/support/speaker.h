/* SPDX-License-Identifier: Apache-2.0 */
/* Test support: what a client would send of a tone, packet by packet with its time, and how loud a frequency
 * is in what was heard. */
#pragma once

#include <math.h>
#include <stdlib.h>

#include "audio/tone.h"
#include "engine/sender.h"
#include "proto/profile.h"
#include "support/wzp_test.h"

#define SPEAKER_MAX_PACKETS 1024
#define SPEAKER_PACKET      400 /* no profile makes longer ones */

struct speaker_packet {
    wzp_us at; /* from the start of the talk */
    size_t size;
    bool is_repair;
    uint8_t bytes[SPEAKER_PACKET];
};

struct speaker {
    uint32_t hz;
    uint64_t n_samples, n_read;
    size_t n;
    struct speaker_packet packets[SPEAKER_MAX_PACKETS];
};

static inline bool speaker_read(void *context, int16_t *samples, size_t n)
{
    struct speaker *speaker = context;
    if (speaker->n_samples - speaker->n_read < n) {
        return false;
    }
    wzp_tone_fill(speaker->hz, 8000, speaker->n_read, samples, n);
    speaker->n_read += n;
    return true;
}

/** All packets of `ms` of a tone at `profile`; free() it. `seed` picks the first numbers. */
static inline struct speaker *speaker_new(const char *profile, uint32_t hz, uint32_t ms, uint64_t seed)
{
    struct speaker *speaker = calloc(1, sizeof *speaker);
    assert_non_null(speaker);
    speaker->hz = hz;
    speaker->n_samples = ms * (uint64_t)48;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, seed);
    const struct wzp_sender_config config = {.profile = &wzp_profile_find(profile)->profile,
                                             .random = &random,
                                             .read = speaker_read,
                                             .context = speaker};
    struct wzp_sender *sender = NULL;
    assert_ok(wzp_sender_new(&config, 0, &sender));
    for (wzp_us at = 0; (at = wzp_sender_deadline(sender)) != WZP_NEVER;) {
        uint8_t bytes[WZP_SENDER_PACKET_BYTES];
        size_t size = 0;
        if (wzp_sender_next(sender, at, bytes, &size) != WZP_OK) {
            continue;
        }
        assert_true(speaker->n < SPEAKER_MAX_PACKETS && size <= SPEAKER_PACKET);
        struct speaker_packet *packet = &speaker->packets[speaker->n++];
        *packet = (struct speaker_packet){.at = at, .size = size, .is_repair = bytes[0] & 0x40};
        memcpy(packet->bytes, bytes, size);
    }
    wzp_sender_free(sender);
    return speaker;
}

/** The stream number that a relay would stamp. */
static inline void speaker_stamp(struct speaker *speaker, uint16_t stream)
{
    for (size_t i = 0; i < speaker->n; i++) {
        wzp_media_stamp_stream(speaker->packets[i].bytes, stream);
    }
}

/** RMS of one frequency in the middle half of `samples`. */
static inline double speaker_level(const int16_t *samples, size_t n, double hz)
{
    double re = 0, im = 0;
    size_t first = n / 4, count = n / 2;
    for (size_t i = first; i < first + count; i++) {
        double phase = 2 * 3.14159265358979 * hz * (double)i / 48000;
        re += samples[i] * cos(phase);
        im += samples[i] * sin(phase);
    }
    return count ? 2 * hypot(re, im) / (double)count / sqrt(2) : 0;
}
