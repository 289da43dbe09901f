/* SPDX-License-Identifier: Apache-2.0 */
/* wzp-relay: reads its settings, makes the server, runs it until a signal ends it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/identity.h"
#include "crypto/seed_file.h"
#include "relay/config.h"
#include "relay/options.h"
#include "relay/own_address.h"
#include "relay/server.h"
#include "wzp_version_gen.h"

enum {
    EXIT_USAGE = 2,
    EXIT_CONFIG = 78, /* EX_CONFIG of sysexits(3) */
};

/** What the program owns between start and end. */
struct program {
    struct wzp_relay_options options;
    struct wzp_relay_config config;
    struct wzp_problems problems;
    struct wzp_identity identity;
    struct wzp_cert cert;
    struct wzp_log log;
};

static int read_settings(struct program *program, bool *out_is_example)
{
    const char *path = program->options.config_path;
    *out_is_example = false;
    enum wzp_err err = wzp_relay_config_init(&program->config);
    if (err == WZP_OK && path) {
        err = wzp_relay_config_load(&program->config, path, &program->problems);
        *out_is_example = err == WZP_ENOTFOUND;
        err = err == WZP_ENOTFOUND ? WZP_OK : err;
    }
    if (err == WZP_OK) {
        err = wzp_relay_options_apply(&program->options, &program->config, &program->problems);
    }
    if (err == WZP_OK) {
        wzp_relay_config_warn(&program->config, &program->problems);
        return EXIT_SUCCESS;
    }
    if (err != WZP_ECONFIG) {
        fprintf(stderr, "error: reading the settings: %s\n", wzp_err_text(err));
        return EXIT_FAILURE;
    }
    return EXIT_CONFIG;
}

static int load_identity(struct program *program)
{
    WZP_AUTO(wzp_text_freep) char *default_path = NULL;
    const char *path = program->options.identity_path;
    if (!path) {
        enum wzp_err err = wzp_seed_file_default_path("relay-identity", &default_path);
        if (err != WZP_OK) {
            fprintf(stderr, "error: no home directory for the identity: name a file with --identity PATH\n");
            return EXIT_FAILURE;
        }
        path = default_path;
    }
    uint8_t seed[WZP_SEED_BYTES];
    struct wzp_seed_file_report report;
    enum wzp_err err = wzp_seed_file_load(path, &wzp_random_system, seed, &report);
    if (err == WZP_OK) {
        err = wzp_identity_init(&program->identity, seed);
    }
    explicit_bzero(seed, sizeof seed);
    if (err != WZP_OK) {
        fprintf(stderr, "error: %s\n", report.problem[0] ? report.problem : wzp_err_text(err));
        return EXIT_FAILURE;
    }
    wzp_cert_init(&program->cert, &program->identity);
    if (report.is_new) {
        wzp_info(&program->log, "new identity made", "file=%s", path);
    }
    if (report.is_exposed) {
        wzp_warn(&program->log, "the identity file can be read by others: chmod 600 it", "file=%s", path);
    }
    return EXIT_SUCCESS;
}

/* A configuration file that is not there is made, for the operator to edit; the relay runs on defaults
 * meanwhile. */
static void write_example(const struct program *program)
{
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_own_address_write(&program->config.listen_addr, address);
    enum wzp_err err =
        wzp_relay_config_write_example(program->options.config_path, address, program->cert.fingerprint_text);
    if (err == WZP_OK) {
        wzp_info(&program->log, "no such configuration: wrote an example, running on defaults", "file=%s",
                 program->options.config_path);
        return;
    }
    wzp_warn(&program->log, "no such configuration, and the example can't be written: running on defaults",
             "file=%s error=\"%s\"", program->options.config_path, wzp_err_text(err));
}

/* Every connection to the HTTP pages is a descriptor; take what the system allows. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        wzp_ignore(setrlimit(RLIMIT_NOFILE, &limit));
    }
}

static int run(struct program *program, bool is_example)
{
    int status = load_identity(program);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    if (is_example) {
        write_example(program);
    }
    raise_file_limit();
    const struct wzp_server_setup setup = {
        .config = &program->config,
        .identity = &program->identity,
        .cert = &program->cert,
        .log = &program->log,
    };
    struct wzp_server *server = NULL;
    enum wzp_err err = wzp_server_new(&setup, &server);
    if (err != WZP_OK) {
        return EXIT_FAILURE; /* the server said what is wrong */
    }
    err = wzp_server_run(server);
    wzp_server_free(server);
    return err == WZP_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int start(struct program *program)
{
    bool is_example = false;
    int status = read_settings(program, &is_example);
    wzp_problems_print(&program->problems, stderr);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    if (program->options.action == WZP_RELAY_CHECK_CONFIG) {
        if (is_example) {
            fprintf(stderr, "error: %s: no such file\n", program->options.config_path);
            return EXIT_CONFIG;
        }
        printf("the configuration is good\n");
        return EXIT_SUCCESS;
    }
    wzp_log_init(&program->log, program->config.log_level);
    return run(program, is_example);
}

static int act(struct program *program)
{
    switch (program->options.action) {
    case WZP_RELAY_HELP:
        wzp_relay_options_help(stdout);
        return EXIT_SUCCESS;
    case WZP_RELAY_VERSION:
        printf("wzp-relay %s (%s)\n", WZP_VERSION, WZP_BUILD);
        return EXIT_SUCCESS;
    case WZP_RELAY_MESH_STATUS:
        printf("Relay Mesh Health\n(no probe targets configured)\n");
        return EXIT_SUCCESS;
    case WZP_RELAY_CHECK_CONFIG:
    case WZP_RELAY_RUN:
        break;
    }
    return start(program);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    struct program program = {0};
    enum wzp_err err = wzp_relay_options_read(argc, argv, &program.options, &program.problems);
    int status = EXIT_USAGE;
    if (err == WZP_OK) {
        status = act(&program);
    } else {
        wzp_problems_print(&program.problems, stderr);
    }
    wzp_relay_options_deinit(&program.options);
    wzp_relay_config_deinit(&program.config);
    wzp_problems_deinit(&program.problems);
    wzp_identity_deinit(&program.identity);
    return status;
}
