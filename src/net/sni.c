/* SPDX-License-Identifier: Apache-2.0 */
#include "net/sni.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MAX_NAME_CHARS    253
#define NAME_HEAD_BYTES   3   /* type and length, before the name */
#define NAME_TYPE_UNKNOWN 255 /* no such type is registered */

void wzp_sni_deinit(struct wzp_sni *sni)
{
    free(sni->bytes);
    sni->bytes = NULL;
    sni->size = sni->capacity = 0;
}

static enum wzp_err append(struct wzp_sni *sni, const uint8_t *bytes, size_t size)
{
    if (size > WZP_SNI_MAX_HELLO_BYTES - sni->size) {
        return WZP_ELIMIT;
    }
    if (sni->size + size > sni->capacity) {
        size_t capacity = wzp_max_size(sni->size + size, 2 * sni->capacity);
        uint8_t *larger = realloc(sni->bytes, capacity);
        if (!larger) {
            return WZP_ENOMEM;
        }
        sni->bytes = larger;
        sni->capacity = capacity;
    }
    memcpy(sni->bytes + sni->size, bytes, size);
    sni->size += size;
    return WZP_OK;
}

static bool is_name_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

static enum wzp_err keep_name(struct wzp_sni *sni, const uint8_t *name, size_t size)
{
    if (size > 1 && name[size - 1] == '.') {
        size--;
    }
    if (size > MAX_NAME_CHARS) {
        return WZP_EMALFORMED;
    }
    for (size_t i = 0; i < size; i++) {
        if (!is_name_char(name[i])) {
            return WZP_EMALFORMED;
        }
    }
    memcpy(sni->name, name, size);
    sni->name[size] = '\0';
    wzp_text_lower(sni->name);
    return WZP_OK;
}

enum wzp_err wzp_sni_feed(struct wzp_sni *sni, const uint8_t *bytes, size_t size)
{
    enum wzp_err err = append(sni, bytes, size);
    if (err != WZP_OK || size == 0) {
        return err;
    }
    if (sni->is_read) {
        sni->start += sni->hello.size;
        sni->is_read = false;
    }
    const uint8_t *message = sni->bytes + sni->start;
    err = wzp_client_hello_read(message, sni->size - sni->start, &sni->hello);
    if (err == WZP_EAGAIN) {
        return WZP_OK;
    }
    if (err != WZP_OK) {
        return err;
    }
    sni->is_read = true;
    return keep_name(sni, message + sni->hello.host_name.at, sni->hello.host_name.size);
}

void wzp_sni_disguise(const struct wzp_sni *sni, const uint8_t *params, size_t params_size)
{
    const struct wzp_client_hello *hello = &sni->hello;
    if (!sni->is_read || !strchr(sni->name, '_')) {
        return;
    }
    const uint8_t *copy = sni->bytes + sni->start;
    bool is_ours = hello->params_ext.size == params_size &&
                   memcmp(copy + hello->params_ext.at, params, params_size) == 0;
    if (!is_ours) {
        return; /* GnuTLS will refuse the name, no harm done */
    }
    /* Within the one message that both bodies lie in, on whichever side. */
    const uint8_t *body = params - hello->params_ext.at + hello->server_name_ext.at;
    if (memcmp(body, copy + hello->server_name_ext.at, hello->server_name_ext.size) == 0) {
        size_t type_at = hello->host_name.at - NAME_HEAD_BYTES - hello->server_name_ext.at;
        ((uint8_t *)body)[type_at] = NAME_TYPE_UNKNOWN; /* GnuTLS's own heap copy */
    }
}
