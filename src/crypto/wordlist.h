/* SPDX-License-Identifier: Apache-2.0 */
/* The English word list of BIP-39. */
#pragma once

#define WZP_WORDLIST_WORDS      2048
#define WZP_WORDLIST_WORD_BYTES 9 /* eight letters, NUL */

/** Sorted; the position of a word is its 11-bit value. */
extern const char *const wzp_wordlist[WZP_WORDLIST_WORDS];
