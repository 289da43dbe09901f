/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/auth_reply.h"
#include "support/wzp_test.h"

#define F32  "0123456789abcdef0123456789abcdef"
#define F128 F32 F32 F32 F32
#define A64  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void good_answers_read(void **state)
{
    static const struct {
        const char *body;
        bool is_valid;
        const char *fingerprint, *alias;
    } rows[] = {
        {"{\"valid\":true,\"fingerprint\":\"ab:cd\",\"alias\":\"Ann\"}", true, "ab:cd", "Ann"},
        {"{\"valid\":true,\"fingerprint\":\"x\",\"alias\":null}", true, "x", ""},
        {" {\"extra\":[1,{}],\"valid\":true,\"fingerprint\":\"" F128 "\"}\n", true, F128, ""},
        {"{\"valid\":true,\"fingerprint\":\"x\",\"alias\":\"a\\nb\"}", true, "x", "ab"},
        {"{\"valid\":true,\"fingerprint\":\"x\",\"alias\":\"" A64 "b\"}", true, "x", A64},
        {"{\"valid\":false}", false, "", ""},
        {"{\"valid\":false,\"fingerprint\":null,\"alias\":null}", false, "", ""},
        {"{\"valid\":false,\"fingerprint\":\"x\",\"alias\":\"Ann\"}", false, "", ""},
    };
    (void)state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_auth_reply reply;
        assert_ok(wzp_auth_reply_read(rows[i].body, strlen(rows[i].body), &reply));
        assert_int_equal(reply.is_valid, rows[i].is_valid);
        assert_string_equal(reply.fingerprint, rows[i].fingerprint);
        assert_string_equal(reply.alias, rows[i].alias);
    }
}

static void everything_else_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "null",
        "true",
        "[]",
        "{}",
        "{\"valid\":1}",
        "{\"valid\":\"true\"}",
        "{\"valid\":null}",
        "{\"valid\":true}",
        "{\"valid\":true,\"fingerprint\":null}",
        "{\"valid\":true,\"fingerprint\":\"\"}",
        "{\"valid\":true,\"fingerprint\":7}",
        "{\"valid\":true,\"fingerprint\":\"a b\"}",
        "{\"valid\":true,\"fingerprint\":\"gr\xc3\xbc\xc3\x9f\"}",
        "{\"valid\":true,\"fingerprint\":\"" F128 "0\"}",
        "{\"valid\":true,\"fingerprint\":\"x\",\"alias\":[]}",
        "{\"valid\":false,\"fingerprint\":{}}",
        "{\"valid\":true,\"valid\":true,\"fingerprint\":\"x\"}",
        "{\"valid\":false,\"valid\":true,\"fingerprint\":\"x\"}",
        "{\"valid\":true,\"fingerprint\":\"x\"} trailing",
        "{\"valid\":true,\"fingerprint\":\"x\\u0000\"}",
        "{\"valid\":true,\"fingerprint\":\"\xff\"}",
        "<html>valid</html>",
    };
    (void)state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_auth_reply reply;
        if (wzp_auth_reply_read(rows[i], strlen(rows[i]), &reply) != WZP_EMALFORMED) {
            fail_msg("taken: %s", rows[i]);
        }
    }
}

static void every_truncation_is_refused(void **state)
{
    static const char body[] = "{\"valid\":true,\"fingerprint\":\"ab:cd\",\"alias\":\"Ann\"}";
    (void)state;
    for (size_t size = 0; size < sizeof body - 1; size++) {
        struct wzp_auth_reply reply;
        assert_int_equal(wzp_auth_reply_read(body, size, &reply), WZP_EMALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_answers_read),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
    };
    return cmocka_run_group_tests_name("proto_auth_reply", tests, NULL, NULL);
}
