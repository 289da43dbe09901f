/* SPDX-License-Identifier: Apache-2.0 */
/* Signals about calls between two clients, and what leads to them: proto/signal.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/media.h"
#include "proto/profile.h"
#include "proto/signal_values.h"

struct wzp_signal;

struct wzp_signal_ice_candidate {
    const char *candidate;
};

struct wzp_signal_rekey {
    uint8_t new_ephemeral_pub[WZP_SIGNAL_KEY_BYTES];
    struct wzp_signal_bytes signature;
};

struct wzp_signal_quality_update {
    struct wzp_media_report report;
    struct wzp_profile recommended_profile;
};

struct wzp_signal_transfer {
    const char *target_fingerprint;
    const char *relay_addr;
};

struct wzp_signal_session_forward {
    const char *session_id;
    const char *target_fingerprint;
    const char *source_relay;
};

struct wzp_signal_session_forward_ack {
    const char *session_id;
    const char *room_name;
};

struct wzp_signal_loss_recovery_update {
    uint64_t dred_reconstructions;
    uint64_t classical_plc_invocations;
    uint64_t frames_decoded;
};

struct wzp_signal_register_presence {
    uint8_t identity_pub[WZP_SIGNAL_KEY_BYTES];
    struct wzp_signal_bytes signature;
    const char *alias;
};

struct wzp_signal_register_presence_ack {
    bool success;
    const char *error;
    const char *relay_build;
};

struct wzp_signal_direct_call_offer {
    const char *caller_fingerprint;
    const char *caller_alias;
    const char *target_fingerprint;
    const char *call_id;
    uint8_t identity_pub[WZP_SIGNAL_KEY_BYTES];
    uint8_t ephemeral_pub[WZP_SIGNAL_KEY_BYTES];
    struct wzp_signal_bytes signature;
    struct wzp_signal_profiles supported_profiles;
    const char *caller_reflexive_addr;
    struct wzp_signal_texts caller_local_addrs;
    const char *caller_build_version;
};

struct wzp_signal_direct_call_answer {
    const char *call_id;
    enum wzp_accept_mode accept_mode;
    struct wzp_signal_bytes identity_pub;  /* absent or WZP_SIGNAL_KEY_BYTES */
    struct wzp_signal_bytes ephemeral_pub; /* absent or WZP_SIGNAL_KEY_BYTES */
    struct wzp_signal_bytes signature;
    const struct wzp_profile *chosen_profile;
    const char *callee_reflexive_addr;
    struct wzp_signal_texts callee_local_addrs;
    const char *callee_build_version;
};

struct wzp_signal_call_setup {
    const char *call_id;
    const char *room;
    const char *relay_addr;
    const char *peer_direct_addr;
    struct wzp_signal_texts peer_local_addrs;
};

struct wzp_signal_call_ringing {
    const char *call_id;
};

struct wzp_signal_reflect_response {
    const char *observed_addr;
};

struct wzp_signal_media_path_report {
    const char *call_id;
    bool direct_ok;
    const char *race_winner; /* NULL writes as "" */
};

struct wzp_signal_federated_signal_forward {
    const struct wzp_signal *inner; /* any signal but another FederatedSignalForward */
    const char *origin_relay_fp;
};
