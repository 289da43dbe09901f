/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of wzp-relay: every flag of the first generation (G1 section 8.1) and ours. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "relay/config.h"

enum wzp_relay_action {
    WZP_RELAY_RUN,
    WZP_RELAY_HELP,         /* print wzp_relay_options_help to stdout, exit 0 */
    WZP_RELAY_VERSION,      /* print the version to stdout, exit 0 */
    WZP_RELAY_CHECK_CONFIG, /* read everything, print what is wrong, exit 0 or 78 (EX_CONFIG) */
    WZP_RELAY_MESH_STATUS,  /* print the probe table to stdout, exit 0 */
};

struct wzp_relay_setting;

/** A value; pointers are into argv. */
struct wzp_relay_options {
    enum wzp_relay_action action;
    const char *config_path;            /* NULL: none */
    const char *identity_path;          /* NULL: ~/.wzp/relay-identity */
    struct wzp_relay_setting *settings; /* flags that override or add to the file, in order; owned */
    size_t n_settings;
};

/**
 * Reads the command line. The values of flags are checked here.
 *
 * WZP_EINVAL: `problems` says what is wrong (exit 2). WZP_ENOMEM. Uses getopt_long, so it is not for threads.
 */
WZP_MUST_USE enum wzp_err wzp_relay_options_read(int argc, char *const *argv,
                                                 struct wzp_relay_options *out_options,
                                                 struct wzp_problems *problems);

void wzp_relay_options_deinit(struct wzp_relay_options *options);

/** Applies the flags to a configuration that holds defaults or a file already. WZP_ECONFIG, WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_relay_options_apply(const struct wzp_relay_options *options,
                                                  struct wzp_relay_config *config,
                                                  struct wzp_problems *problems);

void wzp_relay_options_help(FILE *stream);
