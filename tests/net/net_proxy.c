/* SPDX-License-Identifier: Apache-2.0 */
#include "net_proxy.h"

static void pass_on(struct wzp_udp *out, const struct wzp_addr *to, const uint8_t *bytes, size_t size)
{
    uint8_t *space = wzp_udp_reserve(out);
    assert_non_null(space);
    assert_true(size <= WZP_UDP_PACKET_BYTES);
    memcpy(space, bytes, size);
    wzp_udp_commit(out, &(struct wzp_udp_path){.local = *wzp_udp_addr(out), .remote = *to}, size);
}

static void from_client(void *context, const struct wzp_udp_path *path, const uint8_t *bytes, size_t size)
{
    struct net_proxy *proxy = context;
    proxy->client = path->remote;
    proxy->n_to_server++;
    if (!proxy->loses_to_server) {
        pass_on(proxy->back, &proxy->server, bytes, size);
    }
}

static void from_server(void *context, const struct wzp_udp_path *path, const uint8_t *bytes, size_t size)
{
    (void)path;
    struct net_proxy *proxy = context;
    proxy->n_to_client++;
    if (!proxy->loses_to_client && proxy->client.size > 0) {
        pass_on(proxy->front, &proxy->client, bytes, size);
    }
}

static void on_batch_end(void *context)
{
    struct net_proxy *proxy = context;
    wzp_udp_flush(proxy->front);
    wzp_udp_flush(proxy->back);
}

static const struct wzp_udp_handler front_handler = {.on_packet = from_client, .on_batch_end = on_batch_end};
static const struct wzp_udp_handler back_handler = {.on_packet = from_server, .on_batch_end = on_batch_end};

static struct wzp_udp *open_any(struct net_proxy *proxy, const struct wzp_udp_handler *handler)
{
    struct wzp_addr any;
    struct wzp_udp *udp = NULL;
    assert_ok(wzp_addr_read("127.0.0.1:0", &any));
    assert_ok(wzp_udp_open(proxy->loop, &any, handler, proxy, &udp));
    return udp;
}

void net_proxy_start(struct net_proxy *proxy, struct wzp_loop *loop, const struct wzp_addr *server)
{
    *proxy = (struct net_proxy){.loop = loop, .server = *server};
    proxy->front = open_any(proxy, &front_handler);
    proxy->back = open_any(proxy, &back_handler);
}

void net_proxy_stop(struct net_proxy *proxy)
{
    wzp_udp_close(proxy->front);
    wzp_udp_close(proxy->back);
}

void net_proxy_rebind(struct net_proxy *proxy)
{
    struct wzp_udp *old = proxy->back;
    proxy->back = open_any(proxy, &back_handler);
    wzp_udp_close(old);
}
