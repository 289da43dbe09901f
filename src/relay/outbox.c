/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

struct wzp_outbox {
    struct wzp_list lanes[WZP_OUTBOX_LANES];
    size_t turn; /* the lane that was served last */
    struct wzp_map by_key;
    size_t n, bytes;
};

static struct wzp_outbox_signal *signal_of(struct wzp_list *node)
{
    return wzp_container(node, struct wzp_outbox_signal, node);
}

enum wzp_err wzp_outbox_new(const struct wzp_hash_key *hash_key, struct wzp_outbox **out_outbox)
{
    struct wzp_outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox) {
        return WZP_ENOMEM;
    }
    for (size_t i = 0; i < WZP_OUTBOX_LANES; i++) {
        wzp_list_init(&outbox->lanes[i]);
    }
    wzp_map_init(&outbox->by_key, hash_key, WZP_OUTBOX_SIGNALS);
    *out_outbox = outbox;
    return WZP_OK;
}

void wzp_outbox_free(struct wzp_outbox *outbox)
{
    if (!outbox) {
        return;
    }
    for (struct wzp_outbox_signal *signal; (signal = wzp_outbox_pop(outbox));) {
        free(signal);
    }
    wzp_map_deinit(&outbox->by_key);
    free(outbox);
}

size_t wzp_outbox_count(const struct wzp_outbox *outbox)
{
    return outbox ? outbox->n : 0;
}

static void take_out(struct wzp_outbox *outbox, struct wzp_outbox_signal *signal)
{
    if (signal->key != 0) {
        wzp_ignore(wzp_map_remove(&outbox->by_key, &signal->key, sizeof signal->key));
    }
    wzp_list_remove(&signal->node);
    outbox->n--;
    outbox->bytes -= signal->size;
}

static struct wzp_outbox_signal *make(const struct wzp_outbox_post *post)
{
    struct wzp_outbox_signal *signal = malloc(sizeof *signal + post->size);
    if (signal) {
        signal->key = post->key;
        signal->size = post->size;
        wzp_list_init(&signal->node);
        memcpy(signal->body, post->body, post->size);
    }
    return signal;
}

enum wzp_err wzp_outbox_push(struct wzp_outbox *outbox, const struct wzp_outbox_post *post)
{
    struct wzp_outbox_signal *older =
        post->key ? wzp_map_get(&outbox->by_key, &post->key, sizeof post->key) : NULL;
    size_t n = outbox->n - (older ? 1 : 0);
    size_t bytes = outbox->bytes - (older ? older->size : 0);
    if (n >= WZP_OUTBOX_SIGNALS || post->size > WZP_OUTBOX_BYTES - bytes) {
        return WZP_ELIMIT;
    }
    struct wzp_outbox_signal *signal = make(post);
    if (!signal) {
        return WZP_ENOMEM;
    }
    struct wzp_list *place = &outbox->lanes[post->lane];
    if (older) { /* it keeps the older one's place, so that frequent changes don't wait for ever */
        wzp_list_push_back(&older->node, &signal->node);
        take_out(outbox, older);
        free(older);
    } else {
        wzp_list_push_back(place, &signal->node);
    }
    outbox->n++;
    outbox->bytes += signal->size;
    if (signal->key != 0 &&
        wzp_map_add(&outbox->by_key, &signal->key, sizeof signal->key, signal) != WZP_OK) {
        signal->key = 0; /* no memory: it is sent all the same, and replaced by nothing */
    }
    return WZP_OK;
}

struct wzp_outbox_signal *wzp_outbox_pop(struct wzp_outbox *outbox)
{
    for (size_t i = 1; i <= WZP_OUTBOX_LANES; i++) {
        size_t lane = (outbox->turn + i) % WZP_OUTBOX_LANES;
        struct wzp_list *first = wzp_list_first(&outbox->lanes[lane]);
        if (first) {
            outbox->turn = lane;
            take_out(outbox, signal_of(first));
            return signal_of(first);
        }
    }
    return NULL;
}
