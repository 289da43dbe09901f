/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/load_client.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/handshake.h"
#include "crypto/identity.h"
#include "proto/media.h"
#include "proto/profile.h"
#include "proto/signal.h"

#define WZP_LOAD_MAX_PACKET 1100

/* Behind the media header: run, room, index (u32 each), number (u32), time of sending (2 x u32, monotonic).
 */
#define WZP_LOAD_MARK_BYTES 24

static void send_offer(struct wzp_load_client *client)
{
    uint8_t signature[WZP_HANDSHAKE_SIGNATURE_BYTES];
    struct wzp_identity identity;
    struct wzp_handshake handshake;
    if (wzp_identity_init_random(&identity, client->shared->random) != WZP_OK) {
        wzp_conn_close(client->conn, WZP_CLOSE_NORMAL, "");
        return;
    }
    wzp_handshake_init(&handshake, client->shared->random);
    wzp_handshake_sign(&identity, WZP_HANDSHAKE_OFFER, handshake.public_key, signature);
    char alias[32];
    snprintf(alias, sizeof alias, "load-%u-%u", (unsigned)client->room, (unsigned)client->index);
    struct wzp_signal offer = {
        .kind = WZP_SIGNAL_CALL_OFFER,
        .call_offer =
            {
                .signature = {.bytes = signature, .size = sizeof signature},
                .supported_profiles = {.items = &wzp_profile_table[WZP_PROFILE_GOOD].profile, .n = 1},
                .alias = alias,
                .v = WZP_SIGNAL_VERSION,
                .caps = WZP_CAP_TAG,
            },
    };
    memcpy(offer.call_offer.identity_pub, identity.sign_public, WZP_SIGNAL_KEY_BYTES);
    memcpy(offer.call_offer.ephemeral_pub, handshake.public_key, WZP_SIGNAL_KEY_BYTES);
    char *body = NULL;
    size_t size = 0;
    if (wzp_signal_write(&offer, &body, &size) == WZP_OK) {
        wzp_ignore(
            wzp_conn_send_message(client->conn, body, size, 0)); /* fails only where on_closed follows */
    }
    free(body);
    wzp_handshake_deinit(&handshake);
    wzp_identity_deinit(&identity);
}

static void on_open(void *context, struct wzp_conn *conn)
{
    (void)context;
    struct wzp_load_client *client = wzp_conn_user(conn);
    client->state = WZP_LOAD_CLIENT_OFFERING;
    send_offer(client);
}

static void on_message(void *context, struct wzp_conn *conn, const uint8_t *body, size_t size)
{
    (void)context;
    struct wzp_load_client *client = wzp_conn_user(conn);
    if (client->state != WZP_LOAD_CLIENT_OFFERING) {
        return; /* room updates: thousands of them, and nothing to learn */
    }
    struct wzp_signal signal;
    if (wzp_signal_read(body, size, &signal) != WZP_OK) {
        return;
    }
    if (signal.kind == WZP_SIGNAL_CALL_ANSWER) {
        client->state = WZP_LOAD_CLIENT_JOINED;
        client->shared->on_joined(client->shared->context);
    }
    wzp_signal_deinit(&signal);
}

static void on_uni_data(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, bool fin)
{
    (void)context;
    (void)conn;
    (void)bytes;
    (void)size;
    (void)fin;
}

/* Counts packet `number` once; later copies are duplicates, earlier numbers reordered. */
static void hear(struct wzp_load_shared *shared, struct wzp_load_ear *ear, uint32_t number)
{
    if (number > ear->highest) {
        uint32_t step = number - ear->highest;
        ear->seen = (step < 64 ? ear->seen << step : 0) | 1;
        ear->highest = number;
        shared->received++;
        return;
    }
    uint32_t behind = ear->highest - number;
    if (behind >= 64 || ear->seen & UINT64_C(1) << behind) {
        shared->duplicated++;
        return;
    }
    ear->seen |= UINT64_C(1) << behind;
    shared->received++;
    shared->reordered++;
}

static void note_delay(struct wzp_load_shared *shared, wzp_us delay)
{
    size_t step = delay > 0 ? (size_t)delay / WZP_LOAD_DELAY_STEP_US : 0;
    shared->delays[wzp_min_size(step, WZP_LOAD_DELAY_STEPS - 1)]++;
    shared->delay_max = wzp_us_max(shared->delay_max, delay);
}

static void on_datagram(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, wzp_us now)
{
    (void)context;
    struct wzp_load_client *client = wzp_conn_user(conn);
    struct wzp_load_shared *shared = client->shared;
    struct wzp_reader reader = wzp_reader_of(bytes, size);
    wzp_read_bytes(&reader, WZP_MEDIA_HEADER_BYTES);
    uint32_t run = wzp_read_u32(&reader);
    uint32_t room = wzp_read_u32(&reader);
    uint32_t index = wzp_read_u32(&reader);
    uint32_t number = wzp_read_u32(&reader);
    uint64_t sent_at = (uint64_t)wzp_read_u32(&reader) << 32;
    sent_at |= wzp_read_u32(&reader);
    if (reader.failed || run != shared->run || room != client->room || index >= shared->n_talkers ||
        index == client->index || number == 0) {
        shared->foreign++;
        return;
    }
    hear(shared, &client->ears[index], number);
    note_delay(shared, now - wzp_conn_waited(conn) - (wzp_us)sent_at);
}

static void on_migrated(void *context, struct wzp_conn *conn)
{
    (void)context;
    (void)conn;
}

static void on_closed(void *context, struct wzp_conn *conn, const struct wzp_close_info *info)
{
    (void)context;
    struct wzp_load_client *client = wzp_conn_user(conn);
    bool was_joined = client->state == WZP_LOAD_CLIENT_JOINED;
    client->state = WZP_LOAD_CLIENT_GONE;
    client->conn = NULL;
    if (info->origin != WZP_CLOSED_BY_US) {
        wzp_debug(client->shared->log, "a client lost its connection",
                  "room=%u index=%u code=%llu reason=\"%s\"", (unsigned)client->room, (unsigned)client->index,
                  (unsigned long long)info->code, info->reason);
    }
    client->shared->on_gone(client->shared->context, was_joined);
}

static void on_batch_end(void *context, wzp_us now)
{
    (void)context;
    (void)now;
}

const struct wzp_endpoint_handler wzp_load_client_handler = {
    .on_open = on_open,
    .on_message = on_message,
    .on_uni_data = on_uni_data,
    .on_datagram = on_datagram,
    .on_migrated = on_migrated,
    .on_closed = on_closed,
    .on_batch_end = on_batch_end,
};

enum wzp_err wzp_load_client_start(struct wzp_load_client *client, struct wzp_endpoint *endpoint)
{
    char room[128];
    snprintf(room, sizeof room, "%s-%u", client->shared->room_prefix, (unsigned)client->room);
    const struct wzp_dial dial = {
        .addr = *client->relay, .server_name = room, .hide_identity = true, .user = client};
    client->endpoint = endpoint;
    client->state = WZP_LOAD_CLIENT_DIALLING;
    return wzp_endpoint_dial(client->endpoint, &dial, &client->conn);
}

void wzp_load_client_talk(struct wzp_load_client *client, wzp_us now)
{
    if (client->state != WZP_LOAD_CLIENT_JOINED) {
        return;
    }
    uint8_t bytes[WZP_LOAD_MAX_PACKET] = {0};
    uint32_t number = ++client->n_sent;
    uint16_t seq = (uint16_t)(client->shared->first_seq + number);
    struct wzp_writer writer = wzp_writer_of(bytes, client->shared->packet_bytes);
    wzp_write_u16(&writer, 13 << 2); /* Opus 24k, ratio 0.2 */
    wzp_write_u16(&writer, seq);
    wzp_write_u32(&writer, number * 20);
    wzp_write_u32(&writer, 0); /* block, index, stream */
    wzp_write_u32(&writer, client->shared->run);
    wzp_write_u32(&writer, client->room);
    wzp_write_u32(&writer, client->index);
    wzp_write_u32(&writer, number);
    wzp_write_u32(&writer, (uint32_t)((uint64_t)now >> 32));
    wzp_write_u32(&writer, (uint32_t)now);
    wzp_ignore(wzp_conn_send_bytes(client->conn, bytes, client->shared->packet_bytes, now)); /* best effort */
    wzp_endpoint_flush(client->endpoint);
}

void wzp_load_client_leave(struct wzp_load_client *client)
{
    if (client->conn && client->state != WZP_LOAD_CLIENT_GONE) {
        wzp_conn_close(client->conn, WZP_CLOSE_NORMAL, "");
        wzp_endpoint_flush(client->endpoint);
    }
}
