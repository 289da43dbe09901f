/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one link says of the path of a relay that is our neighbour too, beside what that relay says itself.
 * Where they differ, one of the two is out of date, and the other is on its way: an offer by such a path is
 * doubted. In a mesh this ends the search through ever longer outdated paths after an origin or half of the
 * relays went.
 *
 * Source of the idea: Pei et al., "Improving BGP Convergence Through Consistency Assertions", 2002.
 */
#pragma once

#include "router/route.h"

/** Until when an offer of that path by `by` is doubted, or INT64_MIN. */
wzp_us wzp_hearsay_doubt(const struct wzp_origin *origin, const struct wzp_link *by,
                         const struct wzp_path *path, wzp_us now);

/** The way's relay has another path now, or none: doubts what others offer by its former one. */
void wzp_hearsay_changed(const struct wzp_way *way, wzp_us now);
