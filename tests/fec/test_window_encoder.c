/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"
#include "fec/gf256.h"
#include "fec/window_encoder.h"
#include "support/wzp_test.h"

static struct wzp_window_encoder *encoder_of(size_t window, double ratio)
{
    struct wzp_window_encoder *encoder = NULL;
    assert_ok(wzp_window_encoder_new(window, ratio, 65533, &encoder));
    return encoder;
}

static void a_ratio_of_a_fifth_is_fifty_in_250(void **state)
{
    (void)state;
    static const struct {
        double ratio;
        size_t n_repairs; /* of 250 packets */
    } rows[] = {{0, 0}, {0.1, 25}, {0.2, 50}, {0.3, 75}, {0.5, 125}, {1.0, 250}, {2.0, 500}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_window_encoder *encoder = encoder_of(20, rows[i].ratio);
        size_t n_repairs = 0;
        for (uint16_t seq = 0; seq < 250; seq++) {
            uint8_t frame[60] = {1};
            uint8_t payload[WZP_REPAIR_MAX_PAYLOAD_BYTES];
            size_t size = 0;
            assert_ok(wzp_window_encoder_add(encoder, seq, frame, sizeof frame));
            for (; wzp_window_encoder_due(encoder) > 0; n_repairs++) {
                assert_ok(wzp_window_encoder_repair(encoder, payload, &size));
                assert_true(rows[i].ratio != 0.2 || seq % 5 == 4); /* after every fifth */
            }
        }
        assert_int_equal(n_repairs, rows[i].n_repairs);
        wzp_window_encoder_free(encoder);
    }
}

static void due_repairs_that_nobody_makes_do_not_pile_up(void **state)
{
    (void)state;
    struct wzp_window_encoder *encoder = encoder_of(4, 2);
    uint8_t byte = 0;
    for (uint16_t seq = 0; seq < 1000; seq++) {
        assert_ok(wzp_window_encoder_add(encoder, seq, &byte, 1));
    }
    assert_int_equal(wzp_window_encoder_due(encoder), 8);
    wzp_window_encoder_free(encoder);
}

/** Sums the cells the long way. */
static void the_symbol_is_the_sum_of_coefficients_times_cells(void **state)
{
    (void)state;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 2);
    struct wzp_window_encoder *encoder = encoder_of(5, 1);
    uint8_t frames[12][400];
    size_t sizes[12];
    for (size_t i = 0; i < 12; i++) {
        sizes[i] = wzp_random_below(&random, sizeof frames[0] + 1);
        random.fill(random.context, frames[i], sizes[i]);
        assert_ok(wzp_window_encoder_add(encoder, (uint16_t)(65530 + 2 * i), frames[i], sizes[i]));
        uint8_t payload[WZP_REPAIR_MAX_PAYLOAD_BYTES];
        size_t size = 0;
        assert_ok(wzp_window_encoder_repair(encoder, payload, &size));
        struct wzp_repair repair;
        assert_ok(wzp_repair_read(payload, size, &repair));
        size_t window = wzp_min_size(i + 1, 5);
        assert_int_equal(repair.window, window);
        assert_int_equal(repair.newest, (uint16_t)(65530 + 2 * i));
        assert_int_equal(repair.key, (uint16_t)(65533 + i));
        uint8_t coefficients[5];
        uint8_t want[WZP_REPAIR_MAX_SYMBOL_BYTES] = {0};
        size_t longest = 0;
        wzp_repair_coefficients(repair.key, coefficients, window);
        for (size_t k = 0; k < window; k++) {
            size_t i_frame = i + 1 - window + k;
            uint8_t cell[402] = {(uint8_t)(sizes[i_frame] >> 8), (uint8_t)sizes[i_frame]};
            memcpy(cell + 2, frames[i_frame], sizes[i_frame]);
            for (size_t b = 0; b < sizes[i_frame] + 2; b++) {
                want[b] ^= wzp_gf256_mul(coefficients[k], cell[b]);
            }
            longest = wzp_max_size(longest, sizes[i_frame] + 2);
        }
        assert_in_range(repair.symbol_size, longest, longest + 1);
        assert_memory_equal(repair.symbol, want, repair.symbol_size);
    }
    wzp_window_encoder_free(encoder);
}

static void a_payload_is_never_256_bytes_long(void **state)
{
    (void)state;
    for (size_t size = 0; size <= WZP_REPAIR_MAX_FRAME_BYTES; size++) {
        struct wzp_window_encoder *encoder = encoder_of(3, 1);
        uint8_t frame[WZP_REPAIR_MAX_FRAME_BYTES] = {0};
        uint8_t payload[WZP_REPAIR_MAX_PAYLOAD_BYTES];
        size_t payload_size = 0;
        assert_ok(wzp_window_encoder_add(encoder, 1, frame, size));
        assert_ok(wzp_window_encoder_repair(encoder, payload, &payload_size));
        assert_int_equal(payload_size, size == 248 ? 257 : 8 + size);
        wzp_window_encoder_free(encoder);
    }
}

static void an_empty_window_makes_no_repair(void **state)
{
    (void)state;
    struct wzp_window_encoder *encoder = encoder_of(3, 1);
    uint8_t payload[WZP_REPAIR_MAX_PAYLOAD_BYTES];
    uint8_t frame[WZP_REPAIR_MAX_FRAME_BYTES + 1] = {0};
    size_t size = 0;
    assert_int_equal(wzp_window_encoder_repair(encoder, payload, &size), WZP_ENOTFOUND);
    assert_ok(wzp_window_encoder_add(encoder, 1, frame, 10));
    wzp_window_encoder_reset(encoder);
    assert_int_equal(wzp_window_encoder_repair(encoder, payload, &size), WZP_ENOTFOUND);
    assert_ok(wzp_window_encoder_add(encoder, 2, frame, 10));
    assert_int_equal(wzp_window_encoder_add(encoder, 3, frame, sizeof frame), WZP_EINVAL);
    assert_int_equal(wzp_window_encoder_repair(encoder, payload, &size), WZP_ENOTFOUND);
    assert_ok(wzp_window_encoder_add(encoder, 4, frame, 10));
    assert_ok(wzp_window_encoder_repair(encoder, payload, &size));
    assert_int_equal(payload[1], 1);
    wzp_window_encoder_free(encoder);
}

static void settings_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t window;
        double ratio;
    } rows[] = {{0, 0.2}, {65, 0.2}, {5, -0.1}, {5, 2.1}, {5, 0.0 / 0.0}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_window_encoder *encoder = NULL;
        assert_int_equal(wzp_window_encoder_new(rows[i].window, rows[i].ratio, 0, &encoder), WZP_EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ratio_of_a_fifth_is_fifty_in_250),
        cmocka_unit_test(due_repairs_that_nobody_makes_do_not_pile_up),
        cmocka_unit_test(the_symbol_is_the_sum_of_coefficients_times_cells),
        cmocka_unit_test(a_payload_is_never_256_bytes_long),
        cmocka_unit_test(an_empty_window_makes_no_repair),
        cmocka_unit_test(settings_out_of_range_are_refused),
    };
    return cmocka_run_group_tests_name("fec_window_encoder", tests, NULL, NULL);
}
