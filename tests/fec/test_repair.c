/* SPDX-License-Identifier: Apache-2.0 */
#include "fec/repair.h"
#include "support/wzp_test.h"

static void the_header_is_read_in_wire_order(void **state)
{
    (void)state;
    static const uint8_t payload[] = {1, 20, 0x12, 0x34, 0xab, 0xcd, 7, 8, 9};
    struct wzp_repair repair;
    assert_ok(wzp_repair_read(payload, sizeof payload, &repair));
    assert_int_equal(repair.window, 20);
    assert_int_equal(repair.newest, 0x1234);
    assert_int_equal(repair.key, 0xabcd);
    assert_ptr_equal(repair.symbol, payload + 6);
    assert_int_equal(repair.symbol_size, 3);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    static const uint8_t payload[] = {1, 1, 0, 1, 0, 1, 0, 0};
    struct wzp_repair repair;
    for (size_t size = 0; size < sizeof payload; size++) {
        assert_int_equal(wzp_repair_read(payload, size, &repair), WZP_EMALFORMED);
    }
    assert_ok(wzp_repair_read(payload, sizeof payload, &repair));
}

static void what_is_out_of_range_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t scheme, window;
        size_t size;
        enum wzp_err err;
    } rows[] = {
        {1, 1, 8, WZP_OK},           {1, 64, WZP_REPAIR_MAX_PAYLOAD_BYTES, WZP_OK},
        {1, 0, 8, WZP_EMALFORMED},   {1, 65, 8, WZP_EMALFORMED},
        {1, 255, 8, WZP_EMALFORMED}, {1, 1, WZP_REPAIR_MAX_PAYLOAD_BYTES + 1, WZP_EMALFORMED},
        {0, 1, 8, WZP_EUNSUPPORTED}, {2, 1, 8, WZP_EUNSUPPORTED},
        {1, 1, 255, WZP_OK},         {1, 1, 256, WZP_EUNSUPPORTED}, /* the mark of the first generation */
        {1, 1, 257, WZP_OK},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        uint8_t payload[WZP_REPAIR_MAX_PAYLOAD_BYTES + 1] = {rows[i].scheme, rows[i].window};
        struct wzp_repair repair;
        assert_int_equal(wzp_repair_read(payload, rows[i].size, &repair), rows[i].err);
    }
}

/** Keys are seeds, the coefficients low bytes of the generator's numbers, zeros left out (RFC 8681
 * section 3.5). */
static void coefficients_are_those_of_the_generator(void **state)
{
    (void)state;
    uint8_t coefficients[5];
    wzp_repair_coefficients(1, coefficients, 5);
    static const uint32_t numbers[] = {2545341989, 981918433, 3715302833, 2387538352, 3591001365};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(coefficients[i], numbers[i] & 255);
    }
}

static void no_coefficient_is_zero_and_longer_windows_begin_alike(void **state)
{
    (void)state;
    for (unsigned key = 0; key <= UINT16_MAX; key += 7) {
        uint8_t longest[WZP_REPAIR_MAX_WINDOW];
        uint8_t shorter[WZP_REPAIR_MAX_WINDOW];
        wzp_repair_coefficients((uint16_t)key, longest, WZP_REPAIR_MAX_WINDOW);
        wzp_repair_coefficients((uint16_t)key, shorter, 13);
        assert_memory_equal(longest, shorter, 13);
        assert_null(memchr(longest, 0, sizeof longest));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_is_read_in_wire_order),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(what_is_out_of_range_is_refused),
        cmocka_unit_test(coefficients_are_those_of_the_generator),
        cmocka_unit_test(no_coefficient_is_zero_and_longer_windows_begin_alike),
    };
    return cmocka_run_group_tests_name("fec_repair", tests, NULL, NULL);
}
