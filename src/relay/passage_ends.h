/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the passage share of a worker's end. */
#pragma once

#include <stdbool.h>

#include "base/bucket.h"
#include "base/ring.h"
#include "crypto/fingerprint.h"
#include "net/mailbox.h"
#include "net/quic.h"
#include "relay/crew.h"
#include "relay/passage.h"

#define WZP_SPAN_GUESTS 256 /* receivers of one record; more take another */
#define WZP_SPANS       2   /* a packet has two forms where members are of two generations */

/** What is in front of everything in a ring. */
struct wzp_passage_record {
    uint32_t kind;  /* enum wzp_passage_kind */
    uint32_t value; /* an id; MEDIA: how many follow */
    wzp_us at;      /* when the datagram came to the relay */
};

enum wzp_passage_kind {
    WZP_PASSAGE_DATAGRAM, /* to the room's worker: its bytes */
    WZP_PASSAGE_MEASURE,  /* to the room's worker: struct wzp_conn_measure */
    WZP_PASSAGE_MEDIA,    /* to the host: ids of connections, then the bytes for them */
};

/** That a connection has ended, or is to end: a letter that is made with the connection, so that it can be
 * sent whatever happens. */
struct wzp_parting {
    struct wzp_letter letter;
    struct wzp_passage *to;
    unsigned from;
    uint32_t id;
    struct wzp_close_info info;
};

/** A connection that this worker keeps for a room of another. Ids are the host's: the low half is a slot, the
 * other tells the slot's connections apart. */
struct wzp_hosted {
    struct wzp_role role;
    struct wzp_passage *passage;
    unsigned home; /* the room's worker */
    uint32_t id;
    struct wzp_bucket signals; /* what the session would take anyway */
    struct wzp_parting *parting;
};

/** A client in a room of this worker whose connection is on another. */
struct wzp_guest {
    struct wzp_passage *passage;
    struct wzp_role *role; /* NULL: nobody let it in */
    unsigned worker;
    uint32_t id;
    bool has_fingerprint;
    uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
    struct wzp_addr addr;
    struct wzp_parting *dismissal; /* NULL: it has been sent */
};

/** A datagram on its way, and those whom it is for: one record for all of them. */
struct wzp_span {
    struct wzp_packet *packet; /* a reference of our own */
    size_t offset, size;
    wzp_us at;
    uint32_t n;
    uint32_t ids[WZP_SPAN_GUESTS];
};

/** What passes between this worker and one other. */
struct wzp_passage_pair {
    struct wzp_passage *far;
    struct wzp_ring *out, *in;
    struct wzp_guest **guests; /* by the slot of their ids */
    size_t n_slots;
    struct wzp_span spans[WZP_SPANS]; /* in a circle */
    size_t n_spans, oldest;
    uint32_t *addressed; /* for the next signal */
    size_t n_addressed, addressed_size;
};

struct wzp_hosted_slot {
    struct wzp_hosted *hosted; /* NULL: free */
    uint32_t generation;
};

struct wzp_passage {
    struct wzp_relay *relay;
    struct wzp_sessions *sessions;
    struct wzp_passage_pair *pairs[WZP_CREW_MAX]; /* NULL: ourselves, and past the crew's number */
    struct wzp_hosted_slot *slots;
    size_t n_slots, n_hosted, last_slot;
    uint64_t *dropped; /* pointer into the metrics */
};

static inline size_t wzp_passage_slot(uint32_t id)
{
    return id & 0xffff;
}

/** Space in the ring for a record with `size` bytes after its head; NULL: it is full, which is counted. */
void *wzp_passage_put(struct wzp_passage *passage, unsigned worker, const struct wzp_passage_record *record,
                      size_t size);

/** Posts to the worker; a letter that can't be posted is discarded. */
enum wzp_err wzp_passage_post(const struct wzp_passage *passage, unsigned worker, struct wzp_letter *letter);

/** NULL: no memory. */
struct wzp_parting *wzp_parting_new(void);
/** Sends it, whatever the box holds. */
void wzp_parting_send(struct wzp_parting *parting, const struct wzp_passage *from, unsigned worker,
                      void (*deliver)(struct wzp_letter *letter, void *context));
void wzp_parting_discard(struct wzp_letter *letter);

/* Of passage_guests.c: */

/** The letter of a new connection to the room's worker: its session begins when that is delivered. */
WZP_MUST_USE enum wzp_err wzp_passage_announce(const struct wzp_hosted *hosted, const char *room);
/** A message of it. */
WZP_MUST_USE enum wzp_err wzp_passage_tell(const struct wzp_hosted *hosted, const uint8_t *body, size_t size);
/** Delivers that it has ended. */
void wzp_passage_deliver_end(struct wzp_letter *letter, void *context);
/** The guest that an id of another worker's stands for, or NULL. */
struct wzp_guest *wzp_passage_find_guest(const struct wzp_passage *passage, unsigned worker, uint32_t id);
void wzp_passage_free_guests(struct wzp_passage_pair *pair);

/* Of passage_out.c: */

/** Puts what is gathered for the worker into its ring. */
void wzp_passage_close_spans(struct wzp_passage *passage, unsigned worker);

/* Of passage_host.c: */

/** The connection that an id of ours stands for, or NULL. */
struct wzp_hosted *wzp_passage_find_hosted(const struct wzp_passage *passage, uint32_t id);
/** Delivers that it is to end. */
void wzp_passage_deliver_dismissal(struct wzp_letter *letter, void *context);
