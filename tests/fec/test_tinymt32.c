/* SPDX-License-Identifier: Apache-2.0 */
#include "fec/tinymt32.h"
#include "support/wzp_test.h"

/** RFC 8682, figure 2: the first fifty numbers of seed 1. */
static const uint32_t of_seed_1[] = {
    2545341989, 981918433,  3715302833, 2387538352, 3591001365, 3820442102, 2114400566, 2196103051,
    2783359912, 764534509,  643179475,  1822416315, 881558334,  4207026366, 3690273640, 3240535687,
    2921447122, 3984931427, 4092394160, 44209675,   2188315343, 2908663843, 1834519336, 3774670961,
    3019990707, 4065554902, 1239765502, 4035716197, 3412127188, 552822483,  161364450,  353727785,
    140085994,  149132008,  2547770827, 4064042525, 4078297538, 2057335507, 622384752,  2041665899,
    2193913817, 1080849512, 33160901,   662956935,  642999063,  3384709977, 1723175122, 3866752252,
    521822317,  2292524454,
};

static void it_gives_the_numbers_of_the_rfc(void **state)
{
    (void)state;
    struct wzp_tinymt32 tinymt32;
    wzp_tinymt32_init(&tinymt32, 1);
    for (size_t i = 0; i < wzp_count(of_seed_1); i++) {
        assert_int_equal(wzp_tinymt32_u32(&tinymt32), of_seed_1[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_gives_the_numbers_of_the_rfc),
    };
    return cmocka_run_group_tests_name("fec_tinymt32", tests, NULL, NULL);
}
