/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "apps/impair/scenario.h"
#include "support/wzp_test.h"

static const char whole[] = "listen = '127.0.0.1:5000'\n"
                            "to = 'relay.example.org:4433'\n"
                            "seed = 7\n"
                            "seconds = 30\n"
                            "rebind_at = ['2s', '4s']\n"
                            "rebind_every = '5s'\n"
                            "loss = 0.05\n"
                            "delay = '50ms'\n"
                            "cut = ['3s+1s', '10s+500ms']\n"
                            "\n"
                            "[down]\n"
                            "delay = '80ms'\n"
                            "rate = '100kbit'\n"
                            "queue = 20\n"
                            "\n"
                            "[[step]]\n"
                            "at = '10s'\n"
                            "loss = 0\n"
                            "\n"
                            "[[step]]\n"
                            "at = '20s'\n"
                            "up = { gilbert = '1%, 30%', delay = 0 }\n";

static void a_whole_scenario_reads(void **state)
{
    char message[WZP_PLAN_MESSAGE_BYTES] = "";
    struct wzp_plan *plan = wzp_plan_new();
    (void)state;
    if (wzp_scenario_read(whole, strlen(whole), plan, message) != WZP_OK) {
        fail_msg("%s", message);
    }
    assert_string_equal(plan->to, "relay.example.org:4433");
    assert_int_equal(plan->seed, 7);
    assert_int_equal(plan->length, 30 * WZP_SECOND);
    assert_int_equal(plan->n_rebinds, 2);
    assert_int_equal(plan->n_steps, 3);
    const struct wzp_model_settings *up = &plan->steps[0].settings[WZP_PLAN_UP];
    const struct wzp_model_settings *down = &plan->steps[0].settings[WZP_PLAN_DOWN];
    assert_int_equal(up->delay, 50 * WZP_MS);
    assert_int_equal(down->delay, 80 * WZP_MS);
    assert_int_equal(up->rate_bps, 0);
    assert_int_equal(down->rate_bps, 100000);
    assert_int_equal(down->queue_packets, 20);
    assert_int_equal(up->n_cuts, 2);
    assert_true(up->loss > 0.0499);
    assert_int_equal(plan->steps[1].at, 10 * WZP_SECOND);
    assert_false(plan->steps[1].settings[WZP_PLAN_UP].loss > 0);
    assert_int_equal(plan->steps[1].settings[WZP_PLAN_DOWN].delay, 80 * WZP_MS);
    assert_true(plan->steps[2].settings[WZP_PLAN_UP].gilbert.leave > 0.299);
    assert_int_equal(plan->steps[2].settings[WZP_PLAN_UP].delay, 0);
    assert_int_equal(plan->steps[2].settings[WZP_PLAN_DOWN].delay, 80 * WZP_MS);
    free(plan);
}

static void wrong_files_say_where(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"loss = ", "line 1, column 8: "},
        {"\nlos = 0.1\n", "line 2, column 1: los: no such setting; did you mean loss?"},
        {"loss = '5'\n", "line 1, column 8: loss: \"5\" does not read; like this: 5%"},
        {"loss = true\n", "line 1, column 8: neither text nor a number"},
        {"cut = ['1s+1s', 3]\n", "line 1, column 17: cut: \"3\" does not read; like this: 3s+10s"},
        {"[up]\nseed = 1\n", "line 2, column 1: not a setting of a direction"},
        {"[[step]]\nloss = 0\n", "line 1, column 3: a step needs its time, like at = \"10s\""},
        {"[[step]]\nat = 10\n", "line 2, column 6: a step needs its time, like at = \"10s\""},
        {"[[step]]\nat = '10s'\n[[step]]\nat = '10s'\n",
         "line 4, column 6: not later than the step before it"},
        {"[[step]]\nat = '10s'\nseed = 3\n", "line 3, column 1: not a setting that a step can change"},
        {"[step]\nat = '10s'\n", "line 1, column 2: steps are written [[step]]"},
        {"step = [1]\n", "line 1, column 9: a step is a table"},
        {"listen = \"a\\u0000b\"\n", "line 1, column 10: neither text nor a number"},
    };
    (void)state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char message[WZP_PLAN_MESSAGE_BYTES] = "";
        struct wzp_plan *plan = wzp_plan_new();
        enum wzp_err err = wzp_scenario_read(rows[i].text, strlen(rows[i].text), plan, message);
        if (err != WZP_ECONFIG || strncmp(message, rows[i].message, strlen(rows[i].message)) != 0) {
            fail_msg("%s: %s", rows[i].text, message);
        }
        free(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_scenario_reads),
        cmocka_unit_test(wrong_files_say_where),
    };
    return cmocka_run_group_tests_name("impair_scenario", tests, NULL, NULL);
}
