/* SPDX-License-Identifier: Apache-2.0 */
/* What others may dial to reach this relay: found without asking anybody outside. */
#pragma once

#include "net/addr.h"

/**
 * "203.0.113.7:4433": the address that `bound` listens at, or where that is every address, the first one of
 * this machine that is not its loopback; "HOST:4433" where there is none, for the reader to fill in.
 */
void wzp_own_address_write(const struct wzp_addr *bound, char out_text[static WZP_ADDR_TEXT_BYTES]);
