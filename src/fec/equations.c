/* SPDX-License-Identifier: Apache-2.0 */
#include "fec/equations.h"

#include <assert.h>

#include "base/attr.h"
#include "fec/gf256.h"

/** `to` += `factor` * `from`. */
static void add_row(struct wzp_equation *to, const struct wzp_equation *from, uint8_t factor)
{
    wzp_gf256_muladd(to->coefficients, from->coefficients, factor, WZP_EQUATIONS_COLUMNS);
    wzp_gf256_muladd(to->symbol, from->symbol, factor, from->size);
    to->size = wzp_max_size(to->size, from->size);
}

/** The first column with a coefficient; WZP_EQUATIONS_COLUMNS where there is none. */
static size_t first_column(const struct wzp_equation *row)
{
    for (size_t i = 0; i < WZP_EQUATIONS_COLUMNS; i++) {
        if (row->coefficients[i] != 0) {
            return i;
        }
    }
    return WZP_EQUATIONS_COLUMNS;
}

static void scale_row(struct wzp_equation *row, uint8_t factor)
{
    wzp_gf256_scale(row->coefficients, factor, WZP_EQUATIONS_COLUMNS);
    wzp_gf256_scale(row->symbol, factor, row->size);
}

static struct wzp_equation *free_row(struct wzp_equations *equations)
{
    for (size_t i = 0; i < WZP_EQUATIONS_ROWS; i++) {
        if (!equations->rows[i].is_used) {
            return &equations->rows[i];
        }
    }
    return NULL;
}

void wzp_equations_add(struct wzp_equations *equations, struct wzp_equation *equation)
{
    for (size_t i = 0; i < WZP_EQUATIONS_ROWS; i++) {
        const struct wzp_equation *row = &equations->rows[i];
        if (row->is_used) {
            add_row(equation, row, equation->coefficients[row->pivot]);
        }
    }
    size_t pivot = first_column(equation);
    struct wzp_equation *place = free_row(equations);
    if (pivot == WZP_EQUATIONS_COLUMNS || !place) {
        return;
    }
    scale_row(equation, wzp_gf256_inverse(equation->coefficients[pivot]));
    for (size_t i = 0; i < WZP_EQUATIONS_ROWS; i++) {
        struct wzp_equation *row = &equations->rows[i];
        if (row->is_used) {
            add_row(row, equation, row->coefficients[pivot]);
        }
    }
    *place = *equation;
    place->is_used = true;
    place->pivot = (uint8_t)pivot;
}

void wzp_equations_know(struct wzp_equations *equations, size_t column, const uint8_t *cell, size_t size)
{
    assert(column < WZP_EQUATIONS_COLUMNS && size <= WZP_REPAIR_MAX_SYMBOL_BYTES);
    struct wzp_equation *without_pivot = NULL;
    for (size_t i = 0; i < WZP_EQUATIONS_ROWS; i++) {
        struct wzp_equation *row = &equations->rows[i];
        if (!row->is_used || row->coefficients[column] == 0) {
            continue;
        }
        wzp_gf256_muladd(row->symbol, cell, row->coefficients[column], size);
        row->size = wzp_max_size(row->size, size);
        row->coefficients[column] = 0;
        without_pivot = row->pivot == column ? row : without_pivot;
    }
    if (without_pivot) { /* at most one has this pivot, and then it is the only one with the column */
        struct wzp_equation again = *without_pivot;
        without_pivot->is_used = false;
        wzp_equations_add(equations, &again);
    }
}

void wzp_equations_forget(struct wzp_equations *equations, size_t column)
{
    for (size_t i = 0; i < WZP_EQUATIONS_ROWS; i++) {
        struct wzp_equation *row = &equations->rows[i];
        row->is_used = row->is_used && row->coefficients[column] == 0;
    }
}

const struct wzp_equation *wzp_equations_solved(const struct wzp_equations *equations)
{
    for (size_t i = 0; i < WZP_EQUATIONS_ROWS; i++) {
        const struct wzp_equation *row = &equations->rows[i];
        if (!row->is_used) {
            continue;
        }
        size_t n_columns = 0;
        for (size_t k = 0; k < WZP_EQUATIONS_COLUMNS; k++) {
            n_columns += row->coefficients[k] != 0;
        }
        if (n_columns == 1) {
            return row;
        }
    }
    return NULL;
}
