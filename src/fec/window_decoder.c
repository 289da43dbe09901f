/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Source packets are cells, by ordinal, in a ring of as many as there are columns in the equations. A repair
 * becomes an equation over the cells that are missing; each solution is a cell, which may solve the next
 * equation.
 */
#include "fec/window_decoder.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fec/equations.h"
#include "fec/gf256.h"
#include "fec/window_numbers.h"

enum {
    N_CELLS = WZP_EQUATIONS_COLUMNS,
    N_WAITING = 8, /* repairs whose window is not known yet, as their newest packet is lost */
};

enum cell_state {
    MISSING = 0,
    PRESENT,   /* came, or was taken */
    RECOVERED, /* to be taken */
};

struct cell {
    enum cell_state state;
    uint16_t seq;
    size_t size; /* with its header */
    uint8_t bytes[WZP_REPAIR_MAX_SYMBOL_BYTES];
};

struct waiting {
    bool is_used;
    struct wzp_repair repair; /* its symbol is ours: */
    uint8_t symbol[WZP_REPAIR_MAX_SYMBOL_BYTES];
};

struct wzp_window_decoder {
    struct wzp_window_numbers numbers;
    bool has_cells;
    uint64_t newest; /* ordinal of the newest cell */
    size_t n_recovered;
    size_t i_waiting; /* the next to be overwritten */
    struct waiting waiting[N_WAITING];
    struct wzp_equation scratch;
    struct wzp_equations equations;
    struct cell cells[N_CELLS];
};

enum wzp_err wzp_window_decoder_new(uint32_t n_ordinals, struct wzp_window_decoder **out_decoder)
{
    if (n_ordinals <= 2 * WZP_WINDOW_NUMBERS_JUMP) {
        return WZP_EINVAL;
    }
    struct wzp_window_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) {
        return WZP_ENOMEM;
    }
    decoder->numbers.n_ordinals = n_ordinals;
    *out_decoder = decoder;
    return WZP_OK;
}

void wzp_window_decoder_free(struct wzp_window_decoder *decoder)
{
    free(decoder);
}

void wzp_window_decoder_freep(struct wzp_window_decoder **decoder)
{
    wzp_window_decoder_free(*decoder);
}

void wzp_window_decoder_reset(struct wzp_window_decoder *decoder)
{
    decoder->numbers = (struct wzp_window_numbers){.n_ordinals = decoder->numbers.n_ordinals};
    decoder->has_cells = false;
    decoder->n_recovered = 0;
    for (size_t i = 0; i < N_WAITING; i++) {
        decoder->waiting[i].is_used = false;
    }
    for (size_t i = 0; i < N_CELLS; i++) {
        decoder->cells[i].state = MISSING;
        wzp_equations_forget(&decoder->equations, i);
    }
}

static struct cell *cell_at(struct wzp_window_decoder *decoder, uint64_t ordinal)
{
    return &decoder->cells[ordinal % N_CELLS];
}

/** Moves the ring up to `ordinal`. Cells that leave it are lost for good, and the equations with them. */
static void advance(struct wzp_window_decoder *decoder, uint64_t ordinal)
{
    if (!decoder->has_cells) {
        decoder->has_cells = true;
        decoder->newest = ordinal;
        return;
    }
    while (decoder->newest < ordinal) {
        decoder->newest++;
        struct cell *cell = cell_at(decoder, decoder->newest);
        decoder->n_recovered -= cell->state == RECOVERED;
        cell->state = MISSING;
        wzp_equations_forget(&decoder->equations, decoder->newest % N_CELLS);
    }
}

static bool is_in_ring(const struct wzp_window_decoder *decoder, uint64_t ordinal)
{
    return decoder->has_cells && ordinal <= decoder->newest && decoder->newest - ordinal < N_CELLS;
}

/** Ordinal of column `i`. */
static uint64_t ordinal_of_column(const struct wzp_window_decoder *decoder, size_t i)
{
    return decoder->newest - (decoder->newest - i) % N_CELLS;
}

/** A frame, and behind it zeros, as a cell has it; false where it cannot be one. */
static bool is_cell(const uint8_t *bytes, size_t size)
{
    struct wzp_reader reader = wzp_reader_of(bytes, size);
    size_t frame_size = wzp_read_u16(&reader);
    if (!wzp_read_bytes(&reader, frame_size) || frame_size > WZP_REPAIR_MAX_FRAME_BYTES) {
        return false;
    }
    for (size_t i = WZP_REPAIR_CELL_HEADER + frame_size; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/** Takes over what a solved equation says. What is no cell, or has no number, is only taken out of the
 * equations. */
static void recover(struct wzp_window_decoder *decoder, const struct wzp_equation *solved)
{
    size_t column = solved->pivot;
    uint64_t ordinal = ordinal_of_column(decoder, column);
    struct cell *cell = cell_at(decoder, ordinal);
    uint16_t seq = 0;
    if (!is_cell(solved->symbol, solved->size) ||
        wzp_window_numbers_assign(&decoder->numbers, ordinal, &seq) != WZP_OK) {
        wzp_equations_forget(&decoder->equations, column);
        return;
    }
    cell->seq = seq;
    cell->size = (size_t)WZP_REPAIR_CELL_HEADER + (size_t)(solved->symbol[0] << 8 | solved->symbol[1]);
    memcpy(cell->bytes, solved->symbol, cell->size);
    cell->state = RECOVERED;
    decoder->n_recovered++;
    wzp_equations_know(&decoder->equations, column, cell->bytes, cell->size);
}

static void solve(struct wzp_window_decoder *decoder)
{
    const struct wzp_equation *solved = wzp_equations_solved(&decoder->equations);
    while (solved) { /* each round takes a row away */
        recover(decoder, solved);
        solved = wzp_equations_solved(&decoder->equations);
    }
}

/** Adds the equation of a repair over the window that ends with `ordinal`. */
static void add_equation(struct wzp_window_decoder *decoder, const struct wzp_repair *repair,
                         uint64_t ordinal)
{
    advance(decoder, ordinal);
    uint64_t oldest = ordinal - repair->window + 1;
    if (!is_in_ring(decoder, oldest) || !is_in_ring(decoder, ordinal)) {
        return;
    }
    struct wzp_equation *equation = &decoder->scratch;
    *equation = (struct wzp_equation){.size = repair->symbol_size};
    memcpy(equation->symbol, repair->symbol, repair->symbol_size);
    uint8_t coefficients[WZP_REPAIR_MAX_WINDOW];
    wzp_repair_coefficients(repair->key, coefficients, repair->window);
    for (size_t i = 0; i < repair->window; i++) {
        const struct cell *cell = cell_at(decoder, oldest + i);
        if (cell->state == MISSING) {
            equation->coefficients[(oldest + i) % N_CELLS] = coefficients[i];
        } else {
            wzp_gf256_muladd(equation->symbol, cell->bytes, coefficients[i], cell->size);
            equation->size = wzp_max_size(equation->size, cell->size);
        }
    }
    wzp_equations_add(&decoder->equations, equation);
    solve(decoder);
}

/** Repairs whose window can be told now become equations. */
static void use_waiting(struct wzp_window_decoder *decoder)
{
    for (size_t i = 0; i < N_WAITING; i++) {
        struct waiting *waiting = &decoder->waiting[i];
        uint64_t ordinal = 0;
        if (waiting->is_used &&
            wzp_window_numbers_ordinal(&decoder->numbers, waiting->repair.newest, &ordinal) == WZP_OK) {
            waiting->is_used = false;
            add_equation(decoder, &waiting->repair, ordinal);
        }
    }
}

static void wait(struct wzp_window_decoder *decoder, const struct wzp_repair *repair)
{
    struct waiting *waiting = &decoder->waiting[decoder->i_waiting++ % N_WAITING];
    memcpy(waiting->symbol, repair->symbol, repair->symbol_size);
    waiting->repair = *repair;
    waiting->repair.symbol = waiting->symbol;
    waiting->is_used = true;
}

void wzp_window_decoder_source(struct wzp_window_decoder *decoder, const struct wzp_window_packet *packet)
{
    if (packet->size > WZP_REPAIR_MAX_FRAME_BYTES) {
        return;
    }
    if (wzp_window_numbers_is_jump(&decoder->numbers, packet->seq)) {
        wzp_window_decoder_reset(decoder);
    }
    uint64_t ordinal = 0;
    enum wzp_err err = wzp_window_numbers_source(&decoder->numbers, packet->seq, packet->ordinal, &ordinal);
    if (err == WZP_EMALFORMED) {
        wzp_window_decoder_reset(decoder);
        err = wzp_window_numbers_source(&decoder->numbers, packet->seq, packet->ordinal, &ordinal);
    }
    if (err != WZP_OK) {
        return;
    }
    advance(decoder, ordinal);
    struct cell *cell = cell_at(decoder, ordinal);
    if (!is_in_ring(decoder, ordinal) || cell->state != MISSING) {
        return;
    }
    struct wzp_writer writer = wzp_writer_of(cell->bytes, sizeof cell->bytes);
    wzp_write_u16(&writer, (uint16_t)packet->size);
    wzp_write_bytes(&writer, packet->frame, packet->size);
    cell->size = wzp_writer_size(&writer);
    cell->seq = packet->seq;
    cell->state = PRESENT;
    wzp_equations_know(&decoder->equations, ordinal % N_CELLS, cell->bytes, cell->size);
    use_waiting(decoder);
    solve(decoder);
}

void wzp_window_decoder_other(struct wzp_window_decoder *decoder, uint16_t seq)
{
    if (wzp_window_numbers_is_jump(&decoder->numbers, seq)) {
        return; /* a source packet will tell */
    }
    wzp_window_numbers_other(&decoder->numbers, seq);
    use_waiting(decoder);
}

void wzp_window_decoder_repair(struct wzp_window_decoder *decoder, uint16_t seq,
                               const struct wzp_repair *repair)
{
    bool is_far = wzp_window_numbers_is_jump(&decoder->numbers, seq) ||
                  wzp_window_numbers_is_jump(&decoder->numbers, repair->newest);
    if (is_far || !decoder->numbers.has_any) {
        return;
    }
    wzp_window_decoder_other(decoder, seq);
    uint64_t ordinal = 0;
    if (wzp_window_numbers_ordinal(&decoder->numbers, repair->newest, &ordinal) == WZP_OK) {
        add_equation(decoder, repair, ordinal);
    } else {
        wait(decoder, repair);
    }
}

enum wzp_err wzp_window_decoder_take(struct wzp_window_decoder *decoder, struct wzp_window_packet *out_packet)
{
    if (decoder->n_recovered == 0) {
        return WZP_EAGAIN;
    }
    uint64_t ordinal = decoder->newest - N_CELLS + 1;
    while (cell_at(decoder, ordinal)->state != RECOVERED) {
        ordinal++;
    }
    struct cell *cell = cell_at(decoder, ordinal);
    cell->state = PRESENT;
    decoder->n_recovered--;
    *out_packet = (struct wzp_window_packet){
        .seq = cell->seq,
        .ordinal = (uint32_t)(ordinal % decoder->numbers.n_ordinals),
        .frame = cell->bytes + WZP_REPAIR_CELL_HEADER,
        .size = cell->size - WZP_REPAIR_CELL_HEADER,
    };
    return WZP_OK;
}
