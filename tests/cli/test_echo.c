/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/echo.h"
#include "support/wzp_test.h"

static char text[8192];

static const char *printed(void (*print)(const struct wzp_probe *, FILE *), const struct wzp_probe *probe)
{
    memset(text, 0, sizeof text);
    FILE *stream = fmemopen(text, sizeof text - 1, "w");
    assert_non_null(stream);
    print(probe, stream);
    fclose(stream);
    return text;
}

#define GOOD                                                                                                 \
    {                                                                                                        \
        .sent = 250, .received = 250, .peak = 16000, .snr_db = 30, .correlation = 0.999                      \
    }

static void the_report_has_a_line_a_window(void **state)
{
    wzp_ignore(state);
    struct wzp_probe_window windows[] = {GOOD, {.sent = 250, .received = 200, .peak = 99}};
    const struct wzp_probe probe = {.windows = windows, .n_windows = 2, .sent = 500, .received = 450};
    printed(wzp_echo_print, &probe);
    assert_non_null(strstr(text, "Echo Quality Test Report\nsent 500 frames, received 450, loss 10.0 %\n"));
    assert_non_null(strstr(text, "   1     0 s    250    250    0.0 %  30.0 dB  0.999\n"));
    assert_non_null(strstr(text, "   2     5 s    250    200   20.0 %        -      -  SILENT\n"));
    assert_null(strstr(text, "STABLE"));
}

static void four_windows_show_a_trend(void **state)
{
    wzp_ignore(state);
    struct wzp_probe_window windows[] = {GOOD, GOOD, GOOD, GOOD};
    const struct wzp_probe probe = {.windows = windows, .n_windows = 4, .sent = 1000, .received = 1000};
    assert_non_null(strstr(printed(wzp_echo_print, &probe), "Quality is STABLE"));
    windows[3].received = 224; /* 10.4 %: 5.2 of the half */
    assert_non_null(strstr(printed(wzp_echo_print, &probe), "WARNING: loss rises"));
    assert_null(strstr(text, "STABLE"));
    windows[3].received = 226; /* 4.8 */
    windows[2].correlation = windows[3].correlation = 0.89;
    assert_non_null(strstr(printed(wzp_echo_print, &probe), "WARNING: correlation falls"));
    assert_null(strstr(text, "loss rises"));
}

static void nothing_back_says_what_is_needed(void **state)
{
    wzp_ignore(state);
    struct wzp_probe_window windows[] = {{.sent = 250}};
    const struct wzp_probe probe = {.windows = windows, .n_windows = 1, .sent = 250};
    assert_non_null(strstr(printed(wzp_echo_print, &probe), "needs a peer"));
    assert_non_null(strstr(printed(wzp_echo_print_drift, &probe), "WARNING: no frames"));
    assert_non_null(strstr(printed(wzp_echo_print_json, &probe), "\"drift_ms\":null,\"grade\":null"));
}

static void drift_has_a_grade(void **state)
{
    wzp_ignore(state);
    static const struct {
        wzp_us drift;
        const char *grade;
    } rows[] = {
        {4999, ": EXCELLENT\n"},     {-4999, ": EXCELLENT\n"},  {5 * WZP_MS, ": GOOD\n"},
        {-20 * WZP_MS, ": FAIR\n"},  {99 * WZP_MS, ": FAIR\n"}, {100 * WZP_MS, ": POOR\n"},
        {-900 * WZP_MS, ": POOR\n"},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        const struct wzp_probe probe = {.sent = 51,
                                        .received = 51,
                                        .frame = 20 * WZP_MS,
                                        .first_at = 5,
                                        .last_at = 5 + WZP_SECOND + rows[i].drift};
        assert_non_null(strstr(printed(wzp_echo_print_drift, &probe), rows[i].grade));
        assert_non_null(strstr(text, "expected 1000.0 ms"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_has_a_line_a_window),
        cmocka_unit_test(four_windows_show_a_trend),
        cmocka_unit_test(nothing_back_says_what_is_needed),
        cmocka_unit_test(drift_has_a_grade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
