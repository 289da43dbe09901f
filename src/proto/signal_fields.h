/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals as tables of fields: what signal_read.c and signal_write.c walk over, and nobody else.
 *
 * A variant is a name and the table of its struct; a field says how it is called in JSON, where it stands in
 * the struct, of which kind it is, and what its absence means.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/signal.h"

enum wzp_field_kind {
    WZP_FIELD_U8,
    WZP_FIELD_U16,
    WZP_FIELD_U32,
    WZP_FIELD_U64,
    WZP_FIELD_BOOL,
    WZP_FIELD_RATIO,   /* float from 0 to WZP_PROFILE_MAX_RATIO */
    WZP_FIELD_ENUM,    /* a name; `max` is how many there are, `name_of` gives them */
    WZP_FIELD_CAPS,    /* uint32_t of enum wzp_cap */
    WZP_FIELD_TEXT,    /* const char *, at most `max` bytes, no control characters */
    WZP_FIELD_PROSE,   /* const char *, cleaned and cut to `max` bytes */
    WZP_FIELD_KEY,     /* uint8_t[max], an array of numbers in JSON */
    WZP_FIELD_HEX,     /* uint8_t[max], 2 * max digits in JSON */
    WZP_FIELD_BYTES,   /* struct wzp_signal_bytes, at most `max` */
    WZP_FIELD_KEY_REF, /* struct wzp_signal_bytes, exactly `max` */
    WZP_FIELD_OBJECT,  /* the struct of `table` */
    WZP_FIELD_OBJ_REF, /* a pointer to one */
    WZP_FIELD_TEXTS,   /* struct wzp_signal_texts, at most `max` */
    WZP_FIELD_PATH,    /* struct wzp_signal_texts, cut behind `max` + 1 */
    WZP_FIELD_OBJECTS, /* struct wzp_signal_objects, at most `max` of the structs of `table` */
    WZP_FIELD_COUNT,   /* the length of the struct wzp_signal_objects at `offset` */
    WZP_FIELD_SIGNAL,  /* const struct wzp_signal * */
};

enum wzp_field_presence {
    WZP_FIELD_REQUIRED, /* missing or null is malformed; always written */
    WZP_FIELD_DEFAULT,  /* may be missing; always written */
    WZP_FIELD_OR_NULL,  /* may be missing or null; absent is written as null */
    WZP_FIELD_SKIP,     /* may be missing or null; absent is not written */
    WZP_FIELD_MARKED,   /* text that tells missing (NULL) from null (""), and writes both back */
    WZP_FIELD_IGNORED,  /* read where it stands, never written */
};

struct wzp_signal_table;

struct wzp_signal_field {
    const char *name;
    const struct wzp_signal_table *table;
    const char *(*name_of)(unsigned value);
    uint16_t offset;
    uint16_t max;
    enum wzp_field_kind kind;
    enum wzp_field_presence presence;
};

struct wzp_signal_table {
    const struct wzp_signal_field *fields;
    size_t n_fields;
    size_t size; /* of the struct */
};

struct wzp_signal_variant {
    enum wzp_signal_kind kind;
    const char *name;
    const struct wzp_signal_table *table; /* NULL: a bare name without fields */
};

struct wzp_signal_family {
    const struct wzp_signal_variant *variants;
    size_t n_variants;
};

extern const struct wzp_signal_family wzp_signal_room_family;  /* signal_room.c */
extern const struct wzp_signal_family wzp_signal_relay_family; /* signal_relay.c */
extern const struct wzp_signal_family wzp_signal_call_family;  /* signal_call.c */

/** Parts of messages of more than one family. */
extern const struct wzp_signal_table wzp_signal_profile_table;
extern const struct wzp_signal_table wzp_signal_participant_table;

/** NULL where there is none. */
const struct wzp_signal_variant *wzp_signal_variant_of(enum wzp_signal_kind kind);
const struct wzp_signal_variant *wzp_signal_variant_find(const char *name);

/** The same layout as every list of structs in signal.h. */
struct wzp_signal_objects {
    const void *items;
    size_t n;
};

/** Strings of enum wzp_cap, lowest bit first. */
#define WZP_SIGNAL_CAPS 6
extern const char *const wzp_signal_cap_names[WZP_SIGNAL_CAPS];
