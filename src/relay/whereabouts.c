/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/whereabouts.h"

#include <string.h>

#include "relay/delivery.h"
#include "relay/locals.h"
#include "relay/own_address.h"

void wzp_whereabouts_answer(struct wzp_relay *relay, const struct wzp_registry *registry,
                            struct wzp_conn *conn, const struct wzp_signal_route_query *query)
{
    struct wzp_addr bound = wzp_endpoint_addr(relay->endpoint);
    char own[WZP_ADDR_TEXT_BYTES];
    wzp_own_address_write(&bound, own);
    const struct wzp_registry_peer *peer = wzp_registry_find(registry, query->fingerprint);
    const char *chain[2] = {own, peer ? peer->address : NULL};
    bool is_here = wzp_locals_have(relay, query->fingerprint);
    const struct wzp_signal signal = {
        .kind = WZP_SIGNAL_ROUTE_RESPONSE,
        .route_response =
            {
                .fingerprint = query->fingerprint,
                .found = is_here || peer,
                .relay_chain = {.items = chain,
                                .n = is_here ? 1
                                     : peer  ? 2
                                             : 0},
            },
    };
    wzp_delivery_send(relay, conn, &signal, 0);
}

/*
 * Where the other relay is: where it says, if that is the host it speaks from, since nobody proves anything
 * here. Some of the first generation name us, or their own wildcard: then it is where the connection comes
 * from.
 */
void wzp_whereabouts_of_peer(const struct wzp_relay *relay, const struct wzp_conn *conn, const char *said,
                             char out_text[static WZP_ADDR_TEXT_BYTES])
{
    const struct wzp_addr *from = wzp_conn_peer_addr(conn);
    struct wzp_addr bound = wzp_endpoint_addr(relay->endpoint);
    char own[WZP_ADDR_TEXT_BYTES];
    wzp_own_address_write(&bound, own);
    struct wzp_addr addr;
    bool is_good = said && wzp_addr_read(said, &addr) == WZP_OK && wzp_addr_is_same_host(&addr, from) &&
                   strcmp(said, own) != 0;
    wzp_addr_write(is_good ? &addr : from, out_text);
}
