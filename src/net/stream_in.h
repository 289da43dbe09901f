/* SPDX-License-Identifier: Apache-2.0 */
/* Inbound streams: frames put together from the bytes that arrive. */
#pragma once

#include "base/list.h"
#include "net/stream.h"

struct wzp_in_stream;

/** Frees them all (the connection is gone). */
void wzp_in_streams_free(struct wzp_list *inbound);

/** The stream is closed: what it held goes, with its flow control credit. Takes NULL. */
void wzp_in_stream_close(struct wzp_conn *conn, struct wzp_in_stream *in);
