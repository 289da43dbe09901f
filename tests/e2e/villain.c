/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A relay that misbehaves as fast as it can, on our own QUIC: for the end-to-end tests, not installed.
 *
 *   villain MODE HOST:PORT [--seed HEX] [--seconds S] [--count N] [--pace P] [--names PREFIX] [--names-count
 * K]
 *                     [--people P] [--uni] [--again]
 *
 * announce     N announcements, at most P a second: room i is PREFIX<i mod K>, by origin i / K (its own
 * first) flood        datagrams of the room PREFIX0, each of an origin never heard of never-reads  a member
 * in PREFIX0, and then the process does nothing any more garbage      datagrams and signals that are none
 *
 * --uni sends signals on unidirectional streams, which are for nothing; --again dials again when it is thrown
 * out. At its end it prints one line of JSON.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "crypto/identity.h"
#include "crypto/room_id.h"
#include "fed_peer.h"
#include "proto/fedtag.h"
#include "proto/media.h"
#include "proto/room_name.h"
#include "proto/signal.h"

#define STEP           (1 * WZP_MS)
#define WAITING_MAX    1024 /* signals that wait for stream credit */
#define AT_ONCE        256  /* signals or datagrams a step */
#define MESSAGE_BYTES  65536
#define DATAGRAM_BYTES 200
#define POOL_PACKETS   8192
#define DIAL_AGAIN     (50 * WZP_MS)

enum mode { MODE_ANNOUNCE, MODE_FLOOD, MODE_NEVER_READS, MODE_GARBAGE, N_MODES };

struct options {
    enum mode mode;
    const char *address;
    uint8_t seed[WZP_SEED_BYTES];
    double seconds;
    uint64_t count, pace, n_names, n_people;
    const char *names;
    bool uses_uni, dials_again;
};

struct villain {
    struct options options;
    struct fed_peer peer;
    struct wzp_random_seeded seeded;
    struct wzp_random random;
    struct wzp_loop *loop;
    struct wzp_timer *timer;
    struct wzp_conn *conn; /* NULL: none; open or not */
    bool is_open;
    bool has_ended;
    wzp_us began_at, open_at, dial_at;
    uint64_t n_signals, n_datagrams, n_links, n_closed;
    uint64_t sent_here; /* signals by the present link */
    char reason[WZP_QUIC_REASON_BYTES];
    char message[MESSAGE_BYTES];
};

/* --- what it says --- */

static void send_text(struct villain *v, size_t size)
{
    enum wzp_err err;
    if (v->options.uses_uni) {
        err = wzp_conn_send_uni(v->conn, v->message, size);
    } else {
        err = wzp_conn_send_message(v->conn, v->message, size, 0);
    }
    v->n_signals += err == WZP_OK;
    v->sent_here += err == WZP_OK;
}

static void announce(struct villain *v, uint64_t i)
{
    char name[WZP_ROOM_NAME_BYTES];
    wzp_ignore(snprintf(name, sizeof name, "%s%llu", v->options.names,
                        (unsigned long long)(i % v->options.n_names)));
    const struct fed_peer_room room = {
        .name = name, .origin = i / v->options.n_names, .id = i, .n_people = v->options.n_people};
    send_text(v, fed_peer_write_room(&v->peer, &room, v->message, sizeof v->message));
}

/* A media packet of the room PREFIX0, of an origin never heard of. */
static void send_media(struct villain *v, wzp_us now)
{
    uint8_t bytes[DATAGRAM_BYTES];
    char room[WZP_ROOM_NAME_BYTES];
    struct wzp_fedtag tag = {.hops = WZP_FEDTAG_MAX_HOPS};
    wzp_ignore(snprintf(room, sizeof room, "%s0", v->options.names));
    wzp_room_id_tag(room, tag.room);
    v->random.fill(v->random.context, tag.origin, sizeof tag.origin);
    wzp_fedtag_g2_write(&tag, bytes);
    const struct wzp_media_packet media = {
        .header = {.seq = (uint16_t)v->n_datagrams, .stream = 1}, .payload = bytes, .payload_size = 60};
    size_t size = 0;
    wzp_ignore(
        wzp_media_write(&media, bytes + WZP_FEDTAG_G2_BYTES, sizeof bytes - WZP_FEDTAG_G2_BYTES, &size));
    v->n_datagrams += wzp_conn_send_bytes(v->conn, bytes, WZP_FEDTAG_G2_BYTES + size, now) == WZP_OK;
}

static void send_noise(struct villain *v, wzp_us now)
{
    uint8_t bytes[DATAGRAM_BYTES];
    v->random.fill(v->random.context, bytes, sizeof bytes);
    size_t size = 1 + (size_t)wzp_random_below(&v->random, sizeof bytes);
    v->n_datagrams += wzp_conn_send_bytes(v->conn, bytes, size, now) == WZP_OK;
}

static void send_garbage(struct villain *v)
{
    static const char *const texts[] = {
        "",
        "{",
        "[[[[[[[[[[[[[[[[[[[[",
        "\xff\xfe",
        "{\"GlobalRoomActive\":{}}",
        "{\"GlobalRoomActive\":{\"room\":5}}",
        "{\"Prune\":{\"room_hash\":\"zz\"}}",
        "{\"Graft\":null}",
    };
    const char *text = texts[wzp_random_below(&v->random, wzp_count(texts))];
    size_t size = strlen(text);
    memcpy(v->message, text, size);
    send_text(v, size);
}

/* --- how fast --- */

/* How many signals may leave now. */
static uint64_t allowance(const struct villain *v, wzp_us now)
{
    struct wzp_conn_stats stats;
    wzp_conn_stats(v->conn, &stats);
    uint64_t room = stats.queued_messages < WAITING_MAX ? WAITING_MAX - stats.queued_messages : 0;
    if (v->options.pace > 0) {
        uint64_t due = (uint64_t)(now - v->open_at) * v->options.pace / WZP_SECOND;
        uint64_t left = due > v->sent_here ? due - v->sent_here : 0;
        room = left < room ? left : room;
    }
    return room < AT_ONCE ? room : AT_ONCE;
}

static void act(struct villain *v, wzp_us now)
{
    uint64_t n = allowance(v, now);
    switch (v->options.mode) {
    case MODE_ANNOUNCE:
        for (; n > 0 && v->n_signals < v->options.count; n--) {
            announce(v, v->n_signals);
        }
        break;
    case MODE_FLOOD:
        for (size_t i = 0; i < AT_ONCE; i++) {
            send_media(v, now);
        }
        break;
    case MODE_GARBAGE:
        for (; n > 0; n--) {
            send_garbage(v);
            send_noise(v, now);
        }
        break;
    case MODE_NEVER_READS:
        if (v->sent_here == 0) {
            announce(v, 0);
        } else if (now - v->open_at > WZP_SECOND) { /* the announcement has left */
            usleep((useconds_t)(v->options.seconds * 1e6));
        }
        break;
    case N_MODES:
        break;
    }
}

/* --- the connection --- */

static void dial(struct villain *v)
{
    v->dial_at = WZP_NEVER;
    if (fed_peer_dial(&v->peer, v->options.address, &v->conn) != WZP_OK) {
        v->has_ended = true;
    }
}

static void on_open(void *context, struct wzp_conn *conn)
{
    struct villain *v = context;
    v->conn = conn;
    v->is_open = true;
    v->open_at = wzp_loop_now(v->loop);
    v->sent_here = 0;
    v->n_links++;
    fed_peer_say_hello(&v->peer, conn, "villain");
}

static void on_closed(void *context, struct wzp_conn *conn, const struct wzp_close_info *info)
{
    struct villain *v = context;
    wzp_ignore(conn);
    v->conn = NULL;
    v->is_open = false;
    v->n_closed++;
    wzp_ignore(snprintf(v->reason, sizeof v->reason, "%s", info->reason));
    if (v->options.dials_again) {
        v->dial_at = wzp_loop_now(v->loop) + DIAL_AGAIN;
    } else {
        v->has_ended = true;
    }
}

static void on_message(void *context, struct wzp_conn *conn, const uint8_t *body, size_t size)
{
    wzp_ignore(context);
    wzp_ignore(conn);
    wzp_ignore(body);
    wzp_ignore(size);
}

static void on_uni_data(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, bool fin)
{
    wzp_ignore(fin);
    on_message(context, conn, bytes, size);
}

static void on_datagram(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, wzp_us now)
{
    wzp_ignore(now);
    on_message(context, conn, bytes, size);
}

static void on_migrated(void *context, struct wzp_conn *conn)
{
    wzp_ignore(context);
    wzp_ignore(conn);
}

static void on_batch_end(void *context, wzp_us now)
{
    struct villain *v = context;
    if (v->is_open && v->options.mode == MODE_ANNOUNCE) { /* credit may have come */
        act(v, now);
    }
}

static const struct wzp_endpoint_handler handler = {
    .on_open = on_open,
    .on_message = on_message,
    .on_uni_data = on_uni_data,
    .on_datagram = on_datagram,
    .on_migrated = on_migrated,
    .on_closed = on_closed,
    .on_batch_end = on_batch_end,
};

static bool has_said_all(const struct villain *v)
{
    return v->options.mode == MODE_ANNOUNCE && v->n_signals >= v->options.count &&
           (!v->is_open || wzp_conn_is_drained(v->conn));
}

static void on_timer(void *context)
{
    struct villain *v = context;
    wzp_us now = wzp_loop_now(v->loop);
    if (v->is_open) {
        act(v, now);
    } else if (v->dial_at <= now) {
        dial(v);
    }
    wzp_endpoint_flush(v->peer.endpoint);
    bool is_late = now - v->began_at > (wzp_us)(v->options.seconds * WZP_SECOND);
    /* Who has said all stays: what it said is to be looked at. */
    if (is_late || (has_said_all(v) && v->options.seconds <= 0)) {
        v->has_ended = true;
    }
    wzp_timer_set(v->timer, now + STEP);
}

static enum wzp_err start(struct villain *v)
{
    enum wzp_err err = wzp_loop_new(&v->loop);
    if (err != WZP_OK) {
        return err;
    }
    const struct fed_peer_setup setup = {
        .seed = v->options.seed,
        .loop = v->loop,
        .pool_packets = POOL_PACKETS,
        .endpoint = {.handler = &handler, .context = v, .max_queued_messages = WAITING_MAX + AT_ONCE},
    };
    err = fed_peer_open(&v->peer, &setup);
    return err == WZP_OK ? wzp_timer_new(v->loop, on_timer, v, &v->timer) : err;
}

static void run(struct villain *v)
{
    v->began_at = wzp_loop_now(v->loop);
    v->peer.seq = (uint64_t)v->began_at;
    dial(v);
    wzp_timer_set(v->timer, v->began_at);
    while (!v->has_ended) {
        wzp_loop_step(v->loop, true);
    }
    double seconds = (double)(wzp_loop_now(v->loop) - v->began_at) / WZP_SECOND;
    printf("{\"signals\":%llu,\"datagrams\":%llu,\"links\":%llu,\"closed\":%llu,\"seconds\":%.3f,"
           "\"reason\":\"%s\"}\n",
           (unsigned long long)v->n_signals, (unsigned long long)v->n_datagrams,
           (unsigned long long)v->n_links, (unsigned long long)v->n_closed, seconds, v->reason);
}

static void stop(struct villain *v)
{
    wzp_timer_free(v->timer);
    fed_peer_close(&v->peer);
    if (v->loop) {
        wzp_loop_free(v->loop);
    }
}

/* --- the command line --- */

static bool read_mode(const char *word, enum mode *out_mode)
{
    static const char *const words[N_MODES] = {"announce", "flood", "never-reads", "garbage"};
    for (size_t i = 0; i < N_MODES; i++) {
        if (strcmp(word, words[i]) == 0) {
            *out_mode = (enum mode)i;
            return true;
        }
    }
    return false;
}

static bool read_flag(struct options *options, int flag)
{
    switch (flag) {
    case 's':
        return wzp_identity_read_seed(optarg, options->seed) == WZP_OK;
    case 't':
        options->seconds = strtod(optarg, NULL);
        return true;
    case 'c':
        options->count = strtoull(optarg, NULL, 10);
        return true;
    case 'p':
        options->pace = strtoull(optarg, NULL, 10);
        return true;
    case 'n':
        options->names = optarg;
        return true;
    case 'k':
        options->n_names = strtoull(optarg, NULL, 10);
        return options->n_names > 0;
    case 'm':
        options->n_people = strtoull(optarg, NULL, 10);
        return true;
    case 'u':
        options->uses_uni = true;
        return true;
    case 'a':
        options->dials_again = true;
        return true;
    default:
        return false;
    }
}

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option flags[] = {
        {"seed", required_argument, NULL, 's'},   {"seconds", required_argument, NULL, 't'},
        {"count", required_argument, NULL, 'c'},  {"pace", required_argument, NULL, 'p'},
        {"names", required_argument, NULL, 'n'},  {"names-count", required_argument, NULL, 'k'},
        {"people", required_argument, NULL, 'm'}, {"uni", no_argument, NULL, 'u'},
        {"again", no_argument, NULL, 'a'},        {NULL, 0, NULL, 0},
    };
    *options = (struct options){
        .seconds = 10, .count = UINT64_MAX, .n_names = UINT64_MAX, .n_people = 1, .names = "hall-"};
    for (int flag; (flag = getopt_long(argc, argv, "", flags, NULL)) != -1;) {
        if (!read_flag(options, flag)) {
            return false;
        }
    }
    if (argc - optind != 2 || !read_mode(argv[optind], &options->mode)) {
        return false;
    }
    options->address = argv[optind + 1];
    return true;
}

int main(int argc, char **argv)
{
    struct villain *v = calloc(1, sizeof *v);
    if (!v || !read_options(argc, argv, &v->options)) {
        fprintf(stderr,
                "usage: villain announce|flood|never-reads|garbage HOST:PORT [flags: see villain.c]\n");
        free(v);
        return 2;
    }
    v->random = wzp_random_from_seed(&v->seeded, 1);
    enum wzp_err err = start(v);
    if (err == WZP_OK) {
        run(v);
    } else {
        fprintf(stderr, "villain: %s\n", wzp_err_text(err));
    }
    stop(v);
    free(v);
    return err == WZP_OK ? 0 : 1;
}
