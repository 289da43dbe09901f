/* SPDX-License-Identifier: Apache-2.0 */
/* What the room's worker has the hosts of its guests send to them: signals as letters, media through rings.
 */
#include <stdlib.h>
#include <string.h>

#include "relay/delivery.h"
#include "relay/passage_ends.h"

/* ---- signals ---- */

void wzp_passage_address(struct wzp_passage *passage, struct wzp_guest *guest)
{
    struct wzp_passage_pair *pair = passage->pairs[guest->worker];
    if (pair->n_addressed == pair->addressed_size) {
        size_t size = 2 * pair->addressed_size + 1;
        uint32_t *addressed = realloc(pair->addressed, size * sizeof *addressed);
        if (!addressed) {
            wzp_guest_dismiss(guest, WZP_CLOSE_RELAY_FULL, "the relay has no memory left");
            return;
        }
        pair->addressed = addressed;
        pair->addressed_size = size;
    }
    pair->addressed[pair->n_addressed++] = guest->id;
}

/* A signal for clients of one worker. */
struct speech {
    struct wzp_letter letter;
    struct wzp_passage *to;
    uint64_t replace_key;
    size_t size;
    size_t n;
    uint32_t ids[]; /* then the text */
};

static void discard_speech(struct wzp_letter *letter)
{
    free(wzp_container(letter, struct speech, letter));
}

static void deliver_speech(struct wzp_letter *letter, void *context)
{
    (void)context;
    const struct speech *speech = wzp_container(letter, struct speech, letter);
    const char *body = (const char *)(speech->ids + speech->n);
    for (size_t i = 0; i < speech->n; i++) {
        const struct wzp_hosted *hosted = wzp_passage_find_hosted(speech->to, speech->ids[i]);
        if (hosted) {
            wzp_delivery_send_body(speech->to->relay, hosted->role.conn, body, speech->size,
                                   speech->replace_key);
        }
    }
    discard_speech(letter);
}

static enum wzp_err post_speech(const struct wzp_passage *passage, unsigned worker, const char *body,
                                size_t size, uint64_t replace_key)
{
    const struct wzp_passage_pair *pair = passage->pairs[worker];
    size_t ids_size = pair->n_addressed * sizeof pair->addressed[0];
    struct speech *speech = malloc(sizeof *speech + ids_size + size);
    if (!speech) {
        return WZP_ENOMEM;
    }
    *speech = (struct speech){
        .letter = {.deliver = deliver_speech, .discard = discard_speech},
        .to = pair->far,
        .replace_key = replace_key,
        .size = size,
        .n = pair->n_addressed,
    };
    memcpy(speech->ids, pair->addressed, ids_size);
    memcpy(speech->ids + speech->n, body, size);
    return wzp_passage_post(passage, worker, &speech->letter);
}

/* Those whose worker takes no more letters have missed a signal: they begin anew. */
static void dismiss_addressed(const struct wzp_passage *passage, unsigned worker)
{
    const struct wzp_passage_pair *pair = passage->pairs[worker];
    for (size_t i = 0; i < pair->n_addressed; i++) {
        struct wzp_guest *guest = wzp_passage_find_guest(passage, worker, pair->addressed[i]);
        if (guest) {
            ++*passage->relay->counters.signals_unsent;
            wzp_guest_dismiss(guest, WZP_CLOSE_TIMEOUT, "signals are not being read");
        }
    }
}

void wzp_passage_say(struct wzp_passage *passage, const char *body, size_t size, uint64_t replace_key)
{
    for (unsigned i = 0; i < passage->relay->crew->n; i++) {
        struct wzp_passage_pair *pair = passage->pairs[i];
        if (!pair || pair->n_addressed == 0) {
            continue;
        }
        if (post_speech(passage, i, body, size, replace_key) != WZP_OK) {
            dismiss_addressed(passage, i);
        }
        pair->n_addressed = 0;
    }
}

/* ---- media ---- */

static void close_span(struct wzp_passage *passage, unsigned worker, struct wzp_span *span)
{
    size_t ids_size = span->n * sizeof span->ids[0];
    const struct wzp_passage_record record = {WZP_PASSAGE_MEDIA, span->n, span->at};
    uint8_t *space = wzp_passage_put(passage, worker, &record, ids_size + span->size);
    if (space) {
        memcpy(space, span->ids, ids_size);
        memcpy(space + ids_size, span->packet->bytes + span->offset, span->size);
    }
    wzp_packet_unref(span->packet);
}

void wzp_passage_close_spans(struct wzp_passage *passage, unsigned worker)
{
    struct wzp_passage_pair *pair = passage->pairs[worker];
    for (; pair->n_spans > 0; pair->n_spans--) {
        close_span(passage, worker, &pair->spans[pair->oldest]);
        pair->oldest = (pair->oldest + 1) % WZP_SPANS;
    }
}

static bool is_span_of(const struct wzp_span *span, const struct wzp_packet *packet, size_t offset,
                       size_t size)
{
    return span->packet == packet && span->offset == offset && span->size == size &&
           span->n < WZP_SPAN_GUESTS;
}

/* The oldest leaves first, so that nobody gets one packet before an earlier one. */
static struct wzp_span *new_span(struct wzp_passage *passage, unsigned worker)
{
    struct wzp_passage_pair *pair = passage->pairs[worker];
    if (pair->n_spans == WZP_SPANS) {
        close_span(passage, worker, &pair->spans[pair->oldest]);
        pair->oldest = (pair->oldest + 1) % WZP_SPANS;
        pair->n_spans--;
    }
    return &pair->spans[(pair->oldest + pair->n_spans++) % WZP_SPANS];
}

void wzp_passage_media(struct wzp_passage *passage, const struct wzp_guest *guest, struct wzp_packet *packet,
                       size_t offset, size_t size)
{
    struct wzp_passage_pair *pair = passage->pairs[guest->worker];
    for (size_t i = 0; i < pair->n_spans; i++) {
        struct wzp_span *span = &pair->spans[(pair->oldest + i) % WZP_SPANS];
        if (is_span_of(span, packet, offset, size)) {
            span->ids[span->n++] = guest->id;
            return;
        }
    }
    struct wzp_span *span = new_span(passage, guest->worker);
    span->packet = wzp_packet_ref(packet);
    span->offset = offset;
    span->size = size;
    span->at = passage->relay->now;
    span->ids[0] = guest->id;
    span->n = 1;
}
