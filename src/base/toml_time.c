/* SPDX-License-Identifier: Apache-2.0 */
#include "base/toml_time.h"

#include <stdint.h>

#define DATE_BYTES 10 /* 1979-05-27 */

struct text {
    const char *at, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take(struct text *text, char c)
{
    if (text->at == text->end || *text->at != c) {
        return false;
    }
    text->at++;
    return true;
}

/* Exactly `n` digits with a value in a range. */
static bool take_number(struct text *text, size_t n, unsigned least, unsigned most, unsigned *out_value)
{
    unsigned value = 0;
    for (size_t i = 0; i < n; i++) {
        if (text->at == text->end || !is_digit(*text->at)) {
            return false;
        }
        value = 10 * value + (unsigned)(*text->at++ - '0');
    }
    *out_value = value;
    return value >= least && value <= most;
}

static unsigned days_of(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

static bool take_date(struct text *text)
{
    unsigned year;
    unsigned month;
    unsigned day;
    return take_number(text, 4, 0, 9999, &year) && take(text, '-') && take_number(text, 2, 1, 12, &month) &&
           take(text, '-') && take_number(text, 2, 1, days_of(year, month), &day);
}

static bool take_hour_and_minute(struct text *text)
{
    unsigned value;
    return take_number(text, 2, 0, 23, &value) && take(text, ':') && take_number(text, 2, 0, 59, &value);
}

static bool take_time(struct text *text)
{
    unsigned second;
    /* 60 is a leap second. */
    if (!take_hour_and_minute(text) || !take(text, ':') || !take_number(text, 2, 0, 60, &second)) {
        return false;
    }
    if (!take(text, '.')) {
        return true;
    }
    const char *fraction = text->at;
    while (text->at < text->end && is_digit(*text->at)) {
        text->at++;
    }
    return text->at > fraction;
}

static bool take_offset(struct text *text)
{
    if (take(text, 'Z') || take(text, 'z')) {
        return true;
    }
    return (take(text, '+') || take(text, '-')) && take_hour_and_minute(text);
}

bool wzp_toml_time_is_likely(const char *text, size_t size)
{
    bool is_date = size >= 5 && text[4] == '-' && is_digit(text[0]) && is_digit(text[1]) &&
                   is_digit(text[2]) && is_digit(text[3]);
    bool is_time = size >= 3 && text[2] == ':' && is_digit(text[0]) && is_digit(text[1]);
    return is_date || is_time;
}

bool wzp_toml_time_is_date(const char *text, size_t size)
{
    struct text rest = {.at = text, .end = text + size};
    return size == DATE_BYTES && take_date(&rest);
}

bool wzp_toml_time_is_valid(const char *text, size_t size)
{
    struct text rest = {.at = text, .end = text + size};
    if (size > 2 && text[2] == ':') {
        return take_time(&rest) && rest.at == rest.end;
    }
    if (!take_date(&rest)) {
        return false;
    }
    if (rest.at == rest.end) {
        return true;
    }
    if (!take(&rest, 'T') && !take(&rest, 't') && !take(&rest, ' ')) {
        return false;
    }
    if (!take_time(&rest)) {
        return false;
    }
    return rest.at == rest.end || (take_offset(&rest) && rest.at == rest.end);
}
