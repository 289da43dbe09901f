/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "support/wzp_test.h"

static void text_grows_piece_by_piece(void **state)
{
    (void)state;
    struct wzp_buffer buffer;
    wzp_buffer_init(&buffer, 1 << 20);
    assert_null(buffer.text);
    for (int i = 0; i < 1000; i++) {
        wzp_buffer_print(&buffer, "%03d,", i);
    }
    wzp_buffer_add_text(&buffer, "end");
    assert_int_equal(buffer.err, WZP_OK);
    assert_int_equal(buffer.size, 4003);
    assert_int_equal(strlen(buffer.text), 4003);
    assert_memory_equal(buffer.text, "000,001,002,", 12);
    assert_string_equal(buffer.text + 3996, "999,end");
    wzp_buffer_deinit(&buffer);
    assert_int_equal(buffer.size, 0);
}

static void a_long_printed_line_is_whole(void **state)
{
    (void)state;
    char word[2001];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    struct wzp_buffer buffer;
    wzp_buffer_init(&buffer, 4096);
    wzp_buffer_print(&buffer, "<%s>", word);
    assert_int_equal(buffer.err, WZP_OK);
    assert_int_equal(buffer.size, 2002);
    assert_int_equal(buffer.text[2001], '>');
    wzp_buffer_deinit(&buffer);
}

static void the_limit_sticks_until_cleared(void **state)
{
    (void)state;
    struct wzp_buffer buffer;
    wzp_buffer_init(&buffer, 4);
    wzp_buffer_add_text(&buffer, "abcd");
    assert_int_equal(buffer.err, WZP_OK);
    wzp_buffer_add_text(&buffer, "e");
    assert_int_equal(buffer.err, WZP_ELIMIT);
    wzp_buffer_add_text(&buffer, "");
    wzp_buffer_print(&buffer, "%s", "f");
    assert_int_equal(buffer.err, WZP_ELIMIT);
    assert_string_equal(buffer.text, "abcd");
    wzp_buffer_clear(&buffer);
    assert_string_equal(buffer.text, "");
    wzp_buffer_print(&buffer, "%0600d", 1);
    assert_int_equal(buffer.err, WZP_ELIMIT);
    wzp_buffer_clear(&buffer);
    wzp_buffer_add_text(&buffer, "gh");
    assert_int_equal(buffer.err, WZP_OK);
    assert_string_equal(buffer.text, "gh");
    wzp_buffer_deinit(&buffer);
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *text, *json;
    } rows[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"tab\tnew\nline", "\"tab\\u0009new\\u000aline\""},
        {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
        {"\xff", "\"\""},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_buffer buffer;
        wzp_buffer_init(&buffer, 100);
        wzp_buffer_add_json(&buffer, rows[i].text);
        assert_string_equal(buffer.text, rows[i].json);
        wzp_buffer_deinit(&buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_grows_piece_by_piece),
        cmocka_unit_test(a_long_printed_line_is_whole),
        cmocka_unit_test(the_limit_sticks_until_cleared),
        cmocka_unit_test(json_strings_are_escaped),
    };
    return cmocka_run_group_tests_name("base_buffer", tests, NULL, NULL);
}
