/* SPDX-License-Identifier: Apache-2.0 */
#include "fec/window_numbers.h"
#include "support/wzp_test.h"

#define MODULUS 1280

/** Numbers from 100 on: S a source packet that came, s one that did not, R a repair that came, r one that did
 * not. */
static struct wzp_window_numbers numbers_of(const char *pattern)
{
    struct wzp_window_numbers numbers = {.n_ordinals = MODULUS};
    uint32_t ordinal = 1275; /* wraps soon */
    for (uint16_t i = 0; pattern[i]; i++) {
        uint64_t extended = 0;
        if (pattern[i] == 'S') {
            assert_ok(wzp_window_numbers_source(&numbers, (uint16_t)(65534 + i), ordinal, &extended));
        } else if (pattern[i] == 'R') {
            wzp_window_numbers_other(&numbers, (uint16_t)(65534 + i));
        }
        ordinal = (ordinal + (pattern[i] == 'S' || pattern[i] == 's')) % MODULUS;
    }
    return numbers;
}

static void a_lost_packet_has_the_ordinal_its_neighbours_leave(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        uint16_t at;
        int ordinal; /* counted from the first; -1: cannot be told */
    } rows[] = {
        {"SSSSSR", 4, 4},
        {"SSSSsR", 4, 4},  /* right behind one that came */
        {"SSSssR", 4, -1}, /* one of the two may be a repair... */
        {"SSSssRS", 4, 4}, /* ...but not when the next one has come */
        {"SSSssrS", 4, -1},
        {"SSSSsrS", 4, 4},
        {"SSSsrsS", 5, 4},
        /* right in front of one that came */ {"SSSsssS", 4, 4}, /* as many as there are numbers */
        {"SSSRsRSS", 4, 3},
        {"sssssRS", 4, 4}, /* only what follows is known */
        {"sssssR", 4, -1},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_window_numbers numbers = numbers_of(rows[i].pattern);
        uint64_t ordinal = 0;
        enum wzp_err err = wzp_window_numbers_ordinal(&numbers, (uint16_t)(65534 + rows[i].at), &ordinal);
        if (rows[i].ordinal < 0) {
            assert_int_equal(err, WZP_EAGAIN);
        } else {
            assert_ok(err);
            assert_int_equal(ordinal % MODULUS, (1275 + rows[i].ordinal) % MODULUS);
        }
    }
}

static void a_recovered_packet_gets_a_number_in_its_place(void **state)
{
    (void)state;
    struct wzp_window_numbers numbers = numbers_of("SSRsrSsS");
    uint64_t first = 0;
    assert_ok(wzp_window_numbers_ordinal(&numbers, 65534, &first));
    uint16_t seq = 0;
    assert_ok(wzp_window_numbers_assign(&numbers, first + 2, &seq));
    assert_int_equal(seq, (uint16_t)(65534 + 3));
    assert_ok(wzp_window_numbers_assign(&numbers, first + 4, &seq));
    assert_int_equal(seq, (uint16_t)(65534 + 6));
    assert_int_equal(wzp_window_numbers_assign(&numbers, first - 1, &seq), WZP_ENOTFOUND); /* before all */
    assert_int_equal(wzp_window_numbers_assign(&numbers, first + 6, &seq), WZP_ENOTFOUND); /* behind all */
}

static void what_does_not_go_together_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint16_t seq;
        uint32_t ordinal;
        enum wzp_err err;
    } rows[] = {
        {100, 10, WZP_EEXIST},     {99, 9, WZP_OK},   {99, 11, WZP_EMALFORMED}, {104, 10, WZP_EEXIST},
        {104, 15, WZP_EMALFORMED}, {104, 14, WZP_OK}, {104, 9, WZP_EMALFORMED}, {104, 11, WZP_OK},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_window_numbers numbers = {.n_ordinals = MODULUS};
        uint64_t ordinal = 0;
        assert_ok(wzp_window_numbers_source(&numbers, 100, 10, &ordinal));
        assert_int_equal(wzp_window_numbers_source(&numbers, rows[i].seq, rows[i].ordinal, &ordinal),
                         rows[i].err);
    }
}

static void far_numbers_are_jumps(void **state)
{
    (void)state;
    struct wzp_window_numbers numbers = {.n_ordinals = MODULUS};
    assert_false(wzp_window_numbers_is_jump(&numbers, 40000));
    wzp_window_numbers_other(&numbers, 10);
    assert_false(wzp_window_numbers_is_jump(&numbers, 10 + WZP_WINDOW_NUMBERS_JUMP));
    assert_true(wzp_window_numbers_is_jump(&numbers, 11 + WZP_WINDOW_NUMBERS_JUMP));
    assert_false(wzp_window_numbers_is_jump(&numbers, (uint16_t)(10 - WZP_WINDOW_NUMBERS_JUMP)));
    assert_true(wzp_window_numbers_is_jump(&numbers, (uint16_t)(9 - WZP_WINDOW_NUMBERS_JUMP)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_packet_has_the_ordinal_its_neighbours_leave),
        cmocka_unit_test(a_recovered_packet_gets_a_number_in_its_place),
        cmocka_unit_test(what_does_not_go_together_is_refused),
        cmocka_unit_test(far_numbers_are_jumps),
    };
    return cmocka_run_group_tests_name("fec_window_numbers", tests, NULL, NULL);
}
