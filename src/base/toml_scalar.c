/* SPDX-License-Identifier: Apache-2.0 */
/* A scalar is first taken as one word of the characters that any of them may hold, and then told apart. */
#include "base/toml_scalar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORD_BYTES 128 /* longer than any number or time that means something */
#define SHOWN_BYTES    32

struct word {
    struct wzp_toml_scan *scan;
    struct wzp_toml_place place;
    const char *bytes;
    size_t size;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word_character(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '+' ||
           c == '-' || c == '.' || c == ':';
}

static bool is_word(const struct word *word, const char *text)
{
    return word->size == strlen(text) && memcmp(word->bytes, text, word->size) == 0;
}

static enum wzp_err fail(const struct word *word, const char *what)
{
    return wzp_toml_scan_fail_at(word->scan, word->place, "%.*s is not %s",
                                 (int)wzp_min_size(word->size, SHOWN_BYTES), word->bytes, what);
}

/* Underscores may stand between digits only. Copies the word without them. */
static bool drop_underscores(const struct word *word, bool (*is_part)(char),
                             char out_text[static MAX_WORD_BYTES + 1])
{
    size_t used = 0;
    for (size_t i = 0; i < word->size; i++) {
        char c = word->bytes[i];
        if (c != '_') {
            out_text[used++] = c;
            continue;
        }
        bool is_between =
            i > 0 && i + 1 < word->size && is_part(word->bytes[i - 1]) && is_part(word->bytes[i + 1]);
        if (!is_between) {
            return false;
        }
    }
    out_text[used] = '\0';
    return true;
}

static int digit_value(char c)
{
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 99;
}

static bool is_any_digit(char c)
{
    return digit_value(c) < 16;
}

/* Digits of one base up to the end; `limit` is the largest value allowed. */
static enum wzp_err read_digits(const struct word *word, const char *digits, unsigned base, uint64_t limit,
                                uint64_t *out_value)
{
    uint64_t value = 0;
    if (!*digits) {
        return fail(word, "a number");
    }
    for (const char *c = digits; *c; c++) {
        unsigned digit = (unsigned)digit_value(*c);
        if (digit >= base) {
            return fail(word, "a number; texts stand in \"quotes\"");
        }
        if (value > (limit - digit) / base) {
            return fail(word, "a number of 64 bits");
        }
        value = value * base + digit;
    }
    *out_value = value;
    return WZP_OK;
}

static enum wzp_err read_prefixed(const struct word *word, unsigned base, struct wzp_toml_value *value)
{
    char text[MAX_WORD_BYTES + 1];
    uint64_t number = 0;
    if (!drop_underscores(word, is_any_digit, text) || word->bytes[2] == '_') {
        return fail(word, "a number: underscores stand between digits");
    }
    enum wzp_err err = read_digits(word, text + 2, base, INT64_MAX, &number);
    if (err != WZP_OK) {
        return err;
    }
    value->type = WZP_TOML_INTEGER;
    value->integer = (int64_t)number;
    return WZP_OK;
}

static bool has_leading_zero(const char *digits)
{
    return digits[0] == '0' && is_digit(digits[1]);
}

static enum wzp_err read_decimal(const struct word *word, const char *text, struct wzp_toml_value *value)
{
    bool is_negative = text[0] == '-';
    const char *digits = text + (text[0] == '-' || text[0] == '+');
    if (has_leading_zero(digits)) {
        return fail(word, "a number: it can't start with 0");
    }
    uint64_t number = 0;
    enum wzp_err err = read_digits(word, digits, 10, (uint64_t)INT64_MAX + is_negative, &number);
    if (err != WZP_OK) {
        return err;
    }
    value->type = WZP_TOML_INTEGER;
    value->integer = is_negative ? (int64_t)(0 - number) : (int64_t)number;
    return WZP_OK;
}

static const char *skip_digits(const char *text)
{
    return text + strspn(text, "0123456789");
}

/* sign? digits ("." digits)? ([eE] sign? digits)? */
static bool is_float(const char *text)
{
    const char *at = text + (*text == '+' || *text == '-');
    const char *whole = at;
    at = skip_digits(at);
    if (at == whole || has_leading_zero(whole)) {
        return false;
    }
    if (*at == '.') {
        const char *fraction = ++at;
        at = skip_digits(at);
        if (at == fraction) {
            return false;
        }
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        const char *exponent = at;
        at = skip_digits(at);
        if (at == exponent) {
            return false;
        }
    }
    return *at == '\0';
}

static enum wzp_err read_number(const struct word *word, struct wzp_toml_value *value)
{
    char text[MAX_WORD_BYTES + 1];
    if (!drop_underscores(word, is_digit, text)) {
        return fail(word, "a number: underscores stand between digits");
    }
    if (!strpbrk(text, ".eE")) {
        return read_decimal(word, text, value);
    }
    if (!is_float(text)) {
        return fail(word, "a number; texts stand in \"quotes\"");
    }
    value->type = WZP_TOML_FLOAT;
    value->number = strtod(text, NULL);
    return WZP_OK;
}

static bool read_keyword(const struct word *word, struct wzp_toml_value *value)
{
    if (is_word(word, "true") || is_word(word, "false")) {
        value->type = WZP_TOML_BOOLEAN;
        value->boolean = word->size == 4;
        return true;
    }
    bool has_sign = word->bytes[0] == '+' || word->bytes[0] == '-';
    struct word name = {.bytes = word->bytes + has_sign, .size = word->size - has_sign};
    if (!is_word(&name, "inf") && !is_word(&name, "nan")) {
        return false;
    }
    value->type = WZP_TOML_FLOAT;
    double number = is_word(&name, "inf") ? (double)INFINITY : (double)NAN;
    value->number = word->bytes[0] == '-' ? -number : number;
    return true;
}

/* A date and a time may be apart by a blank, the only scalar that is two words. */
static void take_time_after_blank(struct word *word)
{
    struct wzp_toml_scan *scan = word->scan;
    if (!wzp_toml_time_is_date(word->bytes, word->size) || wzp_toml_scan_peek(scan) != ' ' ||
        !is_digit(wzp_toml_scan_peek_at(scan, 1))) {
        return;
    }
    scan->at++;
    while (is_word_character(wzp_toml_scan_peek(scan))) {
        scan->at++;
    }
    word->size = (size_t)(scan->at - word->bytes);
}

static enum wzp_err read_time(struct word *word, struct wzp_toml_value *value)
{
    take_time_after_blank(word);
    if (!wzp_toml_time_is_valid(word->bytes, word->size)) {
        return fail(word, "an existing date or time");
    }
    value->type = WZP_TOML_DATETIME;
    return wzp_toml_scan_copy(word->scan, word->bytes, word->size, &value->text);
}

static enum wzp_err take_word(struct wzp_toml_scan *scan, struct word *out_word)
{
    *out_word = (struct word){.scan = scan, .place = wzp_toml_scan_place(scan), .bytes = scan->at};
    while (is_word_character(wzp_toml_scan_peek(scan))) {
        scan->at++;
    }
    out_word->size = (size_t)(scan->at - out_word->bytes);
    if (out_word->size == 0) {
        bool is_missing = wzp_toml_scan_is_end(scan) || wzp_toml_scan_is_newline(scan) || *scan->at == '#';
        return wzp_toml_scan_fail(scan, is_missing ? "a value is missing here" : "this is not a value");
    }
    return WZP_OK;
}

enum wzp_err wzp_toml_scalar_read(struct wzp_toml_scan *scan, struct wzp_toml_value *value)
{
    struct word word;
    enum wzp_err err = take_word(scan, &word);
    if (err != WZP_OK) {
        return err;
    }
    if (read_keyword(&word, value)) {
        return WZP_OK;
    }
    if (wzp_toml_time_is_likely(word.bytes, word.size)) {
        return read_time(&word, value);
    }
    char first = word.bytes[0];
    if (!is_digit(first) && first != '+' && first != '-') {
        return fail(&word, "a value; texts stand in \"quotes\"");
    }
    if (word.size > MAX_WORD_BYTES) {
        return fail(&word, "a number that can be read: it is too long");
    }
    const char *base = word.size > 2 && first == '0' ? strchr("xob", word.bytes[1]) : NULL;
    if (base && *base) {
        return read_prefixed(&word, *base == 'x' ? 16 : *base == 'o' ? 8 : 2, value);
    }
    return read_number(&word, value);
}
