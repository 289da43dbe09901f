/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/config_kinds.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proto/room_name.h"

#define LABEL_MAX_BYTES 64
#define HOST_MAX_BYTES  253

static enum wzp_err read_boolean(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                                 void *target, const struct wzp_toml_value *value)
{
    (void)reading;
    (void)field;
    *(bool *)target = value->boolean;
    return WZP_OK;
}

static bool is_in_range(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                        const struct wzp_toml_value *value)
{
    if (value->integer >= field->min && value->integer <= field->max) {
        return true;
    }
    wzp_config_complain(reading, value->place, field->name,
                        "%" PRId64 " is out of range; it must be from %" PRId64 " to %" PRId64,
                        value->integer, field->min, field->max);
    return false;
}

static enum wzp_err read_count(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                               void *target, const struct wzp_toml_value *value)
{
    if (is_in_range(reading, field, value)) {
        *(uint32_t *)target = (uint32_t)value->integer;
    }
    return WZP_OK;
}

static enum wzp_err read_port(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                              void *target, const struct wzp_toml_value *value)
{
    if (is_in_range(reading, field, value)) {
        *(int32_t *)target = (int32_t)value->integer;
    }
    return WZP_OK;
}

static void complain_text(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                          const struct wzp_toml_value *value)
{
    char shown[WZP_CONFIG_SHOWN_BYTES];
    wzp_text_clean(value->text.bytes, shown, sizeof shown);
    wzp_config_complain(reading, value->place, field->name, "\"%s\" is not %s", shown, field->kind->needed);
}

static enum wzp_err read_address(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                                 void *target, const struct wzp_toml_value *value)
{
    struct wzp_addr addr;
    if (wzp_addr_read(value->text.bytes, &addr) != WZP_OK || strlen(value->text.bytes) != value->text.size) {
        complain_text(reading, field, value);
        return WZP_OK;
    }
    *(struct wzp_addr *)target = addr;
    return WZP_OK;
}

static enum wzp_err read_level(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                               void *target, const struct wzp_toml_value *value)
{
    char word[16];
    enum wzp_log_level level;
    bool is_short = value->text.size < sizeof word;
    memcpy(word, is_short ? value->text.bytes : "", is_short ? value->text.size + 1 : 1);
    wzp_text_lower(word); /* the first generation took any text; upper case is what people wrote */
    if (wzp_log_level_read(word, &level) != WZP_OK) {
        complain_text(reading, field, value);
        return WZP_OK;
    }
    *(enum wzp_log_level *)target = level;
    return WZP_OK;
}

static enum wzp_err read_fingerprint(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                                     void *target, const struct wzp_toml_value *value)
{
    if (wzp_fingerprint_read(value->text.bytes, target) != WZP_OK) {
        complain_text(reading, field, value);
    }
    return WZP_OK;
}

static bool is_any_text(const char *text)
{
    return text[0] != '\0';
}

static bool is_ip(const char *text)
{
    struct in6_addr addr;
    return inet_pton(AF_INET, text, &addr) == 1 || inet_pton(AF_INET6, text, &addr) == 1;
}

/* 1 to 65535, behind a colon. */
static bool is_port_part(const char *text)
{
    size_t n = strspn(text + 1, "0123456789");
    return text[0] == ':' && n >= 1 && n <= 5 && text[1 + n] == '\0' &&
           strtoul(text + 1, NULL, 10) <= 65535 && strtoul(text + 1, NULL, 10) > 0;
}

static bool is_endpoint(const char *text)
{
    char host[HOST_MAX_BYTES + 1];
    const char *colon = strrchr(text, ':');
    if (!colon || !is_port_part(colon)) {
        return false;
    }
    bool has_brackets = text[0] == '[' && colon > text + 1 && colon[-1] == ']';
    const char *start = text + has_brackets;
    size_t size = (size_t)(colon - start) - has_brackets;
    if (size == 0 || size >= sizeof host) {
        return false;
    }
    memcpy(host, start, size);
    host[size] = '\0';
    struct in6_addr ip6;
    if (has_brackets) {
        return inet_pton(AF_INET6, host, &ip6) == 1;
    }
    wzp_text_lower(host);
    return is_ip(host) ? !strchr(host, ':') : wzp_room_name_is_dns(host);
}

static bool is_url(const char *text)
{
    const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : "";
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c <= ' ' || *c == 0x7f) {
            return false;
        }
    }
    return host[0] && !strchr("/:?#", host[0]);
}

static bool is_label(const char *text)
{
    char clean[LABEL_MAX_BYTES + 1];
    wzp_text_clean(text, clean, sizeof clean);
    return text[0] && strcmp(clean, text) == 0;
}

static bool is_room(const char *text)
{
    char folded[WZP_ROOM_NAME_BYTES];
    return text[0] && wzp_room_name_fold(text, folded) == WZP_OK;
}

/* A copy of a text that is_valid() took; NULL, and the problem told, where it did not. */
static enum wzp_err copy_valid(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                               const struct wzp_toml_value *value, char **out_copy)
{
    const char *text = value->text.bytes;
    char folded[WZP_ROOM_NAME_BYTES];
    *out_copy = NULL;
    if (strlen(text) != value->text.size || !field->kind->is_valid(text)) {
        complain_text(reading, field, value);
        return WZP_OK;
    }
    if (field->kind->is_valid == is_room && wzp_room_name_fold(text, folded) == WZP_OK) {
        text = folded;
    }
    return wzp_text_copy(text, out_copy);
}

static enum wzp_err read_text(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                              void *target, const struct wzp_toml_value *value)
{
    char *copy;
    enum wzp_err err = copy_valid(reading, field, value, &copy);
    if (err != WZP_OK || !copy) {
        return err;
    }
    char **text = target;
    free(*text);
    *text = copy;
    return WZP_OK;
}

static enum wzp_err append_text(struct wzp_relay_texts *texts, char *text)
{
    char **items = realloc(texts->items, (texts->n + 1) * sizeof *items);
    if (!items) {
        free(text);
        return WZP_ENOMEM;
    }
    texts->items = items;
    texts->items[texts->n++] = text;
    return WZP_OK;
}

static enum wzp_err read_item(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                              struct wzp_relay_texts *texts, const struct wzp_toml_value *value)
{
    if (value->type != WZP_TOML_STRING) {
        wzp_config_complain(reading, value->place, field->name, "each item must be a string, not %s",
                            wzp_toml_type_name(value->type));
        return WZP_OK;
    }
    if (texts->n == WZP_CONFIG_MAX_TEXTS) {
        wzp_config_complain(reading, value->place, field->name, "at most %d items", WZP_CONFIG_MAX_TEXTS);
        return WZP_OK;
    }
    char *copy;
    enum wzp_err err = copy_valid(reading, field, value, &copy);
    return err == WZP_OK && copy ? append_text(texts, copy) : err;
}

static enum wzp_err read_texts(struct wzp_config_reading *reading, const struct wzp_config_field *field,
                               void *target, const struct wzp_toml_value *value)
{
    enum wzp_err err = WZP_OK;
    for (const struct wzp_toml_item *item = value->array->first; item && err == WZP_OK; item = item->next) {
        err = read_item(reading, field, target, &item->value);
    }
    return err;
}

#define ENDPOINT_NEEDED                                                                                      \
    "a host or address with a port, like \"relay.example.org:4433\" or \"203.0.113.7:4433\""
#define ROOM_NEEDED "a room name: 1 to 253 bytes without control characters"

const struct wzp_config_kind wzp_config_boolean = {.type = WZP_TOML_BOOLEAN, .read = read_boolean};

const struct wzp_config_kind wzp_config_count = {.type = WZP_TOML_INTEGER, .read = read_count};

const struct wzp_config_kind wzp_config_port = {.type = WZP_TOML_INTEGER, .read = read_port};

const struct wzp_config_kind wzp_config_address = {
    .type = WZP_TOML_STRING,
    .read = read_address,
    .needed = "an address with a port, like \"0.0.0.0:4433\" or \"[::]:4433\"",
};

const struct wzp_config_kind wzp_config_level = {
    .type = WZP_TOML_STRING,
    .read = read_level,
    .needed = "a log level: error, warn, info, debug or trace",
};

const struct wzp_config_kind wzp_config_fingerprint = {
    .type = WZP_TOML_STRING,
    .read = read_fingerprint,
    .needed = "a fingerprint: 64 hexadecimal digits with or without colons, as the other relay logs it when "
              "it starts",
};

const struct wzp_config_kind wzp_config_ip = {
    .type = WZP_TOML_STRING,
    .read = read_text,
    .is_valid = is_ip,
    .needed = "an address without a port, like \"127.0.0.1\" or \"::1\"",
};

const struct wzp_config_kind wzp_config_endpoint = {
    .type = WZP_TOML_STRING,
    .read = read_text,
    .is_valid = is_endpoint,
    .needed = ENDPOINT_NEEDED,
};

const struct wzp_config_kind wzp_config_url = {
    .type = WZP_TOML_STRING,
    .read = read_text,
    .is_valid = is_url,
    .needed = "a URL, like \"https://auth.example.org/verify\"",
};

const struct wzp_config_kind wzp_config_path = {
    .type = WZP_TOML_STRING,
    .read = read_text,
    .is_valid = is_any_text,
    .needed = "a path",
};

const struct wzp_config_kind wzp_config_label = {
    .type = WZP_TOML_STRING,
    .read = read_text,
    .is_valid = is_label,
    .needed = "a label: 1 to 64 bytes without control characters",
};

const struct wzp_config_kind wzp_config_room = {
    .type = WZP_TOML_STRING,
    .read = read_text,
    .is_valid = is_room,
    .needed = ROOM_NEEDED,
};

const struct wzp_config_kind wzp_config_endpoints = {
    .type = WZP_TOML_ARRAY,
    .read = read_texts,
    .is_valid = is_endpoint,
    .needed = ENDPOINT_NEEDED,
};

const struct wzp_config_kind wzp_config_room_globs = {
    .type = WZP_TOML_ARRAY,
    .read = read_texts,
    .is_valid = is_room,
    .needed = "a pattern of room names, like \"team-*\"",
};
