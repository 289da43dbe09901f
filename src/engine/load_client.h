/* SPDX-License-Identifier: Apache-2.0 */
/* One client of a load: joins a room, sends numbered packets, counts those of the others. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/packet.h"
#include "base/random.h"
#include "base/us.h"
#include "net/addr.h"
#include "net/loop.h"
#include "net/quic.h"

enum wzp_load_client_state {
    WZP_LOAD_CLIENT_IDLE,
    WZP_LOAD_CLIENT_DIALLING,
    WZP_LOAD_CLIENT_OFFERING,
    WZP_LOAD_CLIENT_JOINED,
    WZP_LOAD_CLIENT_GONE,
};

/** What one receiver has heard of one sender. */
struct wzp_load_ear {
    uint32_t highest; /* number of the newest packet, counted from 1; 0: none yet */
    uint64_t seen;    /* bit i: number `highest - i` has come */
};

/** What all clients of a load share. */
struct wzp_load_shared {
    const struct wzp_log *log;
    const struct wzp_random *random;
    const char *room_prefix;
    uint32_t packet_bytes;
    uint32_t n_members;
    uint32_t n_talkers;
    uint32_t run;       /* random; packets of another load are told by it */
    uint16_t first_seq; /* of all: whoever tells talkers apart by their numbers shall fail */
    void (*on_joined)(void *context);
    void (*on_gone)(void *context, bool was_joined);
    void *context;
    uint64_t received, duplicated, reordered, foreign;
    uint32_t *delays; /* histogram */
    wzp_us delay_max;
};

#define WZP_LOAD_DELAY_STEP_US 50
#define WZP_LOAD_DELAY_STEPS   20000 /* up to 1 s; what is longer counts as that */

/** Zeroed, with `shared`, `relay`, `room` and `index`, it is ready. */
struct wzp_load_client {
    struct wzp_load_shared *shared;
    struct wzp_endpoint *endpoint; /* borrowed, maybe shared with others */
    struct wzp_conn *conn;
    enum wzp_load_client_state state;
    const struct wzp_addr *relay; /* borrowed */
    uint32_t room, index;         /* of the room; in it: talkers come first */
    uint32_t n_sent;
    struct wzp_load_ear *ears; /* one a talker of the room; borrowed */
};

/** What endpoints of such clients answer to. */
extern const struct wzp_endpoint_handler wzp_load_client_handler;

/** Dials from `endpoint`, also once more after it is gone. WZP_ENET, WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_load_client_start(struct wzp_load_client *client,
                                                struct wzp_endpoint *endpoint);

/** Sends the next packet. */
void wzp_load_client_talk(struct wzp_load_client *client, wzp_us now);

void wzp_load_client_leave(struct wzp_load_client *client);
