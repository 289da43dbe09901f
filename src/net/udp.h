/* SPDX-License-Identifier: Apache-2.0 */
/* One UDP socket that reads and sends in batches. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/tally.h"
#include "net/addr.h"
#include "net/loop.h"

/** The largest UDP payload that we send: 1,500 bytes of Ethernet without IPv4 and UDP headers. */
#define WZP_UDP_PACKET_BYTES 1472

struct wzp_udp;

/** Where a packet came from, or goes to and from which of our addresses. */
struct wzp_udp_path {
    struct wzp_addr local; /* the wildcard where the kernel shall pick */
    struct wzp_addr remote;
};

/** All run on the loop's thread, and none may close the socket. */
struct wzp_udp_handler {
    /** One packet, borrowed. */
    void (*on_packet)(void *context, const struct wzp_udp_path *path, const uint8_t *bytes, size_t size);
    /** What was readable has been read (up to a limit; then the rest follows in a batch of its own). */
    void (*on_batch_end)(void *context);
    /** Whether what has been read sets off so much that another look at the socket is cheap beside it. May be
     * NULL: never. */
    bool (*is_heavy)(void *context);
};

struct wzp_udp_stats {
    uint64_t packets_received, bytes_received, receive_batches;
    uint64_t packets_sent, bytes_sent, send_batches;
    uint64_t gso_segments;          /* packets that left as part of a larger buffer */
    struct wzp_tally receive_sizes; /* packets a batch, by wzp_quic_batch_bounds */
    struct wzp_tally send_sizes;
    uint64_t packets_unsent; /* the kernel refused them for good */
    uint64_t sends_blocked;  /* times it took no more for now */
};

/** Where to bind. Several sockets may share an address: the kernel then gives a packet to the one whose
 * number is the first byte of the connection id that it is for, modulo their count. They are opened in the
 * order of their numbers. */
struct wzp_udp_place {
    struct wzp_addr addr;
    unsigned share;    /* this socket's number */
    unsigned n_shares; /* 0 or 1: the address is its own */
};

/** Binds and starts to read. WZP_ENET: the address can't be bound, or not shared. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_udp_open_at(struct wzp_loop *loop, const struct wzp_udp_place *place,
                                          const struct wzp_udp_handler *handler, void *context,
                                          struct wzp_udp **out_udp);

/** The same at an address of its own. */
WZP_MUST_USE enum wzp_err wzp_udp_open(struct wzp_loop *loop, const struct wzp_addr *addr,
                                       const struct wzp_udp_handler *handler, void *context,
                                       struct wzp_udp **out_udp);

/** Sends what is queued if the kernel takes it, then closes. Takes NULL. */
void wzp_udp_close(struct wzp_udp *udp);

/** The bound address, with the port that the kernel picked. */
const struct wzp_addr *wzp_udp_addr(const struct wzp_udp *udp);

/** Reads now what is there, as if the loop had found it. */
void wzp_udp_read(struct wzp_udp *udp);

/** Of the packet that on_packet is about: for how long the kernel has had it. 0 where it does not say. */
wzp_us wzp_udp_waited(const struct wzp_udp *udp);

/** Packets that found the kernel's receive buffer full, since the start. 0 where it does not say. */
uint64_t wzp_udp_overflow(const struct wzp_udp *udp);

/** Leaves what comes in the kernel's buffer, unless wzp_udp_read asks for it; then again as before. */
void wzp_udp_set_resting(struct wzp_udp *udp, bool is_resting);
bool wzp_udp_is_resting(const struct wzp_udp *udp);

/** Space for one packet of up to WZP_UDP_PACKET_BYTES; NULL where the kernel takes no more and the queue is
 * full. */
uint8_t *wzp_udp_reserve(struct wzp_udp *udp);

/** The kernel takes no more at the moment; on_batch_end follows when it does again. */
bool wzp_udp_is_blocked(const struct wzp_udp *udp);

/** The last batch ended at its limit, not with the last packet: there may be more. */
bool wzp_udp_has_more(const struct wzp_udp *udp);

/** Queues the first `size` bytes of the space that was reserved last. */
void wzp_udp_commit(struct wzp_udp *udp, const struct wzp_udp_path *path, size_t size);

/** Hands the queue to the kernel; what it does not take now is tried again when the socket is writable. */
void wzp_udp_flush(struct wzp_udp *udp);

const struct wzp_udp_stats *wzp_udp_stats(const struct wzp_udp *udp);
