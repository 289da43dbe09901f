/* SPDX-License-Identifier: Apache-2.0 */
/* TOML 1.0 (https://toml.io/en/v1.0.0) read into a tree whose every key and value knows its line and column.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

#define WZP_TOML_MAX_BYTES (1024 * 1024)
#define WZP_TOML_MAX_DEPTH 32 /* tables and arrays within one another */

enum wzp_toml_type {
    WZP_TOML_STRING,
    WZP_TOML_INTEGER,
    WZP_TOML_FLOAT,
    WZP_TOML_BOOLEAN,
    WZP_TOML_DATETIME, /* any of TOML's four kinds; checked, kept as text */
    WZP_TOML_ARRAY,
    WZP_TOML_TABLE,
};

/** Where something stands: both count from 1; columns count characters. */
struct wzp_toml_place {
    uint32_t line, column;
};

/** UTF-8 with a NUL behind it; `size` counts without the NUL. It may hold further NULs ("\u0000"). */
struct wzp_toml_text {
    const char *bytes;
    size_t size;
};

struct wzp_toml_table;
struct wzp_toml_array;

struct wzp_toml_value {
    enum wzp_toml_type type;
    struct wzp_toml_place place;
    union {
        struct wzp_toml_text text; /* STRING, DATETIME */
        int64_t integer;
        double number; /* FLOAT; may be infinite or not a number */
        bool boolean;
        const struct wzp_toml_array *array;
        const struct wzp_toml_table *table;
    };
};

struct wzp_toml_entry {
    struct wzp_toml_text key;
    struct wzp_toml_place place; /* of the key */
    struct wzp_toml_value value;
    const struct wzp_toml_entry *next; /* in the order of the file */
};

struct wzp_toml_item {
    struct wzp_toml_value value;
    const struct wzp_toml_item *next;
};

struct wzp_toml_table {
    const struct wzp_toml_entry *first;
    size_t n;
};

struct wzp_toml_array {
    const struct wzp_toml_item *first;
    size_t n;
};

/** A document owns everything that is in it. */
struct wzp_toml;

struct wzp_toml_error {
    struct wzp_toml_place place;
    char text[192]; /* a sentence without a full stop */
};

/**
 * Reads a whole document. WZP_EMALFORMED (not TOML, not UTF-8), WZP_ELIMIT (larger or deeper than the limits
 * above), WZP_ENOMEM; `out_error` says where and why, on failure only.
 */
WZP_MUST_USE enum wzp_err wzp_toml_read(const char *text, size_t size, struct wzp_toml **out_toml,
                                        struct wzp_toml_error *out_error);

void wzp_toml_free(struct wzp_toml *toml);
void wzp_toml_freep(struct wzp_toml **toml);

/** The top table, alive as long as the document. */
const struct wzp_toml_table *wzp_toml_root(const struct wzp_toml *toml);

/** The value under `key`, or NULL. */
const struct wzp_toml_value *wzp_toml_get(const struct wzp_toml_table *table, const char *key);

/** "a string", "an integer" ... for messages. */
const char *wzp_toml_type_name(enum wzp_toml_type type);
