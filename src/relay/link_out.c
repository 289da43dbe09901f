/* SPDX-License-Identifier: Apache-2.0 */
/* Signals to a peer: no faster than it takes them (allowance.h), and those of many in turn (outbox.h). */
#include <stdlib.h>

#include "relay/allowance.h"
#include "relay/delivery.h"
#include "relay/link.h"
#include "relay/links_set.h"
#include "relay/outbox.h"

/* Signals that wait in the connection for stream credit, at most: half of what it would keep. */
#define WZP_LINK_OUT_QUEUED 128

static bool may_send(struct wzp_relay_link *link)
{
    struct wzp_conn_stats stats;
    wzp_conn_stats(link->role.conn, &stats);
    return stats.queued_messages < WZP_LINK_OUT_QUEUED &&
           wzp_bucket_take(&link->allowance->out, link->links->relay->now);
}

static void send_now(struct wzp_relay_link *link, const struct wzp_outbox_post *post)
{
    ++*link->counters.signals_out;
    wzp_delivery_send_body(link->links->relay, link->role.conn, post->body, post->size, post->key);
}

static enum wzp_err keep(struct wzp_relay_link *link, const struct wzp_outbox_post *post)
{
    if (!link->outbox) {
        enum wzp_err err = wzp_outbox_new(&link->links->hash_key, &link->outbox);
        if (err != WZP_OK) {
            return err;
        }
    }
    return wzp_outbox_push(link->outbox, post);
}

void wzp_link_post(struct wzp_relay_link *link, const struct wzp_outbox_post *post)
{
    if (wzp_outbox_count(link->outbox) == 0 && may_send(link)) {
        send_now(link, post);
    } else if (keep(link, post) != WZP_OK) {
        ++*link->links->relay->counters.signals_unsent;
        wzp_conn_close(link->role.conn, WZP_CLOSE_TIMEOUT, "signals are not being read");
    }
}

void wzp_link_say(struct wzp_relay_link *link, const struct wzp_signal *signal, uint64_t replace_key)
{
    struct wzp_relay *relay = link->links->relay;
    char *body = NULL;
    size_t size = 0;
    enum wzp_err err = wzp_signal_write(signal, &body, &size);
    if (err != WZP_OK) {
        wzp_warn(relay->log, "a signal can't be written", "signal=%s error=\"%s\"",
                 wzp_signal_kind_name(signal->kind), wzp_err_text(err));
        return;
    }
    wzp_link_post(link, &(struct wzp_outbox_post){
                            .lane = relay->lane_in_turn, .key = replace_key, .body = body, .size = size});
    free(body);
}

void wzp_link_drain(struct wzp_relay_link *link)
{
    while (link->state == WZP_LINK_UP && wzp_outbox_count(link->outbox) > 0 && may_send(link)) {
        struct wzp_outbox_signal *signal = wzp_outbox_pop(link->outbox);
        send_now(link,
                 &(struct wzp_outbox_post){.key = signal->key, .body = signal->body, .size = signal->size});
        free(signal);
    }
}
