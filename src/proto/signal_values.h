/* SPDX-License-Identifier: Apache-2.0 */
/* What signals are made of, and the limits of it. Ownership and what "absent" means: proto/signal.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/profile.h"

#define WZP_SIGNAL_VERSION          2   /* `v` of this generation; absent or 1: G1 */
#define WZP_SIGNAL_KEY_BYTES        32  /* of public keys */
#define WZP_SIGNAL_ROOM_HASH_BYTES  8   /* of Prune and Graft: the tag of federated datagrams */
#define WZP_SIGNAL_MAX_ALIAS        64  /* bytes of UTF-8 of an alias or relay label; longer ones are cut */
#define WZP_SIGNAL_MAX_TEXT         256 /* client, build, reason: longer ones are cut */
#define WZP_SIGNAL_MAX_ROOM         253 /* from here on: longer ones refuse the message (WZP_ELIMIT) */
#define WZP_SIGNAL_MAX_TOKEN        4096
#define WZP_SIGNAL_MAX_FINGERPRINT  128
#define WZP_SIGNAL_MAX_ID           128 /* call and session ids */
#define WZP_SIGNAL_MAX_ADDRESS      256 /* addresses and URLs */
#define WZP_SIGNAL_MAX_CANDIDATE    1024
#define WZP_SIGNAL_MAX_BYTES        256 /* of a signature */
#define WZP_SIGNAL_MAX_PROFILES     32
#define WZP_SIGNAL_MAX_PARTICIPANTS 512
#define WZP_SIGNAL_MAX_FINGERPRINTS 4096 /* of PresenceUpdate */
#define WZP_SIGNAL_MAX_ADDRESSES    32   /* addresses, relays of a chain, alternates */
#define WZP_SIGNAL_MAX_PATH                                                                                  \
    32 /* a longer path reads as its first 33: the receiver sees that it is too long */
#define WZP_SIGNAL_MAX_VALUES 16384             /* JSON values of one message */
#define WZP_SIGNAL_MAX_DEPTH  16                /* nested arrays and objects */
#define WZP_SIGNAL_MAX_SIZE   ((size_t)1 << 20) /* of a message as JSON */

enum wzp_hangup_reason {
    WZP_HANGUP_NORMAL,
    WZP_HANGUP_BUSY,
    WZP_HANGUP_DECLINED,
    WZP_HANGUP_TIMEOUT,
    WZP_HANGUP_ERROR,
};

enum wzp_accept_mode {
    WZP_ACCEPT_REJECT,
    WZP_ACCEPT_TRUSTED,
    WZP_ACCEPT_GENERIC,
};

/** Bytes of any number; absent where `bytes` is NULL. */
struct wzp_signal_bytes {
    const uint8_t *bytes;
    size_t size;
};

struct wzp_signal_texts {
    const char *const *items;
    size_t n;
};

struct wzp_signal_profiles {
    const struct wzp_profile *items;
    size_t n;
};

/** Somebody in a room. */
struct wzp_signal_participant {
    const char *fingerprint;
    const char *alias;       /* or NULL */
    const char *relay_label; /* text: the relay a remote one is on. "": local, as late G1 writes it (null).
                                NULL: not written, as early G1 does */
    uint16_t stream;         /* from here on G2: number in media headers */
    const char *relay_fp;
    uint8_t v;
    uint32_t caps;
    bool muted;
};

struct wzp_signal_participants {
    const struct wzp_signal_participant *items;
    size_t n;
};

struct wzp_signal_alternate {
    const char *url;
    const char *fingerprint;
};

struct wzp_signal_alternates {
    const struct wzp_signal_alternate *items;
    size_t n;
};
