/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "proto/fedtag.h"
#include "support/wzp_test.h"

/* G1 section 3.7 E: packet A in room "general". */
#define MEDIA_A  "003400070000008c01020000f8fffe"
#define VECTOR_E "0feae16d55365acf" MEDIA_A
#define VECTOR_2                                                                                             \
    "0feae16d55365acf"                                                                                       \
    "0c62cfb5b9e37c77"                                                                                       \
    "1f"                                                                                                     \
    "9e" MEDIA_A

static size_t bytes_of(const char *hex, uint8_t *out_bytes)
{
    size_t size = strlen(hex) / 2;
    assert_ok(wzp_hex_read(hex, out_bytes, size));
    return size;
}

static void a_first_generation_tag_reads_and_writes_back(void **state)
{
    (void)state;
    uint8_t bytes[64];
    uint8_t again[WZP_FEDTAG_G1_BYTES];
    size_t size = bytes_of(VECTOR_E, bytes);
    struct wzp_fedtag_packet packet;
    assert_ok(wzp_fedtag_g1_read(bytes, size, &packet));
    assert_memory_equal(packet.tag.room, bytes, 8);
    assert_ptr_equal(packet.media, bytes + 8);
    assert_int_equal(packet.media_size, 15);
    assert_int_equal(packet.tag.hops, 0);
    wzp_fedtag_g1_write(&packet.tag, again);
    assert_memory_equal(again, bytes, sizeof again);
}

static void a_second_generation_tag_reads_and_writes_back(void **state)
{
    (void)state;
    uint8_t bytes[64];
    uint8_t again[WZP_FEDTAG_G2_BYTES];
    size_t size = bytes_of(VECTOR_2, bytes);
    struct wzp_fedtag_packet packet;
    assert_ok(wzp_fedtag_g2_read(bytes, size, &packet));
    assert_memory_equal(packet.tag.room, bytes, 8);
    assert_memory_equal(packet.tag.origin, bytes + 8, 8);
    assert_int_equal(packet.tag.hops, 31);
    assert_int_equal(packet.tag.level, 0x9e);
    assert_ptr_equal(packet.media, bytes + 18);
    assert_int_equal(packet.media_size, 15);
    wzp_fedtag_g2_write(&packet.tag, again);
    assert_memory_equal(again, bytes, sizeof again);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct wzp_fedtag_packet packet;
    bytes_of(VECTOR_E, bytes);
    for (size_t size = 0; size < 20; size++) {
        assert_int_equal(wzp_fedtag_g1_read(bytes, size, &packet), WZP_EMALFORMED);
    }
    assert_ok(wzp_fedtag_g1_read(bytes, 20, &packet));
    bytes_of(VECTOR_2, bytes);
    for (size_t size = 0; size < 30; size++) {
        assert_int_equal(wzp_fedtag_g2_read(bytes, size, &packet), WZP_EMALFORMED);
    }
    assert_ok(wzp_fedtag_g2_read(bytes, 30, &packet));
}

static void malformed_media_behind_a_tag_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct wzp_fedtag_packet packet;
    size_t size = bytes_of(VECTOR_E, bytes);
    bytes[8] = 15 << 2;
    assert_int_equal(wzp_fedtag_g1_read(bytes, size, &packet), WZP_EMALFORMED);
    size = bytes_of(VECTOR_2, bytes);
    bytes[18] = 9 << 2;
    assert_int_equal(wzp_fedtag_g2_read(bytes, size, &packet), WZP_EMALFORMED);
}

static void a_hop_limit_over_the_most_is_cut(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct wzp_fedtag_packet packet;
    size_t size = bytes_of(VECTOR_2, bytes);
    for (unsigned hops = 0; hops < 256; hops++) {
        bytes[16] = (uint8_t)hops;
        assert_ok(wzp_fedtag_g2_read(bytes, size, &packet));
        assert_int_equal(packet.tag.hops, hops < 32 ? hops : 32);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_generation_tag_reads_and_writes_back),
        cmocka_unit_test(a_second_generation_tag_reads_and_writes_back),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(malformed_media_behind_a_tag_is_refused),
        cmocka_unit_test(a_hop_limit_over_the_most_is_cut),
    };
    return cmocka_run_group_tests_name("proto_fedtag", tests, NULL, NULL);
}
