/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "apps/impair/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char message[WZP_PLAN_MESSAGE_BYTES];
    struct wzp_plan *plan = wzp_plan_new();
    if (plan && wzp_scenario_read((const char *)bytes, size, plan, message) == WZP_OK) {
        for (size_t i = 1; i < plan->n_steps; i++) {
            if (plan->steps[i].at <= plan->steps[i - 1].at || plan->steps[i].settings[WZP_PLAN_UP].loss > 1) {
                abort();
            }
        }
    }
    free(plan);
    return 0;
}
