/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/impair/proxy.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "apps/impair/client_table.h"
#include "apps/impair/model.h"
#include "net/udp.h"

struct wzp_proxy {
    struct wzp_loop *loop;
    const struct wzp_plan *plan;
    const struct wzp_log *log;
    struct wzp_addr to;
    struct wzp_udp *listener;
    struct wzp_timer *timer;
    struct wzp_client_table *clients;
    struct wzp_model *models[WZP_PLAN_N_DIRECTIONS];
    wzp_us started_at;
    wzp_us next_rebind; /* of those that come again and again */
    size_t n_steps_done, n_rebinds_done;
    struct wzp_proxy_stats stats;
};

static void pump(struct wzp_proxy *proxy);

/** Copies into the queue of `udp`. */
static void send_to(struct wzp_proxy *proxy, struct wzp_udp *udp, const struct wzp_udp_path *path,
                    const struct wzp_model_packet *packet)
{
    uint8_t *space = wzp_udp_reserve(udp);
    if (!space) {
        proxy->stats.unsent++;
        return;
    }
    memcpy(space, packet->bytes, packet->size);
    wzp_udp_commit(udp, path, packet->size);
}

static void on_relay_packet(void *context, const struct wzp_udp_path *path, const uint8_t *bytes, size_t size)
{
    const struct wzp_client *client = context;
    struct wzp_proxy *proxy = client->owner;
    if (!wzp_addr_is_equal(&path->remote, &proxy->to)) {
        proxy->stats.foreign++;
        return;
    }
    wzp_model_push(proxy->models[WZP_PLAN_DOWN], client->number, bytes, size, wzp_loop_now(proxy->loop));
}

static void on_relay_batch(void *context)
{
    const struct wzp_client *client = context;
    pump(client->owner);
}

static const struct wzp_udp_handler relay_handler = {
    .on_packet = on_relay_packet,
    .on_batch_end = on_relay_batch,
};

/** Any port of ours, in the relay's family. */
static struct wzp_addr any_address(const struct wzp_addr *like)
{
    struct wzp_addr addr = {.size = like->size};
    addr.storage.ss_family = like->storage.ss_family;
    return addr;
}

/** A new socket in place of the client's old one. */
static enum wzp_err open_upstream(struct wzp_proxy *proxy, struct wzp_client *client)
{
    struct wzp_addr any = any_address(&proxy->to);
    struct wzp_udp *upstream = NULL;
    enum wzp_err err = wzp_udp_open(proxy->loop, &any, &relay_handler, client, &upstream);
    if (err != WZP_OK) {
        return err;
    }
    wzp_udp_close(client->upstream);
    client->upstream = upstream;
    client->owner = proxy;
    return WZP_OK;
}

static struct wzp_client *client_at(struct wzp_proxy *proxy, const struct wzp_udp_path *path, wzp_us now)
{
    struct wzp_client *client = wzp_client_table_find(proxy->clients, path, now);
    if (client || wzp_client_table_add(proxy->clients, path, now, &client) != WZP_OK) {
        return client;
    }
    if (open_upstream(proxy, client) != WZP_OK) {
        wzp_client_table_remove(proxy->clients, client);
        return NULL;
    }
    char text[WZP_ADDR_TEXT_BYTES];
    char upstream[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(&path->remote, text);
    wzp_addr_write(wzp_udp_addr(client->upstream), upstream);
    wzp_debug(proxy->log, "new client", "client=%s upstream=%s", text, upstream);
    proxy->stats.clients++;
    return client;
}

static void on_client_packet(void *context, const struct wzp_udp_path *path, const uint8_t *bytes,
                             size_t size)
{
    struct wzp_proxy *proxy = context;
    wzp_us now = wzp_loop_now(proxy->loop);
    struct wzp_client *client = client_at(proxy, path, now);
    if (!client) {
        proxy->stats.no_client++;
        return;
    }
    client->path = *path;
    wzp_model_push(proxy->models[WZP_PLAN_UP], client->number, bytes, size, now);
}

static void on_client_batch(void *context)
{
    pump(context);
}

static const struct wzp_udp_handler client_handler = {
    .on_packet = on_client_packet,
    .on_batch_end = on_client_batch,
};

static void send_due(struct wzp_proxy *proxy, enum wzp_plan_direction direction, wzp_us now)
{
    struct wzp_model_packet packet;
    const struct wzp_udp_path to_relay = {.local = any_address(&proxy->to), .remote = proxy->to};
    while (wzp_model_pop(proxy->models[direction], now, &packet)) {
        struct wzp_client *client = wzp_client_table_get(proxy->clients, packet.flow);
        if (!client) {
            proxy->stats.no_client++;
        } else if (direction == WZP_PLAN_DOWN) {
            send_to(proxy, proxy->listener, &client->path, &packet);
        } else {
            send_to(proxy, client->upstream, &to_relay, &packet);
        }
    }
}

static void flush(struct wzp_proxy *proxy)
{
    wzp_udp_flush(proxy->listener);
    wzp_list_each(node, wzp_client_table_all(proxy->clients))
    {
        wzp_udp_flush(wzp_container(node, struct wzp_client, link)->upstream);
    }
}

static void rebind_all(struct wzp_proxy *proxy)
{
    wzp_list_each(node, wzp_client_table_all(proxy->clients))
    {
        enum wzp_err err = open_upstream(proxy, wzp_container(node, struct wzp_client, link));
        proxy->stats.rebinds += err == WZP_OK;
        if (err != WZP_OK) {
            wzp_warn(proxy->log, "client keeps its port", "err=\"%s\"", wzp_err_text(err));
        }
    }
    wzp_info(proxy->log, "clients moved to new ports", "rebinds=%llu",
             (unsigned long long)proxy->stats.rebinds);
}

static wzp_us next_rebind_at(const struct wzp_proxy *proxy)
{
    return proxy->n_rebinds_done < proxy->plan->n_rebinds
               ? proxy->started_at + proxy->plan->rebind_at[proxy->n_rebinds_done]
               : WZP_NEVER;
}

static wzp_us next_step_at(const struct wzp_proxy *proxy)
{
    return proxy->n_steps_done < proxy->plan->n_steps
               ? proxy->started_at + proxy->plan->steps[proxy->n_steps_done].at
               : WZP_NEVER;
}

static void follow_plan(struct wzp_proxy *proxy, wzp_us now)
{
    for (; next_step_at(proxy) <= now; proxy->n_steps_done++) {
        const struct wzp_plan_step *step = &proxy->plan->steps[proxy->n_steps_done];
        wzp_model_set(proxy->models[WZP_PLAN_UP], &step->settings[WZP_PLAN_UP]);
        wzp_model_set(proxy->models[WZP_PLAN_DOWN], &step->settings[WZP_PLAN_DOWN]);
        wzp_info(proxy->log, "step", "at_ms=%lld", (long long)(step->at / WZP_MS));
    }
    for (; next_rebind_at(proxy) <= now; proxy->n_rebinds_done++) {
        rebind_all(proxy);
    }
    if (proxy->next_rebind <= now) {
        rebind_all(proxy);
        proxy->next_rebind = now + proxy->plan->rebind_every;
    }
}

/** Sends what is due and sleeps until the next thing is. */
static void pump(struct wzp_proxy *proxy)
{
    wzp_us now = wzp_loop_now(proxy->loop);
    send_due(proxy, WZP_PLAN_UP, now);
    send_due(proxy, WZP_PLAN_DOWN, now);
    flush(proxy);
    wzp_us next = wzp_us_min(wzp_model_deadline(proxy->models[WZP_PLAN_UP]),
                             wzp_model_deadline(proxy->models[WZP_PLAN_DOWN]));
    next = wzp_us_min(next, wzp_us_min(next_step_at(proxy), next_rebind_at(proxy)));
    wzp_timer_set(proxy->timer, wzp_us_min(next, proxy->next_rebind));
}

/** Sockets are opened and closed here and where a new client comes, never in their own callbacks. */
static void on_timer(void *context)
{
    struct wzp_proxy *proxy = context;
    follow_plan(proxy, wzp_loop_now(proxy->loop));
    pump(proxy);
}

static void proxy_freep(struct wzp_proxy **proxy)
{
    wzp_proxy_free(*proxy);
}

static enum wzp_err start(struct wzp_proxy *proxy)
{
    const struct wzp_plan_step *first = &proxy->plan->steps[0];
    for (int d = 0; d < WZP_PLAN_N_DIRECTIONS; d++) {
        /* The directions throw dice of their own. */
        uint64_t seed = proxy->plan->seed * WZP_PLAN_N_DIRECTIONS + (uint64_t)d;
        enum wzp_err err = wzp_model_new(&first->settings[d], seed, proxy->started_at, &proxy->models[d]);
        if (err != WZP_OK) {
            return err;
        }
    }
    enum wzp_err err = wzp_client_table_new(proxy->plan->max_clients, &proxy->clients);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_timer_new(proxy->loop, on_timer, proxy, &proxy->timer);
    if (err != WZP_OK) {
        return err;
    }
    struct wzp_addr listen;
    err = wzp_addr_read(proxy->plan->listen, &listen);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_udp_open(proxy->loop, &listen, &client_handler, proxy, &proxy->listener);
    if (err != WZP_OK) {
        return err;
    }
    on_timer(proxy);
    return WZP_OK;
}

enum wzp_err wzp_proxy_start(struct wzp_loop *loop, const struct wzp_plan *plan, const struct wzp_addr *to,
                             const struct wzp_log *log, struct wzp_proxy **out_proxy)
{
    WZP_AUTO(proxy_freep) struct wzp_proxy *proxy = calloc(1, sizeof *proxy);
    if (!proxy) {
        return WZP_ENOMEM;
    }
    proxy->loop = loop;
    proxy->plan = plan;
    proxy->log = log;
    proxy->to = *to;
    proxy->started_at = wzp_loop_now(loop);
    proxy->next_rebind = plan->rebind_every > 0 ? proxy->started_at + plan->rebind_every : WZP_NEVER;
    enum wzp_err err = start(proxy);
    if (err != WZP_OK) {
        return err;
    }
    *out_proxy = wzp_take(proxy);
    return WZP_OK;
}

const struct wzp_addr *wzp_proxy_addr(const struct wzp_proxy *proxy)
{
    return wzp_udp_addr(proxy->listener);
}

const struct wzp_model_stats *wzp_proxy_model_stats(const struct wzp_proxy *proxy,
                                                    enum wzp_plan_direction direction)
{
    return wzp_model_stats(proxy->models[direction]);
}

struct wzp_proxy_stats wzp_proxy_stats(const struct wzp_proxy *proxy)
{
    struct wzp_proxy_stats stats = proxy->stats;
    stats.ran_for = wzp_loop_now(proxy->loop) - proxy->started_at;
    return stats;
}

void wzp_proxy_free(struct wzp_proxy *proxy)
{
    if (!proxy) {
        return;
    }
    wzp_client_table_free(proxy->clients);
    wzp_udp_close(proxy->listener);
    wzp_timer_free(proxy->timer);
    wzp_model_free(proxy->models[WZP_PLAN_UP]);
    wzp_model_free(proxy->models[WZP_PLAN_DOWN]);
    free(proxy);
}
