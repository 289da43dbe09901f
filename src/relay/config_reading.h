/* SPDX-License-Identifier: Apache-2.0 */
/* Part of relay/config.c: tables of settings, and the walker that reads a TOML table by one of them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/toml.h"
#include "relay/config.h"

/** One pass over a file, or over one flag of the command line. */
struct wzp_config_reading {
    struct wzp_relay_config *config;
    struct wzp_problems *problems;
    const char *path;  /* of the file */
    const char *flag;  /* NULL, or the flag that the value comes from */
    const char *title; /* of the table that is read now: "[[peers]] ", or "" */
};

struct wzp_config_field;

/** Reads `value`, whose type is right, into `target`. What is wrong goes to the reading's problems; fails
 * with WZP_ENOMEM only. */
typedef enum wzp_err (*wzp_config_read_fn)(struct wzp_config_reading *reading,
                                           const struct wzp_config_field *field, void *target,
                                           const struct wzp_toml_value *value);

/** What a setting is. */
struct wzp_config_kind {
    enum wzp_toml_type type;
    wzp_config_read_fn read;
    bool (*is_valid)(const char *text); /* of texts */
    const char *needed;                 /* what a wrong or missing text should have been: "a path" */
};

struct wzp_config_field {
    const char *name;
    const struct wzp_config_kind *kind;
    size_t offset;    /* in the struct that the table of fields is for */
    int64_t min, max; /* of integers */
    bool is_required;
};

struct wzp_config_table {
    const char *title; /* "[[peers]] ", or "" for the file's own keys */
    const struct wzp_config_field *fields;
    size_t n;
};

/** The file's own keys, for struct wzp_relay_config. */
extern const struct wzp_config_table wzp_config_root;

/** Reads every entry of `toml` into `target` as `table` says; refuses unknown keys and misses required ones.
 * `place` is where the table starts. */
WZP_MUST_USE enum wzp_err wzp_config_walk(struct wzp_config_reading *reading,
                                          const struct wzp_config_table *table, void *target,
                                          const struct wzp_toml_table *toml, struct wzp_toml_place place);

/** Reads one value into its field: checks the type, then asks the kind. */
WZP_MUST_USE enum wzp_err wzp_config_read_field(struct wzp_config_reading *reading,
                                                const struct wzp_config_field *field, void *target,
                                                const struct wzp_toml_value *value);

/** The field of this name, or NULL. */
const struct wzp_config_field *wzp_config_find(const struct wzp_config_table *table, const char *name);

/** Adds an error at `place` about the setting `name` of the table that is read now. */
void wzp_config_complain(struct wzp_config_reading *reading, struct wzp_toml_place place, const char *name,
                         const char *format, ...) WZP_PRINTF(4, 5);

/** How much of a text is shown in a message. */
#define WZP_CONFIG_SHOWN_BYTES 64
