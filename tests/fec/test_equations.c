/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/random.h"
#include "fec/equations.h"
#include "fec/gf256.h"
#include "support/wzp_test.h"

#define CELL 40

/** Cells of random bytes, and sums over them with random coefficients. */
struct riddle {
    struct wzp_random_seeded seeded;
    struct wzp_random random;
    uint8_t cells[WZP_EQUATIONS_COLUMNS][CELL];
    bool known[WZP_EQUATIONS_COLUMNS];
    struct wzp_equations equations;
};

static struct riddle *riddle_new(uint64_t seed)
{
    struct riddle *riddle = calloc(1, sizeof *riddle);
    assert_non_null(riddle);
    riddle->random = wzp_random_from_seed(&riddle->seeded, seed);
    riddle->random.fill(riddle->random.context, riddle->cells, sizeof riddle->cells);
    return riddle;
}

/** Adds an equation over `n` columns from `first` on. */
static void add(struct riddle *riddle, size_t first, size_t n)
{
    struct wzp_equation equation = {.size = CELL};
    for (size_t i = first; i < first + n; i++) {
        uint8_t coefficient = (uint8_t)(1 + wzp_random_below(&riddle->random, 255));
        if (!riddle->known[i]) {
            equation.coefficients[i] = coefficient;
            wzp_gf256_muladd(equation.symbol, riddle->cells[i], coefficient, CELL);
        }
    }
    wzp_equations_add(&riddle->equations, &equation);
}

/** Takes all solutions, each of which must be right; how many. */
static size_t take(struct riddle *riddle)
{
    size_t n = 0;
    const struct wzp_equation *solved = wzp_equations_solved(&riddle->equations);
    for (; solved; solved = wzp_equations_solved(&riddle->equations)) {
        size_t column = solved->pivot;
        assert_memory_equal(solved->symbol, riddle->cells[column], CELL);
        riddle->known[column] = true;
        wzp_equations_know(&riddle->equations, column, riddle->cells[column], CELL);
        n++;
    }
    return n;
}

static void as_many_equations_as_unknowns_are_solved(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct riddle *riddle = riddle_new(seed);
        size_t n = 1 + wzp_random_below(&riddle->random, WZP_EQUATIONS_ROWS);
        size_t first = wzp_random_below(&riddle->random, WZP_EQUATIONS_COLUMNS - n);
        size_t n_solved = 0;
        for (size_t i = 0; i < n + 2 && n_solved < n; i++) { /* one in 256 says nothing new */
            add(riddle, first, n);
            n_solved += take(riddle);
        }
        assert_int_equal(n_solved, n);
        free(riddle);
    }
}

static void what_becomes_known_solves_others(void **state)
{
    (void)state;
    struct riddle *riddle = riddle_new(3);
    add(riddle, 10, 2);
    add(riddle, 11, 2);
    add(riddle, 12, 2); /* a chain: 10 11 12 13 */
    assert_int_equal(take(riddle), 0);
    riddle->known[12] = true;
    wzp_equations_know(&riddle->equations, 12, riddle->cells[12], CELL);
    assert_int_equal(take(riddle), 3);
    free(riddle);
}

static void forgotten_columns_take_their_rows_away(void **state)
{
    (void)state;
    struct riddle *riddle = riddle_new(4);
    add(riddle, 10, 2);
    add(riddle, 20, 1);
    wzp_equations_forget(&riddle->equations, 11);
    riddle->known[10] = true;
    wzp_equations_know(&riddle->equations, 10, riddle->cells[10], CELL);
    assert_int_equal(take(riddle), 1);
    assert_true(riddle->known[20] && !riddle->known[11]);
    free(riddle);
}

static void more_equations_than_rows_are_dropped(void **state)
{
    (void)state;
    struct riddle *riddle = riddle_new(5);
    for (int i = 0; i < 3 * WZP_EQUATIONS_ROWS; i++) {
        add(riddle, 0, 60);
    }
    assert_int_equal(take(riddle), 0);
    for (size_t i = 0; i < 60 - WZP_EQUATIONS_ROWS; i++) {
        riddle->known[i] = true;
        wzp_equations_know(&riddle->equations, i, riddle->cells[i], CELL);
    }
    assert_true(take(riddle) >= WZP_EQUATIONS_ROWS - 1);
    free(riddle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_equations_as_unknowns_are_solved),
        cmocka_unit_test(what_becomes_known_solves_others),
        cmocka_unit_test(forgotten_columns_take_their_rows_away),
        cmocka_unit_test(more_equations_than_rows_are_dropped),
    };
    return cmocka_run_group_tests_name("fec_equations", tests, NULL, NULL);
}
