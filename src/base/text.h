/* SPDX-License-Identifier: Apache-2.0 */
/* Text: hex, UTF-8, copies, and the nearest known word for a mistyped one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"

/** Writes `size` bytes as 2 * size lower-case digits and a NUL. */
void wzp_hex_write(const uint8_t *bytes, size_t size, char *out_text);

/** Reads two digits, either case; false where they are none. Does not look past a NUL. */
bool wzp_hex_read_byte(const char *text, uint8_t *out_byte);

/** Reads exactly `size` bytes from the NUL-terminated `text`, either case. WZP_EMALFORMED: other length or
 * digits. */
WZP_MUST_USE enum wzp_err wzp_hex_read(const char *text, uint8_t *out_bytes, size_t size);

/** Strict UTF-8 (RFC 3629): no overlong forms, surrogates or code points past U+10FFFF. */
bool wzp_utf8_is_valid(const void *bytes, size_t size);

/**
 * Copies valid UTF-8 into `out_text` (at most `size` - 1 bytes and a NUL), cut at a character, without
 * control characters (C0, DEL, C1). Text that is not valid UTF-8 becomes "".
 */
void wzp_text_clean(const char *text, char *out_text, size_t size);

/** A heap copy, the caller's. */
WZP_MUST_USE enum wzp_err wzp_text_copy(const char *text, char **out_copy);

/** For WZP_AUTO: frees the text. */
void wzp_text_freep(char **text);

/** Lower-cases ASCII letters; other bytes stay. */
void wzp_text_lower(char *text);

/** The one of `n_words` words nearest to `word` by edit distance, or NULL where none is near enough to
 * suggest. */
const char *wzp_text_nearest(const char *word, const char *const *words, size_t n_words);
