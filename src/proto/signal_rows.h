/* SPDX-License-Identifier: Apache-2.0 */
/* How the tables of signal_room.c, signal_relay.c and signal_call.c are spelled. For those files only. */
#pragma once

#include "proto/signal_fields.h"

/* A row of a table: the JSON name is the member's, or given with NAMED. */
#define NAMED(json, type, member, kind_, presence_, ...)                                                     \
    {                                                                                                        \
        .name = (json), .offset = offsetof(struct type, member), .kind = WZP_FIELD_##kind_,                  \
        .presence = WZP_FIELD_##presence_, __VA_ARGS__                                                       \
    }
#define FIELD(type, member, kind_, presence_, ...)                                                           \
    NAMED(#member, wzp_signal_##type, member, kind_, presence_, __VA_ARGS__)
#define TEXT(type, member, presence_, limit) FIELD(type, member, TEXT, presence_, .max = (limit))
#define PROSE(type, member, presence_)       FIELD(type, member, PROSE, presence_, .max = WZP_SIGNAL_MAX_TEXT)
#define FINGERPRINT(type, member, presence_) TEXT(type, member, presence_, WZP_SIGNAL_MAX_FINGERPRINT)
#define ADDRESS(type, member, presence_)     TEXT(type, member, presence_, WZP_SIGNAL_MAX_ADDRESS)
#define ID(type, member)                     TEXT(type, member, REQUIRED, WZP_SIGNAL_MAX_ID)
#define ROOM(type, member, presence_)        TEXT(type, member, presence_, WZP_SIGNAL_MAX_ROOM)
#define KEY(type, member)                    FIELD(type, member, KEY, REQUIRED, .max = WZP_SIGNAL_KEY_BYTES)
#define KEY_REF(type, member)                FIELD(type, member, KEY_REF, SKIP, .max = WZP_SIGNAL_KEY_BYTES)

#define LABEL(type, member, presence_) FIELD(type, member, PROSE, presence_, .max = WZP_SIGNAL_MAX_ALIAS)

#define SIGNATURE(type, presence_) FIELD(type, signature, BYTES, presence_, .max = WZP_SIGNAL_MAX_BYTES)

#define PROFILE(type, member) FIELD(type, member, OBJECT, REQUIRED, .table = &wzp_signal_profile_table)

#define ADDRESSES(type, member, presence_)                                                                   \
    FIELD(type, member, TEXTS, presence_, .max = WZP_SIGNAL_MAX_ADDRESSES)
#define PROFILES(type)                                                                                       \
    FIELD(type, supported_profiles, OBJECTS, REQUIRED, .max = WZP_SIGNAL_MAX_PROFILES,                       \
          .table = &wzp_signal_profile_table)
#define PARTICIPANTS(type, presence_)                                                                        \
    FIELD(type, participants, OBJECTS, presence_, .max = WZP_SIGNAL_MAX_PARTICIPANTS,                        \
          .table = &wzp_signal_participant_table)
#define TABLE(type, fields_)                                                                                 \
    {                                                                                                        \
        .fields = (fields_), .n_fields = wzp_count(fields_), .size = sizeof(struct type)                     \
    }
