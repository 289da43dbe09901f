/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Media datagrams: the 12-byte header, the payload, and the quality report behind it. Source: wire-protocol
 * sections 4 and 7; G1 sections 3.1 and 3.2.
 *
 *   byte 0    V T codec(4) Q ratio(1)     version/sealed, repair, codec, report follows, FEC ratio bit 6
 *   byte 1    ratio(6) 0 0                FEC ratio bits 5..0
 *   byte 2-3  sequence number             +1 per packet, repair and comfort noise too; starts anywhere
 *   byte 4-7  timestamp                   unit differs between senders: never trusted
 *   byte 8-9  FEC block, index in block
 *   byte 10-11 stream number; on the way from a client to its relay byte 10 is the audio level
 *
 * A relay forwards bytes: it asks wzp_media_is_valid once, then uses the inline accessors on the datagram.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "proto/codec_id.h"

#define WZP_MEDIA_HEADER_BYTES    12
#define WZP_MEDIA_REPORT_BYTES    4
#define WZP_MEDIA_G1_REPAIR_BYTES 256  /* a repair payload of this size is a G1 RaptorQ symbol */
#define WZP_MEDIA_MAX_RATIO       127  /* of the encoded FEC ratio: 2.0 */
#define WZP_MEDIA_NO_STREAM       0    /* stream number of senders behind a G1 relay */
#define WZP_MEDIA_LEVEL_VOICE     0x80 /* bit of the audio level: voice activity (RFC 6464) */
#define WZP_MEDIA_LEVEL_MASK      0x7f /* bits of the audio level: -dBov, 0 the loudest, 127 silence */

struct wzp_media_header {
    bool is_sealed;  /* V: an end-to-end sealed payload; forwarded, not decoded */
    bool is_repair;  /* T */
    bool has_report; /* Q */
    enum wzp_codec_id codec;
    uint8_t fec_ratio; /* encoded: 0 to WZP_MEDIA_MAX_RATIO; 0 also means "takes no part in FEC" */
    uint16_t seq;
    uint32_t timestamp;
    uint8_t fec_block;
    uint8_t fec_index;
    uint16_t stream; /* WZP_MEDIA_NO_STREAM, or who speaks; uplink: level in the high byte */
};

/** The report as the wire has it. */
struct wzp_media_report {
    uint8_t loss;    /* 255ths: 255 is everything lost */
    uint8_t rtt_4ms; /* in units of 4 ms */
    uint8_t jitter_ms;
    uint8_t cap_kbps; /* bitrate cap */
};

/** The report in units of this program. */
struct wzp_media_quality {
    double loss_pct; /* 0 to 100 */
    wzp_us rtt_us;
    wzp_us jitter_us;
    uint32_t cap_bps;
};

/** A datagram taken apart; `payload` is borrowed from it. */
struct wzp_media_packet {
    struct wzp_media_header header;
    struct wzp_media_report report; /* zeros without `has_report` */
    const uint8_t *payload;         /* without the report; what it points to is not NULL but may be empty */
    size_t payload_size;
};

/** WZP_EMALFORMED: shorter than a header, or than header and report where Q says so; codec 9 to 15. */
WZP_MUST_USE enum wzp_err wzp_media_read(const uint8_t *bytes, size_t size,
                                         struct wzp_media_packet *out_packet);

/**
 * Writes header, payload and, with `has_report`, report.
 *
 * WZP_ELIMIT: `capacity` is too small. WZP_EINVAL: codec or FEC ratio is out of range.
 */
WZP_MUST_USE enum wzp_err wzp_media_write(const struct wzp_media_packet *packet, uint8_t *buffer,
                                          size_t capacity, size_t *out_size);

/** Rounds half away from zero to 0..127; 0.2 is 13, 1.0 is 64, from 2.0 up 127. Below 0 and NaN are 0. */
uint8_t wzp_media_ratio_encode(float ratio);
float wzp_media_ratio_decode(uint8_t fec_ratio);

/** Fractions are cut off and what is over the range becomes 255, as G1 does. Decoding and encoding again
 * gives the same report. */
struct wzp_media_report wzp_media_report_encode(const struct wzp_media_quality *quality);
struct wzp_media_quality wzp_media_report_decode(const struct wzp_media_report *report);

/** What everything else below requires of a datagram: the checks of wzp_media_read, without taking apart. */
static inline bool wzp_media_is_valid(const uint8_t *bytes, size_t size)
{
    if (size < WZP_MEDIA_HEADER_BYTES || (bytes[0] >> 2 & 15) >= WZP_CODECS) {
        return false;
    }
    return !(bytes[0] & 0x02) || size >= WZP_MEDIA_HEADER_BYTES + WZP_MEDIA_REPORT_BYTES;
}

static inline bool wzp_media_is_repair(const uint8_t *bytes)
{
    return bytes[0] & 0x40;
}

static inline bool wzp_media_has_report(const uint8_t *bytes)
{
    return bytes[0] & 0x02;
}

static inline enum wzp_codec_id wzp_media_codec(const uint8_t *bytes)
{
    return (enum wzp_codec_id)(bytes[0] >> 2 & 15);
}

static inline uint16_t wzp_media_seq(const uint8_t *bytes)
{
    return (uint16_t)(bytes[2] << 8 | bytes[3]);
}

static inline uint16_t wzp_media_stream(const uint8_t *bytes)
{
    return (uint16_t)(bytes[10] << 8 | bytes[11]);
}

/** The audio level that a client sent (0: none). Ask before stamping, which overwrites it. */
static inline uint8_t wzp_media_level(const uint8_t *bytes)
{
    return bytes[10];
}

static inline void wzp_media_stamp_stream(uint8_t *bytes, uint16_t stream)
{
    bytes[10] = (uint8_t)(stream >> 8);
    bytes[11] = (uint8_t)stream;
}

static inline void wzp_media_stamp_level(uint8_t *bytes, uint8_t level)
{
    bytes[10] = level;
    bytes[11] = 0;
}
