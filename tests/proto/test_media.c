/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/media.h"
#include "support/wzp_test.h"

/* The worked examples of G1 section 3.7; B's 256-byte payload is made in the test. */
static const struct {
    const char *name;
    uint8_t bytes[20];
    size_t size;
    struct wzp_media_packet packet;
    uint8_t payload[4];
} vectors[] = {
    {
        .name = "A: Opus 24k source",
        .bytes = {0x00, 0x34, 0x00, 0x07, 0x00, 0x00, 0x00, 0x8c, 0x01, 0x02, 0x00, 0x00, 0xf8, 0xff, 0xfe},
        .size = 15,
        .packet = {.header = {.codec = WZP_CODEC_OPUS_24K,
                              .fec_ratio = 13,
                              .seq = 7,
                              .timestamp = 140,
                              .fec_block = 1,
                              .fec_index = 2},
                   .payload_size = 3},
        .payload = {0xf8, 0xff, 0xfe},
    },
    {
        .name = "C: comfort noise",
        .bytes = {0x14, 0x00, 0x01, 0x2c, 0x00, 0x00, 0x17, 0x70, 0x3c, 0x00, 0x00, 0x00, 0x32},
        .size = 13,
        .packet =
            {.header = {.codec = WZP_CODEC_COMFORT_NOISE, .seq = 300, .timestamp = 6000, .fec_block = 60},
             .payload_size = 1},
        .payload = {50},
    },
    {
        .name = "D: Opus 64k source with quality report",
        .bytes = {0x22, 0x18, 0x00, 0x32, 0x00, 0x00, 0xbb, 0x80, 0x08, 0x02, 0x00, 0x00, 0xaa, 0xbb, 0x0c,
                  0x1e, 0x09, 0x40},
        .size = 18,
        .packet = {.header = {.has_report = true,
                              .codec = WZP_CODEC_OPUS_64K,
                              .fec_ratio = 6,
                              .seq = 50,
                              .timestamp = 48000,
                              .fec_block = 8,
                              .fec_index = 2},
                   .report = {12, 30, 9, 64},
                   .payload_size = 2},
        .payload = {0xaa, 0xbb},
    },
    {
        .name = "sealed, with a stream number and no payload",
        .bytes = {0x80, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x12, 0x34},
        .size = 12,
        .packet = {.header = {.is_sealed = true,
                              .codec = WZP_CODEC_OPUS_24K,
                              .seq = 0xffff,
                              .timestamp = 0xffffffff,
                              .fec_block = 255,
                              .fec_index = 255,
                              .stream = 0x1234}},
    },
};

static void check_header(const struct wzp_media_header *a, const struct wzp_media_header *b)
{
    assert_int_equal(a->is_sealed, b->is_sealed);
    assert_int_equal(a->is_repair, b->is_repair);
    assert_int_equal(a->has_report, b->has_report);
    assert_int_equal(a->codec, b->codec);
    assert_int_equal(a->fec_ratio, b->fec_ratio);
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->timestamp, b->timestamp);
    assert_int_equal(a->fec_block, b->fec_block);
    assert_int_equal(a->fec_index, b->fec_index);
    assert_int_equal(a->stream, b->stream);
}

static void check_written_back(const struct wzp_media_packet *packet, const uint8_t *bytes, size_t size)
{
    uint8_t buffer[WZP_MEDIA_HEADER_BYTES + WZP_MEDIA_G1_REPAIR_BYTES];
    size_t written = 0;
    assert_ok(wzp_media_write(packet, buffer, size, &written));
    assert_int_equal(written, size);
    assert_memory_equal(buffer, bytes, size);
    assert_int_equal(wzp_media_write(packet, buffer, size - 1, &written), WZP_ELIMIT);
}

static void every_vector_reads_and_writes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(vectors); i++) {
        struct wzp_media_packet packet;
        print_message("# %s\n", vectors[i].name);
        assert_ok(wzp_media_read(vectors[i].bytes, vectors[i].size, &packet));
        check_header(&packet.header, &vectors[i].packet.header);
        assert_int_equal(packet.payload_size, vectors[i].packet.payload_size);
        assert_memory_equal(packet.payload, vectors[i].payload, packet.payload_size);
        assert_memory_equal(&packet.report, &vectors[i].packet.report, sizeof packet.report);
        check_written_back(&packet, vectors[i].bytes, vectors[i].size);
    }
}

static void vector_b_a_first_generation_repair(void **state)
{
    (void)state;
    uint8_t bytes[WZP_MEDIA_HEADER_BYTES + WZP_MEDIA_G1_REPAIR_BYTES] = {0x51, 0x00, 0x00, 0x0a, 0x00,
                                                                         0x00, 0x01, 0x40, 0x00, 0x0a};
    memset(bytes + WZP_MEDIA_HEADER_BYTES, 0x5a, WZP_MEDIA_G1_REPAIR_BYTES);
    const struct wzp_media_header expected = {.is_repair = true,
                                              .codec = WZP_CODEC_CODEC2_1200,
                                              .fec_ratio = 64,
                                              .seq = 10,
                                              .timestamp = 320,
                                              .fec_index = 10};
    struct wzp_media_packet packet;
    assert_ok(wzp_media_read(bytes, sizeof bytes, &packet));
    check_header(&packet.header, &expected);
    assert_int_equal(packet.payload_size, WZP_MEDIA_G1_REPAIR_BYTES);
    check_written_back(&packet, bytes, sizeof bytes);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct wzp_media_packet packet;
    for (size_t size = 0; size < WZP_MEDIA_HEADER_BYTES; size++) {
        assert_int_equal(wzp_media_read(vectors[0].bytes, size, &packet), WZP_EMALFORMED);
        assert_false(wzp_media_is_valid(vectors[0].bytes, size));
    }
    for (size_t size = 0; size < WZP_MEDIA_HEADER_BYTES + WZP_MEDIA_REPORT_BYTES; size++) {
        assert_int_equal(wzp_media_read(vectors[2].bytes, size, &packet), WZP_EMALFORMED);
    }
    assert_ok(wzp_media_read(vectors[2].bytes, 16, &packet));
    assert_int_equal(packet.payload_size, 0);
    assert_int_equal(packet.report.loss, 0xaa);
}

static void invalid_codecs_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[16] = {0};
    for (unsigned codec = 0; codec < 16; codec++) {
        struct wzp_media_packet packet;
        bytes[0] = (uint8_t)(codec << 2);
        enum wzp_err expected = codec < WZP_CODECS ? WZP_OK : WZP_EMALFORMED;
        assert_int_equal(wzp_media_read(bytes, sizeof bytes, &packet), expected);
    }
}

static void a_packet_out_of_range_is_not_written(void **state)
{
    (void)state;
    uint8_t buffer[16];
    size_t size;
    const struct wzp_media_packet codec = {.header = {.codec = (enum wzp_codec_id)9}};
    const struct wzp_media_packet ratio = {.header = {.fec_ratio = 128}};
    assert_int_equal(wzp_media_write(&codec, buffer, sizeof buffer, &size), WZP_EINVAL);
    assert_int_equal(wzp_media_write(&ratio, buffer, sizeof buffer, &size), WZP_EINVAL);
}

static void unused_bits_are_ignored(void **state)
{
    (void)state;
    const uint8_t bytes[12] = {0x00, 0x37};
    struct wzp_media_packet packet;
    assert_ok(wzp_media_read(bytes, sizeof bytes, &packet));
    assert_int_equal(packet.header.fec_ratio, 13);
}

static void accessors_agree_with_the_reader(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        uint8_t bytes[16] = {(uint8_t)first, 0xa5, 0x12, 0x34, 5, 6, 7, 8, 9, 10, 0x87, 0x65};
        struct wzp_media_packet packet;
        bool is_valid = wzp_media_is_valid(bytes, sizeof bytes);
        assert_int_equal(wzp_media_read(bytes, sizeof bytes, &packet) == WZP_OK, is_valid);
        if (!is_valid) {
            continue;
        }
        assert_int_equal(wzp_media_is_repair(bytes), packet.header.is_repair);
        assert_int_equal(wzp_media_has_report(bytes), packet.header.has_report);
        assert_int_equal(wzp_media_codec(bytes), packet.header.codec);
        assert_int_equal(wzp_media_seq(bytes), packet.header.seq);
        assert_int_equal(wzp_media_stream(bytes), packet.header.stream);
        assert_int_equal(wzp_media_level(bytes), 0x87);
    }
}

static void stamping_changes_two_bytes_only(void **state)
{
    (void)state;
    uint8_t bytes[15];
    memcpy(bytes, vectors[0].bytes, sizeof bytes);
    wzp_media_stamp_level(bytes, WZP_MEDIA_LEVEL_VOICE | 30);
    assert_int_equal(wzp_media_level(bytes), 0x9e);
    wzp_media_stamp_stream(bytes, 0xbeef);
    assert_int_equal(wzp_media_stream(bytes), 0xbeef);
    assert_memory_equal(bytes, vectors[0].bytes, 10);
    assert_memory_equal(bytes + 12, vectors[0].bytes + 12, 3);
}

static void ratios_encode_as_the_first_generation_does(void **state)
{
    (void)state;
    static const struct {
        float ratio;
        uint8_t encoded;
    } rows[] = {{0.0F, 0},  {0.1F, 6},   {0.2F, 13},  {0.3F, 19}, {0.5F, 32},
                {1.0F, 64}, {2.0F, 127}, {3.0F, 127}, {-1.0F, 0}, {1e30F, 127}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        assert_int_equal(wzp_media_ratio_encode(rows[i].ratio), rows[i].encoded);
    }
    assert_int_equal(wzp_media_ratio_encode(__builtin_nanf("")), 0);
    for (unsigned i = 0; i <= WZP_MEDIA_MAX_RATIO; i++) {
        assert_int_equal(wzp_media_ratio_encode(wzp_media_ratio_decode((uint8_t)i)), i);
    }
    assert_float_equal(wzp_media_ratio_decode(127), 2.0, 1e-6);
}

static void reports_convert_units(void **state)
{
    (void)state;
    const struct wzp_media_quality quality = {5.0, 120 * WZP_MS, 9 * WZP_MS, 64000};
    const struct wzp_media_report report = wzp_media_report_encode(&quality);
    assert_int_equal(report.loss, 12); /* 12.75, cut */
    assert_int_equal(report.rtt_4ms, 30);
    assert_int_equal(report.jitter_ms, 9);
    assert_int_equal(report.cap_kbps, 64);
    const struct wzp_media_quality worst = {250, 9 * WZP_SECOND, 9 * WZP_SECOND, 10000000};
    const struct wzp_media_report most = wzp_media_report_encode(&worst);
    assert_true(most.loss == 255 && most.rtt_4ms == 255 && most.jitter_ms == 255 && most.cap_kbps == 255);
    const struct wzp_media_quality nonsense = {-1, -1, -1, 0};
    const struct wzp_media_report least = wzp_media_report_encode(&nonsense);
    assert_true(least.loss == 0 && least.rtt_4ms == 0 && least.jitter_ms == 0 && least.cap_kbps == 0);
}

static void decoded_reports_encode_to_themselves(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t x = (uint8_t)i;
        const struct wzp_media_report report = {x, x, x, x};
        const struct wzp_media_quality quality = wzp_media_report_decode(&report);
        const struct wzp_media_report again = wzp_media_report_encode(&quality);
        assert_memory_equal(&again, &report, sizeof report);
    }
    const struct wzp_media_report all = {.loss = 255};
    assert_float_equal(wzp_media_report_decode(&all).loss_pct, 100.0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_reads_and_writes_back),
        cmocka_unit_test(vector_b_a_first_generation_repair),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(invalid_codecs_are_refused),
        cmocka_unit_test(a_packet_out_of_range_is_not_written),
        cmocka_unit_test(unused_bits_are_ignored),
        cmocka_unit_test(accessors_agree_with_the_reader),
        cmocka_unit_test(stamping_changes_two_bytes_only),
        cmocka_unit_test(ratios_encode_as_the_first_generation_does),
        cmocka_unit_test(reports_convert_units),
        cmocka_unit_test(decoded_reports_encode_to_themselves),
    };
    return cmocka_run_group_tests_name("proto_media", tests, NULL, NULL);
}
