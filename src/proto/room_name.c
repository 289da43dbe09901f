/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/room_name.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define HASH_DIGITS 32

/** Which code points of a range have a lower-case form, and which. */
enum fold_rule {
    FOLD_ADD,  /* all: add `distance` */
    FOLD_EVEN, /* even ones: the next */
    FOLD_ODD,  /* odd ones: the next */
};

struct fold_range {
    uint16_t first, last;
    uint8_t rule;
    int16_t distance;
};

/* Simple lower-casing by ranges, after UnicodeData.txt (Unicode 15). No mapping makes the UTF-8 longer. */
static const struct fold_range fold_ranges[] = {
    {'A', 'Z', FOLD_ADD, 32},
    {0x00C0, 0x00D6, FOLD_ADD, 32}, /* Latin-1; 0x00D7 is the multiplication sign */
    {0x00D8, 0x00DE, FOLD_ADD, 32},
    {0x0100, 0x012F, FOLD_EVEN, 0}, /* Latin Extended-A; 0x0130 is the dotted capital I */
    {0x0132, 0x0137, FOLD_EVEN, 0},
    {0x0139, 0x0148, FOLD_ODD, 0},
    {0x014A, 0x0177, FOLD_EVEN, 0},
    {0x0178, 0x0178, FOLD_ADD, -121},
    {0x0179, 0x017E, FOLD_ODD, 0},
    {0x0386, 0x0386, FOLD_ADD, 38}, /* Greek; 0x03A2 is not assigned */
    {0x0388, 0x038A, FOLD_ADD, 37},
    {0x038C, 0x038C, FOLD_ADD, 64},
    {0x038E, 0x038F, FOLD_ADD, 63},
    {0x0391, 0x03A1, FOLD_ADD, 32},
    {0x03A3, 0x03AB, FOLD_ADD, 32},
    {0x0400, 0x040F, FOLD_ADD, 80}, /* Cyrillic */
    {0x0410, 0x042F, FOLD_ADD, 32},
    {0x0460, 0x0481, FOLD_EVEN, 0},
    {0x048A, 0x04BF, FOLD_EVEN, 0},
    {0x04C0, 0x04C0, FOLD_ADD, 15},
    {0x04C1, 0x04CE, FOLD_ODD, 0},
    {0x04D0, 0x052F, FOLD_EVEN, 0},
    {0x0531, 0x0556, FOLD_ADD, 48}, /* Armenian */
    {0x1E00, 0x1E95, FOLD_EVEN, 0}, /* Latin Extended Additional */
    {0x1EA0, 0x1EFF, FOLD_EVEN, 0},
};

static uint32_t fold_code_point(uint32_t code)
{
    for (size_t i = 0; i < wzp_count(fold_ranges); i++) {
        const struct fold_range *range = &fold_ranges[i];
        if (code < range->first || code > range->last) {
            continue;
        }
        if (range->rule == FOLD_ADD) {
            return (uint32_t)((int32_t)code + range->distance);
        }
        return code % 2 == (range->rule == FOLD_ODD) ? code + 1 : code;
    }
    return code;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

/** Bytes of the character that starts with `lead`, in valid UTF-8. */
static size_t character_size(uint8_t lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xE0) {
        return 2;
    }
    return lead < 0xF0 ? 3 : 4;
}

static uint32_t character_decode(const uint8_t *at, size_t size)
{
    static const uint8_t lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = at[0] & lead_bits[size];
    for (size_t i = 1; i < size; i++) {
        code = code << 6 | (at[i] & 0x3F);
    }
    return code;
}

/** Writes a code point that the fold made or left, in as many bytes as it had. */
static void character_encode(uint32_t code, uint8_t *at, size_t size)
{
    static const uint8_t lead_mark[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size - 1; i > 0; i--) {
        at[i] = (uint8_t)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    at[0] = (uint8_t)(lead_mark[size] | code);
}

enum wzp_err wzp_room_name_fold(const char *name, char out_name[static WZP_ROOM_NAME_BYTES])
{
    size_t size = strnlen(name, WZP_ROOM_NAME_BYTES);
    if (size >= WZP_ROOM_NAME_BYTES) {
        return WZP_ELIMIT;
    }
    if (!wzp_utf8_is_valid(name, size)) {
        return WZP_EMALFORMED;
    }
    char folded[WZP_ROOM_NAME_BYTES] = "";
    memcpy(folded, name, size);
    for (size_t i = 0; i < size;) {
        uint8_t *at = (uint8_t *)folded + i;
        size_t n = character_size(*at);
        uint32_t code = character_decode(at, n);
        if (is_control(code)) {
            return WZP_EMALFORMED;
        }
        character_encode(fold_code_point(code), at, n);
        i += n;
    }
    memcpy(out_name, folded, sizeof folded);
    return WZP_OK;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_dns_character(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

static bool is_dns_label(const char *label, size_t size)
{
    if (size < 1 || size > 63 || label[0] == '-' || label[size - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (!is_dns_character(label[i])) {
            return false;
        }
    }
    return true;
}

bool wzp_room_name_is_dns(const char *name)
{
    size_t size = strnlen(name, WZP_ROOM_NAME_BYTES);
    if (size >= WZP_ROOM_NAME_BYTES) {
        return false;
    }
    size -= size > 0 && name[size - 1] == '.';
    const char *end = name + size;
    for (const char *label = name;;) {
        const char *dot = memchr(label, '.', (size_t)(end - label));
        size_t n = (size_t)((dot ? dot : end) - label);
        if (!is_dns_label(label, n)) {
            return false;
        }
        if (!dot) {
            return strspn(label, "0123456789") < n;
        }
        label = dot + 1;
    }
}

bool wzp_room_name_is_hash(const char *name)
{
    size_t size = strspn(name, "0123456789abcdefABCDEF");
    return size == HASH_DIGITS && name[size] == '\0';
}

enum wzp_room_name_kind wzp_room_name_kind_of(const char *name)
{
    static const struct {
        const char *name;
        enum wzp_room_name_kind kind;
    } reserved[] = {
        {"ping", WZP_ROOM_NAME_PING},
        {"_probe", WZP_ROOM_NAME_PROBE},
        {"_federation", WZP_ROOM_NAME_FEDERATION},
        {"version", WZP_ROOM_NAME_VERSION},
        {"_signal", WZP_ROOM_NAME_SIGNAL},
    };
    for (size_t i = 0; i < wzp_count(reserved); i++) {
        if (strcmp(name, reserved[i].name) == 0) {
            return reserved[i].kind;
        }
    }
    if (name[0] == '_' || name[0] == '\0') {
        return WZP_ROOM_NAME_REFUSED;
    }
    return wzp_room_name_is_hash(name) ? WZP_ROOM_NAME_HASH : WZP_ROOM_NAME_RAW;
}

/** What TLS stacks take for an address: anything with a colon, or four decimal numbers up to 255. */
static bool is_address(const char *text)
{
    if (strchr(text, ':')) {
        return true;
    }
    for (unsigned part = 1;; part++) {
        unsigned value = 0;
        size_t n = strspn(text, "0123456789");
        for (size_t i = 0; i < n && i < 3; i++) {
            value = value * 10 + (unsigned)(text[i] - '0');
        }
        if (n < 1 || n > 3 || value > 255 || part > 4) {
            return false;
        }
        if (text[n] != '.') {
            return text[n] == '\0' && part == 4;
        }
        text += n + 1;
    }
}

enum wzp_room_name_kind wzp_room_name_of_sni(const char *sni, char out_name[static WZP_ROOM_NAME_BYTES])
{
    if (!sni || !*sni || is_address(sni)) {
        memcpy(out_name, WZP_ROOM_NAME_DEFAULT, sizeof WZP_ROOM_NAME_DEFAULT);
        return WZP_ROOM_NAME_RAW;
    }
    out_name[0] = '\0';
    char name[WZP_ROOM_NAME_BYTES];
    if (wzp_room_name_fold(sni, name) != WZP_OK ||
        !(wzp_room_name_is_hash(name) || wzp_room_name_is_dns(name))) {
        return WZP_ROOM_NAME_REFUSED;
    }
    size_t size = strlen(name);
    name[size - (name[size - 1] == '.')] = '\0';
    enum wzp_room_name_kind kind = wzp_room_name_kind_of(name);
    if (kind != WZP_ROOM_NAME_REFUSED) {
        memcpy(out_name, name, sizeof name);
    }
    return kind;
}
