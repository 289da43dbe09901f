/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows up to a limit. Failure sticks: append piece after piece, ask once at the end. */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"

/** A value: fill it with wzp_buffer_init. `text` is NULL while nothing was appended, else NUL-terminated. */
struct wzp_buffer {
    char *text;
    size_t size; /* bytes of text, without the NUL */
    size_t capacity;
    size_t limit;     /* most bytes of text */
    enum wzp_err err; /* WZP_OK, or the first failure; nothing is appended after it */
};

/** An empty buffer of at most `limit` bytes; takes no memory yet. */
void wzp_buffer_init(struct wzp_buffer *buffer, size_t limit);

/** Gives the memory back; the buffer is empty then and may be used again. */
void wzp_buffer_deinit(struct wzp_buffer *buffer);

/** Empties it, forgets a failure and keeps the memory. */
void wzp_buffer_clear(struct wzp_buffer *buffer);

/** Appends `size` bytes. Sets `err` to WZP_ELIMIT where they go over the limit, or WZP_ENOMEM. */
void wzp_buffer_add(struct wzp_buffer *buffer, const void *bytes, size_t size);

void wzp_buffer_add_text(struct wzp_buffer *buffer, const char *text);

/** Appends printf text. */
void wzp_buffer_print(struct wzp_buffer *buffer, const char *format, ...) WZP_PRINTF(2, 3);

/** Appends `text` as a JSON string with its quotes (RFC 8259 section 7); text that is not UTF-8 becomes "".
 */
void wzp_buffer_add_json(struct wzp_buffer *buffer, const char *text);
