/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/registry.h"
#include "support/wzp_test.h"

static const char *const first[] = {"aaaa", "bbbb"};
static const char *const second[] = {"cccc"};

static void an_update_replaces_what_the_relay_told_before(void **state)
{
    (void)state;
    struct wzp_registry registry = {0};
    assert_ok(wzp_registry_update(&registry, "192.0.2.1:1", &(struct wzp_signal_texts){first, 2}, 0));
    assert_string_equal(wzp_registry_find(&registry, "bbbb")->address, "192.0.2.1:1");
    assert_ok(wzp_registry_update(&registry, "192.0.2.1:1", &(struct wzp_signal_texts){second, 1}, 1));
    assert_null(wzp_registry_find(&registry, "bbbb"));
    assert_non_null(wzp_registry_find(&registry, "cccc"));
    wzp_registry_deinit(&registry);
}

static void a_relay_that_falls_silent_is_forgotten(void **state)
{
    (void)state;
    struct wzp_registry registry = {0};
    assert_ok(wzp_registry_update(&registry, "192.0.2.1:1", &(struct wzp_signal_texts){first, 2}, 0));
    assert_ok(
        wzp_registry_update(&registry, "192.0.2.2:1", &(struct wzp_signal_texts){second, 1}, WZP_SECOND));
    wzp_registry_expire(&registry, WZP_REGISTRY_LIFE);
    assert_non_null(wzp_registry_find(&registry, "aaaa"));
    wzp_registry_expire(&registry, WZP_REGISTRY_LIFE + 1);
    assert_null(wzp_registry_find(&registry, "aaaa"));
    assert_non_null(wzp_registry_find(&registry, "cccc"));
    wzp_registry_deinit(&registry);
}

static void one_relay_can_be_forgotten(void **state)
{
    (void)state;
    struct wzp_registry registry = {0};
    assert_ok(wzp_registry_update(&registry, "192.0.2.1:1", &(struct wzp_signal_texts){first, 2}, 0));
    assert_ok(wzp_registry_update(&registry, "192.0.2.2:1", &(struct wzp_signal_texts){second, 1}, 0));
    wzp_registry_forget(&registry, "192.0.2.1:1");
    wzp_registry_forget(&registry, "");
    assert_null(wzp_registry_find(&registry, "aaaa"));
    assert_non_null(wzp_registry_find(&registry, "cccc"));
    wzp_registry_deinit(&registry);
}

static void the_distance_stays_over_updates(void **state)
{
    (void)state;
    struct wzp_registry registry = {0};
    assert_ok(wzp_registry_update(&registry, "192.0.2.1:1", &(struct wzp_signal_texts){first, 2}, 0));
    assert_true(wzp_registry_find(&registry, "aaaa")->rtt_ms < 0);
    wzp_registry_measured(&registry, "192.0.2.1:1", 12.5);
    wzp_registry_measured(&registry, "192.0.2.9:1", 1);
    wzp_registry_measured(&registry, "", 1);
    assert_ok(wzp_registry_update(&registry, "192.0.2.1:1", &(struct wzp_signal_texts){first, 2}, 1));
    assert_true(wzp_registry_find(&registry, "aaaa")->rtt_ms == 12.5);
    wzp_registry_deinit(&registry);
}

static void nobody_can_make_it_grow_past_its_limits(void **state)
{
    (void)state;
    struct wzp_registry registry = {0};
    static const char *many[WZP_REGISTRY_FINGERPRINTS + 1];
    for (size_t i = 0; i < wzp_count(many); i++) {
        many[i] = i < WZP_REGISTRY_FINGERPRINTS ? "dddd" : "eeee";
    }
    char address[WZP_ADDR_TEXT_BYTES];
    for (unsigned i = 0; i < WZP_REGISTRY_PEERS; i++) {
        snprintf(address, sizeof address, "192.0.2.1:%u", 1 + i);
        assert_ok(
            wzp_registry_update(&registry, address, &(struct wzp_signal_texts){many, wzp_count(many)}, 0));
    }
    assert_null(wzp_registry_find(&registry, "eeee"));
    assert_int_equal(wzp_registry_update(&registry, "192.0.2.9:1", &(struct wzp_signal_texts){second, 1}, 0),
                     WZP_ELIMIT);
    wzp_registry_deinit(&registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_replaces_what_the_relay_told_before),
        cmocka_unit_test(a_relay_that_falls_silent_is_forgotten),
        cmocka_unit_test(one_relay_can_be_forgotten),
        cmocka_unit_test(the_distance_stays_over_updates),
        cmocka_unit_test(nobody_can_make_it_grow_past_its_limits),
    };
    return cmocka_run_group_tests_name("relay_registry", tests, NULL, NULL);
}
