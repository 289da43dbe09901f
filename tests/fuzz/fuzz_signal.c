/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "proto/signal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char *written(const struct wzp_signal *signal)
{
    char *body = NULL;
    size_t size = 0;
    if (wzp_signal_write(signal, &body, &size) != WZP_OK || strlen(body) != size) {
        abort();
    }
    return body;
}

/** What reads is written so that it reads again, and then writes the same. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct wzp_signal first;
    struct wzp_signal second;
    if (wzp_signal_read(bytes, size, &first) != WZP_OK) {
        return 0;
    }
    char *once = written(&first);
    if (wzp_signal_read(once, strlen(once), &second) != WZP_OK || second.kind != first.kind) {
        abort();
    }
    char *twice = written(&second);
    if (strcmp(once, twice) != 0) {
        abort();
    }
    free(once);
    free(twice);
    wzp_signal_deinit(&first);
    wzp_signal_deinit(&second);
    return 0;
}
