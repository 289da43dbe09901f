/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/cli/seed.h"
#include "crypto/seed_file.h"

#define DEFAULT_ROOM    "default"
#define DEFAULT_PROFILE "good"

char *wzp_setup_known_relays(const struct wzp_options *options)
{
    char *path = NULL;
    if (!options->no_tofu && wzp_seed_file_default_path("known_relays", &path) != WZP_OK) {
        fprintf(stderr,
                "wzp-client: no home directory: the relay's fingerprint is neither checked nor remembered\n");
    }
    return path;
}

enum wzp_err wzp_setup_init(struct wzp_setup *setup, const struct wzp_options *options)
{
    char message[WZP_SEED_MESSAGE_BYTES];
    bool is_given = false;
    *setup = (struct wzp_setup){0};
    enum wzp_err err = wzp_seed_of_options(options, setup->seed, &is_given, message);
    if (message[0]) {
        fprintf(stderr, "wzp-client: %s\n", message);
    }
    if (err != WZP_OK) {
        return err;
    }
    setup->known_relays = wzp_setup_known_relays(options);
    setup->config = (struct wzp_engine_config){
        .config_bytes = sizeof setup->config,
        .relay = options->relay,
        .room = options->room ? options->room : DEFAULT_ROOM,
        .hash_room = options->hash_room,
        .seed = is_given ? setup->seed : NULL,
        .alias = options->alias,
        .token = options->token,
        .profile = options->profile ? options->profile : DEFAULT_PROFILE,
        .relay_fingerprint = options->relay_fingerprint,
        .known_relays = setup->known_relays,
        .hangs_up_on_signals = true,
        .verbose = options->verbose,
    };
    return WZP_OK;
}

void wzp_setup_deinit(struct wzp_setup *setup)
{
    explicit_bzero(setup->seed, sizeof setup->seed);
    free(setup->known_relays);
    setup->known_relays = NULL;
}
