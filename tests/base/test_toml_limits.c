/* SPDX-License-Identifier: Apache-2.0 */
/* What a document may grow to, and that the largest one reads as fast as its size allows. */
#include <stdlib.h>

#include "base/toml.h"
#include "support/wzp_test.h"

static enum wzp_err read_repeated(const char *start, const char *middle, size_t n, const char *end,
                                  struct wzp_toml_error *out_error)
{
    size_t size = strlen(start) + n * strlen(middle) + strlen(end);
    char *text = malloc(size + 1);
    assert_non_null(text);
    char *at = stpcpy(text, start);
    for (size_t i = 0; i < n; i++) {
        at = stpcpy(at, middle);
    }
    stpcpy(at, end);
    struct wzp_toml *toml = NULL;
    enum wzp_err err = wzp_toml_read(text, size, &toml, out_error);
    wzp_toml_free(toml);
    free(text);
    return err;
}

static void depth_is_limited(void **state)
{
    (void)state;
    struct wzp_toml_error error;
    assert_ok(read_repeated("a = ", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", &error));
    assert_int_equal(read_repeated("a = ", "[", 33, "", &error), WZP_ELIMIT);
    assert_int_equal(error.place.column, 37);
    assert_string_equal(error.text, "more than 32 levels of tables and arrays");
    assert_int_equal(read_repeated("a = ", "[", 500000, "", &error), WZP_ELIMIT);
    assert_int_equal(read_repeated("a = ", "{a=", 33, "", &error), WZP_ELIMIT);
    assert_ok(read_repeated("[a", ".a", 31, "]", &error));
    assert_int_equal(read_repeated("[a", ".a", 32, "]", &error), WZP_ELIMIT);
    assert_string_equal(error.text, "more than 32 parts of one key");
    assert_int_equal(read_repeated("[a", ".a", 31, "]\na.b = 1", &error), WZP_ELIMIT);
}

static void size_is_limited(void **state)
{
    (void)state;
    struct wzp_toml_error error;
    assert_ok(read_repeated("", "#", WZP_TOML_MAX_BYTES, "", &error));
    assert_int_equal(read_repeated("", "#", WZP_TOML_MAX_BYTES + 1, "", &error), WZP_ELIMIT);
    assert_string_equal(error.text, "more than 1048576 bytes");
}

/* What would take minutes if looking up keys or counting columns went over the text again and again. */
static void the_largest_documents_read_in_one_pass(void **state)
{
    (void)state;
    struct wzp_toml_error error;
    assert_ok(read_repeated("a = [", "1,", 520000, "]", &error));
    assert_ok(read_repeated("", "[[a]]\n", 170000, "", &error));
    char *text = malloc(WZP_TOML_MAX_BYTES);
    assert_non_null(text);
    size_t used = 0;
    for (size_t i = 0; used < WZP_TOML_MAX_BYTES - 16; i++) {
        used += (size_t)sprintf(text + used, "%zx=1\n", i);
    }
    struct wzp_toml *toml = NULL;
    assert_ok(wzp_toml_read(text, used, &toml, &error));
    assert_true(wzp_toml_root(toml)->n > 100000);
    wzp_toml_free(toml);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(size_is_limited),
        cmocka_unit_test(the_largest_documents_read_in_one_pass),
    };
    return cmocka_run_group_tests_name("base_toml_limits", tests, NULL, NULL);
}
