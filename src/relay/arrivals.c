/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/arrivals.h"

#include <stdlib.h>
#include <string.h>

#include "net/mailbox.h"
#include "net/udp.h"
#include "relay/crew.h"
#include "relay/worker.h"

static unsigned worker_of(void *context, const char *server_name)
{
    return wzp_crew_of_server_name(wzp_worker_relay(context)->crew, server_name);
}

/* The first packet of a connection, on its way to the worker that takes it. */
struct arrival {
    struct wzp_letter letter;
    struct wzp_udp_path path;
    size_t size;
    uint8_t bytes[];
};

static void discard_arrival(struct wzp_letter *letter)
{
    free(wzp_container(letter, struct arrival, letter));
}

static void deliver_arrival(struct wzp_letter *letter, void *context)
{
    struct arrival *arrival = wzp_container(letter, struct arrival, letter);
    wzp_endpoint_take(wzp_worker_relay(context)->endpoint, &arrival->path, arrival->bytes, arrival->size);
    free(arrival);
}

static void pass_on(void *context, unsigned to, const struct wzp_udp_path *path, const uint8_t *bytes,
                    size_t size)
{
    struct arrival *arrival = malloc(sizeof *arrival + size);
    if (!arrival) {
        return; /* as if the network had lost it */
    }
    arrival->letter = (struct wzp_letter){.deliver = deliver_arrival, .discard = discard_arrival};
    arrival->path = *path;
    arrival->size = size;
    memcpy(arrival->bytes, bytes, size);
    wzp_ignore(wzp_mailbox_post(wzp_worker_relay(context)->crew->mailboxes[to], &arrival->letter));
}

struct wzp_endpoint_sharing wzp_arrivals_sharing(const struct wzp_relay *relay)
{
    return (struct wzp_endpoint_sharing){
        .worker = relay->worker,
        .n_workers = relay->crew->n,
        .worker_of = worker_of,
        .pass_on = pass_on,
    };
}
