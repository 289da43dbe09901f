/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "base/ring.h"
#include "support/wzp_test.h"

#define SMALL 4096

static struct wzp_ring *new_ring(void)
{
    struct wzp_ring *ring = NULL;
    assert_ok(wzp_ring_new(SMALL, &ring));
    return ring;
}

/* A record of `size` bytes that start with `number`. */
static bool put(struct wzp_ring *ring, uint32_t number, size_t size)
{
    uint8_t *record = wzp_ring_reserve(ring, size);
    if (record) {
        memset(record, (int)(number & 0xff), size);
        memcpy(record, &number, sizeof number);
    }
    return record != NULL;
}

static bool take(struct wzp_ring *ring, uint32_t *out_number, size_t *out_size)
{
    const uint8_t *record = wzp_ring_peek(ring, out_size);
    if (!record) {
        return false;
    }
    memcpy(out_number, record, sizeof *out_number);
    for (size_t i = sizeof *out_number; i < *out_size; i++) {
        assert_int_equal(record[i], *out_number & 0xff);
    }
    wzp_ring_pop(ring);
    return true;
}

static void sizes_that_are_no_power_of_two_are_refused(void **state)
{
    (void)state;
    struct wzp_ring *ring = NULL;
    assert_int_equal(wzp_ring_new(0, &ring), WZP_EINVAL);
    assert_int_equal(wzp_ring_new(2048, &ring), WZP_EINVAL);
    assert_int_equal(wzp_ring_new(SMALL + 8, &ring), WZP_EINVAL);
}

static void nothing_is_seen_before_it_is_published(void **state)
{
    (void)state;
    struct wzp_ring *ring = new_ring();
    uint32_t number = 0;
    size_t size = 0;
    assert_false(wzp_ring_publish(ring));
    assert_true(put(ring, 7, 100));
    assert_false(take(ring, &number, &size));
    assert_true(wzp_ring_publish(ring));
    assert_false(wzp_ring_publish(ring));
    assert_true(take(ring, &number, &size));
    assert_int_equal(number, 7);
    assert_int_equal(size, 100);
    assert_false(take(ring, &number, &size));
    wzp_ring_free(ring);
}

static void a_full_ring_refuses_and_takes_again_what_was_read(void **state)
{
    (void)state;
    struct wzp_ring *ring = new_ring();
    uint32_t n = 0;
    while (put(ring, n, 120)) {
        n++;
    }
    assert_int_equal(n, SMALL / 128);
    wzp_ring_publish(ring);
    uint32_t number = 0;
    size_t size = 0;
    assert_true(take(ring, &number, &size));
    assert_true(put(ring, n, 120));
    assert_false(put(ring, n + 1, 120));
    assert_null(wzp_ring_reserve(ring, WZP_RING_MAX_RECORD + 1));
    wzp_ring_free(ring);
}

static void records_of_all_sizes_come_out_as_they_went_in(void **state)
{
    (void)state;
    struct wzp_ring *ring = new_ring();
    uint32_t expected = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        if (!put(ring, i, 4 + i * 7 % 1500)) {
            i--;
        }
        wzp_ring_publish(ring);
        uint32_t number = 0;
        size_t size = 0;
        while (i % 3 == 0 && take(ring, &number, &size)) {
            assert_int_equal(number, expected);
            assert_int_equal(size, 4 + expected * 7 % 1500);
            expected++;
        }
        if (i % 3 != 0 && take(ring, &number, &size)) {
            assert_int_equal(number, expected++);
        }
    }
    assert_true(expected > 19990);
    wzp_ring_free(ring);
}

#define MANY 200000

static void *write_many(void *context)
{
    struct wzp_ring *ring = context;
    for (uint32_t i = 0; i < MANY;) {
        for (uint32_t batch = 0; batch < 8 && i < MANY && put(ring, i, 4 + i % 300); batch++) {
            i++;
        }
        if (!wzp_ring_publish(ring)) {
            sched_yield();
        }
    }
    return NULL;
}

static void two_threads_lose_and_mix_up_nothing(void **state)
{
    (void)state;
    struct wzp_ring *ring = new_ring();
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_many, ring), 0);
    for (uint32_t expected = 0; expected < MANY;) {
        uint32_t number = 0;
        size_t size = 0;
        if (!take(ring, &number, &size)) {
            sched_yield();
            continue;
        }
        assert_int_equal(number, expected);
        assert_int_equal(size, 4 + expected % 300);
        expected++;
    }
    pthread_join(writer, NULL);
    wzp_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_that_are_no_power_of_two_are_refused),
        cmocka_unit_test(nothing_is_seen_before_it_is_published),
        cmocka_unit_test(a_full_ring_refuses_and_takes_again_what_was_read),
        cmocka_unit_test(records_of_all_sizes_come_out_as_they_went_in),
        cmocka_unit_test(two_threads_lose_and_mix_up_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
