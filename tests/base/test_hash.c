/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "support/wzp_test.h"

/* SipHash-2-4 under the key 00..0f over the bytes 00, 01, ...: the reference vectors of its authors. */
static const struct {
    size_t size;
    uint64_t hash;
} vectors[] = {
    {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {2, 0x0d6c8009d9a94f5a},  {3, 0x85676696d7fb7e2d},
    {4, 0xcf2794e0277187b7},  {5, 0x18765564cd99a68d},  {6, 0xcbc9466e58fee3ce},  {7, 0xab0200f58b01d137},
    {8, 0x93f5f5799a932462},  {9, 0x9e0082df0ba9e4b0},  {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb},
    {31, 0x32d892fad841c342}, {63, 0x958a324ceb064572},
};

static const struct wzp_hash_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};

static void the_reference_vectors_hold(void **state)
{
    (void)state;
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)i;
    }
    for (size_t i = 0; i < wzp_count(vectors); i++) {
        assert_int_equal(wzp_hash(&key, bytes, vectors[i].size), vectors[i].hash);
    }
}

static void another_key_gives_another_hash(void **state)
{
    (void)state;
    struct wzp_hash_key other = key;
    other.k[1] ^= 1;
    assert_int_not_equal(wzp_hash(&key, "room", 4), wzp_hash(&other, "room", 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_vectors_hold),
        cmocka_unit_test(another_key_gives_another_hash),
    };
    return cmocka_run_group_tests_name("base_hash", tests, NULL, NULL);
}
