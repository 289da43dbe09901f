/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/passage.h"

#include <stdlib.h>
#include <string.h>

#include "relay/passage_ends.h"

enum wzp_err wzp_passage_new(struct wzp_relay *relay, struct wzp_sessions *sessions,
                             struct wzp_passage **out_passage)
{
    struct wzp_passage *passage = calloc(1, sizeof *passage);
    if (!passage) {
        return WZP_ENOMEM;
    }
    passage->relay = relay;
    passage->sessions = sessions;
    passage->dropped =
        wzp_metrics_counter(relay->metrics, WZP_METRIC_DATAGRAMS_DROPPED, "between_workers", NULL);
    *out_passage = passage;
    return WZP_OK;
}

static void free_pair(struct wzp_passage_pair *pair)
{
    wzp_passage_free_guests(pair);
    for (size_t i = 0; i < pair->n_spans; i++) {
        wzp_packet_unref(pair->spans[(pair->oldest + i) % WZP_SPANS].packet);
    }
    wzp_ring_free(pair->in);
    free(pair->addressed);
    free(pair);
}

void wzp_passage_free(struct wzp_passage *passage)
{
    if (!passage) {
        return;
    }
    for (size_t i = 0; i < WZP_CREW_MAX; i++) {
        if (passage->pairs[i]) {
            free_pair(passage->pairs[i]);
        }
    }
    free(passage->slots);
    free(passage);
}

static enum wzp_err add_pair(struct wzp_passage *passage, struct wzp_passage *far)
{
    struct wzp_passage_pair *pair = calloc(1, sizeof *pair);
    if (!pair) {
        return WZP_ENOMEM;
    }
    pair->far = far;
    passage->pairs[far->relay->worker] = pair;
    return wzp_ring_new(WZP_PASSAGE_RING_BYTES, &pair->in);
}

enum wzp_err wzp_passage_join(struct wzp_passage *one, struct wzp_passage *other)
{
    enum wzp_err err = add_pair(one, other);
    if (err == WZP_OK) {
        err = add_pair(other, one);
    }
    if (err == WZP_OK) {
        struct wzp_passage_pair *here = one->pairs[other->relay->worker];
        struct wzp_passage_pair *there = other->pairs[one->relay->worker];
        here->out = there->in;
        there->out = here->in;
    }
    return err;
}

void *wzp_passage_put(struct wzp_passage *passage, unsigned worker, const struct wzp_passage_record *record,
                      size_t size)
{
    struct wzp_passage_record *space = wzp_ring_reserve(passage->pairs[worker]->out, sizeof *record + size);
    if (!space) {
        *passage->dropped += record->kind == WZP_PASSAGE_MEDIA ? record->value : 1;
        return NULL;
    }
    *space = *record;
    return space + 1;
}

void wzp_passage_flush(struct wzp_passage *passage)
{
    for (unsigned i = 0; i < passage->relay->crew->n; i++) {
        struct wzp_passage_pair *pair = passage->pairs[i];
        if (!pair) {
            continue;
        }
        wzp_passage_close_spans(passage, i);
        if (wzp_ring_publish(pair->out)) {
            wzp_mailbox_ring(passage->relay->crew->mailboxes[i]);
        }
    }
}

/* ---- what comes ---- */

static void take_from_guest(const struct wzp_passage *passage, unsigned worker,
                            const struct wzp_passage_record *record, size_t size)
{
    const struct wzp_guest *guest = wzp_passage_find_guest(passage, worker, record->value);
    struct wzp_role *role = guest ? guest->role : NULL;
    if (!role) {
        return;
    }
    wzp_us now = passage->relay->now;
    if (record->kind == WZP_PASSAGE_MEASURE) {
        struct wzp_conn_measure measure;
        memcpy(&measure, record + 1, sizeof measure);
        role->ops->on_measure(role, &measure, now);
        return;
    }
    passage->relay->now = record->at; /* dates what is sent on, for how long it stayed here */
    role->ops->on_datagram(role, (const uint8_t *)(record + 1), size, now);
    passage->relay->now = now;
}

static void send_to(const struct wzp_passage *passage, uint32_t id, struct wzp_packet *packet, wzp_us at)
{
    const struct wzp_hosted *hosted = wzp_passage_find_hosted(passage, id);
    if (hosted) {
        wzp_ignore(wzp_conn_send_packet(hosted->role.conn, packet, packet->offset, packet->size, at));
    }
}

static void take_media(const struct wzp_passage *passage, const struct wzp_passage_record *record,
                       size_t size)
{
    const uint32_t *ids = (const uint32_t *)(record + 1);
    size_t head = record->value * sizeof *ids;
    struct wzp_packet *packet;
    if (wzp_packet_new(passage->relay->pool, (const uint8_t *)ids + head, size - head, &packet) != WZP_OK) {
        *passage->relay->counters.media_no_memory += record->value;
        return;
    }
    for (uint32_t i = 0; i < record->value; i++) {
        send_to(passage, ids[i], packet, record->at);
    }
    wzp_packet_unref(packet);
}

static void empty(const struct wzp_passage *passage, unsigned worker)
{
    struct wzp_ring *in = passage->pairs[worker]->in;
    const struct wzp_passage_record *record;
    size_t size;
    while ((record = wzp_ring_peek(in, &size))) {
        if (record->kind == WZP_PASSAGE_MEDIA) {
            take_media(passage, record, size - sizeof *record);
        } else {
            take_from_guest(passage, worker, record, size - sizeof *record);
        }
        wzp_ring_pop(in);
    }
}

void wzp_passage_receive(struct wzp_passage *passage, wzp_us now)
{
    passage->relay->now = now;
    for (unsigned i = 0; i < passage->relay->crew->n; i++) {
        if (passage->pairs[i]) {
            empty(passage, i);
        }
    }
}

/* ---- letters ---- */

enum wzp_err wzp_passage_post(const struct wzp_passage *passage, unsigned worker, struct wzp_letter *letter)
{
    struct wzp_mailbox *mailbox = passage->relay->crew->mailboxes[worker];
    if (!mailbox) {
        letter->discard(letter);
        return WZP_ECLOSED;
    }
    return wzp_mailbox_post(mailbox, letter);
}

struct wzp_parting *wzp_parting_new(void)
{
    struct wzp_parting *parting = calloc(1, sizeof *parting);
    if (parting) {
        parting->letter.discard = wzp_parting_discard;
    }
    return parting;
}

void wzp_parting_discard(struct wzp_letter *letter)
{
    free(wzp_container(letter, struct wzp_parting, letter));
}

void wzp_parting_send(struct wzp_parting *parting, const struct wzp_passage *from, unsigned worker,
                      void (*deliver)(struct wzp_letter *letter, void *context))
{
    struct wzp_mailbox *mailbox = from->relay->crew->mailboxes[worker];
    parting->letter.deliver = deliver;
    parting->to = from->pairs[worker]->far;
    parting->from = from->relay->worker;
    if (mailbox) {
        wzp_ignore(wzp_mailbox_post_surely(mailbox, &parting->letter));
    } else {
        wzp_parting_discard(&parting->letter); /* the worker has been taken down */
    }
}
