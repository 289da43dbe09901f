/* SPDX-License-Identifier: Apache-2.0 */
/* What worker.c and worker_events.c share of a worker. */
#pragma once

#include "net/mailbox.h"
#include "net/quic.h"
#include "relay/delivery.h"
#include "relay/reception.h"
#include "relay/sessions.h"
#include "relay/worker.h"

enum wzp_worker_state {
    WZP_WORKER_RUNNING,
    WZP_WORKER_DRAINING, /* clients have been told */
    WZP_WORKER_CLOSING,  /* connections have been closed */
    WZP_WORKER_ENDED,    /* nothing runs any more */
};

struct wzp_worker {
    struct wzp_relay relay;
    struct wzp_mailbox *mailbox; /* the crew has it too */
    struct wzp_delivery delivery;
    struct wzp_sessions *sessions;
    struct wzp_reception *reception;
    enum wzp_worker_state state;
    wzp_us stop_at; /* of the next step towards the end */
    wzp_us next;    /* when something is due, as the timer is set */
    bool has_news;  /* more than media has happened since then */
};

/** Does what is due and sets the timer to what is due next. */
void wzp_worker_settle(struct wzp_worker *worker, wzp_us now);

/** Shows the other workers what has been put in for them; at the end of each batch. */
void wzp_worker_show(struct wzp_worker *worker);

/** What the worker does with the events of its endpoint, whose context it is. */
extern const struct wzp_endpoint_handler wzp_worker_events;
