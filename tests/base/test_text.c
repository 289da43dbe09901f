/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/text.h"
#include "support/wzp_test.h"

static void hex_writes_lower_case_and_reads_either(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x00, 0x9f, 0xa0, 0xff};
    char text[9];
    wzp_hex_write(bytes, sizeof bytes, text);
    assert_string_equal(text, "009fa0ff");
    uint8_t back[4];
    assert_ok(wzp_hex_read("009FA0fF", back, sizeof back));
    assert_memory_equal(back, bytes, sizeof bytes);
}

static void hex_of_another_length_or_with_other_characters_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",         "0",        "00",       "0000000",       "000000000",
                                      "0x000000", "0000000g", "000000 0", "/0000000",      ":0000000",
                                      "@0000000", "G0000000", "`0000000", "000000\xc3\xa9"};
    for (size_t i = 0; i < wzp_count(bad); i++) {
        uint8_t out[4] = {9, 9, 9, 9};
        assert_int_equal(wzp_hex_read(bad[i], out, sizeof out), WZP_EMALFORMED);
        assert_memory_equal(out, "\x09\x09\x09\x09", 4);
    }
}

/* RFC 3629, section 4, and the classes of Kuhn's stress test: first, last and just past of every length. */
static const struct {
    const char *bytes;
    size_t size;
    bool is_valid;
} utf8[] = {
    {"", 0, true},
    {"plain", 5, true},
    {"\0", 1, true},
    {"\x7f", 1, true},
    {"\xc2\x80", 2, true},
    {"\xdf\xbf", 2, true},
    {"\xe0\xa0\x80", 3, true},
    {"\xed\x9f\xbf", 3, true},
    {"\xee\x80\x80", 3, true},
    {"\xef\xbf\xbf", 3, true},
    {"\xf0\x90\x80\x80", 4, true},
    {"\xf4\x8f\xbf\xbf", 4, true},
    {"a\xc3\xa9z", 4, true},
    {"\x80", 1, false},                 /* continuation alone */
    {"\xbf", 1, false},                 /* the same, last */
    {"\xc0\x80", 2, false},             /* overlong NUL */
    {"\xc1\xbf", 2, false},             /* overlong DEL */
    {"\xe0\x9f\xbf", 3, false},         /* overlong U+07FF */
    {"\xf0\x8f\xbf\xbf", 4, false},     /* overlong U+FFFF */
    {"\xed\xa0\x80", 3, false},         /* first surrogate */
    {"\xed\xbf\xbf", 3, false},         /* last surrogate */
    {"\xf4\x90\x80\x80", 4, false},     /* U+110000 */
    {"\xf5\x80\x80\x80", 4, false},     /* past all planes */
    {"\xf8\x88\x80\x80\x80", 5, false}, /* five bytes */
    {"\xff", 1, false},
    {"\xc3", 1, false}, /* cut short */
    {"\xe2\x82", 2, false},
    {"\xf0\x9f\x98", 3, false},
    {"\xc3(", 2, false}, /* continuation missing */
    {"\xe2(\xa1", 3, false},
    {"\xe2\x82(", 3, false},
    {"\xf0\x9f\x98(", 4, false},
};

static void utf8_is_told_from_what_only_looks_like_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(utf8); i++) {
        if (wzp_utf8_is_valid(utf8[i].bytes, utf8[i].size) != utf8[i].is_valid) {
            fail_msg("row %zu", i);
        }
    }
}

static void cleaning_keeps_text_and_drops_what_controls(void **state)
{
    (void)state;
    static const struct {
        const char *text, *clean;
    } rows[] = {
        {"", ""},
        {"alice", "alice"},
        {"a\tb\nc\x1b[0m\x7f", "abc[0m"},
        {"a\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0z", "a\xc2\xa0z"}, /* C1 goes, the no-break space after it stays */
        {"\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9"},
        {"bad\xff", ""},
        {"bad\xc3", ""},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char out[32];
        wzp_text_clean(rows[i].text, out, sizeof out);
        assert_string_equal(out, rows[i].clean);
    }
}

static void cleaning_cuts_between_characters(void **state)
{
    (void)state;
    static const char *const cut[] = {"", "a", "a", "a", "a\xe2\x82\xac", "a\xe2\x82\xacz"};
    for (size_t room = 1; room <= wzp_count(cut); room++) {
        char out[8];
        memset(out, '#', sizeof out);
        wzp_text_clean("a\xe2\x82\xacz", out, room);
        assert_string_equal(out, cut[room - 1]);
        assert_int_equal(out[room], '#');
    }
}

static void a_control_character_takes_no_room(void **state)
{
    (void)state;
    char out[4];
    wzp_text_clean("ab\xc2\x80"
                   "c",
                   out, sizeof out);
    assert_string_equal(out, "abc");
}

static void a_copy_is_the_callers(void **state)
{
    (void)state;
    char *copy = NULL;
    assert_ok(wzp_text_copy("room", &copy));
    assert_string_equal(copy, "room");
    free(copy);
}

static void lower_casing_leaves_other_bytes_alone(void **state)
{
    (void)state;
    char text[] = "AZaz@[`{09_\xc3\x89";
    wzp_text_lower(text);
    assert_string_equal(text, "azaz@[`{09_\xc3\x89");
}

static void the_nearest_word_is_suggested_if_near(void **state)
{
    (void)state;
    static const char *const words[] = {"listen_addr", "max_sessions", "auth_url",
                                        "label",       "metrics_port", "ws_port"};
    static const struct {
        const char *word, *nearest;
    } rows[] = {
        {"max_sesions", "max_sessions"},
        {"maxsessions", "max_sessions"},
        {"auth_url", "auth_url"},
        {"lable", "label"},
        {"metric_port", "metrics_port"},
        {"zzzzzzzz", NULL},
        {"", NULL},
        {"x", NULL},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        const char *nearest = wzp_text_nearest(rows[i].word, words, wzp_count(words));
        if (rows[i].nearest) {
            assert_non_null(nearest);
            assert_string_equal(nearest, rows[i].nearest);
        } else {
            assert_null(nearest);
        }
    }
}

static void the_best_of_several_near_words_wins(void **state)
{
    (void)state;
    static const char *const words[] = {"relay", "delay", "replay"};
    assert_string_equal(wzp_text_nearest("repla", words, wzp_count(words)), "replay");
    assert_string_equal(wzp_text_nearest("delays", words, wzp_count(words)), "delay");
}

static void words_too_long_to_compare_are_passed_over(void **state)
{
    (void)state;
    char huge[200];
    memset(huge, 'a', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_null(wzp_text_nearest(huge, (const char *const[]){huge, "a"}, 2));
    assert_string_equal(wzp_text_nearest("ab", (const char *const[]){huge, "abc"}, 2), "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_writes_lower_case_and_reads_either),
        cmocka_unit_test(hex_of_another_length_or_with_other_characters_is_refused),
        cmocka_unit_test(utf8_is_told_from_what_only_looks_like_it),
        cmocka_unit_test(cleaning_keeps_text_and_drops_what_controls),
        cmocka_unit_test(cleaning_cuts_between_characters),
        cmocka_unit_test(a_control_character_takes_no_room),
        cmocka_unit_test(a_copy_is_the_callers),
        cmocka_unit_test(lower_casing_leaves_other_bytes_alone),
        cmocka_unit_test(the_nearest_word_is_suggested_if_near),
        cmocka_unit_test(the_best_of_several_near_words_wins),
        cmocka_unit_test(words_too_long_to_compare_are_passed_over),
    };
    return cmocka_run_group_tests_name("base_text", tests, NULL, NULL);
}
