/* SPDX-License-Identifier: Apache-2.0 */
/* The letters between the workers: links that come up and go down, and what is said on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/mailbox.h"
#include "proto/signal.h"
#include "relay/crossing_ends.h"
#include "relay/delivery.h"
#include "relay/outbox.h"

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
    return wzp_mailbox_post(wzp_crossing_mailbox(crossing, worker), &news->letter);
}

/* The link that the news is about, for an other; its relay's clock is set to now. */
static struct wzp_far_link *far_of(const struct news *news)
{
    struct wzp_crossing *crossing = news->to;
    crossing->relay->now = wzp_loop_now(crossing->relay->loop);
    struct wzp_far_link *far = crossing->far[wzp_crossing_slot(news->id)];
    return far && far->id == news->id ? far : NULL;
}

static void deliver_up(struct wzp_letter *letter, void *context)
{
    (void)context;
    struct news *news = wzp_container(letter, struct news, letter);
    struct wzp_crossing *crossing = news->to;
    struct wzp_relay *relay = crossing->relay;
    struct wzp_far_link *far = calloc(1, sizeof *far);
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
        crossing->far[wzp_crossing_slot(far->id)] = far;
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
    struct wzp_far_link *far = far_of(news);
    if (far) {
        if (far->handle) {
            wzp_crossing_collect(crossing);
            crossing->relay->lane_in_turn = far->lane;
            wzp_router_link_down(crossing->relay->router, far->handle, crossing->relay->now);
            crossing->relay->lane_in_turn = 0;
        }
        crossing->far[wzp_crossing_slot(far->id)] = NULL;
        free(far);
    }
    discard(letter);
}

static void deliver_rtt(struct wzp_letter *letter, void *context)
{
    (void)context;
    struct news *news = wzp_container(letter, struct news, letter);
    const struct wzp_far_link *far = far_of(news);
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
    const struct wzp_far_link *far = far_of(news);
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
    struct wzp_relay_link *link = wzp_crossing_find(news->to, news->id);
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
    crossing->links[wzp_crossing_slot(link->crossing_id)] = NULL;
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

static void give_up(struct wzp_crossing *crossing, const struct wzp_far_link *far)
{
    struct wzp_crossing *first = crossing->ends[WZP_CREW_FIRST];
    atomic_store_explicit(&first->broken[wzp_crossing_slot(far->id)], far->id, memory_order_relaxed);
    wzp_mailbox_ring(wzp_crossing_mailbox(crossing, WZP_CREW_FIRST));
}

void wzp_crossing_to_link(struct wzp_crossing *crossing, void *user, const struct wzp_signal *signal,
                          uint64_t replace_key)
{
    const struct wzp_far_link *far = user;
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
