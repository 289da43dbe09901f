/* SPDX-License-Identifier: Apache-2.0 */
#include "net/datagram_queue.h"
#include "support/wzp_test.h"

static int make_pool(void **state)
{
    static struct wzp_packet_pool *pool;
    assert_ok(wzp_packet_pool_new(1000, &pool));
    *state = pool;
    return 0;
}

static int free_pool(void **state)
{
    wzp_packet_pool_free(*state);
    return 0;
}

/* Pushes one byte as a datagram; gives whether the oldest had to go. */
static bool push(struct wzp_datagram_queue *queue, struct wzp_packet_pool *pool, uint8_t byte, wzp_us at)
{
    struct wzp_packet *packet = NULL;
    assert_ok(wzp_packet_new(pool, &byte, 1, &packet));
    bool has_dropped = false;
    assert_ok(wzp_datagram_queue_push(
        queue,
        &(struct wzp_queued_datagram){
            .packet = packet, .queued_at = at, .offset = packet->offset, .size = packet->size},
        &has_dropped));
    wzp_packet_unref(packet);
    return has_dropped;
}

static uint8_t first_byte(struct wzp_datagram_queue *queue)
{
    struct wzp_queued_datagram *first = wzp_datagram_queue_first(queue);
    if (!first) {
        fail_msg("the queue is empty");
        return 0;
    }
    return first->packet->bytes[first->offset];
}

static void they_leave_in_order_also_across_growth_and_wrap(void **state)
{
    struct wzp_datagram_queue queue = {.limit = 200};
    uint8_t in = 0, out = 0;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 7 + round % 9; i++) {
            assert_false(push(&queue, *state, in++, round));
        }
        for (int i = 0; i < 6 + round % 8; i++) {
            assert_int_equal(first_byte(&queue), out++);
            wzp_datagram_queue_pop(&queue);
        }
    }
    while (queue.n > 0) {
        assert_int_equal(first_byte(&queue), out++);
        wzp_datagram_queue_pop(&queue);
    }
    assert_int_equal(out, in);
    assert_null(wzp_datagram_queue_first(&queue));
    assert_int_equal(wzp_packet_pool_used(*state), 0);
    wzp_datagram_queue_deinit(&queue);
}

static void a_full_one_gives_up_its_oldest(void **state)
{
    struct wzp_datagram_queue queue = {.limit = 3};
    for (uint8_t i = 0; i < 3; i++) {
        assert_false(push(&queue, *state, i, 0));
    }
    assert_true(push(&queue, *state, 3, 0));
    assert_int_equal(queue.n, 3);
    assert_int_equal(queue.capacity, 3);
    assert_int_equal(first_byte(&queue), 1);
    wzp_datagram_queue_deinit(&queue);
    assert_int_equal(wzp_packet_pool_used(*state), 0);
}

static void the_stale_are_dropped_up_to_the_first_fresh(void **state)
{
    struct wzp_datagram_queue queue = {.limit = 100};
    for (uint8_t i = 0; i < 10; i++) {
        push(&queue, *state, i, i * 10);
    }
    assert_int_equal(wzp_datagram_queue_drop_before(&queue, 0), 0);
    assert_int_equal(wzp_datagram_queue_drop_before(&queue, 35), 4);
    assert_int_equal(first_byte(&queue), 4);
    assert_int_equal(wzp_datagram_queue_drop_before(&queue, 1000), 6);
    assert_int_equal(queue.n, 0);
    wzp_datagram_queue_deinit(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(they_leave_in_order_also_across_growth_and_wrap, make_pool,
                                        free_pool),
        cmocka_unit_test_setup_teardown(a_full_one_gives_up_its_oldest, make_pool, free_pool),
        cmocka_unit_test_setup_teardown(the_stale_are_dropped_up_to_the_first_fresh, make_pool, free_pool),
    };
    return cmocka_run_group_tests_name("net_datagram_queue", tests, NULL, NULL);
}
