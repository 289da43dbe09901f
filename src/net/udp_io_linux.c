/* SPDX-License-Identifier: Apache-2.0 */
/* Linux: recvmmsg with UDP_GRO, sendmmsg with UDP_SEGMENT; see udp(7) and the kernel's
 * Documentation/networking/segmentation-offloads.rst. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "net/udp_io.h"

#define WZP_UDP_READ_PACKETS 32
/* Of runs that GRO put together few at a time: they are to be still in the cache when they are taken apart,
 * and not to push everything else out of it. */
#define WZP_UDP_READ_RUNS    3
#define WZP_UDP_RUN_AT_LEAST ((size_t)8192)
#define WZP_UDP_READ_BYTES                                                                                   \
    ((size_t)65536) /* what GRO may hand over at once; untouched pages cost nothing                          \
                     */
/* From buffer to buffer: not a power of two, or the packets would compete for a few lines of the cache. */
#define WZP_UDP_READ_STRIDE (WZP_UDP_READ_BYTES + (size_t)5 * 64)

/* The control messages that we send or get, with their contents. IPv4 on a dual-stack socket brings the
 * address in both forms. */
struct control {
    _Alignas(struct cmsghdr)
        uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo)) +
                      CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct timespec))];
};

struct wzp_udp_io {
    int fd;
    struct wzp_addr local;
    bool is_wildcard; /* several local addresses: they travel in control messages */
    bool has_gso;
    unsigned n_wanted; /* of the next read */
    wzp_us read_at;    /* by the system's clock, which the kernel stamps packets with */
    wzp_us waited;     /* of the packet being handed over */
    uint8_t *read_bytes;
    struct mmsghdr read_heads[WZP_UDP_READ_PACKETS];
    struct iovec read_vecs[WZP_UDP_READ_PACKETS];
    union wzp_addr_storage read_names[WZP_UDP_READ_PACKETS];
    struct control read_controls[WZP_UDP_READ_PACKETS];
    struct mmsghdr send_heads[WZP_UDP_SEND_RUNS];
    struct iovec send_vecs[WZP_UDP_SEND_RUNS];
    struct control send_controls[WZP_UDP_SEND_RUNS];
};

static bool set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

bool wzp_udp_io_share(int fd)
{
    return set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
}

/* Invariants of QUIC (RFC 8999, 5): a packet with a long header has its destination id from byte 6 on, one
 * with a short header from byte 1. What is too short to have one is dropped: the program then answers 0, and
 * the first socket drops it. */
bool wzp_udp_io_steer(int fd, unsigned n)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),            /* the first byte */
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x80, 2, 0), /* of a long header: skip two */
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 1),
        BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    const struct sock_fprog program = {.len = wzp_count(steps), .filter = steps};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0;
}

/* Packets leave with "don't fragment" and past the kernel's own idea of the path MTU: QUIC probes for it. */
static void set_options(struct wzp_udp_io *io)
{
    bool is_ip6 = io->local.storage.ss_family == AF_INET6;
    wzp_ignore(set_option(io->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE));
    if (is_ip6) {
        wzp_ignore(set_option(io->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE));
    }
    if (io->is_wildcard) {
        wzp_ignore(set_option(io->fd, IPPROTO_IP, IP_PKTINFO, 1));
        wzp_ignore(is_ip6 && set_option(io->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
    }
    wzp_ignore(set_option(io->fd, SOL_UDP, UDP_GRO, 1));
    wzp_ignore(set_option(io->fd, SOL_SOCKET, SO_TIMESTAMPNS, 1));
    io->has_gso = set_option(io->fd, SOL_UDP, UDP_SEGMENT, 0);
}

/* Ready for a packet, also after one, whose sizes the kernel has put in. */
static void prepare_read(struct wzp_udp_io *io, size_t i)
{
    io->read_heads[i].msg_hdr = (struct msghdr){
        .msg_name = &io->read_names[i],
        .msg_namelen = sizeof io->read_names[i],
        .msg_iov = &io->read_vecs[i],
        .msg_iovlen = 1,
        .msg_control = &io->read_controls[i],
        .msg_controllen = sizeof io->read_controls[i],
    };
}

enum wzp_err wzp_udp_io_new(int fd, const struct wzp_addr *local, struct wzp_udp_io **out_io)
{
    struct wzp_udp_io *io = calloc(1, sizeof *io);
    uint8_t *bytes = malloc(WZP_UDP_READ_PACKETS * WZP_UDP_READ_STRIDE);
    if (!io || !bytes) {
        free(io);
        free(bytes);
        return WZP_ENOMEM;
    }
    io->fd = fd;
    io->local = *local;
    io->is_wildcard = wzp_addr_is_any(local);
    io->n_wanted = WZP_UDP_READ_PACKETS;
    io->read_bytes = bytes;
    for (size_t i = 0; i < WZP_UDP_READ_PACKETS; i++) {
        io->read_vecs[i] = (struct iovec){bytes + i * WZP_UDP_READ_STRIDE, WZP_UDP_READ_BYTES};
        prepare_read(io, i);
    }
    set_options(io);
    *out_io = io;
    return WZP_OK;
}

void wzp_udp_io_free(struct wzp_udp_io *io)
{
    if (io) {
        free(io->read_bytes);
        free(io);
    }
}

bool wzp_udp_io_can_merge(const struct wzp_udp_io *io)
{
    return io->has_gso;
}

/* What the control messages of a received packet say. */
struct notes {
    size_t segment; /* 0: one packet */
    struct wzp_addr local;
    wzp_us stamp; /* 0: none */
};

static wzp_us us_of(const struct timespec *at)
{
    return (wzp_us)at->tv_sec * WZP_SECOND + at->tv_nsec / 1000;
}

static wzp_us system_now(void)
{
    struct timespec now;
    wzp_ignore(clock_gettime(CLOCK_REALTIME, &now));
    return us_of(&now);
}

static void note_stamp(struct notes *notes, const struct cmsghdr *head)
{
    struct timespec at;
    memcpy(&at, CMSG_DATA(head), sizeof at);
    notes->stamp = us_of(&at);
}

static void note_ip4(struct notes *notes, const struct cmsghdr *head)
{
    struct in_pktinfo info;
    memcpy(&info, CMSG_DATA(head), sizeof info);
    struct sockaddr_in ip4 = {.sin_family = AF_INET, .sin_addr = info.ipi_addr};
    memcpy((char *)&ip4 + offsetof(struct sockaddr_in, sin_port),
           (char *)&notes->local.storage + offsetof(struct sockaddr_in, sin_port), sizeof ip4.sin_port);
    bool is_mapped = notes->local.storage.ss_family == AF_INET6;
    struct wzp_addr addr = {.size = sizeof ip4};
    memcpy(&addr.storage, &ip4, sizeof ip4);
    notes->local = is_mapped ? wzp_addr_mapped(&addr) : addr;
}

static void note_ip6(struct notes *notes, const struct cmsghdr *head)
{
    struct in6_pktinfo info;
    memcpy(&info, CMSG_DATA(head), sizeof info);
    memcpy((char *)&notes->local.storage + offsetof(struct sockaddr_in6, sin6_addr), &info.ipi6_addr,
           sizeof info.ipi6_addr);
}

static struct notes notes_of(const struct wzp_udp_io *io, struct msghdr *head)
{
    struct notes notes = {.local = io->local};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c; c = CMSG_NXTHDR(head, c)) {
        if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
            int segment;
            memcpy(&segment, CMSG_DATA(c), sizeof segment);
            notes.segment = segment > 0 ? (size_t)segment : 0;
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            note_stamp(&notes, c);
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            note_ip4(&notes, c);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            note_ip6(&notes, c);
        }
    }
    return notes;
}

static void hand_over(struct wzp_udp_io *io, size_t i, wzp_udp_io_fn fn, void *context)
{
    struct msghdr *head = &io->read_heads[i].msg_hdr;
    struct notes notes = notes_of(io, head);
    struct wzp_udp_path path = {.local = notes.local,
                                .remote = {.storage = io->read_names[i], .size = head->msg_namelen}};
    wzp_us waited = notes.stamp != 0 ? io->read_at - notes.stamp : 0;
    io->waited = waited > 0 && waited < WZP_SECOND ? waited : 0; /* else the clock was set meanwhile */
    const uint8_t *at = io->read_vecs[i].iov_base;
    size_t left = io->read_heads[i].msg_len;
    while (left > 0) {
        size_t size = notes.segment > 0 ? wzp_min_size(notes.segment, left) : left;
        fn(context, &path, at, size);
        at += size;
        left -= size;
    }
}

wzp_us wzp_udp_io_waited(const struct wzp_udp_io *io)
{
    return io->waited;
}

/* Asked for when somebody wants to know; SO_RXQ_OVFL would tell with each packet. */
uint64_t wzp_udp_io_overflow(const struct wzp_udp_io *io)
{
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof memory;
    bool is_told = getsockopt(io->fd, SOL_SOCKET, SO_MEMINFO, memory, &size) == 0;
    return is_told ? memory[SK_MEMINFO_DROPS] : 0;
}

bool wzp_udp_io_receive(struct wzp_udp_io *io, wzp_udp_io_fn fn, void *context)
{
    unsigned wanted = io->n_wanted;
    int n = recvmmsg(io->fd, io->read_heads, wanted, 0, NULL);
    io->read_at = n > 0 ? system_now() : io->read_at;
    size_t bytes = 0;
    for (int i = 0; i < n; i++) {
        bytes += io->read_heads[i].msg_len;
        hand_over(io, (size_t)i, fn, context);
        prepare_read(io, (size_t)i);
    }
    bool has_runs = n > 0 && bytes / (size_t)n >= WZP_UDP_RUN_AT_LEAST;
    io->n_wanted = has_runs ? WZP_UDP_READ_RUNS : WZP_UDP_READ_PACKETS;
    return n == (int)wanted;
}

static void add_control(struct msghdr *head, int level, int type, const void *data, size_t size)
{
    uint8_t *at = (uint8_t *)head->msg_control + head->msg_controllen;
    struct cmsghdr c = {.cmsg_len = CMSG_LEN(size), .cmsg_level = level, .cmsg_type = type};
    memcpy(at, &c, sizeof c);
    memcpy(at + CMSG_LEN(0), data, size);
    head->msg_controllen += CMSG_SPACE(size);
}

/* From a wildcard socket, packets leave from the address that the peer talks to. */
static void add_source(struct msghdr *head, const struct wzp_addr *local)
{
    struct wzp_addr source = wzp_addr_unmapped(local);
    if (source.storage.ss_family == AF_INET) {
        struct in_pktinfo info = {.ipi_ifindex = 0};
        memcpy(&info.ipi_spec_dst, (char *)&source.storage + offsetof(struct sockaddr_in, sin_addr),
               sizeof info.ipi_spec_dst);
        add_control(head, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
        return;
    }
    struct in6_pktinfo info = {.ipi6_ifindex = 0};
    memcpy(&info.ipi6_addr, (char *)&source.storage + offsetof(struct sockaddr_in6, sin6_addr),
           sizeof info.ipi6_addr);
    add_control(head, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
}

static void prepare_send(struct wzp_udp_io *io, size_t i, const struct wzp_udp_run *run)
{
    struct msghdr *head = &io->send_heads[i].msg_hdr;
    io->send_vecs[i] = (struct iovec){run->bytes, run->size};
    io->send_controls[i] = (struct control){.bytes = {0}};
    *head = (struct msghdr){
        .msg_name = (void *)&run->path.remote.storage,
        .msg_namelen = run->path.remote.size,
        .msg_iov = &io->send_vecs[i],
        .msg_iovlen = 1,
        .msg_control = &io->send_controls[i],
    };
    if (run->n_segments > 1) {
        uint16_t segment = (uint16_t)run->segment;
        add_control(head, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
    }
    if (io->is_wildcard && !wzp_addr_is_any(&run->path.local)) {
        add_source(head, &run->path.local);
    }
    if (head->msg_controllen == 0) {
        head->msg_control = NULL;
    }
}

static void count_sent(struct wzp_udp_stats *stats, const struct wzp_udp_run *run)
{
    stats->packets_sent += run->n_segments;
    stats->bytes_sent += run->size;
    stats->gso_segments += run->n_segments > 1 ? run->n_segments : 0;
}

/* An interface without checksum offload refuses segments (EIO): send them one by one, and no more runs. */
static void send_apart(struct wzp_udp_io *io, const struct wzp_udp_run *run, struct wzp_udp_stats *stats)
{
    io->has_gso = false;
    for (size_t at = 0; at < run->size; at += run->segment) {
        struct wzp_udp_run one = {
            .path = run->path,
            .bytes = run->bytes + at,
            .size = wzp_min_size(run->segment, run->size - at),
            .n_segments = 1,
        };
        prepare_send(io, 0, &one);
        if (sendmsg(io->fd, &io->send_heads[0].msg_hdr, 0) >= 0) {
            count_sent(stats, &one);
        } else {
            stats->packets_unsent++;
        }
    }
}

static bool is_gso_refusal(int error)
{
    return error == EIO || error == EINVAL || error == EOPNOTSUPP;
}

/* The kernel took none from `run` on: gives what to do with that one. False: wait for the socket. */
static bool pass_over(struct wzp_udp_io *io, const struct wzp_udp_run *run, int error,
                      struct wzp_udp_stats *stats)
{
    if (error == EAGAIN || error == ENOBUFS) {
        return false;
    }
    if (run->n_segments > 1 && is_gso_refusal(error)) {
        send_apart(io, run, stats);
    } else {
        stats->packets_unsent += run->n_segments; /* no route, or a probe larger than the link: loss */
    }
    return true;
}

/* One call: gives the runs that are done with, 0 where the socket would block. */
static size_t send_some(struct wzp_udp_io *io, const struct wzp_udp_run *runs, size_t n,
                        struct wzp_udp_stats *stats)
{
    for (size_t i = 0; i < n; i++) {
        prepare_send(io, i, &runs[i]);
    }
    int sent = 0;
    do {
        stats->send_batches++;
        sent = sendmmsg(io->fd, io->send_heads, (unsigned)n, 0);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) {
        return pass_over(io, runs, errno, stats) ? 1 : 0;
    }
    for (int i = 0; i < sent; i++) {
        count_sent(stats, &runs[i]);
    }
    return (size_t)sent;
}

size_t wzp_udp_io_send(struct wzp_udp_io *io, const struct wzp_udp_run *runs, size_t n,
                       struct wzp_udp_stats *stats)
{
    size_t done = 0;
    while (done < n) {
        size_t some = send_some(io, runs + done, n - done, stats);
        if (some == 0) {
            break;
        }
        done += some;
    }
    return done;
}
