/* SPDX-License-Identifier: Apache-2.0 */
/* What room updates cost in a crowd. */
#include <stdlib.h>

#include "proto/signal.h"
#include "router/router.h"
#include "support/wzp_test.h"

enum { CROWD = 1000 };

/** A router whose owner counts what it is told; a member's user is its index. */
struct crowd {
    struct wzp_router *router;
    struct wzp_packet_pool *pool;
    struct wzp_random_seeded seeded;
    struct wzp_random random;
    struct wzp_router_out out;
    wzp_us now;
    struct wzp_member *members[CROWD];
    size_t n;
    wzp_us joined_at[CROWD];
    wzp_us told_at[CROWD]; /* WZP_NEVER: not yet */
    uint64_t revs[CROWD];
    size_t last_listed[CROWD];
    uint64_t entries; /* entries times receivers */
    uint64_t lists;   /* lists written, however many got them */
};

static void to_members(void *context, void *const *users, size_t n_users, const struct wzp_signal *signal,
                       uint64_t replace_key)
{
    struct crowd *crowd = context;
    const struct wzp_signal_room_update *update = &signal->room_update;
    assert_int_not_equal(replace_key, 0);
    crowd->lists++;
    crowd->entries += n_users * update->participants.n;
    for (size_t i = 0; i < n_users; i++) {
        size_t k = (size_t)((struct wzp_member **)users[i] - crowd->members);
        assert_true(update->rev > crowd->revs[k]);
        crowd->revs[k] = update->rev;
        crowd->last_listed[k] = update->participants.n;
        crowd->told_at[k] = wzp_us_min(crowd->told_at[k], crowd->now);
    }
}

static void to_link(void *context, void *user, const struct wzp_signal *signal, uint64_t replace_key)
{
    wzp_ignore(context);
    wzp_ignore(user);
    wzp_ignore(signal);
    wzp_ignore(replace_key);
}

static void media(void *context, void *user, struct wzp_packet *packet, size_t offset, size_t size)
{
    wzp_ignore(context);
    wzp_ignore(user);
    wzp_ignore(packet);
    wzp_ignore(offset + size);
}

static void replaced(void *context, void *user)
{
    wzp_ignore(context);
    wzp_ignore(user);
}

static void event(void *context, const struct wzp_router_event *event)
{
    wzp_ignore(context);
    wzp_ignore(event);
}

static struct crowd *crowd_new(void)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);
    assert_non_null(crowd);
    crowd->now = 10 * WZP_SECOND;
    crowd->random = wzp_random_from_seed(&crowd->seeded, 1);
    crowd->out = (struct wzp_router_out){.context = crowd,
                                         .to_members = to_members,
                                         .to_link = to_link,
                                         .media_to_member = media,
                                         .media_to_link = media,
                                         .member_replaced = replaced,
                                         .event = event};
    assert_ok(wzp_packet_pool_new(4, &crowd->pool));
    const struct wzp_router_config config = {
        .random = &crowd->random, .pool = crowd->pool, .out = &crowd->out};
    assert_ok(wzp_router_new(&config, &crowd->router));
    return crowd;
}

static void crowd_free(struct crowd *crowd)
{
    wzp_router_free(crowd->router);
    wzp_packet_pool_free(crowd->pool);
    free(crowd);
}

static void pass(struct crowd *crowd, wzp_us us)
{
    wzp_us end = crowd->now + us;
    for (int steps = 0; wzp_router_deadline(crowd->router) <= end; steps++) {
        assert_true(steps < 10000);
        crowd->now = wzp_us_max(crowd->now, wzp_router_deadline(crowd->router));
        wzp_router_tick(crowd->router, crowd->now);
    }
    crowd->now = end;
}

static void join(struct crowd *crowd)
{
    char name[16];
    assert_true(crowd->n < CROWD);
    size_t i = crowd->n++;
    snprintf(name, sizeof name, "%zu", i);
    const struct wzp_join request = {
        .room = "den", .fingerprint = name, .version = 2, .user = &crowd->members[i]};
    crowd->joined_at[i] = crowd->now;
    crowd->told_at[i] = WZP_NEVER;
    assert_ok(wzp_router_join(crowd->router, &request, crowd->now, &crowd->members[i]));
}

/** So many join within a second, evenly. */
static void rush(struct crowd *crowd, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        join(crowd);
        pass(crowd, WZP_SECOND / (wzp_us)n);
    }
}

static void a_rush_costs_a_bounded_number_of_entries_a_second(void **state)
{
    wzp_ignore(state);
    static const struct {
        size_t n;
        uint64_t most; /* entries in the second of the rush */
    } rows[] = {
        {50, 30000}, {100, 120000}, {200, 250000}, {500, 500000}, {1000, 1000000},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct crowd *crowd = crowd_new();
        rush(crowd, rows[i].n);
        print_message("# %zu join within a second: %llu entries, %llu lists\n", rows[i].n,
                      (unsigned long long)crowd->entries, (unsigned long long)crowd->lists);
        assert_in_range(crowd->entries, rows[i].n, rows[i].most);
        crowd_free(crowd);
    }
}

static void a_crowd_that_comes_and_goes_costs_a_bounded_number_of_entries_a_second(void **state)
{
    wzp_ignore(state);
    struct crowd *crowd = crowd_new();
    rush(crowd, 500);
    pass(crowd, 5 * WZP_SECOND);
    crowd->entries = 0;
    for (int i = 0; i < 1000; i++) { /* somebody mutes or unmutes every 10 ms */
        wzp_router_set_muted(crowd->router, crowd->members[i % 500], i % 1000 < 500, crowd->now);
        pass(crowd, 10 * WZP_MS);
    }
    print_message("# 500 members, 100 changes a second: %llu entries a second\n",
                  (unsigned long long)crowd->entries / 10);
    assert_in_range(crowd->entries / 10, 100000, 230000); /* 50 ms apart it would be 5 million */
    crowd_free(crowd);
}

static void joiners_of_a_crowd_get_their_list_within_50_ms_and_everybody_the_last_one(void **state)
{
    wzp_ignore(state);
    struct crowd *crowd = crowd_new();
    rush(crowd, 400);
    pass(crowd, 3 * WZP_SECOND);
    for (size_t i = 0; i < crowd->n; i++) {
        assert_in_range(crowd->told_at[i] - crowd->joined_at[i], 0, 50 * WZP_MS);
        assert_int_equal(crowd->last_listed[i], 400);
    }
    crowd_free(crowd);
}

static void a_single_joiner_of_a_crowd_gets_its_list_at_once(void **state)
{
    wzp_ignore(state);
    struct crowd *crowd = crowd_new();
    rush(crowd, 300);
    pass(crowd, 5 * WZP_SECOND);
    join(crowd);
    pass(crowd, 0);
    assert_int_equal(crowd->last_listed[300], 301);
    wzp_us at = crowd->now;
    pass(crowd, 10 * WZP_MS);
    join(crowd);
    pass(crowd, 0);
    assert_int_equal(crowd->told_at[301], WZP_NEVER); /* with others of the same 50 ms */
    pass(crowd, WZP_SECOND);
    assert_int_equal(crowd->told_at[301], at + 50 * WZP_MS);
    crowd_free(crowd);
}

static void who_does_not_fit_on_the_list_is_news_to_nobody(void **state)
{
    wzp_ignore(state);
    struct crowd *crowd = crowd_new();
    rush(crowd, 600);
    pass(crowd, 5 * WZP_SECOND);
    uint64_t rev = crowd->revs[0];
    crowd->entries = 0;
    join(crowd);
    pass(crowd, 5 * WZP_SECOND);
    assert_int_equal(crowd->entries, WZP_SIGNAL_MAX_PARTICIPANTS);
    assert_int_equal(crowd->last_listed[600], WZP_SIGNAL_MAX_PARTICIPANTS);
    assert_int_equal(crowd->revs[0], rev);
    wzp_router_leave(crowd->router, crowd->members[3], crowd->now);
    pass(crowd, 5 * WZP_SECOND);
    assert_true(crowd->revs[0] > rev);
    crowd_free(crowd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rush_costs_a_bounded_number_of_entries_a_second),
        cmocka_unit_test(a_crowd_that_comes_and_goes_costs_a_bounded_number_of_entries_a_second),
        cmocka_unit_test(joiners_of_a_crowd_get_their_list_within_50_ms_and_everybody_the_last_one),
        cmocka_unit_test(a_single_joiner_of_a_crowd_gets_its_list_at_once),
        cmocka_unit_test(who_does_not_fit_on_the_list_is_news_to_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
