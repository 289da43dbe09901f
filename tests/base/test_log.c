/* SPDX-License-Identifier: Apache-2.0 */
#include <regex.h>
#include <stdlib.h>

#include "base/log.h"
#include "support/wzp_test.h"

/* A log into memory: lines(&sink) is what was written. */
struct sink {
    struct wzp_log log;
    char *text;
    size_t size;
};

static int open_sink(void **state)
{
    struct sink *sink = calloc(1, sizeof *sink);
    sink->log.stream = open_memstream(&sink->text, &sink->size);
    sink->log.level = WZP_LOG_INFO;
    sink->log.journald = true; /* no time in the line */
    *state = sink;
    return sink->log.stream ? 0 : -1;
}

static int close_sink(void **state)
{
    struct sink *sink = *state;
    fclose(sink->log.stream);
    free(sink->text);
    free(sink);
    return 0;
}

static const char *lines(struct sink *sink)
{
    fflush(sink->log.stream);
    return sink->text;
}

static void a_line_is_level_pairs_message(void **state)
{
    struct sink *sink = *state;
    wzp_info(&sink->log, "joined", "peer=%s room=%s", "9f2c", "podcast");
    assert_string_equal(lines(sink), "<6>info  peer=9f2c room=podcast msg=\"joined\"\n");
}

static void a_line_without_pairs_is_level_and_message(void **state)
{
    struct sink *sink = *state;
    wzp_error(&sink->log, "out of luck", "%s", "");
    assert_string_equal(lines(sink), "<3>error msg=\"out of luck\"\n");
}

static void what_is_above_the_level_is_not_written(void **state)
{
    struct sink *sink = *state;
    wzp_debug(&sink->log, "detail", "%s", "");
    assert_string_equal(lines(sink), "");
    assert_true(wzp_log_is_on(&sink->log, WZP_LOG_INFO));
    assert_false(wzp_log_is_on(&sink->log, WZP_LOG_DEBUG));
}

static void no_log_is_silence(void **state)
{
    (void)state;
    assert_false(wzp_log_is_on(NULL, WZP_LOG_ERROR));
    wzp_error(NULL, "nobody hears", "%s", "");
}

static void control_characters_cannot_forge_a_line(void **state)
{
    struct sink *sink = *state;
    wzp_info(&sink->log, "x", "alias=%s",
             "a\nb\r\x1b[31mc\x7f\xc2\x9b"
             "d\xc3\xa9");
    assert_string_equal(lines(sink), "<6>info  alias=a?b??[31mc???d\xc3\xa9 msg=\"x\"\n");
}

static void a_long_line_ends_at_its_limit(void **state)
{
    struct sink *sink = *state;
    char pairs[4000];
    memset(pairs, 'x', sizeof pairs - 1);
    pairs[sizeof pairs - 1] = '\0';
    wzp_info(&sink->log, "gone", "%s", pairs);
    size_t size = strlen(lines(sink));
    assert_in_range(size, 1000, 1024);
    assert_int_equal(lines(sink)[size - 1], '\n');
}

static void without_the_journal_a_line_begins_with_the_time(void **state)
{
    struct sink *sink = *state;
    sink->log.journald = false;
    wzp_warn(&sink->log, "hot", "%s", "");
    regex_t form;
    assert_int_equal(regcomp(&form, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z warn  msg=\"hot\"\n$",
                             REG_EXTENDED),
                     0);
    assert_int_equal(regexec(&form, lines(sink), 0, NULL, 0), 0);
    regfree(&form);
}

static void colour_wraps_the_level_alone(void **state)
{
    struct sink *sink = *state;
    sink->log.colour = true;
    wzp_error(&sink->log, "red", "%s", "");
    assert_string_equal(lines(sink), "<3>\033[31merror\033[0m msg=\"red\"\n");
}

static void level_words_read_and_others_do_not(void **state)
{
    (void)state;
    static const char *const words[] = {"error", "warn", "info", "debug", "trace"};
    for (size_t i = 0; i < wzp_count(words); i++) {
        enum wzp_log_level level = WZP_LOG_ERROR;
        assert_ok(wzp_log_level_read(words[i], &level));
        assert_int_equal(level, i);
    }
    enum wzp_log_level level = WZP_LOG_TRACE;
    assert_int_equal(wzp_log_level_read("loud", &level), WZP_EINVAL);
    assert_int_equal(wzp_log_level_read("", &level), WZP_EINVAL);
    assert_int_equal(level, WZP_LOG_TRACE);
}

static void the_journal_is_known_by_its_variable(void **state)
{
    (void)state;
    struct wzp_log log;
    setenv("JOURNAL_STREAM", "8:1", 1);
    wzp_log_init(&log, WZP_LOG_WARN);
    assert_true(log.journald);
    unsetenv("JOURNAL_STREAM");
    setenv("NO_COLOR", "1", 1);
    wzp_log_init(&log, WZP_LOG_WARN);
    assert_false(log.journald || log.colour);
    assert_int_equal(log.level, WZP_LOG_WARN);
}

#define with_sink(test) cmocka_unit_test_setup_teardown(test, open_sink, close_sink)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_sink(a_line_is_level_pairs_message),
        with_sink(a_line_without_pairs_is_level_and_message),
        with_sink(what_is_above_the_level_is_not_written),
        cmocka_unit_test(no_log_is_silence),
        with_sink(control_characters_cannot_forge_a_line),
        with_sink(a_long_line_ends_at_its_limit),
        with_sink(without_the_journal_a_line_begins_with_the_time),
        with_sink(colour_wraps_the_level_alone),
        cmocka_unit_test(level_words_read_and_others_do_not),
        cmocka_unit_test(the_journal_is_known_by_its_variable),
    };
    return cmocka_run_group_tests_name("base_log", tests, NULL, NULL);
}
