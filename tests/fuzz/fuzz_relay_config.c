/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a relay's file: it reads, or there is at least one error to tell. */
#include <stdint.h>
#include <stdlib.h>

#include "relay/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct wzp_relay_config config;
    struct wzp_problems problems = {0};
    if (wzp_relay_config_init(&config) != WZP_OK) {
        return 0;
    }
    enum wzp_err err = wzp_relay_config_read(&config, "relay.toml", (const char *)bytes, size, &problems);
    if ((err == WZP_ECONFIG) != (problems.n_errors > 0)) {
        abort();
    }
    if (err == WZP_OK) {
        wzp_relay_config_warn(&config, &problems);
    }
    wzp_problems_deinit(&problems);
    wzp_relay_config_deinit(&config);
    return 0;
}
