/* SPDX-License-Identifier: Apache-2.0 */
/* Remote senders: (room, origin, number) pairs, their duplicate windows, and the numbers we give them. */
#pragma once

#include "router/internal.h"

/** Writes the key under which a sender is found. */
void wzp_stream_key(const uint8_t tag[static WZP_ROOM_TAG_BYTES],
                    const uint8_t origin[static WZP_ORIGIN_ID_BYTES], uint16_t number,
                    uint8_t out_key[static WZP_STREAM_KEY_BYTES]);

/** The sender under that key, or NULL. */
struct wzp_stream *wzp_stream_find(struct wzp_router *router, const uint8_t key[static WZP_STREAM_KEY_BYTES]);

#define WZP_STREAM_GUESSES 2

/** What the look for that key begins with: each guess is the sender, another one, or NULL. */
struct wzp_stream *wzp_stream_guess(struct wzp_router *router, const uint8_t key[static WZP_STREAM_KEY_BYTES],
                                    size_t i);

/** Finds or makes the origin's stream `number`. WZP_ELIMIT: the origin has too many. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_stream_get(struct wzp_origin *origin, uint16_t number, wzp_us now,
                                         struct wzp_stream **out_stream);

void wzp_stream_free(struct wzp_stream *stream);

/** Frees the origin's streams that are unlisted and silent; returns when to look again, or WZP_NEVER. */
wzp_us wzp_stream_rest(struct wzp_origin *origin, wzp_us now);

/** The place of a sender that is not known yet, until the next tick; NULL where none is left. Takes no
 * memory.
 */
struct wzp_fresh *wzp_stream_fresh(struct wzp_room *room, struct wzp_link *link,
                                   const uint8_t key[static WZP_STREAM_KEY_BYTES]);

/** Makes streams of the fresh senders. */
void wzp_stream_settle(struct wzp_router *router, wzp_us now);

/** Forgets the fresh senders of a link that goes. */
void wzp_stream_drop_link(struct wzp_router *router, const struct wzp_link *link);
