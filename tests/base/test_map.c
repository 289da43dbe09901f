/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "base/map.h"
#include "base/random.h"
#include "support/wzp_test.h"

static const struct wzp_hash_key hash_key = {{1, 2}};

struct thing {
    uint16_t key;
    bool is_in; /* the model */
};

static enum wzp_err add(struct wzp_map *map, struct thing *thing)
{
    return wzp_map_add(map, &thing->key, sizeof thing->key, thing);
}

static void an_empty_map_has_nothing(void **state)
{
    (void)state;
    struct wzp_map map;
    wzp_map_init(&map, &hash_key, 4);
    size_t at = 0;
    assert_null(wzp_map_get(&map, "a", 1));
    assert_null(wzp_map_remove(&map, "a", 1));
    assert_null(wzp_map_next(&map, &at));
    wzp_map_deinit(&map);
}

static void what_is_added_is_found_under_its_whole_key(void **state)
{
    (void)state;
    struct wzp_map map;
    wzp_map_init(&map, &hash_key, 4);
    int one = 1;
    int two = 2;
    assert_ok(wzp_map_add(&map, "ab", 2, &one));
    assert_ok(wzp_map_add(&map, "abc", 3, &two));
    assert_ptr_equal(wzp_map_get(&map, "ab", 2), &one);
    assert_ptr_equal(wzp_map_get(&map, "abc", 3), &two);
    assert_null(wzp_map_get(&map, "a", 1));
    assert_null(wzp_map_get(&map, "ac", 2));
    wzp_map_deinit(&map);
}

static void a_key_that_is_there_is_not_replaced(void **state)
{
    (void)state;
    struct wzp_map map;
    wzp_map_init(&map, &hash_key, 1);
    int one = 1;
    int two = 2;
    assert_ok(wzp_map_add(&map, "a", 1, &one));
    assert_int_equal(wzp_map_add(&map, "a", 1, &two), WZP_EEXIST);
    assert_ptr_equal(wzp_map_get(&map, "a", 1), &one);
    assert_int_equal(map.n, 1);
    wzp_map_deinit(&map);
}

static void a_full_map_refuses_until_one_is_taken_out(void **state)
{
    (void)state;
    struct wzp_map map;
    struct thing things[101];
    wzp_map_init(&map, &hash_key, 100);
    for (size_t i = 0; i < wzp_count(things); i++) {
        things[i].key = (uint16_t)i;
        assert_int_equal(add(&map, &things[i]), i < 100 ? WZP_OK : WZP_ELIMIT);
    }
    assert_ptr_equal(wzp_map_remove(&map, &things[7].key, 2), &things[7]);
    assert_ok(add(&map, &things[100]));
    wzp_map_deinit(&map);
}

static void check_against_model(const struct wzp_map *map, struct thing *things, size_t n)
{
    size_t n_in = 0;
    for (size_t i = 0; i < n; i++) {
        assert_ptr_equal(wzp_map_get(map, &things[i].key, 2), things[i].is_in ? &things[i] : NULL);
        n_in += things[i].is_in;
    }
    assert_int_equal(map->n, n_in);
    size_t walked = 0;
    size_t at = 0;
    for (const struct thing *thing; (thing = wzp_map_next(map, &at)); walked++) {
        assert_true(thing->is_in);
    }
    assert_int_equal(walked, n_in);
}

/* Few slots for many keys: probe runs are long, wrap around the end, and are broken at every place. */
static void random_adding_and_removing_agrees_with_a_model(void **state)
{
    (void)state;
    struct thing things[48];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct wzp_random_seeded seeded;
        struct wzp_random random = wzp_random_from_seed(&seeded, seed);
        struct wzp_map map;
        wzp_map_init(&map, &(struct wzp_hash_key){{seed, seed}}, wzp_count(things));
        for (size_t i = 0; i < wzp_count(things); i++) {
            things[i] = (struct thing){.key = (uint16_t)(i * 257)};
        }
        for (int step = 0; step < 400; step++) {
            struct thing *thing = &things[wzp_random_below(&random, wzp_count(things))];
            if (wzp_random_below(&random, 2) == 0) {
                assert_int_equal(add(&map, thing), thing->is_in ? WZP_EEXIST : WZP_OK);
                thing->is_in = true;
            } else {
                assert_ptr_equal(wzp_map_remove(&map, &thing->key, 2), thing->is_in ? thing : NULL);
                thing->is_in = false;
            }
            check_against_model(&map, things, wzp_count(things));
        }
        wzp_map_deinit(&map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(what_is_added_is_found_under_its_whole_key),
        cmocka_unit_test(a_key_that_is_there_is_not_replaced),
        cmocka_unit_test(a_full_map_refuses_until_one_is_taken_out),
        cmocka_unit_test(random_adding_and_removing_agrees_with_a_model),
    };
    return cmocka_run_group_tests_name("base_map", tests, NULL, NULL);
}
