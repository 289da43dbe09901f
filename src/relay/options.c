/* SPDX-License-Identifier: Apache-2.0 */
/* One table holds every flag: getopt_long's own table, the help, and the keys that flags set come from it. */
#include "relay/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define FIRST_LONG   256 /* getopt's number of a flag without a letter; the others' is the letter */
#define USAGE_COLUMN 26

struct wzp_relay_setting {
    const char *flag; /* "--listen" */
    const char *key;
    const char *value;
};

enum role {
    ROLE_SETTING,
    ROLE_CONFIG,
    ROLE_IDENTITY,
    ROLE_ACTION,
};

struct flag {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* what the help calls it; NULL: none */
    enum role role;
    const char *key;              /* of a setting */
    enum wzp_relay_action action; /* of an action */
    const char *help;
};

static const struct flag flags[] = {
    {"config", 'c', "FILE", ROLE_CONFIG,
     .help = "settings (TOML); where FILE is missing, an example is written to it"},
    {"identity", 'i', "FILE", ROLE_IDENTITY,
     .help = "the relay's secret seed [~/.wzp/relay-identity]; made where missing"},
    {"listen", 0, "IP:PORT", .key = "listen_addr", .help = "where clients and relays connect [0.0.0.0:4433]"},
    {"label", 0, "NAME", .key = "label", .help = "how other relays call this one"},
    {"max-sessions", 0, "N", .key = "max_sessions", .help = "clients connected at once [1000]"},
    {"max-speakers", 0, "N", .key = "max_speakers",
     .help = "forward the N loudest of a room only [0: everybody]"},
    {"room-members-per-worker", 0, "N", .key = "room_members_per_worker",
     .help = "a room with more is spread over workers [200]; 0: none is"},
    {"workers", 0, "N", .key = "workers", .help = "threads that share the rooms [1]; 0: one a processor"},
    {"max-load", 0, "PERCENT", .key = "max_load",
     .help = "refuse clients while a worker takes more of a processor [85]; 0: never"},
    {"auth-url", 0, "URL", .key = "auth_url", .help = "server that checks the clients' tokens"},
    {"metrics-port", 0, "PORT", .key = "metrics_port",
     .help = "serve /metrics, /livez and /readyz over HTTP"},
    {"metrics-addr", 0, "IP", .key = "metrics_addr", .help = "address to serve them at [0.0.0.0]"},
    {"global-room", 0, "NAME", .key = "global_rooms",
     .help = "share this room with other relays (repeatable)"},
    {"remote", 0, "HOST:PORT", .key = "remote_relay", .help = "forward everything to another relay"},
    {"probe", 0, "HOST:PORT", .key = "probe_targets", .help = "measure the way to this relay (repeatable)"},
    {"probe-mesh", 0, NULL, .key = "probe_mesh", .help = "the probed relays probe each other too"},
    {"mesh-status", 0, NULL, ROLE_ACTION, .action = WZP_RELAY_MESH_STATUS,
     .help = "print the table of probed relays and exit"},
    {"trunking", 0, NULL, .key = "trunking_enabled", .help = "accepted, without effect"},
    {"ws-port", 0, "PORT", .key = "ws_port", .help = "WebSocket for web clients (not in this build)"},
    {"static-dir", 0, "DIR", .key = "static_dir", .help = "files of the web client (not in this build)"},
    {"log-level", 0, "LEVEL", .key = "log_level", .help = "error, warn, info, debug or trace [info]"},
    {"debug-tap", 0, "ROOM", .key = "debug_tap", .help = "log every packet of ROOM, or of all rooms (*)"},
    {"event-log", 0, "FILE", .key = "event_log", .help = "write events as JSON lines"},
    {"qlog-dir", 0, "DIR", .key = "qlog_dir", .help = "write a QUIC log of each connection"},
    {"keylog-file", 0, "FILE", .key = "keylog_file",
     .help = "write TLS keys, to decrypt captured traffic with"},
    {"check-config", 0, NULL, ROLE_ACTION, .action = WZP_RELAY_CHECK_CONFIG,
     .help = "check settings, say what is wrong, and exit (0 or 78)"},
    {"help", 'h', NULL, ROLE_ACTION, .action = WZP_RELAY_HELP, .help = "print this and exit"},
    {"version", 'V', NULL, ROLE_ACTION, .action = WZP_RELAY_VERSION, .help = "print the version and exit"},
};

/* getopt's two tables, made from ours. */
struct getopt_tables {
    struct option longs[wzp_count(flags) + 1];
    char letters[2 * wzp_count(flags) + 2];
};

static int number_of(size_t i)
{
    return flags[i].letter ? flags[i].letter : FIRST_LONG + (int)i;
}

static void fill_tables(struct getopt_tables *tables)
{
    size_t n = 0;
    *tables = (struct getopt_tables){0};
    tables->letters[n++] = ':'; /* a missing argument is told apart from an unknown flag */
    for (size_t i = 0; i < wzp_count(flags); i++) {
        int has_argument = flags[i].argument ? required_argument : no_argument;
        tables->longs[i] = (struct option){flags[i].name, has_argument, NULL, number_of(i)};
        if (flags[i].letter) {
            tables->letters[n++] = flags[i].letter;
        }
        if (flags[i].letter && flags[i].argument) {
            tables->letters[n++] = ':';
        }
    }
}

static const struct flag *find_number(int number)
{
    for (size_t i = 0; i < wzp_count(flags); i++) {
        if (number_of(i) == number) {
            return &flags[i];
        }
    }
    return NULL;
}

static void complain_unknown(const char *argument, struct wzp_problems *problems)
{
    const char *names[wzp_count(flags)];
    for (size_t i = 0; i < wzp_count(flags); i++) {
        names[i] = flags[i].name;
    }
    char shown[WZP_PROBLEMS_TEXT_BYTES / 4];
    wzp_text_clean(argument, shown, sizeof shown);
    const char *bare = argument + strspn(argument, "-");
    const char *nearest = strlen(bare) > 1 ? wzp_text_nearest(bare, names, wzp_count(names)) : NULL;
    if (nearest) {
        wzp_problems_error(problems, "unknown argument \"%s\"; did you mean --%s?", shown, nearest);
    } else {
        wzp_problems_error(problems, "unknown argument \"%s\"; see wzp-relay --help", shown);
    }
}

/* getopt gave '?': an unknown flag, a shortened one that fits several, or an argument where none belongs. */
static void complain_wrong(char *const *argv, struct wzp_problems *problems)
{
    const struct flag *flag = find_number(optopt);
    if (flag) {
        wzp_problems_error(problems, "--%s takes no value", flag->name);
    } else if (optopt) {
        const char letter[] = {'-', (char)optopt, '\0'};
        complain_unknown(letter, problems);
    } else {
        complain_unknown(argv[optind - 1], problems);
    }
}

static enum wzp_err add_setting(struct wzp_relay_options *options, const struct flag *flag, const char *value)
{
    struct wzp_relay_setting *settings =
        realloc(options->settings, (options->n_settings + 1) * sizeof *settings);
    if (!settings) {
        return WZP_ENOMEM;
    }
    options->settings = settings;
    options->settings[options->n_settings++] =
        (struct wzp_relay_setting){.flag = flag->name, .key = flag->key, .value = value};
    return WZP_OK;
}

/* Help wins over everything, then the version. */
static int rank(enum wzp_relay_action action)
{
    switch (action) {
    case WZP_RELAY_HELP:
        return 4;
    case WZP_RELAY_VERSION:
        return 3;
    case WZP_RELAY_CHECK_CONFIG:
        return 2;
    case WZP_RELAY_MESH_STATUS:
        return 1;
    case WZP_RELAY_RUN:
        return 0;
    }
    return 0;
}

static enum wzp_err take_flag(struct wzp_relay_options *options, const struct flag *flag,
                              const char *argument)
{
    switch (flag->role) {
    case ROLE_CONFIG:
        options->config_path = argument;
        return WZP_OK;
    case ROLE_IDENTITY:
        options->identity_path = argument;
        return WZP_OK;
    case ROLE_ACTION:
        options->action = rank(flag->action) > rank(options->action) ? flag->action : options->action;
        return WZP_OK;
    case ROLE_SETTING:
        return add_setting(options, flag, argument ? argument : "true");
    }
    return WZP_OK;
}

static enum wzp_err read_flags(struct wzp_relay_options *options, int argc, char *const *argv,
                               struct wzp_problems *problems)
{
    struct getopt_tables tables;
    fill_tables(&tables);
    optind = 0; /* glibc: start afresh, should somebody have used it before */
    opterr = 0;
    for (;;) {
        int number = getopt_long(argc, argv, tables.letters, tables.longs, NULL);
        const struct flag *flag = number == ':' ? find_number(optopt) : find_number(number);
        enum wzp_err err = WZP_OK;
        if (number == -1) {
            break;
        }
        if (number == '?') {
            complain_wrong(argv, problems);
        } else if (number == ':' && flag) {
            wzp_problems_error(problems, "--%s needs a value: --%s %s", flag->name, flag->name,
                               flag->argument);
        } else if (flag) {
            err = take_flag(options, flag, optarg);
        }
        if (err != WZP_OK) {
            return err;
        }
    }
    for (int i = optind; i < argc; i++) {
        complain_unknown(argv[i], problems);
    }
    return WZP_OK;
}

enum wzp_err wzp_relay_options_apply(const struct wzp_relay_options *options, struct wzp_relay_config *config,
                                     struct wzp_problems *problems)
{
    enum wzp_err result = WZP_OK;
    for (size_t i = 0; i < options->n_settings; i++) {
        const struct wzp_relay_setting *setting = &options->settings[i];
        char flag[32];
        (void)snprintf(flag, sizeof flag, "--%s", setting->flag);
        enum wzp_err err = wzp_relay_config_set(config, setting->key, setting->value, flag, problems);
        if (err != WZP_OK && err != WZP_ECONFIG) {
            return err;
        }
        result = err == WZP_OK ? result : err; /* go on, to tell all that is wrong */
    }
    return result;
}

/* Tries the values on a configuration that is thrown away. */
static enum wzp_err check_values(const struct wzp_relay_options *options, struct wzp_problems *problems)
{
    struct wzp_relay_config config;
    enum wzp_err err = wzp_relay_config_init(&config);
    if (err == WZP_OK) {
        err = wzp_relay_options_apply(options, &config, problems);
    }
    wzp_relay_config_deinit(&config);
    return err == WZP_ECONFIG ? WZP_OK : err; /* the problems tell */
}

enum wzp_err wzp_relay_options_read(int argc, char *const *argv, struct wzp_relay_options *out_options,
                                    struct wzp_problems *problems)
{
    struct wzp_relay_options options = {.action = WZP_RELAY_RUN};
    size_t n_before = problems->n_errors;
    enum wzp_err err = read_flags(&options, argc, argv, problems);
    if (err == WZP_OK) {
        err = check_values(&options, problems);
    }
    if (err == WZP_OK && problems->n_errors > n_before) {
        err = WZP_EINVAL;
    }
    if (err != WZP_OK) {
        wzp_relay_options_deinit(&options);
        return err;
    }
    *out_options = options;
    return WZP_OK;
}

void wzp_relay_options_deinit(struct wzp_relay_options *options)
{
    free(options->settings);
    options->settings = NULL;
    options->n_settings = 0;
}

void wzp_relay_options_help(FILE *stream)
{
    (void)fputs(
        "usage: wzp-relay [options]\n\nRelays voice rooms between clients, and shares rooms with other "
        "relays.\n\n",
        stream);
    for (size_t i = 0; i < wzp_count(flags); i++) {
        const struct flag *flag = &flags[i];
        char left[64];
        char letter[] = {'-', flag->letter, ',', ' ', '\0'};
        (void)snprintf(left, sizeof left, "%s--%s %s", flag->letter ? letter : "    ", flag->name,
                       flag->argument ? flag->argument : "");
        (void)fprintf(stream, "  %-*s %s\n", USAGE_COLUMN, left, flag->help);
    }
    (void)fputs("\nFlags win over the file given with -c. Manual: wzp-relay(1).\n", stream);
}
