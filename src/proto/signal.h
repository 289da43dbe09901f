/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals: every message of both generations as a value, read from and written to JSON. Source: wire-protocol
 * section 3; G1 sections 2.2 to 2.5. Framing is net's.
 *
 * To send, fill a `struct wzp_signal` with borrowed pointers and write it:
 *
 *     const struct wzp_signal hello = {.kind = WZP_SIGNAL_AUTH_TOKEN, .auth_token = {.token = token}};
 *
 * A signal that wzp_signal_read filled owns what it points to until wzp_signal_deinit. Members are named in
 * wire order. What "absent" means for an optional one: text and bytes NULL, numbers 0, bits none, lists
 * empty; where 0 could be meant, the member says so. Absent members of G2 are not written, so that a G1
 * message is G1's byte for byte. Text that people wrote (alias, label, client, build, reason) is cleaned of
 * control characters and cut; all other text is refused when it has control characters or is too long.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "proto/signal_calls.h"
#include "proto/signal_values.h"

/** What a peer can do, as bits; in JSON an array of strings, of which unknown ones are ignored. */
enum wzp_cap {
    WZP_CAP_TAG = 1 << 0,       /* "tag": stream numbers */
    WZP_CAP_RLC = 1 << 1,       /* "rlc": sliding-window repair */
    WZP_CAP_REPORT = 1 << 2,    /* "report": quality reports */
    WZP_CAP_DIRECTIVE = 1 << 3, /* "directive": QualityDirective */
    WZP_CAP_LEVEL = 1 << 4,     /* "level": audio levels */
    WZP_CAP_E2E = 1 << 5,       /* "e2e": end-to-end sealing */
};

enum wzp_signal_kind {
    WZP_SIGNAL_NONE, /* an empty signal, which has no JSON */
    /* Every first-generation peer knows these. */
    WZP_SIGNAL_CALL_OFFER,
    WZP_SIGNAL_CALL_ANSWER,
    WZP_SIGNAL_AUTH_TOKEN,
    WZP_SIGNAL_ROOM_UPDATE,
    WZP_SIGNAL_HANGUP,
    WZP_SIGNAL_PING,
    WZP_SIGNAL_PONG,
    WZP_SIGNAL_PRESENCE_UPDATE,
    WZP_SIGNAL_ROUTE_QUERY,
    WZP_SIGNAL_ROUTE_RESPONSE,
    WZP_SIGNAL_FEDERATION_HELLO,
    WZP_SIGNAL_GLOBAL_ROOM_ACTIVE,
    WZP_SIGNAL_GLOBAL_ROOM_INACTIVE,
    WZP_SIGNAL_ICE_CANDIDATE,
    WZP_SIGNAL_REKEY,
    WZP_SIGNAL_QUALITY_UPDATE,
    WZP_SIGNAL_HOLD,
    WZP_SIGNAL_UNHOLD,
    WZP_SIGNAL_MUTE,
    WZP_SIGNAL_UNMUTE,
    WZP_SIGNAL_TRANSFER,
    WZP_SIGNAL_TRANSFER_ACK,
    WZP_SIGNAL_SESSION_FORWARD,
    WZP_SIGNAL_SESSION_FORWARD_ACK,
    /* Late first-generation peers know these, early ones hang up on them. */
    WZP_SIGNAL_LOSS_RECOVERY_UPDATE,
    WZP_SIGNAL_REGISTER_PRESENCE,
    WZP_SIGNAL_REGISTER_PRESENCE_ACK,
    WZP_SIGNAL_DIRECT_CALL_OFFER,
    WZP_SIGNAL_DIRECT_CALL_ANSWER,
    WZP_SIGNAL_CALL_SETUP,
    WZP_SIGNAL_CALL_RINGING,
    WZP_SIGNAL_REFLECT,
    WZP_SIGNAL_REFLECT_RESPONSE,
    WZP_SIGNAL_MEDIA_PATH_REPORT,
    WZP_SIGNAL_FEDERATED_SIGNAL_FORWARD,
    WZP_SIGNAL_QUALITY_DIRECTIVE,
    /* Only the second generation knows these. */
    WZP_SIGNAL_PRUNE,
    WZP_SIGNAL_GRAFT,
    WZP_SIGNAL_GO_AWAY,
};

#define WZP_SIGNAL_KINDS (WZP_SIGNAL_GO_AWAY + 1)

struct wzp_signal_call_offer {
    uint8_t identity_pub[WZP_SIGNAL_KEY_BYTES];
    uint8_t ephemeral_pub[WZP_SIGNAL_KEY_BYTES];
    struct wzp_signal_bytes signature;
    struct wzp_signal_profiles supported_profiles;
    const char *alias;
    uint8_t v;
    uint32_t caps; /* enum wzp_cap */
    const char *client;
};

struct wzp_signal_call_answer {
    uint8_t identity_pub[WZP_SIGNAL_KEY_BYTES];
    uint8_t ephemeral_pub[WZP_SIGNAL_KEY_BYTES];
    struct wzp_signal_bytes signature;
    struct wzp_profile chosen_profile;
    uint8_t v;
    uint32_t caps;
    uint16_t stream; /* the number of the client's own packets */
    const char *relay_label;
    const char *relay_build;
};

struct wzp_signal_auth_token {
    const char *token;
};

struct wzp_signal_room_update {
    struct wzp_signal_participants participants; /* `count` is written from it, and not believed on reading */
    const char *room;
    uint64_t rev; /* from 1 on; an update below the last one seen is dropped */
};

struct wzp_signal_hangup {
    enum wzp_hangup_reason reason;
    const char *call_id;
};

/** Ping and Pong. */
struct wzp_signal_ping {
    uint64_t timestamp_ms; /* the sender's Unix time, echoed as it came */
};

struct wzp_signal_presence_update {
    struct wzp_signal_texts fingerprints;
    const char *relay_addr;
};

struct wzp_signal_route_query {
    const char *fingerprint;
    uint8_t ttl;
};

struct wzp_signal_route_response {
    const char *fingerprint;
    bool found;
    struct wzp_signal_texts relay_chain;
};

struct wzp_signal_federation_hello {
    const char *tls_fingerprint;
    uint8_t v; /* read from `version` too */
    const char *label;
    uint32_t caps;
    const char *build;
};

/** GlobalRoomActive and GlobalRoomInactive. From `origin` on absent on first-generation links. */
struct wzp_signal_global_room {
    const char *room;
    struct wzp_signal_participants participants; /* Active only */
    const char *origin;                          /* fingerprint */
    uint64_t seq;                                /* the origin's; never 0 */
    uint64_t n;                                  /* the link's message counter; from 1 on */
    struct wzp_signal_texts path;                /* fingerprints: sender first, origin last */
    struct wzp_signal_texts lost; /* none or two fingerprints: the way from one to the other broke, and with
                                     it the sender's former path */
    bool withdraw;                /* Inactive only */
};

struct wzp_signal_quality_directive {
    struct wzp_profile recommended_profile;
    const char *reason;
};

/** Prune and Graft. */
struct wzp_signal_prune {
    uint8_t room_hash[WZP_SIGNAL_ROOM_HASH_BYTES];
    const char *origin; /* fingerprint; NULL: the whole room */
    uint64_t n;
};

struct wzp_signal_go_away {
    const char *reason;
    uint32_t deadline_ms;
    struct wzp_signal_alternates alternates;
};

struct wzp_signal {
    enum wzp_signal_kind kind;
    union {
        struct wzp_signal_call_offer call_offer;
        struct wzp_signal_call_answer call_answer;
        struct wzp_signal_auth_token auth_token;
        struct wzp_signal_room_update room_update;
        struct wzp_signal_hangup hangup;
        struct wzp_signal_ping ping; /* and Pong */
        struct wzp_signal_presence_update presence_update;
        struct wzp_signal_route_query route_query;
        struct wzp_signal_route_response route_response;
        struct wzp_signal_federation_hello federation_hello;
        struct wzp_signal_global_room global_room; /* Active and Inactive */
        struct wzp_signal_ice_candidate ice_candidate;
        struct wzp_signal_rekey rekey;
        struct wzp_signal_quality_update quality_update;
        struct wzp_signal_transfer transfer;
        struct wzp_signal_session_forward session_forward;
        struct wzp_signal_session_forward_ack session_forward_ack;
        struct wzp_signal_loss_recovery_update loss_recovery_update;
        struct wzp_signal_register_presence register_presence;
        struct wzp_signal_register_presence_ack register_presence_ack;
        struct wzp_signal_direct_call_offer direct_call_offer;
        struct wzp_signal_direct_call_answer direct_call_answer;
        struct wzp_signal_call_setup call_setup;
        struct wzp_signal_call_ringing call_ringing;
        struct wzp_signal_reflect_response reflect_response;
        struct wzp_signal_media_path_report media_path_report;
        struct wzp_signal_federated_signal_forward federated_signal_forward;
        struct wzp_signal_quality_directive quality_directive;
        struct wzp_signal_prune prune; /* and Graft */
        struct wzp_signal_go_away go_away;
    };
    void *memory; /* what wzp_signal_read allocated; NULL in signals made by hand */
};

/**
 * Reads one message. The result is the caller's, for wzp_signal_deinit; on failure nothing is.
 *
 * WZP_ENOTFOUND: a variant that this version does not know; ignore it. WZP_EMALFORMED: not the JSON of a
 * message, or a member is missing, duplicate, of the wrong type or out of range. WZP_ELIMIT: over one of the
 * limits above. WZP_ENOMEM. In each case the connection may go on.
 */
WZP_MUST_USE enum wzp_err wzp_signal_read(const void *body, size_t size, struct wzp_signal *out_signal);

/** Frees what wzp_signal_read allocated and empties the signal. Signals made by hand have nothing to free. */
void wzp_signal_deinit(struct wzp_signal *signal);

/**
 * The message as JSON, for the caller to free(). NUL-terminated; `out_size` is without the NUL.
 *
 * WZP_EINVAL: a required text is NULL, or an enumeration is out of range. WZP_ELIMIT: over
 * WZP_SIGNAL_MAX_SIZE. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_signal_write(const struct wzp_signal *signal, char **out_body,
                                           size_t *out_size);

/** The variant's name, for logs and metrics. */
const char *wzp_signal_kind_name(enum wzp_signal_kind kind);

/**
 * Whether a signal of `kind` may be sent to a peer that said `v`: below 2 only what early first-generation
 * peers know, since they hang up on anything else.
 */
bool wzp_signal_kind_is_known(enum wzp_signal_kind kind, uint8_t v);
