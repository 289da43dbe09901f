/* SPDX-License-Identifier: Apache-2.0 */
/* Socket addresses as values, their text, and host names resolved off the loop. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "net/loop.h"

/** "[ffff:...:ffff%interface]:65535" and a NUL. */
#define WZP_ADDR_TEXT_BYTES 80

/** A fifth of a sockaddr_storage, and copied several times for each packet. */
union wzp_addr_storage {
    sa_family_t ss_family;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
};

struct wzp_addr {
    union wzp_addr_storage storage;
    socklen_t size;
};

/** Reads "ip:port" or "[ip6]:port"; no host names. WZP_EMALFORMED. */
WZP_MUST_USE enum wzp_err wzp_addr_read(const char *text, struct wzp_addr *out_addr);

void wzp_addr_write(const struct wzp_addr *addr, char out_text[static WZP_ADDR_TEXT_BYTES]);

bool wzp_addr_is_equal(const struct wzp_addr *a, const struct wzp_addr *b);
/** Whether both name the same host, whatever the port. */
bool wzp_addr_is_same_host(const struct wzp_addr *a, const struct wzp_addr *b);
uint16_t wzp_addr_port(const struct wzp_addr *addr);

/** The address of every interface: "0.0.0.0" or "[::]". */
bool wzp_addr_is_any(const struct wzp_addr *addr);

/** IPv4 as a dual-stack socket wants it ("::ffff:a.b.c.d"), and back; other addresses stay. */
struct wzp_addr wzp_addr_mapped(const struct wzp_addr *addr);
struct wzp_addr wzp_addr_unmapped(const struct wzp_addr *addr);

struct wzp_resolve;

/** `addr` is NULL where `err` is not WZP_OK. */
typedef void (*wzp_resolve_fn)(void *context, enum wzp_err err, const struct wzp_addr *addr);

/**
 * Resolves "host:port", "ip:port" or "[ip6]:port" (`default_port` where the port is left out); `fn` runs
 * once, from the loop, never from within this call. WZP_EMALFORMED: not such a text.
 */
WZP_MUST_USE enum wzp_err wzp_resolve_start(struct wzp_loop *loop, const char *text, uint16_t default_port,
                                            wzp_resolve_fn fn, void *context,
                                            struct wzp_resolve **out_resolve);

/** Ends it; `fn` does not run (any more). Takes NULL; valid until `fn` returned, not after. */
void wzp_resolve_cancel(struct wzp_resolve *resolve);
