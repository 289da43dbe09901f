/* SPDX-License-Identifier: Apache-2.0 */
#include "net/cid.h"

#define WZP_CID_INDEX_AT  1
#define WZP_CID_RANDOM_AT 4

static uint32_t mask_of(const struct wzp_cid_scheme *scheme, const uint8_t *cid)
{
    uint64_t hash = wzp_hash(&scheme->key, cid + WZP_CID_RANDOM_AT, WZP_CID_BYTES - WZP_CID_RANDOM_AT);
    return (uint32_t)hash & WZP_CID_MAX_INDEX;
}

void wzp_cid_make(const struct wzp_cid_scheme *scheme, uint32_t index, const struct wzp_random *random,
                  uint8_t out_cid[static WZP_CID_BYTES])
{
    random->fill(random->context, out_cid, WZP_CID_BYTES);
    out_cid[0] = scheme->worker;
    uint32_t masked = index ^ mask_of(scheme, out_cid);
    out_cid[WZP_CID_INDEX_AT] = (uint8_t)(masked >> 16);
    out_cid[WZP_CID_INDEX_AT + 1] = (uint8_t)(masked >> 8);
    out_cid[WZP_CID_INDEX_AT + 2] = (uint8_t)masked;
}

uint32_t wzp_cid_index(const struct wzp_cid_scheme *scheme, const uint8_t cid[static WZP_CID_BYTES])
{
    const uint8_t *at = cid + WZP_CID_INDEX_AT;
    uint32_t masked = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
    return masked ^ mask_of(scheme, cid);
}
