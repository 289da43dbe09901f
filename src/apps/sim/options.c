/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/sim/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "router/router.h"

struct word {
    const char *name;
    unsigned bits;
};

static const struct word fault_words[] = {
    {"none", 0},
    {"churn", WZP_FAULT_CHURN},
    {"loss", WZP_FAULT_LOSS},
    {"crash", WZP_FAULT_CRASH},
    {"partition", WZP_FAULT_PARTITION},
    {"all", WZP_FAULT_ALL},
};

static const struct word bug_words[] = {
    {"skip-path-check", WZP_BUG_SKIP_PATH_CHECK}, {"share-duplicate-window", WZP_BUG_SHARE_DUPLICATE_WINDOW},
    {"forget-withdraw", WZP_BUG_FORGET_WITHDRAW}, {"flood-everywhere", WZP_BUG_FLOOD_EVERYWHERE},
    {"forget-graft", WZP_BUG_FORGET_GRAFT},       {"ignore-order", WZP_BUG_IGNORE_ORDER},
    {"no-tombstone", WZP_BUG_NO_TOMBSTONE},       {"pass-on-always", WZP_BUG_PASS_ON_ALWAYS},
    {"forget-lost", WZP_BUG_FORGET_LOST},
};

/* One or more words joined by commas. */
static enum wzp_err read_words(const char *text, const struct word *words, size_t n_words, unsigned *out_bits)
{
    unsigned bits = 0;
    while (*text) {
        size_t size = strcspn(text, ",");
        size_t i = 0;
        while (i < n_words && (strlen(words[i].name) != size || strncmp(words[i].name, text, size) != 0)) {
            i++;
        }
        if (i == n_words) {
            return WZP_EINVAL;
        }
        bits |= words[i].bits;
        text += size + (text[size] == ',');
    }
    *out_bits = bits;
    return WZP_OK;
}

static void write_words(unsigned bits, const struct word *words, size_t n_words, char *out_text, size_t size)
{
    out_text[0] = '\0';
    for (size_t i = 0; i < n_words; i++) {
        if (words[i].bits != 0 && (words[i].bits & (words[i].bits - 1)) == 0 && (bits & words[i].bits)) {
            size_t used = strlen(out_text);
            snprintf(out_text + used, size - used, "%s%s", used > 0 ? "," : "", words[i].name);
        }
    }
}

static enum wzp_err read_number(const char *text, uint64_t low, uint64_t high, uint64_t *out_number)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || number < low || number > high) {
        return WZP_EINVAL;
    }
    *out_number = number;
    return WZP_OK;
}

/* "7" or "5-50". */
static enum wzp_err read_range(const char *text, size_t *out_low, size_t *out_high)
{
    char low_text[16] = "";
    size_t size = strcspn(text, "-");
    uint64_t low = 0;
    uint64_t high = 0;
    if (size >= sizeof low_text) {
        return WZP_EINVAL;
    }
    memcpy(low_text, text, size);
    const char *high_text = text[size] == '-' ? text + size + 1 : low_text;
    if (read_number(low_text, 2, 5000, &low) != WZP_OK ||
        read_number(high_text, low, 5000, &high) != WZP_OK) {
        return WZP_EINVAL;
    }
    *out_low = low;
    *out_high = high;
    return WZP_OK;
}

static enum wzp_err read_topology(const char *value, struct wzp_sim_options *options)
{
    options->any_topology = strcmp(value, "any") == 0;
    if (options->any_topology) {
        return WZP_OK;
    }
    if (strncmp(value, "file:", 5) == 0) {
        options->topology = WZP_TOPOLOGY_FILE;
        options->file = value + 5;
        return WZP_OK;
    }
    enum wzp_err err = wzp_graph_topology_read(value, &options->topology);
    return err == WZP_OK && options->topology == WZP_TOPOLOGY_FILE ? WZP_EINVAL : err;
}

static enum wzp_err read_seconds(const char *value, struct wzp_sim_options *options)
{
    uint64_t seconds = 0;
    enum wzp_err err = read_number(value, 0, 1000000, &seconds);
    options->duration = (wzp_us)seconds * WZP_SECOND;
    return err;
}

static enum wzp_err read_small(const char *value, uint64_t low, uint64_t high, size_t *out_number)
{
    uint64_t number = 0;
    enum wzp_err err = read_number(value, low, high, &number);
    *out_number = number;
    return err;
}

/* An option that takes a value. WZP_ENOTFOUND: there is none of that name. */
static enum wzp_err read_valued(const char *name, const char *value, struct wzp_sim_options *options)
{
    size_t number = 0;
    enum wzp_err err = WZP_OK;
    if (strcmp(name, "--topology") == 0) {
        return read_topology(value, options);
    }
    if (strcmp(name, "--relays") == 0) {
        return read_range(value, &options->min_relays, &options->max_relays);
    }
    if (strcmp(name, "--seed") == 0) {
        return read_number(value, 0, UINT64_MAX, &options->seed);
    }
    if (strcmp(name, "--faults") == 0) {
        return read_words(value, fault_words, wzp_count(fault_words), &options->faults);
    }
    if (strcmp(name, "--seconds") == 0) {
        return read_seconds(value, options);
    }
    if (strcmp(name, "--rooms") == 0) {
        return read_small(value, 1, 1000, &options->rooms);
    }
    if (strcmp(name, "--guests") == 0) {
        return read_small(value, 1, 400, &options->guests);
    }
    if (strcmp(name, "--delay") == 0) {
        err = read_small(value, 2, 1000, &number);
        options->delay_ms = (uint32_t)number;
        return err;
    }
    if (strcmp(name, "--pace") == 0) {
        err = read_small(value, 20, 1000, &number);
        options->pace_ms = (uint32_t)number;
        return err;
    }
    if (strcmp(name, "--bug") == 0) {
        return read_words(value, bug_words, wzp_count(bug_words), &options->bugs);
    }
    if (strcmp(name, "--sweep") == 0) {
        return read_number(value, 1, UINT32_MAX, &options->sweep);
    }
    if (strcmp(name, "--jobs") == 0) {
        err = read_small(value, 1, 256, &number);
        options->jobs = (unsigned)number;
        return err;
    }
    if (strcmp(name, "--plot") == 0) {
        options->plot = value;
        return WZP_OK;
    }
    return WZP_ENOTFOUND;
}

static bool read_flag(const char *name, struct wzp_sim_options *options)
{
    bool *flag = strcmp(name, "--json") == 0           ? &options->json
                 : strcmp(name, "--through-json") == 0 ? &options->as_json
                 : strcmp(name, "--verbose") == 0      ? &options->verbose
                 : strcmp(name, "--help") == 0         ? &options->is_help
                                                       : NULL;
    if (flag) {
        *flag = true;
    }
    return flag != NULL;
}

enum wzp_err wzp_options_read(int argc, const char *const argv[],
                              char out_message[static WZP_SIM_MESSAGE_BYTES],
                              struct wzp_sim_options *out_options)
{
    *out_options = (struct wzp_sim_options){
        .topology = WZP_TOPOLOGY_RING,
        .min_relays = 10,
        .max_relays = 10,
        .seed = 1,
        .faults = WZP_FAULT_ALL,
        .duration = 60 * WZP_SECOND,
        .rooms = 2,
    };
    for (int i = 1; i < argc; i++) {
        if (read_flag(argv[i], out_options)) {
            continue;
        }
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        enum wzp_err err = value ? read_valued(argv[i], value, out_options) : WZP_ENOTFOUND;
        if (err == WZP_ENOTFOUND) {
            snprintf(out_message, WZP_SIM_MESSAGE_BYTES, "unknown option or missing value: %s", argv[i]);
            return WZP_EINVAL;
        }
        if (err != WZP_OK) {
            snprintf(out_message, WZP_SIM_MESSAGE_BYTES, "bad value for %s: %s", argv[i], value);
            return WZP_EINVAL;
        }
        i++;
    }
    return WZP_OK;
}

void wzp_options_print_help(FILE *stream)
{
    fputs("Usage: wzp-sim [OPTION]...\n"
          "Runs relays with the real router on a simulated network and checks the promises of "
          "docs/federation.md.\n"
          "\n"
          "  --topology NAME   pair, chain, star, ring, mesh, grid, er, ba, file:PATH or any [ring]; any: "
          "each\n"
          "                    seed picks, a mesh of more than 24 four times less often than the others\n"
          "  --relays N|A-B    how many; with a range each seed picks [10]\n"
          "  --seed S          everything random follows from it [1]\n"
          "  --faults LIST     none, churn, loss, crash, partition, all [all]\n"
          "  --seconds T       virtual seconds; the round that is under way then is ended [60]\n"
          "  --rooms N         global rooms [2]\n"
          "  --guests N        people [one and a half a relay, at most 200; in a sweep each seed picks 6 to "
          "40]\n"
          "  --delay MS        the longest one-way delay of a link [each seed picks 10, 60 or 250, but not\n"
          "                    more than a second divided by the links of the longest way]\n"
          "  --pace MS         between the packets of each of twelve speakers [40; in a sweep 100]\n"
          "  --through-json    every signal is written as JSON and read back\n"
          "  --bug LIST        plants mistakes: skip-path-check, share-duplicate-window, forget-withdraw,\n"
          "                    flood-everywhere, forget-graft, ignore-order, no-tombstone, pass-on-always,\n"
          "                    forget-lost\n"
          "  --sweep N         runs N seeds from S on, on all cores; stops at the first broken promise\n"
          "  --jobs N          processes of a sweep [one a core]\n"
          "  --json            the result as JSON\n"
          "  --plot FILE.png   draws convergence and signals of the changes (needs gnuplot)\n"
          "\n"
          "Exit status: 0 all promises held, 1 one is broken, 2 the command line is wrong.\n",
          stream);
}

void wzp_options_write(const struct wzp_sim_options *options, char *out_text, size_t size)
{
    char faults[64];
    char bugs[192];
    write_words(options->faults, fault_words, wzp_count(fault_words), faults, sizeof faults);
    write_words(options->bugs, bug_words, wzp_count(bug_words), bugs, sizeof bugs);
    bool is_file = options->topology == WZP_TOPOLOGY_FILE;
    int used =
        snprintf(out_text, size, "--topology %s%s%s --relays %zu --seed %llu --faults %s --seconds %lld",
                 wzp_graph_topology_name(options->topology), is_file ? ":" : "", is_file ? options->file : "",
                 options->min_relays, (unsigned long long)options->seed, faults[0] ? faults : "none",
                 (long long)(options->duration / WZP_SECOND));
    used += snprintf(out_text + used, size - (size_t)used, " --rooms %zu --delay %u --pace %u",
                     options->rooms, options->delay_ms, options->pace_ms);
    if (options->guests > 0) {
        used += snprintf(out_text + used, size - (size_t)used, " --guests %zu", options->guests);
    }
    snprintf(out_text + used, size - (size_t)used, "%s%s%s", options->as_json ? " --through-json" : "",
             bugs[0] ? " --bug " : "", bugs);
}
