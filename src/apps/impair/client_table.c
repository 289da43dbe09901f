/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/impair/client_table.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/random.h"

struct wzp_client_table {
    struct wzp_map by_key;
    struct wzp_map by_number;
    struct wzp_list all;
    uint64_t next_number;
};

static struct wzp_client_key key_of(const struct wzp_addr *addr)
{
    struct wzp_client_key key = {0};
    uint16_t port = wzp_addr_port(addr);
    memcpy(key.bytes, &port, sizeof port);
    if (addr->storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&addr->storage;
        memcpy(key.bytes + 2, &in6->sin6_scope_id, sizeof in6->sin6_scope_id);
        memcpy(key.bytes + 6, &in6->sin6_addr, sizeof in6->sin6_addr);
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&addr->storage;
        key.bytes[23] = 4;
        memcpy(key.bytes + 6, &in->sin_addr, sizeof in->sin_addr);
    }
    return key;
}

enum wzp_err wzp_client_table_new(size_t limit, struct wzp_client_table **out_table)
{
    struct wzp_hash_key hash_key;
    struct wzp_client_table *table = calloc(1, sizeof *table);
    if (!table) {
        return WZP_ENOMEM;
    }
    wzp_random_system.fill(wzp_random_system.context, &hash_key, sizeof hash_key);
    wzp_map_init(&table->by_key, &hash_key, limit);
    wzp_map_init(&table->by_number, &hash_key, limit);
    wzp_list_init(&table->all);
    *out_table = table;
    return WZP_OK;
}

void wzp_client_table_free(struct wzp_client_table *table)
{
    if (!table) {
        return;
    }
    wzp_list_each(node, &table->all)
    {
        wzp_client_table_remove(table, wzp_container(node, struct wzp_client, link));
    }
    wzp_map_deinit(&table->by_key);
    wzp_map_deinit(&table->by_number);
    free(table);
}

static void touch(struct wzp_client_table *table, struct wzp_client *client, wzp_us now)
{
    client->heard_at = now;
    wzp_list_remove(&client->link);
    wzp_list_push_back(&table->all, &client->link);
}

struct wzp_client *wzp_client_table_find(struct wzp_client_table *table, const struct wzp_udp_path *path,
                                         wzp_us now)
{
    struct wzp_client_key key = key_of(&path->remote);
    struct wzp_client *client = wzp_map_get(&table->by_key, &key, sizeof key);
    if (client) {
        touch(table, client, now);
    }
    return client;
}

struct wzp_client *wzp_client_table_get(struct wzp_client_table *table, uint64_t number)
{
    return wzp_map_get(&table->by_number, &number, sizeof number);
}

static void make_room(struct wzp_client_table *table, wzp_us now)
{
    struct wzp_list *first = wzp_list_first(&table->all);
    if (!first || table->by_key.n < table->by_key.limit) {
        return;
    }
    struct wzp_client *oldest = wzp_container(first, struct wzp_client, link);
    if (now - oldest->heard_at >= WZP_CLIENT_TABLE_IDLE_US) {
        wzp_client_table_remove(table, oldest);
    }
}

enum wzp_err wzp_client_table_add(struct wzp_client_table *table, const struct wzp_udp_path *path, wzp_us now,
                                  struct wzp_client **out_client)
{
    make_room(table, now);
    struct wzp_client *client = calloc(1, sizeof *client);
    if (!client) {
        return WZP_ENOMEM;
    }
    client->key = key_of(&path->remote);
    client->number = ++table->next_number;
    client->path = *path;
    wzp_list_init(&client->link);
    enum wzp_err err = wzp_map_add(&table->by_key, &client->key, sizeof client->key, client);
    if (err == WZP_OK) {
        err = wzp_map_add(&table->by_number, &client->number, sizeof client->number, client);
    }
    if (err != WZP_OK) {
        wzp_client_table_remove(table, client);
        return err;
    }
    touch(table, client, now);
    *out_client = client;
    return WZP_OK;
}

void wzp_client_table_remove(struct wzp_client_table *table, struct wzp_client *client)
{
    if (wzp_map_get(&table->by_key, &client->key, sizeof client->key) == client) {
        wzp_ignore(wzp_map_remove(&table->by_key, &client->key, sizeof client->key));
    }
    wzp_ignore(wzp_map_remove(&table->by_number, &client->number, sizeof client->number));
    wzp_list_remove(&client->link);
    wzp_udp_close(client->upstream);
    free(client);
}

struct wzp_list *wzp_client_table_all(struct wzp_client_table *table)
{
    return &table->all;
}
