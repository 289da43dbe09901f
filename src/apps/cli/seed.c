/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/seed.h"

#include <stdio.h>

#include "base/random.h"
#include "crypto/mnemonic.h"
#include "crypto/seed_file.h"

static enum wzp_err read_mnemonic(const char *words, uint8_t *out_seed, char *out_message)
{
    char problem[WZP_MNEMONIC_PROBLEM_BYTES];
    enum wzp_err err = wzp_mnemonic_read(words, out_seed, problem);
    if (err != WZP_OK) {
        snprintf(out_message, WZP_SEED_MESSAGE_BYTES, "--mnemonic: %s", problem);
    }
    return err;
}

static enum wzp_err read_file(const char *path, uint8_t *out_seed, char *out_message)
{
    struct wzp_seed_file_report report;
    enum wzp_err err = wzp_seed_file_load(path, &wzp_random_system, out_seed, &report);
    if (err != WZP_OK) {
        snprintf(out_message, WZP_SEED_MESSAGE_BYTES, "--identity: %s", report.problem);
    } else if (report.is_exposed) {
        snprintf(out_message, WZP_SEED_MESSAGE_BYTES, "others may read the identity in %.200s: chmod 600 it",
                 path);
    }
    return err;
}

enum wzp_err wzp_seed_of_options(const struct wzp_options *options, uint8_t out_seed[static WZP_SEED_BYTES],
                                 bool *out_is_given, char out_message[static WZP_SEED_MESSAGE_BYTES])
{
    enum wzp_err err = WZP_OK;
    bool is_given = true;
    out_message[0] = '\0';
    if (options->seed_hex) {
        err = wzp_identity_read_seed(options->seed_hex, out_seed);
        if (err != WZP_OK) {
            snprintf(out_message, WZP_SEED_MESSAGE_BYTES, "--seed needs 64 hexadecimal digits");
        }
    } else if (options->mnemonic[0]) {
        err = read_mnemonic(options->mnemonic, out_seed, out_message);
    } else if (options->identity_file) {
        err = read_file(options->identity_file, out_seed, out_message);
    } else {
        is_given = false;
    }
    if (err == WZP_OK) {
        *out_is_given = is_given;
    }
    return err;
}
