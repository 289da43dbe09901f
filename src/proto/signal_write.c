/* SPDX-License-Identifier: Apache-2.0 */
/* Signal to JSON, as the first generation's serialiser spells it: compact, members in table order, floats
 * with a decimal point. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "proto/signal.h"
#include "proto/signal_fields.h"

static enum wzp_err write_object(struct wzp_buffer *out, const struct wzp_signal_table *table,
                                 const uint8_t *base);
static enum wzp_err write_signal(struct wzp_buffer *out, const struct wzp_signal *signal);

static uint64_t number_at(const void *at, enum wzp_field_kind kind)
{
    if (kind == WZP_FIELD_U8) {
        return *(const uint8_t *)at;
    }
    if (kind == WZP_FIELD_U16) {
        return *(const uint16_t *)at;
    }
    return kind == WZP_FIELD_U32 ? *(const uint32_t *)at : *(const uint64_t *)at;
}

static void write_number(struct wzp_buffer *out, uint64_t value)
{
    wzp_buffer_print(out, "%" PRIu64, value);
}

/**
 * The shortest decimal that reads as the same float. By integers, since printf's decimal point is the
 * locale's.
 */
static enum wzp_err write_ratio(struct wzp_buffer *out, float ratio)
{
    if (!(ratio >= 0 && ratio <= WZP_PROFILE_MAX_RATIO)) {
        return WZP_EINVAL;
    }
    double scale = 10;
    int n_digits = 1; /* 16 are enough for 9 significant ones from 1e-6 up */
    while (n_digits < 16 && (float)((double)(uint64_t)((double)ratio * scale + 0.5) / scale) != ratio) {
        scale *= 10;
        n_digits++;
    }
    uint64_t units = (uint64_t)((double)ratio * scale + 0.5);
    uint64_t one = (uint64_t)scale;
    wzp_buffer_print(out, "%" PRIu64 ".%0*" PRIu64, units / one, n_digits, units % one);
    return WZP_OK;
}

static void write_escaped(struct wzp_buffer *out, char c)
{
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *form = short_forms; *form; form += 2) {
        if (*form == c) {
            wzp_buffer_print(out, "\\%c", form[1]);
            return;
        }
    }
    wzp_buffer_print(out, "\\u%04x", (unsigned)(unsigned char)c);
}

static enum wzp_err write_text(struct wzp_buffer *out, const char *text)
{
    if (!text || !wzp_utf8_is_valid(text, strlen(text))) {
        return WZP_EINVAL;
    }
    wzp_buffer_add(out, "\"", 1);
    for (const char *plain = text; *text; plain = text) {
        while (*text && *text != '"' && *text != '\\' && (unsigned char)*text >= 0x20) {
            text++;
        }
        wzp_buffer_add(out, plain, (size_t)(text - plain));
        if (*text) {
            write_escaped(out, *text++);
        }
    }
    wzp_buffer_add(out, "\"", 1);
    return WZP_OK;
}

static void write_octets(struct wzp_buffer *out, const uint8_t *bytes, size_t size)
{
    wzp_buffer_add(out, "[", 1);
    for (size_t i = 0; i < size; i++) {
        wzp_buffer_print(out, i > 0 ? ",%u" : "%u", (unsigned)bytes[i]);
    }
    wzp_buffer_add(out, "]", 1);
}

static enum wzp_err write_bytes(struct wzp_buffer *out, const struct wzp_signal_bytes *bytes,
                                const struct wzp_signal_field *field)
{
    if (field->kind == WZP_FIELD_KEY_REF && bytes->size != field->max) {
        return WZP_EINVAL;
    }
    write_octets(out, bytes->bytes, bytes->bytes ? bytes->size : 0);
    return WZP_OK;
}

static void write_hex(struct wzp_buffer *out, const uint8_t *bytes, size_t size)
{
    wzp_buffer_add(out, "\"", 1);
    for (size_t i = 0; i < size; i++) {
        wzp_buffer_print(out, "%02x", (unsigned)bytes[i]);
    }
    wzp_buffer_add(out, "\"", 1);
}

static void write_caps(struct wzp_buffer *out, uint32_t caps)
{
    const char *comma = "";
    wzp_buffer_add(out, "[", 1);
    for (size_t bit = 0; bit < WZP_SIGNAL_CAPS; bit++) {
        if (caps >> bit & 1) {
            wzp_buffer_print(out, "%s\"%s\"", comma, wzp_signal_cap_names[bit]);
            comma = ",";
        }
    }
    wzp_buffer_add(out, "]", 1);
}

static enum wzp_err write_enum(struct wzp_buffer *out, const struct wzp_signal_field *field, unsigned value)
{
    return value < field->max ? write_text(out, field->name_of(value)) : WZP_EINVAL;
}

static enum wzp_err write_texts(struct wzp_buffer *out, const struct wzp_signal_texts *texts)
{
    wzp_buffer_add(out, "[", 1);
    for (size_t i = 0; i < texts->n; i++) {
        wzp_buffer_add(out, ",", i > 0);
        enum wzp_err err = write_text(out, texts->items[i]);
        if (err != WZP_OK) {
            return err;
        }
    }
    wzp_buffer_add(out, "]", 1);
    return WZP_OK;
}

static enum wzp_err write_objects(struct wzp_buffer *out, const struct wzp_signal_objects *objects,
                                  const struct wzp_signal_table *table)
{
    wzp_buffer_add(out, "[", 1);
    for (size_t i = 0; i < objects->n; i++) {
        wzp_buffer_add(out, ",", i > 0);
        enum wzp_err err = write_object(out, table, (const uint8_t *)objects->items + i * table->size);
        if (err != WZP_OK) {
            return err;
        }
    }
    wzp_buffer_add(out, "]", 1);
    return WZP_OK;
}

static enum wzp_err write_inner(struct wzp_buffer *out, const struct wzp_signal *inner)
{
    if (!inner || inner->kind == WZP_SIGNAL_FEDERATED_SIGNAL_FORWARD) {
        return WZP_EINVAL;
    }
    return write_signal(out, inner);
}

static enum wzp_err write_value(struct wzp_buffer *out, const struct wzp_signal_field *field, const void *at)
{
    switch (field->kind) {
    case WZP_FIELD_U8:
    case WZP_FIELD_U16:
    case WZP_FIELD_U32:
    case WZP_FIELD_U64:
        write_number(out, number_at(at, field->kind));
        return WZP_OK;
    case WZP_FIELD_BOOL:
        wzp_buffer_add_text(out, *(const bool *)at ? "true" : "false");
        return WZP_OK;
    case WZP_FIELD_RATIO:
        return write_ratio(out, *(const float *)at);
    case WZP_FIELD_ENUM:
        return write_enum(out, field, *(const unsigned *)at);
    case WZP_FIELD_CAPS:
        write_caps(out, *(const uint32_t *)at);
        return WZP_OK;
    case WZP_FIELD_TEXT:
    case WZP_FIELD_PROSE:
        return write_text(out, *(const char *const *)at);
    case WZP_FIELD_KEY:
        write_octets(out, at, field->max);
        return WZP_OK;
    case WZP_FIELD_HEX:
        write_hex(out, at, field->max);
        return WZP_OK;
    case WZP_FIELD_BYTES:
    case WZP_FIELD_KEY_REF:
        return write_bytes(out, at, field);
    case WZP_FIELD_OBJECT:
        return write_object(out, field->table, at);
    case WZP_FIELD_OBJ_REF:
        return write_object(out, field->table, *(const void *const *)at);
    case WZP_FIELD_TEXTS:
    case WZP_FIELD_PATH:
        return write_texts(out, at);
    case WZP_FIELD_OBJECTS:
        return write_objects(out, at, field->table);
    case WZP_FIELD_COUNT:
        write_number(out, ((const struct wzp_signal_objects *)at)->n);
        return WZP_OK;
    case WZP_FIELD_SIGNAL:
        return write_inner(out, *(const struct wzp_signal *const *)at);
    }
    return WZP_EINVAL;
}

/** Whether an optional member is absent: signal.h says how each kind shows it. */
static bool is_absent(const struct wzp_signal_field *field, const void *at)
{
    switch (field->kind) {
    case WZP_FIELD_U8:
    case WZP_FIELD_U16:
    case WZP_FIELD_U32:
    case WZP_FIELD_U64:
        return number_at(at, field->kind) == 0;
    case WZP_FIELD_BOOL:
        return !*(const bool *)at;
    case WZP_FIELD_CAPS:
        return (*(const uint32_t *)at & ((1U << WZP_SIGNAL_CAPS) - 1)) == 0;
    case WZP_FIELD_TEXT:
    case WZP_FIELD_PROSE:
    case WZP_FIELD_OBJ_REF:
    case WZP_FIELD_SIGNAL:
        return !*(const void *const *)at;
    case WZP_FIELD_BYTES:
    case WZP_FIELD_KEY_REF:
        return !((const struct wzp_signal_bytes *)at)->bytes;
    case WZP_FIELD_TEXTS:
    case WZP_FIELD_PATH:
    case WZP_FIELD_OBJECTS:
        return ((const struct wzp_signal_objects *)at)->n == 0;
    case WZP_FIELD_RATIO:
    case WZP_FIELD_ENUM:
    case WZP_FIELD_KEY:
    case WZP_FIELD_HEX:
    case WZP_FIELD_OBJECT:
    case WZP_FIELD_COUNT:
        return false;
    }
    return false;
}

/** What stands for a member: a value, null, or nothing at all. */
enum form { FORM_VALUE, FORM_EMPTY_TEXT, FORM_NULL, FORM_NONE };

static enum form form_of(const struct wzp_signal_field *field, const void *at)
{
    switch (field->presence) {
    case WZP_FIELD_REQUIRED:
        return FORM_VALUE;
    case WZP_FIELD_DEFAULT:
        return field->kind == WZP_FIELD_PROSE && is_absent(field, at) ? FORM_EMPTY_TEXT : FORM_VALUE;
    case WZP_FIELD_OR_NULL:
        return is_absent(field, at) ? FORM_NULL : FORM_VALUE;
    case WZP_FIELD_SKIP:
        return is_absent(field, at) ? FORM_NONE : FORM_VALUE;
    case WZP_FIELD_MARKED:
        if (is_absent(field, at)) {
            return FORM_NONE;
        }
        return **(const char *const *)at ? FORM_VALUE : FORM_NULL;
    case WZP_FIELD_IGNORED:
        return FORM_NONE;
    }
    return FORM_NONE;
}

static enum wzp_err write_member(struct wzp_buffer *out, const struct wzp_signal_field *field, const void *at,
                                 enum form form)
{
    wzp_buffer_print(out, "\"%s\":", field->name);
    if (form == FORM_VALUE) {
        return write_value(out, field, at);
    }
    wzp_buffer_add_text(out, form == FORM_NULL ? "null" : "\"\"");
    return WZP_OK;
}

static enum wzp_err write_object(struct wzp_buffer *out, const struct wzp_signal_table *table,
                                 const uint8_t *base)
{
    bool is_first = true;
    wzp_buffer_add(out, "{", 1);
    for (size_t i = 0; i < table->n_fields; i++) {
        const struct wzp_signal_field *field = &table->fields[i];
        const void *at = base + field->offset;
        enum form form = form_of(field, at);
        if (form == FORM_NONE) {
            continue;
        }
        wzp_buffer_add(out, ",", !is_first);
        is_first = false;
        enum wzp_err err = write_member(out, field, at, form);
        if (err != WZP_OK) {
            return err;
        }
    }
    wzp_buffer_add(out, "}", 1);
    return WZP_OK;
}

static enum wzp_err write_signal(struct wzp_buffer *out, const struct wzp_signal *signal)
{
    const struct wzp_signal_variant *variant = wzp_signal_variant_of(signal->kind);
    if (!variant) {
        return WZP_EINVAL;
    }
    if (!variant->table) {
        wzp_buffer_print(out, "\"%s\"", variant->name);
        return WZP_OK;
    }
    wzp_buffer_print(out, "{\"%s\":", variant->name);
    enum wzp_err err = write_object(out, variant->table, (const uint8_t *)&signal->call_offer);
    wzp_buffer_add(out, "}", 1);
    return err;
}

enum wzp_err wzp_signal_write(const struct wzp_signal *signal, char **out_body, size_t *out_size)
{
    WZP_AUTO(wzp_buffer_deinit) struct wzp_buffer out;
    wzp_buffer_init(&out, WZP_SIGNAL_MAX_SIZE);
    enum wzp_err err = write_signal(&out, signal);
    if (err != WZP_OK) {
        return err;
    }
    if (out.err != WZP_OK) {
        return out.err;
    }
    *out_size = out.size;
    *out_body = wzp_take(out.text);
    return WZP_OK;
}
