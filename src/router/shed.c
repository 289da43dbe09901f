/* SPDX-License-Identifier: Apache-2.0 */
/*
 *             fits (the loudest first), or is WZP_SPEAKERS_LEAD louder than one of some tenure, or that is
 * silent WAITING ─────────────────────────────────────────────────────────────────────────────────────────▶
 * LET ▲                                                                                              │
 *      └────────────────── too much for the budget and the quietest, or its place is taken ───────────┘
 *
 * Nobody comes back within WZP_SPEAKERS_PAUSE of its last packet, so that the receiver sees a new talk spurt
 * and no loss. Every WZP_SHED_CHOOSE there is one choice, for as many as have to go, and for one that may
 * come.
 */
#include "router/shed.h"

#include <stdlib.h>

#include "router/speakers.h"

#define RATE_WINDOW      (500 * WZP_MS)
#define FIRST_PER_SECOND 50 /* packets that a new stream is taken to send */
#define LEAD             (WZP_SPEAKERS_LEAD * WZP_VOICE_UNITS_PER_DB)

struct stream {
    uint16_t number; /* 0: free */
    uint16_t loudness;
    bool is_let;
    uint32_t rate;                /* bytes a second, repairs included */
    uint32_t repair_rate;         /* those alone */
    uint32_t bytes, repair_bytes; /* since `counted_at` */
    wzp_us counted_at, heard_at;
    wzp_us let_at;  /* the beginning of its tenure */
    wzp_us sent_at; /* its last packet that was let through */
};

struct wzp_shed {
    uint32_t budget;
    bool is_lean; /* repairs are dropped */
    bool is_sorting;
    wzp_us choose_at;
    size_t n; /* streams in use end here */
    struct stream streams[WZP_SHED_STREAMS];
};

enum wzp_err wzp_shed_new(uint32_t bytes_per_second, wzp_us now, struct wzp_shed **out_shed)
{
    struct wzp_shed *shed = calloc(1, sizeof *shed);
    if (!shed) {
        return WZP_ENOMEM;
    }
    shed->budget = bytes_per_second;
    shed->is_sorting = true;
    shed->choose_at = now + WZP_SHED_SORT;
    *out_shed = shed;
    return WZP_OK;
}

void wzp_shed_free(struct wzp_shed *shed)
{
    free(shed);
}

void wzp_shed_set_budget(struct wzp_shed *shed, uint32_t bytes_per_second, wzp_us now)
{
    shed->budget = bytes_per_second;
    if (!shed->is_sorting) {
        shed->choose_at = now;
    }
}

/* What a stream takes of the line. */

static uint32_t share(const struct wzp_shed *shed, const struct stream *stream)
{
    return shed->is_lean && stream->rate > stream->repair_rate ? stream->rate - stream->repair_rate
                                                               : stream->rate;
}

static uint32_t per_second(uint32_t bytes, wzp_us passed)
{
    return (uint32_t)((int64_t)bytes * WZP_SECOND / passed);
}

static void count(struct stream *stream, const struct wzp_shed_packet *packet, wzp_us now)
{
    uint32_t bytes = (uint32_t)packet->size + WZP_SHED_OVERHEAD_BYTES;
    wzp_us passed = now - stream->counted_at;
    if (passed >= RATE_WINDOW) {
        stream->rate = (stream->rate + per_second(stream->bytes, passed)) / 2;
        stream->repair_rate = (stream->repair_rate + per_second(stream->repair_bytes, passed)) / 2;
        stream->bytes = stream->repair_bytes = 0;
        stream->counted_at = now;
    }
    stream->bytes += bytes;
    stream->repair_bytes += packet->is_repair ? bytes : 0;
    stream->loudness = packet->loudness;
    stream->heard_at = now;
}

static struct stream *add(struct wzp_shed *shed, const struct wzp_shed_packet *packet, wzp_us now)
{
    struct stream *stream = NULL;
    for (size_t i = 0; i < shed->n && !stream; i++) {
        if (now - shed->streams[i].heard_at >= WZP_SHED_FORGET) {
            stream = &shed->streams[i];
        }
    }
    if (!stream && shed->n < WZP_SHED_STREAMS) {
        stream = &shed->streams[shed->n++];
    }
    if (stream) {
        *stream = (struct stream){
            .number = packet->number,
            .is_let = shed->is_sorting,
            .rate = ((uint32_t)packet->size + WZP_SHED_OVERHEAD_BYTES) * FIRST_PER_SECOND,
            .counted_at = now,
            .let_at = now - WZP_SHED_TENURE, /* nobody has earned it yet */
            .sent_at = now - WZP_SPEAKERS_PAUSE,
        };
    }
    return stream;
}

static struct stream *find(struct wzp_shed *shed, uint16_t number)
{
    for (size_t i = 0; i < shed->n; i++) {
        if (shed->streams[i].number == number) {
            return &shed->streams[i];
        }
    }
    return NULL;
}

/* The choice. */

static bool is_resting(const struct stream *stream, wzp_us now)
{
    return now - stream->heard_at >= WZP_SHED_REST;
}

static uint64_t taken(const struct wzp_shed *shed)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < shed->n; i++) {
        sum += shed->streams[i].is_let ? share(shed, &shed->streams[i]) : 0;
    }
    return sum;
}

/* How loud a stream counts as against others that are let through: who came last goes first among voices
 * that are about as loud. */
static int standing(const struct stream *stream, wzp_us now)
{
    bool is_settled = stream->loudness > 0 && now - stream->let_at >= WZP_SHED_SETTLED;
    return stream->loudness + (is_settled ? LEAD : 0);
}

/* The quietest that is let through; NULL where nobody is. `out_n` is how many are. */
static struct stream *quietest(struct wzp_shed *shed, wzp_us now, size_t *out_n)
{
    struct stream *least = NULL;
    *out_n = 0;
    for (size_t i = 0; i < shed->n; i++) {
        struct stream *stream = &shed->streams[i];
        if (stream->is_let) {
            ++*out_n;
            least = !least || standing(stream, now) < standing(least, now) ? stream : least;
        }
    }
    return least;
}

/* The loudest of those who wait; NULL where nobody does. */
static const struct stream *next_waiting(const struct wzp_shed *shed, wzp_us now)
{
    const struct stream *most = NULL;
    for (size_t i = 0; i < shed->n; i++) {
        const struct stream *stream = &shed->streams[i];
        if (!stream->is_let && !is_resting(stream, now) && (!most || stream->loudness > most->loudness)) {
            most = stream;
        }
    }
    return most;
}

static void let_rest(struct wzp_shed *shed, wzp_us now)
{
    for (size_t i = 0; i < shed->n; i++) {
        if (is_resting(&shed->streams[i], now)) {
            shed->streams[i].is_let = false;
        }
    }
}

/* Rates of speech go up and down a little: nobody goes for that. */
static bool is_too_much(const struct wzp_shed *shed)
{
    return taken(shed) > (uint64_t)shed->budget + shed->budget / 8;
}

/* The quietest go until the others fit; the last one only gives up its repairs. */
static void make_fit(struct wzp_shed *shed, wzp_us now)
{
    size_t n = 0;
    shed->is_lean = false;
    struct stream *least;
    while ((least = quietest(shed, now, &n)) && n > 1 && is_too_much(shed)) {
        least->is_let = false;
    }
    shed->is_lean = n == 1 && is_too_much(shed);
}

static bool may_displace(const struct stream *voice, const struct stream *other, wzp_us now)
{
    if (voice->loudness == 0) {
        return false;
    }
    return other->loudness == 0 ||
           (now - other->let_at >= WZP_SHED_TENURE && voice->loudness >= other->loudness + LEAD);
}

/* One that waits comes in where it fits, alone or in place of the quietest. */
static void let_one_in(struct wzp_shed *shed, wzp_us now)
{
    struct stream *voice = (struct stream *)next_waiting(shed, now);
    if (!voice || now - voice->sent_at < WZP_SPEAKERS_PAUSE) {
        return;
    }
    size_t n = 0;
    struct stream *least = quietest(shed, now, &n);
    uint64_t with = taken(shed) + voice->rate;
    if (n > 0 && with > shed->budget) {
        bool fits = n == 1 || with - least->rate <= shed->budget;
        if (!fits || !may_displace(voice, least, now)) {
            return;
        }
        least->is_let = false;
    }
    voice->is_let = true;
    voice->let_at = now;
}

static void choose(struct wzp_shed *shed, wzp_us now)
{
    shed->is_sorting = false;
    shed->choose_at = now + WZP_SHED_CHOOSE;
    let_rest(shed, now);
    make_fit(shed, now);
    let_one_in(shed, now);
}

enum wzp_shed_verdict wzp_shed_ask(struct wzp_shed *shed, const struct wzp_shed_packet *packet, wzp_us now)
{
    struct stream *stream = find(shed, packet->number);
    if (!stream) {
        stream = add(shed, packet, now);
    }
    if (stream) {
        count(stream, packet, now);
    }
    if (now >= shed->choose_at) {
        choose(shed, now);
    }
    if (!stream || !stream->is_let) {
        return WZP_SHED_SPEAKER;
    }
    stream->sent_at = now;
    return shed->is_lean && packet->is_repair ? WZP_SHED_REDUNDANCY : WZP_SHED_LET;
}

uint32_t wzp_shed_wanted(const struct wzp_shed *shed, wzp_us now)
{
    const struct stream *next = next_waiting(shed, now);
    if (!next && !shed->is_lean) {
        return 0;
    }
    uint64_t sum = next && !shed->is_lean ? next->rate : 0; /* the repairs of the last one come back first */
    for (size_t i = 0; i < shed->n; i++) {
        sum += shed->streams[i].is_let ? shed->streams[i].rate : 0;
    }
    return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}
