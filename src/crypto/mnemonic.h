/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds as 24 words (BIP-39, English list). The words are the 32 bytes themselves with a checksum: there is
 * no passphrase and no key stretching, as in the first generation. */
#pragma once

#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "crypto/identity.h"

#define WZP_MNEMONIC_WORDS         24
#define WZP_MNEMONIC_TEXT_BYTES    216 /* 24 words of at most 8 letters, 23 blanks, NUL */
#define WZP_MNEMONIC_PROBLEM_BYTES 128

/** Writes the 24 words, a blank between two. */
void wzp_mnemonic_write(const uint8_t seed[static WZP_SEED_BYTES],
                        char out_text[static WZP_MNEMONIC_TEXT_BYTES]);

/**
 * Reads 24 words of either case with any blanks between and around.
 *
 * WZP_EMALFORMED: `out_problem` is a sentence for people that names the first unknown word (and the nearest
 * known one), the wrong number of words, or the checksum.
 */
WZP_MUST_USE enum wzp_err wzp_mnemonic_read(const char *text, uint8_t out_seed[static WZP_SEED_BYTES],
                                            char out_problem[static WZP_MNEMONIC_PROBLEM_BYTES]);
