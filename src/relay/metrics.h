/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The relay's metrics: a fixed set of families, series with label values added as things come and go, and
 * their text for Prometheus (exposition format 0.0.4).
 *
 * Whoever counts asks once for a pointer to its number and then adds to it with a plain `++`: nothing on the
 * media path searches, allocates or locks. One thread. The lookups never fail: past the limits of a family
 * (and without memory) a counter is the family's series "other" and a gauge is one that is not shown; both
 * are counted in wzp_relay_metric_series_refused_total.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "base/buffer.h"
#include "base/tally.h"

/** What the text is, in HTTP's words. */
#define WZP_METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"
/** Series of one family, beside its "other". */
#define WZP_METRICS_MAX_SERIES 2048
/** A longer label value is cut at a character; with its NUL. */
#define WZP_METRICS_LABEL_BYTES 128
/** Every family's labels together. */
#define WZP_METRICS_MAX_LABELS 2

/** The families; names, types, labels and buckets are in metrics_table.c, in this order. */
enum wzp_metric {
    /* wzp_relay_*: gauges and counters without labels unless said. */
    WZP_METRIC_ACTIVE_SESSIONS,     /* gauge: clients in rooms */
    WZP_METRIC_ACTIVE_ROOMS,        /* gauge */
    WZP_METRIC_CONNECTIONS,         /* gauge: QUIC connections */
    WZP_METRIC_SPREAD_CONNECTIONS,  /* gauge: on another worker than their room */
    WZP_METRIC_HALF_OPEN,           /* gauge: handshakes under way */
    WZP_METRIC_PACKETS_RECEIVED,    /* counter: media packets from clients */
    WZP_METRIC_BYTES_RECEIVED,      /* counter: their bytes */
    WZP_METRIC_PACKETS_FORWARDED,   /* counter: packets times receivers */
    WZP_METRIC_BYTES_FORWARDED,     /* counter: their bytes times receivers */
    WZP_METRIC_DATAGRAMS_DROPPED,   /* counter: reason */
    WZP_METRIC_NOT_SPEAKING,        /* counter {from, to}: clients, links */
    WZP_METRIC_DATAGRAMS_HELD_BACK, /* counter: times congestion control made one wait */
    WZP_METRIC_SHED,                /* counter: reason = speaker, redundancy */
    WZP_METRIC_LIMITED,             /* gauge: receivers with a budget */
    WZP_METRIC_SIGNALS_RECEIVED,    /* counter */
    WZP_METRIC_SIGNALS_SENT,        /* counter */
    WZP_METRIC_SIGNALS_DROPPED,     /* counter: reason */
    WZP_METRIC_AUTH_ATTEMPTS,       /* counter: result = ok, fail */
    WZP_METRIC_HANDSHAKE_DURATION,  /* histogram, seconds: from the first packet to CallAnswer */
    WZP_METRIC_LOAD,                /* gauge: processors, over all workers */
    WZP_METRIC_DELAY,               /* histogram, seconds: from a datagram's arrival to its being sent on */
    WZP_METRIC_LOOP_TURN,           /* histogram, seconds */
    WZP_METRIC_RECEIVE_BATCH,       /* histogram: UDP packets */
    WZP_METRIC_SEND_BATCH,          /* histogram: UDP packets */
    WZP_METRIC_HANDSHAKES_FAILED,   /* counter: reason */
    WZP_METRIC_CONNECTIONS_REFUSED, /* counter: reason */
    WZP_METRIC_RETRIES_SENT,        /* counter */
    WZP_METRIC_MIGRATIONS,          /* counter: clients whose address changed in a call */
    WZP_METRIC_UDP_PACKETS,         /* counter: direction = in, out */
    WZP_METRIC_UDP_BYTES,           /* counter: direction = in, out */
    WZP_METRIC_UDP_BATCHES,         /* counter: direction = in, out */
    WZP_METRIC_UDP_MALFORMED,       /* counter: not QUIC, or for nobody */
    WZP_METRIC_UDP_DROPPED,         /* counter: reason = receive_buffer_full, refused, handshakes */
    WZP_METRIC_SENDS_BLOCKED,       /* counter: times the kernel took no more for now */
    WZP_METRIC_SESSION_QUEUE_DEPTH, /* gauge: session_id; wzp_relay_session_jitter_buffer_depth */
    WZP_METRIC_SESSION_LOSS_PCT,    /* gauge: session_id; from its quality reports */
    WZP_METRIC_SESSION_RTT_MS,      /* gauge: session_id */
    WZP_METRIC_SESSION_UNDERRUNS,   /* counter: session_id; missing from what it sent */
    WZP_METRIC_SESSION_OVERRUNS,    /* counter: session_id; dropped on the way to it */
    WZP_METRIC_SERIES_REFUSED,      /* counter: see above */
    WZP_METRIC_BUILD_INFO,          /* gauge, 1: version, build */

    /* wzp_federation_* */
    WZP_METRIC_PEER_STATUS,         /* gauge: peer; 1 connected, 0 not */
    WZP_METRIC_PEER_RTT_MS,         /* gauge: peer */
    WZP_METRIC_FED_FORWARDED,       /* counter: peer, direction = in, out */
    WZP_METRIC_FED_DROPPED,         /* counter: peer, reason */
    WZP_METRIC_FED_DEDUPED,         /* counter: all duplicates together */
    WZP_METRIC_FED_RATE_LIMITED,    /* counter: all dropped over a rate together */
    WZP_METRIC_FED_RECONNECTS,      /* counter: peer */
    WZP_METRIC_FED_PRUNES,          /* counter: peer, direction = in, out */
    WZP_METRIC_FED_SIGNALS,         /* counter: peer, direction = in, out */
    WZP_METRIC_FED_SIGNALS_REFUSED, /* counter: peer, reason */
    WZP_METRIC_FED_SIGNALS_WAITING, /* gauge: peer */
    WZP_METRIC_FED_ACTIVE_ROOMS,    /* gauge */
    WZP_METRIC_FED_ORIGINS,         /* gauge */
    WZP_METRIC_FED_MEMORY,          /* gauge */
    WZP_METRIC_FED_REFUSED,         /* counter: reason; links refused */

    /* wzp_probe_* */
    WZP_METRIC_PROBE_UP,        /* gauge: target; 1 or 0 */
    WZP_METRIC_PROBE_RTT_MS,    /* gauge: target */
    WZP_METRIC_PROBE_LOSS_PCT,  /* gauge: target */
    WZP_METRIC_PROBE_JITTER_MS, /* gauge: target */

    /* process_*: fed by wzp_metrics_process_sample, under the names that every Prometheus client uses */
    WZP_METRIC_PROCESS_RESIDENT_BYTES,
    WZP_METRIC_PROCESS_START_TIME,
    WZP_METRIC_PROCESS_CPU_SECONDS,
    WZP_METRIC_PROCESS_OPEN_FDS,

    WZP_METRIC_N,
};

struct wzp_metrics;
struct wzp_histogram;

/** Families without labels have their one series, at 0, from the start; WZP_METRIC_BUILD_INFO is set.
 * WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_metrics_new(struct wzp_metrics **out_metrics);

void wzp_metrics_free(struct wzp_metrics *metrics);

/**
 * The number of a series, made at 0 where it is new. `first` and `second` are the values of the family's
 * labels, NULL past their count. Valid until wzp_metrics_forget takes the series. Counters only grow; those
 * that others count (endpoint statistics) are copied in before rendering.
 */
uint64_t *wzp_metrics_counter(struct wzp_metrics *metrics, enum wzp_metric metric, const char *first,
                              const char *second);
double *wzp_metrics_gauge(struct wzp_metrics *metrics, enum wzp_metric metric, const char *first,
                          const char *second);

/** The histogram of a family without labels. */
struct wzp_histogram *wzp_metrics_histogram(struct wzp_metrics *metrics, enum wzp_metric metric);
void wzp_histogram_observe(struct wzp_histogram *histogram, double value);

/** Takes every series whose `label` ("session_id", "peer", "target") has this value out of every family. */
void wzp_metrics_forget(struct wzp_metrics *metrics, const char *label, const char *value);

/** Takes over what somebody else has counted; `unit` is what a 1 of the tally is of the metric's unit. The
 * bounds are the family's own in that unit. */
void wzp_histogram_set(struct wzp_histogram *histogram, const struct wzp_tally *tally, double unit);

/** Adds the numbers of `from` to those of `into`: a relay's are the sum of its workers'. */
void wzp_metrics_add(struct wzp_metrics *into, const struct wzp_metrics *from);

/** Reads this process's memory, processor time and open files from /proc into process_*. */
void wzp_metrics_process_sample(struct wzp_metrics *metrics);

/** Appends the whole text. Families without a series are left out. */
void wzp_metrics_render(const struct wzp_metrics *metrics, struct wzp_buffer *out_text);
