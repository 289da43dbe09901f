/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a TOML document; what reads is walked whole, so that a dangling pointer shows. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void walk_table(const struct wzp_toml_table *table);

static void check_text(const struct wzp_toml_text *text)
{
    if (!wzp_utf8_is_valid(text->bytes, text->size) || text->bytes[text->size] != '\0') {
        abort();
    }
}

static void walk_value(const struct wzp_toml_value *value)
{
    if (value->place.line == 0 || value->place.column == 0) {
        abort();
    }
    if (value->type == WZP_TOML_STRING || value->type == WZP_TOML_DATETIME) {
        check_text(&value->text);
    }
    if (value->type == WZP_TOML_TABLE) {
        walk_table(value->table);
    }
    if (value->type == WZP_TOML_ARRAY) {
        for (const struct wzp_toml_item *item = value->array->first; item; item = item->next) {
            walk_value(&item->value);
        }
    }
}

static void walk_table(const struct wzp_toml_table *table)
{
    for (const struct wzp_toml_entry *entry = table->first; entry; entry = entry->next) {
        check_text(&entry->key);
        walk_value(&entry->value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct wzp_toml *toml = NULL;
    struct wzp_toml_error error = {0};
    if (wzp_toml_read((const char *)bytes, size, &toml, &error) != WZP_OK) {
        if (error.place.line == 0 || error.place.column == 0 || !error.text[0]) {
            abort();
        }
        return 0;
    }
    walk_table(wzp_toml_root(toml));
    wzp_toml_free(toml);
    return 0;
}
