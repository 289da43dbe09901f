/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <sys/stat.h>

#include "apps/cli/seed.h"
#include "crypto/mnemonic.h"
#include "support/folder.h"
#include "support/wzp_test.h"

static const uint8_t seed[WZP_SEED_BYTES] = {1, 2, 3, 4, 5};

static void without_an_option_there_is_none(void **state)
{
    wzp_ignore(state);
    const struct wzp_options options = {0};
    uint8_t read[WZP_SEED_BYTES];
    char message[WZP_SEED_MESSAGE_BYTES];
    bool is_given = true;
    assert_ok(wzp_seed_of_options(&options, read, &is_given, message));
    assert_false(is_given);
}

static void a_seed_and_its_words_are_the_same(void **state)
{
    wzp_ignore(state);
    struct wzp_options options = {.seed_hex =
                                      "0102030405000000000000000000000000000000000000000000000000000000"};
    uint8_t read[WZP_SEED_BYTES];
    char message[WZP_SEED_MESSAGE_BYTES];
    bool is_given = false;
    assert_ok(wzp_seed_of_options(&options, read, &is_given, message));
    assert_true(is_given);
    assert_memory_equal(read, seed, sizeof seed);
    options = (struct wzp_options){0};
    static_assert(WZP_OPTIONS_MNEMONIC_BYTES >= WZP_MNEMONIC_TEXT_BYTES, "24 words fit");
    wzp_mnemonic_write(seed, options.mnemonic);
    memset(read, 0, sizeof read);
    assert_ok(wzp_seed_of_options(&options, read, &is_given, message));
    assert_memory_equal(read, seed, sizeof seed);
}

static void a_file_is_made_once_and_warned_about_when_others_can_read_it(void **state)
{
    wzp_ignore(state);
    struct folder folder;
    uint8_t first[WZP_SEED_BYTES], second[WZP_SEED_BYTES];
    char message[WZP_SEED_MESSAGE_BYTES];
    bool is_given = false;
    folder_init(&folder);
    const struct wzp_options options = {.identity_file = folder_file(&folder, "me")};
    assert_ok(wzp_seed_of_options(&options, first, &is_given, message));
    assert_string_equal(message, "");
    assert_int_equal(chmod(options.identity_file, 0644), 0);
    assert_ok(wzp_seed_of_options(&options, second, &is_given, message));
    assert_memory_equal(first, second, sizeof first);
    assert_non_null(strstr(message, "chmod 600"));
    folder_deinit(&folder);
}

static void what_is_no_identity_is_refused_by_name(void **state)
{
    wzp_ignore(state);
    const struct {
        struct wzp_options options;
        const char *says;
    } rows[] = {
        {{.seed_hex = "zz"}, "--seed"},
        {{.mnemonic = "one two three"}, "--mnemonic"},
        {{.identity_file = "/proc/no/such"}, "--identity"},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        uint8_t read[WZP_SEED_BYTES];
        char message[WZP_SEED_MESSAGE_BYTES];
        bool is_given = false;
        assert_int_not_equal(wzp_seed_of_options(&rows[i].options, read, &is_given, message), WZP_OK);
        assert_non_null(strstr(message, rows[i].says));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_option_there_is_none),
        cmocka_unit_test(a_seed_and_its_words_are_the_same),
        cmocka_unit_test(a_file_is_made_once_and_warned_about_when_others_can_read_it),
        cmocka_unit_test(what_is_no_identity_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
