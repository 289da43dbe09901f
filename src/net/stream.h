/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages on QUIC streams: each is one frame (`u32` length, body) on a stream of its own.
 *
 * Outbound messages wait in `waiting` until the peer allows a stream, are written from `sending`, and stay in
 * `unacked` until their bytes are acknowledged, because ngtcp2 keeps no copy. Inbound bytes of a frame that
 * is not whole yet are not given back to the connection's flow control window, so the window is the limit of
 * what a peer can make us keep.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/list.h"

struct wzp_conn;

/** Streams of ours that are open at a time; more messages wait even where the peer would allow more. */
#define WZP_STREAM_MAX_OPEN 128
/** The flow control windows we start with. */
#define WZP_STREAM_WINDOW_BYTES      ((size_t)64 * 1024)
#define WZP_STREAM_CONN_WINDOW_BYTES ((size_t)256 * 1024)
/** Streams that a peer may have open at a time, of each kind. */
#define WZP_STREAM_MAX_INBOUND 100

/** Part of a connection. */
struct wzp_streams {
    struct wzp_list waiting, sending, unacked; /* outbound */
    size_t n_waiting, n_open;
    struct wzp_list inbound;
    size_t held_bytes;   /* of unfinished inbound frames */
    size_t window_bytes; /* what the peer may make us hold */
    size_t max_message_bytes;
};

void wzp_streams_init(struct wzp_streams *streams, size_t max_message_bytes);
void wzp_streams_deinit(struct wzp_streams *streams);

/** How a message is sent. */
struct wzp_stream_send {
    const void *body;
    size_t size;
    uint64_t replace_key;
    bool is_uni; /* bare bytes on a unidirectional stream, no frame */
};

/** Queues a message, copied. WZP_ELIMIT: `limit` messages wait. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_stream_queue(struct wzp_streams *streams, const struct wzp_stream_send *send,
                                           size_t limit);

/** Opens streams for waiting messages as far as the peer allows. */
void wzp_stream_open_waiting(struct wzp_conn *conn);

/** One outbound message, seen by the writer of packets. */
struct wzp_out_stream {
    struct wzp_list node;
    int64_t id; /* -1: none yet */
    uint64_t replace_key;
    bool is_uni;
    size_t size, sent;
    uint8_t bytes[];
};

/** `n` more bytes are in packets; after the last the message moves on to `unacked`. */
void wzp_stream_sent(struct wzp_conn *conn, struct wzp_out_stream *out, size_t n);

/** The stream takes no more bytes (the peer stopped it): as if all had been sent. */
void wzp_stream_give_up(struct wzp_conn *conn, struct wzp_out_stream *out);

/** Bytes that arrived on a stream, borrowed; `fin` with the last. */
struct wzp_stream_data {
    const uint8_t *bytes;
    size_t size;
    bool fin;
};

/* What ngtcp2 tells; `user` is the stream's user data. */
void wzp_stream_on_acked(struct wzp_conn *conn, int64_t id, uint64_t acked_bytes, void *user);
void wzp_stream_on_data(struct wzp_conn *conn, int64_t id, void *user, const struct wzp_stream_data *data);
void wzp_stream_on_close(struct wzp_conn *conn, int64_t id, void *user);
