/* SPDX-License-Identifier: Apache-2.0 */
/* Where recvmmsg and friends are missing: one packet a system call, nothing but POSIX. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/udp_io.h"

#define WZP_UDP_READ_PACKETS 64 /* before packets already read are answered */
#define WZP_UDP_READ_BYTES   65536

struct wzp_udp_io {
    int fd;
    struct wzp_addr local;
    uint8_t bytes[WZP_UDP_READ_BYTES];
};

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
    if (!io) {
        return WZP_ENOMEM;
    }
    io->fd = fd;
    io->local = *local;
    *out_io = io;
    return WZP_OK;
}

void wzp_udp_io_free(struct wzp_udp_io *io)
{
    free(io);
}

bool wzp_udp_io_can_merge(const struct wzp_udp_io *io)
{
    (void)io;
    return false;
}

static bool receive_one(struct wzp_udp_io *io, wzp_udp_io_fn fn, void *context)
{
    struct wzp_udp_path path = {.local = io->local, .remote = {.size = sizeof path.remote.storage}};
    ssize_t size = recvfrom(io->fd, io->bytes, sizeof io->bytes, 0, (struct sockaddr *)&path.remote.storage,
                            &path.remote.size);
    if (size > 0) {
        fn(context, &path, io->bytes, (size_t)size);
    }
    return size >= 0;
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
    for (size_t i = 0; i < WZP_UDP_READ_PACKETS; i++) {
        if (!receive_one(io, fn, context)) {
            return false;
        }
    }
    return true;
}

size_t wzp_udp_io_send(struct wzp_udp_io *io, const struct wzp_udp_run *runs, size_t n,
                       struct wzp_udp_stats *stats)
{
    stats->send_batches++;
    for (size_t i = 0; i < n; i++) {
        const struct wzp_udp_run *run = &runs[i];
        ssize_t sent = sendto(io->fd, run->bytes, run->size, 0,
                              (const struct sockaddr *)&run->path.remote.storage, run->path.remote.size);
        if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS)) {
            return i;
        }
        stats->packets_sent += sent >= 0 ? 1 : 0;
        stats->packets_unsent += sent < 0 ? 1 : 0;
        stats->bytes_sent += sent >= 0 ? run->size : 0;
    }
    return n;
}
