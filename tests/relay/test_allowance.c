/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/allowance.h"
#include "support/wzp_test.h"

static void every_entry_has_its_own(void **state)
{
    (void)state;
    struct wzp_relay_link_config peers[2] = {0}, trusted[2] = {0};
    const struct wzp_relay_config config = {.peers = peers, .n_peers = 2, .trusted = trusted, .n_trusted = 2};
    struct wzp_allowances *allowances = NULL;
    assert_ok(wzp_allowances_new(&config, 0, &allowances));
    const struct wzp_allowance *found[] = {
        wzp_allowances_of(allowances, &peers[0]), wzp_allowances_of(allowances, &peers[1]),
        wzp_allowances_of(allowances, &trusted[0]), wzp_allowances_of(allowances, &trusted[1])};
    for (size_t i = 0; i < wzp_count(found); i++) {
        assert_true(found[i]->banned_until <= 0);
        for (size_t k = 0; k < i; k++) {
            assert_ptr_not_equal(found[i], found[k]);
        }
    }
    wzp_allowances_free(allowances);
}

static void what_we_send_is_less_than_what_the_other_side_takes(void **state)
{
    (void)state;
    assert_true(2 * WZP_ALLOWANCE_OUT_PER_S <= WZP_ALLOWANCE_IN_PER_S);
    assert_true(2 * WZP_ALLOWANCE_OUT_BURST <= WZP_ALLOWANCE_IN_BURST);
    assert_true(WZP_ALLOWANCE_OUT_BURST >= WZP_ROUTER_MAX_GLOBAL_ROOMS);
}

static void refusals_are_told_once_a_minute_with_their_number(void **state)
{
    (void)state;
    struct wzp_relay_link_config peer = {0};
    const struct wzp_relay_config config = {.peers = &peer, .n_peers = 1};
    struct wzp_allowances *allowances = NULL;
    assert_ok(wzp_allowances_new(&config, WZP_SECOND, &allowances));
    struct wzp_allowance *allowance = wzp_allowances_of(allowances, &peer);
    assert_int_equal(wzp_allowance_refused(allowance, WZP_REFUSAL_NO_ROOM, WZP_SECOND), 1);
    for (int i = 2; i <= 60; i++) {
        assert_int_equal(wzp_allowance_refused(allowance, WZP_REFUSAL_NO_ROOM, i * WZP_SECOND), 0);
    }
    assert_int_equal(wzp_allowance_refused(allowance, WZP_REFUSAL_OFFERS, 60 * WZP_SECOND), 1);
    assert_int_equal(wzp_allowance_refused(allowance, WZP_REFUSAL_NO_ROOM, 61 * WZP_SECOND), 60);
    wzp_allowances_free(allowances);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_has_its_own),
        cmocka_unit_test(what_we_send_is_less_than_what_the_other_side_takes),
        cmocka_unit_test(refusals_are_told_once_a_minute_with_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
