/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/roster.h"
#include "support/wzp_test.h"

static const struct wzp_signal_participant people[] = {
    {.fingerprint = "aeeac5976791deec", .alias = "alice"},
    {.fingerprint = "1e45:cdae", .relay_label = "Relay\x07 B", .stream = 9, .muted = true},
};

static struct wzp_signal_room_update update_of(size_t n, uint64_t rev)
{
    return (struct wzp_signal_room_update){.participants = {.items = people, .n = n}, .rev = rev};
}

static void an_update_replaces_the_list(void **state)
{
    wzp_ignore(state);
    struct wzp_roster roster = {0};
    struct wzp_signal_room_update update = update_of(2, 0);
    assert_ok(wzp_roster_update(&roster, &update));
    assert_int_equal(roster.n, 2);
    assert_string_equal(roster.people[0].alias, "alice");
    assert_string_equal(roster.people[1].alias, "");
    assert_string_equal(roster.people[1].relay_label, "Relay B");
    assert_int_equal(roster.people[1].stream, 9);
    assert_true(roster.people[1].muted);
    update = update_of(0, 0);
    assert_ok(wzp_roster_update(&roster, &update));
    assert_int_equal(roster.n, 0);
    assert_int_equal(roster.n_most, 2);
    wzp_roster_deinit(&roster);
}

static void an_update_that_was_overtaken_is_dropped(void **state)
{
    wzp_ignore(state);
    struct wzp_roster roster = {0};
    struct wzp_signal_room_update update = update_of(2, 7);
    assert_ok(wzp_roster_update(&roster, &update));
    update = update_of(1, 6);
    assert_int_equal(wzp_roster_update(&roster, &update), WZP_EAGAIN);
    assert_int_equal(roster.n, 2);
    update = update_of(1, 8);
    assert_ok(wzp_roster_update(&roster, &update));
    assert_int_equal(roster.n, 1);
    wzp_roster_deinit(&roster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_replaces_the_list),
        cmocka_unit_test(an_update_that_was_overtaken_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
