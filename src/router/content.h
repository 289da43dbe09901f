/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for first-generation relays, whose messages name no sender: which media packets of the last two
 * seconds have been seen, whoever brought them, and who left a room lately. Source: federation.md section 8.
 */
#pragma once

#include "router/internal.h"

/** Makes the router's memory if it has none; without memory it stays without: every packet is new then. */
void wzp_content_need(struct wzp_router *router);

/** Takes NULL. */
void wzp_content_free(struct wzp_content *content);

/** Notes a media packet of the room (without tag); false where it was noted in the last two seconds. The
 * stream number is left out of the comparison: relays rewrite it. */
bool wzp_content_is_new(const struct wzp_room *room, const uint8_t *media, size_t size, wzp_us now);

/** Somebody left the room: what relays still say of them in the next seconds is an echo. */
void wzp_content_note_left(const struct wzp_room *room, const char *fingerprint, wzp_us now);

/** Whether they left within the last seconds; asking starts those anew, for the echo is still about. */
bool wzp_content_has_left(const struct wzp_room *room, const char *fingerprint, wzp_us now);
