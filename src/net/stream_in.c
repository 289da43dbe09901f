/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's buffer grows with the bytes that are there, never with the length that a peer claims, and the
 * connection's window opens again only when a frame is whole or gone.
 */
#include "net/stream_in.h"

#include <stdlib.h>
#include <string.h>

#include "net/conn.h"
#include "net/endpoint.h"

#define FRAME_HEAD_BYTES 4

struct wzp_in_stream {
    struct wzp_list node;
    bool is_done; /* the frame is whole or refused: more bytes are skipped */
    size_t size;  /* of the bytes here: head and body */
    size_t capacity;
    uint8_t *bytes;
};

static void free_in(struct wzp_in_stream *in)
{
    wzp_list_remove(&in->node);
    free(in->bytes);
    free(in);
}

void wzp_in_streams_free(struct wzp_list *inbound)
{
    wzp_list_each(node, inbound)
    {
        free_in(wzp_container(node, struct wzp_in_stream, node));
    }
}

/* Gives back what the frame held. */
static void release(struct wzp_conn *conn, struct wzp_in_stream *in)
{
    conn->streams.held_bytes -= in->size;
    ngtcp2_conn_extend_max_offset(conn->ng, in->size);
    free(in->bytes);
    in->bytes = NULL;
    in->size = in->capacity = 0;
}

void wzp_in_stream_close(struct wzp_conn *conn, struct wzp_in_stream *in)
{
    if (in) {
        release(conn, in);
        free_in(in);
    }
}

static struct wzp_in_stream *make_in(struct wzp_conn *conn, int64_t id)
{
    struct wzp_in_stream *in = calloc(1, sizeof *in);
    if (!in || ngtcp2_conn_set_stream_user_data(conn->ng, id, in) != 0) {
        free(in);
        return NULL;
    }
    wzp_list_push_back(&conn->streams.inbound, &in->node);
    return in;
}

static enum wzp_err append(struct wzp_in_stream *in, const uint8_t *bytes, size_t size)
{
    if (in->size + size > in->capacity) {
        size_t capacity = wzp_max_size(in->size + size, 2 * in->capacity);
        uint8_t *larger = realloc(in->bytes, capacity);
        if (!larger) {
            return WZP_ENOMEM;
        }
        in->bytes = larger;
        in->capacity = capacity;
    }
    memcpy(in->bytes + in->size, bytes, size);
    in->size += size;
    return WZP_OK;
}

static size_t frame_size(const struct wzp_in_stream *in)
{
    const uint8_t *b = in->bytes;
    return FRAME_HEAD_BYTES + ((size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3]);
}

static bool is_whole(const struct wzp_in_stream *in)
{
    return in->size >= FRAME_HEAD_BYTES && in->size >= frame_size(in);
}

static void deliver(struct wzp_conn *conn, struct wzp_in_stream *in)
{
    struct wzp_endpoint *endpoint = conn->endpoint;
    if (conn->state == WZP_CONN_OPEN) {
        endpoint->config.handler->on_message(endpoint->config.context, conn, in->bytes + FRAME_HEAD_BYTES,
                                             frame_size(in) - FRAME_HEAD_BYTES);
    }
    in->is_done = true;
    release(conn, in);
}

/* Whether the frame so far breaks a limit; then the connection is closed. */
static bool is_refused(struct wzp_conn *conn, const struct wzp_in_stream *in)
{
    if (in->size >= FRAME_HEAD_BYTES && frame_size(in) - FRAME_HEAD_BYTES > conn->streams.max_message_bytes) {
        wzp_conn_close(conn, WZP_CLOSE_PROTOCOL_ERROR, "message too large");
        return true;
    }
    if (conn->streams.held_bytes >= conn->streams.window_bytes) {
        wzp_conn_close(conn, WZP_CLOSE_PROTOCOL_ERROR, "too many unfinished messages");
        return true;
    }
    return false;
}

static void take_frame_bytes(struct wzp_conn *conn, struct wzp_in_stream *in,
                             const struct wzp_stream_data *data)
{
    if (append(in, data->bytes, data->size) != WZP_OK) {
        ngtcp2_conn_extend_max_offset(conn->ng, data->size);
        wzp_conn_close(conn, WZP_CLOSE_PROTOCOL_ERROR, "out of memory");
        return;
    }
    conn->streams.held_bytes += data->size;
    if (!is_refused(conn, in) && is_whole(in)) {
        deliver(conn, in);
    }
}

static void on_frame_data(struct wzp_conn *conn, int64_t id, struct wzp_in_stream *in,
                          const struct wzp_stream_data *data)
{
    if (!in) {
        in = make_in(conn, id);
    }
    if (!in || in->is_done) {
        ngtcp2_conn_extend_max_offset(conn->ng, data->size);
    } else {
        take_frame_bytes(conn, in, data);
    }
    /* Our half carries nothing; ending it, and telling a peer that still writes to stop, frees the stream. */
    if (data->fin) {
        wzp_ignore(wzp_compat_shutdown_stream_write(conn->ng, id));
    } else if (!in || in->is_done) {
        wzp_ignore(wzp_compat_shutdown_stream(conn->ng, id));
    }
}

static void on_uni_data(struct wzp_conn *conn, const struct wzp_stream_data *data)
{
    ngtcp2_conn_extend_max_offset(conn->ng, data->size);
    struct wzp_endpoint *endpoint = conn->endpoint;
    if (conn->state == WZP_CONN_OPEN) {
        endpoint->config.handler->on_uni_data(endpoint->config.context, conn, data->bytes, data->size,
                                              data->fin);
    }
}

void wzp_stream_on_data(struct wzp_conn *conn, int64_t id, void *user, const struct wzp_stream_data *data)
{
    wzp_ignore(ngtcp2_conn_extend_max_stream_offset(conn->ng, id, data->size));
    if (ngtcp2_conn_is_local_stream(conn->ng, id)) {
        ngtcp2_conn_extend_max_offset(conn->ng, data->size); /* nobody answers on our streams: skipped */
    } else if (ngtcp2_is_bidi_stream(id)) {
        on_frame_data(conn, id, user, data);
    } else {
        on_uni_data(conn, data);
    }
}
