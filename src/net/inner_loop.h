/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A libuv loop of its own that turns inside ours, for a library that wants to own one.
 *
 * libwebsockets closes its handles asynchronously on whatever loop it was given, and has to be asked twice;
 * on a loop that is only its own, "turn until it is empty" ends that within one call. Ours sees the inner
 * loop as one descriptor (uv_backend_fd) and one timer (uv_backend_timeout).
 */
#pragma once

#include <uv.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "net/loop.h"

struct wzp_inner_loop;

/** WZP_ENOMEM, WZP_EIO. */
WZP_MUST_USE enum wzp_err wzp_inner_loop_new(struct wzp_loop *outer, struct wzp_inner_loop **out_inner);

uv_loop_t *wzp_inner_loop_native(struct wzp_inner_loop *inner);

/**
 * Turns it once without waiting, then sees to it that it turns when it needs to. For whoever changed
 * something on it from outside; from within one of its callbacks it asks for another turn.
 */
void wzp_inner_loop_turn(struct wzp_inner_loop *inner);

/** Turns it until nothing is left on it, at most a thousand times; handles must be closing. */
void wzp_inner_loop_drain(struct wzp_inner_loop *inner);

/** Detaches; the memory goes when the outer loop has run the close callbacks. Takes NULL. */
void wzp_inner_loop_free(struct wzp_inner_loop *inner);
