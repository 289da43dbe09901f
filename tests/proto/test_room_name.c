/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/room_name.h"
#include "support/wzp_test.h"

#define HASH "a47b63f7d5b511ba5bc4089a74446906"
#define X50  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X63  X50 "xxxxxxxxxxxxx"

static void names_fold_to_lower_case(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"general", "general"},
        {"General-ROOM_9.", "general-room_9."},
        {"Kitchen Table é", "kitchen table é"},
        {"KITCHEN TABLE É", "kitchen table é"},
        {"ÀÖ×ØÞßàÿ", "àö×øþßàÿ"},
        {"ĀĮİıĲĹŇŊŶŸŹŽ", "āįİıĳĺňŋŷÿźž"},
        {"ΆΈΊΌΎΏΑΡΣΫς", "άέίόύώαρσϋς"},
        {"ЀЏАЯѠҀҊҾӀӁӍӐԮ", "ѐџаяѡҁҋҿӏӂӎӑԯ"},
        {"ԱՖ", "աֆ"},
        {"ḀẔẠỾ", "ḁẕạỿ"},
        {"会議室 ☕ 🎧", "会議室 ☕ 🎧"},
        {"", ""},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char name[WZP_ROOM_NAME_BYTES];
        assert_ok(wzp_room_name_fold(rows[i][0], name));
        assert_string_equal(name, rows[i][1]);
        assert_ok(wzp_room_name_fold(name, name)); /* folding twice changes nothing, and may be in place */
        assert_string_equal(name, rows[i][1]);
    }
}

static void names_that_cannot_be_are_refused(void **state)
{
    (void)state;
    char name[WZP_ROOM_NAME_BYTES] = "untouched";
    const char *const bad[] = {"a\nb", "\x7f", "a\xc2\x85", "\xff", "\xc3", "\xed\xa0\x80"};
    for (size_t i = 0; i < wzp_count(bad); i++) {
        assert_int_equal(wzp_room_name_fold(bad[i], name), WZP_EMALFORMED);
    }
    char longest[WZP_ROOM_NAME_BYTES + 1];
    memset(longest, 'x', sizeof longest);
    longest[254] = '\0';
    assert_int_equal(wzp_room_name_fold(longest, name), WZP_ELIMIT);
    assert_string_equal(name, "untouched");
    longest[253] = '\0';
    assert_ok(wzp_room_name_fold(longest, name));
    assert_string_equal(name, longest);
}

static void dns_names_are_told_from_others(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_dns;
    } rows[] = {
        {"general", true},
        {"my-group", true},
        {"_federation", true},
        {"a.b.c", true},
        {"a.b.c.", true},
        {"call-18a4f2c90b3d1e00", true},
        {"room9", true},
        {"9room", true},
        {"9.room", true},
        {"a--b", true},
        {"_", true},
        {X63, true},
        {X63 "." X63, true},
        {"", false},
        {".", false},
        {"a..b", false},
        {".a", false},
        {"a..", false},
        {"-a", false},
        {"a-", false},
        {"a-.b", false},
        {"a.-b", false},
        {"123", false},
        {"room.9", false},
        {"room.9.", false},
        {"two words", false},
        {"General", false},
        {"kitchen-é", false},
        {X63 "x", false},
        {"a:b", false},
        {X63 "." X63 "." X63 "." X63, false},              /* 255 */
        {X63 "." X63 "." X63 "." X50 "xxxxxxxxxxx", true}, /* 253 */
        {X63 "." X63 "." X63 "." X50 "xxxxxxxxxxxx", false},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        print_message("# %s\n", rows[i].name);
        assert_int_equal(wzp_room_name_is_dns(rows[i].name), rows[i].is_dns);
    }
}

static void hashes_have_32_digits(void **state)
{
    (void)state;
    assert_true(wzp_room_name_is_hash(HASH));
    assert_true(wzp_room_name_is_hash("A47B63F7D5B511BA5BC4089A74446906"));
    assert_true(wzp_room_name_is_hash("00000000000000000000000000000000"));
    assert_false(wzp_room_name_is_hash(HASH "0"));
    assert_false(wzp_room_name_is_hash(&HASH[1]));
    assert_false(wzp_room_name_is_hash("g47b63f7d5b511ba5bc4089a74446906"));
    assert_false(wzp_room_name_is_hash(""));
}

static void server_names_mean_what_they_should(void **state)
{
    (void)state;
    static const struct {
        const char *sni;
        enum wzp_room_name_kind kind;
        const char *name;
    } rows[] = {
        {NULL, WZP_ROOM_NAME_RAW, "default"},
        {"", WZP_ROOM_NAME_RAW, "default"},
        {"192.0.2.1", WZP_ROOM_NAME_RAW, "default"},
        {"2001:db8::1", WZP_ROOM_NAME_RAW, "default"},
        {"::1", WZP_ROOM_NAME_RAW, "default"},
        {"general", WZP_ROOM_NAME_RAW, "general"},
        {"General.", WZP_ROOM_NAME_RAW, "general"},
        {"localhost", WZP_ROOM_NAME_RAW, "localhost"},
        {"call-18a4f2c90b3d1e00", WZP_ROOM_NAME_RAW, "call-18a4f2c90b3d1e00"},
        {HASH, WZP_ROOM_NAME_HASH, HASH},
        {"00000000000000000000000000000000", WZP_ROOM_NAME_HASH, "00000000000000000000000000000000"},
        {"ping", WZP_ROOM_NAME_PING, "ping"},
        {"PING", WZP_ROOM_NAME_PING, "ping"},
        {"version", WZP_ROOM_NAME_VERSION, "version"},
        {"_probe", WZP_ROOM_NAME_PROBE, "_probe"},
        {"_federation", WZP_ROOM_NAME_FEDERATION, "_federation"},
        {"_federation.", WZP_ROOM_NAME_FEDERATION, "_federation"},
        {"_signal", WZP_ROOM_NAME_SIGNAL, "_signal"},
        {"_relay", WZP_ROOM_NAME_REFUSED, ""},
        {"_", WZP_ROOM_NAME_REFUSED, ""},
        {"two words", WZP_ROOM_NAME_REFUSED, ""},
        {"1.2.3", WZP_ROOM_NAME_REFUSED, ""},
        {"1.2.3.256", WZP_ROOM_NAME_REFUSED, ""},
        {"1.2.3.4.5", WZP_ROOM_NAME_REFUSED, ""},
        {".", WZP_ROOM_NAME_REFUSED, ""},
        {"kitchen-é", WZP_ROOM_NAME_REFUSED, ""},
        {X63 "x", WZP_ROOM_NAME_REFUSED, ""},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char name[WZP_ROOM_NAME_BYTES];
        print_message("# %s\n", rows[i].sni ? rows[i].sni : "none");
        assert_int_equal(wzp_room_name_of_sni(rows[i].sni, name), rows[i].kind);
        assert_string_equal(name, rows[i].name);
    }
}

static void names_from_elsewhere_need_not_be_dns_names(void **state)
{
    (void)state;
    assert_int_equal(wzp_room_name_kind_of("kitchen table é"), WZP_ROOM_NAME_RAW);
    assert_int_equal(wzp_room_name_kind_of("_kitchen"), WZP_ROOM_NAME_REFUSED);
    assert_int_equal(wzp_room_name_kind_of(""), WZP_ROOM_NAME_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_fold_to_lower_case),
        cmocka_unit_test(names_that_cannot_be_are_refused),
        cmocka_unit_test(dns_names_are_told_from_others),
        cmocka_unit_test(hashes_have_32_digits),
        cmocka_unit_test(server_names_mean_what_they_should),
        cmocka_unit_test(names_from_elsewhere_need_not_be_dns_names),
    };
    return cmocka_run_group_tests_name("proto_room_name", tests, NULL, NULL);
}
