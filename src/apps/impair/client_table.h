/* SPDX-License-Identifier: Apache-2.0 */
/* The clients of the proxy: by address, and by a number that is never used again. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/list.h"
#include "base/us.h"
#include "net/udp.h"

/** A client silent for so long makes room for a new one. */
#define WZP_CLIENT_TABLE_IDLE_US (30 * WZP_SECOND)

/** Address, port and scope of a client as bytes to compare. */
struct wzp_client_key {
    uint8_t bytes[24];
};

struct wzp_client {
    struct wzp_list link; /* least recently heard first */
    struct wzp_client_key key;
    uint64_t number;
    struct wzp_udp_path path; /* of the client and the address of ours that it sent to */
    struct wzp_udp *upstream; /* the table's owner opens it; the table closes it */
    void *owner;
    wzp_us heard_at;
};

struct wzp_client_table;

/** At most `limit` clients. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_client_table_new(size_t limit, struct wzp_client_table **out_table);

/** Closes every upstream socket. Takes NULL. */
void wzp_client_table_free(struct wzp_client_table *table);

/** The client at `path`, heard at `now`; NULL: none. */
struct wzp_client *wzp_client_table_find(struct wzp_client_table *table, const struct wzp_udp_path *path,
                                         wzp_us now);

/** The client with that number; NULL: gone. */
struct wzp_client *wzp_client_table_get(struct wzp_client_table *table, uint64_t number);

/**
 * A new client without a socket, in place of the one that was silent longest where the table is full.
 * WZP_ELIMIT: none was silent for WZP_CLIENT_TABLE_IDLE_US. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_client_table_add(struct wzp_client_table *table,
                                               const struct wzp_udp_path *path, wzp_us now,
                                               struct wzp_client **out_client);

/** Closes its socket and forgets it. */
void wzp_client_table_remove(struct wzp_client_table *table, struct wzp_client *client);

/** All of them, a list of their `link`s; clients may be removed while walking. */
struct wzp_list *wzp_client_table_all(struct wzp_client_table *table);
