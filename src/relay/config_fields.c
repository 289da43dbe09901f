/* SPDX-License-Identifier: Apache-2.0 */
/* Every key of the file with its kind and range, and the three lists of tables. */
#include <stdlib.h>
#include <string.h>

#include "relay/config_kinds.h"
#include "relay/crew.h"
#include "router/router.h"

#define MAX_LINKS        4096 /* of [[peers]], and of [[trusted]] */
#define MAX_ROOMS        4096
#define MAX_SESSIONS     1000000
#define MAX_PARTICIPANTS 60000 /* stream numbers have 16 bits, and some of them rest */
#define MAX_PPS          10000000
#define MAX_PORT         65535
#define MAX_DEPTH        1000000 /* of jitter buffers: the first generation took any number */
#define MAX_FLUSH_US     20000
#define MAX_WORKERS      WZP_CREW_MAX
#define MAX_SPEAKERS     WZP_ROUTER_MAX_SPEAKERS

#define LINK_DEFAULT_PPS          20000
#define LINK_DEFAULT_PARTICIPANTS 512

#define FIELD(name_, kind_, offset_)                                                                         \
    {                                                                                                        \
        .name = (name_), .kind = &(kind_), .offset = (offset_)                                               \
    }
#define RANGED(name_, kind_, offset_, min_, max_)                                                            \
    {                                                                                                        \
        .name = (name_), .kind = &(kind_), .offset = (offset_), .min = (min_), .max = (max_)                 \
    }
#define REQUIRED(name_, kind_, offset_)                                                                      \
    {                                                                                                        \
        .name = (name_), .kind = &(kind_), .offset = (offset_), .is_required = true                          \
    }

/* `url` comes first: [[trusted]] has all of the others. */
#define LINK_OFFSET(member) offsetof(struct wzp_relay_link_config, member)
static const struct wzp_config_field link_fields[] = {
    REQUIRED("url", wzp_config_endpoint, LINK_OFFSET(url)),
    REQUIRED("fingerprint", wzp_config_fingerprint, LINK_OFFSET(fingerprint)),
    FIELD("label", wzp_config_label, LINK_OFFSET(label)),
    FIELD("rooms", wzp_config_room_globs, LINK_OFFSET(rooms)),
    FIELD("transit", wzp_config_boolean, LINK_OFFSET(transit)),
    RANGED("max_pps", wzp_config_count, LINK_OFFSET(max_pps), 1, MAX_PPS),
    RANGED("max_participants", wzp_config_count, LINK_OFFSET(max_participants), 1, MAX_PARTICIPANTS),
    FIELD("allow_unverified", wzp_config_boolean, LINK_OFFSET(allow_unverified)),
};

static const struct wzp_config_table peers_table = {"[[peers]] ", link_fields, wzp_count(link_fields)};
static const struct wzp_config_table trusted_table = {"[[trusted]] ", link_fields + 1,
                                                      wzp_count(link_fields) - 1};

#define ROOM_OFFSET(member) offsetof(struct wzp_relay_room_config, member)
static const struct wzp_config_field room_fields[] = {
    REQUIRED("name", wzp_config_room, ROOM_OFFSET(name)),
    RANGED("max_participants", wzp_config_count, ROOM_OFFSET(max_participants), 1, MAX_PARTICIPANTS),
    RANGED("max_speakers", wzp_config_count, ROOM_OFFSET(max_speakers), 0, MAX_SPEAKERS),
};

static const struct wzp_config_table rooms_table = {"[[global_rooms]] ", room_fields, wzp_count(room_fields)};

/* The array with room for one more element of `size` bytes behind the `n` that there are, zeroed. NULL: no
 * memory, and the array is as it was. */
static void *grow(void *array, size_t n, size_t size)
{
    char *grown = realloc(array, (n + 1) * size);
    if (grown) {
        memset(grown + n * size, 0, size);
    }
    return grown;
}

/* Whether one of the tables' array is a table at all, and not one too many. */
static bool is_next_table(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                          const struct wzp_toml_value *value, size_t n, size_t limit)
{
    if (value->type != WZP_TOML_TABLE) {
        wzp_config_complain(reading, value->place, field->name,
                            "each item must be a table, not %s; write [[%s]]",
                            wzp_toml_type_name(value->type), field->name);
        return false;
    }
    if (n == limit) {
        wzp_config_complain(reading, value->place, field->name, "more than %zu of them", limit);
        return false;
    }
    return true;
}

struct links {
    struct wzp_relay_link_config **array;
    size_t *n;
    const struct wzp_config_table *table;
};

static bool is_same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* The newest entry against those before it. An entry with an error of its own may still hold zeros. */
static void complain_twice(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                           const struct links *links, struct wzp_toml_place place)
{
    const struct wzp_relay_link_config *newest = &(*links->array)[*links->n - 1];
    for (const struct wzp_relay_link_config *entry = *links->array; entry < newest; entry++) {
        if (is_same_text(entry->url, newest->url)) {
            wzp_config_complain(reading, place, field->name, "two entries have the url \"%s\"", newest->url);
            return;
        }
        if (memcmp(entry->fingerprint, newest->fingerprint, sizeof entry->fingerprint) == 0) {
            wzp_config_complain(reading, place, field->name, "two entries have this fingerprint");
            return;
        }
    }
}

static enum wzp_err read_link(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                              const struct links *links, const struct wzp_toml_value *value)
{
    if (!is_next_table(reading, field, value, *links->n, MAX_LINKS)) {
        return WZP_OK;
    }
    struct wzp_relay_link_config *array = grow(*links->array, *links->n, sizeof *array);
    if (!array) {
        return WZP_ENOMEM;
    }
    *links->array = array;
    struct wzp_relay_link_config *entry = &array[(*links->n)++];
    entry->transit = true;
    entry->max_pps = LINK_DEFAULT_PPS;
    entry->max_participants = LINK_DEFAULT_PARTICIPANTS;
    size_t n_before = reading->problems->n_errors;
    enum wzp_err err = wzp_config_walk(reading, links->table, entry, value->table, value->place);
    if (err == WZP_OK && reading->problems->n_errors == n_before) {
        complain_twice(reading, field, links, value->place);
    }
    return err;
}

static enum wzp_err read_links(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                               const struct links *links, const struct wzp_toml_array *array)
{
    enum wzp_err err = WZP_OK;
    for (const struct wzp_toml_item *item = array->first; item && err == WZP_OK; item = item->next) {
        err = read_link(reading, field, links, &item->value);
    }
    return err;
}

static enum wzp_err read_peers(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                               void *target, const struct wzp_toml_value *value)
{
    (void)target;
    const struct links links = {&reading->config->peers, &reading->config->n_peers, &peers_table};
    return read_links(reading, field, &links, value->array);
}

static enum wzp_err read_trusted(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                                 void *target, const struct wzp_toml_value *value)
{
    (void)target;
    const struct links links = {&reading->config->trusted, &reading->config->n_trusted, &trusted_table};
    return read_links(reading, field, &links, value->array);
}

static bool has_room(const struct wzp_relay_config *config, const char *name)
{
    for (size_t i = 0; i < config->n_global_rooms; i++) {
        if (strcmp(config->global_rooms[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Takes the room over, or frees it where it is there already. */
static enum wzp_err add_room(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                             struct wzp_relay_room_config *room, struct wzp_toml_place place)
{
    struct wzp_relay_config *config = reading->config;
    if (has_room(config, room->name)) {
        if (!reading->flag) { /* the command line may repeat what the file has */
            wzp_config_complain(reading, place, field->name, "two entries have the name \"%s\"", room->name);
        }
        free(room->name);
        return WZP_OK;
    }
    struct wzp_relay_room_config *array = grow(config->global_rooms, config->n_global_rooms, sizeof *array);
    if (!array) {
        free(room->name);
        return WZP_ENOMEM;
    }
    config->global_rooms = array;
    config->global_rooms[config->n_global_rooms++] = *room;
    return WZP_OK;
}

static enum wzp_err read_room(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                              const struct wzp_toml_value *value)
{
    if (!is_next_table(reading, field, value, reading->config->n_global_rooms, MAX_ROOMS)) {
        return WZP_OK;
    }
    struct wzp_relay_room_config room = {.max_speakers = WZP_RELAY_CONFIG_AS_ALL};
    enum wzp_err err = wzp_config_walk(reading, &rooms_table, &room, value->table, value->place);
    if (err != WZP_OK || !room.name) {
        free(room.name);
        return err;
    }
    return add_room(reading, field, &room, value->place);
}

static enum wzp_err read_rooms(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                               void *target, const struct wzp_toml_value *value)
{
    (void)target;
    enum wzp_err err = WZP_OK;
    for (const struct wzp_toml_item *item = value->array->first; item && err == WZP_OK; item = item->next) {
        err = read_room(reading, field, &item->value);
    }
    return err;
}

static const struct wzp_config_kind peers_kind = {.type = WZP_TOML_ARRAY, .read = read_peers};
static const struct wzp_config_kind trusted_kind = {.type = WZP_TOML_ARRAY, .read = read_trusted};
static const struct wzp_config_kind rooms_kind = {.type = WZP_TOML_ARRAY, .read = read_rooms};

#define OFFSET(member) offsetof(struct wzp_relay_config, member)
static const struct wzp_config_field root_fields[] = {
    FIELD("listen_addr", wzp_config_address, OFFSET(listen_addr)),
    FIELD("remote_relay", wzp_config_endpoint, OFFSET(remote_relay)),
    RANGED("max_sessions", wzp_config_count, OFFSET(max_sessions), 1, MAX_SESSIONS),
    RANGED("max_participants_per_room", wzp_config_count, OFFSET(max_participants_per_room), 1,
           MAX_PARTICIPANTS),
    RANGED("max_speakers", wzp_config_count, OFFSET(max_speakers), 0, MAX_SPEAKERS),
    FIELD("measure_loss", wzp_config_boolean, OFFSET(measure_loss)),
    RANGED("flush_us", wzp_config_count, OFFSET(flush_us), 0, MAX_FLUSH_US),
    RANGED("max_load", wzp_config_count, OFFSET(max_load), 0, 100),
    RANGED("room_members_per_worker", wzp_config_count, OFFSET(room_members_per_worker), 0, MAX_PARTICIPANTS),
    RANGED("workers", wzp_config_count, OFFSET(workers), 0, MAX_WORKERS),
    RANGED("jitter_target_depth", wzp_config_count, OFFSET(jitter_target_depth), 0, MAX_DEPTH),
    RANGED("jitter_max_depth", wzp_config_count, OFFSET(jitter_max_depth), 0, MAX_DEPTH),
    FIELD("log_level", wzp_config_level, OFFSET(log_level)),
    FIELD("auth_url", wzp_config_url, OFFSET(auth_url)),
    RANGED("metrics_port", wzp_config_port, OFFSET(metrics_port), 0, MAX_PORT),
    FIELD("metrics_addr", wzp_config_ip, OFFSET(metrics_addr)),
    FIELD("probe_targets", wzp_config_endpoints, OFFSET(probe_targets)),
    FIELD("probe_mesh", wzp_config_boolean, OFFSET(probe_mesh)),
    FIELD("trunking_enabled", wzp_config_boolean, OFFSET(trunking_enabled)),
    RANGED("ws_port", wzp_config_port, OFFSET(ws_port), 0, MAX_PORT),
    FIELD("static_dir", wzp_config_path, OFFSET(static_dir)),
    FIELD("debug_tap", wzp_config_room, OFFSET(debug_tap)),
    FIELD("event_log", wzp_config_path, OFFSET(event_log)),
    FIELD("label", wzp_config_label, OFFSET(label)),
    FIELD("qlog_dir", wzp_config_path, OFFSET(qlog_dir)),
    FIELD("keylog_file", wzp_config_path, OFFSET(keylog_file)),
    FIELD("peers", peers_kind, 0),
    FIELD("trusted", trusted_kind, 0),
    FIELD("global_rooms", rooms_kind, 0),
};

const struct wzp_config_table wzp_config_root = {"", root_fields, wzp_count(root_fields)};
