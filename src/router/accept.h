/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "router/internal.h"
void wzp_accept_media(struct wzp_link *link, struct wzp_packet *packet, wzp_us now);
