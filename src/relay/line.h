/* SPDX-License-Identifier: Apache-2.0 */
/* A client's connection as its session sees it: on this worker, or kept by another one for a room of ours. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "net/quic.h"
#include "relay/relay.h"
#include "relay/role.h"

struct wzp_guest;
struct wzp_signal;

/** A value; valid until the role's on_closed returns. */
struct wzp_line {
    struct wzp_conn *conn;   /* NULL: it is on another worker */
    struct wzp_guest *guest; /* then it is this one's */
};

/** Where its events go: messages, datagrams, measures every WZP_LIMITER_EVERY, the end. */
void wzp_line_set_role(const struct wzp_line *line, struct wzp_role *role);

/** The worker that has the connection. */
unsigned wzp_line_worker(const struct wzp_relay *relay, const struct wzp_line *line);

const struct wzp_addr *wzp_line_addr(const struct wzp_line *line);

/** Of the certificate that the client showed and proved; NULL: none. */
const uint8_t *wzp_line_fingerprint(const struct wzp_line *line);

/** on_closed follows from the loop. */
void wzp_line_close(const struct wzp_line *line, enum wzp_close_code code, const char *reason);

/** A signal; one that its client does not read for too long costs it the connection. */
void wzp_line_send(struct wzp_relay *relay, const struct wzp_line *line, const struct wzp_signal *signal,
                   uint64_t replace_key);
