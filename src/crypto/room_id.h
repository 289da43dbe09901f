/* SPDX-License-Identifier: Apache-2.0 */
/* What rooms are called on the wire: the 16-byte id and the 8-byte tag. Which names there are, and how they
 * are lower-cased beyond ASCII: proto/room_name.h. Source: docs/protocol.md, "Rooms"; G1 sections 3.8
 * and 5.5. */
#pragma once

#include <stdint.h>

#define WZP_ROOM_ID_BYTES      16
#define WZP_ROOM_ID_TEXT_BYTES 33 /* 32 digits, NUL */
#define WZP_ROOM_TAG_BYTES     8

/** The key of a room in a relay's table. */
struct wzp_room_id {
    uint8_t bytes[WZP_ROOM_ID_BYTES];
};

/**
 * The id of the room that `name` means: 32 hexadecimal digits are the id itself, any other name is
 * lower-cased (ASCII) and hashed with the prefix "featherchat-group:".
 */
struct wzp_room_id wzp_room_id_of(const char *name);

/** 32 lower-case digits: `hash_room_name` of the first generation. */
void wzp_room_id_write(const struct wzp_room_id *id, char out_text[static WZP_ROOM_ID_TEXT_BYTES]);

/** The tag of federated datagrams: the first bytes of SHA-256 over the lower-cased canonical name (for a room
 * that is only known by its id: over the 32 digits). */
void wzp_room_id_tag(const char *canonical_name, uint8_t out_tag[static WZP_ROOM_TAG_BYTES]);
