/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/room_id.h"

#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "crypto/fingerprint.h"

#define ID_PREFIX         "featherchat-group:"
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

void wzp_room_id_tag(const char *canonical_name, uint8_t out_tag[static WZP_ROOM_TAG_BYTES])
{
    uint8_t hash[WZP_SHA256_BYTES];
    hash_lower("", canonical_name, hash);
    memcpy(out_tag, hash, WZP_ROOM_TAG_BYTES);
}
