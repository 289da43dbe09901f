/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "net/udp_io.h"

#define SLOTS      512  /* packets that wait at one socket; more are lost, as anywhere */
#define SLOT_BYTES 1536 /* over WZP_UDP_PACKET_BYTES */
#define PORTS      65536

struct slot {
    struct wzp_addr from;
    size_t size;
    uint8_t bytes[SLOT_BYTES];
};

struct wzp_udp_io {
    int fd;
    struct wzp_addr addr; /* 127.0.0.1 and the port */
    size_t first, n;
    struct slot *slots;
};

/* The functions that this file stands in for have no context to keep it in. */
static struct {
    wzp_us now;
    struct wzp_udp_io *by_port[PORTS];
} net = {.now = 1000 * WZP_SECOND};

void memory_net_pass(wzp_us time)
{
    net.now += time;
}

void memory_net_counted_step(struct wzp_loop *loop)
{
    wzp_loop_step(loop, false);
}

int clock_gettime(clockid_t clock, struct timespec *out_time)
{
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE) {
        return (int)syscall(SYS_clock_gettime, clock, out_time);
    }
    out_time->tv_sec = (time_t)(net.now / WZP_SECOND);
    out_time->tv_nsec = (long)(net.now % WZP_SECOND * 1000);
    return 0;
}

static struct wzp_addr loopback_of(const struct wzp_addr *addr)
{
    struct sockaddr_in ip4 = {.sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons(wzp_addr_port(addr))};
    struct wzp_addr loopback = {.size = sizeof ip4};
    memcpy(&loopback.storage, &ip4, sizeof ip4);
    return loopback;
}

bool wzp_udp_io_share(int fd)
{
    (void)fd;
    return false;
}

bool wzp_udp_io_steer(int fd, unsigned n)
{
    (void)fd;
    (void)n;
    return false;
}

enum wzp_err wzp_udp_io_new(int fd, const struct wzp_addr *local, struct wzp_udp_io **out_io)
{
    struct wzp_udp_io *io = calloc(1, sizeof *io);
    struct slot *slots = calloc(SLOTS, sizeof *slots);
    if (!io || !slots) {
        free(io);
        free(slots);
        return WZP_ENOMEM;
    }
    io->fd = fd;
    io->slots = slots;
    io->addr = loopback_of(local);
    net.by_port[wzp_addr_port(local)] = io;
    *out_io = io;
    return WZP_OK;
}

void wzp_udp_io_free(struct wzp_udp_io *io)
{
    if (io) {
        net.by_port[wzp_addr_port(&io->addr)] = NULL;
        free(io->slots);
        free(io);
    }
}

bool wzp_udp_io_can_merge(const struct wzp_udp_io *io)
{
    (void)io;
    return true;
}

wzp_us wzp_udp_io_waited(const struct wzp_udp_io *io)
{
    (void)io;
    return 0;
}

uint64_t wzp_udp_io_overflow(const struct wzp_udp_io *io)
{
    (void)io;
    return 0;
}

bool wzp_udp_io_receive(struct wzp_udp_io *io, wzp_udp_io_fn fn, void *context)
{
    uint8_t bell;
    wzp_ignore(recv(io->fd, &bell, sizeof bell, MSG_DONTWAIT) >= 0);
    while (io->n > 0) {
        const struct slot *slot = &io->slots[io->first];
        struct wzp_udp_path path = {.local = io->addr, .remote = slot->from};
        fn(context, &path, slot->bytes, slot->size);
        io->first = (io->first + 1) % SLOTS;
        io->n--;
    }
    return false;
}

static void ring(const struct wzp_udp_io *io)
{
    static const uint8_t bell = 1;
    const struct sockaddr *to = (const struct sockaddr *)&io->addr.storage;
    wzp_ignore(sendto(io->fd, &bell, sizeof bell, MSG_DONTWAIT, to, io->addr.size) >= 0);
}

static void carry(const struct wzp_udp_io *from, struct wzp_udp_io *to, const uint8_t *bytes, size_t size)
{
    if (!to || to->n == SLOTS || size > SLOT_BYTES) {
        return;
    }
    struct slot *slot = &to->slots[(to->first + to->n) % SLOTS];
    slot->from = from->addr;
    slot->size = size;
    memcpy(slot->bytes, bytes, size);
    if (to->n++ == 0) {
        ring(to);
    }
}

size_t wzp_udp_io_send(struct wzp_udp_io *io, const struct wzp_udp_run *runs, size_t n,
                       struct wzp_udp_stats *stats)
{
    stats->send_batches++;
    for (size_t i = 0; i < n; i++) {
        const struct wzp_udp_run *run = &runs[i];
        struct wzp_udp_io *to = net.by_port[wzp_addr_port(&run->path.remote)];
        for (size_t at = 0; at < run->size; at += run->segment) {
            carry(io, to, run->bytes + at, wzp_min_size(run->segment, run->size - at));
        }
        stats->packets_sent += run->n_segments;
        stats->bytes_sent += run->size;
        stats->gso_segments += run->n_segments > 1 ? run->n_segments : 0;
    }
    return n;
}
