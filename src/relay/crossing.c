/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/crossing.h"

#include <stdlib.h>
#include <string.h>

#include "net/mailbox.h"
#include "relay/crossing_ends.h"
#include "relay/links_set.h"

/* In front of a datagram in a ring. */
struct stamp {
    uint32_t id;
    uint32_t unused; /* keeps the datagram aligned */
};

enum wzp_err wzp_crossing_new(struct wzp_relay *relay, struct wzp_crossing **out_crossing)
{
    struct wzp_crossing *crossing = calloc(1, sizeof *crossing);
    if (!crossing) {
        return WZP_ENOMEM;
    }
    crossing->relay = relay;
    *out_crossing = crossing;
    return WZP_OK;
}

void wzp_crossing_free(struct wzp_crossing *crossing)
{
    if (!crossing) {
        return;
    }
    for (size_t i = 0; i < WZP_CREW_MAX; i++) {
        wzp_ring_free(crossing->pairs[i].in);
    }
    for (size_t i = 0; i < WZP_CROSSING_LINKS; i++) {
        free(crossing->far[i]);
    }
    free(crossing);
}

enum wzp_err wzp_crossing_join(struct wzp_crossing *first, struct wzp_crossing *other)
{
    unsigned index = other->relay->worker;
    struct wzp_ring_pair *near = &first->pairs[index];
    struct wzp_ring_pair *far = &other->pairs[WZP_CREW_FIRST];
    enum wzp_err err = wzp_ring_new(WZP_CROSSING_RING_BYTES, &near->in);
    if (err == WZP_OK) {
        err = wzp_ring_new(WZP_CROSSING_RING_BYTES, &far->in);
    }
    near->out = far->in;
    far->out = near->in;
    first->ends[index] = other;
    other->ends[WZP_CREW_FIRST] = first;
    return err;
}

/* ---- datagrams ---- */

static bool put(struct wzp_ring *ring, uint32_t id, const uint8_t *bytes, size_t size)
{
    struct stamp *stamp = wzp_ring_reserve(ring, sizeof *stamp + size);
    if (stamp) {
        *stamp = (struct stamp){.id = id};
        memcpy(stamp + 1, bytes, size);
    }
    return stamp != NULL;
}

void wzp_crossing_datagram(struct wzp_crossing *crossing, struct wzp_relay_link *link, unsigned worker,
                           const uint8_t *bytes, size_t size)
{
    if (!put(crossing->pairs[worker].out, link->crossing_id, bytes, size)) {
        ++*link->counters.queue_full;
    }
}

void wzp_crossing_media_to_link(struct wzp_crossing *crossing, void *user, const struct wzp_packet *packet,
                                size_t offset, size_t size)
{
    const struct wzp_far_link *far = user;
    if (!put(crossing->pairs[WZP_CREW_FIRST].out, far->id, packet->bytes + offset, size)) {
        ++*far->queue_full;
    }
}

void wzp_crossing_flush(struct wzp_crossing *crossing)
{
    for (unsigned i = 0; i < crossing->relay->crew->n; i++) {
        struct wzp_ring *out = crossing->pairs[i].out;
        if (out && wzp_ring_publish(out)) {
            wzp_mailbox_ring(wzp_crossing_mailbox(crossing, i));
        }
    }
}

static void to_router(struct wzp_crossing *crossing, uint32_t id, const uint8_t *bytes, size_t size,
                      wzp_us now)
{
    struct wzp_relay *relay = crossing->relay;
    const struct wzp_far_link *far = crossing->far[wzp_crossing_slot(id)];
    if (!far || far->id != id || !far->handle) {
        return;
    }
    struct wzp_packet *packet;
    if (wzp_packet_new(relay->pool, bytes, size, &packet) != WZP_OK) {
        ++*relay->counters.media_no_memory;
        return;
    }
    wzp_router_link_media_in(relay->router, far->handle, packet, now);
    wzp_packet_unref(packet);
}

static void to_wire(const struct wzp_crossing *crossing, uint32_t id, const uint8_t *bytes, size_t size,
                    wzp_us now)
{
    const struct wzp_relay_link *link = wzp_crossing_find(crossing, id);
    if (link) {
        wzp_ignore(wzp_conn_send_bytes(link->role.conn, bytes, size, now));
    }
}

static void empty(struct wzp_crossing *crossing, struct wzp_ring *in, wzp_us now)
{
    const struct stamp *stamp;
    size_t size;
    while ((stamp = wzp_ring_peek(in, &size))) {
        const uint8_t *bytes = (const uint8_t *)(stamp + 1);
        if (wzp_crossing_is_first(crossing)) {
            to_wire(crossing, stamp->id, bytes, size - sizeof *stamp, now);
        } else {
            to_router(crossing, stamp->id, bytes, size - sizeof *stamp, now);
        }
        wzp_ring_pop(in);
    }
}

/* A link some of whose signals were lost starts anew: the other relay is then told everything again. */
static void end_broken(struct wzp_crossing *crossing)
{
    for (size_t i = 0; i < WZP_CROSSING_LINKS; i++) {
        struct wzp_relay_link *link = crossing->links[i];
        if (link && atomic_load_explicit(&crossing->broken[i], memory_order_relaxed) == link->crossing_id) {
            wzp_link_end(link, WZP_CLOSE_RELAY_FULL, "too many signals at once");
        }
    }
}

void wzp_crossing_receive(struct wzp_crossing *crossing, wzp_us now)
{
    for (unsigned i = 0; i < crossing->relay->crew->n; i++) {
        if (crossing->pairs[i].in) {
            empty(crossing, crossing->pairs[i].in, now);
        }
    }
    if (wzp_crossing_is_first(crossing)) {
        end_broken(crossing);
    }
}

const char *wzp_crossing_label(const void *user)
{
    const struct wzp_far_link *far = user;
    return far->label;
}

struct wzp_allowance *wzp_crossing_allowance(void *user)
{
    struct wzp_far_link *far = user;
    return &far->allowance;
}

void wzp_crossing_collect(struct wzp_crossing *crossing)
{
    for (size_t i = 0; i < WZP_CROSSING_LINKS; i++) {
        struct wzp_far_link *far = crossing->far[i];
        if (far && far->handle) {
            wzp_links_collect_stats(crossing->relay->metrics, far->label, far->handle, &far->collected);
        }
    }
}
