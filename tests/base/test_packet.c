/* SPDX-License-Identifier: Apache-2.0 */
#include "base/packet.h"
#include "support/wzp_test.h"

static void the_header_compiles_alone(void **state)
{
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_header_compiles_alone)};
    return cmocka_run_group_tests_name("base_packet", tests, NULL, NULL);
}
