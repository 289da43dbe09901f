/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proto/room_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char folded[WZP_ROOM_NAME_BYTES];
    char again[WZP_ROOM_NAME_BYTES];
    char *name = strndup((const char *)bytes, size);
    if (!name) {
        abort();
    }
    if (wzp_room_name_fold(name, folded) == WZP_OK &&
        (!wzp_utf8_is_valid(folded, strlen(folded)) || wzp_room_name_fold(folded, again) != WZP_OK ||
         strcmp(folded, again) != 0)) {
        abort();
    }
    enum wzp_room_name_kind kind = wzp_room_name_of_sni(name, folded);
    bool is_sendable = wzp_room_name_is_dns(folded) || wzp_room_name_is_hash(folded);
    if ((kind == WZP_ROOM_NAME_REFUSED) == (folded[0] != '\0') || (folded[0] && !is_sendable)) {
        abort();
    }
    free(name);
    return 0;
}
