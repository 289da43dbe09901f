/* SPDX-License-Identifier: Apache-2.0 */
/* 256 bits of seed and 8 bits of checksum (the first of SHA-256 over the seed) are 24 numbers of 11 bits. */
#include "crypto/mnemonic.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "crypto/fingerprint.h"
#include "crypto/wordlist.h"

#define BITS_PER_WORD 11
#define SHOWN_BYTES   32 /* of a word that nobody knows */

struct word {
    const char *start;
    size_t size;
};

void wzp_mnemonic_write(const uint8_t seed[static WZP_SEED_BYTES],
                        char out_text[static WZP_MNEMONIC_TEXT_BYTES])
{
    uint8_t bits[WZP_SEED_BYTES + 1];
    uint8_t hash[WZP_SHA256_BYTES];
    memcpy(bits, seed, WZP_SEED_BYTES);
    wzp_fingerprint_sha256(seed, WZP_SEED_BYTES, hash);
    bits[WZP_SEED_BYTES] = hash[0];

    char *at = out_text;
    for (size_t i = 0; i < WZP_MNEMONIC_WORDS; i++) {
        size_t number = 0;
        for (size_t bit = i * BITS_PER_WORD; bit < (i + 1) * BITS_PER_WORD; bit++) {
            number = number << 1 | (bits[bit / 8] >> (7 - bit % 8) & 1);
        }
        const char *word = wzp_wordlist[number];
        if (i > 0) {
            *at++ = ' ';
        }
        memcpy(at, word, strlen(word));
        at += strlen(word);
    }
    *at = '\0';
    sodium_memzero(bits, sizeof bits);
}

/* Takes the next word off `text`; false at its end. */
static bool next_word(const char **text, struct word *out_word)
{
    const char *at = *text;
    while (isspace((unsigned char)*at)) {
        at++;
    }
    out_word->start = at;
    while (*at && !isspace((unsigned char)*at)) {
        at++;
    }
    out_word->size = (size_t)(at - out_word->start);
    *text = at;
    return out_word->size > 0;
}

static int compare_words(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

/* The number of a word, or WZP_WORDLIST_WORDS for one that is not in the list. */
static size_t word_number(const char *word)
{
    const char *const *found =
        bsearch(word, wzp_wordlist, WZP_WORDLIST_WORDS, sizeof wzp_wordlist[0], compare_words);
    return found ? (size_t)(found - wzp_wordlist) : WZP_WORDLIST_WORDS;
}

/* What a person needs to find the mistake: the word's position, the word, and what it may have been. */
static void tell_unknown_word(size_t i, const char *word, char out_problem[static WZP_MNEMONIC_PROBLEM_BYTES])
{
    char shown[SHOWN_BYTES];
    wzp_text_clean(word, shown, sizeof shown);
    const char *nearest = wzp_text_nearest(word, wzp_wordlist, WZP_WORDLIST_WORDS);
    if (nearest) {
        (void)snprintf(out_problem, WZP_MNEMONIC_PROBLEM_BYTES,
                       "word %zu, \"%s\", is not in the BIP-39 list; did you mean \"%s\"?", i + 1, shown,
                       nearest);
    } else {
        (void)snprintf(out_problem, WZP_MNEMONIC_PROBLEM_BYTES,
                       "word %zu, \"%s\", is not in the English BIP-39 list", i + 1, shown);
    }
}

static enum wzp_err read_word(const struct word *word, size_t i, size_t *out_number,
                              char out_problem[static WZP_MNEMONIC_PROBLEM_BYTES])
{
    char lower[SHOWN_BYTES];
    size_t size = wzp_min_size(word->size, sizeof lower - 1);
    memcpy(lower, word->start, size);
    lower[size] = '\0';
    wzp_text_lower(lower);
    size_t number = word_number(lower);
    if (number == WZP_WORDLIST_WORDS) {
        tell_unknown_word(i, lower, out_problem);
        return WZP_EMALFORMED;
    }
    *out_number = number;
    sodium_memzero(lower, sizeof lower);
    return WZP_OK;
}

static void put_number(size_t number, size_t i, uint8_t bits[static WZP_SEED_BYTES + 1])
{
    for (size_t n = 0; n < BITS_PER_WORD; n++) {
        size_t bit = i * BITS_PER_WORD + n;
        if (number >> (BITS_PER_WORD - 1 - n) & 1) {
            bits[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
        }
    }
}

static enum wzp_err read_bits(const char *text, uint8_t bits[static WZP_SEED_BYTES + 1],
                              char out_problem[static WZP_MNEMONIC_PROBLEM_BYTES])
{
    struct word word;
    size_t n_words = 0;
    for (; next_word(&text, &word); n_words++) {
        size_t number = 0;
        enum wzp_err err = read_word(&word, n_words, &number, out_problem);
        if (err != WZP_OK) {
            return err;
        }
        if (n_words < WZP_MNEMONIC_WORDS) {
            put_number(number, n_words, bits);
        }
    }
    if (n_words != WZP_MNEMONIC_WORDS) {
        (void)snprintf(out_problem, WZP_MNEMONIC_PROBLEM_BYTES, "%zu word%s given, a seed has %d", n_words,
                       n_words == 1 ? "" : "s", WZP_MNEMONIC_WORDS);
        return WZP_EMALFORMED;
    }
    uint8_t hash[WZP_SHA256_BYTES];
    wzp_fingerprint_sha256(bits, WZP_SEED_BYTES, hash);
    if (bits[WZP_SEED_BYTES] != hash[0]) {
        (void)snprintf(out_problem, WZP_MNEMONIC_PROBLEM_BYTES,
                       "the checksum is wrong: all words are known, but one is another's or out of order");
        return WZP_EMALFORMED;
    }
    return WZP_OK;
}

enum wzp_err wzp_mnemonic_read(const char *text, uint8_t out_seed[static WZP_SEED_BYTES],
                               char out_problem[static WZP_MNEMONIC_PROBLEM_BYTES])
{
    uint8_t bits[WZP_SEED_BYTES + 1] = {0};
    enum wzp_err err = read_bits(text, bits, out_problem);
    if (err == WZP_OK) {
        memcpy(out_seed, bits, WZP_SEED_BYTES);
    }
    sodium_memzero(bits, sizeof bits);
    return err;
}
