/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as 24 words, a seed, and a fingerprint; what reads writes back and reads the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/mnemonic.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_words(const char *text)
{
    uint8_t seed[WZP_SEED_BYTES];
    uint8_t again[WZP_SEED_BYTES];
    char words[WZP_MNEMONIC_TEXT_BYTES];
    char problem[WZP_MNEMONIC_PROBLEM_BYTES];
    if (wzp_mnemonic_read(text, seed, problem) != WZP_OK) {
        return;
    }
    wzp_mnemonic_write(seed, words);
    if (wzp_mnemonic_read(words, again, problem) != WZP_OK || memcmp(seed, again, sizeof seed) != 0) {
        abort();
    }
}

static void check_fingerprint(const char *text)
{
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    uint8_t again[WZP_FINGERPRINT_BYTES];
    char written[WZP_FINGERPRINT_TEXT_BYTES];
    if (wzp_fingerprint_read(text, fingerprint) != WZP_OK) {
        return;
    }
    wzp_fingerprint_write(fingerprint, written);
    if (wzp_fingerprint_read(written, again) != WZP_OK || memcmp(fingerprint, again, sizeof again) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    if (!text) {
        return 0;
    }
    memcpy(text, bytes, size);
    text[size] = '\0';
    uint8_t seed[WZP_SEED_BYTES];
    wzp_ignore(wzp_identity_read_seed(text, seed));
    check_words(text);
    check_fingerprint(text);
    free(text);
    return 0;
}
