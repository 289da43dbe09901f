/* SPDX-License-Identifier: Apache-2.0 */
/* The participants of an origin, as its newest announcement lists them. */
#pragma once

#include "router/internal.h"

/**
 * Replaces the origin's people. Each gets a stream of ours for its number; a number that is now another
 * person's starts with a fresh duplicate window. The list is cut at what `link` may bring, where it is not
 * NULL. WZP_ENOMEM: nothing changed.
 */
WZP_MUST_USE enum wzp_err wzp_people_set(struct wzp_origin *origin,
                                         const struct wzp_signal_participants *list, struct wzp_link *link,
                                         wzp_us now);

/** They are about to go because the origin said so. */
void wzp_people_left(struct wzp_origin *origin, wzp_us now);

/** Takes them out; their streams stay for packets that are still under way. */
void wzp_people_clear(struct wzp_origin *origin);

/** Copies an announced participant, cleaned, without a stream. */
void wzp_people_read(const struct wzp_signal_participant *from, struct wzp_person *out_person);
