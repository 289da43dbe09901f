/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Push puts packets where their numbers belong (jitter_store.h); pop looks at the first one there is and at
 * the gap in front of it, and judges whether the gap is missing audio (jitter.h, "Gaps in the numbers").
 */
#include "proto/jitter.h"

#include <stdlib.h>
#include <string.h>

#include "proto/jitter_gap.h"
#include "proto/jitter_store.h"
#include "proto/media_clock.h"
#include "proto/seq.h"

enum {
    RESTART_ROOM = 16, /* positions between old and new numbers, for those that come before the first two */
    RESTART_NEIGHBOUR = 8, /* how near the second of them must be to the first */
};

#define MAX_DELAY_US   (5 * WZP_SECOND)
#define TRIM_WINDOW_US (2 * WZP_SECOND) /* one frame of 20 ms in it is 1 %: a fast clock is 0.01 % */

enum state {
    IDLE,
    FILLING,
    PLAYING,
};

struct wzp_jitter {
    struct wzp_jitter_config config;
    enum state state;
    bool has_numbers;        /* some packet has been here */
    bool has_played;         /* so that earlier numbers are late */
    enum wzp_codec_id codec; /* given last */
    wzp_us start_us;         /* FILLING: when to play at the latest */
    wzp_us last_audio_us;    /* arrival */
    wzp_us window_us;        /* begin of the trimming window */
    wzp_us shortest_wait_us; /* in it */
    struct wzp_jitter_past past;
    struct wzp_media_clock clock;
    struct wzp_jitter_stats stats;
    struct wzp_jitter_item *borrowed; /* by the player; NULL for none */
    bool has_aside;
    bool aside_is_audio;
    struct wzp_jitter_item aside; /* a packet far away from the others */
    struct wzp_jitter_store store;
};

static void enter(struct wzp_jitter *jitter, enum state state, wzp_us now)
{
    jitter->state = state;
    switch (state) {
    case IDLE:
        break;
    case FILLING:
        jitter->start_us = now + jitter->config.delay_us;
        break;
    case PLAYING:
        jitter->past.is_valid = false;
        jitter->window_us = now;
        jitter->shortest_wait_us = WZP_NEVER;
        break;
    }
}

enum wzp_err wzp_jitter_new(const struct wzp_jitter_config *config, struct wzp_jitter **out_jitter)
{
    if (config->delay_us < 0 || config->delay_us > MAX_DELAY_US || config->slack_us < 0) {
        return WZP_EINVAL;
    }
    struct wzp_jitter *jitter = calloc(1, sizeof *jitter);
    if (!jitter) {
        return WZP_ENOMEM;
    }
    jitter->config = *config;
    wzp_jitter_reset(jitter);
    *out_jitter = jitter;
    return WZP_OK;
}

void wzp_jitter_free(struct wzp_jitter *jitter)
{
    free(jitter);
}

void wzp_jitter_freep(struct wzp_jitter **jitter)
{
    wzp_jitter_free(*jitter);
}

void wzp_jitter_reset(struct wzp_jitter *jitter)
{
    enter(jitter, IDLE, 0);
    jitter->has_numbers = jitter->has_played = jitter->has_aside = false;
    jitter->past.is_valid = false;
    jitter->clock = (struct wzp_media_clock){0};
    jitter->borrowed = NULL;
    wzp_jitter_store_init(&jitter->store, 0);
}

static void give_back(struct wzp_jitter *jitter)
{
    if (jitter->borrowed) {
        wzp_jitter_store_release(&jitter->store, jitter->borrowed);
        jitter->borrowed = NULL;
    }
}

/** Notes `head` as played (or passed over): what follows is measured from it. */
static void note_past(struct wzp_jitter *jitter, const struct wzp_jitter_head *head)
{
    jitter->past = (struct wzp_jitter_past){
        .is_valid = true,
        .position = head->position,
        .timestamp = head->timestamp,
        .arrived_us = head->arrived_us,
        .duration_us = head->duration_us,
    };
}

/** Leaves the oldest packet out. */
static void drop_oldest(struct wzp_jitter *jitter)
{
    struct wzp_jitter_item *item = wzp_jitter_store_gap(&jitter->store).item;
    note_past(jitter, &item->head);
    wzp_jitter_store_take(&jitter->store, item);
    wzp_jitter_store_release(&jitter->store, item);
}

/* ---- push ---- */

/** What came, on its way into the store. */
struct arrival {
    struct wzp_jitter_head head;
    bool is_audio;
    const uint8_t *bytes;
    size_t size;
};

static struct arrival arrival_of(const struct wzp_media_packet *packet, wzp_us now)
{
    const struct wzp_media_header *header = &packet->header;
    return (struct arrival){
        .head =
            {
                .codec = header->codec,
                .seq = header->seq,
                .timestamp = header->timestamp,
                .arrived_us = now,
                .duration_us = wzp_codec_id_frame_us(header->codec),
            },
        .is_audio = !header->is_repair && !header->is_sealed,
        .bytes = packet->payload,
        .size = packet->payload_size,
    };
}

/** Comfort noise says what it is without a payload. */
static bool is_playable(const struct arrival *arrival)
{
    size_t at_least = arrival->head.codec == WZP_CODEC_COMFORT_NOISE ? 0 : 1;
    return arrival->size >= at_least && arrival->size <= WZP_JITTER_MAX_BYTES;
}

/** Compares the timestamp with that of the neighbour in front, if that is known. */
static void learn_unit(struct wzp_jitter *jitter, const struct wzp_jitter_head *head)
{
    const struct wzp_jitter_past *past = &jitter->past;
    const struct wzp_jitter_item *before = wzp_jitter_store_at(&jitter->store, head->position - 1);
    if (before) {
        wzp_media_clock_learn(&jitter->clock, head->timestamp - before->head.timestamp,
                              before->head.duration_us);
    } else if (past->is_valid && past->position == head->position - 1) {
        wzp_media_clock_learn(&jitter->clock, head->timestamp - past->timestamp, past->duration_us);
    }
}

/** Whether the turn of `position` is over. Before anything was played, earlier numbers just begin earlier. */
static bool is_late(struct wzp_jitter *jitter, uint64_t position)
{
    struct wzp_jitter_store *store = &jitter->store;
    if (position < store->next && !jitter->has_played) {
        store->next = position;
    }
    return position < store->next;
}

/** Audio whose number is new. */
static enum wzp_jitter_verdict place(struct wzp_jitter *jitter, const struct arrival *arrival)
{
    const struct wzp_jitter_head *head = &arrival->head;
    struct wzp_jitter_store *store = &jitter->store;
    if (!is_late(jitter, head->position) && store->n_items == WZP_JITTER_MAX_FRAMES) {
        drop_oldest(jitter);
        jitter->has_played = true; /* there is no way back now */
        jitter->stats.overflowed++;
    }
    if (is_late(jitter, head->position)) {
        wzp_jitter_store_set_mark(store, head->position, WZP_JITTER_MARK_GONE);
        jitter->stats.late++;
        return WZP_JITTER_LATE;
    }
    learn_unit(jitter, head);
    wzp_media_clock_arrival(&jitter->clock, head->timestamp, head->arrived_us);
    wzp_jitter_store_put(store, head, arrival->bytes, arrival->size);
    jitter->last_audio_us = head->arrived_us;
    jitter->stats.stored++;
    jitter->stats.comfort += head->codec == WZP_CODEC_COMFORT_NOISE;
    if (jitter->state == IDLE) {
        enter(jitter, FILLING, head->arrived_us);
    }
    return WZP_JITTER_STORED;
}

/** Anything, with its position known. */
static enum wzp_jitter_verdict accept(struct wzp_jitter *jitter, const struct arrival *arrival)
{
    struct wzp_jitter_store *store = &jitter->store;
    uint64_t position = arrival->head.position;
    jitter->stats.overflowed += wzp_jitter_store_advance(store, position);
    if (wzp_jitter_store_mark(store, position) != WZP_JITTER_MARK_UNKNOWN) {
        jitter->stats.duplicates++;
        return WZP_JITTER_DUPLICATE;
    }
    if (arrival->is_audio) {
        return place(jitter, arrival);
    }
    wzp_jitter_store_set_mark(store, position, WZP_JITTER_MARK_NUMBER);
    jitter->stats.repairs++;
    return WZP_JITTER_NUMBER;
}

static void put_aside(struct wzp_jitter *jitter, const struct arrival *arrival)
{
    struct wzp_jitter_item *aside = &jitter->aside;
    aside->head = arrival->head;
    aside->size = arrival->is_audio ? arrival->size : 0;
    if (aside->size > 0) {
        memcpy(aside->bytes, arrival->bytes, aside->size);
    }
    jitter->aside_is_audio = arrival->is_audio;
    jitter->has_aside = true;
}

/** Goes on from the packet aside and its neighbour, behind whatever is still here. */
static enum wzp_jitter_verdict restart(struct wzp_jitter *jitter, struct arrival *arrival)
{
    struct wzp_jitter_store *store = &jitter->store;
    struct arrival first = {
        .head = jitter->aside.head,
        .is_audio = jitter->aside_is_audio,
        .bytes = jitter->aside.bytes,
        .size = jitter->aside.size,
    };
    first.head.position = store->newest + RESTART_ROOM;
    first.head.is_restart = true;
    arrival->head.position =
        first.head.position + (uint64_t)(int64_t)wzp_seq_ahead(arrival->head.seq, first.head.seq);
    arrival->head.is_restart = true;
    jitter->stats.overflowed += wzp_jitter_store_advance(store, first.head.position);
    store->newest_seq = first.head.seq;
    jitter->has_aside = false;
    jitter->clock = (struct wzp_media_clock){0};
    jitter->stats.restarts++;
    wzp_ignore(accept(jitter, &first)); /* its position is free, so that it can only be taken */
    return accept(jitter, arrival);
}

static enum wzp_jitter_verdict come_from_afar(struct wzp_jitter *jitter, struct arrival *arrival)
{
    int32_t apart = jitter->has_aside ? wzp_seq_ahead(arrival->head.seq, jitter->aside.head.seq) : 0;
    if (apart != 0 && abs(apart) <= RESTART_NEIGHBOUR) {
        return restart(jitter, arrival);
    }
    put_aside(jitter, arrival);
    return WZP_JITTER_ASIDE;
}

enum wzp_jitter_verdict wzp_jitter_push(struct wzp_jitter *jitter, const struct wzp_media_packet *packet,
                                        wzp_us now)
{
    give_back(jitter);
    struct arrival arrival = arrival_of(packet, now);
    if (arrival.is_audio && !is_playable(&arrival)) {
        jitter->stats.refused++;
        return WZP_JITTER_REFUSED;
    }
    struct wzp_jitter_store *store = &jitter->store;
    if (!jitter->has_numbers) {
        wzp_jitter_store_init(store, arrival.head.seq);
        jitter->has_numbers = true;
    }
    int32_t ahead = wzp_seq_ahead(arrival.head.seq, store->newest_seq);
    if (abs(ahead) > WZP_JITTER_JUMP) {
        return come_from_afar(jitter, &arrival);
    }
    jitter->has_aside = false;
    arrival.head.position = store->newest + (uint64_t)(int64_t)ahead;
    return accept(jitter, &arrival);
}

/* ---- pop ---- */

static void give_packet(struct wzp_jitter *jitter, const struct wzp_jitter_gap *gap, wzp_us now,
                        struct wzp_jitter_frame *out_frame)
{
    struct wzp_jitter_item *item = gap->item;
    const struct wzp_jitter_head *head = &item->head;
    bool is_spurt = !jitter->past.is_valid || wzp_jitter_gap_is_silence(&jitter->past, head);
    jitter->stats.skipped += is_spurt && jitter->has_played && !head->is_restart ? gap->n_unknown : 0;
    jitter->stats.played++;
    jitter->has_played = true;
    jitter->codec = head->codec;
    jitter->shortest_wait_us = wzp_us_min(jitter->shortest_wait_us, now - head->arrived_us);
    note_past(jitter, head);
    wzp_jitter_store_take(&jitter->store, item);
    jitter->borrowed = item;
    *out_frame = (struct wzp_jitter_frame){
        .kind = WZP_JITTER_PACKET,
        .duration_us = head->duration_us,
        .codec = head->codec,
        .seq = head->seq,
        .timestamp = head->timestamp,
        .waited_us = now - head->arrived_us,
        .payload = item->bytes,
        .payload_size = item->size,
    };
}

/** A frame without a packet, as long as the last one. */
static void give_filler(struct wzp_jitter *jitter, enum wzp_jitter_kind kind,
                        struct wzp_jitter_frame *out_frame)
{
    out_frame->kind = kind;
    out_frame->duration_us = wzp_codec_id_frame_us(jitter->codec);
    jitter->past.concealed_us += out_frame->duration_us;
}

static void give_lost(struct wzp_jitter *jitter, const struct wzp_jitter_gap *gap, size_t n_missing,
                      struct wzp_jitter_frame *out_frame)
{
    struct wzp_jitter_store *store = &jitter->store;
    give_filler(jitter, WZP_JITTER_LOST, out_frame);
    out_frame->seq = (uint16_t)(store->newest_seq - (store->newest - gap->first_unknown));
    if (n_missing == 1 && gap->item->head.codec == jitter->codec) {
        out_frame->payload = gap->item->bytes;
        out_frame->payload_size = gap->item->size;
    }
    store->next = gap->first_unknown + 1;
    jitter->stats.lost++;
}

/** Nothing is here: the end of the spurt, or a delay that is longer than ours. */
static void starve(struct wzp_jitter *jitter, wzp_us now, struct wzp_jitter_frame *out_frame)
{
    bool is_over = now - jitter->last_audio_us > WZP_JITTER_SILENCE_US;
    if (is_over || jitter->codec == WZP_CODEC_COMFORT_NOISE) {
        enter(jitter, IDLE, now);
        return;
    }
    give_filler(jitter, WZP_JITTER_STARVED, out_frame);
    jitter->stats.starved++;
}

static bool is_filled(const struct wzp_jitter *jitter)
{
    return jitter->store.buffered_us > jitter->config.delay_us;
}

/** Every two seconds: leaves one frame out where all of them waited too long. */
static void trim(struct wzp_jitter *jitter, wzp_us now)
{
    if (now - jitter->window_us < TRIM_WINDOW_US) {
        return;
    }
    wzp_us shortest_us = jitter->shortest_wait_us;
    jitter->window_us = now;
    jitter->shortest_wait_us = WZP_NEVER;
    bool is_too_long =
        shortest_us != WZP_NEVER && shortest_us - jitter->config.delay_us > jitter->config.slack_us;
    if (is_too_long && jitter->store.n_items > 1) {
        drop_oldest(jitter);
        jitter->stats.trimmed++;
    }
}

void wzp_jitter_pop(struct wzp_jitter *jitter, wzp_us now, struct wzp_jitter_frame *out_frame)
{
    give_back(jitter);
    *out_frame = (struct wzp_jitter_frame){.kind = WZP_JITTER_NOTHING, .codec = jitter->codec};
    if (jitter->state == FILLING && (now >= jitter->start_us || is_filled(jitter))) {
        enter(jitter, PLAYING, now);
        jitter->stats.spurts++;
    }
    if (jitter->state != PLAYING) {
        return;
    }
    trim(jitter, now);
    struct wzp_jitter_gap gap = wzp_jitter_store_gap(&jitter->store);
    if (!gap.item) {
        starve(jitter, now, out_frame);
        return;
    }
    struct wzp_jitter_habits habits = {
        .clock = &jitter->clock,
        .has_repairs = jitter->stats.repairs > 0,
        .delay_us = jitter->config.delay_us,
    };
    struct wzp_jitter_judgement judgement = wzp_jitter_gap_judge(&gap, &jitter->past, &habits, now);
    if (judgement.kind == WZP_JITTER_PACKET) {
        give_packet(jitter, &gap, now, out_frame);
    } else if (judgement.kind == WZP_JITTER_LOST) {
        give_lost(jitter, &gap, judgement.n_missing, out_frame);
    } else {
        give_filler(jitter, WZP_JITTER_PAUSE, out_frame);
    }
}

wzp_us wzp_jitter_deadline(const struct wzp_jitter *jitter)
{
    switch (jitter->state) {
    case IDLE:
        return WZP_NEVER;
    case FILLING:
        return is_filled(jitter) ? 0 : jitter->start_us;
    case PLAYING:
        return 0;
    }
    return WZP_NEVER;
}

void wzp_jitter_stats(const struct wzp_jitter *jitter, struct wzp_jitter_stats *out_stats)
{
    *out_stats = jitter->stats;
    out_stats->jitter_us = wzp_media_clock_jitter_us(&jitter->clock);
    out_stats->buffered_us = jitter->store.buffered_us;
    out_stats->n_frames = jitter->store.n_items;
}
