/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of first packets: the packet as it came, and what would stand in it once it is decrypted. */
#include <stdlib.h>
#include <string.h>

#include "net/initial_peek.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct wzp_initial_hello hello;
    memset(&hello, 0, sizeof hello);
    char name[256] = "";
    enum wzp_err err = wzp_initial_peek(bytes, size, &hello);
    if (err == WZP_OK || wzp_initial_read_frames(bytes, size, &hello) == WZP_OK) {
        if (wzp_initial_server_name(&hello, sizeof name, name) == WZP_OK && strlen(name) >= sizeof name) {
            abort();
        }
    }
    return 0;
}
