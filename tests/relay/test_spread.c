/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/config.h"
#include "relay/spread.h"
#include "support/wzp_test.h"

#define WORKERS 4
#define CROWD   1000
#define PER     100
#define AN_HOUR (3600 * WZP_SECOND)

struct scene {
    struct wzp_relay_config config;
    struct wzp_crew crew;
    struct wzp_spread *spread;
    unsigned home;
    wzp_us now;
    struct wzp_spread_room *rooms[CROWD];
    unsigned at[CROWD];
    size_t n[WORKERS];
};

static struct scene scene;

static int open_scene(void **state)
{
    (void)state;
    scene = (struct scene){0};
    assert_ok(wzp_relay_config_init(&scene.config));
    scene.config.workers = WORKERS;
    scene.config.room_members_per_worker = PER;
    assert_ok(wzp_crew_init(&scene.crew, &scene.config, &wzp_random_system));
    scene.home = wzp_crew_of_room(&scene.crew, "stadium");
    assert_ok(wzp_spread_new(&scene.crew, scene.home, PER, &scene.spread));
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    wzp_spread_free(scene.spread);
    wzp_crew_deinit(&scene.crew);
    wzp_relay_config_deinit(&scene.config);
    return 0;
}

static void enter(size_t who)
{
    scene.now += WZP_SECOND; /* one by one: no crowd */
    scene.at[who] = wzp_crew_of_arrival(&scene.crew, "stadium", scene.now);
    scene.rooms[who] = wzp_spread_enter(scene.spread, "stadium", scene.at[who]);
    assert_non_null(scene.rooms[who]);
    scene.n[scene.at[who]]++;
}

static void leave(size_t who)
{
    wzp_spread_leave(scene.spread, scene.rooms[who], scene.at[who]);
    scene.n[scene.at[who]]--;
}

static void a_room_takes_one_more_worker_for_each_share(void **state)
{
    (void)state;
    for (size_t i = 0; i < PER; i++) {
        enter(i);
        assert_int_equal(scene.at[i], scene.home);
    }
    enter(PER);
    assert_int_equal(scene.at[PER], (scene.home + 1) % WORKERS);
    for (size_t i = PER + 1; i < 2 * PER; i++) {
        enter(i);
    }
    assert_int_equal(scene.n[(scene.home + 2) % WORKERS], 0);
    enter(2 * PER);
    assert_int_equal(scene.at[2 * PER], (scene.home + 2) % WORKERS);
}

static void a_crowd_is_even_but_for_the_routing(void **state)
{
    (void)state;
    for (size_t i = 0; i < CROWD; i++) {
        enter(i);
    }
    assert_in_range(scene.n[scene.home], CROWD / 8, CROWD / 4 - 1);
    for (unsigned i = 1; i < WORKERS; i++) {
        assert_in_range(scene.n[(scene.home + i) % WORKERS], CROWD / 4, CROWD / 3);
    }
}

static void who_leaves_makes_room_where_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < CROWD; i++) {
        enter(i);
    }
    size_t gone = CROWD - 1;
    unsigned worker = scene.at[gone];
    leave(gone);
    enter(gone);
    assert_int_equal(scene.at[gone], worker);
}

static void an_empty_room_begins_at_home(void **state)
{
    (void)state;
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < 3 * PER; i++) {
            enter(i);
        }
        assert_int_not_equal(wzp_crew_of_arrival(&scene.crew, "stadium", scene.now + AN_HOUR), scene.home);
        for (size_t i = 0; i < 3 * PER; i++) {
            leave(i);
        }
        assert_int_equal(wzp_crew_of_arrival(&scene.crew, "stadium", scene.now + AN_HOUR), scene.home);
    }
}

static void a_worker_that_ends_takes_its_signs_with_it(void **state)
{
    (void)state;
    for (size_t i = 0; i <= PER; i++) {
        enter(i);
    }
    wzp_spread_free(scene.spread);
    scene.spread = NULL;
    assert_int_equal(wzp_crew_of_arrival(&scene.crew, "stadium", scene.now + AN_HOUR), scene.home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_room_takes_one_more_worker_for_each_share, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(a_crowd_is_even_but_for_the_routing, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(who_leaves_makes_room_where_it_was, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(an_empty_room_begins_at_home, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(a_worker_that_ends_takes_its_signs_with_it, open_scene, close_scene),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
