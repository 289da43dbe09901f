/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks clients' tokens with the operator's web service (docs/protocol.md, "Authentication").
 *
 * POST auth_url {"token":"..."}; only a 2xx answer {"valid":true,"fingerprint":"...","alias":"..."} lets a
 * client in. Everything else - other answers, no answer in 5 s, too many checks at a time - keeps it out.
 */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "net/loop.h"
#include "proto/auth_reply.h"

#define WZP_AUTH_TOKEN_BYTES 4097 /* the longest token, 4 KiB, with its NUL */

struct wzp_auth;
struct wzp_auth_check;

/** Borrowed for the callback. */
struct wzp_auth_result {
    enum wzp_err err; /* WZP_OK: let in. WZP_EAUTH: the service refused the token. Others: the check failed */
    struct wzp_auth_reply reply; /* who it is, where `err` is WZP_OK */
    const char *reason;          /* else a phrase for the log and the close; never the token */
};

typedef void (*wzp_auth_fn)(void *context, const struct wzp_auth_result *result);

/** `url` is copied. `timeout` 0 takes 5 s. WZP_EINVAL: `url` is no http or https URL. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_auth_new(struct wzp_loop *loop, const char *url, wzp_us timeout,
                                       struct wzp_auth **out_auth);

/** Drops what is under way: no callback runs any more. Not from within a callback. Takes NULL. */
void wzp_auth_free(struct wzp_auth *auth);

/**
 * Checks `token` (copied). `fn` runs once, from the loop, never from within this call; `*out_check` is valid
 * until it returned. WZP_EINVAL: the token is empty, too long or no UTF-8. WZP_ELIMIT: too many are under
 * way. WZP_ENOMEM. Each of them means: do not let in.
 */
WZP_MUST_USE enum wzp_err wzp_auth_check_start(struct wzp_auth *auth, const char *token, wzp_auth_fn fn,
                                               void *context, struct wzp_auth_check **out_check);

/** Ends it; `fn` does not run. Takes NULL. */
void wzp_auth_check_cancel(struct wzp_auth_check *check);
