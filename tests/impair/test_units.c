/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "apps/impair/units.h"
#include "support/wzp_test.h"

static void shares_read(void **state)
{
    static const struct {
        const char *text;
        double share; /* below 0: refused */
    } rows[] = {
        {"0", 0},      {"5%", 0.05}, {"0.05", 0.05},
        {"100%", 1},   {"1", 1},     {"0.5%", 0.005},
        {"5", -1},     {"101%", -1}, {"-1%", -1},
        {"", -1},      {"%", -1},    {"5 %", -1},
        {"5%%", -1},   {"0x1", -1},  {".5", -1},
        {"1.2.3", -1}, {"nan", -1},  {"inf", -1},
        {"5%x", -1},   {"1e-3", -1}, {"0.0000000000000000000000000000000001", -1},
    };
    (void)state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        double share = -1;
        enum wzp_err err = wzp_units_read_share(rows[i].text, &share);
        if (err != (rows[i].share < 0 ? WZP_EMALFORMED : WZP_OK) || fabs(share - rows[i].share) > 1e-12) {
            fail_msg("%s: %s, %g", rows[i].text, wzp_err_text(err), share);
        }
    }
}

static void durations_read(void **state)
{
    static const struct {
        const char *text;
        wzp_us duration; /* below 0: refused */
    } rows[] = {
        {"0", 0},
        {"250us", 250},
        {"20ms", 20000},
        {"1.5s", 1500000},
        {"2s", 2000000},
        {"0.5ms", 500},
        {"2min", 120000000},
        {"1m", 60000000},
        {"1h", 3600000000},
        {"1S", 1000000},
        {"8760h", 31536000000000},
        {"8761h", -1},
        {"20", -1},
        {"s", -1},
        {"-1s", -1},
        {"1 s", -1},
        {"1d", -1},
        {"", -1},
        {"1s2", -1},
    };
    (void)state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        wzp_us duration = -1;
        enum wzp_err err = wzp_units_read_duration(rows[i].text, &duration);
        if (err != (rows[i].duration < 0 ? WZP_EMALFORMED : WZP_OK) || duration != rows[i].duration) {
            fail_msg("%s: %s, %lld", rows[i].text, wzp_err_text(err), (long long)duration);
        }
    }
}

static void rates_read(void **state)
{
    static const struct {
        const char *text;
        int64_t rate; /* below 0: refused */
    } rows[] = {
        {"0", 0},
        {"64000bit", 64000},
        {"100kbit", 100000},
        {"1.5mbit", 1500000},
        {"1Gbit", 1000000000},
        {"1000gbit", 1000000000000},
        {"1001gbit", -1},
        {"100", -1},
        {"100k", -1},
        {"", -1},
    };
    (void)state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        uint64_t rate = 0;
        enum wzp_err err = wzp_units_read_rate(rows[i].text, &rate);
        if (err != (rows[i].rate < 0 ? WZP_EMALFORMED : WZP_OK) ||
            (rows[i].rate >= 0 && rate != (uint64_t)rows[i].rate)) {
            fail_msg("%s: %s, %llu", rows[i].text, wzp_err_text(err), (unsigned long long)rate);
        }
    }
}

static void counts_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t max, count;
        enum wzp_err err;
    } rows[] = {
        {"0", 10, 0, WZP_OK},
        {"10", 10, 10, WZP_OK},
        {"0010", 10, 10, WZP_OK},
        {"18446744073709551615", UINT64_MAX, UINT64_MAX, WZP_OK},
        {"11", 10, 0, WZP_EMALFORMED},
        {"7", 5, 0, WZP_EMALFORMED},
        {"18446744073709551616", UINT64_MAX, 0, WZP_EMALFORMED},
        {"99999999999999999999999", UINT64_MAX, 0, WZP_EMALFORMED},
        {"", 10, 0, WZP_EMALFORMED},
        {"-1", 10, 0, WZP_EMALFORMED},
        {"1.0", 10, 0, WZP_EMALFORMED},
        {"1 ", 10, 0, WZP_EMALFORMED},
    };
    (void)state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        uint64_t count = 0;
        enum wzp_err err = wzp_units_read_count(rows[i].text, rows[i].max, &count);
        if (err != rows[i].err || count != rows[i].count) {
            fail_msg("%s: %s, %llu", rows[i].text, wzp_err_text(err), (unsigned long long)count);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_read),
        cmocka_unit_test(durations_read),
        cmocka_unit_test(rates_read),
        cmocka_unit_test(counts_read),
    };
    return cmocka_run_group_tests_name("impair_units", tests, NULL, NULL);
}
