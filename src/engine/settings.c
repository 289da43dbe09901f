/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/settings.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "crypto/room_id.h"
#include "proto/signal.h"

#define DEFAULT_RELAY   "127.0.0.1:4433"
#define DEFAULT_PROFILE "good"

static_assert(WZP_ROOM_ID_TEXT_BYTES <= WZP_ROOM_NAME_BYTES, "a hash is a name");

static enum wzp_err refuse(char *out_message, const char *format, ...) WZP_PRINTF(2, 3);

static enum wzp_err refuse(char *out_message, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(out_message, WZP_EVENT_MESSAGE_BYTES, format, args);
    va_end(args);
    return WZP_EINVAL;
}

enum wzp_err wzp_settings_server_name(const char *name, bool hides, char out_name[static WZP_ROOM_NAME_BYTES])
{
    char folded[WZP_ROOM_NAME_BYTES];
    if (wzp_room_name_fold(name[0] ? name : WZP_ROOM_NAME_DEFAULT, folded) != WZP_OK) {
        return WZP_EINVAL;
    }
    enum wzp_room_name_kind kind = wzp_room_name_kind_of(folded);
    bool can_be_raw = kind == WZP_ROOM_NAME_RAW && wzp_room_name_is_dns(folded);
    if (kind == WZP_ROOM_NAME_HASH || (can_be_raw && !hides)) {
        memcpy(out_name, folded, sizeof folded);
        return WZP_OK;
    }
    struct wzp_room_id id = wzp_room_id_of(folded);
    wzp_room_id_write(&id, out_name);
    return WZP_OK;
}

static enum wzp_err copy_text(const char *text, char **out_copy)
{
    return text ? wzp_text_copy(text, out_copy) : WZP_OK;
}

static enum wzp_err copy_texts(struct wzp_settings *settings, const struct wzp_engine_config *config)
{
    enum wzp_err err = wzp_text_copy(config->relay ? config->relay : DEFAULT_RELAY, &settings->relay);
    if (err == WZP_OK) {
        err = copy_text(config->token, &settings->token);
    }
    if (err == WZP_OK) {
        err = copy_text(config->known_relays, &settings->known_relays);
    }
    return err == WZP_OK ? copy_text(config->alias, &settings->alias) : err;
}

static enum wzp_err take_names(struct wzp_settings *settings, const struct wzp_engine_config *config,
                               char *out_message)
{
    const char *profile = config->profile ? config->profile : DEFAULT_PROFILE;
    settings->profile = wzp_profile_find(profile);
    if (!settings->profile) {
        return refuse(out_message, "there is no profile '%.100s'", profile);
    }
    const char *room = config->room ? config->room : "";
    enum wzp_err err = wzp_settings_server_name(room, config->hash_room, settings->server_name);
    if (err != WZP_OK) {
        return refuse(out_message, "a room's name has at most 253 bytes of UTF-8 and no control characters");
    }
    if (config->token && strlen(config->token) > WZP_SIGNAL_MAX_TOKEN) {
        return refuse(out_message, "the token is too long");
    }
    if (config->alias && !wzp_utf8_is_valid(config->alias, strlen(config->alias))) {
        return refuse(out_message, "the alias is not UTF-8");
    }
    settings->has_pin = config->relay_fingerprint != NULL;
    if (settings->has_pin && wzp_fingerprint_read(config->relay_fingerprint, settings->pin) != WZP_OK) {
        return refuse(out_message, "a relay's fingerprint is 64 hexadecimal digits, not '%.100s'",
                      config->relay_fingerprint);
    }
    return WZP_OK;
}

enum wzp_err wzp_settings_init(struct wzp_settings *settings, const struct wzp_engine_config *config,
                               char out_message[static WZP_EVENT_MESSAGE_BYTES])
{
    *settings = (struct wzp_settings){.linger_ms = config->linger_ms, .limit_ms = config->limit_ms};
    enum wzp_err err = take_names(settings, config, out_message);
    if (err != WZP_OK) {
        return err;
    }
    err = copy_texts(settings, config);
    if (err != WZP_OK) {
        return err;
    }
    if (config->seed) {
        return wzp_identity_init(&settings->identity, config->seed);
    }
    return wzp_identity_init_random(&settings->identity, &wzp_random_system);
}

struct wzp_call_config wzp_settings_call(const struct wzp_settings *settings)
{
    return (struct wzp_call_config){
        .identity = &settings->identity,
        .relay = settings->relay,
        .server_name = settings->server_name,
        .alias = settings->alias,
        .token = settings->token,
        .pin = settings->has_pin ? settings->pin : NULL,
        .known_relays = settings->known_relays,
    };
}

void wzp_settings_deinit(struct wzp_settings *settings)
{
    wzp_identity_deinit(&settings->identity);
    if (settings->token) {
        explicit_bzero(settings->token, strlen(settings->token));
    }
    free(settings->token);
    free(settings->relay);
    free(settings->alias);
    free(settings->known_relays);
    *settings = (struct wzp_settings){0};
}
