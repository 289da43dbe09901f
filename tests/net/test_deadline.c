/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "base/random.h"
#include "net/deadline.h"
#include "support/wzp_test.h"

#define N 200

static void an_empty_heap_has_no_first(void **state)
{
    (void)state;
    struct wzp_deadlines heap = {0};
    assert_null(wzp_deadlines_first(&heap));
    wzp_deadlines_deinit(&heap);
}

static void the_earliest_comes_first_whatever_moves(void **state)
{
    (void)state;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 42);
    struct wzp_deadlines heap = {0};
    struct wzp_deadline items[N];
    assert_ok(wzp_deadlines_reserve(&heap, N));
    for (size_t i = 0; i < N; i++) {
        items[i] = WZP_DEADLINE_INIT;
    }
    for (int step = 0; step < 20000; step++) {
        struct wzp_deadline *item = &items[wzp_random_below(&random, N)];
        bool removes = wzp_random_below(&random, 4) == 0;
        wzp_deadlines_set(&heap, item, removes ? WZP_NEVER : (wzp_us)wzp_random_below(&random, 1000));
        wzp_us earliest = WZP_NEVER;
        size_t n = 0;
        for (size_t i = 0; i < N; i++) {
            n += items[i].slot != WZP_DEADLINE_NONE ? 1 : 0;
            earliest = wzp_us_min(earliest, items[i].at);
        }
        assert_int_equal(heap.n, n);
        const struct wzp_deadline *first = wzp_deadlines_first(&heap);
        assert_int_equal(first ? first->at : WZP_NEVER, earliest);
    }
    wzp_deadlines_deinit(&heap);
}

static void taking_all_out_gives_them_in_order(void **state)
{
    (void)state;
    struct wzp_deadlines heap = {0};
    struct wzp_deadline items[N];
    assert_ok(wzp_deadlines_reserve(&heap, N));
    for (size_t i = 0; i < N; i++) {
        items[i] = WZP_DEADLINE_INIT;
        wzp_deadlines_set(&heap, &items[i], (wzp_us)((i * 7919) % 1000));
    }
    wzp_us last = 0;
    size_t n = 0;
    for (struct wzp_deadline *first; (first = wzp_deadlines_first(&heap)); n++) {
        assert_true(first->at >= last);
        last = first->at;
        wzp_deadlines_set(&heap, first, WZP_NEVER);
        wzp_deadlines_set(&heap, first, WZP_NEVER); /* harmless when out */
    }
    assert_int_equal(n, N);
    assert_int_equal(heap.n, 0);
    wzp_deadlines_deinit(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_heap_has_no_first),
        cmocka_unit_test(the_earliest_comes_first_whatever_moves),
        cmocka_unit_test(taking_all_out_gives_them_in_order),
    };
    return cmocka_run_group_tests_name("net_deadline", tests, NULL, NULL);
}
