/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings are read in one pass into the arena. A string's text is never longer than its source: every escape
 * takes at least as many bytes as the UTF-8 it stands for. So the room it needs is known from where it ends.
 */
#include "base/toml_string.h"

#include <string.h>

struct reading {
    struct wzp_toml_scan *scan;
    struct wzp_toml_place start;
    char quote; /* '"' knows escapes, '\'' does not */
    bool is_multiline;
    char *text; /* in the arena, with room for all of it */
    size_t size;
};

static bool has_quotes(const struct wzp_toml_scan *scan, char quote)
{
    return wzp_toml_scan_peek(scan) == quote && wzp_toml_scan_peek_at(scan, 1) == quote &&
           wzp_toml_scan_peek_at(scan, 2) == quote;
}

static void put(struct reading *reading, char c)
{
    reading->text[reading->size++] = c;
}

static void put_point(struct reading *reading, uint32_t point)
{
    if (point < 0x80) {
        put(reading, (char)point);
        return;
    }
    if (point < 0x800) {
        put(reading, (char)(0xc0 | point >> 6));
    } else if (point < 0x10000) {
        put(reading, (char)(0xe0 | point >> 12));
        put(reading, (char)(0x80 | (point >> 6 & 0x3f)));
    } else {
        put(reading, (char)(0xf0 | point >> 18));
        put(reading, (char)(0x80 | (point >> 12 & 0x3f)));
        put(reading, (char)(0x80 | (point >> 6 & 0x3f)));
    }
    put(reading, (char)(0x80 | (point & 0x3f)));
}

static int digit_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* \uXXXX and \UXXXXXXXX; the letter has been read. */
static enum wzp_err read_point(struct reading *reading, size_t n_digits, struct wzp_toml_place place)
{
    struct wzp_toml_scan *scan = reading->scan;
    uint32_t point = 0;
    for (size_t i = 0; i < n_digits; i++) {
        int value = digit_value(wzp_toml_scan_peek(scan));
        if (value < 0) {
            return wzp_toml_scan_fail_at(scan, place, "this escape needs %zu hexadecimal digits", n_digits);
        }
        point = point << 4 | (uint32_t)value;
        scan->at++;
    }
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
        return wzp_toml_scan_fail_at(scan, place, "U+%04X is not a Unicode character", (unsigned)point);
    }
    put_point(reading, point);
    return WZP_OK;
}

/* A backslash at the end of a line takes all blanks and newlines up to the next character with it. */
static bool take_line_continuation(struct reading *reading)
{
    struct wzp_toml_scan *scan = reading->scan;
    const char *before = scan->at;
    wzp_toml_scan_skip_blanks(scan);
    if (!reading->is_multiline || !wzp_toml_scan_is_newline(scan)) {
        scan->at = before;
        return false;
    }
    while (wzp_toml_scan_take_newline(scan)) {
        wzp_toml_scan_skip_blanks(scan);
    }
    return true;
}

static enum wzp_err read_escape(struct reading *reading)
{
    static const char letters[] = "btnfr\"\\";
    static const char meanings[] = "\b\t\n\f\r\"\\";
    struct wzp_toml_scan *scan = reading->scan;
    struct wzp_toml_place place = wzp_toml_scan_place(scan);
    scan->at++; /* the backslash */
    char c = wzp_toml_scan_peek(scan);
    const char *letter = c == WZP_TOML_END ? NULL : strchr(letters, c);
    if (letter) {
        scan->at++;
        put(reading, meanings[letter - letters]);
        return WZP_OK;
    }
    if (c == 'u' || c == 'U') {
        scan->at++;
        return read_point(reading, c == 'u' ? 4 : 8, place);
    }
    if (take_line_continuation(reading)) {
        return WZP_OK;
    }
    return wzp_toml_scan_fail_at(
        scan, place,
        "there is no such escape; write \\\\ for a backslash, or put the text in 'single "
        "quotes'");
}

static enum wzp_err read_character(struct reading *reading)
{
    struct wzp_toml_scan *scan = reading->scan;
    char c = *scan->at;
    if (c == '\\' && reading->quote == '"') {
        return read_escape(reading);
    }
    if (wzp_toml_scan_is_newline(scan)) {
        if (!reading->is_multiline) {
            return wzp_toml_scan_fail_at(scan, reading->start, "this string has no closing %c on its line",
                                         reading->quote);
        }
        wzp_toml_scan_take_newline(scan);
        put(reading, '\n');
        return WZP_OK;
    }
    if (wzp_toml_is_control(c)) {
        return wzp_toml_scan_fail(scan, "a string can't hold the control character U+%04X as it is",
                                  (unsigned)(unsigned char)c);
    }
    scan->at++;
    put(reading, c);
    return WZP_OK;
}

/* The closing quotes of a multi-line string may follow one or two quotes that belong to it. */
static bool take_closing(struct reading *reading)
{
    struct wzp_toml_scan *scan = reading->scan;
    if (!reading->is_multiline) {
        return wzp_toml_scan_take(scan, reading->quote);
    }
    if (!has_quotes(scan, reading->quote)) {
        return false;
    }
    for (size_t i = 0; i < 2 && wzp_toml_scan_peek_at(scan, 3) == reading->quote; i++) {
        put(reading, reading->quote);
        scan->at++;
    }
    scan->at += 3;
    return true;
}

/* How many bytes the string takes at most: up to its end, or for a string that has none to the text's. */
static size_t source_size(const struct wzp_toml_scan *scan, char quote, bool is_multiline)
{
    struct wzp_toml_scan ahead = *scan;
    while (!wzp_toml_scan_is_end(&ahead)) {
        char c = *ahead.at;
        if (is_multiline ? has_quotes(&ahead, quote) : (c == quote || c == '\n')) {
            break;
        }
        ahead.at += c == '\\' && quote == '"' && wzp_toml_scan_peek_at(&ahead, 1) != WZP_TOML_END ? 2 : 1;
    }
    return (size_t)(ahead.at - scan->at) + 2; /* two quotes may still belong to it */
}

static enum wzp_err read_string(struct wzp_toml_scan *scan, bool is_multiline, struct wzp_toml_text *out_text)
{
    struct reading reading = {.scan = scan, .start = wzp_toml_scan_place(scan), .is_multiline = is_multiline};
    reading.quote = *scan->at;
    scan->at += is_multiline ? 3 : 1;
    if (is_multiline) {
        wzp_toml_scan_take_newline(scan); /* a newline right after the opening is not part of the text */
    }
    reading.text = wzp_arena_take(scan->arena, source_size(scan, reading.quote, is_multiline) + 1);
    if (!reading.text) {
        return wzp_toml_scan_no_memory(scan);
    }
    while (!take_closing(&reading)) {
        if (wzp_toml_scan_is_end(scan)) {
            return wzp_toml_scan_fail_at(scan, reading.start, "this string is not closed");
        }
        enum wzp_err err = read_character(&reading);
        if (err != WZP_OK) {
            return err;
        }
    }
    *out_text = (struct wzp_toml_text){.bytes = reading.text, .size = reading.size};
    return WZP_OK;
}

enum wzp_err wzp_toml_string_read_line(struct wzp_toml_scan *scan, struct wzp_toml_text *out_text)
{
    return read_string(scan, false, out_text);
}

enum wzp_err wzp_toml_string_read(struct wzp_toml_scan *scan, struct wzp_toml_text *out_text)
{
    return read_string(scan, has_quotes(scan, *scan->at), out_text);
}
