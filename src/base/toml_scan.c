/* SPDX-License-Identifier: Apache-2.0 */
#include "base/toml_scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool wzp_toml_scan_take(struct wzp_toml_scan *scan, char c)
{
    if (wzp_toml_scan_is_end(scan) || *scan->at != c) {
        return false;
    }
    scan->at++;
    return true;
}

bool wzp_toml_scan_is_newline(const struct wzp_toml_scan *scan)
{
    char c = wzp_toml_scan_peek(scan);
    return c == '\n' || (c == '\r' && wzp_toml_scan_peek_at(scan, 1) == '\n');
}

bool wzp_toml_scan_take_newline(struct wzp_toml_scan *scan)
{
    if (!wzp_toml_scan_is_newline(scan)) {
        return false;
    }
    scan->at += *scan->at == '\r' ? 2 : 1;
    scan->counted = scan->at;
    scan->place.line++;
    scan->place.column = 1;
    return true;
}

void wzp_toml_scan_skip_blanks(struct wzp_toml_scan *scan)
{
    while (wzp_toml_scan_peek(scan) == ' ' || wzp_toml_scan_peek(scan) == '\t') {
        scan->at++;
    }
}

enum wzp_err wzp_toml_scan_skip_rest(struct wzp_toml_scan *scan)
{
    wzp_toml_scan_skip_blanks(scan);
    if (!wzp_toml_scan_take(scan, '#')) {
        return WZP_OK;
    }
    while (!wzp_toml_scan_is_end(scan) && !wzp_toml_scan_is_newline(scan)) {
        if (wzp_toml_is_control(*scan->at)) {
            return wzp_toml_scan_fail(scan, "a comment can't hold the control character U+%04X",
                                      (unsigned)(unsigned char)*scan->at);
        }
        scan->at++;
    }
    return WZP_OK;
}

enum wzp_err wzp_toml_scan_skip_all(struct wzp_toml_scan *scan)
{
    do {
        enum wzp_err err = wzp_toml_scan_skip_rest(scan);
        if (err != WZP_OK) {
            return err;
        }
    } while (wzp_toml_scan_take_newline(scan));
    return WZP_OK;
}

struct wzp_toml_place wzp_toml_scan_place(struct wzp_toml_scan *scan)
{
    for (; scan->counted < scan->at; scan->counted++) {
        bool is_inside_character = ((unsigned char)*scan->counted & 0xc0) == 0x80;
        scan->place.column += !is_inside_character;
    }
    return scan->place;
}

enum wzp_err wzp_toml_scan_fail_at(struct wzp_toml_scan *scan, struct wzp_toml_place place,
                                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(scan->error->text, sizeof scan->error->text, format, arguments);
    va_end(arguments);
    for (char *c = scan->error->text; *c; c++) {
        *c = wzp_toml_is_control(*c) ? '?' : *c; /* a key in the message may hold anything */
    }
    scan->error->place = place;
    return WZP_EMALFORMED;
}

enum wzp_err wzp_toml_scan_over(struct wzp_toml_scan *scan, struct wzp_toml_place place, int limit,
                                const char *things)
{
    wzp_ignore(wzp_toml_scan_fail_at(scan, place, "more than %d %s", limit, things));
    return WZP_ELIMIT;
}

enum wzp_err wzp_toml_scan_no_memory(struct wzp_toml_scan *scan)
{
    wzp_ignore(wzp_toml_scan_fail(scan, "out of memory"));
    return WZP_ENOMEM;
}

enum wzp_err wzp_toml_scan_copy(struct wzp_toml_scan *scan, const char *bytes, size_t size,
                                struct wzp_toml_text *out_text)
{
    char *copy = wzp_arena_take(scan->arena, size + 1);
    if (!copy) {
        return wzp_toml_scan_no_memory(scan);
    }
    memcpy(copy, bytes, size);
    *out_text = (struct wzp_toml_text){.bytes = copy, .size = size};
    return WZP_OK;
}

/* The bytes of the valid UTF-8 character at `text`, or 0. */
static size_t character_size(const char *text, size_t left)
{
    for (size_t n = 1; n <= 4 && n <= left; n++) {
        if (wzp_utf8_is_valid(text, n)) {
            return n;
        }
    }
    return 0;
}

enum wzp_err wzp_toml_scan_check_encoding(struct wzp_toml_scan *scan)
{
    if (wzp_utf8_is_valid(scan->at, (size_t)(scan->end - scan->at))) {
        return WZP_OK;
    }
    for (;;) {
        if (wzp_toml_scan_take_newline(scan)) {
            continue;
        }
        size_t n = character_size(scan->at, (size_t)(scan->end - scan->at));
        if (n == 0) {
            return wzp_toml_scan_fail(scan, "this byte (0x%02x) is not UTF-8; save the file as UTF-8",
                                      (unsigned)(unsigned char)*scan->at);
        }
        scan->at += n;
    }
}
