/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/impair/scenario.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "apps/impair/units.h"
#include "base/toml.h"

#define VALUE_BYTES 320

struct scenario {
    struct wzp_plan *plan;
    char *message;
};

static enum wzp_err complain(const struct scenario *scenario, struct wzp_toml_place place, const char *text)
{
    wzp_ignore(snprintf(scenario->message, WZP_PLAN_MESSAGE_BYTES, "line %u, column %u: %.200s", place.line,
                        place.column, text));
    return WZP_ECONFIG;
}

/** Text and numbers as the flags take them. False: another type, or too long. */
static bool write_value(const struct wzp_toml_value *value, char out_text[static VALUE_BYTES])
{
    switch (value->type) {
    case WZP_TOML_STRING:
        if (value->text.size >= VALUE_BYTES || strlen(value->text.bytes) != value->text.size) {
            return false;
        }
        memcpy(out_text, value->text.bytes, value->text.size + 1);
        return true;
    case WZP_TOML_INTEGER:
        wzp_ignore(snprintf(out_text, VALUE_BYTES, "%lld", (long long)value->integer));
        return true;
    case WZP_TOML_FLOAT:
        wzp_ignore(snprintf(out_text, VALUE_BYTES, "%.15f", value->number));
        return true;
    case WZP_TOML_BOOLEAN:
    case WZP_TOML_DATETIME:
    case WZP_TOML_ARRAY:
    case WZP_TOML_TABLE:
        break;
    }
    return false;
}

static enum wzp_err set_one(const struct scenario *scenario, enum wzp_plan_direction direction,
                            const struct wzp_toml_entry *entry, const struct wzp_toml_value *value)
{
    char text[VALUE_BYTES];
    char message[WZP_PLAN_MESSAGE_BYTES];
    if (!write_value(value, text)) {
        return complain(scenario, value->place, "neither text nor a number");
    }
    enum wzp_err err = wzp_plan_set(scenario->plan, direction, entry->key.bytes, text, message);
    return err == WZP_OK ? WZP_OK
                         : complain(scenario, err == WZP_ENOTFOUND ? entry->place : value->place, message);
}

/** An array sets its name once for each item. */
static enum wzp_err set(const struct scenario *scenario, enum wzp_plan_direction direction,
                        const struct wzp_toml_entry *entry)
{
    if (entry->value.type != WZP_TOML_ARRAY) {
        return set_one(scenario, direction, entry, &entry->value);
    }
    enum wzp_err err = WZP_OK;
    for (const struct wzp_toml_item *item = entry->value.array->first; item && err == WZP_OK;
         item = item->next) {
        err = set_one(scenario, direction, entry, &item->value);
    }
    return err;
}

/** The settings of one direction, and nothing else. */
static enum wzp_err read_direction(const struct scenario *scenario, enum wzp_plan_direction direction,
                                   const struct wzp_toml_table *table)
{
    for (const struct wzp_toml_entry *entry = table->first; entry; entry = entry->next) {
        if (!wzp_settings_is_name(entry->key.bytes)) {
            return complain(scenario, entry->place, "not a setting of a direction");
        }
        enum wzp_err err = set(scenario, direction, entry);
        if (err != WZP_OK) {
            return err;
        }
    }
    return WZP_OK;
}

/** What a step and the top have in common. WZP_ENOTFOUND: another key. */
static enum wzp_err read_entry(const struct scenario *scenario, const struct wzp_toml_entry *entry)
{
    enum wzp_plan_direction direction = WZP_PLAN_BOTH;
    if (wzp_settings_is_name(entry->key.bytes)) {
        return set(scenario, WZP_PLAN_BOTH, entry);
    }
    if (wzp_plan_direction_read(entry->key.bytes, &direction) == WZP_OK &&
        entry->value.type == WZP_TOML_TABLE) {
        return read_direction(scenario, direction, entry->value.table);
    }
    return WZP_ENOTFOUND;
}

static enum wzp_err start_step(const struct scenario *scenario, const struct wzp_toml_value *value)
{
    char text[VALUE_BYTES];
    wzp_us at = 0;
    const struct wzp_toml_value *when = wzp_toml_get(value->table, "at");
    if (!when || !write_value(when, text) || wzp_units_read_duration(text, &at) != WZP_OK) {
        return complain(scenario, when ? when->place : value->place,
                        "a step needs its time, like at = \"10s\"");
    }
    enum wzp_err err = wzp_plan_add_step(scenario->plan, at);
    if (err == WZP_ELIMIT) {
        return complain(scenario, value->place, "too many steps");
    }
    return err == WZP_OK ? WZP_OK : complain(scenario, when->place, "not later than the step before it");
}

static enum wzp_err read_step(const struct scenario *scenario, const struct wzp_toml_value *value)
{
    if (value->type != WZP_TOML_TABLE) {
        return complain(scenario, value->place, "a step is a table");
    }
    enum wzp_err err = start_step(scenario, value);
    for (const struct wzp_toml_entry *entry = value->table->first; entry && err == WZP_OK;
         entry = entry->next) {
        if (strcmp(entry->key.bytes, "at") == 0) {
            continue;
        }
        err = read_entry(scenario, entry);
        if (err == WZP_ENOTFOUND) {
            err = complain(scenario, entry->place, "not a setting that a step can change");
        }
    }
    return err;
}

static enum wzp_err read_steps(const struct scenario *scenario, const struct wzp_toml_value *value)
{
    if (value->type != WZP_TOML_ARRAY) {
        return complain(scenario, value->place, "steps are written [[step]]");
    }
    enum wzp_err err = WZP_OK;
    for (const struct wzp_toml_item *item = value->array->first; item && err == WZP_OK; item = item->next) {
        err = read_step(scenario, &item->value);
    }
    return err;
}

/** Steps come last, whatever the order of the file: they start from what the top says. */
static enum wzp_err read_top(const struct scenario *scenario, const struct wzp_toml_table *top)
{
    for (const struct wzp_toml_entry *entry = top->first; entry; entry = entry->next) {
        enum wzp_err err = strcmp(entry->key.bytes, "step") == 0 ? WZP_OK : read_entry(scenario, entry);
        if (err == WZP_ENOTFOUND) {
            err = set(scenario, WZP_PLAN_BOTH, entry);
        }
        if (err != WZP_OK) {
            return err;
        }
    }
    const struct wzp_toml_value *steps = wzp_toml_get(top, "step");
    return steps ? read_steps(scenario, steps) : WZP_OK;
}

enum wzp_err wzp_scenario_read(const char *text, size_t size, struct wzp_plan *plan,
                               char out_message[static WZP_PLAN_MESSAGE_BYTES])
{
    const struct scenario scenario = {.plan = plan, .message = out_message};
    WZP_AUTO(wzp_toml_freep) struct wzp_toml *toml = NULL;
    struct wzp_toml_error error;
    if (wzp_toml_read(text, size, &toml, &error) != WZP_OK) {
        return complain(&scenario, error.place, error.text);
    }
    return read_top(&scenario, wzp_toml_root(toml));
}
