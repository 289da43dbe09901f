/* SPDX-License-Identifier: Apache-2.0 */
/* Part of base/toml.c: the four kinds of strings. */
#pragma once

#include "base/toml_scan.h"

/** Reads a string of one line, which keys may be too. `"` or `'` stands next. */
WZP_MUST_USE enum wzp_err wzp_toml_string_read_line(struct wzp_toml_scan *scan,
                                                    struct wzp_toml_text *out_text);

/** Reads a string of any kind. `"` or `'` stands next. */
WZP_MUST_USE enum wzp_err wzp_toml_string_read(struct wzp_toml_scan *scan, struct wzp_toml_text *out_text);
