/* SPDX-License-Identifier: Apache-2.0 */
/* Host names to addresses on libuv's thread pool, so that a slow name server stops no packet. */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "net/addr.h"

#define WZP_RESOLVE_HOST_BYTES 256 /* a host name (253) with its NUL, rounded */
#define WZP_RESOLVE_PORT_BYTES 6

struct wzp_resolve {
    uv_getaddrinfo_t uv;
    wzp_resolve_fn fn; /* NULL: cancelled */
    void *context;
};

struct host_port {
    char host[WZP_RESOLVE_HOST_BYTES];
    char port[WZP_RESOLVE_PORT_BYTES];
};

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 5 && text[digits] == '\0' && strtoul(text, NULL, 10) <= UINT16_MAX;
}

static enum wzp_err host_port_read(const char *text, uint16_t default_port, struct host_port *out_parts)
{
    bool in_brackets = text[0] == '[';
    const char *start = in_brackets ? text + 1 : text;
    size_t size = strcspn(start, in_brackets ? "]" : ":");
    if (size == 0 || size >= sizeof out_parts->host || (in_brackets && start[size] != ']')) {
        return WZP_EMALFORMED;
    }
    const char *rest = start + size + (in_brackets ? 1 : 0);
    if (rest[0] != '\0' && (rest[0] != ':' || !is_port(rest + 1))) {
        return WZP_EMALFORMED;
    }
    memcpy(out_parts->host, start, size);
    out_parts->host[size] = '\0';
    if (rest[0] == ':') {
        wzp_ignore(snprintf(out_parts->port, sizeof out_parts->port, "%s", rest + 1));
    } else {
        wzp_ignore(snprintf(out_parts->port, sizeof out_parts->port, "%u", (unsigned)default_port));
    }
    return WZP_OK;
}

static void on_resolved(uv_getaddrinfo_t *uv, int status, struct addrinfo *found)
{
    struct wzp_resolve *resolve = wzp_container(uv, struct wzp_resolve, uv);
    struct wzp_addr addr = {.size = 0};
    if (status == 0 && found && found->ai_addrlen <= sizeof addr.storage) {
        memcpy(&addr.storage, found->ai_addr, found->ai_addrlen);
        addr.size = found->ai_addrlen;
    }
    uv_freeaddrinfo(found);
    if (resolve->fn) {
        bool ok = addr.size > 0;
        resolve->fn(resolve->context, ok ? WZP_OK : WZP_ENET, ok ? &addr : NULL);
    }
    free(resolve);
}

/* NOLINTNEXTLINE(readability-function-size): six, as each caller has them */
enum wzp_err wzp_resolve_start(struct wzp_loop *loop, const char *text, uint16_t default_port,
                               wzp_resolve_fn fn, void *context, struct wzp_resolve **out_resolve)
{
    struct host_port parts;
    enum wzp_err err = host_port_read(text, default_port, &parts);
    if (err != WZP_OK) {
        return err;
    }
    struct wzp_resolve *resolve = calloc(1, sizeof *resolve);
    if (!resolve) {
        return WZP_ENOMEM;
    }
    resolve->fn = fn;
    resolve->context = context;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    if (uv_getaddrinfo(wzp_loop_native(loop), &resolve->uv, on_resolved, parts.host, parts.port, &hints) !=
        0) {
        free(resolve);
        return WZP_EMALFORMED;
    }
    *out_resolve = resolve;
    return WZP_OK;
}

void wzp_resolve_cancel(struct wzp_resolve *resolve)
{
    if (resolve) {
        resolve->fn = NULL;
        wzp_ignore(uv_cancel((uv_req_t *)&resolve->uv)); /* where it runs already, its end finds no `fn` */
    }
}
