/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/crossing.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ring.h"
#include "net/mailbox.h"
#include "proto/signal.h"
#include "relay/allowance.h"
#include "relay/crew.h"
#include "relay/delivery.h"
#include "relay/link.h"
#include "relay/links_set.h"
#include "relay/outbox.h"

/* A link as a worker knows it that does not have it. */
struct far_link {
    uint32_t id;
    char label[WZP_ROUTER_LABEL_BYTES];
    struct wzp_link *handle; /* the router's; NULL: it did not take the link */
    struct wzp_link_stats collected;
    struct wzp_allowance allowance; /* only what is told of refusals */
    size_t lane;                    /* of what it causes */
    uint64_t *queue_full;           /* pointer into the metrics */
};

/* The two rings between the first worker and another. */
struct pair {
    struct wzp_ring *out, *in; /* as the owner of the end sees them */
};

struct wzp_crossing {
    struct wzp_relay *relay;
    struct wzp_crossing *ends[WZP_CREW_MAX]; /* of the others; an other knows only the first's */
    struct pair pairs[WZP_CREW_MAX];
    bool is_first;

    /* the first worker's */
    struct wzp_relay_link *links[WZP_CROSSING_LINKS];
    uint32_t last_id;
    _Atomic uint32_t broken[WZP_CROSSING_LINKS]; /* ids of links whose signals could not be passed to us */

    /* the others' */
    struct far_link *far[WZP_CROSSING_LINKS];
};

/* In front of a datagram in a ring. */
struct stamp {
    uint32_t id;
    uint32_t unused; /* keeps the datagram aligned */
};

/* The low bits of an id are its slot; the others make it differ from the slot's earlier ones. */
static size_t slot_of(uint32_t id)
{
    return id % WZP_CROSSING_LINKS;
}

enum wzp_err wzp_crossing_new(struct wzp_relay *relay, struct wzp_crossing **out_crossing)
{
    struct wzp_crossing *crossing = calloc(1, sizeof *crossing);
    if (!crossing) {
        return WZP_ENOMEM;
    }
    crossing->relay = relay;
    crossing->is_first = relay->worker == WZP_CREW_FIRST;
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
    struct pair *near = &first->pairs[index];
    struct pair *far = &other->pairs[WZP_CREW_FIRST];
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

static struct wzp_mailbox *mailbox_of(const struct wzp_crossing *crossing, unsigned worker)
{
    return crossing->relay->crew->mailboxes[worker];
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
    const struct far_link *far = user;
    if (!put(crossing->pairs[WZP_CREW_FIRST].out, far->id, packet->bytes + offset, size)) {
        ++*far->queue_full;
    }
}

void wzp_crossing_flush(struct wzp_crossing *crossing)
{
    for (unsigned i = 0; i < crossing->relay->crew->n; i++) {
        struct wzp_ring *out = crossing->pairs[i].out;
        if (out && wzp_ring_publish(out)) {
            wzp_mailbox_ring(mailbox_of(crossing, i));
        }
    }
}

static void to_router(struct wzp_crossing *crossing, uint32_t id, const uint8_t *bytes, size_t size,
                      wzp_us now)
{
    struct wzp_relay *relay = crossing->relay;
    const struct far_link *far = crossing->far[slot_of(id)];
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

static struct wzp_relay_link *find_link(const struct wzp_crossing *crossing, uint32_t id)
{
    struct wzp_relay_link *link = crossing->links[slot_of(id)];
    return link && link->crossing_id == id ? link : NULL;
}

static void to_wire(const struct wzp_crossing *crossing, uint32_t id, const uint8_t *bytes, size_t size,
                    wzp_us now)
{
    const struct wzp_relay_link *link = find_link(crossing, id);
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
        if (crossing->is_first) {
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
    if (crossing->is_first) {
        end_broken(crossing);
    }
}

/* ---- letters ---- */

/* News of a link, for the worker at the other end. */
struct news {
    struct wzp_letter letter;
    struct wzp_crossing *to;
    uint32_t id;
    struct wzp_link_info info; /* of a link that comes up */
    char label[WZP_ROUTER_LABEL_BYTES];
    uint32_t rtt_class;
    uint64_t replace_key;
    size_t lane;
    size_t size; /* of a signal's text */
    char body[];
};

static void discard(struct wzp_letter *letter)
{
    free(wzp_container(letter, struct news, letter));
}

static struct news *new_news(struct wzp_crossing *to, uint32_t id, const void *body, size_t size)
{
    struct news *news = calloc(1, sizeof *news + size);
    if (news) {
        news->letter.discard = discard;
        news->to = to;
        news->id = id;
        news->size = size;
        if (size > 0) {
            memcpy(news->body, body, size);
        }
    }
    return news;
}

static enum wzp_err post(struct wzp_crossing *crossing, unsigned worker, struct news *news,
                         void (*deliver)(struct wzp_letter *letter, void *context))
{
    if (!news) {
        return WZP_ENOMEM;
    }
    news->letter.deliver = deliver;
    return wzp_mailbox_post(mailbox_of(crossing, worker), &news->letter);
}

/* The link that the news is about, for an other; its relay's clock is set to now. */
static struct far_link *far_of(const struct news *news)
{
    struct wzp_crossing *crossing = news->to;
    crossing->relay->now = wzp_loop_now(crossing->relay->loop);
    struct far_link *far = crossing->far[slot_of(news->id)];
    return far && far->id == news->id ? far : NULL;
}

static void deliver_up(struct wzp_letter *letter, void *context)
{
    (void)context;
    struct news *news = wzp_container(letter, struct news, letter);
    struct wzp_crossing *crossing = news->to;
    struct wzp_relay *relay = crossing->relay;
    struct far_link *far = calloc(1, sizeof *far);
    if (far) {
        relay->now = wzp_loop_now(relay->loop);
        far->id = news->id;
        far->lane = news->lane;
        far->allowance = wzp_allowance_of(relay->now);
        memcpy(far->label, news->label, sizeof far->label);
        far->queue_full =
            wzp_metrics_counter(relay->metrics, WZP_METRIC_FED_DROPPED, far->label, "queue_full");
        news->info.label = far->label;
        news->info.user = far;
        crossing->far[slot_of(far->id)] = far;
        relay->lane_in_turn = far->lane;
        enum wzp_err err = wzp_router_link_up(relay->router, &news->info, relay->now, &far->handle);
        relay->lane_in_turn = 0;
        if (err != WZP_OK) {
            wzp_warn(relay->log, "a worker can't take a federation link: its rooms stay local",
                     "worker=%u peer=%s error=\"%s\"", relay->worker, far->label, wzp_err_text(err));
        }
    }
    discard(letter);
}

static void deliver_down(struct wzp_letter *letter, void *context)
{
    (void)context;
    struct news *news = wzp_container(letter, struct news, letter);
    struct wzp_crossing *crossing = news->to;
    struct far_link *far = far_of(news);
    if (far) {
        if (far->handle) {
            wzp_crossing_collect(crossing);
            crossing->relay->lane_in_turn = far->lane;
            wzp_router_link_down(crossing->relay->router, far->handle, crossing->relay->now);
            crossing->relay->lane_in_turn = 0;
        }
        crossing->far[slot_of(far->id)] = NULL;
        free(far);
    }
    discard(letter);
}

static void deliver_rtt(struct wzp_letter *letter, void *context)
{
    (void)context;
    struct news *news = wzp_container(letter, struct news, letter);
    const struct far_link *far = far_of(news);
    if (far && far->handle) {
        wzp_router_link_set_rtt(far->handle, news->rtt_class);
    }
    discard(letter);
}

static void deliver_signal(struct wzp_letter *letter, void *context)
{
    (void)context;
    struct news *news = wzp_container(letter, struct news, letter);
    struct wzp_relay *relay = news->to->relay;
    const struct far_link *far = far_of(news);
    struct wzp_signal signal;
    if (far && far->handle && wzp_signal_read(news->body, news->size, &signal) == WZP_OK) {
        relay->lane_in_turn = far->lane;
        wzp_router_link_signal(relay->router, far->handle, &signal, relay->now);
        relay->lane_in_turn = 0;
        wzp_signal_deinit(&signal);
    }
    discard(letter);
}

static void deliver_to_wire(struct wzp_letter *letter, void *context)
{
    (void)context;
    struct news *news = wzp_container(letter, struct news, letter);
    struct wzp_relay *relay = news->to->relay;
    struct wzp_relay_link *link = find_link(news->to, news->id);
    relay->now = wzp_loop_now(relay->loop);
    if (link) {
        wzp_link_post(
            link, &(struct wzp_outbox_post){
                      .lane = news->lane, .key = news->replace_key, .body = news->body, .size = news->size});
    }
    discard(letter);
}

/* ---- of the first worker ---- */

static size_t free_slot(const struct wzp_crossing *crossing)
{
    size_t slot = 0;
    while (slot < WZP_CROSSING_LINKS && crossing->links[slot]) {
        slot++;
    }
    return slot;
}

enum wzp_err wzp_crossing_link_up(struct wzp_crossing *crossing, struct wzp_relay_link *link,
                                  const struct wzp_link_info *info)
{
    size_t slot = free_slot(crossing);
    if (slot == WZP_CROSSING_LINKS) {
        return WZP_ELIMIT;
    }
    crossing->last_id += WZP_CROSSING_LINKS; /* never 0 in the bits above the slot's, for so long */
    link->crossing_id = crossing->last_id + (uint32_t)slot;
    crossing->links[slot] = link;
    enum wzp_err err = WZP_OK;
    for (unsigned i = 1; i < crossing->relay->crew->n && err == WZP_OK; i++) {
        struct news *news = new_news(crossing->ends[i], link->crossing_id, NULL, 0);
        if (news) {
            news->info = *info;
            news->lane = link->lane;
            snprintf(news->label, sizeof news->label, "%s", info->label);
        }
        err = post(crossing, i, news, deliver_up);
    }
    if (err != WZP_OK) {
        wzp_crossing_link_down(crossing, link);
    }
    return err;
}

void wzp_crossing_link_down(struct wzp_crossing *crossing, struct wzp_relay_link *link)
{
    if (link->crossing_id == 0) {
        return;
    }
    for (unsigned i = 1; i < crossing->relay->crew->n; i++) {
        struct news *news = new_news(crossing->ends[i], link->crossing_id, NULL, 0);
        enum wzp_err err = post(crossing, i, news, deliver_down);
        if (err != WZP_OK) {
            wzp_error(crossing->relay->log, "a worker was not told that a link is down",
                      "worker=%u peer=%s error=\"%s\"", i, link->label, wzp_err_text(err));
        }
    }
    crossing->links[slot_of(link->crossing_id)] = NULL;
    link->crossing_id = 0;
}

void wzp_crossing_set_rtt(struct wzp_crossing *crossing, struct wzp_relay_link *link, uint32_t rtt_class)
{
    for (unsigned i = 1; i < crossing->relay->crew->n; i++) {
        struct news *news = new_news(crossing->ends[i], link->crossing_id, NULL, 0);
        if (news) {
            news->rtt_class = rtt_class;
        }
        wzp_ignore(post(crossing, i, news, deliver_rtt)); /* it is measured again */
    }
}

bool wzp_crossing_signal(struct wzp_crossing *crossing, struct wzp_relay_link *link, unsigned worker,
                         const uint8_t *body, size_t size)
{
    struct news *news = new_news(crossing->ends[worker], link->crossing_id, body, size);
    return post(crossing, worker, news, deliver_signal) == WZP_OK;
}

/* ---- of the others ---- */

static void give_up(struct wzp_crossing *crossing, const struct far_link *far)
{
    struct wzp_crossing *first = crossing->ends[WZP_CREW_FIRST];
    atomic_store_explicit(&first->broken[slot_of(far->id)], far->id, memory_order_relaxed);
    wzp_mailbox_ring(mailbox_of(crossing, WZP_CREW_FIRST));
}

void wzp_crossing_to_link(struct wzp_crossing *crossing, void *user, const struct wzp_signal *signal,
                          uint64_t replace_key)
{
    const struct far_link *far = user;
    char *body = NULL;
    size_t size = 0;
    enum wzp_err err = wzp_signal_write(signal, &body, &size);
    if (err == WZP_OK) {
        struct news *news = new_news(crossing->ends[WZP_CREW_FIRST], far->id, body, size);
        if (news) {
            news->replace_key = replace_key;
            news->lane = crossing->relay->lane_in_turn;
        }
        err = post(crossing, WZP_CREW_FIRST, news, deliver_to_wire);
    }
    free(body);
    if (err != WZP_OK) {
        give_up(crossing, far);
    }
}

const char *wzp_crossing_label(const void *user)
{
    const struct far_link *far = user;
    return far->label;
}

struct wzp_allowance *wzp_crossing_allowance(void *user)
{
    struct far_link *far = user;
    return &far->allowance;
}

void wzp_crossing_collect(struct wzp_crossing *crossing)
{
    for (size_t i = 0; i < WZP_CROSSING_LINKS; i++) {
        struct far_link *far = crossing->far[i];
        if (far && far->handle) {
            wzp_links_collect_stats(crossing->relay->metrics, far->label, far->handle, &far->collected);
        }
    }
}
