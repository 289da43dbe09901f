/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proxy around the model: a socket for the clients, one towards the relay for each client, and a timer.
 *
 *   client -> listener -> model up   -> (due) -> the client's upstream socket -> relay
 *   client <- listener <- (due) <- model down <- the client's upstream socket <- relay
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "apps/impair/plan.h"
#include "base/attr.h"
#include "base/log.h"
#include "net/addr.h"
#include "net/loop.h"

struct wzp_proxy;

struct wzp_proxy_stats {
    uint64_t clients;   /* addresses seen, with those forgotten meanwhile */
    uint64_t rebinds;   /* of a client's upstream socket */
    uint64_t no_client; /* packets dropped: too many clients, or theirs was gone when they were due */
    uint64_t unsent;    /* packets that the kernel did not take */
    uint64_t foreign;   /* packets from elsewhere than the relay */
    wzp_us ran_for;
};

/**
 * Starts. `plan` and `log` are borrowed for the proxy's life; `to` is plan->to resolved. WZP_EMALFORMED:
 * plan->listen is no address. WZP_ENET: it can't be bound. WZP_ENOMEM.
 */
WZP_MUST_USE enum wzp_err wzp_proxy_start(struct wzp_loop *loop, const struct wzp_plan *plan,
                                          const struct wzp_addr *to, const struct wzp_log *log,
                                          struct wzp_proxy **out_proxy);

/** Where it listens, with the port that the kernel picked. */
const struct wzp_addr *wzp_proxy_addr(const struct wzp_proxy *proxy);

const struct wzp_model_stats *wzp_proxy_model_stats(const struct wzp_proxy *proxy,
                                                    enum wzp_plan_direction direction);
struct wzp_proxy_stats wzp_proxy_stats(const struct wzp_proxy *proxy);

/** What is on its way is dropped. Takes NULL. */
void wzp_proxy_free(struct wzp_proxy *proxy);
