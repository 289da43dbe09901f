/* SPDX-License-Identifier: Apache-2.0 */
/* The table of connections of an endpoint, and the way from a connection id to its place in it. */
#include <stdlib.h>
#include <string.h>

#include "net/endpoint.h"

#define TABLE_START 16

static enum wzp_err grow_table(struct wzp_endpoint *endpoint)
{
    size_t size = endpoint->table_size > 0 ? 2 * endpoint->table_size : (size_t)TABLE_START;
    if (size > WZP_ENDPOINT_MAX_CONNS) {
        return WZP_ELIMIT;
    }
    struct wzp_conn **table = realloc(endpoint->table, size * sizeof(struct wzp_conn *));
    if (!table) {
        return WZP_ENOMEM;
    }
    endpoint->table = table;
    uint32_t *free_indices = realloc(endpoint->free_indices, size * sizeof *free_indices);
    if (!free_indices) {
        return WZP_ENOMEM;
    }
    endpoint->free_indices = free_indices;
    for (size_t i = size; i-- > endpoint->table_size;) {
        table[i] = NULL;
        free_indices[endpoint->n_free++] = (uint32_t)i;
    }
    endpoint->table_size = size;
    return WZP_OK;
}

enum wzp_err wzp_endpoint_add(struct wzp_endpoint *endpoint, struct wzp_conn *conn)
{
    if (endpoint->n_free == 0) {
        enum wzp_err err = grow_table(endpoint);
        if (err != WZP_OK) {
            return err;
        }
    }
    conn->index = endpoint->free_indices[--endpoint->n_free];
    endpoint->table[conn->index] = conn;
    return WZP_OK;
}

void wzp_endpoint_remove(struct wzp_endpoint *endpoint, struct wzp_conn *conn)
{
    endpoint->table[conn->index] = NULL;
    endpoint->free_indices[endpoint->n_free++] = conn->index;
}

static bool has_cid(const struct wzp_conn *conn, const uint8_t *cid)
{
    for (size_t i = 0; i < conn->n_cids; i++) {
        if (memcmp(conn->cids[i], cid, WZP_CID_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

struct wzp_conn *wzp_endpoint_find(const struct wzp_endpoint *endpoint, const uint8_t *dcid, size_t size)
{
    if (size == WZP_CID_BYTES) {
        uint32_t index = wzp_cid_index(&endpoint->cids, dcid);
        struct wzp_conn *conn = index < endpoint->table_size ? endpoint->table[index] : NULL;
        if (conn && has_cid(conn, dcid)) {
            return conn;
        }
    }
    return wzp_map_get(&endpoint->initials, dcid, size);
}
