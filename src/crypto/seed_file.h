/* SPDX-License-Identifier: Apache-2.0 */
/* The file that keeps a seed: 64 hexadecimal digits, readable by its owner only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/random.h"
#include "crypto/identity.h"

#define WZP_SEED_FILE_PROBLEM_BYTES 256

/** What there is to say about the file; filled in on success and on failure. */
struct wzp_seed_file_report {
    bool is_new;     /* it was missing and has been made */
    bool is_exposed; /* group or others may read or write it: warn, and say `chmod 600` */
    char problem[WZP_SEED_FILE_PROBLEM_BYTES]; /* on failure: a sentence with the path, for people */
};

/**
 * Reads the seed from `path`; a missing file is made with a new seed from `random`, mode 0600, its missing
 * directories 0700, in one step, so that a crash leaves either no file or a whole one.
 *
 * A file that holds anything else is never overwritten. WZP_EMALFORMED: it is not a seed. WZP_EIO: it can't
 * be read or made.
 */
WZP_MUST_USE enum wzp_err wzp_seed_file_load(const char *path, const struct wzp_random *random,
                                             uint8_t out_seed[static WZP_SEED_BYTES],
                                             struct wzp_seed_file_report *out_report);

/** `$HOME/.wzp/<name>`, or of the user's entry in the user database where HOME is not set; the caller's.
 * WZP_ENOTFOUND: no home. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_seed_file_default_path(const char *name, char **out_path);
