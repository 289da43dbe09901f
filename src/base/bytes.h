/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors over bytes whose failure sticks: read or write field after field in wire order, ask once at the
 * end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Reads big-endian fields from borrowed bytes. After the first short read every read gives zeros. */
struct wzp_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

/** Writes big-endian fields into a caller's buffer. After the first overflow nothing more is written. */
struct wzp_writer {
    uint8_t *start;
    uint8_t *at;
    uint8_t *end;
    bool failed;
};

static inline struct wzp_reader wzp_reader_of(const void *bytes, size_t size)
{
    const uint8_t *start = bytes;
    return (struct wzp_reader){.at = start, .end = start ? start + size : start};
}

static inline size_t wzp_reader_left(const struct wzp_reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

/** The next `size` bytes, borrowed; NULL (and failed) where fewer are left. */
static inline const uint8_t *wzp_read_bytes(struct wzp_reader *reader, size_t size)
{
    if (reader->failed || wzp_reader_left(reader) < size) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *bytes = reader->at;
    reader->at = size > 0 ? bytes + size : bytes; /* NULL + 0 is undefined */
    return bytes;
}

static inline uint8_t wzp_read_u8(struct wzp_reader *reader)
{
    const uint8_t *b = wzp_read_bytes(reader, 1);
    return b ? b[0] : 0;
}

static inline uint16_t wzp_read_u16(struct wzp_reader *reader)
{
    const uint8_t *b = wzp_read_bytes(reader, 2);
    return b ? (uint16_t)(b[0] << 8 | b[1]) : 0;
}

static inline uint32_t wzp_read_u32(struct wzp_reader *reader)
{
    const uint8_t *b = wzp_read_bytes(reader, 4);
    return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

static inline struct wzp_writer wzp_writer_of(void *buffer, size_t size)
{
    uint8_t *start = buffer;
    return (struct wzp_writer){.start = start, .at = start, .end = start ? start + size : start};
}

/** Bytes written so far. */
static inline size_t wzp_writer_size(const struct wzp_writer *writer)
{
    return (size_t)(writer->at - writer->start);
}

/** Room for the next `size` bytes, which the caller fills; NULL (and failed) where it does not fit. */
static inline uint8_t *wzp_write_space(struct wzp_writer *writer, size_t size)
{
    if (writer->failed || (size_t)(writer->end - writer->at) < size) {
        writer->failed = true;
        return NULL;
    }
    uint8_t *space = writer->at;
    writer->at = size > 0 ? space + size : space; /* NULL + 0 is undefined */
    return space;
}

static inline void wzp_write_bytes(struct wzp_writer *writer, const void *bytes, size_t size)
{
    uint8_t *space = wzp_write_space(writer, size);
    if (space && size > 0) {
        memcpy(space, bytes, size);
    }
}

static inline void wzp_write_u8(struct wzp_writer *writer, uint8_t value)
{
    uint8_t *b = wzp_write_space(writer, 1);
    if (b) {
        b[0] = value;
    }
}

static inline void wzp_write_u16(struct wzp_writer *writer, uint16_t value)
{
    uint8_t *b = wzp_write_space(writer, 2);
    if (b) {
        b[0] = (uint8_t)(value >> 8);
        b[1] = (uint8_t)value;
    }
}

static inline void wzp_write_u32(struct wzp_writer *writer, uint32_t value)
{
    uint8_t *b = wzp_write_space(writer, 4);
    if (b) {
        b[0] = (uint8_t)(value >> 24);
        b[1] = (uint8_t)(value >> 16);
        b[2] = (uint8_t)(value >> 8);
        b[3] = (uint8_t)value;
    }
}
