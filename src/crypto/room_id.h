/* SPDX-License-Identifier: Apache-2.0 */
/* What rooms are called on the wire: the 16-byte id, the 8-byte tag, and the server name a client sends.
 * Source: docs/protocol.md, "Rooms"; G1 sections 1.7, 3.8 and 5.5. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_ROOM_ID_BYTES          16
#define WZP_ROOM_ID_TEXT_BYTES     33 /* 32 digits, NUL */
#define WZP_ROOM_TAG_BYTES         8
#define WZP_ROOM_NAME_MAX_BYTES    253 /* the longest DNS name; without the NUL */
#define WZP_ROOM_SERVER_NAME_BYTES 254

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

/** Whether `name` is an id in text form: 32 hexadecimal digits of either case. */
bool wzp_room_id_is_text(const char *name);

/** The tag of federated datagrams: the first bytes of SHA-256 over the lower-cased canonical name (for a room
 * that is only known by its id: over the 32 digits). */
void wzp_room_id_tag(const char *canonical_name, uint8_t out_tag[static WZP_ROOM_TAG_BYTES]);

/** Whether a lower-cased `name` can be sent raw: a DNS name as G1's TLS takes them, and not reserved ("ping",
 * "version", a first underscore). */
bool wzp_room_id_can_be_raw(const char *name);

/**
 * The server name (SNI) with which a client asks for the room `name`: lower-cased where it can be sent raw,
 * else, and with `hide` always, the id's 32 digits. An empty name means "default".
 */
void wzp_room_id_server_name(const char *name, bool hide, char out_text[static WZP_ROOM_SERVER_NAME_BYTES]);
