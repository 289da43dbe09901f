/* SPDX-License-Identifier: Apache-2.0 */
#include "fec/repair.h"

#include "base/bytes.h"
#include "fec/tinymt32.h"

enum { G1_REPAIR_BYTES = 256 };

enum wzp_err wzp_repair_read(const uint8_t *payload, size_t size, struct wzp_repair *out_repair)
{
    struct wzp_reader reader = wzp_reader_of(payload, size);
    uint8_t scheme = wzp_read_u8(&reader);
    struct wzp_repair repair = {0};
    repair.window = wzp_read_u8(&reader);
    repair.newest = wzp_read_u16(&reader);
    repair.key = wzp_read_u16(&reader);
    repair.symbol_size = wzp_reader_left(&reader);
    repair.symbol = wzp_read_bytes(&reader, repair.symbol_size);
    if (reader.failed) {
        return WZP_EMALFORMED;
    }
    if (size == G1_REPAIR_BYTES || scheme != WZP_REPAIR_SCHEME_WINDOW) {
        return WZP_EUNSUPPORTED;
    }
    if (repair.window < 1 || repair.window > WZP_REPAIR_MAX_WINDOW ||
        repair.symbol_size < WZP_REPAIR_CELL_HEADER || repair.symbol_size > WZP_REPAIR_MAX_SYMBOL_BYTES) {
        return WZP_EMALFORMED;
    }
    *out_repair = repair;
    return WZP_OK;
}

void wzp_repair_coefficients(uint16_t key, uint8_t *coefficients, size_t n)
{
    struct wzp_tinymt32 tinymt32;
    wzp_tinymt32_init(&tinymt32, key);
    for (size_t i = 0; i < n; i++) {
        do {
            coefficients[i] = (uint8_t)wzp_tinymt32_u32(&tinymt32);
        } while (coefficients[i] == 0);
    }
}
