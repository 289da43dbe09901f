/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/load_sockets.h"

#include <stdlib.h>

enum wzp_err wzp_load_sockets_init(struct wzp_load_sockets *sockets)
{
    sockets->endpoints = calloc(sockets->n, sizeof *sockets->endpoints);
    return sockets->endpoints ? WZP_OK : WZP_ENOMEM;
}

enum wzp_err wzp_load_sockets_open(struct wzp_load_sockets *sockets, size_t client,
                                   struct wzp_endpoint **out_endpoint)
{
    struct wzp_endpoint **place = &sockets->endpoints[client % sockets->n];
    if (!*place) {
        struct wzp_endpoint_config config = {
            .handler = sockets->handler,
            .context = sockets,
            .pool = sockets->pool,
            .log = sockets->log,
            .max_conns = sockets->n_clients / sockets->n + 1,
            .max_queued_datagrams = 16,
            .max_message_bytes = (size_t)1 << 20, /* lists of large rooms */
        };
        enum wzp_err err = wzp_addr_read(sockets->is_ip6 ? "[::]:0" : "0.0.0.0:0", &config.bind);
        if (err == WZP_OK) {
            err = wzp_endpoint_new(sockets->loop, &config, place);
        }
        if (err != WZP_OK) {
            return err;
        }
    }
    *out_endpoint = *place;
    return WZP_OK;
}

void wzp_load_sockets_close(struct wzp_load_sockets *sockets)
{
    for (size_t i = 0; sockets->endpoints && i < sockets->n; i++) {
        wzp_endpoint_free(sockets->endpoints[i]);
        sockets->endpoints[i] = NULL;
    }
}

void wzp_load_sockets_deinit(struct wzp_load_sockets *sockets)
{
    wzp_load_sockets_close(sockets);
    free(sockets->endpoints);
}
