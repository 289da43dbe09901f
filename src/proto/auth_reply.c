/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/auth_reply.h"

#include <string.h>

#include <jansson.h>

#include "base/text.h"

static void decrefp(json_t **value)
{
    json_decref(*value);
}

/** Text or NULL for null and for none. False: something else. */
static bool read_text(const json_t *object, const char *name, const char **out_text)
{
    const json_t *value = json_object_get(object, name);
    *out_text = json_string_value(value);
    return *out_text || !value || json_is_null(value);
}

static bool is_fingerprint(const char *text)
{
    size_t size = strlen(text);
    if (size == 0 || size >= WZP_AUTH_FINGERPRINT_BYTES) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    return true;
}

enum wzp_err wzp_auth_reply_read(const char *body, size_t size, struct wzp_auth_reply *out_reply)
{
    WZP_AUTO(decrefp) json_t *object = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *valid = json_object_get(object, "valid");
    const char *fingerprint = NULL;
    const char *alias = NULL;
    if (!json_is_boolean(valid) || !read_text(object, "fingerprint", &fingerprint) ||
        !read_text(object, "alias", &alias)) {
        return WZP_EMALFORMED;
    }
    struct wzp_auth_reply reply = {.is_valid = json_is_true(valid)};
    if (reply.is_valid) {
        if (!fingerprint || !is_fingerprint(fingerprint)) {
            return WZP_EMALFORMED;
        }
        memcpy(reply.fingerprint, fingerprint, strlen(fingerprint) + 1);
        wzp_text_clean(alias ? alias : "", reply.alias, sizeof reply.alias);
    }
    *out_reply = reply;
    return WZP_OK;
}
