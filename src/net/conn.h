/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a connection, for the files of this floor.
 *
 *              handshake done                 wzp_conn_close, an error, the peer's close, a time-out
 *   HANDSHAKE ---------------> OPEN ----------------------------------------------------------+
 *       |                                                                                     v
 *       +----------------------------------------------------------------------------------> ENDING
 *                                                                                             |
 *                                       next flush: last packet, on_closed                    |
 *   (freed) <----- 3 PTO later ----- LINGERING <----------------------------------------------+
 *
 * Nothing is torn down while ngtcp2 is on the stack: whatever ends a connection only enters ENDING, the next
 * flush does the rest. A lingering connection has no QUIC state any more, just its ids and the packet that it
 * answers late packets with.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/list.h"
#include "base/us.h"
#include "net/cid.h"
#include "net/datagram_queue.h"
#include "net/ngtcp2_compat.h"
#include "net/quic.h"
#include "net/stream.h"
#include "net/tls.h"
#include "net/udp.h"
#include "net/wheel.h"

#define WZP_CONN_MAX_CIDS    32 /* of ours: ngtcp2 issues 8 at a time, retired ones stay for a while */
#define WZP_CONN_MAX_TOKENS  8  /* stateless reset tokens of the peer's ids in use */
#define WZP_CONN_TOKEN_BYTES NGTCP2_STATELESS_RESET_TOKENLEN
/* An acknowledgement is due for so many packets at the latest. */
#define WZP_CONN_ACK_THRESHOLD 20
/* So many queued datagrams are packed at once, but for so many that may yet share a packet with later ones.
 * A link takes thousands in a turn. */
#define WZP_CONN_PACK_AT    128
#define WZP_CONN_PACK_LEAVE 32

enum wzp_conn_state {
    WZP_CONN_HANDSHAKE,
    WZP_CONN_OPEN,
    WZP_CONN_ENDING,
    WZP_CONN_LINGERING,
};

/* How an ending connection takes its leave. */
enum wzp_conn_farewell {
    WZP_CONN_SAY_CLOSE, /* a CONNECTION_CLOSE with `ccerr` */
    WZP_CONN_SAY_NOTHING_LINGER,
    WZP_CONN_SAY_NOTHING,
};

struct wzp_conn_token {
    bool is_used;
    uint8_t bytes[WZP_CONN_TOKEN_BYTES];
};

/* First what every packet touches, so that it takes few lines of the cache; then what is rare. */
struct wzp_conn {
    struct wzp_endpoint *endpoint;
    ngtcp2_conn *ng; /* NULL when lingering */
    void *user;
    enum wzp_conn_state state;
    bool is_server;
    bool is_announced; /* the owner knows it and is owed an on_closed */
    bool was_open;
    bool is_wide;                 /* a link: much may be under way */
    bool is_reading;              /* ngtcp2 is on the stack */
    bool is_stirred;              /* the packet being read did something to a stream */
    uint32_t gather_round;        /* see gather.h */
    uint32_t n_unanswered;        /* packets of voice since our last packet */
    uint32_t sure_datagram_bytes; /* datagrams up to this size fit, whatever the path */
    wzp_us heard_at;              /* the first of them */
    struct wzp_list touched;      /* in the endpoint's list of connections to flush */
    size_t pack_at;               /* when so many datagrams are queued, they are packed */
    struct wzp_datagram_queue datagrams;
    struct wzp_deadline deadline;
    wzp_us last_received_at;
    uint64_t datagrams_sent, datagrams_received, datagrams_dropped;
    uint64_t packets_sent, packets_received, packets_lost, bytes_sent, bytes_received;
    wzp_us measure_every, measured_at; /* 0: not measured */
    wzp_us rtt_least;                  /* since the last measure; 0: no sample */
    uint32_t n_samples;                /* since then */
    ngtcp2_duration rtt_smoothed;      /* as ngtcp2 had it after the last packet; 0: nothing yet */
    struct wzp_addr remote_addr;       /* of the path in use, as the socket speaks of it */
    struct wzp_addr local_addr;
    struct wzp_streams streams;

    uint32_t index; /* in the endpoint's table */
    size_t n_cids;
    uint8_t cids[WZP_CONN_MAX_CIDS][WZP_CID_BYTES];
    struct wzp_tls_session tls;
    wzp_us keep_alive, lost_after, opened_at;
    uint64_t last_lost; /* the packet of the last lost datagram, by `packets_sent` at its time */

    char server_name[WZP_QUIC_NAME_BYTES];
    uint8_t fingerprint[WZP_QUIC_FINGERPRINT_BYTES];
    bool has_fingerprint;
    struct wzp_addr peer_addr; /* the remote one for people: IPv4 unmapped */
    ngtcp2_cid initial_dcid;   /* server: what the client picked; in the endpoint's map until open */
    bool is_in_initial_map;
    struct wzp_conn_token tokens[WZP_CONN_MAX_TOKENS];

    enum wzp_conn_farewell farewell;
    ngtcp2_ccerr ccerr; /* its reason points into `info` */
    struct wzp_close_info info;
    uint8_t *last_packet; /* lingering: the close, or NULL */
    size_t last_packet_size;
    uint32_t late_packets;

    FILE *qlog;
};

static inline ngtcp2_tstamp wzp_conn_ts(wzp_us now)
{
    return (ngtcp2_tstamp)now * NGTCP2_MICROSECONDS;
}

static inline void wzp_conn_copy_addr(struct wzp_addr *addr, const ngtcp2_addr *from)
{
    memcpy(&addr->storage, from->addr, from->addrlen);
    addr->size = from->addrlen;
}

/** Waits for its handshake or is open. */
static inline bool wzp_conn_is_alive(const struct wzp_conn *conn)
{
    return conn->state <= WZP_CONN_OPEN;
}

/** An accepted Initial packet. */
struct wzp_conn_accept {
    const struct wzp_udp_path *path;
    const ngtcp2_pkt_hd *head;
    bool is_wide;
    const ngtcp2_cid *original_dcid; /* behind a Retry: the id before it; NULL without */
};

/* Constructors: registered at the endpoint, nothing sent or read yet. WZP_ELIMIT, WZP_ETLS, WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_conn_new_server(struct wzp_endpoint *endpoint,
                                              const struct wzp_conn_accept *accept, wzp_us now,
                                              struct wzp_conn **out_conn);
WZP_MUST_USE enum wzp_err wzp_conn_new_client(struct wzp_endpoint *endpoint, const struct wzp_dial *dial,
                                              wzp_us now, struct wzp_conn **out_conn);

/** Leaves the endpoint and frees; says nothing to anybody. Takes NULL. */
void wzp_conn_free(struct wzp_conn *conn);

/** Takes a reset token of the peer's out of use. */
void wzp_conn_forget_token(struct wzp_conn *conn, struct wzp_conn_token *token);

/** The callbacks that ngtcp2 gets, in conn_events.c. */
void wzp_conn_callbacks(ngtcp2_callbacks *out_callbacks, bool is_server, bool counts_losses);

/** Reads one UDP packet for it. */
void wzp_conn_read(struct wzp_conn *conn, const struct wzp_udp_path *path, const uint8_t *bytes, size_t size,
                   wzp_us now);

/** Turns queued datagrams into full packets, which leave when the socket's queue is full or the endpoint is
 * flushed. Not while it is reading. */
void wzp_conn_pack(struct wzp_conn *conn);

/** Sends what there is to send; ends what is ENDING. Frees the connection when nothing is left of it. */
void wzp_conn_flush(struct wzp_conn *conn, wzp_us now);

/** Open, and no message of ours is under way (conn_timer.c). */
bool wzp_conn_is_at_ease(const struct wzp_conn *conn);

/** A packet that has been read. */
struct wzp_conn_reading {
    const struct wzp_udp_path *path;
    size_t size;
    bool was_at_ease; /* before it */
    uint64_t datagrams_before;
    wzp_us now;
};

/** Whether the packet leaves nothing to be done at once; then the connection looks after it in time. */
bool wzp_conn_rest(struct wzp_conn *conn, const struct wzp_conn_reading *reading);

/** A packet has been read: takes a sample of the round trip, and tells the owner when it is time
 * (conn_measure.c). */
void wzp_conn_measure(struct wzp_conn *conn, wzp_us now);

/** Sets the deadline to what comes next, after everything has been written. */
void wzp_conn_rearm(struct wzp_conn *conn, wzp_us now);

/** Its deadline is over. May free it. */
void wzp_conn_expire(struct wzp_conn *conn, wzp_us now);

/* What ends a connection (conn_end.c); all enter ENDING and are harmless later. */
void wzp_conn_end_liberr(struct wzp_conn *conn, int liberr);
void wzp_conn_end_timeout(struct wzp_conn *conn, const char *reason);
void wzp_conn_end_lost(struct wzp_conn *conn);

/** Gives up everything that a lingering connection needs no more: QUIC and TLS state, queues, streams. */
void wzp_conn_shed(struct wzp_conn *conn);

/** LINGERING: a packet came for it. */
void wzp_conn_answer_late(struct wzp_conn *conn);

/** ENDING: says farewell, tells the owner, lingers or frees. */
void wzp_conn_finish(struct wzp_conn *conn, wzp_us now);
