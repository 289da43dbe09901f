/* SPDX-License-Identifier: Apache-2.0 */
/* Part of base/toml.c: booleans, numbers, dates and times. */
#pragma once

#include "base/toml_scan.h"
#include "base/toml_time.h"

/** Reads what stands next and is neither string, array nor table; sets type and content of `value`. */
WZP_MUST_USE enum wzp_err wzp_toml_scalar_read(struct wzp_toml_scan *scan, struct wzp_toml_value *value);
