/* SPDX-License-Identifier: Apache-2.0 */
/* Rooms behind a first-generation relay, in virtual time: speakers send, the network mistreats, and each
 * packet must come out in the stream of its speaker. */
#include <stdlib.h>

#include "base/random.h"
#include "proto/demux.h"
#include "support/wzp_test.h"

#define MAX_SPEAKERS 8
#define MAX_ARRIVALS 60000
#define PAYLOAD      24

struct speaker {
    uint16_t first_seq;
    uint32_t first_timestamp;
    uint16_t units_per_ms; /* of the timestamp */
    enum wzp_codec_id codec;
    uint8_t block;     /* source packets of an FEC block; 0: block and index stay 0 */
    uint8_t n_repairs; /* of a block; without blocks, one repair every so many packets, or none */
    wzp_us start_us;
    bool is_suppressing; /* half of the time silent: comfort noise every tenth frame */
};

struct network {
    double loss, duplicates;
    wzp_us jitter_us;
    bool is_swapping; /* neighbours of each speaker change places */
    bool is_stalling; /* every two seconds nothing moves for 300 ms */
};

struct scenario {
    const char *name;
    struct speaker speakers[MAX_SPEAKERS];
    size_t n_speakers;
    struct network network;
    double seconds;
    double most_wrong; /* share of packets in a stream of another speaker, or beside the speaker's own */
};

struct arrival {
    wzp_us at_us;
    size_t order;
    size_t speaker;
    struct wzp_media_header header;
    uint8_t payload[PAYLOAD];
};

struct room {
    struct arrival *arrivals;
    size_t n_arrivals;
    struct wzp_random_seeded seeded;
    struct wzp_random random;
};

static void deliver(struct room *room, const struct network *network, struct arrival arrival)
{
    if (wzp_random_unit(&room->random) < network->loss) {
        return;
    }
    int copies = wzp_random_unit(&room->random) < network->duplicates ? 2 : 1;
    for (int i = 0; i < copies; i++) {
        wzp_us jitter = network->jitter_us;
        struct arrival *copy = &room->arrivals[room->n_arrivals];
        assert_true(room->n_arrivals < MAX_ARRIVALS);
        *copy = arrival;
        copy->at_us += jitter > 0 ? (wzp_us)wzp_random_below(&room->random, (uint64_t)jitter) : 0;
        copy->order = room->n_arrivals++;
    }
}

/** One packet of a speaker, at its place in its sequence. */
static void send(struct room *room, const struct scenario *scenario, struct arrival *next)
{
    struct arrival arrival = *next;
    room->random.fill(room->random.context, arrival.payload, PAYLOAD);
    if (scenario->network.is_swapping) { /* 0 1 2 3 arrive as 1 0 3 2 */
        wzp_us frame = wzp_codec_id_frame_us(arrival.header.codec);
        arrival.at_us += arrival.header.seq % 2 == 0 ? 2 * frame : 0;
    }
    if (scenario->network.is_stalling && arrival.at_us % (2 * WZP_SECOND) < 300 * WZP_MS) {
        arrival.at_us += 300 * WZP_MS - arrival.at_us % (2 * WZP_SECOND);
    }
    deliver(room, &scenario->network, arrival);
    next->header.seq++;
}

static void send_repairs(struct room *room, const struct scenario *scenario, const struct speaker *speaker,
                         size_t i, struct arrival *next)
{
    struct wzp_media_header *header = &next->header;
    header->is_repair = true;
    if (speaker->block == 0 && speaker->n_repairs > 0 && i % speaker->n_repairs == 0) {
        send(room, scenario, next);
    }
    if (speaker->block > 0 && header->fec_index >= speaker->block) {
        for (uint8_t repair = 0; repair < speaker->n_repairs; repair++) {
            send(room, scenario, next);
            header->fec_index++;
        }
        header->fec_index = 0;
        header->fec_block++;
    }
    header->is_repair = false;
}

static void send_noise(struct room *room, const struct scenario *scenario, struct arrival *next)
{
    struct arrival noise = *next;
    noise.header.codec = WZP_CODEC_COMFORT_NOISE;
    noise.header.fec_ratio = 0;
    noise.header.fec_index = 0;
    send(room, scenario, &noise);
    next->header.seq = noise.header.seq;
}

static void speak(struct room *room, const struct scenario *scenario, size_t who)
{
    const struct speaker *speaker = &scenario->speakers[who];
    const wzp_us frame = wzp_codec_id_frame_us(speaker->codec);
    struct arrival next = {.speaker = who, .at_us = speaker->start_us};
    next.header.codec = speaker->codec;
    next.header.seq = speaker->first_seq;
    next.header.timestamp = speaker->first_timestamp;
    next.header.fec_ratio = speaker->n_repairs > 0 ? 13 : 0;
    for (size_t i = 0; (double)next.at_us < scenario->seconds * 1e6; i++) {
        bool is_silent = speaker->is_suppressing && i / 100 % 2 == 1;
        if (is_silent && i % 10 == 0) {
            send_noise(room, scenario, &next);
        } else if (!is_silent) {
            send(room, scenario, &next);
            next.header.fec_index = (uint8_t)(next.header.fec_index + (speaker->block > 0));
        }
        next.header.timestamp += (uint32_t)(frame / WZP_MS * speaker->units_per_ms);
        send_repairs(room, scenario, speaker, i, &next);
        next.at_us += frame;
    }
}

static int by_arrival(const void *a, const void *b)
{
    const struct arrival *x = a;
    const struct arrival *y = b;
    if (x->at_us != y->at_us) {
        return x->at_us < y->at_us ? -1 : 1;
    }
    return x->order < y->order ? -1 : 1;
}

static struct wzp_media_packet packet_of(const struct arrival *arrival)
{
    return (struct wzp_media_packet){
        .header = arrival->header, .payload = arrival->payload, .payload_size = PAYLOAD};
}

/** Which stream most packets of each speaker went to. */
struct tally {
    size_t n_packets[MAX_SPEAKERS][64]; /* by speaker and stream */
    size_t n_streams;
    uint32_t ids[64];
};

static size_t stream_index(struct tally *tally, uint32_t id)
{
    for (size_t i = 0; i < tally->n_streams; i++) {
        if (tally->ids[i] == id) {
            return i;
        }
    }
    if (tally->n_streams == 64) {
        return 63;
    }
    tally->ids[tally->n_streams] = id;
    return tally->n_streams++;
}

static size_t count_wrong(const struct tally *tally, size_t n_speakers)
{
    size_t n_wrong = 0;
    bool is_taken[64] = {false};
    for (size_t who = 0; who < n_speakers; who++) {
        size_t own = 0;
        size_t n_all = 0;
        for (size_t i = 0; i < tally->n_streams; i++) {
            n_all += tally->n_packets[who][i];
            own = tally->n_packets[who][i] > tally->n_packets[who][own] ? i : own;
        }
        n_wrong += is_taken[own] ? n_all : n_all - tally->n_packets[who][own];
        is_taken[own] = true;
    }
    return n_wrong;
}

static double share_wrong(const struct scenario *scenario, uint64_t seed)
{
    struct room room = {.arrivals = calloc(MAX_ARRIVALS, sizeof *room.arrivals)};
    struct wzp_demux *demux = calloc(1, sizeof *demux);
    struct tally tally = {0};
    assert_non_null(room.arrivals);
    assert_non_null(demux);
    room.random = wzp_random_from_seed(&room.seeded, seed);
    for (size_t who = 0; who < scenario->n_speakers; who++) {
        speak(&room, scenario, who);
    }
    qsort(room.arrivals, room.n_arrivals, sizeof *room.arrivals, by_arrival);
    for (size_t i = 0; i < room.n_arrivals; i++) {
        const struct wzp_media_packet packet = packet_of(&room.arrivals[i]);
        struct wzp_demux_place place;
        assert_ok(wzp_demux_feed(demux, &packet, room.arrivals[i].at_us, &place));
        tally.n_packets[room.arrivals[i].speaker][stream_index(&tally, place.id)]++;
    }
    size_t n_wrong = count_wrong(&tally, scenario->n_speakers);
    print_message("# %s: %zu of %zu packets wrong, %zu streams (seed %llu)\n", scenario->name, n_wrong,
                  room.n_arrivals, tally.n_streams, (unsigned long long)seed);
    double share = (double)n_wrong / (double)room.n_arrivals;
    free(room.arrivals);
    free(demux);
    return share;
}

#define GOOD(seq, timestamp, units, start)                                                                   \
    {                                                                                                        \
        (seq), (timestamp), (units), WZP_CODEC_OPUS_24K, 5, 1, (start)*WZP_MS, false                         \
    }
#define LATE(seq, timestamp, start)                                                                          \
    {                                                                                                        \
        (seq), (timestamp), 1, WZP_CODEC_OPUS_24K, 0, 0, (start)*WZP_MS, false                               \
    }
#define NETWORK(loss, duplicates, jitter_us, is_swapping, is_stalling)                                       \
    {                                                                                                        \
        (loss), (duplicates), (jitter_us), (is_swapping), (is_stalling)                                      \
    }
#define CLEAN    NETWORK(0, 0, 0, false, false)
#define LOSSY    NETWORK(0.10, 0, 0, false, false)
#define BAD      NETWORK(0.10, 0.05, 45 * WZP_MS, false, false)
#define TERRIBLE NETWORK(0.30, 0.05, 100 * WZP_MS, false, true)
#define SWAPPED  NETWORK(0, 1, 0, true, false)
#define STALLING NETWORK(0.02, 0, 5 * WZP_MS, false, true)

static const struct scenario scenarios[] = {
    {"one speaker", {GOOD(65000, 0, 1, 0)}, 1, CLEAN, 60, 0},
    {"one speaker, bad network", {GOOD(65000, 0, 1, 0)}, 1, BAD, 60, 0},
    {"one speaker, swapped pairs, all twice", {GOOD(7, 0, 1, 0)}, 1, SWAPPED, 60, 0},
    {"one speaker of samples", {GOOD(7, 0, 48, 0)}, 1, BAD, 60, 0},
    {"one speaker whose timestamp counts microseconds", {GOOD(7, 0, 1000, 0)}, 1, BAD, 60, 0},
    {"one late G1 speaker", {LATE(0, 0, 0)}, 1, BAD, 60, 0},
    {"one at full repair", {{9, 0, 1, WZP_CODEC_CODEC2_1200, 8, 8, 0, false}}, 1, BAD, 60, 0},
    {"one degraded", {{9, 0, 1, WZP_CODEC_OPUS_6K, 10, 5, 0, false}}, 1, BAD, 60, 0},
    {"one that suppresses silence", {{9, 0, 1, WZP_CODEC_OPUS_24K, 5, 1, 0, true}}, 1, BAD, 60, 0},
    {"one speaker, terrible network", {GOOD(65000, 0, 1, 0)}, 1, TERRIBLE, 60, 0},
    {"one late G1 speaker, terrible network", {LATE(65000, 0, 0)}, 1, TERRIBLE, 60, 0},
    {"one speaker, stalling network", {GOOD(65000, 0, 1, 0)}, 1, STALLING, 60, 0},
    {"one at full repair, stalling network",
     {{9, 0, 1, WZP_CODEC_CODEC2_1200, 8, 8, 0, false}},
     1,
     STALLING,
     60,
     0},
    {"two, stalling network", {GOOD(1000, 0, 1, 0), GOOD(40000, 0, 1, 3)}, 2, STALLING, 60, 0},
    {"two that suppress silence, 40 apart",
     {{1000, 0, 1, WZP_CODEC_OPUS_24K, 5, 1, 0, true}, {1040, 0, 1, WZP_CODEC_OPUS_24K, 5, 1, 1007000, true}},
     2,
     BAD,
     60,
     0.02},
    {"two, 3 apart, stalling network", {GOOD(1000, 0, 1, 0), GOOD(1003, 0, 1, 7)}, 2, STALLING, 60, 0.02},
    {"one with sliding-window repair", {{9, 7, 1, WZP_CODEC_OPUS_24K, 0, 5, 0, false}}, 1, TERRIBLE, 60, 0},
    {"two far apart", {GOOD(1000, 0, 1, 0), GOOD(40000, 0, 1, 3)}, 2, CLEAN, 60, 0},
    {"two far apart, bad network", {GOOD(1000, 0, 1, 0), GOOD(40000, 0, 1, 3)}, 2, BAD, 60, 0},
    {"two in one tick", {GOOD(1000, 0, 1, 0), GOOD(40000, 0, 1, 0)}, 2, CLEAN, 60, 0},
    {"two, swapped pairs, all twice", {GOOD(1000, 0, 1, 0), GOOD(40000, 0, 1, 3)}, 2, SWAPPED, 60, 0},
    {"two, 10 numbers apart, started at once",
     {GOOD(1000, 0, 1, 0), GOOD(1010, 0, 1, 7)},
     2,
     CLEAN,
     60,
     0.01},
    {"two, 3 apart, bad network", {GOOD(1000, 0, 1, 0), GOOD(1003, 0, 1, 7)}, 2, BAD, 60, 0.02},
    {"two, 3 apart, one of samples", {GOOD(1000, 0, 1, 0), GOOD(1003, 0, 48, 7)}, 2, BAD, 60, 0.02},
    {"two late G1, 3 apart", {LATE(1000, 0, 0), LATE(1003, 0, 107)}, 2, CLEAN, 60, 0.01},
    {"two late G1, 3 apart, bad network", {LATE(1000, 0, 0), LATE(1003, 0, 107)}, 2, BAD, 60, 0.02},
    {"two late G1 from 0, one 100 ms later", {LATE(0, 0, 0), LATE(0, 0, 107)}, 2, BAD, 60, 0.02},
    {"two G1 from 0, one a second later", {GOOD(0, 0, 1, 0), GOOD(0, 0, 1, 1007)}, 2, BAD, 60, 0.01},
    {"two alike in all but arrival", {LATE(0, 0, 0), LATE(0, 0, 8)}, 2, CLEAN, 60, 0.01},
    {"two alike in all but arrival, loss", {LATE(0, 0, 0), LATE(0, 0, 8)}, 2, LOSSY, 60, 0.01},
    {"eight",
     {GOOD(0, 0, 1, 0), GOOD(0, 0, 48, 500), LATE(0, 0, 900), GOOD(70, 0, 1, 1100), GOOD(30000, 0, 1, 5),
      LATE(30090, 9, 11), GOOD(65530, 0, 1, 17), GOOD(65500, 0, 1, 2000)},
     8,
     BAD,
     30,
     0.01},
};

static void every_packet_finds_its_speaker(void **state)
{
    (void)state;
    double worst[wzp_count(scenarios)] = {0};
    for (size_t i = 0; i < wzp_count(scenarios); i++) {
        for (uint64_t seed = 1; seed <= 5; seed++) {
            double share = share_wrong(&scenarios[i], seed);
            worst[i] = share > worst[i] ? share : worst[i];
        }
    }
    for (size_t i = 0; i < wzp_count(scenarios); i++) {
        if (worst[i] > scenarios[i].most_wrong) {
            fail_msg("%s: %.2f %% wrong, %.2f %% allowed", scenarios[i].name, 100 * worst[i],
                     100 * scenarios[i].most_wrong);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_packet_finds_its_speaker)};
    return cmocka_run_group_tests_name("proto_demux_rooms", tests, NULL, NULL);
}
