/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of an endpoint, for the files of this floor. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/bucket.h"
#include "base/list.h"
#include "base/map.h"
#include "net/cid.h"
#include "net/conn.h"
#include "net/conn_memory.h"
#include "net/gather.h"
#include "net/lag.h"
#include "net/newcomers.h"
#include "net/quic.h"
#include "net/timing.h"
#include "net/tls.h"
#include "net/udp.h"
#include "net/wheel.h"

#define WZP_ENDPOINT_SECRET_BYTES 32
#define WZP_ENDPOINT_MAX_CONNS    65536 /* of any kind and state; indices have 24 bits */

struct wzp_prepare;

struct wzp_endpoint {
    struct wzp_loop *loop;
    struct wzp_endpoint_config config; /* defaults filled in; no pointers to follow but handler, log, pool */
    char *qlog_dir;
    struct wzp_tls *tls;
    struct wzp_udp *udp;
    struct wzp_timer *timer;
    struct wzp_prepare *prepare;
    bool is_accepting;
    bool is_freeing;
    bool is_reading; /* a receive batch or flush is under way */
    wzp_us now;      /* of the batch */
    wzp_us waited;   /* how long the packet being read had been in the kernel by then */

    struct wzp_cid_scheme cids;
    struct wzp_conn **table; /* by index */
    uint32_t *free_indices;
    size_t table_size, n_free;
    struct wzp_conn_memory memory;
    struct wzp_map initials; /* by the client's first destination id, until open */
    struct wzp_map tokens;   /* by stateless reset token of the peer */
    struct wzp_list touched;
    size_t n_touched; /* since the last flush */
    struct wzp_gather gather;
    struct wzp_lag lag;
    struct wzp_timing timing;
    uint64_t sends_noted; /* calls that `timing` knows of */
    wzp_us rests_until;   /* gathering: what comes waits until then, if that is still to come; else 0 */
    wzp_us read_at;       /* the last time */
    struct wzp_wheel deadlines;
    wzp_us armed_at;
    wzp_us stalled_until; /* the loop had stopped; peers are not counted as silent before */
    size_t n_accepted;    /* alive */
    size_t n_lingering;

    struct wzp_newcomers newcomers;
    struct wzp_held **held; /* ClientHellos in pieces; NULL: the address is not shared */

    uint8_t reset_secret[WZP_ENDPOINT_SECRET_BYTES];
    uint8_t retry_secret[WZP_ENDPOINT_SECRET_BYTES];
    struct wzp_bucket replies; /* packets to strangers: resets, refusals, versions */
    struct wzp_endpoint_stats stats;
};

/** Takes one UDP packet; `context` is the endpoint. */
void wzp_endpoint_receive(void *context, const struct wzp_udp_path *path, const uint8_t *bytes, size_t size);

/** Gives the packet to the connection that it is for, or to what deals with strangers; one of a handshake
 * that is fresh to wait for its turn. */
void wzp_endpoint_dispatch(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path,
                           const uint8_t *bytes, size_t size, enum wzp_visit visit);

/* Of endpoint_turn.c. */

/** Sets the timer to what is due next. Who rests lets deadlines wait for its next look, too. */
void wzp_endpoint_arm(struct wzp_endpoint *endpoint);
void wzp_endpoint_timer_due(void *context);
void wzp_endpoint_before_wait(void *context);
void wzp_endpoint_batch_end(void *context);
bool wzp_endpoint_is_heavy(void *context);

/** Whether a connection for this server name (may be NULL) is one of those that carry much. */
bool wzp_endpoint_is_wide(const struct wzp_endpoint *endpoint, const char *server_name);

/** Lists the connection for the next flush. */
void wzp_endpoint_touch(struct wzp_endpoint *endpoint, struct wzp_conn *conn);

/** Gives it an index. WZP_ELIMIT, WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_endpoint_add(struct wzp_endpoint *endpoint, struct wzp_conn *conn);
void wzp_endpoint_remove(struct wzp_endpoint *endpoint, struct wzp_conn *conn);

/** The connection that a destination id belongs to, or NULL. */
struct wzp_conn *wzp_endpoint_find(const struct wzp_endpoint *endpoint, const uint8_t *dcid, size_t size);

/** Moves the connection's deadline. */
void wzp_endpoint_set_deadline(struct wzp_endpoint *endpoint, struct wzp_conn *conn, wzp_us at);

/** A packet whose destination id is nobody's (endpoint_accept.c). */
void wzp_endpoint_accept(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const uint8_t *bytes,
                         size_t size);

/** The same where the address is shared: it may be another worker's, or wait (endpoint_sharing.c). */
void wzp_endpoint_sort(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const uint8_t *bytes,
                       size_t size);

/** Passes a packet on that is for a connection of another endpoint at the same address; false: it is not. The
 * kernel steers by the first of several packets that one peer sent in a piece (GSO) or that came in one
 * (GRO). */
bool wzp_endpoint_pass_stray(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path,
                             const uint8_t *bytes, size_t size);

/** Of endpoint_sharing.c: makes ready to share, where the configuration says so. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_endpoint_share(struct wzp_endpoint *endpoint);
void wzp_endpoint_forget_held(struct wzp_endpoint *endpoint);

/** A packet with a short header for nobody: answers with a stateless reset. */
void wzp_endpoint_reset(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path, const uint8_t *bytes,
                        size_t size);

/** A packet of `size` bytes and of a version that we don't speak. */
void wzp_endpoint_negotiate(struct wzp_endpoint *endpoint, const struct wzp_udp_path *path,
                            const ngtcp2_version_cid *ids, size_t size);

/** The stateless reset token of one of our ids. False: never happens in practice. */
bool wzp_endpoint_reset_token(const struct wzp_endpoint *endpoint, const ngtcp2_cid *cid,
                              uint8_t out_token[static WZP_CONN_TOKEN_BYTES]);
