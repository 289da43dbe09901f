/* SPDX-License-Identifier: Apache-2.0 */
#include "base/packet.h"
#include "support/wzp_test.h"

#define LIMIT 130 /* more than two blocks of the pool */

static int open_pool(void **state)
{
    struct wzp_packet_pool *pool = NULL;
    int err = wzp_packet_pool_new(LIMIT, &pool);
    *state = pool;
    return err;
}

static int close_pool(void **state)
{
    wzp_packet_pool_free(*state);
    return 0;
}

static void a_packet_is_a_copy_behind_full_headroom(void **state)
{
    struct wzp_packet *packet;
    char bytes[] = "speech";
    assert_ok(wzp_packet_new(*state, bytes, 6, &packet));
    bytes[0] = 'X';
    assert_int_equal(packet->size, 6);
    assert_int_equal(packet->offset, WZP_PACKET_HEADROOM);
    assert_memory_equal(wzp_packet_data(packet), "speech", 6);
    wzp_packet_unref(packet);
}

static void the_last_reference_gives_it_back(void **state)
{
    struct wzp_packet *packet;
    assert_ok(wzp_packet_new(*state, "a", 1, &packet));
    assert_ptr_equal(wzp_packet_ref(packet), packet);
    wzp_packet_unref(packet);
    assert_int_equal(wzp_packet_pool_used(*state), 1);
    wzp_packet_unref(packet);
    assert_int_equal(wzp_packet_pool_used(*state), 0);
}

static void the_pool_refuses_more_than_its_limit_and_recovers(void **state)
{
    struct wzp_packet *packets[LIMIT];
    struct wzp_packet *one_more = NULL;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < LIMIT; i++) {
            assert_ok(wzp_packet_new(*state, &i, sizeof i, &packets[i]));
        }
        assert_int_equal(wzp_packet_new(*state, "x", 1, &one_more), WZP_ELIMIT);
        assert_null(one_more);
        for (size_t i = 0; i < LIMIT; i++) {
            assert_memory_equal(wzp_packet_data(packets[i]), &i, sizeof i);
            wzp_packet_unref(packets[i]);
        }
        assert_int_equal(wzp_packet_pool_used(*state), 0);
    }
}

static void the_largest_packet_fits_and_one_byte_more_does_not(void **state)
{
    static const uint8_t bytes[WZP_PACKET_BYTES + 1];
    struct wzp_packet *packet;
    assert_ok(wzp_packet_new(*state, bytes, WZP_PACKET_BYTES, &packet));
    wzp_packet_unref(packet);
    assert_int_equal(wzp_packet_new(*state, bytes, sizeof bytes, &packet), WZP_EINVAL);
    assert_int_equal(wzp_packet_pool_used(*state), 0);
}

static void an_empty_packet_and_no_packet_are_harmless(void **state)
{
    struct wzp_packet *packet;
    assert_ok(wzp_packet_new(*state, NULL, 0, &packet));
    assert_int_equal(packet->size, 0);
    wzp_packet_unref(packet);
    wzp_packet_unref(NULL);
    wzp_packet_pool_free(NULL);
}

#define with_pool(test) cmocka_unit_test_setup_teardown(test, open_pool, close_pool)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_pool(a_packet_is_a_copy_behind_full_headroom),
        with_pool(the_last_reference_gives_it_back),
        with_pool(the_pool_refuses_more_than_its_limit_and_recovers),
        with_pool(the_largest_packet_fits_and_one_byte_more_does_not),
        with_pool(an_empty_packet_and_no_packet_are_harmless),
    };
    return cmocka_run_group_tests_name("base_packet", tests, NULL, NULL);
}
