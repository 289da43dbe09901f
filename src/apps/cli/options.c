/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/options.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define DEFAULT_RELAY  "127.0.0.1:4433"
#define MAX_SECONDS    (7 * 86400.0) /* of a tone or a recording */
#define MAX_NUMBER     1000000
#define MNEMONIC_WORDS 24

enum kind {
    KIND_SWITCH,       /* a bool */
    KIND_TEXT,         /* the next word */
    KIND_SECONDS,      /* the next word, into milliseconds */
    KIND_WORDS,        /* the words up to the next option */
    KIND_MODE,         /* what the program does */
    KIND_MODE_TEXT,    /* the same, with the next word into a member */
    KIND_MODE_SECONDS, /* the same, with seconds */
    KIND_NUMBER,       /* the next word, above 0 */
};

struct flag {
    const char *name;
    enum kind kind;
    size_t offset; /* of the member, but for modes without one */
    enum wzp_mode mode;
    const char *argument; /* its name in the help */
    const char *help;
};

#define MEMBER(member) offsetof(struct wzp_options, member)

static const struct flag flags[] = {
    {"--send-tone", KIND_SECONDS, MEMBER(tone_ms), 0, "N", "send N seconds of a 440 Hz sine"},
    {"--send-file", KIND_TEXT, MEMBER(send_file), 0, "F",
     "send a file: .wav, .flac, .opus, else raw (s16le, 48 kHz, mono)"},
    {"--record", KIND_TEXT, MEMBER(record_file), 0, "F",
     "record what is received, in the format of the file's name, until Ctrl-C\n"
     "or, when something is sent, until two seconds after its end"},
    {"--seconds", KIND_SECONDS, MEMBER(limit_ms), 0, "N", "leave after N seconds"},
    {"--playout", KIND_SECONDS, MEMBER(playout_ms), 0, "N",
     "let received audio wait N seconds for what is late (default: 1)"},
    {"--ping", KIND_MODE, 0, WZP_MODE_PING, NULL, "print the relay's round trip and fingerprint"},
    {"--version-check", KIND_MODE, 0, WZP_MODE_VERSION_CHECK, NULL, "print the relay's build"},
    {"--list", KIND_MODE, 0, WZP_MODE_LIST, NULL, "print who is in the room"},
    {"--load", KIND_MODE_TEXT, MEMBER(load_shape), WZP_MODE_LOAD, "RxMxT",
     "load relays (a,b,c) with R rooms of M members, T of them talking,\n"
     "for --seconds N (default: 10)"},
    {"--pps", KIND_NUMBER, MEMBER(pps), 0, "N", "packets a second of a talker of --load (default: 50)"},
    {"--packet-bytes", KIND_NUMBER, MEMBER(packet_bytes), 0, "N", "size of its packets (default: 112)"},
    {"--load-sockets", KIND_NUMBER, MEMBER(load_sockets), 0, "N",
     "its clients share N sockets (default: one each)"},
    {"--load-reconnect", KIND_SWITCH, MEMBER(load_reconnect), 0, NULL,
     "behind that all leave, and join again at once"},
    {"--echo-test", KIND_MODE_SECONDS, MEMBER(test_ms), WZP_MODE_ECHO_TEST, "N",
     "send N seconds of a tone to a peer that sends it back; loss and quality"},
    {"--drift-test", KIND_MODE_SECONDS, MEMBER(test_ms), WZP_MODE_DRIFT_TEST, "N",
     "the same; how far the peer's clock drifts from ours"},
    {"--sweep", KIND_MODE, 0, WZP_MODE_SWEEP, NULL, "try sizes of the jitter buffer, without a network"},
    {"--room", KIND_TEXT, MEMBER(room), 0, "NAME", "the room to join (default: default)"},
    {"--hash-room", KIND_SWITCH, MEMBER(hash_room), 0, NULL, "tell the relay the room's hash only"},
    {"--alias", KIND_TEXT, MEMBER(alias), 0, "NAME", "the name that others see"},
    {"--profile", KIND_TEXT, MEMBER(profile), 0, "NAME",
     "good (default), degraded, catastrophic, codec2-3200, studio-32k,\nstudio-48k, studio-64k"},
    {"--token", KIND_TEXT, MEMBER(token), 0, "T", "token for a relay that asks for one"},
    {"--seed", KIND_TEXT, MEMBER(seed_hex), 0, "HEX64", "identity from a seed (default: a random one)"},
    {"--mnemonic", KIND_WORDS, MEMBER(mnemonic), 0, "W1 ... W24", "identity from 24 words"},
    {"--identity", KIND_TEXT, MEMBER(identity_file), 0, "FILE",
     "identity from a file; made where there is none"},
    {"--relay-fingerprint", KIND_TEXT, MEMBER(relay_fingerprint), 0, "FP",
     "talk only to the relay with this certificate"},
    {"--no-tofu", KIND_SWITCH, MEMBER(no_tofu), 0, NULL,
     "neither check nor remember the relay's certificate"},
    {"--metrics-file", KIND_TEXT, MEMBER(metrics_file), 0, "F", "write a line of JSON each second"},
    {"--json", KIND_SWITCH, MEMBER(json), 0, NULL, "print the summary as a JSON object"},
    {"--verbose", KIND_SWITCH, MEMBER(verbose), 0, NULL, "log what happens, to stderr"},
    {"--help", KIND_MODE, 0, WZP_MODE_HELP, NULL, "print this"},
    {"--version", KIND_MODE, 0, WZP_MODE_VERSION, NULL, "print the version"},
    {"--live", KIND_MODE, 0, WZP_MODE_NOT_YET, NULL, NULL},
    {"--signal", KIND_MODE, 0, WZP_MODE_NOT_YET, NULL, NULL},
    {"--call", KIND_MODE_TEXT, MEMBER(callee), WZP_MODE_NOT_YET, NULL, NULL},
};

/** The command line while it is read. */
struct parser {
    int argc, i;
    char *const *argv;
    const char *inline_value; /* of "--flag=value" */
    char *message;
    struct wzp_options *options;
};

static enum wzp_err complain(const struct parser *p, const char *format, ...) WZP_PRINTF(2, 3);

static enum wzp_err complain(const struct parser *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(p->message, WZP_OPTIONS_MESSAGE_BYTES, format, args);
    va_end(args);
    return WZP_EINVAL;
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

/** The flag that `word` names, with or without a value behind '='; NULL where there is none. */
static const struct flag *find(const char *word)
{
    size_t size = strcspn(word, "=");
    for (size_t i = 0; i < wzp_count(flags); i++) {
        if (strlen(flags[i].name) == size && memcmp(flags[i].name, word, size) == 0) {
            return &flags[i];
        }
    }
    return NULL;
}

static enum wzp_err value_of(struct parser *p, const struct flag *flag, const char **out_value)
{
    if (p->inline_value) {
        *out_value = p->inline_value;
        return WZP_OK;
    }
    /* A value may begin with '-', as in the first generation, but a forgotten one must not eat an option. */
    if (p->i + 1 >= p->argc || find(p->argv[p->i + 1])) {
        return complain(p, "%s needs a value (%s)", flag->name, flag->argument ? flag->argument : "N");
    }
    *out_value = p->argv[++p->i];
    return WZP_OK;
}

static enum wzp_err read_seconds(struct parser *p, const struct flag *flag, uint32_t *out_ms)
{
    const char *text = "";
    enum wzp_err err = value_of(p, flag, &text);
    if (err != WZP_OK) {
        return err;
    }
    char *end = NULL;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds > 0) || !(seconds <= MAX_SECONDS)) {
        return complain(p, "%s: '%s' is no number of seconds above 0", flag->name, text);
    }
    *out_ms = (uint32_t)(seconds * 1000 + 0.5);
    return WZP_OK;
}

static enum wzp_err read_number(struct parser *p, const struct flag *flag, uint32_t *out_number)
{
    const char *text = "";
    enum wzp_err err = value_of(p, flag, &text);
    if (err != WZP_OK) {
        return err;
    }
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < 1 || number > MAX_NUMBER) {
        return complain(p, "%s: '%s' is no number from 1 to %d", flag->name, text, MAX_NUMBER);
    }
    *out_number = (uint32_t)number;
    return WZP_OK;
}

/** Words up to the next option, but no more than a mnemonic has: the relay's address may follow them. */
static enum wzp_err read_words(struct parser *p, const struct flag *flag, char *out_words)
{
    size_t size = 0, n_words = 0;
    while (n_words < MNEMONIC_WORDS && p->i + 1 < p->argc && !is_option(p->argv[p->i + 1])) {
        const char *word = p->argv[++p->i];
        int n = snprintf(out_words + size, WZP_OPTIONS_MNEMONIC_BYTES - size, "%s%s", size ? " " : "", word);
        if (n < 0 || (size_t)n >= WZP_OPTIONS_MNEMONIC_BYTES - size) {
            return complain(p, "%s: these are no 24 words", flag->name);
        }
        size += (size_t)n;
        for (const char *c = word; c; c = strchr(c, ' '), c = c ? c + 1 : NULL) {
            n_words++;
        }
    }
    return n_words == MNEMONIC_WORDS ? WZP_OK
                                     : complain(p, "%s needs 24 words, here are %zu", flag->name, n_words);
}

static enum wzp_err read_mode(struct parser *p, const struct flag *flag)
{
    const char *before = p->options->mode_flag;
    char *member = (char *)p->options + flag->offset;
    enum wzp_err err = WZP_OK;
    if (flag->kind == KIND_MODE_SECONDS) {
        err = read_seconds(p, flag, (uint32_t *)(void *)member);
    } else if (flag->kind == KIND_MODE_TEXT) {
        err = value_of(p, flag, (const char **)(void *)member);
    }
    if (err != WZP_OK) {
        return err;
    }
    if (p->options->mode == WZP_MODE_HELP) {
        return WZP_OK;
    }
    if (before && flag->mode != WZP_MODE_HELP && flag->mode != WZP_MODE_VERSION) {
        return complain(p, "%s and %s don't go together", before, flag->name);
    }
    p->options->mode = flag->mode;
    p->options->mode_flag = flag->name;
    return WZP_OK;
}

static enum wzp_err read_flag(struct parser *p, const struct flag *flag)
{
    char *member = (char *)p->options + flag->offset;
    bool takes_inline = flag->kind != KIND_SWITCH && flag->kind != KIND_MODE && flag->kind != KIND_WORDS;
    if (p->inline_value && !takes_inline) {
        return complain(p, "%s takes nothing after '='", flag->name);
    }
    switch (flag->kind) {
    case KIND_SWITCH:
        *(bool *)member = true;
        return WZP_OK;
    case KIND_TEXT:
        return value_of(p, flag, (const char **)(void *)member);
    case KIND_SECONDS:
        return read_seconds(p, flag, (uint32_t *)(void *)member);
    case KIND_NUMBER:
        return read_number(p, flag, (uint32_t *)(void *)member);
    case KIND_WORDS:
        return read_words(p, flag, member);
    case KIND_MODE:
    case KIND_MODE_TEXT:
    case KIND_MODE_SECONDS:
        return read_mode(p, flag);
    }
    return WZP_EINVAL;
}

static enum wzp_err unknown(const struct parser *p, const char *word)
{
    const char *names[wzp_count(flags)];
    for (size_t i = 0; i < wzp_count(flags); i++) {
        names[i] = flags[i].name;
    }
    const char *nearest = wzp_text_nearest(word, names, wzp_count(names));
    if (nearest) {
        return complain(p, "unknown option %s; did you mean %s?", word, nearest);
    }
    return complain(p, "unknown option %s", word);
}

static const char *long_name(const char *word)
{
    static const char *const shorts[][2] = {{"-h", "--help"}, {"-V", "--version"}, {"-v", "--verbose"}};
    for (size_t i = 0; i < wzp_count(shorts); i++) {
        if (strcmp(word, shorts[i][0]) == 0) {
            return shorts[i][1];
        }
    }
    return word;
}

static enum wzp_err read_word(struct parser *p)
{
    const char *word = long_name(p->argv[p->i]);
    if (!is_option(word)) {
        if (p->options->relay) {
            return complain(p, "one relay at a time: %s, %s", p->options->relay, word);
        }
        p->options->relay = word;
        return WZP_OK;
    }
    const char *equals = strchr(word, '=');
    p->inline_value = equals ? equals + 1 : NULL;
    const struct flag *flag = find(word);
    if (flag) {
        return read_flag(p, flag);
    }
    return unknown(p, word);
}

/** What each option allows by itself, but not all together. */
static enum wzp_err check(const struct parser *p)
{
    const struct wzp_options *o = p->options;
    if (o->mode == WZP_MODE_HELP || o->mode == WZP_MODE_VERSION) {
        return WZP_OK;
    }
    int identities = (o->seed_hex != NULL) + (o->mnemonic[0] != '\0') + (o->identity_file != NULL);
    if (identities > 1) {
        return complain(p, "--seed, --mnemonic and --identity don't go together");
    }
    if (o->tone_ms && o->send_file) {
        return complain(p, "--send-tone and --send-file don't go together");
    }
    if (o->relay_fingerprint && o->no_tofu) {
        return complain(p, "--relay-fingerprint and --no-tofu don't go together");
    }
    bool is_call = o->mode == WZP_MODE_CALL;
    if (!is_call && o->mode != WZP_MODE_NOT_YET && (o->tone_ms || o->send_file || o->record_file)) {
        return complain(p, "%s makes no call: nothing can be sent or recorded with it", o->mode_flag);
    }
    if (o->mode != WZP_MODE_LOAD && (o->pps || o->packet_bytes || o->load_sockets || o->load_reconnect)) {
        return complain(p, "--pps, --packet-bytes, --load-sockets and --load-reconnect belong to --load");
    }
    if (is_call && o->record_file && o->send_file && strcmp(o->record_file, o->send_file) == 0) {
        return complain(p, "--record would overwrite the file that --send-file sends");
    }
    return WZP_OK;
}

enum wzp_err wzp_options_read(int argc, char *const argv[],
                              char out_message[static WZP_OPTIONS_MESSAGE_BYTES],
                              struct wzp_options *out_options)
{
    struct wzp_options options = {.mode = WZP_MODE_CALL};
    struct parser p = {.argc = argc, .argv = argv, .message = out_message, .options = &options};
    for (p.i = 1; p.i < argc; p.i++) {
        enum wzp_err err = read_word(&p);
        if (err != WZP_OK) {
            return err;
        }
    }
    enum wzp_err err = check(&p);
    if (err != WZP_OK) {
        return err;
    }
    options.relay = options.relay ? options.relay : DEFAULT_RELAY;
    *out_options = options;
    return WZP_OK;
}

/** Prints `text`, whose further lines begin under the first. */
static void print_indented(FILE *stream, const char *text, int indent)
{
    for (const char *line = text; *line;) {
        size_t size = strcspn(line, "\n");
        fprintf(stream, "%*s%.*s\n", line == text ? 0 : indent, "", (int)size, line);
        line += line[size] ? size + 1 : size;
    }
}

void wzp_options_print_help(FILE *stream)
{
    fputs("usage: wzp-client [options] [host:port]\n"
          "\n"
          "Joins a room on a wzp relay (default " DEFAULT_RELAY ") and sends or records audio.\n"
          "Without a mode: five seconds of silence, as a test of the connection.\n"
          "\n",
          stream);
    for (size_t i = 0; i < wzp_count(flags); i++) {
        const struct flag *flag = &flags[i];
        if (flag->help) {
            char left[64];
            snprintf(left, sizeof left, "%s %s", flag->name, flag->argument ? flag->argument : "");
            fprintf(stream, "  %-26s", left);
            print_indented(stream, flag->help, 28);
        }
    }
    fputs("\nExit status: 0 done, 1 it failed, 2 the command line is wrong. More: man wzp-client\n", stream);
}
