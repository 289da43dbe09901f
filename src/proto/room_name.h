/* SPDX-License-Identifier: Apache-2.0 */
/* What may be a room's name, and what the names that are no rooms mean. Source: wire-protocol sections 1, 2
 * and 6; G1 section 1.7. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_ROOM_NAME_BYTES   254 /* 253, the longest DNS name, and a NUL */
#define WZP_ROOM_NAME_DEFAULT "default"

enum wzp_room_name_kind {
    WZP_ROOM_NAME_RAW,        /* a room by its name; `call-<id>` too */
    WZP_ROOM_NAME_HASH,       /* a room by its 32-digit hash */
    WZP_ROOM_NAME_PING,       /* "ping": connect and be closed */
    WZP_ROOM_NAME_PROBE,      /* "_probe" */
    WZP_ROOM_NAME_FEDERATION, /* "_federation" */
    WZP_ROOM_NAME_VERSION,    /* "version": the build's name on a stream */
    WZP_ROOM_NAME_SIGNAL,     /* "_signal": direct calls */
    WZP_ROOM_NAME_REFUSED,    /* starts with an underscore, or is empty */
};

/** What a folded `name` asks a relay for. */
enum wzp_room_name_kind wzp_room_name_kind_of(const char *name);

/**
 * The room that a server name (SNI) asks for, folded, without its trailing dot.
 *
 * NULL, an empty name and an IP address are "default"; a name that is no DNS name is WZP_ROOM_NAME_REFUSED,
 * and so is one that is too long; `out_name` is "" then.
 */
enum wzp_room_name_kind wzp_room_name_of_sni(const char *sni, char out_name[static WZP_ROOM_NAME_BYTES]);

/**
 * Lower-cases a name as it is hashed and compared, code point by code point: ASCII, Latin-1, Latin Extended-A
 * and Additional, Greek, Cyrillic and Armenian; every other character stays. It is Unicode's simple
 * lower-casing for those blocks (no locale; dotted capital I, capital sharp s and archaic Greek letters
 * stay), so two spellings of one name meet where they differ by case only. Control characters and invalid
 * UTF-8 are refused.
 *
 * WZP_EMALFORMED. WZP_ELIMIT: over 253 bytes. `name` and `out_name` may be the same buffer.
 */
WZP_MUST_USE enum wzp_err wzp_room_name_fold(const char *name, char out_name[static WZP_ROOM_NAME_BYTES]);

/**
 * Whether a folded name can be sent as SNI: letters, digits, `-`, `_` and `.`; labels of 1 to 63 that neither
 * start nor end with `-`; the last label not all digits; 253 bytes. One trailing dot is allowed.
 */
bool wzp_room_name_is_dns(const char *name);

/** Whether `name` is a room hash: 32 hexadecimal digits of either case. */
bool wzp_room_name_is_hash(const char *name);
