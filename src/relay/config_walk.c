/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "relay/config_reading.h"

#define MAX_FIELDS 40 /* of one table */

void wzp_config_complain(struct wzp_config_reading *reading, struct wzp_toml_place place, const char *name,
                         const char *format, ...)
{
    char text[WZP_PROBLEMS_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (reading->flag) {
        wzp_problems_error(reading->problems, "%s: %s", reading->flag, text);
    } else {
        wzp_problems_error(reading->problems, "%s:%u:%u: %s%s: %s", reading->path, (unsigned)place.line,
                           (unsigned)place.column, reading->title, name, text);
    }
}

const struct wzp_config_field *wzp_config_find(const struct wzp_config_table *table, const char *name)
{
    for (size_t i = 0; i < table->n; i++) {
        if (strcmp(table->fields[i].name, name) == 0) {
            return &table->fields[i];
        }
    }
    return NULL;
}

static void complain_unknown(struct wzp_config_reading *reading, const struct wzp_config_table *table,
                             const struct wzp_toml_entry *entry)
{
    const char *names[MAX_FIELDS];
    size_t n = wzp_min_size(table->n, MAX_FIELDS);
    for (size_t i = 0; i < n; i++) {
        names[i] = table->fields[i].name;
    }
    char shown[WZP_CONFIG_SHOWN_BYTES];
    wzp_text_clean(entry->key.bytes, shown, sizeof shown);
    const char *nearest = wzp_text_nearest(entry->key.bytes, names, n);
    if (nearest) {
        wzp_config_complain(reading, entry->place, shown, "there is no such key; did you mean \"%s\"?",
                            nearest);
    } else {
        wzp_config_complain(reading, entry->place, shown, "there is no such key");
    }
}

/* What people get wrong most often: texts without quotes, and numbers with. */
static const char *type_hint(enum wzp_toml_type needed, enum wzp_toml_type found)
{
    bool is_plain = needed == WZP_TOML_INTEGER || needed == WZP_TOML_BOOLEAN;
    if (found == WZP_TOML_STRING && is_plain) {
        return "; leave the quotes away";
    }
    if (needed == WZP_TOML_STRING && found != WZP_TOML_ARRAY && found != WZP_TOML_TABLE) {
        return "; put it in quotes";
    }
    if (needed == WZP_TOML_ARRAY && found == WZP_TOML_STRING) {
        return "; put it in [brackets]";
    }
    return "";
}

enum wzp_err wzp_config_read_field(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                                   void *target, const struct wzp_toml_value *value)
{
    if (value->type != field->kind->type) {
        wzp_config_complain(reading, value->place, field->name, "must be %s, not %s%s",
                            wzp_toml_type_name(field->kind->type), wzp_toml_type_name(value->type),
                            type_hint(field->kind->type, value->type));
        return WZP_OK;
    }
    return field->kind->read(reading, field, (char *)target + field->offset, value);
}

static void complain_missing(struct wzp_config_reading *reading, const struct wzp_config_table *table,
                             const struct wzp_toml_table *toml, struct wzp_toml_place place)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct wzp_config_field *field = &table->fields[i];
        if (field->is_required && !wzp_toml_get(toml, field->name)) {
            wzp_config_complain(reading, place, field->name, "is missing; it must be %s",
                                field->kind->needed);
        }
    }
}

enum wzp_err wzp_config_walk(struct wzp_config_reading *reading, const struct wzp_config_table *table,
                             void *target, const struct wzp_toml_table *toml, struct wzp_toml_place place)
{
    const char *outer = reading->title;
    reading->title = table->title;
    enum wzp_err err = WZP_OK;
    for (const struct wzp_toml_entry *entry = toml->first; entry && err == WZP_OK; entry = entry->next) {
        const struct wzp_config_field *field = wzp_config_find(table, entry->key.bytes);
        if (field && strlen(field->name) == entry->key.size) {
            err = wzp_config_read_field(reading, field, target, &entry->value);
        } else {
            complain_unknown(reading, table, entry);
        }
    }
    complain_missing(reading, table, toml, place);
    reading->title = outer;
    return err;
}
