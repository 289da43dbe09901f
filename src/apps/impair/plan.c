/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/impair/plan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/impair/units.h"
#include "base/text.h"

#define DEFAULT_CLIENTS 64
#define MAX_SECONDS     (366 * 86400)
#define MAX_NAMES       32

typedef enum wzp_err (*read_fn)(struct wzp_plan *plan, const char *value);

const struct wzp_settings_name wzp_plan_names[] = {
    {"listen", "127.0.0.1:5000", "where clients send to; port 0 picks one"},
    {"to", "127.0.0.1:4433", "the relay behind; may be a host name"},
    {"seed", "1", "the same seed gives the same losses"},
    {"seconds", "30s", "end after so long (a bare number counts seconds)"},
    {"clients", "64", "client addresses at a time"},
    {"rebind-at", "2s",
     "move every client to a new port towards the relay, as a NAT\nmay; may be given again"},
    {"rebind-every", "5s", "the same, again and again"},
    {NULL, NULL, NULL},
};

struct wzp_plan *wzp_plan_new(void)
{
    struct wzp_plan *plan = calloc(1, sizeof *plan);
    if (!plan) {
        return NULL;
    }
    plan->seed = 1;
    plan->length = WZP_NEVER;
    plan->max_clients = DEFAULT_CLIENTS;
    plan->n_steps = 1;
    plan->steps[0].settings[WZP_PLAN_UP] = wzp_settings_default();
    plan->steps[0].settings[WZP_PLAN_DOWN] = wzp_settings_default();
    return plan;
}

static enum wzp_err copy_address(const char *value, char out_address[static WZP_PLAN_ADDRESS_BYTES])
{
    size_t size = strlen(value);
    if (size == 0 || size >= WZP_PLAN_ADDRESS_BYTES) {
        return WZP_EMALFORMED;
    }
    memcpy(out_address, value, size + 1);
    return WZP_OK;
}

static enum wzp_err read_listen(struct wzp_plan *plan, const char *value)
{
    return copy_address(value, plan->listen);
}

static enum wzp_err read_to(struct wzp_plan *plan, const char *value)
{
    return copy_address(value, plan->to);
}

static enum wzp_err read_seed(struct wzp_plan *plan, const char *value)
{
    return wzp_units_read_count(value, UINT64_MAX, &plan->seed);
}

static enum wzp_err read_seconds(struct wzp_plan *plan, const char *value)
{
    uint64_t seconds = 0;
    if (wzp_units_read_count(value, MAX_SECONDS, &seconds) == WZP_OK) {
        plan->length = (wzp_us)seconds * WZP_SECOND;
        return WZP_OK;
    }
    return wzp_units_read_duration(value, &plan->length);
}

static enum wzp_err read_clients(struct wzp_plan *plan, const char *value)
{
    uint64_t clients = 0;
    if (wzp_units_read_count(value, WZP_PLAN_MAX_CLIENTS, &clients) != WZP_OK || clients == 0) {
        return WZP_EMALFORMED;
    }
    plan->max_clients = (size_t)clients;
    return WZP_OK;
}

static enum wzp_err read_rebind_at(struct wzp_plan *plan, const char *value)
{
    if (plan->n_rebinds == WZP_PLAN_MAX_REBINDS) {
        return WZP_ELIMIT;
    }
    wzp_us at = 0;
    enum wzp_err err = wzp_units_read_duration(value, &at);
    if (err != WZP_OK) {
        return err;
    }
    size_t place = plan->n_rebinds++;
    for (; place > 0 && plan->rebind_at[place - 1] > at; place--) {
        plan->rebind_at[place] = plan->rebind_at[place - 1];
    }
    plan->rebind_at[place] = at;
    return WZP_OK;
}

static enum wzp_err read_rebind_every(struct wzp_plan *plan, const char *value)
{
    return wzp_units_read_duration(value, &plan->rebind_every);
}

/** In the order of the names. */
static const read_fn readers[] = {
    read_listen, read_to, read_seed, read_seconds, read_clients, read_rebind_at, read_rebind_every,
};
static_assert(wzp_count(readers) + 1 == wzp_count(wzp_plan_names), "a reader for each name");

static enum wzp_err not_found(const char *name, char out_message[static WZP_PLAN_MESSAGE_BYTES])
{
    const char *words[MAX_NAMES];
    size_t n = 0;
    for (size_t i = 0; wzp_plan_names[i].name; i++) {
        words[n++] = wzp_plan_names[i].name;
    }
    for (size_t i = 0; wzp_settings_names[i].name; i++) {
        words[n++] = wzp_settings_names[i].name;
    }
    const char *nearest = wzp_text_nearest(name, words, n);
    wzp_ignore(snprintf(out_message, WZP_PLAN_MESSAGE_BYTES, "%.64s: no such setting%s%s%s", name,
                        nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : ""));
    return WZP_ENOTFOUND;
}

static enum wzp_err set_directions(struct wzp_plan *plan, enum wzp_plan_direction direction, const char *name,
                                   const char *value, char out_message[static WZP_PLAN_MESSAGE_BYTES])
{
    struct wzp_plan_step *step = &plan->steps[plan->n_steps - 1];
    for (int d = 0; d < WZP_PLAN_N_DIRECTIONS; d++) {
        bool is_meant = direction == WZP_PLAN_BOTH || (int)direction == d;
        enum wzp_err err = is_meant ? wzp_settings_set(&step->settings[d], name, value, out_message) : WZP_OK;
        if (err != WZP_OK) {
            return err;
        }
    }
    return WZP_OK;
}

enum wzp_err wzp_plan_set(struct wzp_plan *plan, enum wzp_plan_direction direction, const char *name,
                          const char *value, char out_message[static WZP_PLAN_MESSAGE_BYTES])
{
    if (wzp_settings_is_name(name)) {
        return set_directions(plan, direction, name, value, out_message);
    }
    size_t place = 0;
    while (wzp_plan_names[place].name && !wzp_settings_is_same_name(wzp_plan_names[place].name, name)) {
        place++;
    }
    if (!wzp_plan_names[place].name) {
        return not_found(name, out_message);
    }
    enum wzp_err err = readers[place](plan, value);
    if (err == WZP_ELIMIT) {
        wzp_ignore(
            snprintf(out_message, WZP_PLAN_MESSAGE_BYTES, "%s: more than %d", name, WZP_PLAN_MAX_REBINDS));
        return err;
    }
    if (err != WZP_OK) {
        wzp_ignore(snprintf(out_message, WZP_PLAN_MESSAGE_BYTES, "%s: \"%.64s\" does not read; like this: %s",
                            name, value, wzp_plan_names[place].example));
        return WZP_EINVAL;
    }
    return WZP_OK;
}

enum wzp_err wzp_plan_add_step(struct wzp_plan *plan, wzp_us at)
{
    const struct wzp_plan_step *last = &plan->steps[plan->n_steps - 1];
    if (at <= last->at) {
        return WZP_EINVAL;
    }
    if (plan->n_steps == WZP_PLAN_MAX_STEPS) {
        return WZP_ELIMIT;
    }
    plan->steps[plan->n_steps] = *last;
    plan->steps[plan->n_steps++].at = at;
    return WZP_OK;
}

enum wzp_err wzp_plan_direction_read(const char *word, enum wzp_plan_direction *out_direction)
{
    static const char *const words[] = {
        [WZP_PLAN_UP] = "up", [WZP_PLAN_DOWN] = "down", [WZP_PLAN_BOTH] = "both"};
    for (size_t i = 0; i < wzp_count(words); i++) {
        if (strcmp(word, words[i]) == 0) {
            *out_direction = (enum wzp_plan_direction)i;
            return WZP_OK;
        }
    }
    return WZP_EINVAL;
}

enum wzp_err wzp_plan_check(const struct wzp_plan *plan, char out_message[static WZP_PLAN_MESSAGE_BYTES])
{
    const char *missing = plan->listen[0] == '\0' ? "listen" : plan->to[0] == '\0' ? "to" : NULL;
    if (missing) {
        wzp_ignore(snprintf(out_message, WZP_PLAN_MESSAGE_BYTES, "--%s is missing", missing));
        return WZP_EINVAL;
    }
    return WZP_OK;
}
