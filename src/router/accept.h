/* SPDX-License-Identifier: Apache-2.0 */
/* Media of links: what is taken, from where, and once. Source: federation.md section 6. */
#pragma once

#include "router/internal.h"

/** See wzp_router_link_media_batch. */
void wzp_accept_batch(struct wzp_link *link, struct wzp_packet *const *packets, size_t n, wzp_us now);

/** See wzp_router_link_media_in. */
void wzp_accept_media(struct wzp_link *link, struct wzp_packet *packet, wzp_us now);
