/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define WZP_NEAREST_MAX_WORD 48

void wzp_hex_write(const uint8_t *bytes, size_t size, char *out_text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        out_text[2 * i] = digits[bytes[i] >> 4];
        out_text[2 * i + 1] = digits[bytes[i] & 15];
    }
    out_text[2 * size] = '\0';
}

/* What a character is worth as a digit, plus one; 0: it is none. */
static const uint8_t digit_values[UINT8_MAX + 1] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

bool wzp_hex_read_byte(const char *text, uint8_t *out_byte)
{
    unsigned high = digit_values[(uint8_t)text[0]];
    unsigned low = high ? digit_values[(uint8_t)text[1]] : 0;
    if (low == 0) {
        return false;
    }
    *out_byte = (uint8_t)((high - 1) << 4 | (low - 1));
    return true;
}

enum wzp_err wzp_hex_read(const char *text, uint8_t *out_bytes, size_t size)
{
    if (strlen(text) != 2 * size) {
        return WZP_EMALFORMED;
    }
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = 0;
        if (!wzp_hex_read_byte(text + 2 * i, &byte)) {
            return WZP_EMALFORMED;
        }
    }
    for (size_t i = 0; i < size; i++) {
        wzp_hex_read_byte(text + 2 * i, &out_bytes[i]);
    }
    return WZP_OK;
}

/* The length of the valid character at `at`, or 0; the code point goes to *out_point. */
static size_t utf8_character(const uint8_t *at, size_t left, uint32_t *out_point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 : at[0] >> 3 == 30 ? 4 : 0;
    if (size == 0 || size > left) {
        return 0;
    }
    uint32_t point = size == 1 ? at[0] : at[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if (at[i] >> 6 != 2) {
            return 0;
        }
        point = point << 6 | (at[i] & 0x3f);
    }
    if (point < least[size] || (point >= 0xd800 && point < 0xe000) || point > 0x10ffff) {
        return 0;
    }
    *out_point = point;
    return size;
}

bool wzp_utf8_is_valid(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t left = size; left > 0;) {
        uint32_t point;
        size_t n = utf8_character(at, left, &point);
        if (n == 0) {
            return false;
        }
        at += n;
        left -= n;
    }
    return true;
}

static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

void wzp_text_clean(const char *text, char *out_text, size_t size)
{
    size_t used = 0;
    size_t left = strlen(text);
    const uint8_t *at = (const uint8_t *)text;
    if (!wzp_utf8_is_valid(at, left)) {
        left = 0;
    }
    while (left > 0) {
        uint32_t point = 0;
        size_t n = utf8_character(at, left, &point);
        bool is_kept = !is_control(point);
        if (is_kept && used + n >= size) {
            break;
        }
        if (is_kept) {
            memcpy(out_text + used, at, n);
            used += n;
        }
        at += n;
        left -= n;
    }
    out_text[used] = '\0';
}

enum wzp_err wzp_text_copy(const char *text, char **out_copy)
{
    char *copy = strdup(text);
    if (!copy) {
        return WZP_ENOMEM;
    }
    *out_copy = copy;
    return WZP_OK;
}

void wzp_text_freep(char **text)
{
    free(*text);
}

void wzp_text_lower(char *text)
{
    for (char *c = text; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
}

/* Levenshtein distance, one row at a time. Both words are at most WZP_NEAREST_MAX_WORD long. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[WZP_NEAREST_MAX_WORD + 1];
    size_t width = strlen(b);
    for (size_t j = 0; j <= width; j++) {
        row[j] = j;
    }
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < width; j++) {
            size_t replaced = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = wzp_min_size(replaced, 1 + wzp_min_size(row[j], row[j + 1]));
        }
    }
    return row[width];
}

const char *wzp_text_nearest(const char *word, const char *const *words, size_t n_words)
{
    size_t length = strlen(word);
    if (length > WZP_NEAREST_MAX_WORD) {
        return NULL;
    }
    const char *nearest = NULL;
    size_t best = length / 3 + 1; /* a third of the letters may be wrong, and one more */
    for (size_t i = 0; i < n_words; i++) {
        if (strlen(words[i]) > WZP_NEAREST_MAX_WORD) {
            continue;
        }
        size_t distance = edit_distance(word, words[i]);
        if (distance <= best) {
            best = distance - (distance > 0);
            nearest = words[i];
        }
    }
    return nearest;
}
