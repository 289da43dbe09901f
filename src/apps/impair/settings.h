/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a direction by name: "loss", "5%". Names take '-' or '_'. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <wzp/error.h>

#include "apps/impair/model.h"
#include "base/attr.h"

#define WZP_SETTINGS_MESSAGE_BYTES 256

/** The names, NULL behind the last, and what a value looks like for the help. */
struct wzp_settings_name {
    const char *name;
    const char *example;
    const char *help;
};
extern const struct wzp_settings_name wzp_settings_names[];

/** Nothing impaired. */
struct wzp_model_settings wzp_settings_default(void);

bool wzp_settings_is_name(const char *name);

/**
 * Sets one; "cut" adds. WZP_ENOTFOUND: no such name. WZP_EINVAL, WZP_ELIMIT: `out_message` says what is wrong
 * with the value.
 */
WZP_MUST_USE enum wzp_err wzp_settings_set(struct wzp_model_settings *settings, const char *name,
                                           const char *value,
                                           char out_message[static WZP_SETTINGS_MESSAGE_BYTES]);

/** Whether two names are the same but for '-' and '_'. */
bool wzp_settings_is_same_name(const char *a, const char *b);
