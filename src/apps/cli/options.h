/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of wzp-client as a value. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <wzp/error.h>

#include "base/attr.h"

/** 24 words of at most 8 letters with a blank or NUL after each. */
#define WZP_OPTIONS_MNEMONIC_BYTES (24 * 9 + 1)
/** The longest complaint, with its NUL. */
#define WZP_OPTIONS_MESSAGE_BYTES 256

enum wzp_mode {
    WZP_MODE_CALL, /* send, record, or five seconds of silence */
    WZP_MODE_PING,
    WZP_MODE_VERSION_CHECK,
    WZP_MODE_LIST,
    WZP_MODE_LOAD,
    WZP_MODE_ECHO_TEST,
    WZP_MODE_DRIFT_TEST,
    WZP_MODE_SWEEP,
    WZP_MODE_HELP,
    WZP_MODE_VERSION,
    WZP_MODE_NOT_YET, /* known, in another build */
};

/** Text is borrowed from the command line; NULL and 0 where an option was not given. */
struct wzp_options {
    enum wzp_mode mode;
    const char *mode_flag; /* the option that chose the mode, NULL for none */
    const char *relay;     /* never NULL */
    const char *room, *token, *alias, *profile;
    const char *relay_fingerprint;
    const char *seed_hex, *identity_file;
    char mnemonic[WZP_OPTIONS_MNEMONIC_BYTES]; /* "" for none */
    const char *send_file, *record_file, *metrics_file;
    const char *load_shape; /* of --load */
    const char *callee;     /* of --call */
    uint32_t tone_ms, limit_ms, playout_ms, test_ms;
    uint32_t pps, packet_bytes, load_sockets; /* of --load */
    bool hash_room, no_tofu, json, verbose, load_reconnect;
};

/** WZP_EINVAL: `out_message` says which word is wrong, and what may have been meant. */
WZP_MUST_USE enum wzp_err wzp_options_read(int argc, char *const argv[],
                                           char out_message[static WZP_OPTIONS_MESSAGE_BYTES],
                                           struct wzp_options *out_options);

void wzp_options_print_help(FILE *stream);
