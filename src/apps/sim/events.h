/* SPDX-License-Identifier: Apache-2.0 */
/* What is going to happen, ordered by time, then by order of entry. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/us.h"

#define WZP_EVENT_DATAGRAM_BYTES 48 /* a tag, a media header and our eight bytes of payload fit */

struct wzp_mail;

enum wzp_event_kind {
    WZP_SIM_TICK,     /* of relay `index` */
    WZP_SIM_MAIL,     /* a signal reaches side `side` of edge `index` */
    WZP_SIM_DATAGRAM, /* so does a datagram */
    WZP_SIM_NOTICE,   /* that side notices that its link is dead */
    WZP_SIM_CONNECT,  /* the relays of the edge dial again */
    WZP_SIM_UP,       /* the link stands on that side */
    WZP_SIM_CUT,      /* the edge carries nothing from now on */
    WZP_SIM_HEAL,
    WZP_SIM_CRASH, /* relay `index` is gone */
    WZP_SIM_RESTART,
    WZP_SIM_JOIN,  /* somebody joins somewhere */
    WZP_SIM_LEAVE, /* somebody leaves */
    WZP_SIM_SPEAK, /* guest `index` says the next packet */
};

struct wzp_sim_event {
    wzp_us at;
    enum wzp_event_kind kind;
    uint32_t index;
    uint32_t session; /* of the edge, or of the guest's speech */
    uint8_t side;
    uint8_t size;
    union {
        struct wzp_mail *mail; /* owned */
        uint8_t bytes[WZP_EVENT_DATAGRAM_BYTES];
    };
};

/** Of an event in the heap: when, and where it lies. */
struct wzp_event_key {
    wzp_us at;
    uint64_t order;
    uint32_t slot;
};

struct wzp_events {
    struct wzp_event_key *heap;
    struct wzp_sim_event *slots; /* stay where they are while keys move */
    uint32_t *free;              /* slots, those from n on in use */
    size_t n, size;
    uint64_t order;
};

/** Aborts without memory: a simulation can't go on. */
void wzp_events_add(struct wzp_events *events, const struct wzp_sim_event *event);

/** Takes the earliest one out; false where there is none up to `until`. */
bool wzp_events_next(struct wzp_events *events, wzp_us until, struct wzp_sim_event *out_event);

/** Frees the heap and the mail in it. */
void wzp_events_deinit(struct wzp_events *events);
