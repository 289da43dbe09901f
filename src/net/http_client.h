/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POSTs JSON to a web service: libcurl on a thread of its own, results on the loop.
 *
 * http and https only, certificates checked against the system's authorities, redirects not followed, no
 * cookies, no proxy but the environment's.
 */
#pragma once

#include <stddef.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"
#include "net/loop.h"

struct wzp_http_client;
struct wzp_http_post;

/** 0 takes the default in brackets. */
struct wzp_http_client_config {
    wzp_us timeout;            /* from the start to the last byte of the answer [5 s] */
    size_t max_response_bytes; /* a longer body fails the call [64 KiB] */
    size_t max_posts;          /* under way at a time, with cancelled ones that are not gone yet [256] */
};

/** How a call ended; borrowed for the callback. */
struct wzp_http_result {
    enum wzp_err err; /* WZP_OK: there is an answer, whatever its status; WZP_ETIMEOUT, WZP_ETLS, WZP_ELIMIT,
                         WZP_ENET */
    unsigned status;  /* 0 where there is no answer */
    const char *body; /* NUL-terminated; may hold NULs of its own */
    size_t size;
    const char *reason; /* where `err` is not WZP_OK: a phrase for the log; never the URL or the body */
};

typedef void (*wzp_http_result_fn)(void *context, const struct wzp_http_result *result);

/** `config` may be NULL: all defaults. WZP_ENOMEM, WZP_EIO. */
WZP_MUST_USE enum wzp_err wzp_http_client_new(struct wzp_loop *loop,
                                              const struct wzp_http_client_config *config,
                                              struct wzp_http_client **out_client);

/** Drops what is under way: no callback runs any more. Not from within a callback. Takes NULL. */
void wzp_http_client_free(struct wzp_http_client *client);

struct wzp_http_post_request {
    const char *url;
    const char *json; /* sent with Content-Type application/json */
    wzp_http_result_fn fn;
    void *context;
};

/**
 * Starts a POST; the strings are copied. `fn` runs once, from the loop, never from within this call;
 * `*out_post` is valid until it returned. WZP_EINVAL: the URL does not read. WZP_ELIMIT: too many are under
 * way. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_http_client_post(struct wzp_http_client *client,
                                               const struct wzp_http_post_request *request,
                                               struct wzp_http_post **out_post);

/** Ends it; `fn` does not run. Takes NULL. */
void wzp_http_client_cancel(struct wzp_http_post *post);
