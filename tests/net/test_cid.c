/* SPDX-License-Identifier: Apache-2.0 */
#include "net/cid.h"
#include "support/wzp_test.h"

static const struct wzp_cid_scheme scheme = {.key = {{1, 2}}, .worker = 3};

static void an_id_leads_to_its_connection(void **state)
{
    (void)state;
    static const uint32_t indices[] = {0, 1, 255, 65535, 65536, 0x123456, WZP_CID_MAX_INDEX};
    for (size_t i = 0; i < wzp_count(indices); i++) {
        uint8_t cid[WZP_CID_BYTES];
        wzp_cid_make(&scheme, indices[i], &wzp_random_system, cid);
        assert_int_equal(cid[0], 3);
        assert_int_equal(wzp_cid_index(&scheme, cid), indices[i]);
    }
}

/* RFC 9000, 5.1: nobody may see which ids belong together. */
static void ids_of_one_connection_share_nothing_visible(void **state)
{
    (void)state;
    size_t n_same = 0;
    uint8_t first[WZP_CID_BYTES], other[WZP_CID_BYTES];
    wzp_cid_make(&scheme, 7, &wzp_random_system, first);
    for (int i = 0; i < 100; i++) {
        wzp_cid_make(&scheme, 7, &wzp_random_system, other);
        n_same += memcmp(first + 1, other + 1, 3) == 0 ? 1 : 0;
    }
    assert_true(n_same < 3);
}

static void another_key_leads_elsewhere(void **state)
{
    (void)state;
    struct wzp_cid_scheme other = {.key = {{1, 3}}, .worker = 3};
    size_t n_same = 0;
    for (int i = 0; i < 100; i++) {
        uint8_t cid[WZP_CID_BYTES];
        wzp_cid_make(&scheme, 7, &wzp_random_system, cid);
        n_same += wzp_cid_index(&other, cid) == 7 ? 1 : 0;
    }
    assert_true(n_same < 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_leads_to_its_connection),
        cmocka_unit_test(ids_of_one_connection_share_nothing_visible),
        cmocka_unit_test(another_key_leads_elsewhere),
    };
    return cmocka_run_group_tests_name("net_cid", tests, NULL, NULL);
}
