/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libwebsockets does HTTP; the listening socket is ours, so that what goes wrong with it is known at once and
 * a connection over the limit costs an accept and a close. lws runs on a loop of its own inside ours
 * (inner_loop.h).
 *
 *   listener readable -> accept -> lws_adopt_socket_vhost
 *   LWS_CALLBACK_HTTP -> route -> handler fills the body -> headers go out
 *   LWS_CALLBACK_HTTP_WRITEABLE -> one piece of the body a turn -> transaction completed, or keep-alive ends
 */
#include "net/http_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libwebsockets.h>
#include <uv.h>

#include "net/inner_loop.h"

#define WZP_HTTP_DEFAULT_CONNECTIONS 64
#define WZP_HTTP_DEFAULT_BODY_BYTES  ((size_t)8 << 20)
#define WZP_HTTP_DEFAULT_IDLE        (15 * WZP_SECOND)
#define WZP_HTTP_HEADER_BYTES        4096  /* of a request */
#define WZP_HTTP_PIECE_BYTES         16384 /* of a body, a turn of the loop */
#define WZP_HTTP_BACKLOG             64

struct wzp_http_server {
    struct wzp_http_server_config config;
    struct wzp_inner_loop *inner;
    struct lws_context *context; /* lws clears it when it is gone for good */
    struct lws_vhost *vhost;
    uv_poll_t listener;
    int listen_fd;
    bool is_listening;
    uint16_t port;
    size_t n_connections;
};

/** What lws keeps for us with each connection, zeroed at first. */
struct exchange {
    struct wzp_buffer body;
    size_t sent;
    bool is_last; /* what follows can't be told from a body that nobody reads */
};

static const struct wzp_http_route *find_route(const struct wzp_http_server *server, const char *path,
                                               const char **out_rest)
{
    for (size_t i = 0; i < server->config.n_routes; i++) {
        const struct wzp_http_route *route = &server->config.routes[i];
        size_t size = strlen(route->path);
        if (strncmp(path, route->path, size) == 0 && (route->is_prefix || path[size] == '\0')) {
            *out_rest = path + size;
            return route;
        }
    }
    return NULL;
}

/** Writes the response's headers. False: the connection has to go. */
static bool write_headers(struct lws *wsi, const struct wzp_http_response *response)
{
    uint8_t buffer[LWS_PRE + 1024];
    uint8_t *start = buffer + LWS_PRE;
    uint8_t *end = buffer + sizeof buffer - 1;
    uint8_t *at = start;
    const char *type = response->content_type;
    if (lws_add_http_header_status(wsi, response->status, &at, end) != 0 ||
        lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, (const uint8_t *)type,
                                     (int)strlen(type), &at, end) != 0 ||
        lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CACHE_CONTROL, (const uint8_t *)"no-store", 8, &at,
                                     end) != 0 ||
        lws_add_http_header_by_name(
            wsi, (const uint8_t *)"x-content-type-options:", (const uint8_t *)"nosniff", 7, &at, end) != 0) {
        return false;
    }
    if (response->status == 405 &&
        lws_add_http_header_by_name(wsi, (const uint8_t *)"allow:", (const uint8_t *)"GET, HEAD", 9, &at,
                                    end) != 0) {
        return false;
    }
    return lws_add_http_header_content_length(wsi, response->body.size, &at, end) == 0 &&
           lws_finalize_write_http_header(wsi, start, &at, end) == 0;
}

static void refuse(struct wzp_http_response *response, unsigned status, const char *text)
{
    wzp_buffer_clear(&response->body);
    response->status = status;
    response->content_type = "text/plain; charset=utf-8";
    wzp_buffer_add_text(&response->body, text);
}

static void respond(struct wzp_http_server *server, const char *path, struct wzp_http_response *response)
{
    struct wzp_http_request request = {.path = path, .rest = ""};
    const struct wzp_http_route *route = find_route(server, path, &request.rest);
    if (!route) {
        refuse(response, 404, "not found\n");
        return;
    }
    route->fn(route->context, &request, response);
    if (response->body.err != WZP_OK) {
        wzp_debug(server->config.log, "page failed", "path=%s err=\"%s\"", path,
                  wzp_err_text(response->body.err));
        refuse(response, 500, "internal error\n");
    }
}

/** lws wants 0 (go on) or -1 (close). */
static int on_request(struct wzp_http_server *server, struct lws *wsi, struct exchange *exchange,
                      const char *path)
{
    struct wzp_http_response response = {.status = 200, .content_type = "text/plain; charset=utf-8"};
    wzp_buffer_deinit(&exchange->body);
    wzp_buffer_init(&response.body, server->config.max_body_bytes);
    bool is_head = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
    bool is_get = lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0;
    if (!is_get && !is_head) {
        refuse(&response, 405, "only GET and HEAD\n");
    } else if (strlen(path) >= WZP_HTTP_PATH_BYTES) {
        refuse(&response, 414, "too long\n");
    } else {
        respond(server, path, &response);
    }
    wzp_debug(server->config.log, "page", "status=%u bytes=%zu", response.status, response.body.size);
    bool is_written = write_headers(wsi, &response);
    exchange->body = response.body; /* owned by the exchange now */
    exchange->sent = is_head ? response.body.size : 0;
    exchange->is_last = !is_get && !is_head;
    if (!is_written) {
        return -1;
    }
    lws_callback_on_writable(wsi);
    return 0;
}

static int on_writable(struct lws *wsi, struct exchange *exchange)
{
    uint8_t buffer[LWS_PRE + WZP_HTTP_PIECE_BYTES];
    size_t left = exchange->body.size - exchange->sent;
    size_t size = wzp_min_size(left, WZP_HTTP_PIECE_BYTES);
    if (size > 0) {
        memcpy(buffer + LWS_PRE, exchange->body.text + exchange->sent, size);
        enum lws_write_protocol how = size == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP;
        if (lws_write(wsi, buffer + LWS_PRE, size, how) < (int)size) {
            return -1;
        }
        exchange->sent += size;
    }
    if (exchange->sent < exchange->body.size) {
        lws_callback_on_writable(wsi);
        return 0;
    }
    wzp_buffer_deinit(&exchange->body);
    exchange->sent = 0;
    return exchange->is_last || lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
    struct wzp_http_server *server = lws_context_user(lws_get_context(wsi));
    struct exchange *exchange = user;
    (void)size;
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
        return on_request(server, wsi, exchange, in ? in : "");
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writable(wsi, exchange);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return -1;
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (exchange) {
            wzp_buffer_deinit(&exchange->body);
        }
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        if (lws_get_opaque_user_data(wsi) == server && server) {
            server->n_connections--;
        }
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_event, .per_session_data_size = sizeof(struct exchange)},
    {0},
};

static enum wzp_err start_lws(struct wzp_http_server *server)
{
    void *loop = wzp_inner_loop_native(server->inner);
    int idle_seconds = (int)((server->config.idle_timeout + WZP_SECOND - 1) / WZP_SECOND);
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN,
        .foreign_loops = &loop,
        .pcontext = &server->context,
        .user = server,
        .server_string = "wzp",
        .vhost_name = "wzp",
        .max_http_header_data2 = WZP_HTTP_HEADER_BYTES,
        .max_http_header_pool2 = (unsigned)server->config.max_connections,
        .fd_limit_per_thread = (unsigned)server->config.max_connections + 16, /* and lws's own few */
        .keepalive_timeout = idle_seconds,
        .timeout_secs = (unsigned)idle_seconds,
        .timeout_secs_ah_idle = (unsigned)idle_seconds,
    };
    /* lws logs through one function for the whole process; its words are for its authors. */
    lws_set_log_level(0, NULL);
    server->context = lws_create_context(&info);
    if (!server->context) {
        return WZP_EUNSUPPORTED;
    }
    server->vhost = lws_create_vhost(server->context, &info);
    return server->vhost ? WZP_OK : WZP_ENOMEM;
}

static void stop_lws(struct wzp_http_server *server)
{
    if (!server->context) {
        return;
    }
    lws_context_destroy(server->context); /* starts to close everything */
    wzp_inner_loop_drain(server->inner);
    if (server->context) {
        lws_context_destroy(server->context); /* ends it, where the loop is not lws's own */
    }
}

static void adopt(struct wzp_http_server *server, int fd)
{
    if (server->n_connections >= server->config.max_connections) {
        wzp_debug(server->config.log, "connection over the limit", "connections=%zu", server->n_connections);
        wzp_ignore(close(fd));
        return;
    }
    int on = 1; /* headers and body are two writes; Nagle's algorithm would hold the second back */
    wzp_ignore(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    struct lws *wsi = lws_adopt_socket_vhost(server->vhost, fd); /* closes it where it fails */
    if (wsi) {
        lws_set_opaque_user_data(wsi, server);
        server->n_connections++;
    }
}

/** At most a backlog's worth a turn, so that a flood does not hold up the loop. */
static void on_listener(uv_poll_t *poll, int status, int events)
{
    struct wzp_http_server *server = poll->data;
    (void)status;
    (void)events;
    for (int i = 0; i < WZP_HTTP_BACKLOG; i++) {
        int fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        adopt(server, fd);
        wzp_inner_loop_turn(server->inner);
    }
}

static bool read_address(const struct wzp_http_server_config *config, struct sockaddr_storage *out_addr)
{
    const char *address = config->address ? config->address : "0.0.0.0";
    return uv_ip4_addr(address, config->port, (struct sockaddr_in *)out_addr) == 0 ||
           uv_ip6_addr(address, config->port, (struct sockaddr_in6 *)out_addr) == 0;
}

static enum wzp_err listen_on(struct wzp_http_server *server, struct sockaddr_storage *addr)
{
    int on = 1;
    bool is_ip6 = addr->ss_family == AF_INET6;
    socklen_t size = is_ip6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    server->listen_fd = socket(addr->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server->listen_fd < 0) {
        return WZP_ENET;
    }
    if (setsockopt(server->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(server->listen_fd, (struct sockaddr *)addr, size) != 0 ||
        listen(server->listen_fd, WZP_HTTP_BACKLOG) != 0 ||
        getsockname(server->listen_fd, (struct sockaddr *)addr, &size) != 0) {
        return WZP_ENET;
    }
    server->port =
        ntohs(is_ip6 ? ((struct sockaddr_in6 *)addr)->sin6_port : ((struct sockaddr_in *)addr)->sin_port);
    uv_loop_t *loop = wzp_inner_loop_native(server->inner);
    if (uv_poll_init(loop, &server->listener, server->listen_fd) != 0) {
        return WZP_EIO;
    }
    server->is_listening = true;
    server->listener.data = server;
    return uv_poll_start(&server->listener, UV_READABLE, on_listener) == 0 ? WZP_OK : WZP_EIO;
}

static void fill_defaults(struct wzp_http_server_config *config)
{
    if (config->max_connections == 0) {
        config->max_connections = WZP_HTTP_DEFAULT_CONNECTIONS;
    }
    if (config->max_body_bytes == 0) {
        config->max_body_bytes = WZP_HTTP_DEFAULT_BODY_BYTES;
    }
    if (config->idle_timeout == 0) {
        config->idle_timeout = WZP_HTTP_DEFAULT_IDLE;
    }
}

static void server_freep(struct wzp_http_server **server)
{
    wzp_http_server_free(*server);
}

enum wzp_err wzp_http_server_start(struct wzp_loop *loop, const struct wzp_http_server_config *config,
                                   struct wzp_http_server **out_server)
{
    struct sockaddr_storage addr = {0};
    if (!read_address(config, &addr)) {
        return WZP_EINVAL;
    }
    WZP_AUTO(server_freep) struct wzp_http_server *server = calloc(1, sizeof *server);
    if (!server) {
        return WZP_ENOMEM;
    }
    server->config = *config;
    server->listen_fd = -1;
    fill_defaults(&server->config);
    enum wzp_err err = wzp_inner_loop_new(loop, &server->inner);
    if (err != WZP_OK) {
        return err;
    }
    err = listen_on(server, &addr);
    if (err != WZP_OK) {
        return err;
    }
    err = start_lws(server);
    if (err != WZP_OK) {
        return err;
    }
    wzp_inner_loop_turn(server->inner);
    *out_server = wzp_take(server);
    return WZP_OK;
}

uint16_t wzp_http_server_port(const struct wzp_http_server *server)
{
    return server->port;
}

size_t wzp_http_server_connections(const struct wzp_http_server *server)
{
    return server->n_connections;
}

void wzp_http_server_free(struct wzp_http_server *server)
{
    if (!server) {
        return;
    }
    if (server->is_listening) {
        uv_close((uv_handle_t *)&server->listener, NULL);
    }
    stop_lws(server);
    if (server->inner) {
        wzp_inner_loop_drain(server->inner);
    }
    if (server->listen_fd >= 0) {
        wzp_ignore(close(server->listen_fd));
    }
    wzp_inner_loop_free(server->inner);
    free(server);
}
