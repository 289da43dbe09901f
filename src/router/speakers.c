/* SPDX-License-Identifier: Apache-2.0 */
#include "router/speakers.h"

#include "proto/media.h"

#define UNITS_PER_DB WZP_VOICE_UNITS_PER_DB
#define RISE         4  /* smoothing: a quarter of the way up per frame, so that who starts is heard soon; */
#define FALL         32 /* slowly down, so that syllables and pauses do not cost the floor */

static bool is_source(const uint8_t *media)
{
    return !wzp_media_is_repair(media) && wzp_media_codec(media) != WZP_CODEC_COMFORT_NOISE;
}

/* The first frame of a spurt, whose loudness may be that of a click. */
static int first_loudness(int loudness)
{
    int doubt = WZP_SPEAKERS_DOUBT * UNITS_PER_DB;
    return loudness > doubt ? loudness - doubt : 0;
}

static int smooth(int before, int loudness)
{
    return before + (loudness - before) / (loudness > before ? RISE : FALL);
}

void wzp_voice_hear(struct wzp_voice *voice, const uint8_t *media, uint8_t level, wzp_us now)
{
    voice->is_voiced = false;
    if (!is_source(media)) {
        return;
    }
    voice->has_level = level != 0;
    if (!(level & WZP_MEDIA_LEVEL_VOICE)) {
        return;
    }
    int loudness = (WZP_MEDIA_LEVEL_MASK - (level & WZP_MEDIA_LEVEL_MASK)) * UNITS_PER_DB;
    bool is_spurt = now >= voice->hold_until;
    voice->loudness = (uint16_t)(is_spurt ? first_loudness(loudness) : smooth(voice->loudness, loudness));
    voice->is_voiced = true;
    voice->hold_until = now + WZP_SPEAKERS_HOLD;
}

uint16_t wzp_voice_loudness(const struct wzp_voice *voice, wzp_us now)
{
    if (!voice->has_level) {
        return WZP_VOICE_UNKNOWN;
    }
    return now < voice->hold_until + WZP_SPEAKERS_LINGER - WZP_SPEAKERS_HOLD ? voice->loudness : 0;
}

bool wzp_speakers_is_on(const struct wzp_speakers *speakers, size_t n_participants)
{
    return speakers->max > 0 && n_participants >= speakers->max;
}

/* Who gives way: a free place, else the one that rests for longest, else the quietest. */
static bool gives_way_before(const struct wzp_speakers_place *a, const struct wzp_speakers_place *b,
                             wzp_us now)
{
    if (a->number == 0 || b->number == 0) {
        return a->number == 0 && b->number != 0;
    }
    if (a->hold_until <= now || b->hold_until <= now) {
        return a->hold_until < b->hold_until;
    }
    return a->loudness < b->loudness;
}

static bool is_free_for(const struct wzp_speakers_place *place, const struct wzp_voice *voice, wzp_us now)
{
    return place->number == 0 || place->hold_until <= now ||
           voice->loudness >= place->loudness + WZP_SPEAKERS_LEAD * UNITS_PER_DB;
}

/* A place for a voice that has none; false where everybody on the floor is about as loud. */
static bool take_place(struct wzp_speakers *speakers, const struct wzp_voice *voice, struct wzp_seat *seat,
                       uint16_t number, wzp_us now)
{
    size_t best = 0;
    for (size_t i = 1; i < speakers->max; i++) {
        if (gives_way_before(&speakers->places[i], &speakers->places[best], now)) {
            best = i;
        }
    }
    if (!is_free_for(&speakers->places[best], voice, now)) {
        return false;
    }
    speakers->places[best].number = number;
    seat->place = (uint8_t)best;
    return true;
}

bool wzp_speakers_let(struct wzp_speakers *speakers, const struct wzp_voice *voice, struct wzp_seat *seat,
                      uint16_t number, wzp_us now)
{
    if (!voice->has_level || number == 0) {
        return true;
    }
    bool holds = speakers->places[seat->place].number == number;
    wzp_us linger_until = voice->hold_until + WZP_SPEAKERS_LINGER - WZP_SPEAKERS_HOLD;
    if (holds && now >= linger_until) {
        speakers->places[seat->place].number = 0;
        return false;
    }
    if (!holds &&
        (!voice->is_voiced || now < seat->out_until || !take_place(speakers, voice, seat, number, now))) {
        return false;
    }
    struct wzp_speakers_place *place = &speakers->places[seat->place];
    place->loudness = voice->loudness;
    place->hold_until = voice->hold_until;
    seat->out_until = now + WZP_SPEAKERS_PAUSE;
    return true;
}
