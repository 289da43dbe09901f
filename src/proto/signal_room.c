/* SPDX-License-Identifier: Apache-2.0 */
/* The signals between a client and its relay in a room. */
#include "proto/signal_rows.h"

static const char *hangup_reason_name(unsigned value)
{
    static const char *const names[] = {"Normal", "Busy", "Declined", "Timeout", "Error"};
    return names[value];
}

static const struct wzp_signal_field report_fields[] = {
    NAMED("loss_pct", wzp_media_report, loss, U8, REQUIRED, ),
    NAMED("rtt_4ms", wzp_media_report, rtt_4ms, U8, REQUIRED, ),
    NAMED("jitter_ms", wzp_media_report, jitter_ms, U8, REQUIRED, ),
    NAMED("bitrate_cap_kbps", wzp_media_report, cap_kbps, U8, REQUIRED, ),
};
static const struct wzp_signal_table report_table = TABLE(wzp_media_report, report_fields);

static const struct wzp_signal_field alternate_fields[] = {
    ADDRESS(alternate, url, REQUIRED),
    FINGERPRINT(alternate, fingerprint, OR_NULL),
};
static const struct wzp_signal_table alternate_table = TABLE(wzp_signal_alternate, alternate_fields);

static const struct wzp_signal_field call_offer_fields[] = {
    KEY(call_offer, identity_pub),         KEY(call_offer, ephemeral_pub),
    SIGNATURE(call_offer, REQUIRED),       PROFILES(call_offer),
    LABEL(call_offer, alias, OR_NULL),     FIELD(call_offer, v, U8, SKIP, ),
    FIELD(call_offer, caps, CAPS, SKIP, ), PROSE(call_offer, client, SKIP),
};
static const struct wzp_signal_table call_offer_table = TABLE(wzp_signal_call_offer, call_offer_fields);

static const struct wzp_signal_field call_answer_fields[] = {
    KEY(call_answer, identity_pub),          KEY(call_answer, ephemeral_pub),
    SIGNATURE(call_answer, REQUIRED),        PROFILE(call_answer, chosen_profile),
    FIELD(call_answer, v, U8, SKIP, ),       FIELD(call_answer, caps, CAPS, SKIP, ),
    FIELD(call_answer, stream, U16, SKIP, ), LABEL(call_answer, relay_label, SKIP),
    PROSE(call_answer, relay_build, SKIP),
};
static const struct wzp_signal_table call_answer_table = TABLE(wzp_signal_call_answer, call_answer_fields);

static const struct wzp_signal_field auth_token_fields[] = {
    TEXT(auth_token, token, REQUIRED, WZP_SIGNAL_MAX_TOKEN),
};
static const struct wzp_signal_table auth_token_table = TABLE(wzp_signal_auth_token, auth_token_fields);

static const struct wzp_signal_field room_update_fields[] = {
    NAMED("count", wzp_signal_room_update, participants, COUNT, REQUIRED, ),
    PARTICIPANTS(room_update, REQUIRED),
    ROOM(room_update, room, SKIP),
    FIELD(room_update, rev, U64, SKIP, ),
};
static const struct wzp_signal_table room_update_table = TABLE(wzp_signal_room_update, room_update_fields);

static const struct wzp_signal_field hangup_fields[] = {
    FIELD(hangup, reason, ENUM, REQUIRED, .max = WZP_HANGUP_ERROR + 1, .name_of = hangup_reason_name),
    TEXT(hangup, call_id, SKIP, WZP_SIGNAL_MAX_ID),
};
static const struct wzp_signal_table hangup_table = TABLE(wzp_signal_hangup, hangup_fields);

static const struct wzp_signal_field ping_fields[] = {FIELD(ping, timestamp_ms, U64, REQUIRED, )};
static const struct wzp_signal_table ping_table = TABLE(wzp_signal_ping, ping_fields);

static const struct wzp_signal_field ice_candidate_fields[] = {
    TEXT(ice_candidate, candidate, REQUIRED, WZP_SIGNAL_MAX_CANDIDATE),
};
static const struct wzp_signal_table ice_candidate_table =
    TABLE(wzp_signal_ice_candidate, ice_candidate_fields);

static const struct wzp_signal_field rekey_fields[] = {
    KEY(rekey, new_ephemeral_pub),
    SIGNATURE(rekey, REQUIRED),
};
static const struct wzp_signal_table rekey_table = TABLE(wzp_signal_rekey, rekey_fields);

static const struct wzp_signal_field quality_update_fields[] = {
    FIELD(quality_update, report, OBJECT, REQUIRED, .table = &report_table),
    PROFILE(quality_update, recommended_profile),
};
static const struct wzp_signal_table quality_update_table =
    TABLE(wzp_signal_quality_update, quality_update_fields);

static const struct wzp_signal_field quality_directive_fields[] = {
    PROFILE(quality_directive, recommended_profile),
    PROSE(quality_directive, reason, SKIP),
};
static const struct wzp_signal_table quality_directive_table =
    TABLE(wzp_signal_quality_directive, quality_directive_fields);

static const struct wzp_signal_field loss_recovery_update_fields[] = {
    FIELD(loss_recovery_update, dred_reconstructions, U64, DEFAULT, ),
    FIELD(loss_recovery_update, classical_plc_invocations, U64, DEFAULT, ),
    FIELD(loss_recovery_update, frames_decoded, U64, DEFAULT, ),
};
static const struct wzp_signal_table loss_recovery_update_table =
    TABLE(wzp_signal_loss_recovery_update, loss_recovery_update_fields);

static const struct wzp_signal_field go_away_fields[] = {
    PROSE(go_away, reason, REQUIRED),
    FIELD(go_away, deadline_ms, U32, REQUIRED, ),
    FIELD(go_away, alternates, OBJECTS, DEFAULT, .max = WZP_SIGNAL_MAX_ADDRESSES, .table = &alternate_table),
};
static const struct wzp_signal_table go_away_table = TABLE(wzp_signal_go_away, go_away_fields);

static const struct wzp_signal_variant variants[] = {
    {WZP_SIGNAL_CALL_OFFER, "CallOffer", &call_offer_table},
    {WZP_SIGNAL_CALL_ANSWER, "CallAnswer", &call_answer_table},
    {WZP_SIGNAL_AUTH_TOKEN, "AuthToken", &auth_token_table},
    {WZP_SIGNAL_ROOM_UPDATE, "RoomUpdate", &room_update_table},
    {WZP_SIGNAL_HANGUP, "Hangup", &hangup_table},
    {WZP_SIGNAL_PING, "Ping", &ping_table},
    {WZP_SIGNAL_PONG, "Pong", &ping_table},
    {WZP_SIGNAL_ICE_CANDIDATE, "IceCandidate", &ice_candidate_table},
    {WZP_SIGNAL_REKEY, "Rekey", &rekey_table},
    {WZP_SIGNAL_QUALITY_UPDATE, "QualityUpdate", &quality_update_table},
    {WZP_SIGNAL_LOSS_RECOVERY_UPDATE, "LossRecoveryUpdate", &loss_recovery_update_table},
    {WZP_SIGNAL_QUALITY_DIRECTIVE, "QualityDirective", &quality_directive_table},
    {WZP_SIGNAL_GO_AWAY, "GoAway", &go_away_table},
    {WZP_SIGNAL_HOLD, "Hold", NULL},
    {WZP_SIGNAL_UNHOLD, "Unhold", NULL},
    {WZP_SIGNAL_MUTE, "Mute", NULL},
    {WZP_SIGNAL_UNMUTE, "Unmute", NULL},
};

const struct wzp_signal_family wzp_signal_room_family = {variants, wzp_count(variants)};
