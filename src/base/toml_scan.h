/* SPDX-License-Identifier: Apache-2.0 */
/* Part of base/toml.c: the place in the text, what stands there, and the error that ends the reading. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/toml.h"

/** Over text that is valid UTF-8. Everything taken from the text lives in the arena. */
struct wzp_toml_scan {
    const char *at, *end;
    struct wzp_arena *arena;      /* borrowed */
    struct wzp_toml_error *error; /* borrowed */
    const char *counted;          /* up to here `place` has been counted */
    struct wzp_toml_place place;
};

/** What ends the text reads as this; a NUL in the text is refused as a control character before. */
#define WZP_TOML_END '\0'

static inline char wzp_toml_scan_peek(const struct wzp_toml_scan *scan)
{
    return scan->at < scan->end ? *scan->at : WZP_TOML_END;
}

static inline char wzp_toml_scan_peek_at(const struct wzp_toml_scan *scan, size_t i)
{
    return (size_t)(scan->end - scan->at) > i ? scan->at[i] : WZP_TOML_END;
}

static inline bool wzp_toml_scan_is_end(const struct wzp_toml_scan *scan)
{
    return scan->at == scan->end;
}

/** Steps over `c` where it stands next. */
bool wzp_toml_scan_take(struct wzp_toml_scan *scan, char c);

/** Whether LF or CR LF stands next. */
bool wzp_toml_scan_is_newline(const struct wzp_toml_scan *scan);

/** Steps over LF or CR LF where one stands next. Newlines are passed in no other way. */
bool wzp_toml_scan_take_newline(struct wzp_toml_scan *scan);

/** Steps over blanks and tabs. */
void wzp_toml_scan_skip_blanks(struct wzp_toml_scan *scan);

/** Steps over blanks and a comment, up to the newline or the end. */
WZP_MUST_USE enum wzp_err wzp_toml_scan_skip_rest(struct wzp_toml_scan *scan);

/** Steps over blanks, comments and newlines. */
WZP_MUST_USE enum wzp_err wzp_toml_scan_skip_all(struct wzp_toml_scan *scan);

/** Where the next character stands. Counts on from the last call, so all calls together cost one pass. */
struct wzp_toml_place wzp_toml_scan_place(struct wzp_toml_scan *scan);

/** Sets the error and returns WZP_EMALFORMED. */
enum wzp_err wzp_toml_scan_fail_at(struct wzp_toml_scan *scan, struct wzp_toml_place place,
                                   const char *format, ...) WZP_PRINTF(3, 4);

/** The same at the next character. */
#define wzp_toml_scan_fail(scan, ...) wzp_toml_scan_fail_at((scan), wzp_toml_scan_place(scan), __VA_ARGS__)

/** Says that there are "more than `limit` `things`" at `place` and returns WZP_ELIMIT. */
enum wzp_err wzp_toml_scan_over(struct wzp_toml_scan *scan, struct wzp_toml_place place, int limit,
                                const char *things);

enum wzp_err wzp_toml_scan_no_memory(struct wzp_toml_scan *scan);

/** Copies text into the arena, with a NUL behind it. */
WZP_MUST_USE enum wzp_err wzp_toml_scan_copy(struct wzp_toml_scan *scan, const char *bytes, size_t size,
                                             struct wzp_toml_text *out_text);

/** WZP_EMALFORMED: the text is not UTF-8; the error points to the first byte that is not, and so does `scan`.
 */
WZP_MUST_USE enum wzp_err wzp_toml_scan_check_encoding(struct wzp_toml_scan *scan);

/** Whether TOML forbids `c` in strings and comments: control characters but the tab. */
static inline bool wzp_toml_is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}
