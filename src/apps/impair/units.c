/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/impair/units.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_DURATION_US (365.0 * 86400e6)
#define MAX_RATE_BPS    1e12

struct unit {
    const char *name;
    double factor;
};

/** A number from 0 on that starts with a digit; `out_rest` is what stands behind it. */
static bool read_number(const char *text, double *out_number, const char **out_rest)
{
    size_t size = strspn(text, "0123456789.");
    char digits[32];
    char *end = NULL;
    if (size == 0 || size >= sizeof digits || text[0] == '.') {
        return false;
    }
    memcpy(digits, text, size);
    digits[size] = '\0';
    *out_number = strtod(digits, &end);
    *out_rest = text + size;
    return *end == '\0';
}

static enum wzp_err read_unit(const char *text, const struct unit *units, double max, double *out_value)
{
    double number = 0;
    const char *rest = NULL;
    if (!read_number(text, &number, &rest)) {
        return WZP_EMALFORMED;
    }
    for (; units->name; units++) {
        /* A bare 0 needs no unit. */
        bool fits = strcasecmp(rest, units->name) == 0 || (rest[0] == '\0' && !(number > 0));
        if (fits && number * units->factor <= max) {
            *out_value = number * units->factor;
            return WZP_OK;
        }
    }
    return WZP_EMALFORMED;
}

enum wzp_err wzp_units_read_share(const char *text, double *out_share)
{
    static const struct unit units[] = {{"%", 0.01}, {"", 1}, {NULL, 0}};
    return read_unit(text, units, 1, out_share);
}

enum wzp_err wzp_units_read_duration(const char *text, wzp_us *out_duration)
{
    static const struct unit units[] = {{"us", 1},     {"ms", 1e3},   {"s", 1e6}, {"m", 60e6},
                                        {"min", 60e6}, {"h", 3600e6}, {NULL, 0}};
    double value = 0;
    enum wzp_err err = read_unit(text, units, MAX_DURATION_US, &value);
    if (err != WZP_OK) {
        return err;
    }
    *out_duration = (wzp_us)(value + 0.5);
    return WZP_OK;
}

enum wzp_err wzp_units_read_rate(const char *text, uint64_t *out_bps)
{
    static const struct unit units[] = {{"bit", 1}, {"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}, {NULL, 0}};
    double value = 0;
    enum wzp_err err = read_unit(text, units, MAX_RATE_BPS, &value);
    if (err != WZP_OK) {
        return err;
    }
    *out_bps = (uint64_t)(value + 0.5);
    return WZP_OK;
}

enum wzp_err wzp_units_read_count(const char *text, uint64_t max, uint64_t *out_count)
{
    uint64_t count = 0;
    if (text[0] == '\0') {
        return WZP_EMALFORMED;
    }
    for (const char *at = text; *at != '\0'; at++) {
        uint64_t digit = (uint64_t)(unsigned char)*at - '0';
        if (*at < '0' || *at > '9' || digit > max || count > (max - digit) / 10) {
            return WZP_EMALFORMED;
        }
        count = count * 10 + digit;
    }
    *out_count = count;
    return WZP_OK;
}
