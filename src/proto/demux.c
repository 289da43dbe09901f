/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each packet goes to the stream that it costs least to believe in, or, where every belief costs more than
 * NEW_STREAM, to a new one. Costs are in lost packets, roughly; the weights were tuned with
 * tests/proto/test_demux.c.
 *
 *   seen with the same content     a duplicate: that stream, at once
 *   seen with other content        another speaker's: never that stream
 *   sequence number                what was skipped; late ones cost, since reordering is rare
 *   arrival                        numbers cannot run ahead of time: a stream makes one packet a frame, or
 * two with full repair. This also keeps two streams in phase that are alike in all else timestamp goes on by
 * at most a frame per number, more only after silence; its unit is learnt, and is believed only once it was
 *   FEC block and index            within a block the index goes on as the number does
 *   codec                          changes seldom
 */
#include "proto/demux.h"

#include <math.h>

#include "proto/seq.h"

#define NEW_STREAM      5.0 /* a packet that costs a known stream more than this begins a new one */
#define IMPOSSIBLE      1e9
#define REACH           50 /* numbers a stream may skip at once, besides those that time explains */
#define EVICT_PACKETS   2  /* a stream of so few packets gives way to a new one */
#define EVICT_SILENT_US (200 * WZP_MS)
#define SILENCE_FRAMES  10 /* frames between two comfort-noise packets, which take a number each */

void wzp_demux_init(struct wzp_demux *demux)
{
    *demux = (struct wzp_demux){0};
}

static bool is_alive(const struct wzp_demux_stream *stream, wzp_us now)
{
    return stream->id != 0 && now - stream->last_us <= WZP_DEMUX_SILENT_US;
}

bool wzp_demux_is_live(const struct wzp_demux *demux, size_t slot, uint32_t id, wzp_us now)
{
    return slot < WZP_DEMUX_STREAMS && demux->streams[slot].id == id && is_alive(&demux->streams[slot], now);
}

/** FNV-1a (Fowler, Noll, Vo) over what tells packets of one number apart; never 0. */
static uint32_t mark_of(const struct wzp_media_packet *packet)
{
    const struct wzp_media_header *header = &packet->header;
    const uint8_t head[] = {
        (uint8_t)header->codec,
        (uint8_t)(header->is_repair << 2 | header->is_sealed << 1 | header->has_report),
        header->fec_ratio,
        header->fec_block,
        header->fec_index,
        (uint8_t)(header->timestamp >> 24),
        (uint8_t)(header->timestamp >> 16),
        (uint8_t)(header->timestamp >> 8),
        (uint8_t)header->timestamp,
        (uint8_t)packet->payload_size,
    };
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < sizeof head; i++) {
        hash = (hash ^ head[i]) * 16777619U;
    }
    for (size_t i = 0; i < packet->payload_size && i < 64; i++) {
        hash = (hash ^ packet->payload[i]) * 16777619U;
    }
    return hash ? hash : 1;
}

/** The mark of `seq` in `stream`: 0 where it was not seen, or is out of the window. */
static uint32_t mark_at(const struct wzp_demux_stream *stream, uint16_t seq)
{
    int32_t ahead = wzp_seq_ahead(seq, stream->newest);
    return ahead <= 0 && ahead > -WZP_DEMUX_WINDOW ? stream->marks[seq % WZP_DEMUX_WINDOW] : 0;
}

/** A packet as it looks beside the newest one of a stream. Times are in frames of the stream. */
struct relation {
    int32_t ahead;  /* in numbers */
    double elapsed; /* since the newest arrived */
    double frames;  /* by which the timestamp goes on; its unit is guessed where not `is_timed` */
    double late;    /* behind the stream's schedule; below 0: early */
    bool is_timed;  /* the unit of the stream's timestamps is known */
};

/** Without a timestamp: numbers come one or two a frame, and old ones at any time. */
static double late_by_number(const struct relation *relation)
{
    double ahead = fmax(relation->ahead, 0);
    return relation->elapsed > ahead ? relation->elapsed - ahead : fmin(relation->elapsed - 0.5 * ahead, 0);
}

static struct relation relate(const struct wzp_demux_stream *stream, const struct wzp_media_header *header,
                              wzp_us now)
{
    const double frame_us = (double)(stream->frame_ms * WZP_MS);
    int32_t units = (int32_t)(header->timestamp - stream->head.timestamp);
    unsigned per_ms = stream->units_per_ms;
    struct relation relation = {
        .ahead = wzp_seq_ahead(header->seq, stream->newest),
        .elapsed = (double)wzp_us_max(now - stream->newest_us, 0) / frame_us,
        .frames = (double)units / (per_ms ? per_ms : 1) / stream->frame_ms,
        .is_timed = per_ms != 0,
    };
    relation.late =
        relation.is_timed ? stream->lag + relation.elapsed - relation.frames : late_by_number(&relation);
    return relation;
}

static double cost_of_number(const struct relation *relation)
{
    if (relation->ahead <= 0) {
        return relation->ahead > -WZP_DEMUX_WINDOW ? fmin(0.5 - 0.05 * relation->ahead, 3) : IMPOSSIBLE;
    }
    bool is_in_reach = relation->ahead <= REACH + 2.5 * relation->elapsed;
    return is_in_reach ? fmin(0.05 * (relation->ahead - 1), 2) : IMPOSSIBLE;
}

/**
 * Packets are late by what the network does to them, but never earlier than the stream's schedule: that is
 * what keeps apart streams which are alike. The cost has an upper bound, since the schedule may have been set
 * during a stall.
 */
static double cost_of_arrival(const struct relation *relation)
{
    double early = -relation->late;
    return early > 0 ? 0.6 * fmin(early, 1) + fmin(fmax(early - 1, 0), 2) : fmin(0.1 * relation->late, 1.5);
}

/** The timestamp goes on by `frames`, whole ones, from the older to the newer of two packets, `distance`
 * numbers apart. */
static double cost_of_frames(double frames, int32_t distance, double most)
{
    if (frames < -1 || frames > most) {
        return 6;
    }
    return fmin(0.3 * fabs(frames - distance), 1.5) + 2 * fabs(frames - round(frames));
}

static double cost_of_timestamp(const struct relation *relation)
{
    bool is_late = relation->ahead <= 0;
    int32_t distance = is_late ? -relation->ahead : relation->ahead;
    double frames = is_late ? -relation->frames : relation->frames;
    double most = 3 + distance + (is_late ? SILENCE_FRAMES : relation->elapsed);
    if (relation->is_timed) {
        return cost_of_frames(frames, distance, most);
    }
    double as_samples = cost_of_frames(frames / 48, distance, most);
    return fmin(fmin(cost_of_frames(frames, distance, most), as_samples), 1.5);
}

static bool is_noise(const struct wzp_media_header *header)
{
    return header->codec == WZP_CODEC_COMFORT_NOISE;
}

/** Late first-generation senders, and those with sliding-window repair, leave block and index 0. */
static bool is_in_block(const struct wzp_media_header *header)
{
    return header->fec_block != 0 || header->fec_index != 0;
}

/** Numbers from one block to the next, as two packets show it; 0 where they do not. */
static int32_t block_numbers(const struct wzp_media_header *older, const struct wzp_media_header *newer)
{
    int8_t blocks = (int8_t)(newer->fec_block - older->fec_block);
    int32_t numbers = wzp_seq_ahead(newer->seq, older->seq) - (newer->fec_index - older->fec_index);
    return blocks > 0 && numbers > 0 && numbers % blocks == 0 ? numbers / blocks : 0;
}

/** `per_block`: the numbers of a block, where they are known. */
static double cost_of_block(const struct wzp_media_header *older, const struct wzp_media_header *newer,
                            int32_t per_block)
{
    if (is_noise(older) || is_noise(newer)) {
        return 0;
    }
    if (!is_in_block(older) || !is_in_block(newer)) {
        bool is_alike = (older->fec_ratio == 0) == (newer->fec_ratio == 0);
        return is_alike ? 0 : 2;
    }
    if (older->fec_block == newer->fec_block) {
        bool goes_on = newer->fec_index - older->fec_index == wzp_seq_ahead(newer->seq, older->seq);
        return goes_on ? 0 : 2;
    }
    int32_t numbers = block_numbers(older, newer);
    return numbers == 0 || (per_block != 0 && numbers != per_block) ? 2 : 0;
}

static double cost_of_codec(const struct wzp_demux_stream *stream, const struct wzp_media_header *header)
{
    double codec = !is_noise(header) && header->codec != stream->speech ? 2 : 0;
    return codec + (header->is_sealed != stream->head.is_sealed ? 4 : 0);
}

static double cost_of(const struct wzp_demux_stream *stream, const struct wzp_media_header *header,
                      wzp_us now)
{
    const struct relation relation = relate(stream, header, now);
    double number = cost_of_number(&relation);
    if (number >= IMPOSSIBLE || mark_at(stream, header->seq) != 0) {
        return IMPOSSIBLE;
    }
    double block = relation.ahead > 0 ? cost_of_block(&stream->head, header, stream->block_numbers)
                                      : cost_of_block(header, &stream->head, stream->block_numbers);
    return number + cost_of_arrival(&relation) + cost_of_timestamp(&relation) + block +
           cost_of_codec(stream, header);
}

/** The live stream that saw this very packet, or NULL. */
static struct wzp_demux_stream *find_duplicate(struct wzp_demux *demux, uint16_t seq, uint32_t mark,
                                               wzp_us now)
{
    for (size_t i = 0; i < WZP_DEMUX_STREAMS; i++) {
        struct wzp_demux_stream *stream = &demux->streams[i];
        if (is_alive(stream, now) && mark_at(stream, seq) == mark) {
            return stream;
        }
    }
    return NULL;
}

static struct wzp_demux_stream *find_cheapest(struct wzp_demux *demux, const struct wzp_media_header *header,
                                              wzp_us now)
{
    struct wzp_demux_stream *cheapest = NULL;
    double least = NEW_STREAM;
    for (size_t i = 0; i < WZP_DEMUX_STREAMS; i++) {
        struct wzp_demux_stream *stream = &demux->streams[i];
        double cost = is_alive(stream, now) ? cost_of(stream, header, now) : IMPOSSIBLE;
        if (cost < least) {
            least = cost;
            cheapest = stream;
        }
    }
    return cheapest;
}

/** A slot that is over, or the longest silent of those that hardly began. */
static struct wzp_demux_stream *find_free(struct wzp_demux *demux, wzp_us now)
{
    struct wzp_demux_stream *victim = NULL;
    for (size_t i = 0; i < WZP_DEMUX_STREAMS; i++) {
        struct wzp_demux_stream *stream = &demux->streams[i];
        if (!is_alive(stream, now)) {
            return stream;
        }
        bool may_go = stream->n_packets <= EVICT_PACKETS && now - stream->last_us >= EVICT_SILENT_US;
        if (may_go && (!victim || stream->last_us < victim->last_us)) {
            victim = stream;
        }
    }
    return victim;
}

static uint16_t frame_ms_of(const struct wzp_media_header *header)
{
    return (uint16_t)(wzp_codec_id_frame_us(header->codec) / WZP_MS);
}

static void begin(struct wzp_demux *demux, struct wzp_demux_stream *stream,
                  const struct wzp_media_header *header)
{
    demux->last_id = demux->last_id == UINT32_MAX ? 1 : demux->last_id + 1;
    *stream = (struct wzp_demux_stream){.id = demux->last_id, .newest = header->seq};
}

/** How far the timestamp goes on in a frame, from one source packet after another. */
static void learn_units(struct wzp_demux_stream *stream, const struct wzp_media_header *header)
{
    bool is_pair = (uint16_t)(header->seq - stream->head.seq) == 1 && header->codec == stream->head.codec &&
                   !header->is_repair && !stream->head.is_repair;
    uint32_t units = header->timestamp - stream->head.timestamp;
    if (is_pair && units == stream->frame_ms) {
        stream->units_per_ms = 1;
    } else if (is_pair && units == 48U * stream->frame_ms) {
        stream->units_per_ms = 48;
    }
}

/** How many numbers a block takes: what two pairs of packets agree on. */
static void learn_block(struct wzp_demux_stream *stream, const struct wzp_media_header *header)
{
    if (is_noise(&stream->head) || is_noise(header) || header->fec_block == stream->head.fec_block) {
        return;
    }
    int32_t numbers = block_numbers(&stream->head, header);
    stream->block_numbers = numbers == stream->block_guess ? numbers : 0;
    stream->block_guess = numbers;
}

/** The schedule is that of the earliest packets; it follows slowly where all come late. */
static void learn_lag(struct wzp_demux_stream *stream, const struct wzp_media_header *header, wzp_us now)
{
    const struct relation relation = relate(stream, header, now);
    stream->lag = relation.is_timed ? fmax(0.98 * relation.late, 0) : 0;
}

static void note(struct wzp_demux_stream *stream, const struct wzp_media_header *header, uint32_t mark,
                 wzp_us now)
{
    int32_t ahead = wzp_seq_ahead(header->seq, stream->newest);
    for (int32_t i = 1; i <= ahead && i <= WZP_DEMUX_WINDOW; i++) {
        stream->marks[(uint16_t)(stream->newest + i) % WZP_DEMUX_WINDOW] = 0;
    }
    stream->marks[header->seq % WZP_DEMUX_WINDOW] = mark;
    stream->last_us = now;
    if (ahead < 0) {
        stream->n_packets++;
        return;
    }
    if (!is_noise(header) || stream->n_packets == 0) {
        stream->speech = header->codec;
        stream->frame_ms = frame_ms_of(header);
    }
    if (stream->n_packets > 0) {
        learn_lag(stream, header, now);
        learn_units(stream, header);
        learn_block(stream, header);
    }
    stream->head = *header;
    stream->newest = header->seq;
    stream->newest_us = now;
    stream->n_packets++;
}

static struct wzp_demux_place place_of(const struct wzp_demux *demux, const struct wzp_demux_stream *stream)
{
    return (struct wzp_demux_place){.id = stream->id, .slot = (uint8_t)(stream - demux->streams)};
}

enum wzp_err wzp_demux_feed(struct wzp_demux *demux, const struct wzp_media_packet *packet, wzp_us now,
                            struct wzp_demux_place *out_place)
{
    const struct wzp_media_header *header = &packet->header;
    uint32_t mark = mark_of(packet);
    const struct wzp_demux_stream *known = find_duplicate(demux, header->seq, mark, now);
    if (known) {
        *out_place = place_of(demux, known);
        out_place->is_duplicate = true;
        return WZP_OK;
    }
    struct wzp_demux_stream *stream = find_cheapest(demux, header, now);
    bool is_new = !stream;
    if (is_new) {
        stream = find_free(demux, now);
        if (!stream) {
            return WZP_ELIMIT;
        }
        begin(demux, stream, header);
    }
    note(stream, header, mark, now);
    *out_place = place_of(demux, stream);
    out_place->is_new = is_new;
    return WZP_OK;
}
