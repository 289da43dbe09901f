/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QUIC for wzp: one UDP socket in both roles, connections with signals on streams and media in datagrams.
 *
 * Source: RFC 9000, 9001, 9221; docs/protocol.md, "Connections". Everything runs on the loop's thread. Bytes
 * come in receive batches; the handler hears what is in them, then on_batch_end, then everything queued
 * meanwhile is packed into as few QUIC packets as fit and leaves in one send batch. Sending therefore never
 * does I/O inside the call.
 *
 * A connection exists for its owner from wzp_endpoint_dial, or on_open where it was accepted, until on_closed
 * returns; after that the pointer is dead. Accepted ones that never open are not heard of.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/log.h"
#include "base/packet.h"
#include "base/tally.h"
#include "base/us.h"
#include "net/addr.h"
#include "net/loop.h"

#define WZP_QUIC_NAME_BYTES        256 /* the longest server name (253) with its NUL, rounded */
#define WZP_QUIC_REASON_BYTES      200 /* the longest close reason we send or keep, with its NUL */
#define WZP_QUIC_FINGERPRINT_BYTES 32  /* SHA-256 over the DER certificate */

struct wzp_endpoint;
struct wzp_conn;

/** Application close codes: docs/protocol.md, "Close codes". G1 knows only 0. */
enum wzp_close_code {
    WZP_CLOSE_NORMAL = 0,
    WZP_CLOSE_UNAUTHORIZED = 1,
    WZP_CLOSE_ROOM_FULL = 2,
    WZP_CLOSE_RELAY_FULL = 3,
    WZP_CLOSE_DRAINING = 4,
    WZP_CLOSE_PROTOCOL_ERROR = 5,
    WZP_CLOSE_TIMEOUT = 6,
    WZP_CLOSE_DUPLICATE_LINK = 7,
    WZP_CLOSE_UNKNOWN_RELAY = 8,
    WZP_CLOSE_REPLACED = 9,
    WZP_CLOSE_BANNED = 10,
};

enum wzp_close_origin {
    WZP_CLOSED_BY_US,
    WZP_CLOSED_BY_PEER,      /* application close: code and reason are the peer's */
    WZP_CLOSED_BY_TRANSPORT, /* either end's transport or TLS error: code is the QUIC error code */
    WZP_CLOSED_BY_TIMEOUT,   /* handshake deadline, idle time-out or liveness */
};

struct wzp_close_info {
    enum wzp_close_origin origin;
    bool was_open;    /* the handshake had completed */
    enum wzp_err err; /* WZP_ECLOSED, WZP_ETIMEOUT, WZP_ETLS, WZP_EAUTH (pin mismatch) or WZP_ENET */
    uint64_t code;
    char reason[WZP_QUIC_REASON_BYTES]; /* printable UTF-8; for local failures a phrase for people */
};

/** What was seen of a connection's path since the last measure. Counters are since the start. */
struct wzp_conn_measure {
    wzp_us rtt; /* the least round trip of the packets acknowledged since, without the peer's delay of its
                   acknowledgement; 0: none were */
    wzp_us lag; /* for how long our own loop lately went without a rest: so much of `rtt` may be our doing */
    uint64_t bytes_sent, bytes_in_flight;
    uint64_t packets_sent, packets_lost; /* lost: with datagrams, where losses are counted */
};

/** What an endpoint tells its owner. Every function is required but on_measure; all run on the loop's thread.
 */
struct wzp_endpoint_handler {
    /** The handshake completed (server: confirmed). The name, certificate and address of the peer are known.
     */
    void (*on_open)(void *context, struct wzp_conn *conn);
    /** One whole frame (`u32 length`, body, on a stream of its own) arrived: its body, borrowed. */
    void (*on_message)(void *context, struct wzp_conn *conn, const uint8_t *body, size_t size);
    /** Bytes on a unidirectional stream, in order, borrowed; `fin` with the last. */
    void (*on_uni_data)(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, bool fin);
    /** One datagram, borrowed. Called for every datagram of a batch before on_batch_end. */
    void (*on_datagram)(void *context, struct wzp_conn *conn, const uint8_t *bytes, size_t size, wzp_us now);
    /** The peer's address changed and was validated. */
    void (*on_migrated)(void *context, struct wzp_conn *conn);
    /** The connection is gone, for whatever reason; last call about it. */
    void (*on_closed)(void *context, struct wzp_conn *conn, const struct wzp_close_info *info);
    /** See wzp_conn_measure_every; runs while a receive batch is read. May be NULL. */
    void (*on_measure)(void *context, struct wzp_conn *conn, const struct wzp_conn_measure *measure,
                       wzp_us now);
    /** A receive batch has been read; what is sent here still leaves with it. */
    void (*on_batch_end)(void *context, wzp_us now);
};

#define WZP_QUIC_MAX_WORKERS 64

/** Where a UDP packet came from, and at which of our addresses. */
struct wzp_udp_path;

/** How a new connection begins: its first packet, or several of them. Borrowed. */
struct wzp_quic_hello {
    const char *server_name; /* "": none */
    const uint8_t *id;       /* the destination id that the client chose: the same in what it repeats */
    size_t id_size;
    bool has_token; /* it may be the answer to a Retry, which only the worker can read that sent it */
};

/**
 * One of several endpoints that share an address, each on a loop and thread of its own. The kernel gives each
 * the packets of its connections; a new connection may come to any of them, and is passed on, before anything
 * is answered, to the one that `worker_of` names. Linux only.
 */
struct wzp_endpoint_sharing {
    unsigned worker;    /* this endpoint's number; they are made in its order */
    unsigned n_workers; /* 0 or 1: the address is its own, and nothing else is used of this */
    /** The worker of a connection that begins so. On the endpoint's thread. */
    unsigned (*worker_of)(void *context, const struct wzp_quic_hello *hello);
    /** Have that worker's endpoint take the packet (borrowed) with wzp_endpoint_take, on its thread. */
    void (*pass_on)(void *context, unsigned worker, const struct wzp_udp_path *path, const uint8_t *bytes,
                    size_t size);
};

/** The certificate an endpoint shows in both roles: DER, and the Ed25519 secret behind it (crypto/cert.h
 * makes both). */
struct wzp_endpoint_identity {
    const uint8_t *cert_der;
    size_t cert_size;
    uint8_t secret[32]; /* RFC 8032 seed */
};

/** Limits are per connection unless said; 0 takes the default in brackets. */
struct wzp_endpoint_config {
    struct wzp_addr bind;
    struct wzp_endpoint_sharing sharing;          /* zeroed: with nobody */
    bool is_server;                               /* accepts; dialling is always possible */
    const struct wzp_endpoint_identity *identity; /* NULL: none is shown (clients only); copied */
    const struct wzp_endpoint_handler *handler;   /* borrowed, with `context`, for the endpoint's life */
    void *context;
    const struct wzp_log *log;
    struct wzp_packet_pool *pool; /* for queued datagrams made by wzp_conn_send_bytes; borrowed */

    size_t max_conns; /* of the endpoint, accepted ones [1024]; more are refused with a CONNECTION_REFUSED */
    size_t max_half_open; /* of the endpoint: handshakes under way before new ones must answer a Retry [64] */
    size_t max_message_bytes;    /* largest inbound frame body until wzp_conn_allow_messages [65536] */
    size_t max_queued_messages;  /* outbound signals waiting for stream credit [256] */
    size_t max_queued_datagrams; /* outbound [1024]; over it the oldest are dropped and counted */
    wzp_us datagram_max_age;     /* older ones are dropped and counted, never sent [200 ms] */
    wzp_us gather_at_most; /* how long a busy endpoint lets datagrams wait for others to the same receiver, to
                              share packets; [0: never] */
    bool counts_losses;    /* of accepted connections too: costs a third of reading acknowledgements, and more
                              memory for what is under way; those that were dialled always count */
    const char *wide_name; /* static: connections for this server name carry many voices, so that more may be
                              under way on them [none] */
    wzp_us idle_timeout;   /* [30 s] */
    wzp_us keep_alive;     /* PING when nothing was sent for that long [5 s] */
    wzp_us handshake_timeout; /* [10 s] */
    const char *qlog_dir;     /* a .sqlog file a connection (ngtcp2's qlog); NULL: none */
    const char
        *keylog_file; /* NSS key log, appended; NULL: none. Lets whoever reads it decrypt the traffic */
};

/** WZP_ENET: the address can't be bound (in use, not ours). WZP_ETLS: the identity does not load. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_endpoint_new(struct wzp_loop *loop, const struct wzp_endpoint_config *config,
                                           struct wzp_endpoint **out_endpoint);

/** Closes what is open without waiting for answers (on_closed runs for each), then frees. Not from within its
 * handler. Takes NULL. */
void wzp_endpoint_free(struct wzp_endpoint *endpoint);

/** Who encrypts the packets of its connections, once AES-128-GCM was agreed on; else GnuTLS does. */
const char *wzp_endpoint_aes(const struct wzp_endpoint *endpoint);

/** The bound address, with the port that the kernel picked. */
struct wzp_addr wzp_endpoint_addr(const struct wzp_endpoint *endpoint);

/** A packet that another endpoint passed on. It leaves with what the loop does next. */
void wzp_endpoint_take(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const uint8_t *bytes,
                       size_t size);

/** Refuses new connections from now on (CONNECTION_REFUSED); existing ones go on. */
void wzp_endpoint_stop_accepting(struct wzp_endpoint *endpoint);

/** Packs and sends what is queued on every connection. The loop does it after each batch and timer; rarely
 * needed. */
void wzp_endpoint_flush(struct wzp_endpoint *endpoint);

extern const struct wzp_tally_bounds wzp_quic_delay_bounds, wzp_quic_turn_bounds, wzp_quic_batch_bounds;

/** Counters since the start, over all connections; gauges as of now. */
struct wzp_endpoint_stats {
    uint64_t packets_received, packets_sent, bytes_received, bytes_sent;
    uint64_t datagrams_received, datagrams_sent;
    uint64_t datagrams_dropped_stale;  /* older than datagram_max_age when their turn came */
    uint64_t datagrams_dropped_full;   /* the queue was full: the oldest went */
    uint64_t datagrams_dropped_size;   /* larger than the path carries */
    uint64_t datagrams_dropped_memory; /* no memory to queue them */
    uint64_t datagrams_dropped_closed; /* queued when their connection ended, or after */
    uint64_t datagrams_held_back;      /* times congestion control refused one (it stayed queued) */
    uint64_t handshakes_completed, handshakes_failed, retries_sent, resets_sent, connections_refused;
    uint64_t packets_malformed; /* not QUIC, or for nobody */
    uint64_t receive_batches, send_batches, gso_segments;
    uint64_t packets_overflown; /* the kernel's receive buffer was full */
    uint64_t packets_unsent;    /* the kernel refused them for good: no route, too large */
    uint64_t newcomers_dropped; /* packets of handshakes: too many waited for their turn */
    wzp_us newcomers_cpu;       /* processor time that handshakes took */
    uint64_t sends_blocked;     /* times the kernel took no more for now */
    size_t conns, half_open;    /* gauges */
    struct wzp_tally delays; /* us from the kernel's receiving a datagram to the end of the call that sent it
                                on, by wzp_quic_delay_bounds */
    struct wzp_tally turns;  /* us that turns of the loop took which had work, by wzp_quic_turn_bounds */
    struct wzp_tally receive_sizes, send_sizes; /* UDP packets a batch, by wzp_quic_batch_bounds */
};
void wzp_endpoint_stats(const struct wzp_endpoint *endpoint, struct wzp_endpoint_stats *out_stats);

/** How to dial. */
struct wzp_dial {
    struct wzp_addr addr;
    const char *server_name; /* sent as it is (SNI); "" for none */
    const uint8_t *pin;      /* WZP_QUIC_FINGERPRINT_BYTES the peer's certificate must have, or NULL: any */
    const char *alpn;        /* NULL: "wzp"; another only in tests */
    bool hide_identity;      /* shows no client certificate even where the endpoint has one (as G1) */
    void *user;
};

/**
 * Starts a handshake; on_open or on_closed tells how it ended. A pin that does not match closes before
 * anything is sent over the connection, with WZP_EAUTH. WZP_EINVAL: the name is too long or not printable
 * ASCII, or the address is of another family than the socket.
 */
WZP_MUST_USE enum wzp_err wzp_endpoint_dial(struct wzp_endpoint *endpoint, const struct wzp_dial *dial,
                                            struct wzp_conn **out_conn);

/** The owner's pointer. NULL on accepted connections until set. */
void wzp_conn_set_user(struct wzp_conn *conn, void *user);
void *wzp_conn_user(const struct wzp_conn *conn);

bool wzp_conn_is_server(const struct wzp_conn *conn);

/** SNI as the client sent it, lower-cased; "" where it sent none. */
const char *wzp_conn_server_name(const struct wzp_conn *conn);

/** The fingerprint of the certificate the peer showed, or NULL where it showed none. Proved, but for the one
 * that a pin refused: that is only what was met. */
const uint8_t *wzp_conn_peer_fingerprint(const struct wzp_conn *conn);

const struct wzp_addr *wzp_conn_peer_addr(const struct wzp_conn *conn);

/** Allows inbound frame bodies up to `max_bytes` from now on (larger ones close the connection: protocol
 * error). */
void wzp_conn_allow_messages(struct wzp_conn *conn, size_t max_bytes);

/**
 * PING every `keep_alive`; counts the peer as lost when nothing came from it for `lost_after` although it
 * owes acknowledgements (WZP_NEVER: only the idle time-out). For federation links. `lost_after` should be
 * two keep-alives or more.
 */
void wzp_conn_set_liveness(struct wzp_conn *conn, wzp_us keep_alive, wzp_us lost_after);

/** Has on_measure called with a packet that comes `every` or more after the last time, with two samples of
 * the round trip if they come within twice that; 0: no more. */
void wzp_conn_measure_every(struct wzp_conn *conn, wzp_us every);

/**
 * Sends `body` as one frame on a bidirectional stream of its own; copied. Without stream credit it waits in a
 * queue, where a later message with the same nonzero `replace_key` takes the place of an unsent earlier one.
 * WZP_ELIMIT: the queue is full (the peer is stuck; close it). WZP_ECLOSED. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_conn_send_message(struct wzp_conn *conn, const void *body, size_t size,
                                                uint64_t replace_key);

/** Sends `bytes` on a unidirectional stream of its own, with FIN; copied. */
WZP_MUST_USE enum wzp_err wzp_conn_send_uni(struct wzp_conn *conn, const void *bytes, size_t size);

/** Whether every message and stream queued so far has been sent and acknowledged. */
bool wzp_conn_is_drained(const struct wzp_conn *conn);

/**
 * Queues `size` bytes of `packet`'s buffer from `offset` on as one DATAGRAM; takes a reference of its own.
 * Best effort: a full queue drops its oldest, counted. WZP_ECLOSED: not open.
 */
enum wzp_err wzp_conn_send_packet(struct wzp_conn *conn, struct wzp_packet *packet, size_t offset,
                                  size_t size, wzp_us now);

/** The same for loose bytes, copied into a packet of the endpoint's pool. */
enum wzp_err wzp_conn_send_bytes(struct wzp_conn *conn, const void *bytes, size_t size, wzp_us now);

/** The largest datagram that the path carries now. */
size_t wzp_conn_max_datagram(const struct wzp_conn *conn);

/** Closes with an application code and reason; on_closed follows from the loop, not from within this call. */
void wzp_conn_close(struct wzp_conn *conn, enum wzp_close_code code, const char *reason);

struct wzp_conn_stats {
    wzp_us rtt_smoothed, rtt_min, rtt_latest, rtt_variation; /* 0 before the first sample */
    uint64_t packets_sent, packets_received;
    uint64_t packets_lost; /* with datagrams, where losses are counted */
    uint64_t bytes_sent, bytes_received;
    uint64_t datagrams_sent, datagrams_received;
    uint64_t datagrams_dropped; /* stale, full and size together */
    uint64_t congestion_window_bytes, bytes_in_flight;
    size_t mtu_bytes; /* UDP payload that the path is known to carry */
    size_t queued_datagrams, queued_messages;
    wzp_us opened_at;
};

void wzp_conn_stats(const struct wzp_conn *conn, struct wzp_conn_stats *out_stats);

/** For how long the packet being read had been in the kernel when it was taken; 0 where the kernel does not
 * say, and outside of a handler's call for a packet. */
wzp_us wzp_conn_waited(const struct wzp_conn *conn);
