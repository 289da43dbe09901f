/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many clients in one process, to load a relay on this machine:
 *
 *     bench_load PORT ROOMS MEMBERS TALKERS PACKETS_A_SECOND SECONDS
 *
 * Fills ROOMS rooms with MEMBERS clients each, says "joined", and then TALKERS of each room send that many
 * packets a second each for so long. Ends with one line of JSON. With 0 SECONDS it only stays until its
 * input ends.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "crypto/handshake.h"
#include "net/quic.h"
#include "proto/media.h"
#include "proto/signal.h"

#define PAYLOAD_BYTES 60 /* Opus at 24 kbit/s */
#define MAX_JOINING   32
#define DRAIN         (WZP_SECOND / 2)

enum stage {
    STAGE_JOINING,
    STAGE_SENDING,
    STAGE_DRAINING,
    STAGE_DONE,
};

struct client {
    struct wzp_conn *conn;
    size_t room, member;
    uint16_t seq;
    bool is_joined;
};

struct load {
    size_t rooms, members, talkers, pps;
    wzp_us length;
    struct wzp_addr relay;
    struct wzp_loop *loop;
    struct wzp_endpoint *endpoint;
    struct wzp_timer *timer;
    struct client *clients;
    size_t n_clients, n_dialled, n_joined, n_lost;
    enum stage stage;
    wzp_us sending_since;
    uint64_t rounds, sent, received;
};

static void fail(const char *what)
{
    fprintf(stderr, "bench_load: %s\n", what);
    exit(1);
}

static void check(enum wzp_err err, const char *what)
{
    if (err != WZP_OK) {
        fprintf(stderr, "bench_load: %s: %s\n", what, wzp_err_text(err));
        exit(1);
    }
}

static void send_offer(struct wzp_conn *conn)
{
    struct wzp_identity identity;
    struct wzp_handshake handshake;
    uint8_t signature[WZP_HANDSHAKE_SIGNATURE_BYTES];
    check(wzp_identity_init_random(&identity, &wzp_random_system), "identity");
    wzp_handshake_init(&handshake, &wzp_random_system);
    wzp_handshake_sign(&identity, WZP_HANDSHAKE_OFFER, handshake.public_key, signature);
    struct wzp_signal offer = {
        .kind = WZP_SIGNAL_CALL_OFFER,
        .call_offer = {.signature = {.bytes = signature, .size = sizeof signature},
                       .v = WZP_SIGNAL_VERSION,
                       .caps = WZP_CAP_TAG,
                       .client = "bench_load"},
    };
    memcpy(offer.call_offer.identity_pub, identity.sign_public, sizeof offer.call_offer.identity_pub);
    memcpy(offer.call_offer.ephemeral_pub, handshake.public_key, sizeof offer.call_offer.ephemeral_pub);
    char *body;
    size_t size;
    check(wzp_signal_write(&offer, &body, &size), "offer");
    check(wzp_conn_send_message(conn, body, size, 0), "sending the offer");
    free(body);
}

static void on_open(void *context, struct wzp_conn *conn)
{
    (void)context;
    wzp_conn_allow_messages(conn, WZP_SIGNAL_MAX_SIZE);
    send_offer(conn);
}

static void on_message(void *context, struct wzp_conn *conn, const uint8_t *body, size_t size)
{
    (void)body, (void)size;
    struct load *load = context;
    struct client *client = wzp_conn_user(conn);
    if (!client->is_joined) { /* the first one is the CallAnswer */
        client->is_joined = true;
        load->n_joined++;
    }
}

static void on_uni_data(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, bool fin)
{
    (void)context, (void)conn, (void)bytes, (void)size, (void)fin;
}

static void on_datagram(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, wzp_us now)
{
    (void)conn, (void)bytes, (void)size, (void)now;
    ((struct load *)context)->received++;
}

static void on_migrated(void *context, struct wzp_conn *conn)
{
    (void)context, (void)conn;
}

static void on_closed(void *context, struct wzp_conn *conn, const struct wzp_close_info *info)
{
    struct load *load = context;
    struct client *client = wzp_conn_user(conn);
    client->conn = NULL;
    load->n_lost++;
    if (load->stage != STAGE_DONE) {
        fprintf(stderr, "bench_load: lost a client: code %llu %s\n", (unsigned long long)info->code,
                info->reason);
    }
}

static void on_batch_end(void *context, wzp_us now)
{
    (void)context, (void)now;
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

static void dial_more(struct load *load)
{
    while (load->n_dialled < load->n_clients && load->n_dialled - load->n_joined < MAX_JOINING) {
        struct client *client = &load->clients[load->n_dialled];
        char room[32];
        client->room = load->n_dialled / load->members;
        client->member = load->n_dialled % load->members;
        snprintf(room, sizeof room, "bench%zu", client->room);
        const struct wzp_dial dial = {.addr = load->relay, .server_name = room, .user = client};
        check(wzp_endpoint_dial(load->endpoint, &dial, &client->conn), "dialling");
        load->n_dialled++;
    }
}

static void send_one(struct load *load, struct client *client, wzp_us now)
{
    uint8_t bytes[WZP_MEDIA_HEADER_BYTES + PAYLOAD_BYTES] = {0};
    static const uint8_t payload[PAYLOAD_BYTES];
    size_t size;
    const struct wzp_media_packet packet = {.header = {.codec = WZP_CODEC_OPUS_24K, .seq = client->seq++},
                                            .payload = payload,
                                            .payload_size = sizeof payload};
    check(wzp_media_write(&packet, bytes, sizeof bytes, &size), "packet");
    if (client->conn && wzp_conn_send_bytes(client->conn, bytes, size, now) == WZP_OK) {
        load->sent++;
    }
}

/* Every talker's share of what is due by `now`. */
static void send_due(struct load *load, wzp_us now)
{
    uint64_t due = (uint64_t)(now - load->sending_since) * load->pps / WZP_SECOND;
    for (; load->rounds < due; load->rounds++) {
        for (size_t i = 0; i < load->n_clients; i++) {
            if (load->clients[i].member < load->talkers) {
                send_one(load, &load->clients[i], now);
            }
        }
    }
}

static void begin_sending(struct load *load, wzp_us now)
{
    printf("joined\n");
    fflush(stdout);
    load->stage = STAGE_SENDING;
    load->sending_since = now;
}

static bool has_input_ended(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;
    return poll(&in, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) <= 0;
}

static bool is_sending_over(const struct load *load, wzp_us now)
{
    return load->length > 0 ? now - load->sending_since >= load->length : has_input_ended();
}

static void on_timer(void *context)
{
    struct load *load = context;
    wzp_us now = wzp_loop_now(load->loop);
    if (load->stage == STAGE_JOINING) {
        dial_more(load);
        if (load->n_joined == load->n_clients) {
            begin_sending(load, now);
        }
    } else if (load->stage == STAGE_SENDING) {
        send_due(load, now);
        load->stage = is_sending_over(load, now) ? STAGE_DRAINING : STAGE_SENDING;
    } else if (now - load->sending_since > load->length + DRAIN) {
        load->stage = STAGE_DONE;
        wzp_loop_stop(load->loop);
    }
    if (load->n_lost > 0 && load->stage == STAGE_JOINING) {
        fail("not everybody got in");
    }
    wzp_endpoint_flush(load->endpoint);
    wzp_timer_set(load->timer, now + WZP_MS);
}

static void read_arguments(struct load *load, int argc, char **argv)
{
    if (argc != 7) {
        fail("usage: bench_load PORT ROOMS MEMBERS TALKERS PACKETS_A_SECOND SECONDS");
    }
    char relay[32];
    snprintf(relay, sizeof relay, "127.0.0.1:%s", argv[1]);
    check(wzp_addr_read(relay, &load->relay), "port");
    load->rooms = strtoul(argv[2], NULL, 10);
    load->members = strtoul(argv[3], NULL, 10);
    load->talkers = strtoul(argv[4], NULL, 10);
    load->pps = strtoul(argv[5], NULL, 10);
    load->length = (wzp_us)strtoul(argv[6], NULL, 10) * WZP_SECOND;
    load->n_clients = load->rooms * load->members;
    load->clients = calloc(load->n_clients, sizeof *load->clients);
    if (load->n_clients == 0 || !load->clients) {
        fail("no clients");
    }
}

int main(int argc, char **argv)
{
    struct load load = {0};
    read_arguments(&load, argc, argv);
    struct wzp_log log;
    struct wzp_packet_pool *pool;
    struct wzp_addr any;
    wzp_log_init(&log, WZP_LOG_WARN);
    check(wzp_addr_read("127.0.0.1:0", &any), "address");
    check(wzp_packet_pool_new(1 << 20, &pool), "packets");
    check(wzp_loop_new(&load.loop), "loop");
    const struct wzp_endpoint_config config = {
        .bind = any, .handler = &handler, .context = &load, .log = &log, .pool = pool};
    check(wzp_endpoint_new(load.loop, &config, &load.endpoint), "endpoint");
    check(wzp_timer_new(load.loop, on_timer, &load, &load.timer), "timer");
    wzp_timer_set(load.timer, 0);
    wzp_loop_run(load.loop);
    uint64_t expected = load.sent * (load.members - 1);
    printf("{\"clients\":%zu,\"sent\":%llu,\"expected\":%llu,\"received\":%llu}\n", load.n_clients,
           (unsigned long long)load.sent, (unsigned long long)expected, (unsigned long long)load.received);
    wzp_timer_free(load.timer);
    wzp_endpoint_free(load.endpoint);
    wzp_loop_free(load.loop);
    wzp_packet_pool_free(pool);
    free(load.clients);
    return 0;
}
