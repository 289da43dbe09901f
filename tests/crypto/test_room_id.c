/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "crypto/room_id.h"
#include "support/wzp_test.h"

/* G1 sections 3.8 and 5.5. */
static const struct {
    const char *name, *id, *tag;
} rooms[] = {
    {"general", "a47b63f7d5b511ba5bc4089a74446906", "0feae16d55365acf"},
    {"android", "3f8466a8c694c38ccbe4ff7479015ae0", "f60ed56a9c827589"},
    {"default", "5d61faddbb77f2a92f815bbaac9dbc91", "37a8eec1ce19687d"},
    {"my-group", "46de10172c0bd3222eea8f521ac04d59", "37a917d4256a91b5"},
    {"GENERAL", "a47b63f7d5b511ba5bc4089a74446906", "0feae16d55365acf"},
};

static void ids_and_tags_are_those_of_the_first_generation(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(rooms); i++) {
        char id_text[WZP_ROOM_ID_TEXT_BYTES];
        char tag_text[2 * WZP_ROOM_TAG_BYTES + 1];
        uint8_t tag[WZP_ROOM_TAG_BYTES];
        struct wzp_room_id id = wzp_room_id_of(rooms[i].name);
        wzp_room_id_write(&id, id_text);
        assert_string_equal(id_text, rooms[i].id);
        wzp_room_id_tag(rooms[i].name, tag);
        wzp_hex_write(tag, sizeof tag, tag_text);
        assert_string_equal(tag_text, rooms[i].tag);
    }
}

static void the_raw_name_and_its_id_mean_one_room(void **state)
{
    (void)state;
    struct wzp_room_id raw = wzp_room_id_of("general");
    struct wzp_room_id hashed = wzp_room_id_of("a47b63f7d5b511ba5bc4089a74446906");
    struct wzp_room_id upper = wzp_room_id_of("A47B63F7D5B511BA5BC4089A74446906");
    assert_memory_equal(&raw, &hashed, sizeof raw);
    assert_memory_equal(&raw, &upper, sizeof raw);
}

/* Longer than the pieces in which names are lower-cased; hashes by Python's hashlib. */
static void a_long_name_hashes_like_a_short_one(void **state)
{
    (void)state;
    char name[131];
    for (size_t i = 0; i < sizeof name - 1; i++) {
        name[i] = (char)('A' + i % 26);
    }
    name[sizeof name - 1] = '\0';
    char text[WZP_ROOM_ID_TEXT_BYTES];
    struct wzp_room_id id = wzp_room_id_of(name);
    wzp_room_id_write(&id, text);
    assert_string_equal(text, "94bd0965ef83ae5e67440e18c6f9d4c6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_and_tags_are_those_of_the_first_generation),
        cmocka_unit_test(the_raw_name_and_its_id_mean_one_room),
        cmocka_unit_test(a_long_name_hashes_like_a_short_one),
    };
    return cmocka_run_group_tests_name("crypto_room_id", tests, NULL, NULL);
}
