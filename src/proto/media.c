/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/media.h"

#include "base/bytes.h"

#define RATIO_UNITS 63.5F /* encoded units of an FEC ratio of 1 */

static struct wzp_media_header read_header(struct wzp_reader *reader)
{
    uint8_t flags = wzp_read_u8(reader);
    uint8_t ratio = wzp_read_u8(reader);
    struct wzp_media_header header = {
        .is_sealed = flags & 0x80,
        .is_repair = flags & 0x40,
        .has_report = flags & 0x02,
        .codec = (enum wzp_codec_id)(flags >> 2 & 15),
        .fec_ratio = (uint8_t)((flags & 1) << 6 | ratio >> 2),
    };
    header.seq = wzp_read_u16(reader);
    header.timestamp = wzp_read_u32(reader);
    header.fec_block = wzp_read_u8(reader);
    header.fec_index = wzp_read_u8(reader);
    header.stream = wzp_read_u16(reader);
    return header;
}

static void write_header(struct wzp_writer *writer, const struct wzp_media_header *header)
{
    uint8_t flags = (uint8_t)(header->is_sealed << 7 | header->is_repair << 6 | header->codec << 2 |
                              header->has_report << 1 | header->fec_ratio >> 6);
    wzp_write_u8(writer, flags);
    wzp_write_u8(writer, (uint8_t)((header->fec_ratio & 63) << 2));
    wzp_write_u16(writer, header->seq);
    wzp_write_u32(writer, header->timestamp);
    wzp_write_u8(writer, header->fec_block);
    wzp_write_u8(writer, header->fec_index);
    wzp_write_u16(writer, header->stream);
}

static struct wzp_media_report read_report(struct wzp_reader *reader)
{
    struct wzp_media_report report = {.loss = wzp_read_u8(reader)};
    report.rtt_4ms = wzp_read_u8(reader);
    report.jitter_ms = wzp_read_u8(reader);
    report.cap_kbps = wzp_read_u8(reader);
    return report;
}

static void write_report(struct wzp_writer *writer, const struct wzp_media_report *report)
{
    wzp_write_u8(writer, report->loss);
    wzp_write_u8(writer, report->rtt_4ms);
    wzp_write_u8(writer, report->jitter_ms);
    wzp_write_u8(writer, report->cap_kbps);
}

enum wzp_err wzp_media_read(const uint8_t *bytes, size_t size, struct wzp_media_packet *out_packet)
{
    if (!wzp_media_is_valid(bytes, size)) {
        return WZP_EMALFORMED;
    }
    struct wzp_reader reader = wzp_reader_of(bytes, size);
    struct wzp_media_packet packet = {.header = read_header(&reader)};
    packet.payload_size = wzp_reader_left(&reader) - (packet.header.has_report ? WZP_MEDIA_REPORT_BYTES : 0);
    packet.payload = wzp_read_bytes(&reader, packet.payload_size);
    if (packet.header.has_report) {
        packet.report = read_report(&reader);
    }
    *out_packet = packet;
    return WZP_OK;
}

enum wzp_err wzp_media_write(const struct wzp_media_packet *packet, uint8_t *buffer, size_t capacity,
                             size_t *out_size)
{
    const struct wzp_media_header *header = &packet->header;
    if ((unsigned)header->codec >= WZP_CODECS || header->fec_ratio > WZP_MEDIA_MAX_RATIO) {
        return WZP_EINVAL;
    }
    struct wzp_writer writer = wzp_writer_of(buffer, capacity);
    write_header(&writer, header);
    wzp_write_bytes(&writer, packet->payload, packet->payload_size);
    if (header->has_report) {
        write_report(&writer, &packet->report);
    }
    if (writer.failed) {
        return WZP_ELIMIT;
    }
    *out_size = wzp_writer_size(&writer);
    return WZP_OK;
}

uint8_t wzp_media_ratio_encode(float ratio)
{
    if (!(ratio > 0)) { /* NaN too */
        return 0;
    }
    float units = ratio * RATIO_UNITS + 0.5F;
    return units < WZP_MEDIA_MAX_RATIO ? (uint8_t)units : WZP_MEDIA_MAX_RATIO;
}

float wzp_media_ratio_decode(uint8_t fec_ratio)
{
    return (float)fec_ratio / RATIO_UNITS;
}

static uint8_t clamp_u8(double value)
{
    if (!(value > 0)) {
        return 0;
    }
    return value < 255 ? (uint8_t)value : 255;
}

struct wzp_media_report wzp_media_report_encode(const struct wzp_media_quality *quality)
{
    const double rounding_error = 1e-9; /* so that a decoded loss is not cut to the next lower number */
    return (struct wzp_media_report){
        .loss = clamp_u8(quality->loss_pct / 100 * 255 + rounding_error),
        .rtt_4ms = clamp_u8((double)quality->rtt_us / 4000),
        .jitter_ms = clamp_u8((double)quality->jitter_us / 1000),
        .cap_kbps = clamp_u8((double)quality->cap_bps / 1000),
    };
}

struct wzp_media_quality wzp_media_report_decode(const struct wzp_media_report *report)
{
    return (struct wzp_media_quality){
        .loss_pct = report->loss * 100.0 / 255,
        .rtt_us = report->rtt_4ms * 4 * WZP_MS,
        .jitter_us = report->jitter_ms * WZP_MS,
        .cap_bps = report->cap_kbps * 1000U,
    };
}
