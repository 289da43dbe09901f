/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/load_mode.h"
#include "support/wzp_test.h"

static void a_shape_is_rooms_members_talkers(void **state)
{
    wzp_ignore(state);
    struct wzp_load_config config = {0};
    assert_ok(wzp_load_mode_read_shape("50x10x3", &config));
    assert_int_equal(config.n_rooms, 50);
    assert_int_equal(config.n_members, 10);
    assert_int_equal(config.n_talkers, 3);
    assert_ok(wzp_load_mode_read_shape("1x1x0", &config));
    assert_ok(wzp_load_mode_read_shape("10000x2x2", &config));
}

static void other_shapes_are_refused(void **state)
{
    wzp_ignore(state);
    static const struct {
        const char *text;
        enum wzp_err err;
    } rows[] = {
        {"", WZP_EMALFORMED},          {"5", WZP_EMALFORMED},
        {"5x", WZP_EMALFORMED},        {"5x5", WZP_EMALFORMED},
        {"5x5x", WZP_EMALFORMED},      {"5x5x5x", WZP_EMALFORMED},
        {"5x5x5x5", WZP_EMALFORMED},   {"x5x5", WZP_EMALFORMED},
        {"5 x5x5", WZP_EMALFORMED},    {"-1x5x5", WZP_EMALFORMED},
        {"5x+5x5", WZP_EMALFORMED},    {"5x5x99999999999999999999", WZP_EMALFORMED},
        {"5x20001x5", WZP_EMALFORMED}, {"0x5x5", WZP_EINVAL},
        {"5x0x0", WZP_EINVAL},         {"5x5x6", WZP_EINVAL},
        {"10001x2x2", WZP_EINVAL},     {"20000x20000x1", WZP_EINVAL},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_load_config config = {.n_rooms = 77};
        if (wzp_load_mode_read_shape(rows[i].text, &config) != rows[i].err) {
            fail_msg("'%s'", rows[i].text);
        }
        assert_int_equal(config.n_rooms, 77);
    }
}

static struct wzp_load_report clean_report(void)
{
    return (struct wzp_load_report){.clients = 10,
                                    .joined = 10,
                                    .sent = 100,
                                    .expected = 400,
                                    .received = 400,
                                    .delay_p50 = 150,
                                    .delay_p90 = 1500,
                                    .delay_p99 = 2500,
                                    .delay_max = 3250,
                                    .joined_in = 40 * WZP_MS,
                                    .talked_for = 2 * WZP_SECOND,
                                    .late_ticks = 4,
                                    .rejoined = 10,
                                    .rejoined_in = 50 * WZP_MS};
}

static void whatever_is_missing_makes_it_unclean(void **state)
{
    wzp_ignore(state);
    struct wzp_load_report report = clean_report();
    assert_true(wzp_load_mode_is_clean(&report, true));
    report.received--;
    assert_false(wzp_load_mode_is_clean(&report, false));
    report = clean_report();
    report.joined--;
    assert_false(wzp_load_mode_is_clean(&report, false));
    report = clean_report();
    report.failed++;
    assert_false(wzp_load_mode_is_clean(&report, false));
    report = clean_report();
    report.rejoined--;
    assert_false(wzp_load_mode_is_clean(&report, true));
    assert_true(wzp_load_mode_is_clean(&report, false));
}

static void more_than_two_late_ticks_a_second_are_too_many(void **state)
{
    wzp_ignore(state);
    struct wzp_load_report report = clean_report();
    assert_false(wzp_load_mode_is_overloaded(&report));
    report.late_ticks++;
    assert_true(wzp_load_mode_is_overloaded(&report));
}

static void both_reports_have_every_figure(void **state)
{
    wzp_ignore(state);
    char text[2048] = "";
    struct wzp_load_report report = clean_report();
    report.received = 390;
    report.duplicated = 1;
    report.reordered = 2;
    report.foreign = 3;
    FILE *stream = fmemopen(text, sizeof text - 1, "w");
    wzp_load_mode_print_json(&report, stream);
    fclose(stream);
    assert_string_equal(
        text, "{\"clients\":10,\"joined\":10,\"failed\":0,\"joined_in_ms\":40.000,\"talked_s\":2.000,"
              "\"sent\":100,\"expected\":400,\"received\":390,\"lost\":10,\"loss_pct\":2.5000,"
              "\"duplicated\":1,\"reordered\":2,\"foreign\":3,\"delay_p50_ms\":0.150,\"delay_p90_ms\":1.500,"
              "\"delay_p99_ms\":2.500,\"delay_max_ms\":3.250,\"late_ticks\":4,\"rejoined\":10,"
              "\"rejoined_in_ms\":50.000}\n");
    memset(text, 0, sizeof text);
    stream = fmemopen(text, sizeof text - 1, "w");
    wzp_load_mode_print(&report, true, stream);
    fclose(stream);
    assert_non_null(strstr(text, "390 of 400 (lost 10, 2.500 %; duplicated 1, reordered 2, foreign 3)"));
    assert_non_null(strstr(text, "10 back of 10 in 50.0 ms"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shape_is_rooms_members_talkers),
        cmocka_unit_test(other_shapes_are_refused),
        cmocka_unit_test(whatever_is_missing_makes_it_unclean),
        cmocka_unit_test(more_than_two_late_ticks_a_second_are_too_many),
        cmocka_unit_test(both_reports_have_every_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
