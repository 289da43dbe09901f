/* SPDX-License-Identifier: Apache-2.0 */
/* UDP packets of strangers into a server: each is `u16 size`, then the bytes. */
#include <stdlib.h>

#include "base/bytes.h"
#include "net/endpoint.h"
#include "net_side.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct net_side *server(void)
{
    static struct net_side side;
    if (!side.endpoint) {
        struct wzp_loop *loop = NULL;
        struct wzp_endpoint_config config = net_config(true);
        config.max_half_open = 4;
        config.max_conns = 8;
        config.handshake_timeout = 50 * WZP_MS;
        if (wzp_loop_new(&loop) != WZP_OK) {
            abort();
        }
        net_side_start(&side, loop, &config);
    }
    return &side;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct net_side *side = server();
    struct wzp_udp_path path = {.local = *wzp_udp_addr(side->endpoint->udp),
                                .remote = *wzp_udp_addr(side->endpoint->udp)};
    struct wzp_reader reader = wzp_reader_of(data, size);
    while (wzp_reader_left(&reader) >= 2) {
        size_t n = wzp_min_size(wzp_read_u16(&reader), wzp_reader_left(&reader));
        const uint8_t *bytes = wzp_read_bytes(&reader, n);
        if (n > 0) {
            wzp_endpoint_receive(side->endpoint, &path, bytes, n);
        }
    }
    wzp_loop_step(side->loop, false);
    if (side->endpoint->n_accepted > side->endpoint->config.max_conns) {
        abort();
    }
    return 0;
}
