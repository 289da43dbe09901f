/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"
#include "support/wzp_test.h"

static void the_header_compiles_alone(void **state)
{
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_header_compiles_alone)};
    return cmocka_run_group_tests_name("base_random", tests, NULL, NULL);
}
