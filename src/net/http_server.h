/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTP server on the loop: answers GET and HEAD of a fixed table of paths, for metrics and health
 * pages.
 *
 * Handlers run on the loop's thread and answer within the call, so they must be quick. Everything that a
 * client can make grow is bounded: connections, header bytes (4 KiB), the time between bytes. Requests with a
 * body and other methods get 405, unknown paths 404. Plain HTTP: it belongs on a local address or behind a
 * proxy.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/buffer.h"
#include "base/log.h"
#include "base/us.h"
#include "net/loop.h"

/** The longest path that is looked up, with its NUL; longer ones get 414. */
#define WZP_HTTP_PATH_BYTES 512

struct wzp_http_server;

/** Borrowed for the handler's call. */
struct wzp_http_request {
    const char *path; /* percent-decoded, from '/', without the query */
    const char *rest; /* what follows a prefix route's path; "" on exact ones */
};

/** What a handler fills; it starts as 200, "text/plain; charset=utf-8", no body. */
struct wzp_http_response {
    unsigned status;
    const char *content_type; /* static */
    struct wzp_buffer body;   /* a failed buffer is answered with 500 */
};

typedef void (*wzp_http_fn)(void *context, const struct wzp_http_request *request,
                            struct wzp_http_response *response);

/** The first route that fits answers. */
struct wzp_http_route {
    const char *path; /* from '/' */
    bool is_prefix;   /* also takes what is below: "/presence/" takes "/presence/abc" */
    wzp_http_fn fn;
    void *context;
};

/** 0 takes the default in brackets. */
struct wzp_http_server_config {
    const char *address;                 /* a literal IP address; NULL: all of IPv4 */
    uint16_t port;                       /* 0: the kernel picks */
    const struct wzp_http_route *routes; /* borrowed, with their paths and contexts, for the server's life */
    size_t n_routes;
    const struct wzp_log *log; /* borrowed */
    size_t max_connections;    /* more are closed at once [64] */
    wzp_us idle_timeout;       /* of a connection without progress [15 s] */
    size_t max_body_bytes;     /* of a response [8 MiB] */
};

/** Listens. WZP_EINVAL: `address` is no IP address. WZP_ENET: it can't be bound. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_http_server_start(struct wzp_loop *loop,
                                                const struct wzp_http_server_config *config,
                                                struct wzp_http_server **out_server);

/** The bound port. */
uint16_t wzp_http_server_port(const struct wzp_http_server *server);

/** Connections open now. */
size_t wzp_http_server_connections(const struct wzp_http_server *server);

/**
 * Stops listening and drops what is open; no handler runs any more. The memory goes once the loop has run the
 * close callbacks, at the latest in wzp_loop_free. Not from within a handler. Takes NULL.
 */
void wzp_http_server_free(struct wzp_http_server *server);
