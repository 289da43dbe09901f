/* SPDX-License-Identifier: Apache-2.0 */
#include "net/newcomers.h"

#include <stdlib.h>
#include <string.h>

#include "net/endpoint.h"

struct newcomer {
    struct wzp_list node;
    struct wzp_udp_path path;
    enum wzp_visit visit;
    size_t size;
    uint8_t bytes[];
};

void wzp_newcomers_init(struct wzp_newcomers *newcomers)
{
    *newcomers = (struct wzp_newcomers){.n = 0};
    wzp_list_init(&newcomers->waiting);
}

static struct newcomer *take_first(struct wzp_newcomers *newcomers)
{
    struct wzp_list *node = wzp_list_first(&newcomers->waiting);
    if (!node) {
        return NULL;
    }
    wzp_list_remove(node);
    newcomers->n--;
    return wzp_container(node, struct newcomer, node);
}

void wzp_newcomers_deinit(struct wzp_newcomers *newcomers)
{
    struct newcomer *newcomer;
    while (newcomers->waiting.next && (newcomer = take_first(newcomers))) {
        free(newcomer);
    }
}

void wzp_newcomers_hold(struct wzp_newcomers *newcomers, const struct wzp_udp_path *path,
                        const uint8_t *bytes, size_t size, enum wzp_visit visit)
{
    struct newcomer *newcomer = newcomers->n < WZP_NEWCOMERS_MAX ? malloc(sizeof *newcomer + size) : NULL;
    if (!newcomer) {
        newcomers->dropped++;
        return;
    }
    newcomer->path = *path;
    newcomer->visit = visit;
    newcomer->size = size;
    memcpy(newcomer->bytes, bytes, size);
    wzp_list_push_back(&newcomers->waiting, &newcomer->node);
    newcomers->n++;
}

bool wzp_newcomers_work(struct wzp_newcomers *newcomers, struct wzp_endpoint *endpoint)
{
    struct newcomer *newcomer = take_first(newcomers);
    if (!newcomer) {
        return false;
    }
    wzp_us cpu_before = wzp_loop_cpu_time(endpoint->loop);
    wzp_us began = wzp_loop_now(endpoint->loop);
    endpoint->now = began;
    while (newcomer) {
        wzp_endpoint_dispatch(endpoint, &newcomer->path, newcomer->bytes, newcomer->size, newcomer->visit);
        free(newcomer);
        endpoint->now = wzp_loop_now(endpoint->loop);
        bool has_time = endpoint->now - began < WZP_NEWCOMERS_BUDGET;
        newcomer = has_time ? take_first(newcomers) : NULL;
    }
    newcomers->cpu += wzp_loop_cpu_time(endpoint->loop) - cpu_before;
    return true;
}
