/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proto/auth_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct wzp_auth_reply reply;
    if (wzp_auth_reply_read((const char *)bytes, size, &reply) == WZP_OK &&
        ((reply.is_valid && reply.fingerprint[0] == '\0') ||
         !wzp_utf8_is_valid(reply.alias, strlen(reply.alias)))) {
        abort();
    }
    return 0;
}
