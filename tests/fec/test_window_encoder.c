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

/** Makes what is due after packet `seq`; how many. */
static size_t make_due(struct wzp_window_encoder *encoder, uint16_t seq)
{
    uint8_t frame[60] = {1};
    uint8_t payload[WZP_REPAIR_MAX_PAYLOAD_BYTES];
    size_t size = 0;
    size_t n = 0;
    assert_ok(wzp_window_encoder_add(encoder, seq, frame, sizeof frame));
    for (; wzp_window_encoder_due(encoder) > 0; n++) {
        assert_ok(wzp_window_encoder_repair(encoder, payload, &size));
    }
    return n;
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
            n_repairs += make_due(encoder, seq);
        }
        assert_int_equal(n_repairs, rows[i].n_repairs);
        wzp_window_encoder_free(encoder);
    }
}

static void a_repair_comes_after_every_fifth(void **state)
{
    (void)state;
    struct wzp_window_encoder *encoder = encoder_of(20, 0.2);
    for (uint16_t seq = 0; seq < 250; seq++) {
        assert_int_equal(make_due(encoder, seq), seq % 5 == 4);
    }
    wzp_window_encoder_free(encoder);
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

#define N_FRAMES 12

/** Frames of all sizes. */
struct frames {
    size_t sizes[N_FRAMES];
    uint8_t bytes[N_FRAMES][400];
};

/** The sum over `n` frames from `first` on, the long way; gives its length. */
static size_t long_sum(const struct frames *frames, size_t first, size_t n, const uint8_t *coefficients,
                       uint8_t *out_sum)
{
    size_t longest = 0;
    memset(out_sum, 0, WZP_REPAIR_MAX_SYMBOL_BYTES);
    for (size_t k = 0; k < n; k++) {
        size_t size = frames->sizes[first + k];
        uint8_t cell[402] = {(uint8_t)(size >> 8), (uint8_t)size};
        memcpy(cell + 2, frames->bytes[first + k], size);
        for (size_t b = 0; b < size + 2; b++) {
            out_sum[b] ^= wzp_gf256_mul(coefficients[k], cell[b]);
        }
        longest = wzp_max_size(longest, size + 2);
    }
    return longest;
}

static void the_symbol_is_the_sum_of_coefficients_times_cells(void **state)
{
    (void)state;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, 2);
    struct wzp_window_encoder *encoder = encoder_of(5, 1);
    struct frames frames;
    for (size_t i = 0; i < N_FRAMES; i++) {
        frames.sizes[i] = wzp_random_below(&random, sizeof frames.bytes[0] + 1);
        random.fill(random.context, frames.bytes[i], frames.sizes[i]);
        uint16_t seq = (uint16_t)(65530 + 2 * i);
        assert_ok(wzp_window_encoder_add(encoder, seq, frames.bytes[i], frames.sizes[i]));
        uint8_t payload[WZP_REPAIR_MAX_PAYLOAD_BYTES];
        size_t size = 0;
        assert_ok(wzp_window_encoder_repair(encoder, payload, &size));
        struct wzp_repair repair;
        assert_ok(wzp_repair_read(payload, size, &repair));
        size_t window = wzp_min_size(i + 1, 5);
        assert_int_equal(repair.window, window);
        assert_int_equal(repair.newest, seq);
        assert_int_equal(repair.key, (uint16_t)(65533 + i));
        uint8_t coefficients[5];
        uint8_t want[WZP_REPAIR_MAX_SYMBOL_BYTES];
        wzp_repair_coefficients(repair.key, coefficients, window);
        size_t longest = long_sum(&frames, i + 1 - window, window, coefficients, want);
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
        cmocka_unit_test(a_repair_comes_after_every_fifth),
        cmocka_unit_test(due_repairs_that_nobody_makes_do_not_pile_up),
        cmocka_unit_test(the_symbol_is_the_sum_of_coefficients_times_cells),
        cmocka_unit_test(a_payload_is_never_256_bytes_long),
        cmocka_unit_test(an_empty_window_makes_no_repair),
        cmocka_unit_test(settings_out_of_range_are_refused),
    };
    return cmocka_run_group_tests_name("fec_window_encoder", tests, NULL, NULL);
}
