/* SPDX-License-Identifier: Apache-2.0 */
/* Media from peers: it goes to the router in small batches, which cost less than its packets one by one. */
#include "relay/links_set.h"

void wzp_link_inbox_add(struct wzp_relay_link *link, const uint8_t *bytes, size_t size)
{
    struct wzp_links *links = link->links;
    struct wzp_link_inbox *inbox = &links->inbox;
    struct wzp_packet *packet;
    if (wzp_packet_new(links->relay->pool, bytes, size, &packet) != WZP_OK) {
        ++*links->relay->counters.media_no_memory;
        return;
    }
    if (inbox->link != link) {
        wzp_link_inbox_empty(links);
        inbox->link = link;
    }
    inbox->packets[inbox->n++] = packet;
    if (inbox->n == WZP_ROUTER_MEDIA_BATCH) {
        wzp_link_inbox_empty(links);
    }
}

void wzp_link_inbox_empty(struct wzp_links *links)
{
    struct wzp_link_inbox *inbox = &links->inbox;
    size_t n = inbox->n;
    inbox->n = 0;
    if (n > 0) {
        wzp_router_link_media_batch(links->relay->router, inbox->link->handle, inbox->packets, n,
                                    links->relay->now);
    }
    for (size_t i = 0; i < n; i++) {
        wzp_packet_unref(inbox->packets[i]);
    }
    inbox->link = NULL;
}
