/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings come as TOML, through tables of fields:
 *
 *   config_fields  every key with its kind, place in the struct and range
 *   config_kinds   what an address, a label, a room name ... is
 *   config_walk    the walker over a TOML table, and the messages
 *
 * A flag of the command line is turned into the TOML value that it stands for and goes the same way.
 */
#include "relay/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/toml.h"
#include "relay/config_reading.h"

#define DEFAULT_LISTEN_ADDR   "0.0.0.0:4433"
#define DEFAULT_METRICS_ADDR  "0.0.0.0"
#define DEFAULT_MAX_SESSIONS  1000 /* the first generation's 100 is less than one core carries by far */
#define DEFAULT_MAX_PER_ROOM  512  /* what one federated announcement can hold */
#define DEFAULT_FLUSH_US      2500 /* an eighth of a frame */
#define DEFAULT_JITTER_TARGET 50
#define DEFAULT_JITTER_MAX    250

enum wzp_err wzp_relay_config_init(struct wzp_relay_config *config)
{
    *config = (struct wzp_relay_config){
        .max_sessions = DEFAULT_MAX_SESSIONS,
        .max_participants_per_room = DEFAULT_MAX_PER_ROOM,
        .flush_us = DEFAULT_FLUSH_US,
        .max_load = 85,
        .room_members_per_worker = 200,
        .workers = 1,
        .jitter_target_depth = DEFAULT_JITTER_TARGET,
        .jitter_max_depth = DEFAULT_JITTER_MAX,
        .log_level = WZP_LOG_INFO,
        .metrics_port = WZP_RELAY_CONFIG_PORT_OFF,
        .ws_port = WZP_RELAY_CONFIG_PORT_OFF,
    };
    enum wzp_err err = wzp_addr_read(DEFAULT_LISTEN_ADDR, &config->listen_addr);
    return err == WZP_OK ? wzp_text_copy(DEFAULT_METRICS_ADDR, &config->metrics_addr) : err;
}

static void free_texts(struct wzp_relay_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        free(texts->items[i]);
    }
    free(texts->items);
}

static void free_links(struct wzp_relay_link_config *links, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(links[i].url);
        free(links[i].label);
        free_texts(&links[i].rooms);
    }
    free(links);
}

void wzp_relay_config_deinit(struct wzp_relay_config *config)
{
    char *const texts[] = {config->remote_relay, config->auth_url,  config->metrics_addr,
                           config->static_dir,   config->debug_tap, config->event_log,
                           config->label,        config->qlog_dir,  config->keylog_file};
    for (size_t i = 0; i < wzp_count(texts); i++) {
        free(texts[i]);
    }
    free_texts(&config->probe_targets);
    free_links(config->peers, config->n_peers);
    free_links(config->trusted, config->n_trusted);
    for (size_t i = 0; i < config->n_global_rooms; i++) {
        free(config->global_rooms[i].name);
    }
    free(config->global_rooms);
    *config = (struct wzp_relay_config){0};
}

enum wzp_err wzp_relay_config_read(struct wzp_relay_config *config, const char *path, const char *text,
                                   size_t size, struct wzp_problems *problems)
{
    WZP_AUTO(wzp_toml_freep) struct wzp_toml *toml = NULL;
    struct wzp_toml_error error;
    enum wzp_err err = wzp_toml_read(text, size, &toml, &error);
    if (err == WZP_EMALFORMED || err == WZP_ELIMIT) {
        wzp_problems_error(problems, "%s:%u:%u: %s", path, (unsigned)error.place.line,
                           (unsigned)error.place.column, error.text);
        return WZP_ECONFIG;
    }
    if (err != WZP_OK) {
        return err;
    }
    size_t n_before = problems->n_errors;
    struct wzp_config_reading reading = {.config = config, .problems = problems, .path = path, .title = ""};
    const struct wzp_toml_place start = {1, 1};
    err = wzp_config_walk(&reading, &wzp_config_root, config, wzp_toml_root(toml), start);
    if (err != WZP_OK) {
        return err;
    }
    return problems->n_errors > n_before ? WZP_ECONFIG : WZP_OK;
}

static void close_file(FILE **file)
{
    if (*file) {
        wzp_ignore(fclose(*file)); /* only read from */
    }
}

static void free_text(char **text)
{
    free(*text);
}

enum wzp_err wzp_relay_config_load(struct wzp_relay_config *config, const char *path,
                                   struct wzp_problems *problems)
{
    WZP_AUTO(close_file) FILE *file = fopen(path, "re");
    if (!file && errno == ENOENT) {
        return WZP_ENOTFOUND;
    }
    if (!file) {
        wzp_problems_error(problems, "%s: can't be opened: %s", path, strerror(errno));
        return WZP_ECONFIG;
    }
    const size_t limit = WZP_TOML_MAX_BYTES + 1; /* one more than is read, so that it is noticed */
    WZP_AUTO(free_text) char *text = malloc(limit);
    if (!text) {
        return WZP_ENOMEM;
    }
    size_t size = fread(text, 1, limit, file);
    if (ferror(file)) {
        wzp_problems_error(problems, "%s: can't be read: %s", path, strerror(errno));
        return WZP_ECONFIG;
    }
    return wzp_relay_config_read(config, path, text, size, problems);
}

/* A flag's text as the TOML value that it stands for; the parts hold what is around it. */
struct flag_value {
    struct wzp_toml_value value;
    struct wzp_toml_item item;
    struct wzp_toml_array array; /* lists take one item a flag */
    struct wzp_toml_entry name;
    struct wzp_toml_table table; /* `global_rooms` takes tables with a name */
};

static bool read_integer(const char *text, int64_t *out_number)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    *out_number = number;
    return text[0] && end[0] == '\0' && errno == 0;
}

static bool read_boolean(const char *text, bool *out_boolean)
{
    *out_boolean = strcmp(text, "true") == 0;
    return *out_boolean || strcmp(text, "false") == 0;
}

static void make_list(struct flag_value *flag, bool is_of_tables)
{
    if (is_of_tables) {
        flag->name = (struct wzp_toml_entry){.key = {"name", 4}, .value = flag->value};
        flag->table = (struct wzp_toml_table){.first = &flag->name, .n = 1};
        flag->value = (struct wzp_toml_value){.type = WZP_TOML_TABLE, .table = &flag->table};
    }
    flag->item = (struct wzp_toml_item){.value = flag->value};
    flag->array = (struct wzp_toml_array){.first = &flag->item, .n = 1};
    flag->value = (struct wzp_toml_value){.type = WZP_TOML_ARRAY, .array = &flag->array};
}

/* False where the text can't be what the field needs. */
static bool make_value(const struct wzp_config_field *field, const char *text, struct flag_value *out_flag)
{
    struct wzp_toml_value *value = &out_flag->value;
    *out_flag = (struct flag_value){.value = {.type = WZP_TOML_STRING}};
    switch (field->kind->type) {
    case WZP_TOML_INTEGER:
        value->type = WZP_TOML_INTEGER;
        return read_integer(text, &value->integer);
    case WZP_TOML_BOOLEAN:
        value->type = WZP_TOML_BOOLEAN;
        return read_boolean(text, &value->boolean);
    case WZP_TOML_STRING:
    case WZP_TOML_FLOAT:
    case WZP_TOML_DATETIME:
    case WZP_TOML_TABLE:
    case WZP_TOML_ARRAY:
        value->text = (struct wzp_toml_text){.bytes = text, .size = strlen(text)};
        break;
    }
    if (field->kind->type == WZP_TOML_ARRAY) {
        make_list(out_flag, strcmp(field->name, "global_rooms") == 0);
    }
    return true;
}

enum wzp_err wzp_relay_config_set(struct wzp_relay_config *config, const char *key, const char *value,
                                  const char *flag, struct wzp_problems *problems)
{
    const struct wzp_config_field *field = wzp_config_find(&wzp_config_root, key);
    if (!field) {
        wzp_problems_error(problems, "%s: there is no key \"%s\"", flag, key);
        return WZP_ECONFIG;
    }
    struct flag_value made;
    if (!make_value(field, value, &made)) {
        wzp_problems_error(problems, "%s: \"%s\" is not %s", flag, value,
                           field->kind->type == WZP_TOML_INTEGER ? "a number" : "true or false");
        return WZP_ECONFIG;
    }
    size_t n_before = problems->n_errors;
    struct wzp_config_reading reading = {.config = config, .problems = problems, .flag = flag, .title = ""};
    enum wzp_err err = wzp_config_read_field(&reading, field, config, &made.value);
    if (err != WZP_OK) {
        return err;
    }
    return problems->n_errors > n_before ? WZP_ECONFIG : WZP_OK;
}

static void warn_of_idle_settings(const struct wzp_relay_config *config, struct wzp_problems *problems)
{
    if (config->jitter_target_depth != DEFAULT_JITTER_TARGET ||
        config->jitter_max_depth != DEFAULT_JITTER_MAX) {
        wzp_problems_warn(problems,
                          "jitter_target_depth and jitter_max_depth have no effect: clients have the "
                          "jitter buffers, a relay has none");
    }
    if (config->trunking_enabled) {
        wzp_problems_warn(problems,
                          "trunking_enabled has no effect: small packets to one receiver share a QUIC "
                          "packet anyway");
    }
    if (config->ws_port != WZP_RELAY_CONFIG_PORT_OFF || config->static_dir) {
        wzp_problems_warn(problems,
                          "ws_port and static_dir have no effect yet: this build serves no web client");
    }
    if (config->remote_relay) {
        wzp_problems_warn(problems,
                          "remote_relay has no effect: share a room with the other relay by [[peers]] "
                          "and [[global_rooms]] instead");
    }
    if (config->probe_mesh) {
        wzp_problems_warn(problems, "probe_mesh has no effect: name each relay to probe in probe_targets");
    }
    if (config->event_log) {
        wzp_problems_warn(problems, "event_log has no effect yet; see debug_tap and the log");
    }
}

static bool is_peer(const struct wzp_relay_config *config,
                    const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES])
{
    for (size_t i = 0; i < config->n_peers; i++) {
        if (memcmp(config->peers[i].fingerprint, fingerprint, WZP_FINGERPRINT_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

static void warn_of_links(const struct wzp_relay_config *config, struct wzp_problems *problems)
{
    if (config->n_peers + config->n_trusted > 0 && config->n_global_rooms == 0) {
        wzp_problems_warn(problems,
                          "there are [[peers]] or [[trusted]] but no [[global_rooms]]: no room is shared "
                          "with them");
    }
    for (size_t i = 0; i < config->n_trusted; i++) {
        const struct wzp_relay_link_config *entry = &config->trusted[i];
        if (is_peer(config, entry->fingerprint)) {
            char text[WZP_FINGERPRINT_TEXT_BYTES];
            wzp_fingerprint_write(entry->fingerprint, text);
            wzp_problems_warn(problems, "[[trusted]] %s has no effect: it is in [[peers]] too", text);
        }
    }
}

void wzp_relay_config_warn(const struct wzp_relay_config *config, struct wzp_problems *problems)
{
    warn_of_idle_settings(config, problems);
    warn_of_links(config, problems);
    if (config->keylog_file) {
        wzp_problems_warn(problems, "keylog_file: whoever can read %s can decrypt all traffic of this relay",
                          config->keylog_file);
    }
}
