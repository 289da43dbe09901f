/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workers of one relay, as each of them sees the whole: which worker has which room, and what they must
 * agree on. A room is on one worker, chosen by the hash of its id, though others may keep connections for it;
 * links to other relays and probes are on the first. Written before the workers run, except for the atomics.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/random.h"
#include "relay/signposts.h"

#define WZP_CREW_MAX   64 /* workers */
#define WZP_CREW_FIRST 0  /* has the links */

struct wzp_letter;
struct wzp_mailbox;
struct wzp_relay;
struct wzp_relay_config;
struct wzp_signal;

struct wzp_crew {
    unsigned n;              /* 1 to WZP_CREW_MAX */
    struct wzp_hash_key key; /* nobody outside can choose rooms that meet on one worker */
    struct wzp_map tags;     /* the global rooms' tags */
    struct wzp_crew_tag *first_tag;
    struct wzp_mailbox *mailboxes[WZP_CREW_MAX]; /* NULL: it has been freed */
    size_t members_per_worker;                   /* of a room, before it is spread; 0: it is not */
    struct wzp_signposts signposts;
    atomic_size_t sessions; /* of all workers */
};

/** `config` decides on number and global rooms. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_crew_init(struct wzp_crew *crew, const struct wzp_relay_config *config,
                                        const struct wzp_random *random);
void wzp_crew_deinit(struct wzp_crew *crew);

/** The worker of the room called `name`, raw or hashed. */
unsigned wzp_crew_of_room(const struct wzp_crew *crew, const char *name);

/** The worker of the global room with this tag (WZP_ROOM_TAG_BYTES); the first for tags of no room here. */
unsigned wzp_crew_of_tag(const struct wzp_crew *crew, const uint8_t *tag);

/** What the room called `name`, raw or hashed, is called among the workers; never 0. */
uint64_t wzp_crew_room_key(const struct wzp_crew *crew, const char *name);

/** Whether a server name names a room. */
bool wzp_crew_is_room(const char *server_name);

/** The worker that has what a server name names: the room's, or the first where it is none. */
unsigned wzp_crew_of_server_name(const struct wzp_crew *crew, const char *server_name);

/** The worker that takes a connection that arrives with this server name: the same, unless the room is
 * spread, or a crowd arrives for it. */
unsigned wzp_crew_of_arrival(struct wzp_crew *crew, const char *server_name, wzp_us now);

/** The worker to which a signal of a link matters. */
unsigned wzp_crew_of_signal(const struct wzp_crew *crew, const struct wzp_signal *signal);

/** Takes a place among the sessions of the whole relay; false where `limit` have one. Any thread. */
bool wzp_crew_enter(struct wzp_crew *crew, size_t limit);
void wzp_crew_leave(struct wzp_crew *crew);

/** Has each worker run `fn` on its thread, one after the other, and waits for it; at most for a turn of each
 * loop. On the first worker's thread, for pages and the like. */
void wzp_crew_ask(struct wzp_relay *first, void (*fn)(void *context, struct wzp_relay *relay), void *context);
