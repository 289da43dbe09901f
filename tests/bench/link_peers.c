/* SPDX-License-Identifier: Apache-2.0 */
#include "link_peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/room_id.h"
#include "fed_peer.h"
#include "proto/fedtag.h"
#include "proto/media.h"
#include "proto/room_name.h"

#define MEDIA_BYTES    112 /* as wzp-client --load */
#define DATAGRAM_BYTES (WZP_FEDTAG_G2_BYTES + MEDIA_BYTES)
#define MESSAGE_BYTES  16384
#define QUEUED_SIGNALS 16384
#define ARRIVE_WITHIN  (20 * WZP_SECOND)
#define TRAIL          (500 * WZP_MS) /* over what anything holds back */
#define ROUNDS         4              /* through all streams in a tick, at most */
#define LATE           (5 * WZP_MS)
#define DELAY_STEP     ((wzp_us)50)
#define DELAY_STEPS    8192 /* 400 ms */

/* What stands in a datagram behind the media header. */
struct stamp {
    uint32_t stream, number;
    wzp_us at;
};

#define STAMP_AT (WZP_FEDTAG_G2_BYTES + WZP_MEDIA_HEADER_BYTES)

struct stream {
    struct wzp_packet *packet; /* what is sent, again and again */
    uint32_t n_sent;
    uint64_t *seen; /* a bit for each number */
};

enum end { TALKER, LISTENER, N_ENDS };

struct peer {
    struct link_peers *all;
    enum end end;
    struct fed_peer fed;
    struct wzp_conn *conn; /* NULL: none any more */
    uint64_t n_told;       /* announcements that came */
    char reason[WZP_QUIC_REASON_BYTES];
};

struct link_peers {
    struct link_peers_shape shape;
    struct wzp_loop *loop;
    struct peer peers[N_ENDS];
    enum link_peers_phase phase;
    wzp_us began_at, phase_at, last_tick;
    struct stream *streams;
    uint64_t *seen; /* all streams' */
    size_t n_streams, n_numbers, next;
    struct link_peers_report report;
    struct wzp_endpoint_stats before[N_ENDS];
    uint32_t delays[DELAY_STEPS];
};

/* --- the streams --- */

static void room_name(const struct link_peers *all, size_t room, char out_name[static WZP_ROOM_NAME_BYTES])
{
    snprintf(out_name, WZP_ROOM_NAME_BYTES, "%s%zu", all->shape.room_prefix, room);
}

/* Streams of a room lie far apart in the order of sending, as those of people who talk at once. */
static size_t room_of(const struct link_peers *all, size_t i)
{
    return i % all->shape.n_rooms;
}

static size_t origin_of(const struct link_peers *all, size_t i)
{
    return i / all->shape.n_rooms % all->shape.n_origins;
}

static size_t number_of(const struct link_peers *all, size_t i)
{
    return 1 + i / all->shape.n_rooms / all->shape.n_origins;
}

static enum wzp_err prepare(struct link_peers *all, size_t i)
{
    uint8_t bytes[DATAGRAM_BYTES];
    uint8_t origin[WZP_FINGERPRINT_BYTES];
    uint8_t payload[MEDIA_BYTES - WZP_MEDIA_HEADER_BYTES] = {0};
    char room[WZP_ROOM_NAME_BYTES];
    struct wzp_fedtag tag = {.hops = WZP_FEDTAG_MAX_HOPS};
    room_name(all, room_of(all, i), room);
    wzp_room_id_tag(room, tag.room);
    fed_peer_origin(&all->peers[TALKER].fed, origin_of(all, i), origin);
    memcpy(tag.origin, origin, sizeof tag.origin);
    wzp_fedtag_g2_write(&tag, bytes);
    const struct stamp stamp = {.stream = (uint32_t)i};
    memcpy(payload, &stamp, sizeof stamp);
    const struct wzp_media_packet media = {.header = {.stream = (uint16_t)number_of(all, i)},
                                           .payload = payload,
                                           .payload_size = sizeof payload};
    size_t size = 0;
    enum wzp_err err = wzp_media_write(&media, bytes + WZP_FEDTAG_G2_BYTES, MEDIA_BYTES, &size);
    if (err != WZP_OK) {
        return err;
    }
    all->streams[i].seen = all->seen + i * (all->n_numbers / 64);
    return wzp_packet_new(all->peers[TALKER].fed.pool, bytes, sizeof bytes, &all->streams[i].packet);
}

static enum wzp_err prepare_all(struct link_peers *all)
{
    all->streams = calloc(all->n_streams, sizeof *all->streams);
    all->seen = calloc(all->n_streams, all->n_numbers / 8);
    enum wzp_err err = all->streams && all->seen ? WZP_OK : WZP_ENOMEM;
    for (size_t i = 0; i < all->n_streams && err == WZP_OK; i++) {
        err = prepare(all, i);
    }
    return err;
}

/* --- the talker --- */

/* False: the last datagram of this stream has not left yet. */
static bool send_next(struct link_peers *all, wzp_us now)
{
    struct stream *stream = &all->streams[all->next];
    struct wzp_packet *packet = stream->packet;
    if (packet->refs > 1 || stream->n_sent == all->n_numbers) {
        all->report.held_back++;
        return false;
    }
    uint8_t *bytes = wzp_packet_data(packet);
    const struct stamp stamp = {.stream = (uint32_t)all->next, .number = stream->n_sent, .at = now};
    bytes[WZP_FEDTAG_G2_BYTES + 2] = (uint8_t)(stream->n_sent >> 8);
    bytes[WZP_FEDTAG_G2_BYTES + 3] = (uint8_t)stream->n_sent;
    memcpy(bytes + STAMP_AT, &stamp, sizeof stamp);
    if (wzp_conn_send_packet(all->peers[TALKER].conn, packet, packet->offset, packet->size, now) != WZP_OK) {
        return false;
    }
    stream->n_sent++;
    all->report.sent++;
    all->next = all->next + 1 < all->n_streams ? all->next + 1 : 0;
    return true;
}

static void talk(struct link_peers *all, wzp_us now)
{
    all->report.late_ticks += now - all->last_tick > LATE;
    all->last_tick = now;
    wzp_us talked = wzp_us_min(now - all->phase_at, all->shape.talk_for);
    uint64_t due = (uint64_t)talked * all->shape.per_second / WZP_SECOND;
    bool goes_on = true;
    for (size_t n = 0; goes_on && n < ROUNDS * all->n_streams && all->report.sent < due; n++) {
        goes_on = send_next(all, now);
        if (all->next == 0) {
            wzp_endpoint_flush(all->peers[TALKER].fed.endpoint);
        }
    }
    wzp_endpoint_flush(all->peers[TALKER].fed.endpoint);
}

/* --- the listener --- */

static bool is_as_sent(const struct stream *stream, const uint8_t *bytes)
{
    const uint8_t *sent = stream->packet->bytes + stream->packet->offset;
    enum { ROOM_AND_ORIGIN = WZP_FEDTAG_ROOM_BYTES + WZP_FEDTAG_ORIGIN_BYTES };
    return memcmp(bytes, sent, ROOM_AND_ORIGIN) == 0 && bytes[ROOM_AND_ORIGIN] == WZP_FEDTAG_MAX_HOPS - 1 &&
           wzp_media_stream(bytes + WZP_FEDTAG_G2_BYTES) == wzp_media_stream(sent + WZP_FEDTAG_G2_BYTES);
}

static void count(struct link_peers *all, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct stamp stamp;
    if (size == DATAGRAM_BYTES) {
        memcpy(&stamp, bytes + STAMP_AT, sizeof stamp);
    }
    if (size != DATAGRAM_BYTES || stamp.stream >= all->n_streams || stamp.number >= all->n_numbers ||
        !is_as_sent(&all->streams[stamp.stream], bytes)) {
        all->report.wrong++;
        return;
    }
    uint64_t *word = &all->streams[stamp.stream].seen[stamp.number / 64];
    uint64_t bit = (uint64_t)1 << stamp.number % 64;
    all->report.duplicated += (*word & bit) != 0;
    all->report.received += (*word & bit) == 0;
    *word |= bit;
    size_t step = (size_t)(wzp_us_max(now - stamp.at, 0) / DELAY_STEP);
    all->delays[step < DELAY_STEPS ? step : DELAY_STEPS - 1]++;
}

static wzp_us delay_of(const struct link_peers *all, double share)
{
    uint64_t n = 0;
    uint64_t wanted = (uint64_t)(share * (double)(all->report.received + all->report.duplicated));
    for (size_t i = 0; i < DELAY_STEPS; i++) {
        n += all->delays[i];
        if (n > wanted) {
            return (wzp_us)i * DELAY_STEP;
        }
    }
    return (wzp_us)DELAY_STEPS * DELAY_STEP;
}

/* --- the links --- */

static void announce(struct peer *peer)
{
    struct link_peers *all = peer->all;
    static const char *const labels[N_ENDS] = {"talker", "listener"};
    char text[MESSAGE_BYTES];
    char name[WZP_ROOM_NAME_BYTES];
    bool is_talker = peer->end == TALKER;
    size_t n_origins = is_talker ? all->shape.n_origins : 1;
    struct fed_peer_room room = {
        .name = name, .id = peer->end, .n_people = is_talker ? all->shape.n_streams : 1};
    fed_peer_say_hello(&peer->fed, peer->conn, labels[peer->end]);
    for (size_t i = 0; i < all->shape.n_rooms * n_origins; i++) {
        room_name(all, i / n_origins, name);
        room.origin = i % n_origins;
        size_t size = fed_peer_write_room(&peer->fed, &room, text, sizeof text);
        wzp_ignore(wzp_conn_send_message(peer->conn, text, size, 0));
    }
}

static void on_open(void *context, struct wzp_conn *conn)
{
    struct peer *peer = context;
    peer->conn = conn;
    announce(peer);
}

static void on_closed(void *context, struct wzp_conn *conn, const struct wzp_close_info *info)
{
    struct peer *peer = context;
    wzp_ignore(conn);
    peer->conn = NULL;
    snprintf(peer->reason, sizeof peer->reason, "%s", info->reason);
}

static void on_message(void *context, struct wzp_conn *conn, const uint8_t *body, size_t size)
{
    static const char wanted[] = "{\"GlobalRoomActive\"";
    struct peer *peer = context;
    wzp_ignore(conn);
    peer->n_told += size >= sizeof wanted && memcmp(body, wanted, sizeof wanted - 1) == 0;
}

static void on_uni_data(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, bool fin)
{
    wzp_ignore(context);
    wzp_ignore(conn);
    wzp_ignore(bytes);
    wzp_ignore(size);
    wzp_ignore(fin);
}

static void on_datagram(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, wzp_us now)
{
    struct peer *peer = context;
    wzp_ignore(conn);
    count(peer->all, bytes, size, now);
}

static void on_migrated(void *context, struct wzp_conn *conn)
{
    wzp_ignore(context);
    wzp_ignore(conn);
}

static void on_batch_end(void *context, wzp_us now)
{
    wzp_ignore(context);
    wzp_ignore(now);
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

static enum wzp_err open_peer(struct link_peers *all, enum end end, const uint8_t *seed)
{
    struct peer *peer = &all->peers[end];
    peer->all = all;
    peer->end = end;
    peer->fed.seq = (uint64_t)all->began_at;
    const struct fed_peer_setup setup = {
        .seed = seed,
        .loop = all->loop,
        .pool_packets = all->n_streams,
        .endpoint = {.handler = &handler,
                     .context = peer,
                     .max_message_bytes = (size_t)1 << 20,
                     .max_queued_messages = QUEUED_SIGNALS,
                     .max_queued_datagrams = all->n_streams},
    };
    enum wzp_err err = fed_peer_open(&peer->fed, &setup);
    return err == WZP_OK ? fed_peer_dial(&peer->fed, all->shape.relay, &peer->conn) : err;
}

static enum wzp_err open_all(struct link_peers *all)
{
    enum wzp_err err = open_peer(all, TALKER, all->shape.talker_seed);
    if (err == WZP_OK) {
        err = open_peer(all, LISTENER, all->shape.listener_seed);
    }
    return err == WZP_OK ? prepare_all(all) : err;
}

enum wzp_err link_peers_new(struct wzp_loop *loop, const struct link_peers_shape *shape,
                            struct link_peers **out_peers)
{
    struct link_peers *all = calloc(1, sizeof *all);
    if (!all) {
        return WZP_ENOMEM;
    }
    all->shape = *shape;
    all->loop = loop;
    all->began_at = wzp_loop_now(loop);
    all->n_streams = (size_t)shape->n_rooms * shape->n_origins * shape->n_streams;
    uint64_t most = (uint64_t)shape->per_second * (uint64_t)shape->talk_for / WZP_SECOND;
    all->n_numbers = (most / all->n_streams + 64) / 64 * 64;
    enum wzp_err err = open_all(all);
    if (err != WZP_OK) {
        link_peers_free(all);
        return err;
    }
    *out_peers = all;
    return WZP_OK;
}

void link_peers_free(struct link_peers *all)
{
    wzp_endpoint_free(all->peers[TALKER].fed.endpoint);
    wzp_endpoint_free(all->peers[LISTENER].fed.endpoint);
    for (size_t i = 0; all->streams && i < all->n_streams; i++) {
        wzp_packet_unref(all->streams[i].packet);
    }
    wzp_packet_pool_free(all->peers[TALKER].fed.pool);
    wzp_packet_pool_free(all->peers[LISTENER].fed.pool);
    free(all->streams);
    free(all->seen);
    free(all);
}

/* --- phases --- */

static void enter(struct link_peers *all, enum link_peers_phase phase, wzp_us now)
{
    all->phase = phase;
    all->phase_at = all->last_tick = now;
    for (size_t i = 0; i < N_ENDS && phase == LINK_PEERS_TALKING; i++) {
        wzp_endpoint_stats(all->peers[i].fed.endpoint, &all->before[i]);
    }
}

/* Each end has heard of all that the other announced: so the relay has, and knows where media is to go. */
static bool have_all_arrived(const struct link_peers *all)
{
    const struct link_peers_shape *shape = &all->shape;
    return all->peers[LISTENER].n_told >= (uint64_t)shape->n_rooms * shape->n_origins &&
           all->peers[TALKER].n_told >= shape->n_rooms;
}

enum link_peers_phase link_peers_tick(struct link_peers *all, wzp_us now)
{
    bool is_linked = all->peers[TALKER].conn && all->peers[LISTENER].conn;
    if (!is_linked && all->phase < LINK_PEERS_DONE) {
        enter(all, LINK_PEERS_FAILED, now);
    }
    switch (all->phase) {
    case LINK_PEERS_ARRIVING:
        if (have_all_arrived(all)) {
            enter(all, LINK_PEERS_TALKING, now);
        } else if (now - all->began_at > ARRIVE_WITHIN) {
            enter(all, LINK_PEERS_FAILED, now);
        }
        break;
    case LINK_PEERS_TALKING:
        talk(all, now);
        if (now - all->phase_at >= all->shape.talk_for) {
            enter(all, LINK_PEERS_TRAILING, now);
        }
        break;
    case LINK_PEERS_TRAILING:
        if (now - all->phase_at >= TRAIL) {
            enter(all, LINK_PEERS_DONE, now);
        }
        break;
    case LINK_PEERS_DONE:
    case LINK_PEERS_FAILED:
        break;
    }
    return all->phase;
}

void link_peers_report(const struct link_peers *all, struct link_peers_report *out_report)
{
    struct wzp_endpoint_stats stats;
    *out_report = all->report;
    wzp_endpoint_stats(all->peers[TALKER].fed.endpoint, &stats);
    out_report->packets_sent = stats.packets_sent - all->before[TALKER].packets_sent;
    wzp_endpoint_stats(all->peers[LISTENER].fed.endpoint, &stats);
    out_report->packets_received = stats.packets_received - all->before[LISTENER].packets_received;
    out_report->delay_p50 = delay_of(all, 0.5);
    out_report->delay_p99 = delay_of(all, 0.99);
    out_report->reason =
        all->peers[TALKER].reason[0] ? all->peers[TALKER].reason : all->peers[LISTENER].reason;
}
