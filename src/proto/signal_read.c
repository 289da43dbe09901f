/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON to signal. jansson parses strictly; one walker fills the struct from its table of fields.
 *
 * What a peer can make this cost is bounded before jansson sees it: size, depth and number of values. All
 * memory of the result comes from one chain of blocks, which a failure gives back whole.
 */
#include <string.h>

#include "base/text.h"
#include "proto/json.h"
#include "proto/signal.h"
#include "proto/signal_fields.h"
#include "proto/signal_memory.h"

struct reading {
    struct wzp_signal_memory memory;
    bool is_inner; /* inside a FederatedSignalForward */
};

static enum wzp_err read_object(struct reading *reading, json_t *json, const struct wzp_signal_table *table,
                                uint8_t *base);
static enum wzp_err read_signal(struct reading *reading, json_t *json, struct wzp_signal *signal);

static enum wzp_err read_number(const json_t *json, enum wzp_field_kind kind, void *at)
{
    static const uint64_t most[] = {
        [WZP_FIELD_U8] = UINT8_MAX,
        [WZP_FIELD_U16] = UINT16_MAX,
        [WZP_FIELD_U32] = UINT32_MAX,
        [WZP_FIELD_U64] = UINT64_MAX,
    };
    uint64_t value = 0;
    enum wzp_err err = wzp_json_unsigned(json, most[kind], &value);
    if (err != WZP_OK) {
        return err;
    }
    if (kind == WZP_FIELD_U8) {
        *(uint8_t *)at = (uint8_t)value;
    } else if (kind == WZP_FIELD_U16) {
        *(uint16_t *)at = (uint16_t)value;
    } else if (kind == WZP_FIELD_U32) {
        *(uint32_t *)at = (uint32_t)value;
    } else {
        *(uint64_t *)at = value;
    }
    return WZP_OK;
}

/** Text, cleaned. WZP_EMALFORMED: cleaning would change it, and it `is_exact`. */
static enum wzp_err read_text(struct reading *reading, const json_t *json, size_t max, bool is_exact,
                              const char **at)
{
    if (!json_is_string(json)) {
        return WZP_EMALFORMED;
    }
    size_t size = json_string_length(json);
    if (is_exact && size > max) {
        return WZP_ELIMIT;
    }
    size_t capacity = wzp_min_size(size, max) + 1;
    char *text = wzp_signal_memory_take(&reading->memory, capacity);
    if (!text) {
        return WZP_ENOMEM;
    }
    wzp_text_clean(json_string_value(json), text, capacity);
    if (is_exact && strcmp(text, json_string_value(json)) != 0) {
        return WZP_EMALFORMED;
    }
    *at = text;
    return WZP_OK;
}

/** A KEY_REF has exactly `max` bytes, BYTES at most. */
static enum wzp_err read_bytes(struct reading *reading, const json_t *json,
                               const struct wzp_signal_field *field, struct wzp_signal_bytes *at)
{
    size_t size = json_array_size(json);
    if (field->kind == WZP_FIELD_KEY_REF && size != field->max) {
        return WZP_EMALFORMED;
    }
    if (size > field->max) {
        return WZP_ELIMIT;
    }
    uint8_t *bytes = wzp_signal_memory_take(&reading->memory, size);
    if (!bytes) {
        return WZP_ENOMEM;
    }
    *at = (struct wzp_signal_bytes){bytes, size};
    return wzp_json_octets(json, bytes, size);
}

/** The length of a list of at most `max`; with `is_cut` a longer one counts as max + 1. */
static enum wzp_err read_length(const json_t *json, size_t max, bool is_cut, size_t *out_n)
{
    if (!json_is_array(json)) {
        return WZP_EMALFORMED;
    }
    size_t n = json_array_size(json);
    if (n > max && !is_cut) {
        return WZP_ELIMIT;
    }
    *out_n = wzp_min_size(n, max + 1);
    return WZP_OK;
}

static enum wzp_err read_texts(struct reading *reading, const json_t *json,
                               const struct wzp_signal_field *field, struct wzp_signal_texts *at)
{
    size_t n = 0;
    enum wzp_err err = read_length(json, field->max, field->kind == WZP_FIELD_PATH, &n);
    if (err != WZP_OK) {
        return err;
    }
    const char **items = wzp_signal_memory_take(&reading->memory, n * sizeof *items);
    if (!items) {
        return WZP_ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        err = read_text(reading, json_array_get(json, i), WZP_SIGNAL_MAX_ADDRESS, true, &items[i]);
        if (err != WZP_OK) {
            return err;
        }
    }
    *at = (struct wzp_signal_texts){items, n};
    return WZP_OK;
}

static enum wzp_err read_objects(struct reading *reading, const json_t *json,
                                 const struct wzp_signal_field *field, struct wzp_signal_objects *at)
{
    size_t n = 0;
    enum wzp_err err = read_length(json, field->max, false, &n);
    if (err != WZP_OK) {
        return err;
    }
    const size_t stride = field->table->size;
    uint8_t *items = wzp_signal_memory_take(&reading->memory, n * stride);
    if (!items) {
        return WZP_ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        err = read_object(reading, json_array_get(json, i), field->table, items + i * stride);
        if (err != WZP_OK) {
            return err;
        }
    }
    *at = (struct wzp_signal_objects){items, n};
    return WZP_OK;
}

static enum wzp_err read_object_ref(struct reading *reading, json_t *json,
                                    const struct wzp_signal_table *table, const void **at)
{
    uint8_t *object = wzp_signal_memory_take(&reading->memory, table->size);
    if (!object) {
        return WZP_ENOMEM;
    }
    *at = object;
    return read_object(reading, json, table, object);
}

static enum wzp_err read_inner(struct reading *reading, json_t *json, const struct wzp_signal **at)
{
    if (reading->is_inner) {
        return WZP_EMALFORMED;
    }
    struct wzp_signal *inner = wzp_signal_memory_take(&reading->memory, sizeof *inner);
    if (!inner) {
        return WZP_ENOMEM;
    }
    reading->is_inner = true;
    enum wzp_err err = read_signal(reading, json, inner);
    reading->is_inner = false;
    *at = inner;
    return err;
}

static enum wzp_err read_value(struct reading *reading, json_t *json, const struct wzp_signal_field *field,
                               void *at)
{
    uint64_t ignored;
    switch (field->kind) {
    case WZP_FIELD_U8:
    case WZP_FIELD_U16:
    case WZP_FIELD_U32:
    case WZP_FIELD_U64:
        return read_number(json, field->kind, at);
    case WZP_FIELD_BOOL:
        return wzp_json_bool(json, at);
    case WZP_FIELD_RATIO:
        return wzp_json_ratio(json, WZP_PROFILE_MAX_RATIO, at);
    case WZP_FIELD_ENUM:
        return wzp_json_enum(json, field->name_of, field->max, at);
    case WZP_FIELD_CAPS:
        return wzp_json_flags(json, wzp_signal_cap_names, WZP_SIGNAL_CAPS, at);
    case WZP_FIELD_TEXT:
    case WZP_FIELD_PROSE:
        return read_text(reading, json, field->max, field->kind == WZP_FIELD_TEXT, at);
    case WZP_FIELD_KEY:
        return wzp_json_octets(json, at, field->max);
    case WZP_FIELD_HEX:
        return wzp_json_hex(json, at, field->max);
    case WZP_FIELD_BYTES:
    case WZP_FIELD_KEY_REF:
        return read_bytes(reading, json, field, at);
    case WZP_FIELD_OBJECT:
        return read_object(reading, json, field->table, at);
    case WZP_FIELD_OBJ_REF:
        return read_object_ref(reading, json, field->table, at);
    case WZP_FIELD_TEXTS:
    case WZP_FIELD_PATH:
        return read_texts(reading, json, field, at);
    case WZP_FIELD_OBJECTS:
        return read_objects(reading, json, field, at);
    case WZP_FIELD_COUNT:
        return wzp_json_unsigned(json, UINT32_MAX, &ignored);
    case WZP_FIELD_SIGNAL:
        return read_inner(reading, json, at);
    }
    return WZP_EMALFORMED;
}

static enum wzp_err read_field(struct reading *reading, json_t *object, const struct wzp_signal_field *field,
                               uint8_t *base)
{
    void *at = base + field->offset;
    json_t *json = json_object_get(object, field->name);
    if (json && !json_is_null(json)) {
        return read_value(reading, json, field, at);
    }
    if (field->presence == WZP_FIELD_REQUIRED) {
        return WZP_EMALFORMED;
    }
    if (json && field->presence == WZP_FIELD_MARKED) {
        *(const char **)at = "";
    }
    return WZP_OK;
}

static enum wzp_err read_object(struct reading *reading, json_t *json, const struct wzp_signal_table *table,
                                uint8_t *base)
{
    if (!json_is_object(json)) {
        return WZP_EMALFORMED;
    }
    for (size_t i = 0; i < table->n_fields; i++) {
        enum wzp_err err = read_field(reading, json, &table->fields[i], base);
        if (err != WZP_OK) {
            return err;
        }
    }
    return WZP_OK;
}

/** `"Name"`, or `{"Name":{fields}}`, or for a variant without fields `{"Name":null}` too. */
static enum wzp_err read_signal(struct reading *reading, json_t *json, struct wzp_signal *signal)
{
    const char *name = json_string_value(json);
    json_t *fields = NULL;
    if (!name) {
        if (!json_is_object(json) || json_object_size(json) != 1) {
            return WZP_EMALFORMED;
        }
        void *only = json_object_iter(json);
        name = json_object_iter_key(only);
        fields = json_object_iter_value(only);
    }
    const struct wzp_signal_variant *variant = wzp_signal_variant_find(name);
    if (!variant) {
        return WZP_ENOTFOUND;
    }
    signal->kind = variant->kind;
    if (!variant->table) {
        return !fields || json_is_null(fields) ? WZP_OK : WZP_EMALFORMED;
    }
    return read_object(reading, fields, variant->table, (uint8_t *)&signal->call_offer);
}

enum wzp_err wzp_signal_read(const void *body, size_t size, struct wzp_signal *out_signal)
{
    const struct wzp_json_limits limits = {WZP_SIGNAL_MAX_SIZE, WZP_SIGNAL_MAX_DEPTH, WZP_SIGNAL_MAX_VALUES};
    json_t *root = NULL;
    enum wzp_err err = wzp_json_parse(body, size, &limits, &root);
    if (err != WZP_OK) {
        return err;
    }
    struct reading reading = {0};
    struct wzp_signal signal = {0};
    err = read_signal(&reading, root, &signal);
    json_decref(root);
    if (err != WZP_OK) {
        wzp_signal_memory_free(&reading.memory);
        return err;
    }
    signal.memory = reading.memory.blocks;
    *out_signal = signal;
    return WZP_OK;
}

void wzp_signal_deinit(struct wzp_signal *signal)
{
    struct wzp_signal_memory memory = {signal->memory};
    wzp_signal_memory_free(&memory);
    *signal = (struct wzp_signal){0};
}
