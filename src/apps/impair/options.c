/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/impair/options.h"

#include <stdarg.h>
#include <string.h>

/** One flag of the command line with its value, and where the next one stands. */
struct flag {
    char name[64];     /* without the dashes */
    const char *value; /* NULL: none */
    int next;
};

static enum wzp_err complain(char out_message[static WZP_PLAN_MESSAGE_BYTES], const char *format, ...)
    WZP_PRINTF(2, 3);

static enum wzp_err complain(char out_message[static WZP_PLAN_MESSAGE_BYTES], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wzp_ignore(vsnprintf(out_message, WZP_PLAN_MESSAGE_BYTES, format, args));
    va_end(args);
    return WZP_EINVAL;
}

static bool is_switch(const char *name)
{
    static const char *const names[] = {"json", "help", "version", "verbose"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** "--name value", "--name=value", or a switch. */
static enum wzp_err read_flag(int argc, char *const argv[], int at,
                              char out_message[static WZP_PLAN_MESSAGE_BYTES], struct flag *out_flag)
{
    const char *word = strcmp(argv[at], "-h") == 0 ? "--help" : argv[at];
    size_t size = strncmp(word, "--", 2) == 0 ? strcspn(word + 2, "=") : 0;
    struct flag flag = {.next = at + 1};
    if (size == 0 || size >= sizeof flag.name) {
        return complain(out_message, "%.64s: not a flag", word);
    }
    memcpy(flag.name, word + 2, size);
    flag.name[size] = '\0';
    if (word[2 + size] == '=') {
        flag.value = word + 2 + size + 1;
    } else if (!is_switch(flag.name) && flag.next < argc) {
        flag.value = argv[flag.next++];
    }
    if (!is_switch(flag.name) && !flag.value) {
        return complain(out_message, "--%s: the value is missing", flag.name);
    }
    *out_flag = flag;
    return WZP_OK;
}

static void note(const struct flag *flag, struct wzp_options *options)
{
    if (strcmp(flag->name, "scenario") == 0) {
        options->scenario = flag->value;
    }
    options->json = options->json || strcmp(flag->name, "json") == 0;
    options->help = options->help || strcmp(flag->name, "help") == 0;
    options->version = options->version || strcmp(flag->name, "version") == 0;
    options->verbose = options->verbose || strcmp(flag->name, "verbose") == 0;
}

enum wzp_err wzp_options_read(int argc, char *const argv[], char out_message[static WZP_PLAN_MESSAGE_BYTES],
                              struct wzp_options *out_options)
{
    struct wzp_options options = {0};
    struct flag flag = {.next = 1};
    while (flag.next < argc) {
        enum wzp_err err = read_flag(argc, argv, flag.next, out_message, &flag);
        if (err != WZP_OK) {
            return err;
        }
        note(&flag, &options);
    }
    *out_options = options;
    return WZP_OK;
}

/** The last --direction counts for all flags. */
static enum wzp_err find_direction(int argc, char *const argv[],
                                   char out_message[static WZP_PLAN_MESSAGE_BYTES],
                                   enum wzp_plan_direction *out_direction)
{
    struct flag flag = {.next = 1};
    *out_direction = WZP_PLAN_BOTH;
    while (flag.next < argc) {
        enum wzp_err err = read_flag(argc, argv, flag.next, out_message, &flag);
        if (err != WZP_OK) {
            return err;
        }
        bool is_meant = strcmp(flag.name, "direction") == 0;
        err = is_meant ? wzp_plan_direction_read(flag.value, out_direction) : WZP_OK;
        if (err != WZP_OK) {
            return complain(out_message, "--direction: up, down or both");
        }
    }
    return WZP_OK;
}

static enum wzp_err apply(struct wzp_plan *plan, const struct flag *flag, enum wzp_plan_direction direction,
                          bool has_scenario, char out_message[static WZP_PLAN_MESSAGE_BYTES])
{
    if (is_switch(flag->name) || strcmp(flag->name, "direction") == 0 ||
        strcmp(flag->name, "scenario") == 0) {
        return WZP_OK;
    }
    if (has_scenario && wzp_settings_is_name(flag->name)) {
        return complain(out_message, "--%s: is for the scenario file to say", flag->name);
    }
    char message[WZP_PLAN_MESSAGE_BYTES];
    if (wzp_plan_set(plan, direction, flag->name, flag->value, message) != WZP_OK) {
        return complain(out_message, "--%.250s", message);
    }
    return WZP_OK;
}

enum wzp_err wzp_options_apply(int argc, char *const argv[], struct wzp_plan *plan,
                               char out_message[static WZP_PLAN_MESSAGE_BYTES])
{
    struct wzp_options options;
    enum wzp_plan_direction direction = WZP_PLAN_BOTH;
    enum wzp_err err = wzp_options_read(argc, argv, out_message, &options);
    if (err != WZP_OK) {
        return err;
    }
    err = find_direction(argc, argv, out_message, &direction);
    struct flag flag = {.next = 1};
    while (err == WZP_OK && flag.next < argc) {
        err = read_flag(argc, argv, flag.next, out_message, &flag);
        if (err == WZP_OK) {
            err = apply(plan, &flag, direction, options.scenario != NULL, out_message);
        }
    }
    return err == WZP_OK ? wzp_plan_check(plan, out_message) : err;
}

/** One line of `help` beside `left`; what follows it, "" at the end. */
static const char *print_line(FILE *stream, const char *left, const char *help)
{
    size_t size = strcspn(help, "\n");
    wzp_ignore(fprintf(stream, "  %-26s %.*s\n", left, (int)size, help));
    return help[size] == '\n' ? help + size + 1 : help + size;
}

static void print_names(FILE *stream, const struct wzp_settings_name *names)
{
    for (; names->name; names++) {
        char left[64];
        wzp_ignore(snprintf(left, sizeof left, "--%s %s", names->name, names->example));
        const char *more = print_line(stream, left, names->help);
        while (*more != '\0') {
            more = print_line(stream, "", more);
        }
    }
}

void wzp_options_print_help(FILE *stream)
{
    wzp_ignore(fputs("usage: wzp-impair --listen IP:PORT --to HOST:PORT [flags]\n"
                     "A UDP proxy that loses, delays, reorders, duplicates, limits and cuts.\n\n",
                     stream));
    print_names(stream, wzp_plan_names);
    wzp_ignore(
        fputs("\nThe network, in the direction of --direction up, down or both (the default):\n", stream));
    print_names(stream, wzp_settings_names);
    wzp_ignore(fputs("\n  --scenario FILE            take all of this from a TOML file\n"
                     "  --json                     print the statistics as a JSON object\n"
                     "  --verbose                  log what happens, to stderr\n"
                     "  --help, --version\n",
                     stream));
}
