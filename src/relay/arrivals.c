/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/arrivals.h"

#include <stdlib.h>
#include <string.h>

#include "net/mailbox.h"
#include "net/udp.h"
#include "relay/crew.h"
#include "relay/worker.h"

#define WZP_ARRIVALS_PLACES 2048              /* a power of two */
#define WZP_ARRIVALS_LAST   (10 * WZP_SECOND) /* as long as a handshake may take */

/* Where an attempt went: what its client repeats must go there as well. */
struct placed {
    uint64_t id; /* hash of the one that the client chose */
    wzp_us until;
    unsigned worker;
};

struct wzp_arrivals {
    struct placed places[WZP_ARRIVALS_PLACES]; /* by id; a later one takes an earlier one's */
};

enum wzp_err wzp_arrivals_new(struct wzp_arrivals **out_arrivals)
{
    *out_arrivals = calloc(1, sizeof **out_arrivals);
    return *out_arrivals ? WZP_OK : WZP_ENOMEM;
}

void wzp_arrivals_free(struct wzp_arrivals *arrivals)
{
    free(arrivals);
}

/* The kernel brings all packets with one id to the same socket, so each worker remembers its own. */
static unsigned place(const struct wzp_relay *relay, const struct wzp_quic_hello *hello)
{
    wzp_us now = wzp_loop_now(relay->loop);
    uint64_t id = wzp_hash(&relay->crew->key, hello->id, hello->id_size);
    struct placed *placed = &relay->arrivals->places[id % WZP_ARRIVALS_PLACES];
    if (placed->id != id || placed->until <= now) {
        *placed = (struct placed){
            .id = id,
            .until = now + WZP_ARRIVALS_LAST,
            .worker = wzp_crew_of_arrival(relay->crew, hello->server_name, now),
        };
    }
    return placed->worker;
}

static unsigned worker_of(void *context, const struct wzp_quic_hello *hello)
{
    const struct wzp_relay *relay = wzp_worker_relay(context);
    if (!relay->arrivals || !wzp_crew_is_room(hello->server_name)) {
        return wzp_crew_of_server_name(relay->crew, hello->server_name);
    }
    return hello->has_token ? relay->worker : place(relay, hello);
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
