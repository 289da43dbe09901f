/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/list.h"
#include "support/wzp_test.h"

static const struct wzp_engine_participant people[] = {
    {.fingerprint = "aaaa:1111", .alias = "alice", .stream = 7},
    {.fingerprint = "bbbb:2222", .alias = "bob", .stream = 9, .muted = true},
    {.fingerprint = "bbbb:2222", .alias = "\xc3\xa9milie", .stream = 9, .relay_label = "paris"},
    {.fingerprint = "cccc"},
};

static void we_are_found_by_number_before_name(void **state)
{
    wzp_ignore(state);
    struct wzp_list_self self = {.stream = 9, .fingerprint = "aaaa:1111", .short_fingerprint = "aaaa"};
    assert_int_equal(wzp_list_find_self(people, wzp_count(people), &self), 1);
    self.stream = 8;
    assert_int_equal(wzp_list_find_self(people, wzp_count(people), &self), WZP_LIST_NOBODY);
    self.stream = 0;
    assert_int_equal(wzp_list_find_self(people, wzp_count(people), &self), 0);
    self = (struct wzp_list_self){.fingerprint = "x", .short_fingerprint = "cccc"};
    assert_int_equal(wzp_list_find_self(people, wzp_count(people), &self), 3);
}

static void of_two_with_our_name_the_alias_decides(void **state)
{
    wzp_ignore(state);
    static const struct wzp_engine_participant twins[] = {
        {.fingerprint = "a", .alias = "one"}, {.fingerprint = "a", .alias = "two"}, {.fingerprint = "a"}};
    struct wzp_list_self self = {.fingerprint = "a", .short_fingerprint = "b", .alias = "two"};
    assert_int_equal(wzp_list_find_self(twins, 3, &self), 1);
    self.alias = NULL;
    assert_int_equal(wzp_list_find_self(twins, 3, &self), 2);
}

static char text[4096];

static FILE *open_text(void)
{
    memset(text, 0, sizeof text);
    FILE *stream = fmemopen(text, sizeof text - 1, "w");
    assert_non_null(stream);
    return stream;
}

static void the_table_is_aligned_and_marks_ourselves(void **state)
{
    wzp_ignore(state);
    const struct wzp_list list = {
        .room = "r", .relay_label = "", .people = people, .n = wzp_count(people), .self = 1};
    FILE *stream = open_text();
    wzp_list_print(&list, stream);
    fclose(stream);
    assert_string_equal(text, "  alias   fingerprint  stream  relay  muted\n"
                              "  alice   aaaa:1111         7  -      no\n"
                              "* bob     bbbb:2222         9  -      yes\n"
                              "  \xc3\xa9milie  bbbb:2222         9  paris  no\n"
                              "  -       cccc              0  -      no\n");
}

static void json_has_every_member(void **state)
{
    wzp_ignore(state);
    const struct wzp_list list = {
        .room = "a\"b", .relay_label = "home", .people = people + 1, .n = 2, .self = 0};
    FILE *stream = open_text();
    wzp_list_print_json(&list, stream);
    fclose(stream);
    assert_string_equal(text,
                        "{\"room\":\"a\\\"b\",\"relay_label\":\"home\",\"participants\":["
                        "{\"alias\":\"bob\",\"fingerprint\":\"bbbb:2222\",\"stream\":9,\"relay_label\":\"\","
                        "\"muted\":true,\"self\":true},"
                        "{\"alias\":\"\xc3\xa9milie\",\"fingerprint\":\"bbbb:2222\",\"stream\":9,"
                        "\"relay_label\":\"paris\",\"muted\":false,\"self\":false}]}\n");
}

static void an_empty_room_is_an_empty_list(void **state)
{
    wzp_ignore(state);
    const struct wzp_list list = {.room = "r", .relay_label = "", .self = WZP_LIST_NOBODY};
    FILE *stream = open_text();
    wzp_list_print_json(&list, stream);
    fclose(stream);
    assert_non_null(strstr(text, "\"participants\":[]}\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(we_are_found_by_number_before_name),
        cmocka_unit_test(of_two_with_our_name_the_alias_decides),
        cmocka_unit_test(the_table_is_aligned_and_marks_ourselves),
        cmocka_unit_test(json_has_every_member),
        cmocka_unit_test(an_empty_room_is_an_empty_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
