/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/room_id.h"

#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "crypto/fingerprint.h"

#define ID_PREFIX         "featherchat-group:"
#define MAX_LABEL_BYTES   63
#define DEFAULT_ROOM      "default"
#define LOWER_CHUNK_BYTES 64

static uint8_t lower(char c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Names come from people and may be of any length, so they are lower-cased piece by piece. */
static void hash_lower(const char *prefix, const char *name, uint8_t out_hash[static WZP_SHA256_BYTES])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)prefix, strlen(prefix));
    uint8_t chunk[LOWER_CHUNK_BYTES];
    size_t used = 0;
    for (const char *c = name; *c; c++) {
        chunk[used++] = lower(*c);
        if (used == sizeof chunk) {
            crypto_hash_sha256_update(&state, chunk, used);
            used = 0;
        }
    }
    crypto_hash_sha256_update(&state, chunk, used);
    crypto_hash_sha256_final(&state, out_hash);
}

struct wzp_room_id wzp_room_id_of(const char *name)
{
    struct wzp_room_id id;
    if (wzp_hex_read(name, id.bytes, WZP_ROOM_ID_BYTES) == WZP_OK) {
        return id;
    }
    uint8_t hash[WZP_SHA256_BYTES];
    hash_lower(ID_PREFIX, name, hash);
    memcpy(id.bytes, hash, sizeof id.bytes);
    return id;
}

void wzp_room_id_write(const struct wzp_room_id *id, char out_text[static WZP_ROOM_ID_TEXT_BYTES])
{
    wzp_hex_write(id->bytes, WZP_ROOM_ID_BYTES, out_text);
}

bool wzp_room_id_is_text(const char *name)
{
    uint8_t bytes[WZP_ROOM_ID_BYTES];
    return wzp_hex_read(name, bytes, sizeof bytes) == WZP_OK;
}

void wzp_room_id_tag(const char *canonical_name, uint8_t out_tag[static WZP_ROOM_TAG_BYTES])
{
    uint8_t hash[WZP_SHA256_BYTES];
    hash_lower("", canonical_name, hash);
    memcpy(out_tag, hash, WZP_ROOM_TAG_BYTES);
}

static bool is_label_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* One label of a DNS name: 1 to 63 characters, no hyphen at either end. */
static bool is_label(const char *label, size_t size)
{
    if (size == 0 || size > MAX_LABEL_BYTES || label[0] == '-' || label[size - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (!is_label_character(label[i])) {
            return false;
        }
    }
    return true;
}

static bool is_dns_name(const char *name)
{
    size_t size = strlen(name);
    if (size == 0 || size > WZP_ROOM_NAME_MAX_BYTES) {
        return false;
    }
    const char *last = name;
    for (const char *label = name;;) {
        size_t label_size = strcspn(label, ".");
        if (!is_label(label, label_size)) {
            return false;
        }
        last = label;
        if (label[label_size] == '\0') {
            break;
        }
        label += label_size + 1;
    }
    /* A last label of digits makes it look like an address, which TLS stacks do not send as a name. */
    return strspn(last, "0123456789") != strlen(last);
}

bool wzp_room_id_can_be_raw(const char *name)
{
    bool is_reserved = name[0] == '_' || strcmp(name, "ping") == 0 || strcmp(name, "version") == 0;
    return !is_reserved && is_dns_name(name);
}

void wzp_room_id_server_name(const char *name, bool hide, char out_text[static WZP_ROOM_SERVER_NAME_BYTES])
{
    const char *room = name[0] ? name : DEFAULT_ROOM;
    if (!hide && strlen(room) <= WZP_ROOM_NAME_MAX_BYTES) {
        memcpy(out_text, room, strlen(room) + 1);
        wzp_text_lower(out_text);
        if (wzp_room_id_can_be_raw(out_text)) {
            return;
        }
    }
    struct wzp_room_id id = wzp_room_id_of(room);
    wzp_room_id_write(&id, out_text);
}
