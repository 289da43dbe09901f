/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our connection ids: they lead to the connection without a look-up, and show nobody else which ids belong
 * together.
 *
 *   byte 0      worker, so that the kernel can steer packets to it
 *   bytes 1-3   index of the connection, masked with a keyed hash of the other bytes
 *   bytes 4-7   random
 */
#pragma once

#include <stdint.h>

#include "base/hash.h"
#include "base/random.h"

#define WZP_CID_BYTES     8
#define WZP_CID_MAX_INDEX 0xffffffU /* stands for "no connection" */

/** A value. The key is random per process. */
struct wzp_cid_scheme {
    struct wzp_hash_key key;
    uint8_t worker;
};

/** A fresh id for connection `index` (up to WZP_CID_MAX_INDEX). */
void wzp_cid_make(const struct wzp_cid_scheme *scheme, uint32_t index, const struct wzp_random *random,
                  uint8_t out_cid[static WZP_CID_BYTES]);

/** The index in an id; any number where the id is not ours, so compare the whole id with the connection's. */
uint32_t wzp_cid_index(const struct wzp_cid_scheme *scheme, const uint8_t cid[static WZP_CID_BYTES]);
