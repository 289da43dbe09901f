/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel alone takes for UDP over the loopback, in packets per CPU second of the sender: the limit
 * that a relay's figures are held against.
 *
 *     bare MILLISECONDS SENDER_CORE RECEIVER_CORE
 *
 * Prints a line of JSON:
 *   drained     150-byte packets to 50 sockets by sendmmsg; between rounds the sender's thread empties them,
 *               which is not counted
 *   concurrent  the same, while a thread on the other core receives as they come: a relay meets that
 *   gso         48 packets of 1,170 bytes a buffer to one address, drained
 *   gso_gro     the same to a socket that takes them together
 *   delivered   share of the concurrent packets that arrived
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS       50
#define BATCH         64 /* packets a system call */
#define BATCHES       3  /* between two drains */
#define PACKET_BYTES  150
#define GSO_SEGMENTS  48
#define GSO_BYTES     1170
#define GSO_BUFFERS   4 /* between two drains */
#define RECEIVE_BYTES 65536
#define SOCKET_BYTES  (4 * 1024 * 1024)
#define MEASURES      4

struct bare {
    int sender;
    int sockets[SOCKETS];
    struct sockaddr_in names[SOCKETS];
    struct mmsghdr heads[BATCH];
    struct iovec vec;
    size_t next; /* socket */
    uint8_t bytes[GSO_SEGMENTS * GSO_BYTES];
    uint8_t received[BATCH][RECEIVE_BYTES];
    struct mmsghdr receive_heads[BATCH];
    struct iovec receive_vecs[BATCH];
    int receiver_core;
    atomic_bool is_over;
    atomic_size_t n_received; /* by the other thread */
    size_t n_sent;            /* by the last measure */
};

static void need(bool is_good, const char *what)
{
    if (!is_good) {
        perror(what);
        exit(1);
    }
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    need(clock_gettime(clock, &now) == 0, "clock_gettime");
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void stay_on(int core)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET((size_t)core, &cores);
    need(sched_setaffinity(0, sizeof cores, &cores) == 0, "sched_setaffinity");
}

static int open_socket(struct sockaddr_in *out_name)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    need(fd >= 0, "socket");
    int size = SOCKET_BYTES;
    need(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) == 0, "SO_RCVBUF");
    need(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0, "SO_SNDBUF");
    *out_name = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t name_size = sizeof *out_name;
    need(bind(fd, (struct sockaddr *)out_name, name_size) == 0, "bind");
    need(getsockname(fd, (struct sockaddr *)out_name, &name_size) == 0, "getsockname");
    return fd;
}

static void open_all(struct bare *bare)
{
    struct sockaddr_in ignored;
    bare->sender = open_socket(&ignored);
    for (size_t i = 0; i < SOCKETS; i++) {
        bare->sockets[i] = open_socket(&bare->names[i]);
    }
    bare->vec = (struct iovec){bare->bytes, PACKET_BYTES};
    for (size_t i = 0; i < BATCH; i++) {
        bare->receive_vecs[i] = (struct iovec){bare->received[i], RECEIVE_BYTES};
        bare->receive_heads[i].msg_hdr.msg_iov = &bare->receive_vecs[i];
        bare->receive_heads[i].msg_hdr.msg_iovlen = 1;
    }
}

static void close_all(struct bare *bare)
{
    close(bare->sender);
    for (size_t i = 0; i < SOCKETS; i++) {
        close(bare->sockets[i]);
    }
}

static size_t send_round(struct bare *bare)
{
    size_t sent = 0;
    for (size_t k = 0; k < BATCHES; k++) {
        for (size_t i = 0; i < BATCH; i++) {
            bare->heads[i].msg_hdr =
                (struct msghdr){.msg_name = &bare->names[bare->next], .msg_namelen = sizeof bare->names[0]};
            bare->heads[i].msg_hdr.msg_iov = &bare->vec;
            bare->heads[i].msg_hdr.msg_iovlen = 1;
            bare->next = (bare->next + 1) % SOCKETS;
        }
        int n = sendmmsg(bare->sender, bare->heads, BATCH, 0);
        need(n > 0, "sendmmsg");
        sent += (size_t)n;
    }
    return sent;
}

/** The first socket gets everything. */
static size_t send_gso_round(struct bare *bare)
{
    union {
        struct cmsghdr head;
        uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
    } control = {
        .head = {.cmsg_level = SOL_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(sizeof(uint16_t))}};
    uint16_t segment = GSO_BYTES;
    memcpy(CMSG_DATA(&control.head), &segment, sizeof segment);
    struct iovec vec = {bare->bytes, sizeof bare->bytes};
    struct msghdr head = {.msg_name = &bare->names[0],
                          .msg_namelen = sizeof bare->names[0],
                          .msg_iov = &vec,
                          .msg_iovlen = 1,
                          .msg_control = &control,
                          .msg_controllen = sizeof control.bytes};
    for (size_t i = 0; i < GSO_BUFFERS; i++) {
        need(sendmsg(bare->sender, &head, 0) > 0, "sendmsg");
    }
    return (size_t)GSO_BUFFERS * GSO_SEGMENTS;
}

static size_t drain(struct bare *bare, int fd)
{
    size_t received = 0;
    for (int n = BATCH; n == BATCH;) {
        n = recvmmsg(fd, bare->receive_heads, BATCH, 0, NULL);
        received += n > 0 ? (size_t)n : 0;
    }
    return received;
}

static void drain_all(struct bare *bare)
{
    for (size_t i = 0; i < SOCKETS; i++) {
        drain(bare, bare->sockets[i]);
    }
}

/** Packets per CPU second of sending. */
static double measure(struct bare *bare, size_t (*send_some)(struct bare *bare), bool drains, double seconds)
{
    double end = seconds_of(CLOCK_MONOTONIC) + seconds;
    double used = 0;
    size_t sent = 0;
    while (seconds_of(CLOCK_MONOTONIC) < end) {
        double before = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        sent += send_some(bare);
        used += seconds_of(CLOCK_THREAD_CPUTIME_ID) - before;
        if (drains) {
            drain_all(bare);
        }
    }
    bare->n_sent = sent;
    return (double)sent / used;
}

static void *receive(void *context)
{
    struct bare *bare = context;
    struct epoll_event events[SOCKETS];
    stay_on(bare->receiver_core);
    int poll = epoll_create1(0);
    for (size_t i = 0; i < SOCKETS; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = bare->sockets[i]};
        need(epoll_ctl(poll, EPOLL_CTL_ADD, bare->sockets[i], &event) == 0, "epoll_ctl");
    }
    while (!atomic_load(&bare->is_over)) {
        int n = epoll_wait(poll, events, SOCKETS, 10);
        for (int i = 0; i < n; i++) {
            bare->n_received += drain(bare, events[i].data.fd);
        }
    }
    close(poll);
    return NULL;
}

static double measure_concurrent(struct bare *bare, double seconds)
{
    pthread_t receiver;
    need(pthread_create(&receiver, NULL, receive, bare) == 0, "pthread_create");
    double rate = measure(bare, send_round, false, seconds);
    usleep(50000); /* the last arrive */
    atomic_store(&bare->is_over, true);
    pthread_join(receiver, NULL);
    return rate;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bare MILLISECONDS SENDER_CORE RECEIVER_CORE\n");
        return 2;
    }
    double seconds = strtod(argv[1], NULL) / 1000 / MEASURES;
    struct bare *bare = calloc(1, sizeof *bare);
    need(bare != NULL, "calloc");
    stay_on((int)strtol(argv[2], NULL, 10));
    bare->receiver_core = (int)strtol(argv[3], NULL, 10);
    open_all(bare);
    measure(bare, send_round, true, seconds / 4); /* warms up */
    double drained = measure(bare, send_round, true, seconds);
    double concurrent = measure_concurrent(bare, seconds);
    double delivered = (double)bare->n_received / (double)bare->n_sent;
    double gso = measure(bare, send_gso_round, true, seconds);
    int on = 1;
    need(setsockopt(bare->sockets[0], SOL_UDP, UDP_GRO, &on, sizeof on) == 0, "UDP_GRO");
    double gso_gro = measure(bare, send_gso_round, true, seconds);
    printf("{\"drained\":%.0f,\"concurrent\":%.0f,\"gso\":%.0f,\"gso_gro\":%.0f,\"delivered\":%.4f}\n",
           drained, concurrent, gso, gso_gro, delivered);
    close_all(bare);
    free(bare);
    return 0;
}
