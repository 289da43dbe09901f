/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of an HTTP connection in a test: a plain socket, driven between turns of the loop under test.
 */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "net/loop.h"
#include "support/wzp_test.h"

#define HTTP_TALK_TURNS 3000 /* of a millisecond: far more than anything here takes */

static inline int http_talk_connect(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    return fd;
}

static inline void http_talk_send(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/** Turns the loop, reading into `in` until it holds `until` (NULL: until the other end closes). False: it
 * never did. */
static inline bool http_talk_receive(struct wzp_loop *loop, int fd, struct wzp_buffer *in, const char *until)
{
    char bytes[65536];
    for (int i = 0; i < HTTP_TALK_TURNS; i++) {
        wzp_loop_step(loop, false);
        ssize_t size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size > 0) {
            wzp_buffer_add(in, bytes, (size_t)size);
            assert_int_equal(in->err, WZP_OK);
        } else if (size == 0) {
            return !until;
        } else {
            struct pollfd wait = {.fd = fd, .events = POLLIN};
            wzp_ignore(poll(&wait, 1, 1));
        }
        if (until && in->size > 0 && strstr(in->text, until)) {
            return true;
        }
    }
    return false;
}

/** A listening socket on loopback and the URL of its page /check. */
static inline int http_talk_listen(char *out_url, size_t size)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    struct sockaddr_in addr = {.sin_family = AF_INET};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t addr_size = sizeof addr;
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &addr_size), 0);
    wzp_ignore(snprintf(out_url, size, "http://127.0.0.1:%u/check", (unsigned)ntohs(addr.sin_port)));
    return fd;
}

/** Turns the loop until somebody connects. */
static inline int http_talk_accept(struct wzp_loop *loop, int listener)
{
    for (int i = 0; i < HTTP_TALK_TURNS; i++) {
        wzp_loop_step(loop, false);
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0) {
            return fd;
        }
        wzp_ignore(poll(NULL, 0, 1));
    }
    fail_msg("nobody connected");
    return -1;
}
