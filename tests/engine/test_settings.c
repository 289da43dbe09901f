/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/settings.h"
#include "support/wzp_test.h"

static const uint8_t seed[WZP_SEED_BYTES] = {0x2a};

static struct wzp_engine_config config_with_seed(void)
{
    return (struct wzp_engine_config){.config_bytes = sizeof(struct wzp_engine_config), .seed = seed};
}

static void rooms_are_asked_for_by_name_where_it_can_be_sent(void **state)
{
    wzp_ignore(state);
    static const struct {
        const char *name, *sent;
        bool hides;
    } rows[] = {
        {"", "default", false},
        {"General", "general", false},
        {"my_room", "my_room", false},
        {"general", "a47b63f7d5b511ba5bc4089a74446906", true},
        {"a47b63f7d5b511ba5bc4089a74446906", "a47b63f7d5b511ba5bc4089a74446906", false},
        {"A47B63F7D5B511BA5BC4089A74446906", "a47b63f7d5b511ba5bc4089a74446906", true},
        {"default", "5d61faddbb77f2a92f815bbaac9dbc91", true},
        {"Kitchen Table \xc3\x89", "8a4d4ffbbc449abb4f36b648f7a76f62", false},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char sent[WZP_ROOM_NAME_BYTES];
        assert_ok(wzp_settings_server_name(rows[i].name, rows[i].hides, sent));
        assert_string_equal(sent, rows[i].sent);
    }
}

static void names_that_can_not_be_sent_are_hashed(void **state)
{
    wzp_ignore(state);
    const char *const names[] = {"two words", "-x",      "123",         "a..b", "Kitchen Table \xc3\xa9",
                                 "ping",      "Version", "_federation", "_"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        char sent[WZP_ROOM_NAME_BYTES];
        assert_ok(wzp_settings_server_name(names[i], false, sent));
        assert_int_equal(strlen(sent), 32);
        assert_int_equal(strspn(sent, "0123456789abcdef"), 32);
    }
}

static void spellings_of_one_name_have_one_hash(void **state)
{
    wzp_ignore(state);
    char upper[WZP_ROOM_NAME_BYTES], lower[WZP_ROOM_NAME_BYTES];
    assert_ok(wzp_settings_server_name("Kitchen Table \xc3\x89", false, upper));
    assert_ok(wzp_settings_server_name("kitchen table \xc3\xa9", false, lower));
    assert_string_equal(upper, lower);
}

static void what_nobody_gave_has_a_default(void **state)
{
    wzp_ignore(state);
    struct wzp_settings settings;
    char message[WZP_EVENT_MESSAGE_BYTES] = "";
    const struct wzp_engine_config config = {.config_bytes = sizeof config};
    assert_ok(wzp_settings_init(&settings, &config, message));
    assert_string_equal(settings.relay, "127.0.0.1:4433");
    assert_string_equal(settings.server_name, "default");
    assert_string_equal(settings.profile->name, "good");
    assert_null(settings.alias);
    assert_false(settings.has_pin);
    wzp_settings_deinit(&settings);
}

static void the_identity_is_that_of_the_seed(void **state)
{
    wzp_ignore(state);
    struct wzp_settings a, b;
    char message[WZP_EVENT_MESSAGE_BYTES] = "";
    const struct wzp_engine_config config = config_with_seed();
    assert_ok(wzp_settings_init(&a, &config, message));
    assert_ok(wzp_settings_init(&b, &config, message));
    assert_string_equal(a.identity.fingerprint, b.identity.fingerprint);
    wzp_settings_deinit(&a);
    assert_null(a.relay);
    wzp_settings_deinit(&b);
}

static void what_can_not_be_is_refused_in_words(void **state)
{
    wzp_ignore(state);
    static char token[5000];
    memset(token, 't', sizeof token - 1);
    struct wzp_engine_config rows[6];
    const char *const says[] = {"profile 'loud'", "room's name", "room's name", "token", "alias", "not 'ab'"};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        rows[i] = config_with_seed();
    }
    rows[0].profile = "loud";
    rows[1].room = "line\nbreak";
    rows[2].room = token;
    rows[3].token = token;
    rows[4].alias = "\xff";
    rows[5].relay_fingerprint = "ab";
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_settings settings;
        char message[WZP_EVENT_MESSAGE_BYTES] = "";
        assert_int_equal(wzp_settings_init(&settings, &rows[i], message), WZP_EINVAL);
        assert_non_null(strstr(message, says[i]));
        wzp_settings_deinit(&settings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rooms_are_asked_for_by_name_where_it_can_be_sent),
        cmocka_unit_test(names_that_can_not_be_sent_are_hashed),
        cmocka_unit_test(spellings_of_one_name_have_one_hash),
        cmocka_unit_test(what_nobody_gave_has_a_default),
        cmocka_unit_test(the_identity_is_that_of_the_seed),
        cmocka_unit_test(what_can_not_be_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
