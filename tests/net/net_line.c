/* SPDX-License-Identifier: Apache-2.0 */
#include "net_line.h"

void net_line_start(struct net_line *line, wzp_us idle_timeout)
{
    struct wzp_endpoint_config server = net_config(true), client = net_config(false);
    server.idle_timeout = client.idle_timeout = idle_timeout;
    server.keep_alive = client.keep_alive = idle_timeout / 3;
    assert_ok(wzp_loop_new(&line->loop));
    net_side_start(&line->server, line->loop, &server);
    net_side_start(&line->client, line->loop, &client);
    struct wzp_addr addr = wzp_endpoint_addr(line->server.endpoint);
    net_proxy_start(&line->proxy, line->loop, &addr);
    struct wzp_dial dial = {.addr = *wzp_udp_addr(line->proxy.front), .server_name = "my_room"};
    assert_ok(wzp_endpoint_dial(line->client.endpoint, &dial, &line->at_client));
    net_wait_for(line->loop, &line->server.n_opened, 1, NET_PATIENCE);
    net_wait_for(line->loop, &line->client.n_opened, 1, NET_PATIENCE);
}

void net_line_stop(struct net_line *line)
{
    net_side_stop(&line->client);
    net_side_stop(&line->server);
    net_proxy_stop(&line->proxy);
    wzp_loop_free(line->loop);
}
