/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Push (jitter_push.c) puts packets where their numbers belong (jitter_store.h); pop looks at the first one
 * there is and at the gap in front of it, and has it judged whether that is missing audio (jitter_gap.h).
 */
#include "proto/jitter.h"

#include <stdlib.h>

#include "proto/jitter_state.h"

#define MAX_DELAY_US   (5 * WZP_SECOND)
#define TRIM_WINDOW_US (2 * WZP_SECOND) /* one frame of 20 ms in it is 1 %: a fast clock is 0.01 % */

void wzp_jitter_enter(struct wzp_jitter *jitter, enum wzp_jitter_state state, wzp_us now)
{
    jitter->state = state;
    switch (state) {
    case WZP_JITTER_IDLE:
        break;
    case WZP_JITTER_FILLING:
        jitter->start_us = now + jitter->config.delay_us;
        break;
    case WZP_JITTER_PLAYING:
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
    wzp_jitter_enter(jitter, WZP_JITTER_IDLE, 0);
    jitter->has_numbers = jitter->has_played = jitter->has_aside = false;
    jitter->past.is_valid = false;
    jitter->clock = (struct wzp_media_clock){0};
    jitter->borrowed = NULL;
    wzp_jitter_store_init(&jitter->store, 0);
}

void wzp_jitter_give_back(struct wzp_jitter *jitter)
{
    if (jitter->borrowed) {
        wzp_jitter_store_release(&jitter->store, jitter->borrowed);
        jitter->borrowed = NULL;
    }
}

void wzp_jitter_note_past(struct wzp_jitter *jitter, const struct wzp_jitter_head *head)
{
    jitter->past = (struct wzp_jitter_past){
        .is_valid = true,
        .position = head->position,
        .timestamp = head->timestamp,
        .arrived_us = head->arrived_us,
        .duration_us = head->duration_us,
    };
}

void wzp_jitter_drop_oldest(struct wzp_jitter *jitter)
{
    struct wzp_jitter_item *item = wzp_jitter_store_gap(&jitter->store).item;
    wzp_jitter_note_past(jitter, &item->head);
    wzp_jitter_store_take(&jitter->store, item);
    wzp_jitter_store_release(&jitter->store, item);
}

static struct wzp_jitter_habits habits_of(const struct wzp_jitter *jitter)
{
    return (struct wzp_jitter_habits){
        .clock = &jitter->clock,
        .has_repairs = jitter->stats.repairs > 0,
        .delay_us = jitter->config.delay_us,
    };
}

static void give_packet(struct wzp_jitter *jitter, const struct wzp_jitter_gap *gap, wzp_us now,
                        struct wzp_jitter_frame *out_frame)
{
    struct wzp_jitter_item *item = gap->item;
    const struct wzp_jitter_head *head = &item->head;
    struct wzp_jitter_habits habits = habits_of(jitter);
    jitter->stats.lost += wzp_jitter_gap_hidden(gap, &jitter->past, &habits);
    bool is_spurt = !jitter->past.is_valid || wzp_jitter_gap_is_silence(&jitter->past, head);
    jitter->stats.skipped += is_spurt && jitter->has_played && !head->is_restart ? gap->n_unknown : 0;
    jitter->stats.played++;
    jitter->has_played = true;
    jitter->codec = head->codec;
    jitter->shortest_wait_us = wzp_us_min(jitter->shortest_wait_us, now - head->arrived_us);
    wzp_jitter_note_past(jitter, head);
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
    jitter->past.lost_us += out_frame->duration_us;
    jitter->stats.lost++;
}

/** Nothing is here: the end of the spurt, or a delay that is longer than ours. */
static void starve(struct wzp_jitter *jitter, wzp_us now, struct wzp_jitter_frame *out_frame)
{
    bool is_over = now - jitter->last_audio_us > WZP_JITTER_SILENCE_US;
    if (is_over || jitter->codec == WZP_CODEC_COMFORT_NOISE) {
        wzp_jitter_enter(jitter, WZP_JITTER_IDLE, now);
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
        wzp_jitter_drop_oldest(jitter);
        jitter->stats.trimmed++;
    }
}

void wzp_jitter_pop(struct wzp_jitter *jitter, wzp_us now, struct wzp_jitter_frame *out_frame)
{
    wzp_jitter_give_back(jitter);
    *out_frame = (struct wzp_jitter_frame){.kind = WZP_JITTER_NOTHING, .codec = jitter->codec};
    if (jitter->state == WZP_JITTER_FILLING && (now >= jitter->start_us || is_filled(jitter))) {
        wzp_jitter_enter(jitter, WZP_JITTER_PLAYING, now);
        jitter->stats.spurts++;
    }
    if (jitter->state != WZP_JITTER_PLAYING) {
        return;
    }
    trim(jitter, now);
    struct wzp_jitter_gap gap = wzp_jitter_store_gap(&jitter->store);
    if (!gap.item) {
        starve(jitter, now, out_frame);
        return;
    }
    struct wzp_jitter_habits habits = habits_of(jitter);
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
    case WZP_JITTER_IDLE:
        return WZP_NEVER;
    case WZP_JITTER_FILLING:
        return is_filled(jitter) ? 0 : jitter->start_us;
    case WZP_JITTER_PLAYING:
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
