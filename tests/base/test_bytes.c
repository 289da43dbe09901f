/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "support/wzp_test.h"

static const uint8_t fields[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xaa, 0xbb};

static void fields_read_back_big_endian_in_wire_order(void **state)
{
    (void)state;
    struct wzp_reader reader = wzp_reader_of(fields, sizeof fields);
    assert_int_equal(wzp_read_u8(&reader), 0x01);
    assert_int_equal(wzp_read_u16(&reader), 0x0203);
    assert_int_equal(wzp_read_u32(&reader), 0x04050607);
    assert_memory_equal(wzp_read_bytes(&reader, 2), "\xaa\xbb", 2);
    assert_int_equal(wzp_reader_left(&reader), 0);
    assert_false(reader.failed);
}

static void fields_write_big_endian_in_wire_order(void **state)
{
    (void)state;
    uint8_t out[sizeof fields];
    struct wzp_writer writer = wzp_writer_of(out, sizeof out);
    wzp_write_u8(&writer, 0x01);
    wzp_write_u16(&writer, 0x0203);
    wzp_write_u32(&writer, 0x04050607);
    wzp_write_bytes(&writer, "\xaa\xbb", 2);
    assert_false(writer.failed);
    assert_int_equal(wzp_writer_size(&writer), sizeof fields);
    assert_memory_equal(out, fields, sizeof fields);
}

static void every_truncation_fails_and_gives_zeros_from_there_on(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof fields; size++) {
        struct wzp_reader reader = wzp_reader_of(fields, size);
        wzp_read_u8(&reader);
        wzp_read_u16(&reader);
        wzp_read_u32(&reader);
        wzp_read_bytes(&reader, 2);
        assert_true(reader.failed);
        assert_int_equal(wzp_read_u8(&reader), 0);
        assert_null(wzp_read_bytes(&reader, 0));
    }
}

static void a_failed_reader_gives_nothing_although_bytes_are_left(void **state)
{
    (void)state;
    struct wzp_reader reader = wzp_reader_of(fields, 3);
    assert_int_equal(wzp_read_u32(&reader), 0);
    assert_int_equal(wzp_reader_left(&reader), 3);
    assert_int_equal(wzp_read_u8(&reader), 0);
    assert_int_equal(wzp_read_u16(&reader), 0);
}

static void an_overflow_sticks_and_touches_nothing_behind_the_end(void **state)
{
    (void)state;
    for (size_t size = 0; size < 7; size++) {
        uint8_t out[8];
        memset(out, 0xee, sizeof out);
        struct wzp_writer writer = wzp_writer_of(out, size);
        wzp_write_u8(&writer, 1);
        wzp_write_u16(&writer, 2);
        wzp_write_u32(&writer, 3);
        wzp_write_u8(&writer, 4);
        assert_true(writer.failed);
        assert_true(wzp_writer_size(&writer) <= size);
        for (size_t i = size; i < sizeof out; i++) {
            assert_int_equal(out[i], 0xee);
        }
    }
}

static void nothing_reads_and_writes_as_nothing(void **state)
{
    (void)state;
    struct wzp_reader reader = wzp_reader_of(NULL, 0);
    assert_int_equal(wzp_reader_left(&reader), 0);
    assert_int_equal(wzp_read_u8(&reader), 0);
    assert_true(reader.failed);
    struct wzp_writer writer = wzp_writer_of(NULL, 0);
    wzp_write_bytes(&writer, "", 0);
    assert_int_equal(wzp_writer_size(&writer), 0);
}

static void a_size_that_would_wrap_the_pointer_is_refused(void **state)
{
    (void)state;
    uint8_t out[4];
    struct wzp_reader reader = wzp_reader_of(fields, sizeof fields);
    assert_null(wzp_read_bytes(&reader, SIZE_MAX));
    struct wzp_writer writer = wzp_writer_of(out, sizeof out);
    assert_null(wzp_write_space(&writer, SIZE_MAX));
    assert_true(reader.failed && writer.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_read_back_big_endian_in_wire_order),
        cmocka_unit_test(fields_write_big_endian_in_wire_order),
        cmocka_unit_test(every_truncation_fails_and_gives_zeros_from_there_on),
        cmocka_unit_test(a_failed_reader_gives_nothing_although_bytes_are_left),
        cmocka_unit_test(an_overflow_sticks_and_touches_nothing_behind_the_end),
        cmocka_unit_test(nothing_reads_and_writes_as_nothing),
        cmocka_unit_test(a_size_that_would_wrap_the_pointer_is_refused),
    };
    return cmocka_run_group_tests_name("base_bytes", tests, NULL, NULL);
}
