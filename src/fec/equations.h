/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linear equations over GF(256) whose unknowns are byte strings: repairs are equations, lost frames unknowns.
 * Kept reduced (Gauss-Jordan): each row has a pivot column that no other row has, scaled to 1, so that a row
 * with nothing but its pivot is a solution.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fec/repair.h"

#define WZP_EQUATIONS_COLUMNS (2 * WZP_REPAIR_MAX_WINDOW) /* unknowns at a time */
#define WZP_EQUATIONS_ROWS    32                          /* more repairs than that wait in vain */

struct wzp_equation {
    bool is_used;
    uint8_t pivot;
    uint8_t coefficients[WZP_EQUATIONS_COLUMNS];
    size_t size; /* of the symbol; zeros follow */
    uint8_t symbol[WZP_REPAIR_MAX_SYMBOL_BYTES];
};

/** A value; all zeros is empty. Fields are the module's own. */
struct wzp_equations {
    struct wzp_equation rows[WZP_EQUATIONS_ROWS];
};

/** Adds `equation` (its coefficients, size and symbol), whose known columns have been taken out. Overwrites
 * it. What says nothing new is dropped; where all rows are in use, too. */
void wzp_equations_add(struct wzp_equations *equations, struct wzp_equation *equation);

/** `column` is `cell`, at most WZP_REPAIR_MAX_SYMBOL_BYTES. */
void wzp_equations_know(struct wzp_equations *equations, size_t column, const uint8_t *cell, size_t size);

/** `column` will stand for something else: drops the rows that have it. */
void wzp_equations_forget(struct wzp_equations *equations, size_t column);

/** A row that is solved, or NULL: its pivot is the column, its symbol what that is. Borrowed until the next
 * call. */
const struct wzp_equation *wzp_equations_solved(const struct wzp_equations *equations);
