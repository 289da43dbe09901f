/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/json.h"
#include "support/wzp_test.h"

static const struct wzp_json_limits limits = {.max_size = 100, .max_depth = 3, .max_values = 8};

static enum wzp_err parse(const char *text)
{
    json_t *root = NULL;
    enum wzp_err err = wzp_json_parse(text, strlen(text), &limits, &root);
    if (err == WZP_OK) {
        json_decref(root);
    }
    return err;
}

static void only_strict_json_parses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum wzp_err err;
    } rows[] = {
        {"{}", WZP_OK},
        {" \"Hold\" \n", WZP_OK},
        {"7", WZP_OK},
        {"[[[1]]]", WZP_OK},
        {"[\"[[[[[[[[[[[[\\\"[[[[\"]", WZP_OK},
        {"[1,2,3,4,5,6,7,8]", WZP_OK},
        {"", WZP_EMALFORMED},
        {"{", WZP_EMALFORMED},
        {"{} x", WZP_EMALFORMED},
        {"{}{}", WZP_EMALFORMED},
        {"{\"a\":1,\"a\":2}", WZP_EMALFORMED},
        {"{\"b\":{\"a\":1,\"a\":2}}", WZP_EMALFORMED},
        {"[1,]", WZP_EMALFORMED},
        {"01", WZP_EMALFORMED},
        {"NaN", WZP_EMALFORMED},
        {"'a'", WZP_EMALFORMED},
        {"\"\\u0000\"", WZP_EMALFORMED},
        {"\"\xff\"", WZP_EMALFORMED},
        {"\"\\ud800\"", WZP_EMALFORMED},
        {"9223372036854775808", WZP_EMALFORMED},
        {"1e999", WZP_EMALFORMED},
        {"[[[[1]]]]", WZP_ELIMIT},
        {"[1,2,3,4,5,6,7,8,9]", WZP_ELIMIT},
        {"\""
         "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
         "9\"",
         WZP_ELIMIT},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        print_message("# %s\n", rows[i].text);
        assert_int_equal(parse(rows[i].text), rows[i].err);
    }
}

static const char *name_of(unsigned value)
{
    return value == 0 ? "zero" : "one";
}

/** Reads `text` as each type in turn; the letters of those that take it. */
static void types_of(const char *text, char *out_types)
{
    json_t *json = NULL;
    uint64_t number;
    bool truth;
    float ratio;
    unsigned value;
    uint32_t flags;
    uint8_t bytes[2];
    const char *const names[] = {"a", "b"};
    assert_ok(wzp_json_parse(text, strlen(text), &limits, &json));
    snprintf(out_types, 8, "%s%s%s%s%s%s%s", wzp_json_unsigned(json, 255, &number) == WZP_OK ? "u" : "",
             wzp_json_bool(json, &truth) == WZP_OK ? "b" : "",
             wzp_json_ratio(json, 2, &ratio) == WZP_OK ? "r" : "",
             wzp_json_enum(json, name_of, 2, &value) == WZP_OK ? "e" : "",
             wzp_json_flags(json, names, 2, &flags) == WZP_OK ? "f" : "",
             wzp_json_octets(json, bytes, 2) == WZP_OK ? "o" : "",
             wzp_json_hex(json, bytes, 2) == WZP_OK ? "h" : "");
    json_decref(json);
}

static void each_type_takes_its_own_values_only(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"0", "ur"},       {"2", "ur"},      {"3", "u"},
        {"255", "u"},      {"256", ""},      {"-1", ""},
        {"-0", "ur"},      {"1.0", "r"},     {"2.0001", ""},
        {"1e-9", "r"},     {"true", "b"},    {"false", "b"},
        {"null", ""},      {"\"one\"", "e"}, {"\"two\"", ""},
        {"\"ONE\"", ""},   {"[]", "f"},      {"[\"b\",\"x\"]", "f"},
        {"[\"b\",1]", ""}, {"[1,2]", "o"},   {"[1,256]", ""},
        {"[1,2.0]", ""},   {"[1]", ""},      {"[1,2,3]", ""},
        {"\"00fF\"", "h"}, {"\"00f\"", ""},  {"\"00fg\"", ""},
        {"{}", ""},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char types[8];
        print_message("# %s\n", rows[i][0]);
        types_of(rows[i][0], types);
        assert_string_equal(types, rows[i][1]);
    }
}

static void nothing_is_of_no_type(void **state)
{
    (void)state;
    uint64_t number;
    bool truth;
    float ratio;
    unsigned value;
    uint32_t flags;
    uint8_t bytes[1];
    assert_int_equal(wzp_json_unsigned(NULL, 255, &number), WZP_EMALFORMED);
    assert_int_equal(wzp_json_bool(NULL, &truth), WZP_EMALFORMED);
    assert_int_equal(wzp_json_ratio(NULL, 1, &ratio), WZP_EMALFORMED);
    assert_int_equal(wzp_json_enum(NULL, name_of, 2, &value), WZP_EMALFORMED);
    assert_int_equal(wzp_json_flags(NULL, NULL, 0, &flags), WZP_EMALFORMED);
    assert_int_equal(wzp_json_octets(NULL, bytes, 0), WZP_EMALFORMED);
    assert_int_equal(wzp_json_hex(NULL, bytes, 0), WZP_EMALFORMED);
}

static void values_come_out_as_they_were(void **state)
{
    (void)state;
    json_t *json = NULL;
    uint32_t flags = 0;
    uint8_t bytes[2];
    const char *const names[] = {"a", "b", "c"};
    assert_ok(wzp_json_parse("[\"c\",\"a\",\"c\",\"?\"]", 17, &limits, &json));
    assert_ok(wzp_json_flags(json, names, 3, &flags));
    assert_int_equal(flags, 5);
    json_decref(json);
    assert_ok(wzp_json_parse("[7,255]", 7, &limits, &json));
    assert_ok(wzp_json_octets(json, bytes, 2));
    assert_true(bytes[0] == 7 && bytes[1] == 255);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_strict_json_parses),
        cmocka_unit_test(each_type_takes_its_own_values_only),
        cmocka_unit_test(nothing_is_of_no_type),
        cmocka_unit_test(values_come_out_as_they_were),
    };
    return cmocka_run_group_tests_name("proto_json", tests, NULL, NULL);
}
