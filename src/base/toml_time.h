/* SPDX-License-Identifier: Apache-2.0 */
/* Part of base/toml.c: what counts as a date or time (RFC 3339, with TOML's local forms). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** Whether the text starts like a date ("1979-") or a time ("07:"), so that nothing else is meant. */
bool wzp_toml_time_is_likely(const char *text, size_t size);

/** Whether the text is a whole date with nothing behind it, to which a blank and a time may belong. */
bool wzp_toml_time_is_date(const char *text, size_t size);

/** Whether all of the text is an existing date, a time, or both with or without an offset. */
bool wzp_toml_time_is_valid(const char *text, size_t size);
