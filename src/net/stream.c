/* SPDX-License-Identifier: Apache-2.0 */
/* Both lists of streams and the outbound side; the inbound side is stream_in.c. */
#include "net/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "net/conn.h"
#include "net/stream_in.h"

#define FRAME_HEAD_BYTES 4

static struct wzp_out_stream *out_of(struct wzp_list *node)
{
    return wzp_container(node, struct wzp_out_stream, node);
}

void wzp_streams_init(struct wzp_streams *streams, size_t max_message_bytes)
{
    *streams = (struct wzp_streams){
        .window_bytes = WZP_STREAM_CONN_WINDOW_BYTES,
        .max_message_bytes = max_message_bytes,
    };
    wzp_list_init(&streams->waiting);
    wzp_list_init(&streams->sending);
    wzp_list_init(&streams->unacked);
    wzp_list_init(&streams->inbound);
}

static void free_out(struct wzp_list *list)
{
    wzp_list_each(node, list)
    {
        wzp_list_remove(node);
        free(out_of(node));
    }
}

void wzp_streams_deinit(struct wzp_streams *streams)
{
    free_out(&streams->waiting);
    free_out(&streams->sending);
    free_out(&streams->unacked);
    wzp_in_streams_free(&streams->inbound);
    streams->n_waiting = streams->n_open = streams->held_bytes = 0;
}

static struct wzp_out_stream *make_out(const struct wzp_stream_send *send)
{
    size_t head = send->is_uni ? 0 : FRAME_HEAD_BYTES;
    struct wzp_out_stream *out = malloc(sizeof *out + head + send->size);
    if (!out) {
        return NULL;
    }
    *out = (struct wzp_out_stream){
        .id = -1,
        .replace_key = send->replace_key,
        .is_uni = send->is_uni,
        .size = head + send->size,
    };
    wzp_list_init(&out->node);
    struct wzp_writer writer = wzp_writer_of(out->bytes, out->size);
    if (!send->is_uni) {
        wzp_write_u32(&writer, (uint32_t)send->size);
    }
    wzp_write_bytes(&writer, send->body, send->size);
    return out;
}

/* Puts `out` where an unsent message with its key stands. */
static bool replace(struct wzp_streams *streams, struct wzp_out_stream *out)
{
    if (out->replace_key == 0) {
        return false;
    }
    wzp_list_each(node, &streams->waiting)
    {
        struct wzp_out_stream *older = out_of(node);
        if (older->replace_key == out->replace_key) {
            wzp_list_push_back(&older->node, &out->node); /* in front of it */
            wzp_list_remove(&older->node);
            free(older);
            return true;
        }
    }
    return false;
}

enum wzp_err wzp_stream_queue(struct wzp_streams *streams, const struct wzp_stream_send *send, size_t limit)
{
    if (send->size > UINT32_MAX) {
        return WZP_EINVAL;
    }
    struct wzp_out_stream *out = make_out(send);
    if (!out) {
        return WZP_ENOMEM;
    }
    if (replace(streams, out)) {
        return WZP_OK;
    }
    if (streams->n_waiting >= limit) {
        free(out);
        return WZP_ELIMIT;
    }
    wzp_list_push_back(&streams->waiting, &out->node);
    streams->n_waiting++;
    return WZP_OK;
}

static bool open_one(struct wzp_conn *conn, struct wzp_out_stream *out)
{
    int status = out->is_uni ? ngtcp2_conn_open_uni_stream(conn->ng, &out->id, out)
                             : ngtcp2_conn_open_bidi_stream(conn->ng, &out->id, out);
    return status == 0; /* else: no credit, or no memory; either may be better later */
}

void wzp_stream_open_waiting(struct wzp_conn *conn)
{
    struct wzp_streams *streams = &conn->streams;
    wzp_list_each(node, &streams->waiting)
    {
        if (streams->n_open >= WZP_STREAM_MAX_OPEN) {
            return;
        }
        if (open_one(conn, out_of(node))) { /* the two kinds have credit of their own: try all */
            wzp_list_remove(node);
            wzp_list_push_back(&streams->sending, node);
            streams->n_waiting--;
            streams->n_open++;
        }
    }
}

static void move_to_unacked(struct wzp_conn *conn, struct wzp_out_stream *out)
{
    wzp_list_remove(&out->node);
    wzp_list_push_back(&conn->streams.unacked, &out->node);
}

void wzp_stream_sent(struct wzp_conn *conn, struct wzp_out_stream *out, size_t n)
{
    out->sent += n;
    if (out->sent == out->size) {
        move_to_unacked(conn, out);
    }
}

void wzp_stream_give_up(struct wzp_conn *conn, struct wzp_out_stream *out)
{
    move_to_unacked(conn, out); /* its close follows */
}

static void free_one(struct wzp_out_stream *out)
{
    wzp_list_remove(&out->node);
    free(out);
}

void wzp_stream_on_acked(struct wzp_conn *conn, int64_t id, uint64_t acked_bytes, void *user)
{
    struct wzp_out_stream *out = user;
    if (!out || acked_bytes < out->size) {
        return;
    }
    wzp_ignore(ngtcp2_conn_set_stream_user_data(conn->ng, id, NULL));
    free_one(out);
    /* The other direction of the stream is of no use; peers that leave it open would keep our credit. */
    if (ngtcp2_is_bidi_stream(id)) {
        wzp_ignore(wzp_compat_shutdown_stream_read(conn->ng, id));
    }
}

void wzp_stream_on_close(struct wzp_conn *conn, int64_t id, void *user)
{
    bool is_bidi = ngtcp2_is_bidi_stream(id);
    if (ngtcp2_conn_is_local_stream(conn->ng, id)) {
        conn->streams.n_open--;
        if (user) {
            free_one(user); /* stopped by the peer before it had all */
        }
        return;
    }
    wzp_in_stream_close(conn, user);
    if (is_bidi) {
        ngtcp2_conn_extend_max_streams_bidi(conn->ng, 1);
    } else {
        ngtcp2_conn_extend_max_streams_uni(conn->ng, 1);
    }
}
