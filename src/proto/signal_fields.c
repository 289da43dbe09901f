/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/signal_fields.h"

#include <string.h>

#include "proto/signal_rows.h"

const char *const wzp_signal_cap_names[WZP_SIGNAL_CAPS] = {"tag",       "rlc",   "report",
                                                           "directive", "level", "e2e"};

static const char *codec_name(unsigned value)
{
    return wzp_codec_id_name((enum wzp_codec_id)value);
}

static const struct wzp_signal_field profile_fields[] = {
    NAMED("codec", wzp_profile, codec, ENUM, REQUIRED, .max = WZP_CODECS, .name_of = codec_name),
    NAMED("fec_ratio", wzp_profile, fec_ratio, RATIO, REQUIRED, ),
    NAMED("frame_duration_ms", wzp_profile, frame_ms, U8, REQUIRED, ),
    NAMED("frames_per_block", wzp_profile, frames_per_block, U8, REQUIRED, ),
};
const struct wzp_signal_table wzp_signal_profile_table = TABLE(wzp_profile, profile_fields);

static const struct wzp_signal_field participant_fields[] = {
    FINGERPRINT(participant, fingerprint, REQUIRED), LABEL(participant, alias, OR_NULL),
    LABEL(participant, relay_label, MARKED),         FIELD(participant, stream, U16, SKIP, ),
    FINGERPRINT(participant, relay_fp, SKIP),        FIELD(participant, v, U8, SKIP, ),
    FIELD(participant, caps, CAPS, SKIP, ),          FIELD(participant, muted, BOOL, SKIP, ),
};
const struct wzp_signal_table wzp_signal_participant_table =
    TABLE(wzp_signal_participant, participant_fields);

static const struct wzp_signal_family *const families[] = {
    &wzp_signal_room_family,
    &wzp_signal_relay_family,
    &wzp_signal_call_family,
};

/** The i-th of all variants, NULL behind the last. */
static const struct wzp_signal_variant *variant_at(size_t i)
{
    for (size_t f = 0; f < wzp_count(families); f++) {
        if (i < families[f]->n_variants) {
            return &families[f]->variants[i];
        }
        i -= families[f]->n_variants;
    }
    return NULL;
}

const struct wzp_signal_variant *wzp_signal_variant_of(enum wzp_signal_kind kind)
{
    const struct wzp_signal_variant *variant = variant_at(0);
    for (size_t i = 1; variant && variant->kind != kind; i++) {
        variant = variant_at(i);
    }
    return variant;
}

const struct wzp_signal_variant *wzp_signal_variant_find(const char *name)
{
    const struct wzp_signal_variant *variant = variant_at(0);
    for (size_t i = 1; variant && strcmp(variant->name, name) != 0; i++) {
        variant = variant_at(i);
    }
    return variant;
}

const char *wzp_signal_kind_name(enum wzp_signal_kind kind)
{
    const struct wzp_signal_variant *variant = wzp_signal_variant_of(kind);
    return variant ? variant->name : "none";
}

bool wzp_signal_kind_is_known(enum wzp_signal_kind kind, uint8_t v)
{
    return v >= WZP_SIGNAL_VERSION || kind <= WZP_SIGNAL_SESSION_FORWARD_ACK;
}
