/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "crypto/room_id.h"
#include "proto/signal.h"
#include "relay/config.h"
#include "relay/crew.h"
#include "support/wzp_test.h"

#define ROOMS 200

static void hashed(const char *name, char out_name[static WZP_ROOM_ID_TEXT_BYTES])
{
    struct wzp_room_id id = wzp_room_id_of(name);
    wzp_room_id_write(&id, out_name);
}

static void start(struct wzp_crew *crew, struct wzp_relay_config *config, unsigned n_workers)
{
    assert_ok(wzp_relay_config_init(config));
    config->workers = n_workers;
    struct wzp_problems problems = {0};
    assert_ok(wzp_relay_config_set(config, "global_rooms", "podcast", "--global-room", &problems));
    assert_ok(wzp_relay_config_set(config, "global_rooms", "general", "--global-room", &problems));
    assert_ok(wzp_crew_init(crew, config, &wzp_random_system));
    wzp_problems_deinit(&problems);
}

static void end(struct wzp_crew *crew, struct wzp_relay_config *config)
{
    wzp_crew_deinit(crew);
    wzp_relay_config_deinit(config);
}

static void all_names_of_a_room_lead_to_one_worker(void **state)
{
    (void)state;
    struct wzp_crew crew;
    struct wzp_relay_config config;
    start(&crew, &config, 7);
    char name[WZP_ROOM_ID_TEXT_BYTES];
    uint8_t tag[WZP_ROOM_TAG_BYTES];
    hashed("general", name);
    wzp_room_id_tag("general", tag);
    unsigned worker = wzp_crew_of_room(&crew, "general");
    assert_int_equal(wzp_crew_of_room(&crew, name), worker);
    assert_int_equal(wzp_crew_of_room(&crew, "GENERAL"), worker);
    assert_int_equal(wzp_crew_of_server_name(&crew, name), worker);
    assert_int_equal(wzp_crew_of_server_name(&crew, "General."), worker);
    assert_int_equal(wzp_crew_of_tag(&crew, tag), worker);
    const struct wzp_signal active = {.kind = WZP_SIGNAL_GLOBAL_ROOM_ACTIVE, .global_room.room = name};
    struct wzp_signal prune = {.kind = WZP_SIGNAL_PRUNE};
    memcpy(prune.prune.room_hash, tag, sizeof prune.prune.room_hash);
    assert_int_equal(wzp_crew_of_signal(&crew, &active), worker);
    assert_int_equal(wzp_crew_of_signal(&crew, &prune), worker);
    assert_int_equal(wzp_crew_of_server_name(&crew, ""), wzp_crew_of_room(&crew, "default"));
    end(&crew, &config);
}

static void what_is_no_room_is_the_first_workers(void **state)
{
    (void)state;
    struct wzp_crew crew;
    struct wzp_relay_config config;
    start(&crew, &config, 64);
    static const char *const names[] = {"_federation", "_probe", "ping", "version",
                                        "_signal",     "_other", "a..b"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        assert_int_equal(wzp_crew_of_server_name(&crew, names[i]), WZP_CREW_FIRST);
    }
    static const uint8_t unknown[WZP_ROOM_TAG_BYTES] = {1, 2, 3};
    assert_int_equal(wzp_crew_of_tag(&crew, unknown), WZP_CREW_FIRST);
    const struct wzp_signal nameless = {.kind = WZP_SIGNAL_GLOBAL_ROOM_INACTIVE};
    assert_int_equal(wzp_crew_of_signal(&crew, &nameless), WZP_CREW_FIRST);
    end(&crew, &config);
}

static void a_room_fills_its_worker_before_the_others(void **state)
{
    (void)state;
    struct wzp_crew crew;
    struct wzp_relay_config config;
    start(&crew, &config, 3);
    crew.members_per_worker = 2;
    unsigned home = wzp_crew_of_room(&crew, "general");
    static const unsigned distances[] = {0, 0, 1, 1, 2, 2, 0};
    for (size_t i = 0; i < wzp_count(distances); i++) {
        unsigned worker = wzp_crew_of_arrival(&crew, "general", WZP_SECOND);
        assert_int_equal(worker, (home + distances[i]) % 3);
    }
    assert_int_equal(wzp_crew_of_arrival(&crew, "_federation", WZP_SECOND), WZP_CREW_FIRST);
    assert_int_equal(wzp_crew_of_arrival(&crew, "general", 2 * WZP_SECOND), home);
    assert_true(wzp_signposts_set(&crew.signposts, wzp_crew_room_key(&crew, "general"), (home + 2) % 3));
    assert_int_equal(wzp_crew_of_arrival(&crew, "General.", 3 * WZP_SECOND), (home + 2) % 3);
    crew.members_per_worker = 0;
    assert_int_equal(wzp_crew_of_arrival(&crew, "general", 3 * WZP_SECOND), home);
    end(&crew, &config);
}

static void rooms_are_spread(void **state)
{
    (void)state;
    struct wzp_crew crew;
    struct wzp_relay_config config;
    start(&crew, &config, 4);
    unsigned n[4] = {0};
    for (unsigned i = 0; i < ROOMS; i++) {
        char name[16];
        snprintf(name, sizeof name, "room-%u", i);
        n[wzp_crew_of_room(&crew, name)]++;
    }
    for (unsigned i = 0; i < 4; i++) {
        assert_in_range(n[i], ROOMS / 10, ROOMS / 2);
    }
    end(&crew, &config);
}

static void one_a_processor_where_nothing_is_said(void **state)
{
    (void)state;
    struct wzp_crew crew;
    struct wzp_relay_config config;
    start(&crew, &config, 0);
    assert_in_range(crew.n, 1, WZP_CREW_MAX);
    end(&crew, &config);
}

static void sessions_are_limited_over_all(void **state)
{
    (void)state;
    struct wzp_crew crew;
    struct wzp_relay_config config;
    start(&crew, &config, 2);
    assert_true(wzp_crew_enter(&crew, 2));
    assert_true(wzp_crew_enter(&crew, 2));
    assert_false(wzp_crew_enter(&crew, 2));
    wzp_crew_leave(&crew);
    assert_true(wzp_crew_enter(&crew, 2));
    end(&crew, &config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_names_of_a_room_lead_to_one_worker),
        cmocka_unit_test(what_is_no_room_is_the_first_workers),
        cmocka_unit_test(a_room_fills_its_worker_before_the_others),
        cmocka_unit_test(rooms_are_spread),
        cmocka_unit_test(one_a_processor_where_nothing_is_said),
        cmocka_unit_test(sessions_are_limited_over_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
