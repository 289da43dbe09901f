/* SPDX-License-Identifier: Apache-2.0 */
/* Handshake bytes of a stranger: the reader of ClientHellos, then the same bytes through a server connection
 * and GnuTLS, where a name may be written to (net/sni.h). */
#include <stdlib.h>

#include "net/conn.h"
#include "net/endpoint.h"
#include "net_side.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parts(const uint8_t *data, size_t size)
{
    struct wzp_client_hello hello;
    if (wzp_client_hello_read(data, size, &hello) != WZP_OK) {
        return;
    }
    if (hello.size > size || hello.host_name.at + hello.host_name.size > hello.size ||
        hello.server_name_ext.at + hello.server_name_ext.size > hello.size ||
        hello.params_ext.at + hello.params_ext.size > hello.size) {
        abort();
    }
}

static struct net_side *server(void)
{
    static struct net_side side;
    if (!side.endpoint) {
        struct wzp_loop *loop = NULL;
        struct wzp_endpoint_config config = net_config(true);
        if (wzp_loop_new(&loop) != WZP_OK) {
            abort();
        }
        net_side_start(&side, loop, &config);
    }
    return &side;
}

static void handshake(struct wzp_endpoint *endpoint, const uint8_t *data, size_t size)
{
    ngtcp2_pkt_hd head = {.version = NGTCP2_PROTO_VER_V1};
    ngtcp2_cid_init(&head.dcid, (const uint8_t *)"destination", 11);
    ngtcp2_cid_init(&head.scid, (const uint8_t *)"source", 6);
    struct wzp_udp_path path = {.local = *wzp_udp_addr(endpoint->udp),
                                .remote = *wzp_udp_addr(endpoint->udp)};
    struct wzp_conn *conn = NULL;
    if (wzp_conn_new_server(endpoint, &(struct wzp_conn_accept){.path = &path, .head = &head}, 1, &conn) !=
        WZP_OK) {
        abort();
    }
    ngtcp2_callbacks callbacks;
    wzp_conn_callbacks(&callbacks, true, true);
    if (callbacks.recv_client_initial(conn->ng, &head.dcid, conn) == 0) {
        size_t half = size / 2;
        int status =
            callbacks.recv_crypto_data(conn->ng, NGTCP2_ENCRYPTION_LEVEL_INITIAL, 0, data, half, conn);
        if (status == 0) {
            wzp_ignore(callbacks.recv_crypto_data(conn->ng, NGTCP2_ENCRYPTION_LEVEL_INITIAL, half,
                                                  data + half, size - half, conn));
        }
    }
    wzp_conn_free(conn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_parts(data, size);
    if (size >= 2) {
        handshake(server()->endpoint, data, size);
    }
    return 0;
}
