/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "base/random.h"
#include "net/wheel.h"
#include "support/wzp_test.h"

#define N 200

static void an_empty_wheel_has_nothing_to_take(void **state)
{
    (void)state;
    struct wzp_wheel wheel = {0};
    assert_null(wzp_wheel_take(&wheel, WZP_SECOND));
    assert_int_equal(wzp_wheel_next(&wheel), WZP_NEVER);
}

struct world {
    struct wzp_wheel wheel;
    struct wzp_deadline items[N];
    wzp_us now;
};

static void init(struct world *world, wzp_us now)
{
    *world = (struct world){.now = now};
    for (size_t i = 0; i < N; i++) {
        world->items[i] = WZP_DEADLINE_INIT;
    }
}

static wzp_us earliest(const struct world *world)
{
    wzp_us at = WZP_NEVER;
    for (size_t i = 0; i < N; i++) {
        at = wzp_us_min(at, world->items[i].at);
    }
    return at;
}

/* Takes all that is over; none of them may be early, and none that stays may be a tick late. */
static size_t take_all(struct world *world)
{
    wzp_us before[N];
    for (size_t i = 0; i < N; i++) {
        before[i] = world->items[i].at;
    }
    size_t n = 0;
    for (struct wzp_deadline *one; (one = wzp_wheel_take(&world->wheel, world->now)); n++) {
        assert_true(before[one - world->items] <= world->now);
        assert_int_equal(one->at, WZP_NEVER);
    }
    assert_true(earliest(world) > world->now - WZP_WHEEL_TICK);
    return n;
}

/* Any deadline from the past to ten minutes ahead, moved and taken off at will, at any pace of the clock. */
static void each_is_taken_when_it_is_over_whatever_moves(void **state)
{
    (void)state;
    static const wzp_us reach[] = {WZP_MS, 50 * WZP_MS, WZP_SECOND, 600 * WZP_SECOND};
    static const wzp_us steps[] = {100, 3 * WZP_MS, 300 * WZP_MS, 70 * WZP_SECOND};
    static struct world world;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 42);
    init(&world, 0);
    for (int step = 0; step < 50000; step++) {
        struct wzp_deadline *item = &world.items[wzp_random_below(&random, N)];
        wzp_us ahead = (wzp_us)wzp_random_below(&random, (uint64_t)reach[wzp_random_below(&random, 4)]);
        bool removes = wzp_random_below(&random, 8) == 0;
        wzp_wheel_set(&world.wheel, item, removes ? WZP_NEVER : world.now + ahead - WZP_MS / 2);
        if (wzp_random_below(&random, 4) == 0) {
            world.now += (wzp_us)wzp_random_below(&random, (uint64_t)steps[wzp_random_below(&random, 4)]);
            take_all(&world);
        }
        assert_true(wzp_wheel_next(&world.wheel) == WZP_NEVER
                        ? earliest(&world) == WZP_NEVER
                        : wzp_wheel_next(&world.wheel) < earliest(&world) + WZP_WHEEL_TICK);
    }
}

/* Who looks only when the wheel asks for it misses nothing, and is not kept busy. */
static void looking_when_asked_is_enough(void **state)
{
    (void)state;
    static struct world world;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 7);
    init(&world, 1000 * WZP_SECOND); /* the wheel has not been looked at since 0 */
    for (size_t i = 0; i < N; i++) {
        wzp_wheel_set(&world.wheel, &world.items[i],
                      world.now + (wzp_us)wzp_random_below(&random, 300 * WZP_SECOND));
    }
    size_t n = 0;
    size_t looks = 0;
    for (wzp_us at; (at = wzp_wheel_next(&world.wheel)) != WZP_NEVER; looks++) {
        world.now = wzp_us_max(world.now, at);
        n += take_all(&world);
    }
    assert_int_equal(n, N);
    assert_true(looks <= 3 * N);
}

static void one_may_be_set_while_others_are_taken(void **state)
{
    (void)state;
    static struct world world;
    init(&world, WZP_SECOND);
    wzp_wheel_set(&world.wheel, &world.items[0], world.now);
    wzp_wheel_set(&world.wheel, &world.items[1], world.now);
    struct wzp_deadline *first = wzp_wheel_take(&world.wheel, world.now);
    assert_non_null(first);
    wzp_wheel_set(&world.wheel, first, world.now + WZP_MS);
    struct wzp_deadline *second = wzp_wheel_take(&world.wheel, world.now);
    assert_non_null(second);
    assert_ptr_not_equal(first, second);
    assert_null(wzp_wheel_take(&world.wheel, world.now));
    assert_ptr_equal(wzp_wheel_take(&world.wheel, world.now + WZP_MS), first);
    wzp_wheel_set(&world.wheel, first, WZP_NEVER); /* harmless when off */
    assert_int_equal(wzp_wheel_next(&world.wheel), WZP_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_wheel_has_nothing_to_take),
        cmocka_unit_test(each_is_taken_when_it_is_over_whatever_moves),
        cmocka_unit_test(looking_when_asked_is_enough),
        cmocka_unit_test(one_may_be_set_while_others_are_taken),
    };
    return cmocka_run_group_tests_name("net_wheel", tests, NULL, NULL);
}
