/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One small operation of the media or signal path, many times over, for callgrind to count instructions of:
 *
 *     bench_micro NAME TIMES
 *
 * Start-up costs the same however often the operation runs, so the difference of two runs is the operation's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/packet.h"
#include "proto/media.h"
#include "proto/signal.h"
#include "router/router.h"

#define PACKET_BYTES 72 /* of Opus at 24 kbit/s, with its header */
#define MAX_MEMBERS  50

/** What operations report back, so that no compiler leaves them out. */
struct tally {
    uint64_t sum;
};

static void make_packet(uint8_t bytes[static PACKET_BYTES], size_t i)
{
    memset(bytes, 0x5a, PACKET_BYTES);
    const struct wzp_media_packet packet = {
        .header = {.codec = WZP_CODEC_OPUS_24K, .fec_ratio = 13, .seq = (uint16_t)i},
        .payload = bytes + WZP_MEDIA_HEADER_BYTES,
        .payload_size = PACKET_BYTES - WZP_MEDIA_HEADER_BYTES,
    };
    uint8_t out[PACKET_BYTES];
    size_t size;
    if (wzp_media_write(&packet, out, sizeof out, &size) != WZP_OK) {
        abort();
    }
    memcpy(bytes, out, size);
}

/* What a relay does with a header: is it good, whose turn is it, and the stream number into it. */
static void header_peek(struct tally *tally, size_t times)
{
    uint8_t bytes[PACKET_BYTES];
    make_packet(bytes, 7);
    for (size_t i = 0; i < times; i++) {
        bytes[3] = (uint8_t)i;
        if (wzp_media_is_valid(bytes, sizeof bytes)) {
            tally->sum += wzp_media_seq(bytes) + wzp_media_codec(bytes) + wzp_media_is_repair(bytes);
            wzp_media_stamp_stream(bytes, (uint16_t)i);
        }
    }
}

static void header_read(struct tally *tally, size_t times)
{
    uint8_t bytes[PACKET_BYTES];
    make_packet(bytes, 7);
    for (size_t i = 0; i < times; i++) {
        struct wzp_media_packet packet;
        bytes[3] = (uint8_t)i;
        if (wzp_media_read(bytes, sizeof bytes, &packet) == WZP_OK) {
            tally->sum += packet.header.seq + packet.payload_size;
        }
    }
}

static void take_packet(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size)
{
    (void)user;
    struct tally *tally = context;
    tally->sum += packet->bytes[offset] + size;
}

static void take_signal(void *context, void *user, const struct wzp_signal *signal, uint64_t replace_key)
{
    (void)context, (void)user, (void)signal, (void)replace_key;
}

static void take_signals(void *context, void *const *users, size_t n_users, const struct wzp_signal *signal,
                         uint64_t replace_key)
{
    (void)context, (void)users, (void)n_users, (void)signal, (void)replace_key;
}

static void take_member(void *context, void *user)
{
    (void)context, (void)user;
}

static void take_event(void *context, const struct wzp_router_event *event)
{
    (void)context, (void)event;
}

static void join_all(struct wzp_router *router, size_t n_members, struct wzp_member **out_members)
{
    for (size_t i = 0; i < n_members; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%zu", i);
        const struct wzp_join join = {
            .room = "bench", .fingerprint = name, .version = 2, .user = &out_members[i]};
        if (wzp_router_join(router, &join, 0, &out_members[i]) != WZP_OK) {
            abort();
        }
    }
}

/* One packet of each member in turn: copied in, stamped, handed to all others. */
static void fan_out(struct tally *tally, size_t times, size_t n_members)
{
    struct wzp_packet_pool *pool;
    struct wzp_router *router;
    struct wzp_member *members[MAX_MEMBERS];
    const struct wzp_router_out out = {.context = tally,
                                       .to_members = take_signals,
                                       .to_link = take_signal,
                                       .media_to_member = take_packet,
                                       .media_to_link = take_packet,
                                       .member_replaced = take_member,
                                       .event = take_event};
    struct wzp_random_seeded seeded;
    const struct wzp_random random = wzp_random_from_seed(&seeded, 1);
    if (wzp_packet_pool_new(64, &pool) != WZP_OK) {
        abort();
    }
    const struct wzp_router_config config = {.label = "bench", .random = &random, .pool = pool, .out = &out};
    if (wzp_router_new(&config, &router) != WZP_OK) {
        abort();
    }
    join_all(router, n_members, members);
    uint8_t bytes[PACKET_BYTES];
    make_packet(bytes, 0);
    for (size_t i = 0; i < times; i++) {
        struct wzp_packet *packet;
        wzp_us now = (wzp_us)i * 20 * WZP_MS / (wzp_us)n_members;
        bytes[3] = (uint8_t)i;
        if (wzp_packet_new(pool, bytes, sizeof bytes, &packet) != WZP_OK) {
            abort();
        }
        wzp_router_media_in(router, members[i % n_members], packet, now);
        wzp_packet_unref(packet);
    }
    wzp_router_free(router);
    wzp_packet_pool_free(pool);
}

static void fan_out_2(struct tally *tally, size_t times)
{
    fan_out(tally, times, 2);
}

static void fan_out_10(struct tally *tally, size_t times)
{
    fan_out(tally, times, 10);
}

static void fan_out_50(struct tally *tally, size_t times)
{
    fan_out(tally, times, 50);
}

static const char room_update[] = "{\"RoomUpdate\":{\"count\":3,\"participants\":["
                                  "{\"fingerprint\":\"1e45:cdae:07c3:9700:427d:05eb:b9da:2a71\",\"alias\":"
                                  "\"alice\",\"relay_label\":null,\"stream\":1},"
                                  "{\"fingerprint\":\"9983:c2ce:87f9:61b7:7931:d7c1:fd7f:864c\",\"alias\":"
                                  "null,\"relay_label\":null,\"stream\":2},"
                                  "{\"fingerprint\":\"6871:1211:0e91:ecb3:09f6:6f51:d257:ccaa\",\"alias\":"
                                  "\"bob\",\"relay_label\":null,\"stream\":3}],"
                                  "\"room\":\"podcast\",\"rev\":7}}";

static void signal_read(struct tally *tally, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        struct wzp_signal signal;
        if (wzp_signal_read(room_update, sizeof room_update - 1, &signal) != WZP_OK) {
            abort();
        }
        tally->sum += signal.room_update.participants.n;
        wzp_signal_deinit(&signal);
    }
}

static const struct {
    const char *name;
    void (*run)(struct tally *tally, size_t times);
} operations[] = {
    {"header_peek", header_peek}, {"header_read", header_read}, {"fan_out_2", fan_out_2},
    {"fan_out_10", fan_out_10},   {"fan_out_50", fan_out_50},   {"signal_read", signal_read},
};

int main(int argc, char **argv)
{
    struct tally tally = {0};
    for (size_t i = 0; argc == 3 && i < wzp_count(operations); i++) {
        if (strcmp(argv[1], operations[i].name) == 0) {
            operations[i].run(&tally, strtoul(argv[2], NULL, 10));
            printf("%llu\n", (unsigned long long)tally.sum);
            return 0;
        }
    }
    fprintf(stderr, "usage: bench_micro NAME TIMES, with NAME one of");
    for (size_t i = 0; i < wzp_count(operations); i++) {
        fprintf(stderr, " %s", operations[i].name);
    }
    fprintf(stderr, "\n");
    return 2;
}
