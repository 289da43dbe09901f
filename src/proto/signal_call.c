/* SPDX-License-Identifier: Apache-2.0 */
/* The signals of direct calls. */
#include "proto/signal_rows.h"

static const char *accept_mode_name(unsigned value)
{
    static const char *const names[] = {"Reject", "AcceptTrusted", "AcceptGeneric"};
    return names[value];
}

static const struct wzp_signal_field register_presence_fields[] = {
    KEY(register_presence, identity_pub),
    SIGNATURE(register_presence, REQUIRED),
    LABEL(register_presence, alias, OR_NULL),
};
static const struct wzp_signal_table register_presence_table =
    TABLE(wzp_signal_register_presence, register_presence_fields);

static const struct wzp_signal_field register_presence_ack_fields[] = {
    FIELD(register_presence_ack, success, BOOL, REQUIRED, ),
    PROSE(register_presence_ack, error, SKIP),
    PROSE(register_presence_ack, relay_build, SKIP),
};
static const struct wzp_signal_table register_presence_ack_table =
    TABLE(wzp_signal_register_presence_ack, register_presence_ack_fields);

static const struct wzp_signal_field direct_call_offer_fields[] = {
    FINGERPRINT(direct_call_offer, caller_fingerprint, REQUIRED),
    LABEL(direct_call_offer, caller_alias, OR_NULL),
    FINGERPRINT(direct_call_offer, target_fingerprint, REQUIRED),
    ID(direct_call_offer, call_id),
    KEY(direct_call_offer, identity_pub),
    KEY(direct_call_offer, ephemeral_pub),
    SIGNATURE(direct_call_offer, REQUIRED),
    PROFILES(direct_call_offer),
    ADDRESS(direct_call_offer, caller_reflexive_addr, SKIP),
    ADDRESSES(direct_call_offer, caller_local_addrs, SKIP),
    PROSE(direct_call_offer, caller_build_version, SKIP),
};
static const struct wzp_signal_table direct_call_offer_table =
    TABLE(wzp_signal_direct_call_offer, direct_call_offer_fields);

static const struct wzp_signal_field direct_call_answer_fields[] = {
    ID(direct_call_answer, call_id),
    FIELD(direct_call_answer, accept_mode, ENUM, REQUIRED, .max = WZP_ACCEPT_GENERIC + 1,
          .name_of = accept_mode_name),
    KEY_REF(direct_call_answer, identity_pub),
    KEY_REF(direct_call_answer, ephemeral_pub),
    SIGNATURE(direct_call_answer, SKIP),
    FIELD(direct_call_answer, chosen_profile, OBJ_REF, SKIP, .table = &wzp_signal_profile_table),
    ADDRESS(direct_call_answer, callee_reflexive_addr, SKIP),
    ADDRESSES(direct_call_answer, callee_local_addrs, SKIP),
    PROSE(direct_call_answer, callee_build_version, SKIP),
};
static const struct wzp_signal_table direct_call_answer_table =
    TABLE(wzp_signal_direct_call_answer, direct_call_answer_fields);

static const struct wzp_signal_field call_setup_fields[] = {
    ID(call_setup, call_id),
    ROOM(call_setup, room, REQUIRED),
    ADDRESS(call_setup, relay_addr, REQUIRED),
    ADDRESS(call_setup, peer_direct_addr, SKIP),
    ADDRESSES(call_setup, peer_local_addrs, SKIP),
};
static const struct wzp_signal_table call_setup_table = TABLE(wzp_signal_call_setup, call_setup_fields);

static const struct wzp_signal_field call_ringing_fields[] = {ID(call_ringing, call_id)};
static const struct wzp_signal_table call_ringing_table = TABLE(wzp_signal_call_ringing, call_ringing_fields);

static const struct wzp_signal_field reflect_response_fields[] = {
    ADDRESS(reflect_response, observed_addr, REQUIRED),
};
static const struct wzp_signal_table reflect_response_table =
    TABLE(wzp_signal_reflect_response, reflect_response_fields);

static const struct wzp_signal_field media_path_report_fields[] = {
    ID(media_path_report, call_id),
    FIELD(media_path_report, direct_ok, BOOL, REQUIRED, ),
    PROSE(media_path_report, race_winner, DEFAULT),
};
static const struct wzp_signal_table media_path_report_table =
    TABLE(wzp_signal_media_path_report, media_path_report_fields);

static const struct wzp_signal_field transfer_fields[] = {
    FINGERPRINT(transfer, target_fingerprint, REQUIRED),
    ADDRESS(transfer, relay_addr, OR_NULL),
};
static const struct wzp_signal_table transfer_table = TABLE(wzp_signal_transfer, transfer_fields);

static const struct wzp_signal_variant variants[] = {
    {WZP_SIGNAL_TRANSFER, "Transfer", &transfer_table},
    {WZP_SIGNAL_REGISTER_PRESENCE, "RegisterPresence", &register_presence_table},
    {WZP_SIGNAL_REGISTER_PRESENCE_ACK, "RegisterPresenceAck", &register_presence_ack_table},
    {WZP_SIGNAL_DIRECT_CALL_OFFER, "DirectCallOffer", &direct_call_offer_table},
    {WZP_SIGNAL_DIRECT_CALL_ANSWER, "DirectCallAnswer", &direct_call_answer_table},
    {WZP_SIGNAL_CALL_SETUP, "CallSetup", &call_setup_table},
    {WZP_SIGNAL_CALL_RINGING, "CallRinging", &call_ringing_table},
    {WZP_SIGNAL_REFLECT_RESPONSE, "ReflectResponse", &reflect_response_table},
    {WZP_SIGNAL_MEDIA_PATH_REPORT, "MediaPathReport", &media_path_report_table},
    {WZP_SIGNAL_TRANSFER_ACK, "TransferAck", NULL},
    {WZP_SIGNAL_REFLECT, "Reflect", NULL},
};

const struct wzp_signal_family wzp_signal_call_family = {variants, wzp_count(variants)};
