/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers with units as people write them on a command line. */
#pragma once

#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"

/** "5%", "0.05", "0". WZP_EMALFORMED: no number, or not from 0 to 1. */
WZP_MUST_USE enum wzp_err wzp_units_read_share(const char *text, double *out_share);

/** "250us", "20ms", "1.5s", "2min", "1h", "0"; up to a year. WZP_EMALFORMED, as for a number without a unit.
 */
WZP_MUST_USE enum wzp_err wzp_units_read_duration(const char *text, wzp_us *out_duration);

/** "64000bit", "100kbit", "1.5mbit", "1gbit" a second, either case; "0" for no limit. WZP_EMALFORMED. */
WZP_MUST_USE enum wzp_err wzp_units_read_rate(const char *text, uint64_t *out_bps);

/** A whole decimal number up to `max`. WZP_EMALFORMED. */
WZP_MUST_USE enum wzp_err wzp_units_read_count(const char *text, uint64_t max, uint64_t *out_count);
