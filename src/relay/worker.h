/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One worker of a relay: a loop with its own UDP socket, router and sessions. Nothing is shared with the
 * others; what has to pass between them is posted.
 *
 *   QUIC endpoint --> dispatch by server name --> session (a client in a room), link, probe, ping, version
 *                                                    |
 *                                                 router --> sessions' and links' connections
 */
#pragma once

#include <stdbool.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "relay/relay.h"

#define WZP_WORKER_ENDS_WITHIN (2 * WZP_SECOND) /* from wzp_worker_stop, whoever is still there */

struct wzp_worker;

/** Everything is borrowed for the worker's life. */
struct wzp_worker_setup {
    const struct wzp_relay_config *config;
    const struct wzp_identity *identity;
    const struct wzp_cert *cert;
    const struct wzp_log *log;
    struct wzp_crew *crew;  /* takes the worker's mailbox */
    unsigned index;         /* in the crew */
    struct wzp_addr listen; /* the first worker's, or the one that it got */
};

/** Binds. What can't be done is logged with what to do about it. */
WZP_MUST_USE enum wzp_err wzp_worker_new(const struct wzp_worker_setup *setup,
                                         struct wzp_worker **out_worker);

/** Closes what is open, without waiting. After its thread has ended. Takes NULL. */
void wzp_worker_free(struct wzp_worker *worker);

/** Runs the loop on the calling thread until the worker has ended. */
void wzp_worker_run(struct wzp_worker *worker);

/** On the worker's thread: tells the clients, closes, and ends the loop within WZP_WORKER_ENDS_WITHIN. A
 * second call ends it at once. */
void wzp_worker_stop(struct wzp_worker *worker);

/** What its parts share. */
struct wzp_relay *wzp_worker_relay(struct wzp_worker *worker);
