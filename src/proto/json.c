/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/json.h"

#include <string.h>

#include "base/text.h"

#define SMALLEST_RATIO 1e-6F

/** Counts nesting and values without parsing; whether the text is JSON at all is jansson's to say. */
static enum wzp_err check_shape(const char *text, size_t size, const struct wzp_json_limits *limits)
{
    size_t depth = 0;
    size_t n_values = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < size; i++) {
        const char c = text[i];
        if (c == '"') {
            is_quoted = !is_quoted;
        } else if (is_quoted) {
            i += c == '\\';
        } else if (c == '[' || c == '{') {
            depth++;
            n_values++;
        } else if (c == ',') {
            n_values++;
        } else if (c == ']' || c == '}') {
            depth -= depth > 0;
        }
        if (depth > limits->max_depth || n_values > limits->max_values) {
            return WZP_ELIMIT;
        }
    }
    return WZP_OK;
}

enum wzp_err wzp_json_parse(const char *text, size_t size, const struct wzp_json_limits *limits,
                            json_t **out_root)
{
    if (size > limits->max_size) {
        return WZP_ELIMIT;
    }
    enum wzp_err err = check_shape(text, size, limits);
    if (err != WZP_OK) {
        return err;
    }
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!root) {
        return json_error_code(&error) == json_error_out_of_memory ? WZP_ENOMEM : WZP_EMALFORMED;
    }
    *out_root = root;
    return WZP_OK;
}

enum wzp_err wzp_json_unsigned(const json_t *json, uint64_t most, uint64_t *out_value)
{
    json_int_t value = json_is_integer(json) ? json_integer_value(json) : -1;
    if (value < 0 || (uint64_t)value > most) {
        return WZP_EMALFORMED;
    }
    *out_value = (uint64_t)value;
    return WZP_OK;
}

enum wzp_err wzp_json_bool(const json_t *json, bool *out_value)
{
    if (!json_is_boolean(json)) {
        return WZP_EMALFORMED;
    }
    *out_value = json_is_true(json);
    return WZP_OK;
}

enum wzp_err wzp_json_ratio(const json_t *json, double most, float *out_value)
{
    double value = json_is_number(json) ? json_number_value(json) : -1;
    if (!(value >= 0 && value <= most)) {
        return WZP_EMALFORMED;
    }
    *out_value = (float)value < SMALLEST_RATIO ? 0 : (float)value;
    return WZP_OK;
}

enum wzp_err wzp_json_enum(const json_t *json, const char *(*name_of)(unsigned), unsigned n_names,
                           unsigned *out_value)
{
    const char *name = json_string_value(json);
    for (unsigned i = 0; name && i < n_names; i++) {
        if (strcmp(name, name_of(i)) == 0) {
            *out_value = i;
            return WZP_OK;
        }
    }
    return WZP_EMALFORMED;
}

enum wzp_err wzp_json_flags(const json_t *json, const char *const *names, size_t n_names, uint32_t *out_flags)
{
    if (!json_is_array(json)) {
        return WZP_EMALFORMED;
    }
    uint32_t flags = 0;
    for (size_t i = 0; i < json_array_size(json); i++) {
        const char *name = json_string_value(json_array_get(json, i));
        if (!name) {
            return WZP_EMALFORMED;
        }
        for (size_t bit = 0; bit < n_names; bit++) {
            flags |= strcmp(name, names[bit]) == 0 ? 1U << bit : 0;
        }
    }
    *out_flags = flags;
    return WZP_OK;
}

enum wzp_err wzp_json_octets(const json_t *json, uint8_t *out_bytes, size_t size)
{
    if (!json_is_array(json) || json_array_size(json) != size) {
        return WZP_EMALFORMED;
    }
    for (size_t i = 0; i < size; i++) {
        uint64_t octet = 0;
        enum wzp_err err = wzp_json_unsigned(json_array_get(json, i), UINT8_MAX, &octet);
        if (err != WZP_OK) {
            return err;
        }
        out_bytes[i] = (uint8_t)octet;
    }
    return WZP_OK;
}

enum wzp_err wzp_json_hex(const json_t *json, uint8_t *out_bytes, size_t size)
{
    return json_is_string(json) ? wzp_hex_read(json_string_value(json), out_bytes, size) : WZP_EMALFORMED;
}
