/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/problems.h"
#include "support/wzp_test.h"

static void assert_prints(const struct wzp_problems *problems, const char *expected)
{
    char text[8192] = "";
    FILE *stream = fmemopen(text, sizeof text, "w");
    assert_non_null(stream);
    wzp_problems_print(problems, stream);
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(text, expected);
}

static void errors_print_before_warnings(void **state)
{
    (void)state;
    struct wzp_problems problems = {0};
    assert_prints(&problems, "");
    wzp_problems_warn(&problems, "%s", "careful");
    wzp_problems_error(&problems, "no. %d", 1);
    assert_prints(&problems, "error: no. 1\nwarning: careful\n");
    wzp_problems_deinit(&problems);
    assert_int_equal(problems.n_errors, 0);
}

static void what_is_over_the_limit_is_counted(void **state)
{
    (void)state;
    struct wzp_problems problems = {0};
    char expected[1024] = "";
    size_t used = 0;
    for (size_t i = 0; i < WZP_PROBLEMS_MAX; i++) {
        used += (size_t)snprintf(expected + used, sizeof expected - used, "error: %zu\n", i);
    }
    (void)snprintf(expected + used, sizeof expected - used, "error: and 3 more\n");
    for (size_t i = 0; i < WZP_PROBLEMS_MAX + 3; i++) {
        wzp_problems_error(&problems, "%zu", i);
    }
    assert_prints(&problems, expected);
    wzp_problems_deinit(&problems);
}

static void a_line_can_not_be_forged(void **state)
{
    (void)state;
    struct wzp_problems problems = {0};
    wzp_problems_error(&problems, "a\nerror: \x1b[31mb%c", 0x7f);
    assert_prints(&problems, "error: a?error: ?[31mb?\n");
    wzp_problems_deinit(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_print_before_warnings),
        cmocka_unit_test(what_is_over_the_limit_is_counted),
        cmocka_unit_test(a_line_can_not_be_forged),
    };
    return cmocka_run_group_tests_name("relay_problems", tests, NULL, NULL);
}
