/* SPDX-License-Identifier: Apache-2.0 */
/* The plan, and the command line that fills it. */
#include <stdlib.h>

#include "apps/impair/options.h"
#include "apps/impair/plan.h"
#include "support/wzp_test.h"

#define MAX_WORDS 40

static int set_up(void **state)
{
    *state = wzp_plan_new();
    assert_non_null(*state);
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

struct words {
    char text[1024];
    char *words[MAX_WORDS];
    int n;
};

/** A command line, split at blanks. */
static void split(const char *line, struct words *out_words)
{
    char *rest = NULL;
    assert_true(strlen(line) + 12 < sizeof out_words->text);
    wzp_ignore(snprintf(out_words->text, sizeof out_words->text, "wzp-impair %s", line));
    out_words->n = 0;
    for (char *word = strtok_r(out_words->text, " ", &rest); word && out_words->n < MAX_WORDS;
         word = strtok_r(NULL, " ", &rest)) {
        out_words->words[out_words->n++] = word;
    }
}

static enum wzp_err apply(struct wzp_plan *plan, const char *line,
                          char message[static WZP_PLAN_MESSAGE_BYTES])
{
    struct words words;
    split(line, &words);
    message[0] = '\0';
    return wzp_options_apply(words.n, words.words, plan, message);
}

static void every_flag_is_taken(void **state)
{
    struct wzp_plan *plan = *state;
    char message[WZP_PLAN_MESSAGE_BYTES];
    assert_ok(apply(
        plan,
        "--listen 127.0.0.1:5000 --to=relay.example.org:4433 --seed 7 --seconds 30 --clients 3 "
        "--rebind-at 4s --rebind-at 2s --rebind-every 5s --loss 5% --gilbert 1%,30%,0.5%,90% --delay 50ms "
        "--jitter 10ms --reorder 2% --reorder-by 40ms --duplicate 1% --rate 100kbit --queue 20 --mtu 1280 "
        "--cut 3s+10s --cut=20s+1s --json",
        message));
    assert_string_equal(plan->listen, "127.0.0.1:5000");
    assert_string_equal(plan->to, "relay.example.org:4433");
    assert_int_equal(plan->seed, 7);
    assert_int_equal(plan->length, 30 * WZP_SECOND);
    assert_int_equal(plan->max_clients, 3);
    assert_int_equal(plan->n_rebinds, 2);
    assert_int_equal(plan->rebind_at[0], 2 * WZP_SECOND);
    assert_int_equal(plan->rebind_at[1], 4 * WZP_SECOND);
    assert_int_equal(plan->rebind_every, 5 * WZP_SECOND);
    assert_int_equal(plan->n_steps, 1);
    for (int d = 0; d < WZP_PLAN_N_DIRECTIONS; d++) {
        const struct wzp_model_settings *settings = &plan->steps[0].settings[d];
        assert_true(settings->loss > 0.0499 && settings->loss < 0.0501);
        assert_true(settings->gilbert.leave > 0.299 && settings->gilbert.bad > 0.899 &&
                    settings->gilbert.good < 0.006);
        assert_int_equal(settings->delay, 50 * WZP_MS);
        assert_int_equal(settings->jitter, 10 * WZP_MS);
        assert_int_equal(settings->reorder_by, 40 * WZP_MS);
        assert_int_equal(settings->rate_bps, 100000);
        assert_int_equal(settings->queue_packets, 20);
        assert_int_equal(settings->mtu_bytes, 1280);
        assert_int_equal(settings->n_cuts, 2);
        assert_int_equal(settings->cuts[0].at, 3 * WZP_SECOND);
        assert_int_equal(settings->cuts[0].length, 10 * WZP_SECOND);
    }
}

static void a_direction_is_for_all_flags(void **state)
{
    struct wzp_plan *plan = *state;
    char message[WZP_PLAN_MESSAGE_BYTES];
    assert_ok(apply(plan, "--listen a:1 --to b:2 --delay 50ms --direction down --loss 5%", message));
    assert_int_equal(plan->steps[0].settings[WZP_PLAN_UP].delay, 0);
    assert_int_equal(plan->steps[0].settings[WZP_PLAN_DOWN].delay, 50 * WZP_MS);
    assert_true(plan->steps[0].settings[WZP_PLAN_DOWN].loss > 0);
    assert_false(plan->steps[0].settings[WZP_PLAN_UP].loss > 0);
    assert_int_equal(plan->steps[0].settings[WZP_PLAN_UP].queue_packets, 50);
}

static void wrong_command_lines_say_what_is_wrong(void **state)
{
    static const struct {
        const char *line, *message;
    } rows[] = {
        {"", "--listen is missing"},
        {"--listen a:1", "--to is missing"},
        {"--listen a:1 --to b:2 --los 5%", "--los: no such setting; did you mean loss?"},
        {"--listen a:1 --to b:2 --frobnicate 5%", "--frobnicate: no such setting"},
        {"--listen a:1 --to b:2 --loss 5", "--loss: \"5\" does not read; like this: 5%"},
        {"--listen a:1 --to b:2 --loss", "--loss: the value is missing"},
        {"--listen a:1 --to b:2 --delay 61s", "--delay: \"61s\" does not read; like this: 50ms"},
        {"--listen a:1 --to b:2 --gilbert 5%", "--gilbert: \"5%\" does not read; like this: 1%,30%,0,1"},
        {"--listen a:1 --to b:2 --gilbert 1%,1%,0,1,1",
         "--gilbert: \"1%,1%,0,1,1\" does not read; like this: 1%,30%,0,1"},
        {"--listen a:1 --to b:2 --gilbert 1%,,0,1",
         "--gilbert: \"1%,,0,1\" does not read; like this: 1%,30%,0,1"},
        {"--listen a:1 --to b:2 --cut 3s", "--cut: \"3s\" does not read; like this: 3s+10s"},
        {"--listen a:1 --to b:2 --queue 0", "--queue: \"0\" does not read; like this: 50"},
        {"--listen a:1 --to b:2 --mtu 1473", "--mtu: \"1473\" does not read; like this: 1280"},
        {"--listen a:1 --to b:2 --clients 1025", "--clients: \"1025\" does not read; like this: 64"},
        {"--listen a:1 --to b:2 --direction left", "--direction: up, down or both"},
        {"--listen a:1 --to b:2 loss", "loss: not a flag"},
        {"--listen a:1 --to b:2 -x", "-x: not a flag"},
        {"--listen a:1 --to b:2 --scenario f --loss 5%", "--loss: is for the scenario file to say"},
    };
    (void)state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char message[WZP_PLAN_MESSAGE_BYTES];
        struct wzp_plan *plan = wzp_plan_new();
        assert_int_equal(apply(plan, rows[i].line, message), WZP_EINVAL);
        assert_string_equal(message, rows[i].message);
        free(plan);
    }
}

static void lists_are_bounded(void **state)
{
    struct wzp_plan *plan = *state;
    char message[WZP_PLAN_MESSAGE_BYTES];
    for (int i = 0; i < WZP_MODEL_MAX_CUTS; i++) {
        assert_ok(wzp_plan_set(plan, WZP_PLAN_UP, "cut", "1s+1s", message));
    }
    assert_int_equal(wzp_plan_set(plan, WZP_PLAN_UP, "cut", "1s+1s", message), WZP_ELIMIT);
    assert_string_equal(message, "cut: more than 16");
    for (int i = 0; i < WZP_PLAN_MAX_REBINDS; i++) {
        assert_ok(wzp_plan_set(plan, WZP_PLAN_BOTH, "rebind_at", "1s", message));
    }
    assert_int_equal(wzp_plan_set(plan, WZP_PLAN_BOTH, "rebind_at", "1s", message), WZP_ELIMIT);
    for (int i = 1; i < WZP_PLAN_MAX_STEPS; i++) {
        assert_ok(wzp_plan_add_step(plan, i));
    }
    assert_int_equal(wzp_plan_add_step(plan, WZP_SECOND), WZP_ELIMIT);
}

static void switches_are_found_anywhere(void **state)
{
    struct words words;
    char message[WZP_PLAN_MESSAGE_BYTES];
    struct wzp_options options;
    (void)state;
    split("--loss 5% --json --scenario=file.toml --verbose", &words);
    assert_ok(wzp_options_read(words.n, words.words, message, &options));
    assert_true(options.json);
    assert_true(options.verbose);
    assert_false(options.help);
    assert_string_equal(options.scenario, "file.toml");
    split("-h", &words);
    assert_ok(wzp_options_read(words.n, words.words, message, &options));
    assert_true(options.help);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_flag_is_taken),
        CASE(a_direction_is_for_all_flags),
        CASE(wrong_command_lines_say_what_is_wrong),
        CASE(lists_are_bounded),
        CASE(switches_are_found_anywhere),
    };
    return cmocka_run_group_tests_name("impair_plan", tests, NULL, NULL);
}
