/* SPDX-License-Identifier: Apache-2.0 */
#include "fec/window_encoder.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fec/gf256.h"

enum {
    PERMILLE = 1000,
    MAX_RATIO = 2,
    MAX_DUE = 8, /* repairs that wait to be made; more would be a burst, and of no use by then */
    G1_REPAIR_BYTES = 256,
};

/** What coefficients multiply, without the zeros behind it. */
struct cell {
    size_t size;
    uint8_t bytes[WZP_REPAIR_CELL_HEADER + WZP_REPAIR_MAX_FRAME_BYTES];
};

struct wzp_window_encoder {
    size_t window;
    uint32_t ratio_permille;
    uint32_t due_permille; /* repairs earned and not yet made */
    uint16_t next_key;
    uint16_t newest;     /* sequence number */
    size_t n_cells;      /* in the window now */
    size_t i_next;       /* where the next one goes */
    struct cell cells[]; /* `window` of them, a ring */
};

enum wzp_err wzp_window_encoder_new(size_t window, double ratio, uint16_t first_key,
                                    struct wzp_window_encoder **out_encoder)
{
    if (window < 1 || window > WZP_REPAIR_MAX_WINDOW || !(ratio >= 0 && ratio <= MAX_RATIO)) {
        return WZP_EINVAL;
    }
    struct wzp_window_encoder *encoder = calloc(1, sizeof *encoder + window * sizeof encoder->cells[0]);
    if (!encoder) {
        return WZP_ENOMEM;
    }
    encoder->window = window;
    encoder->ratio_permille = (uint32_t)lrint(ratio * PERMILLE);
    encoder->next_key = first_key;
    *out_encoder = encoder;
    return WZP_OK;
}

void wzp_window_encoder_free(struct wzp_window_encoder *encoder)
{
    free(encoder);
}

void wzp_window_encoder_freep(struct wzp_window_encoder **encoder)
{
    wzp_window_encoder_free(*encoder);
}

enum wzp_err wzp_window_encoder_add(struct wzp_window_encoder *encoder, uint16_t seq, const uint8_t *frame,
                                    size_t size)
{
    uint32_t due = encoder->due_permille + encoder->ratio_permille;
    encoder->due_permille = due < MAX_DUE * PERMILLE ? due : MAX_DUE * PERMILLE;
    if (size > WZP_REPAIR_MAX_FRAME_BYTES) {
        encoder->n_cells = 0;
        return WZP_EINVAL;
    }
    struct cell *cell = &encoder->cells[encoder->i_next];
    struct wzp_writer writer = wzp_writer_of(cell->bytes, sizeof cell->bytes);
    wzp_write_u16(&writer, (uint16_t)size);
    wzp_write_bytes(&writer, frame, size);
    cell->size = wzp_writer_size(&writer);
    encoder->i_next = (encoder->i_next + 1) % encoder->window;
    encoder->n_cells = wzp_min_size(encoder->n_cells + 1, encoder->window);
    encoder->newest = seq;
    return WZP_OK;
}

size_t wzp_window_encoder_due(const struct wzp_window_encoder *encoder)
{
    return encoder->due_permille / PERMILLE;
}

/** The `i`-th oldest cell of the window. */
static const struct cell *cell_at(const struct wzp_window_encoder *encoder, size_t i)
{
    size_t i_oldest = encoder->i_next + encoder->window - encoder->n_cells;
    return &encoder->cells[(i_oldest + i) % encoder->window];
}

/** How long the sum is: the longest cell, and one more where the payload had the mark of a first-generation
 * repair. */
static size_t symbol_size(const struct wzp_window_encoder *encoder)
{
    size_t size = 0;
    for (size_t i = 0; i < encoder->n_cells; i++) {
        size = wzp_max_size(size, cell_at(encoder, i)->size);
    }
    return WZP_REPAIR_HEADER_BYTES + size == G1_REPAIR_BYTES ? size + 1 : size;
}

enum wzp_err wzp_window_encoder_repair(struct wzp_window_encoder *encoder,
                                       uint8_t payload[static WZP_REPAIR_MAX_PAYLOAD_BYTES], size_t *out_size)
{
    if (encoder->n_cells == 0) {
        return WZP_ENOTFOUND;
    }
    struct wzp_writer writer = wzp_writer_of(payload, WZP_REPAIR_MAX_PAYLOAD_BYTES);
    wzp_write_u8(&writer, WZP_REPAIR_SCHEME_WINDOW);
    wzp_write_u8(&writer, (uint8_t)encoder->n_cells);
    wzp_write_u16(&writer, encoder->newest);
    wzp_write_u16(&writer, encoder->next_key);
    size_t size = symbol_size(encoder);
    uint8_t *symbol = wzp_write_space(&writer, size);
    memset(symbol, 0, size);
    uint8_t coefficients[WZP_REPAIR_MAX_WINDOW];
    wzp_repair_coefficients(encoder->next_key, coefficients, encoder->n_cells);
    for (size_t i = 0; i < encoder->n_cells; i++) {
        const struct cell *cell = cell_at(encoder, i);
        wzp_gf256_muladd(symbol, cell->bytes, coefficients[i], cell->size);
    }
    encoder->next_key++;
    encoder->due_permille -= encoder->due_permille >= PERMILLE ? PERMILLE : 0;
    *out_size = wzp_writer_size(&writer);
    return WZP_OK;
}

void wzp_window_encoder_reset(struct wzp_window_encoder *encoder)
{
    encoder->n_cells = 0;
}
