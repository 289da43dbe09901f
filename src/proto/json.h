/* SPDX-License-Identifier: Apache-2.0 */
/* Strict JSON: a parser with limits, and values of the types that messages have. For this floor only: it
 * shows jansson's type. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <wzp/error.h>

#include "base/attr.h"

/** What one text may cost; checked before it is parsed. */
struct wzp_json_limits {
    size_t max_size;
    size_t max_depth; /* of arrays and objects in each other */
    size_t max_values;
};

/**
 * Parses one JSON value of any type; the caller drops it with json_decref.
 *
 * WZP_EMALFORMED: not JSON (RFC 8259) in UTF-8, an object names a member twice, a text holds NUL, an integer
 * is over 63 bits, or something follows. WZP_ELIMIT. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_json_parse(const char *text, size_t size, const struct wzp_json_limits *limits,
                                         json_t **out_root);

/* Values. WZP_EMALFORMED: another type, or out of range. A NULL `json` is another type. */

WZP_MUST_USE enum wzp_err wzp_json_unsigned(const json_t *json, uint64_t most, uint64_t *out_value);
WZP_MUST_USE enum wzp_err wzp_json_bool(const json_t *json, bool *out_value);

/** A number from 0 to `most`; what is below 1e-6 reads as 0, so that it can be written without an exponent.
 */
WZP_MUST_USE enum wzp_err wzp_json_ratio(const json_t *json, double most, float *out_value);

/** A text that is one of the `n_names` that `name_of` gives; its index. */
WZP_MUST_USE enum wzp_err wzp_json_enum(const json_t *json, const char *(*name_of)(unsigned),
                                        unsigned n_names, unsigned *out_value);

/** An array of texts as a set of bits, one for each of `names` that is among them; others are ignored. */
WZP_MUST_USE enum wzp_err wzp_json_flags(const json_t *json, const char *const *names, size_t n_names,
                                         uint32_t *out_flags);

/** An array of exactly `size` numbers from 0 to 255. */
WZP_MUST_USE enum wzp_err wzp_json_octets(const json_t *json, uint8_t *out_bytes, size_t size);

/** A text of exactly 2 * `size` hexadecimal digits. */
WZP_MUST_USE enum wzp_err wzp_json_hex(const json_t *json, uint8_t *out_bytes, size_t size);
