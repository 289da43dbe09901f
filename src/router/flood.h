/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "router/internal.h"
void wzp_flood_member(struct wzp_member *member, struct wzp_packet *packet, uint8_t level, wzp_us now);
