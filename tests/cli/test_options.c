/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/options.h"
#include "support/wzp_test.h"

#define MAX_WORDS 40

/** Splits `line` at blanks, as the shell would, and reads it. */
static enum wzp_err read_line(const char *line, char *message, struct wzp_options *options)
{
    static char program[] = "wzp-client", copy[1024];
    char *argv[MAX_WORDS] = {program}, *rest = NULL;
    int argc = 1;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert_in_range(argc, 1, MAX_WORDS - 1);
        argv[argc++] = word;
    }
    message[0] = '\0';
    return wzp_options_read(argc, argv, message, options);
}

static struct wzp_options good(const char *line)
{
    char message[WZP_OPTIONS_MESSAGE_BYTES];
    struct wzp_options options;
    enum wzp_err err = read_line(line, message, &options);
    if (err != WZP_OK) {
        fail_msg("%s: %s", line, message);
    }
    return options;
}

static void nothing_means_silence_to_the_local_relay(void **state)
{
    wzp_ignore(state);
    struct wzp_options options = good("");
    assert_int_equal(options.mode, WZP_MODE_CALL);
    assert_string_equal(options.relay, "127.0.0.1:4433");
    assert_null(options.room);
    assert_null(options.record_file);
    assert_int_equal(options.tone_ms, 0);
}

static void the_flags_of_the_first_generation_keep_their_meaning(void **state)
{
    wzp_ignore(state);
    struct wzp_options o = good("--room general --seed 2a2a --send-tone 5 --record out.raw --token abc "
                                "--metrics-file m.jsonl 192.0.2.7:4433");
    assert_string_equal(o.room, "general");
    assert_string_equal(o.seed_hex, "2a2a");
    assert_int_equal(o.tone_ms, 5000);
    assert_string_equal(o.record_file, "out.raw");
    assert_string_equal(o.token, "abc");
    assert_string_equal(o.metrics_file, "m.jsonl");
    assert_string_equal(o.relay, "192.0.2.7:4433");
    assert_string_equal(good("--room -dash-").room, "-dash-");
    assert_int_equal(good("-h").mode, WZP_MODE_HELP);
    assert_int_equal(good("--live --help").mode, WZP_MODE_HELP);
    assert_int_equal(good("--version-check").mode, WZP_MODE_VERSION_CHECK);
}

static void values_may_stand_after_an_equals_sign(void **state)
{
    wzp_ignore(state);
    struct wzp_options o = good("--room=--json --send-tone=0.5 --json");
    assert_string_equal(o.room, "--json");
    assert_int_equal(o.tone_ms, 500);
    assert_true(o.json);
}

#define WORDS23 "a b c d e f g h i j k l m n o p q r s t u v w"

static void a_mnemonic_ends_at_the_next_option_or_after_24_words(void **state)
{
    wzp_ignore(state);
    struct wzp_options o = good("--mnemonic " WORDS23 " x relay:1 --room r");
    assert_string_equal(o.mnemonic, WORDS23 " x");
    assert_string_equal(o.relay, "relay:1");
    assert_string_equal(o.room, "r");
    char message[WZP_OPTIONS_MESSAGE_BYTES];
    char program[] = "wzp-client", flag[] = "--mnemonic", words[] = WORDS23 " x", relay[] = "relay:2";
    char *quoted[] = {program, flag, words, relay};
    assert_ok(wzp_options_read(4, quoted, message, &o));
    assert_string_equal(o.mnemonic, WORDS23 " x");
    assert_string_equal(o.relay, "relay:2");
}

static void wrong_command_lines_are_refused_with_the_word(void **state)
{
    wzp_ignore(state);
    static const struct {
        const char *line, *says;
    } rows[] = {
        {"--send-tune 5", "did you mean --send-tone?"},
        {"--rom general", "did you mean --room?"},
        {"--zzzzzzzzzzzzzzzz", "unknown option --zzzzzzzzzzzzzzzz"},
        {"--room", "--room needs a value"},
        {"--room --json", "--room needs a value"},
        {"--json=yes", "takes nothing after '='"},
        {"--send-tone five", "'five' is no number of seconds"},
        {"--send-tone 0", "'0' is no number of seconds"},
        {"--send-tone -1", "'-1' is no number of seconds"},
        {"--send-tone=-1", "'-1' is no number of seconds"},
        {"--send-tone nan", "'nan' is no number of seconds"},
        {"--send-tone 1e99", "'1e99' is no number of seconds"},
        {"--seconds 5x", "'5x' is no number of seconds"},
        {"a:1 b:2", "one relay at a time"},
        {"--mnemonic one two three", "needs 24 words, here are 3"},
        {"--mnemonic", "needs 24 words, here are 0"},
        {"--mnemonic " WORDS23 " wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
         "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
         "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
         "no 24 words"},
        {"--seed 00 --identity f", "don't go together"},
        {"--send-tone 5 --send-file f", "don't go together"},
        {"--relay-fingerprint f --no-tofu", "don't go together"},
        {"--ping --version-check", "don't go together"},
        {"--ping --record f", "--ping makes no call"},
        {"--send-file a.wav --record a.wav", "overwrite"},
        {"--load", "--load needs a value (RxMxT)"},
        {"--load 1x2x1 --pps 0", "'0' is no number from 1 to"},
        {"--load 1x2x1 --packet-bytes 1e3", "'1e3' is no number from 1 to"},
        {"--pps 50", "belong to --load"},
        {"--list --load-reconnect", "belong to --load"},
        {"--list --record f", "--list makes no call"},
        {"--list --sweep", "don't go together"},
        {"--echo-test five", "'five' is no number of seconds"},
        {"--drift-test", "--drift-test needs a value"},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char message[WZP_OPTIONS_MESSAGE_BYTES];
        struct wzp_options options;
        if (read_line(rows[i].line, message, &options) != WZP_EINVAL || !strstr(message, rows[i].says)) {
            fail_msg("%s: '%s' lacks '%s'", rows[i].line, message, rows[i].says);
        }
    }
}

static void every_mode_is_read_with_what_belongs_to_it(void **state)
{
    wzp_ignore(state);
    struct wzp_options o = good(
        "--load 50x10x10 --pps 100 --packet-bytes 60 --load-sockets 7 --load-reconnect --seconds 2 a:1,b:2");
    assert_int_equal(o.mode, WZP_MODE_LOAD);
    assert_string_equal(o.load_shape, "50x10x10");
    assert_int_equal(o.pps, 100);
    assert_int_equal(o.packet_bytes, 60);
    assert_int_equal(o.load_sockets, 7);
    assert_true(o.load_reconnect);
    assert_int_equal(o.limit_ms, 2000);
    assert_string_equal(o.relay, "a:1,b:2");
    assert_int_equal(good("--list --json").mode, WZP_MODE_LIST);
    assert_int_equal(good("--sweep").mode, WZP_MODE_SWEEP);
    o = good("--echo-test=2.5 relay");
    assert_int_equal(o.mode, WZP_MODE_ECHO_TEST);
    assert_int_equal(o.test_ms, 2500);
    o = good("--drift-test 60");
    assert_int_equal(o.mode, WZP_MODE_DRIFT_TEST);
    assert_int_equal(o.test_ms, 60000);
}

static void later_modes_are_known_by_name(void **state)
{
    wzp_ignore(state);
    const char *const lines[] = {"--live", "--signal", "--call 1e45:cdae"};
    for (size_t i = 0; i < wzp_count(lines); i++) {
        struct wzp_options o = good(lines[i]);
        assert_int_equal(o.mode, WZP_MODE_NOT_YET);
        assert_memory_equal(o.mode_flag, lines[i], strlen(o.mode_flag));
    }
}

static void the_help_names_every_option_that_works(void **state)
{
    wzp_ignore(state);
    static char text[8192];
    FILE *stream = fmemopen(text, sizeof text, "w");
    assert_non_null(stream);
    wzp_options_print_help(stream);
    fclose(stream);
    const char *const names[] = {"--send-tone N", "--record F", "--relay-fingerprint FP", "--ping",
                                 "--version"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        assert_non_null(strstr(text, names[i]));
    }
    assert_null(strstr(text, "--signal"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_means_silence_to_the_local_relay),
        cmocka_unit_test(the_flags_of_the_first_generation_keep_their_meaning),
        cmocka_unit_test(values_may_stand_after_an_equals_sign),
        cmocka_unit_test(a_mnemonic_ends_at_the_next_option_or_after_24_words),
        cmocka_unit_test(wrong_command_lines_are_refused_with_the_word),
        cmocka_unit_test(every_mode_is_read_with_what_belongs_to_it),
        cmocka_unit_test(later_modes_are_known_by_name),
        cmocka_unit_test(the_help_names_every_option_that_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
