/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue between QUIC and the socket. Packets are written straight into one buffer; neighbours that go to
 * the same place grow into one run, which the kernel cuts up again (GSO). The buffer is also the retry queue:
 * what the kernel does not take stays in it until the socket is writable, and when it is full, packets are
 * refused, which QUIC treats as loss.
 */
#include "net/udp.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "net/quic.h"
#include "net/udp_io.h"

#define WZP_UDP_QUEUE_BYTES    ((size_t)192 * 1024) /* 130 full packets */
#define WZP_UDP_SOCKET_BYTES   (4 * 1024 * 1024) /* the kernel's buffers: 5 ms of 100,000 packets a second */
#define WZP_UDP_READS_PER_TURN 8   /* then packets already read are answered before more are taken */
#define WZP_UDP_PER_TURN       512 /* packets after which no further read follows: one may bring a thousand */

struct wzp_udp {
    uv_poll_t poll;
    int fd;
    struct wzp_addr addr;
    const struct wzp_udp_handler *handler;
    void *context;
    struct wzp_udp_io *io;
    struct wzp_udp_stats stats;

    struct wzp_udp_run runs[WZP_UDP_SEND_RUNS];
    size_t first, n_runs; /* of the runs not sent yet */
    size_t used;          /* of `buffer` */
    bool is_blocked;
    bool is_resting; /* nobody waits for packets */
    bool has_more;   /* the last turn ended before the socket was empty */
    uint8_t *buffer;
};

static void free_udp(struct wzp_udp *udp)
{
    wzp_udp_io_free(udp->io);
    if (udp->fd >= 0) {
        wzp_ignore(close(udp->fd));
    }
    free(udp->buffer);
    free(udp);
}

static void on_closed(uv_handle_t *handle)
{
    free_udp(wzp_container((uv_poll_t *)handle, struct wzp_udp, poll));
}

static void receive_one(void *context, const struct wzp_udp_path *path, const uint8_t *bytes, size_t size)
{
    struct wzp_udp *udp = context;
    udp->stats.packets_received++;
    udp->stats.bytes_received += size;
    udp->handler->on_packet(udp->context, path, bytes, size);
}

static bool is_heavy(const struct wzp_udp *udp)
{
    return udp->handler->is_heavy && udp->handler->is_heavy(udp->context);
}

void wzp_udp_read(struct wzp_udp *udp)
{
    uint64_t before = udp->stats.packets_received;
    for (size_t i = 0; i < WZP_UDP_READS_PER_TURN; i++) {
        uint64_t seen = udp->stats.packets_received;
        udp->has_more = wzp_udp_io_receive(udp->io, receive_one, udp);
        bool is_dry = !udp->has_more && (udp->stats.packets_received == seen || !is_heavy(udp));
        if (is_dry || udp->stats.packets_received - before >= WZP_UDP_PER_TURN) {
            break;
        }
    }
    wzp_tally_add(&udp->stats.receive_sizes, &wzp_quic_batch_bounds, udp->stats.packets_received - before);
    udp->stats.receive_batches++;
    udp->handler->on_batch_end(udp->context);
}

static void watch(struct wzp_udp *udp);

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    struct wzp_udp *udp = wzp_container(poll, struct wzp_udp, poll);
    if (events & UV_WRITABLE) {
        udp->is_blocked = false;
        watch(udp);
        wzp_udp_flush(udp);
        if (udp->is_resting) {
            return;
        }
    }
    wzp_udp_read(udp); /* also takes a pending socket error away */
}

static void watch(struct wzp_udp *udp)
{
    int events = (udp->is_resting ? 0 : UV_READABLE) | (udp->is_blocked ? UV_WRITABLE : 0);
    if (events == 0) {
        wzp_ignore(uv_poll_stop(&udp->poll));
    } else {
        wzp_ignore(uv_poll_start(&udp->poll, events, on_poll));
    }
}

void wzp_udp_set_resting(struct wzp_udp *udp, bool is_resting)
{
    if (udp->is_resting != is_resting) {
        udp->is_resting = is_resting;
        watch(udp);
    }
}

bool wzp_udp_is_resting(const struct wzp_udp *udp)
{
    return udp->is_resting;
}

static enum wzp_err bind_socket(struct wzp_udp *udp, const struct wzp_udp_place *place)
{
    const struct wzp_addr *bind_addr = &place->addr;
    int family = bind_addr->storage.ss_family;
    if (family != AF_INET && family != AF_INET6) {
        return WZP_ENET;
    }
    udp->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (udp->fd < 0) {
        return WZP_ENET;
    }
    int off = 0;
    if (family == AF_INET6 && wzp_addr_is_any(bind_addr)) { /* "[::]" serves IPv4 too */
        wzp_ignore(setsockopt(udp->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off));
    }
    int size = WZP_UDP_SOCKET_BYTES; /* the system's maximum may cut it */
    wzp_ignore(setsockopt(udp->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
    wzp_ignore(setsockopt(udp->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
    bool is_shared = place->n_shares > 1;
    if (is_shared && !wzp_udp_io_share(udp->fd)) {
        return WZP_ENET;
    }
    if (bind(udp->fd, (const struct sockaddr *)&bind_addr->storage, bind_addr->size) != 0) {
        return WZP_ENET;
    }
    if (is_shared && place->share == 0 && !wzp_udp_io_steer(udp->fd, place->n_shares)) {
        return WZP_ENET;
    }
    udp->addr.size = sizeof udp->addr.storage;
    if (getsockname(udp->fd, (struct sockaddr *)&udp->addr.storage, &udp->addr.size) != 0) {
        return WZP_ENET;
    }
    return WZP_OK;
}

static void free_udpp(struct wzp_udp **udp)
{
    if (*udp) {
        free_udp(*udp);
    }
}

enum wzp_err wzp_udp_open(struct wzp_loop *loop, const struct wzp_addr *addr,
                          const struct wzp_udp_handler *handler, void *context, struct wzp_udp **out_udp)
{
    return wzp_udp_open_at(loop, &(struct wzp_udp_place){.addr = *addr}, handler, context, out_udp);
}

enum wzp_err wzp_udp_open_at(struct wzp_loop *loop, const struct wzp_udp_place *place,
                             const struct wzp_udp_handler *handler, void *context, struct wzp_udp **out_udp)
{
    WZP_AUTO(free_udpp) struct wzp_udp *udp = calloc(1, sizeof *udp);
    if (!udp) {
        return WZP_ENOMEM;
    }
    udp->fd = -1;
    udp->handler = handler;
    udp->context = context;
    udp->buffer = malloc(WZP_UDP_QUEUE_BYTES);
    if (!udp->buffer) {
        return WZP_ENOMEM;
    }
    enum wzp_err err = bind_socket(udp, place);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_udp_io_new(udp->fd, &udp->addr, &udp->io);
    if (err != WZP_OK) {
        return err;
    }
    if (uv_poll_init(wzp_loop_native(loop), &udp->poll, udp->fd) != 0) {
        return WZP_ENET;
    }
    watch(udp);
    *out_udp = wzp_take(udp);
    return WZP_OK;
}

void wzp_udp_close(struct wzp_udp *udp)
{
    if (!udp) {
        return;
    }
    wzp_udp_flush(udp);
    wzp_ignore(uv_poll_stop(&udp->poll));
    uv_close((uv_handle_t *)&udp->poll, on_closed);
}

const struct wzp_addr *wzp_udp_addr(const struct wzp_udp *udp)
{
    return &udp->addr;
}

const struct wzp_udp_stats *wzp_udp_stats(const struct wzp_udp *udp)
{
    return &udp->stats;
}

wzp_us wzp_udp_waited(const struct wzp_udp *udp)
{
    return wzp_udp_io_waited(udp->io);
}

uint64_t wzp_udp_overflow(const struct wzp_udp *udp)
{
    return wzp_udp_io_overflow(udp->io);
}

bool wzp_udp_is_blocked(const struct wzp_udp *udp)
{
    return udp->is_blocked;
}

bool wzp_udp_has_more(const struct wzp_udp *udp)
{
    return udp->has_more;
}

static bool has_space(const struct wzp_udp *udp)
{
    return udp->first + udp->n_runs < WZP_UDP_SEND_RUNS &&
           udp->used + WZP_UDP_PACKET_BYTES <= WZP_UDP_QUEUE_BYTES;
}

uint8_t *wzp_udp_reserve(struct wzp_udp *udp)
{
    if (!has_space(udp)) {
        wzp_udp_flush(udp);
    }
    if (!has_space(udp)) {
        return NULL;
    }
    return udp->buffer + udp->used;
}

static bool is_same_path(const struct wzp_udp_path *a, const struct wzp_udp_path *b)
{
    return wzp_addr_is_equal(&a->remote, &b->remote) && wzp_addr_is_equal(&a->local, &b->local);
}

/* A run ends with its first shorter segment. */
static bool can_grow(const struct wzp_udp *udp, const struct wzp_udp_run *run,
                     const struct wzp_udp_path *path, size_t size)
{
    return wzp_udp_io_can_merge(udp->io) && run->size == run->n_segments * run->segment &&
           size <= run->segment && run->n_segments < WZP_UDP_RUN_SEGMENTS &&
           run->size + size <= WZP_UDP_RUN_BYTES && run->bytes + run->size == udp->buffer + udp->used &&
           is_same_path(&run->path, path);
}

void wzp_udp_commit(struct wzp_udp *udp, const struct wzp_udp_path *path, size_t size)
{
    struct wzp_udp_run *last = udp->n_runs > 0 ? &udp->runs[udp->first + udp->n_runs - 1] : NULL;
    if (last && can_grow(udp, last, path, size)) {
        last->size += size;
        last->n_segments++;
    } else {
        udp->runs[udp->first + udp->n_runs] = (struct wzp_udp_run){
            .path = *path,
            .bytes = udp->buffer + udp->used,
            .size = size,
            .segment = size,
            .n_segments = 1,
        };
        udp->n_runs++;
    }
    udp->used += size;
}

void wzp_udp_flush(struct wzp_udp *udp)
{
    if (udp->n_runs == 0 || udp->is_blocked) {
        return;
    }
    uint64_t before = udp->stats.packets_sent;
    size_t done = wzp_udp_io_send(udp->io, udp->runs + udp->first, udp->n_runs, &udp->stats);
    wzp_tally_add(&udp->stats.send_sizes, &wzp_quic_batch_bounds, udp->stats.packets_sent - before);
    udp->first += done;
    udp->n_runs -= done;
    if (udp->n_runs == 0) {
        udp->first = 0;
        udp->used = 0;
        return;
    }
    udp->stats.sends_blocked++;
    udp->is_blocked = true;
    watch(udp);
}
