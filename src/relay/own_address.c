/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/own_address.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static bool is_useful(const struct ifaddrs *interface)
{
    return interface->ifa_addr && interface->ifa_addr->sa_family == AF_INET &&
           interface->ifa_flags & IFF_UP && !(interface->ifa_flags & IFF_LOOPBACK);
}

/* The first address of a machine is the one its operator would name; IPv6 ones change too often to print. */
static bool find_interface(struct wzp_addr *out_addr)
{
    struct ifaddrs *interfaces = NULL;
    if (getifaddrs(&interfaces) != 0) {
        return false;
    }
    const struct ifaddrs *at = interfaces;
    while (at && !is_useful(at)) {
        at = at->ifa_next;
    }
    if (at) {
        *out_addr = (struct wzp_addr){.size = sizeof(struct sockaddr_in)};
        memcpy(&out_addr->storage, at->ifa_addr, sizeof(struct sockaddr_in));
    }
    freeifaddrs(interfaces);
    return at != NULL;
}

void wzp_own_address_write(const struct wzp_addr *bound, char out_text[static WZP_ADDR_TEXT_BYTES])
{
    struct wzp_addr addr = *bound;
    if (!wzp_addr_is_any(bound)) {
        wzp_addr_write(&addr, out_text);
        return;
    }
    uint16_t port = wzp_addr_port(bound);
    if (!find_interface(&addr)) {
        snprintf(out_text, WZP_ADDR_TEXT_BYTES, "HOST:%u", port);
        return;
    }
    ((struct sockaddr_in *)(void *)&addr.storage)->sin_port = htons(port);
    wzp_addr_write(&addr, out_text);
}
