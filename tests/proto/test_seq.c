/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/seq.h"
#include "support/wzp_test.h"

static void distances_wrap_around(void **state)
{
    (void)state;
    static const struct {
        uint16_t seq, base;
        int32_t ahead;
    } rows[] = {
        {5, 5, 0},         {6, 5, 1},          {5, 6, -1},         {0, 65535, 1},   {65535, 0, -1},
        {32767, 0, 32767}, {32768, 0, -32768}, {0, 32768, -32768}, {10, 65530, 16}, {65530, 10, -16},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        assert_int_equal(wzp_seq_ahead(rows[i].seq, rows[i].base), rows[i].ahead);
        assert_int_equal(wzp_seq_is_newer(rows[i].seq, rows[i].base), rows[i].ahead > 0);
    }
}

static void a_count_goes_on_over_the_wrap_and_back(void **state)
{
    (void)state;
    uint64_t count = WZP_SEQ_START + 65534;
    const uint16_t seqs[] = {65535, 0, 1, 65535, 3, 2};
    const uint64_t expected[] = {65535, 65536, 65537, 65535, 65539, 65538};
    for (size_t i = 0; i < wzp_count(seqs); i++) {
        count = wzp_seq_extend(count, seqs[i]);
        assert_int_equal(count, WZP_SEQ_START + expected[i]);
    }
    assert_int_equal(wzp_seq_extend(WZP_SEQ_START, 65535), WZP_SEQ_START - 1);
}

static void a_count_follows_a_million_packets(void **state)
{
    (void)state;
    uint64_t count = WZP_SEQ_START;
    for (uint64_t i = 0; i < 1000000; i += 7) {
        count = wzp_seq_extend(count, (uint16_t)i);
        assert_int_equal(count, WZP_SEQ_START + i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_wrap_around),
        cmocka_unit_test(a_count_goes_on_over_the_wrap_and_back),
        cmocka_unit_test(a_count_follows_a_million_packets),
    };
    return cmocka_run_group_tests_name("proto_seq", tests, NULL, NULL);
}
