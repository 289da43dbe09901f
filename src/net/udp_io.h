/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls under udp.c: udp_io_linux.c has batches and offloads, udp_io_plain.c one packet a call. */
#pragma once

#include "net/udp.h"

/** Packets (or merged runs of packets) that one send call takes. */
#define WZP_UDP_SEND_RUNS 64
/** Segments of one run: the kernel's limit of long standing. */
#define WZP_UDP_RUN_SEGMENTS 64
/** A run stays below the largest UDP payload of IPv4. */
#define WZP_UDP_RUN_BYTES 65000

/** One or more packets to one place, one behind the other in memory; all of `segment` bytes but the last. */
struct wzp_udp_run {
    struct wzp_udp_path path;
    uint8_t *bytes;
    size_t size;
    size_t segment;
    size_t n_segments;
};

struct wzp_udp_io;

typedef void (*wzp_udp_io_fn)(void *context, const struct wzp_udp_path *path, const uint8_t *bytes,
                              size_t size);

/** Lets an unbound socket share its address with others. False: this system can't. */
bool wzp_udp_io_share(int fd);

/** On the first of `n` sockets that share an address, bound: which of them gets which packet is decided as in
 * udp.h. False: this system can't. */
bool wzp_udp_io_steer(int fd, unsigned n);

/** Sets the options of a bound socket. `local` is its address. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_udp_io_new(int fd, const struct wzp_addr *local, struct wzp_udp_io **out_io);
void wzp_udp_io_free(struct wzp_udp_io *io);

/** Whether runs of several packets may be queued. */
bool wzp_udp_io_can_merge(const struct wzp_udp_io *io);

/** Reads what one call gives; false when nothing more is there. */
bool wzp_udp_io_receive(struct wzp_udp_io *io, wzp_udp_io_fn fn, void *context);

/** While a packet is handed over: for how long the kernel has had it. 0 where it does not say. */
wzp_us wzp_udp_io_waited(const struct wzp_udp_io *io);

/** Packets that found the kernel's receive buffer full, since the start. 0 where it does not say. */
uint64_t wzp_udp_io_overflow(const struct wzp_udp_io *io);

/**
 * Sends up to `n` runs; gives the number that need no further care (sent or refused for good), fewer than `n`
 * only where the socket would block. Counts in `stats`.
 */
size_t wzp_udp_io_send(struct wzp_udp_io *io, const struct wzp_udp_run *runs, size_t n,
                       struct wzp_udp_stats *stats);
