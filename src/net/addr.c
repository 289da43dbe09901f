/* SPDX-License-Identifier: Apache-2.0 */
#include "net/addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WZP_ADDR_HOST_BYTES 64 /* an IPv6 address with its scope */

static enum wzp_err port_read(const char *text, in_port_t *out_port)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != '\0') {
        return WZP_EMALFORMED;
    }
    unsigned long port = strtoul(text, NULL, 10);
    if (port > UINT16_MAX) {
        return WZP_EMALFORMED;
    }
    *out_port = htons((uint16_t)port);
    return WZP_OK;
}

static enum wzp_err ip4_read(const char *host, const char *port_text, struct wzp_addr *out_addr)
{
    struct sockaddr_in ip4 = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, host, &ip4.sin_addr) != 1 || port_read(port_text, &ip4.sin_port) != WZP_OK) {
        return WZP_EMALFORMED;
    }
    *out_addr = (struct wzp_addr){.size = sizeof ip4};
    memcpy(&out_addr->storage, &ip4, sizeof ip4);
    return WZP_OK;
}

static enum wzp_err ip6_read(char *host, const char *port_text, struct wzp_addr *out_addr)
{
    struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6};
    char *scope = strchr(host, '%');
    if (scope) {
        *scope++ = '\0';
        ip6.sin6_scope_id = if_nametoindex(scope);
        if (ip6.sin6_scope_id == 0) {
            return WZP_EMALFORMED;
        }
    }
    if (inet_pton(AF_INET6, host, &ip6.sin6_addr) != 1 || port_read(port_text, &ip6.sin6_port) != WZP_OK) {
        return WZP_EMALFORMED;
    }
    *out_addr = (struct wzp_addr){.size = sizeof ip6};
    memcpy(&out_addr->storage, &ip6, sizeof ip6);
    return WZP_OK;
}

enum wzp_err wzp_addr_read(const char *text, struct wzp_addr *out_addr)
{
    bool in_brackets = text[0] == '[';
    const char *start = in_brackets ? text + 1 : text;
    const char *end = strchr(start, in_brackets ? ']' : ':');
    if (!end || (size_t)(end - start) >= WZP_ADDR_HOST_BYTES) {
        return WZP_EMALFORMED;
    }
    char host[WZP_ADDR_HOST_BYTES];
    memcpy(host, start, (size_t)(end - start));
    host[end - start] = '\0';
    if (!in_brackets) {
        return ip4_read(host, end + 1, out_addr);
    }
    if (end[1] != ':') {
        return WZP_EMALFORMED;
    }
    return ip6_read(host, end + 2, out_addr);
}

static void ip6_write(const struct sockaddr_in6 *ip6, char out_text[static WZP_ADDR_TEXT_BYTES])
{
    char host[INET6_ADDRSTRLEN] = "";
    unsigned port = ntohs(ip6->sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&ip6->sin6_addr)) { /* an IPv4 peer of a dual-stack socket */
        wzp_ignore(inet_ntop(AF_INET, ip6->sin6_addr.s6_addr + 12, host, sizeof host));
        wzp_ignore(snprintf(out_text, WZP_ADDR_TEXT_BYTES, "%s:%u", host, port));
        return;
    }
    wzp_ignore(inet_ntop(AF_INET6, &ip6->sin6_addr, host, sizeof host));
    char interface[IF_NAMESIZE] = "";
    if (ip6->sin6_scope_id != 0) {
        wzp_ignore(if_indextoname(ip6->sin6_scope_id, interface));
    }
    wzp_ignore(snprintf(out_text, WZP_ADDR_TEXT_BYTES, "[%s%s%s]:%u", host, interface[0] ? "%" : "",
                        interface, port));
}

void wzp_addr_write(const struct wzp_addr *addr, char out_text[static WZP_ADDR_TEXT_BYTES])
{
    if (addr->storage.ss_family == AF_INET) {
        struct sockaddr_in ip4;
        memcpy(&ip4, &addr->storage, sizeof ip4);
        char host[INET_ADDRSTRLEN] = "";
        wzp_ignore(inet_ntop(AF_INET, &ip4.sin_addr, host, sizeof host));
        wzp_ignore(snprintf(out_text, WZP_ADDR_TEXT_BYTES, "%s:%u", host, ntohs(ip4.sin_port)));
        return;
    }
    if (addr->storage.ss_family == AF_INET6) {
        struct sockaddr_in6 ip6;
        memcpy(&ip6, &addr->storage, sizeof ip6);
        ip6_write(&ip6, out_text);
        return;
    }
    wzp_ignore(snprintf(out_text, WZP_ADDR_TEXT_BYTES, "-"));
}

/* Field by field: the structures have padding, and flow labels say nothing about who it is. */
bool wzp_addr_is_equal(const struct wzp_addr *a, const struct wzp_addr *b)
{
    if (a->storage.ss_family != b->storage.ss_family) {
        return false;
    }
    if (a->storage.ss_family == AF_INET) {
        struct sockaddr_in x, y;
        memcpy(&x, &a->storage, sizeof x);
        memcpy(&y, &b->storage, sizeof y);
        return x.sin_port == y.sin_port && x.sin_addr.s_addr == y.sin_addr.s_addr;
    }
    if (a->storage.ss_family == AF_INET6) {
        struct sockaddr_in6 x, y;
        memcpy(&x, &a->storage, sizeof x);
        memcpy(&y, &b->storage, sizeof y);
        return x.sin6_port == y.sin6_port && x.sin6_scope_id == y.sin6_scope_id &&
               memcmp(&x.sin6_addr, &y.sin6_addr, sizeof x.sin6_addr) == 0;
    }
    return a->size == b->size;
}

uint16_t wzp_addr_port(const struct wzp_addr *addr)
{
    /* Both families keep the port at the same place; a family of 0 has zeros there. */
    struct sockaddr_in ip4;
    memcpy(&ip4, &addr->storage, sizeof ip4);
    return ntohs(ip4.sin_port);
}

bool wzp_addr_is_any(const struct wzp_addr *addr)
{
    static const uint8_t zeros[16];
    if (addr->storage.ss_family == AF_INET) {
        return memcmp((const char *)&addr->storage + offsetof(struct sockaddr_in, sin_addr), zeros, 4) == 0;
    }
    return memcmp((const char *)&addr->storage + offsetof(struct sockaddr_in6, sin6_addr), zeros, 16) == 0;
}

struct wzp_addr wzp_addr_mapped(const struct wzp_addr *addr)
{
    if (addr->storage.ss_family != AF_INET) {
        return *addr;
    }
    struct sockaddr_in ip4;
    memcpy(&ip4, &addr->storage, sizeof ip4);
    struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6, .sin6_port = ip4.sin_port};
    ip6.sin6_addr.s6_addr[10] = 0xff;
    ip6.sin6_addr.s6_addr[11] = 0xff;
    memcpy(ip6.sin6_addr.s6_addr + 12, &ip4.sin_addr, 4);
    struct wzp_addr mapped = {.size = sizeof ip6};
    memcpy(&mapped.storage, &ip6, sizeof ip6);
    return mapped;
}

struct wzp_addr wzp_addr_unmapped(const struct wzp_addr *addr)
{
    struct sockaddr_in6 ip6;
    memcpy(&ip6, &addr->storage, sizeof ip6);
    if (addr->storage.ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&ip6.sin6_addr)) {
        return *addr;
    }
    struct sockaddr_in ip4 = {.sin_family = AF_INET, .sin_port = ip6.sin6_port};
    memcpy(&ip4.sin_addr, ip6.sin6_addr.s6_addr + 12, 4);
    struct wzp_addr unmapped = {.size = sizeof ip4};
    memcpy(&unmapped.storage, &ip4, sizeof ip4);
    return unmapped;
}

bool wzp_addr_is_same_host(const struct wzp_addr *a, const struct wzp_addr *b)
{
    if (a->storage.ss_family != b->storage.ss_family) {
        return false;
    }
    if (a->storage.ss_family == AF_INET) {
        const struct sockaddr_in *left = (const void *)&a->storage;
        const struct sockaddr_in *right = (const void *)&b->storage;
        return left->sin_addr.s_addr == right->sin_addr.s_addr;
    }
    const struct sockaddr_in6 *left = (const void *)&a->storage;
    const struct sockaddr_in6 *right = (const void *)&b->storage;
    return memcmp(&left->sin6_addr, &right->sin6_addr, sizeof left->sin6_addr) == 0;
}
