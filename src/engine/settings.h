/* SPDX-License-Identifier: Apache-2.0 */
/* A caller's configuration, checked, completed and kept: what does not belong to the audio. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <wzp/engine.h>
#include <wzp/error.h>

#include "base/attr.h"
#include "crypto/fingerprint.h"
#include "crypto/identity.h"
#include "engine/call.h"
#include "proto/profile.h"
#include "proto/room_name.h"

/** A value; zeroed is empty. */
struct wzp_settings {
    char *relay;                           /* never NULL */
    char *alias, *token, *known_relays;    /* or NULL */
    char server_name[WZP_ROOM_NAME_BYTES]; /* the room as SNI */
    bool has_pin;
    uint8_t pin[WZP_FINGERPRINT_BYTES]; /* where `has_pin` */
    struct wzp_identity identity;
    const struct wzp_profile_entry *profile;
    uint32_t linger_ms, limit_ms;
};

/** On failure `out_message` is a sentence for people where there is more to say than the error. */
WZP_MUST_USE enum wzp_err wzp_settings_init(struct wzp_settings *settings,
                                            const struct wzp_engine_config *config,
                                            char out_message[static WZP_EVENT_MESSAGE_BYTES]);

/** A call with these settings; borrows from them. Loop, log, events and handler are left to its owner. */
struct wzp_call_config wzp_settings_call(const struct wzp_settings *settings);

/** Wipes the secrets. Also after a failure. */
void wzp_settings_deinit(struct wzp_settings *settings);

/**
 * The server name (SNI) that asks a relay for the room `name`: folded where it can be sent as it is; else,
 * for names that mean something else ("ping", a first underscore), and with `hides` always, the hash that
 * means the same room. WZP_EINVAL: too long, or not clean UTF-8.
 */
WZP_MUST_USE enum wzp_err wzp_settings_server_name(const char *name, bool hides,
                                                   char out_name[static WZP_ROOM_NAME_BYTES]);
