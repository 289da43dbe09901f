/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define WZP_BUFFER_FIRST_BYTES 256

void wzp_buffer_init(struct wzp_buffer *buffer, size_t limit)
{
    *buffer = (struct wzp_buffer){.limit = limit < SIZE_MAX / 4 ? limit : SIZE_MAX / 4};
}

void wzp_buffer_deinit(struct wzp_buffer *buffer)
{
    free(buffer->text);
    wzp_buffer_init(buffer, buffer->limit);
}

void wzp_buffer_clear(struct wzp_buffer *buffer)
{
    buffer->size = 0;
    buffer->err = WZP_OK;
    if (buffer->text) {
        buffer->text[0] = '\0';
    }
}

/** Room for `size` more bytes and the NUL. */
static bool reserve(struct wzp_buffer *buffer, size_t size)
{
    if (buffer->err != WZP_OK) {
        return false;
    }
    if (size > buffer->limit - buffer->size) {
        buffer->err = WZP_ELIMIT;
        return false;
    }
    size_t needed = buffer->size + size + 1;
    if (needed <= buffer->capacity) {
        return true;
    }
    size_t capacity = wzp_max_size(wzp_max_size(needed, 2 * buffer->capacity), WZP_BUFFER_FIRST_BYTES);
    char *text = realloc(buffer->text, capacity);
    if (!text) {
        buffer->err = WZP_ENOMEM;
        return false;
    }
    buffer->text = text;
    buffer->capacity = capacity;
    return true;
}

void wzp_buffer_add(struct wzp_buffer *buffer, const void *bytes, size_t size)
{
    if (!reserve(buffer, size)) {
        return;
    }
    if (size > 0) {
        memcpy(buffer->text + buffer->size, bytes, size);
    }
    buffer->size += size;
    buffer->text[buffer->size] = '\0';
}

void wzp_buffer_add_text(struct wzp_buffer *buffer, const char *text)
{
    wzp_buffer_add(buffer, text, strlen(text));
}

void wzp_buffer_print(struct wzp_buffer *buffer, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size < 0) {
        buffer->err = buffer->err == WZP_OK ? WZP_EINVAL : buffer->err;
        return;
    }
    if ((size_t)size < sizeof line) {
        wzp_buffer_add(buffer, line, (size_t)size);
        return;
    }
    if (!reserve(buffer, (size_t)size)) {
        return;
    }
    va_start(arguments, format);
    wzp_ignore(vsnprintf(buffer->text + buffer->size, (size_t)size + 1, format, arguments));
    va_end(arguments);
    buffer->size += (size_t)size;
}

static void add_json_character(struct wzp_buffer *buffer, char c)
{
    if (c == '"' || c == '\\') {
        const char escaped[2] = {'\\', c};
        wzp_buffer_add(buffer, escaped, sizeof escaped);
    } else if ((unsigned char)c < 0x20) {
        wzp_buffer_print(buffer, "\\u%04x", (unsigned)(unsigned char)c);
    } else {
        wzp_buffer_add(buffer, &c, 1);
    }
}

void wzp_buffer_add_json(struct wzp_buffer *buffer, const char *text)
{
    size_t size = strlen(text);
    size = wzp_utf8_is_valid(text, size) ? size : 0;
    wzp_buffer_add(buffer, "\"", 1);
    for (size_t i = 0; i < size; i++) {
        add_json_character(buffer, text[i]);
    }
    wzp_buffer_add(buffer, "\"", 1);
}
