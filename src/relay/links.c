/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/links.h"

#include <stdlib.h>
#include <string.h>

#include "relay/allowance.h"
#include "relay/crossing.h"
#include "relay/links_set.h"
#include "relay/outbox.h"
#include "relay/refusals.h"

#define WZP_LINKS_PACE    (10 * WZP_MS)    /* how often signals that wait are looked at */
#define WZP_LINKS_MEASURE (5 * WZP_SECOND) /* how often distances are looked at */

enum wzp_err wzp_links_new(struct wzp_relay *relay, struct wzp_links **out_links)
{
    struct wzp_links *links = calloc(1, sizeof *links);
    if (!links) {
        return WZP_ENOMEM;
    }
    links->relay = relay;
    links->measure_at = WZP_NEVER;
    wzp_list_init(&links->all);
    relay->random.fill(relay->random.context, &links->hash_key, sizeof links->hash_key);
    enum wzp_err err = wzp_refusals_new(relay, &links->refusals);
    if (err == WZP_OK) {
        err = wzp_allowances_new(relay->config, wzp_loop_now(relay->loop), &links->allowances);
    }
    if (err == WZP_OK) {
        err = wzp_peers_new(links);
    }
    if (err != WZP_OK) {
        wzp_links_free(links);
        return err;
    }
    for (size_t i = 0; i < relay->config->n_peers; i++) {
        *wzp_metrics_gauge(relay->metrics, WZP_METRIC_PEER_STATUS, wzp_links_label(&relay->config->peers[i]),
                           NULL) = 0;
    }
    for (size_t i = 0; i < relay->config->n_trusted; i++) {
        *wzp_metrics_gauge(relay->metrics, WZP_METRIC_PEER_STATUS,
                           wzp_links_label(&relay->config->trusted[i]), NULL) = 0;
    }
    *out_links = links;
    return WZP_OK;
}

void wzp_links_free(struct wzp_links *links)
{
    if (links) {
        wzp_peers_free(links);
        wzp_refusals_free(links->refusals);
        wzp_allowances_free(links->allowances);
        free(links);
    }
}

void wzp_links_batch_end(struct wzp_links *links)
{
    wzp_link_inbox_empty(links);
}

bool wzp_links_are_wanted(const struct wzp_relay_config *config)
{
    return config->n_peers > 0 || config->n_trusted > 0;
}

void wzp_links_accept(struct wzp_links *links, struct wzp_conn *conn)
{
    if (!wzp_links_are_wanted(links->relay->config) && links->relay->config->n_global_rooms == 0) {
        wzp_conn_close(conn, WZP_CLOSE_UNKNOWN_RELAY, "this relay does not federate");
        return;
    }
    if (wzp_link_accept(links, conn) != WZP_OK) {
        wzp_conn_close(conn, WZP_CLOSE_RELAY_FULL, "the relay has no memory left");
    }
}

bool wzp_links_opened(struct wzp_links *links, struct wzp_conn *conn)
{
    wzp_list_each(node, &links->all)
    {
        struct wzp_relay_link *link = wzp_container(node, struct wzp_relay_link, node);
        if (link->role.conn == conn) {
            wzp_link_opened(link);
            return true;
        }
    }
    return false;
}

void wzp_links_close_all(struct wzp_links *links, enum wzp_close_code code, const char *reason)
{
    links->is_closing = true;
    wzp_list_each(node, &links->all)
    {
        wzp_link_end(wzp_container(node, struct wzp_relay_link, node), code, reason);
    }
}

wzp_us wzp_links_deadline(const struct wzp_links *links)
{
    wzp_us deadline = wzp_us_min(wzp_peers_deadline(links), links->measure_at);
    wzp_list_each(node, &links->all)
    {
        const struct wzp_relay_link *link = wzp_container(node, struct wzp_relay_link, node);
        if (link->state == WZP_LINK_GREETING) {
            deadline = wzp_us_min(deadline, link->deadline);
        }
        if (wzp_outbox_count(link->outbox) > 0) {
            deadline = wzp_us_min(deadline, links->relay->now + WZP_LINKS_PACE);
        }
    }
    return deadline;
}

static void measure(struct wzp_links *links, wzp_us now)
{
    bool any = false;
    wzp_list_each(node, &links->all)
    {
        struct wzp_relay_link *link = wzp_container(node, struct wzp_relay_link, node);
        if (link->state == WZP_LINK_UP) {
            uint32_t rtt_class = wzp_links_rtt_class(link->role.conn);
            wzp_router_link_set_rtt(link->handle, rtt_class);
            wzp_crossing_set_rtt(links->relay->crossing, link, rtt_class);
            any = true;
        }
    }
    links->measure_at = any ? now + WZP_LINKS_MEASURE : WZP_NEVER;
}

void wzp_links_tick(struct wzp_links *links, wzp_us now)
{
    wzp_list_each(node, &links->all)
    {
        struct wzp_relay_link *link = wzp_container(node, struct wzp_relay_link, node);
        if (link->state == WZP_LINK_GREETING && link->deadline <= now) {
            wzp_link_greeting_over(link);
        }
        wzp_link_drain(link);
    }
    if (links->measure_at <= now) {
        measure(links, now);
    }
    wzp_peers_tick(links, now);
}

/* ---- what the link files share ---- */

struct wzp_fingerprint_text wzp_links_fingerprint_text(const uint8_t *fingerprint)
{
    struct wzp_fingerprint_text text;
    wzp_fingerprint_write(fingerprint, text.text);
    return text;
}

struct wzp_relay_link *wzp_links_find(const struct wzp_links *links, const uint8_t *fingerprint,
                                      const struct wzp_relay_link *except)
{
    wzp_list_each(node, &links->all)
    {
        struct wzp_relay_link *link = wzp_container(node, struct wzp_relay_link, node);
        bool is_named = link->entry != NULL;
        if (link != except && is_named && link->state != WZP_LINK_ENDED &&
            memcmp(link->fingerprint, fingerprint, WZP_FINGERPRINT_BYTES) == 0) {
            return link;
        }
    }
    return NULL;
}

uint32_t wzp_links_rtt_class(const struct wzp_conn *conn)
{
    struct wzp_conn_stats stats;
    wzp_conn_stats(conn, &stats);
    uint32_t rtt_class = 0;
    for (wzp_us rtt = stats.rtt_smoothed / WZP_MS; rtt > 0; rtt /= 2) {
        rtt_class++;
    }
    return rtt_class;
}

const char *wzp_links_label(const struct wzp_relay_link_config *entry)
{
    return entry->label ? entry->label : entry->url ? entry->url : "unlabelled";
}

void wzp_links_name(struct wzp_relay_link *link)
{
    link->allowance = wzp_allowances_of(link->links->allowances, link->entry);
    struct wzp_metrics *metrics = link->links->relay->metrics;
    snprintf(link->label, sizeof link->label, "%s", wzp_links_label(link->entry));
    if (!link->entry->label && !link->entry->url) { /* [[trusted]] without a label: its fingerprint's start */
        snprintf(link->label, sizeof link->label, "%.23s",
                 wzp_links_fingerprint_text(link->fingerprint).text);
    }
    link->counters = (struct wzp_link_counters){
        .signals_in = wzp_metrics_counter(metrics, WZP_METRIC_FED_SIGNALS, link->label, "in"),
        .signals_out = wzp_metrics_counter(metrics, WZP_METRIC_FED_SIGNALS, link->label, "out"),
        .queue_full = wzp_metrics_counter(metrics, WZP_METRIC_FED_DROPPED, link->label,
                                          wzp_drop_text(WZP_DROP_QUEUE_FULL)),
    };
}

void wzp_links_went_up(struct wzp_links *links, struct wzp_relay_link *link)
{
    *wzp_metrics_gauge(links->relay->metrics, WZP_METRIC_PEER_STATUS, link->label, NULL) = 1;
    links->measure_at = wzp_us_min(links->measure_at, links->relay->now + WZP_LINKS_MEASURE);
}

static void log_loss(struct wzp_relay_link *link, const struct wzp_close_info *info)
{
    const struct wzp_log *log = link->links->relay->log;
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_conn_peer_addr(link->role.conn), address);
    const uint8_t *met = wzp_conn_peer_fingerprint(link->role.conn);
    if (info->err == WZP_EAUTH && link->peer && met) {
        wzp_error(
            log,
            "a peer's address answers with another certificate than its entry says; nothing was sent. If its "
            "operator confirms the new one, put it into the entry",
            "peer=%s addr=%s met=%s", link->label, address, wzp_links_fingerprint_text(met).text);
        return;
    }
    if (info->origin == WZP_CLOSED_BY_PEER && info->code == WZP_CLOSE_UNKNOWN_RELAY) {
        wzp_warn(log, "a peer does not know this relay: ask its operator to add our fingerprint",
                 "peer=%s addr=%s ours=%s reason=\"%s\"", link->label, address,
                 link->links->relay->cert->fingerprint_text, info->reason);
        return;
    }
    bool is_strange =
        !link->entry || link->is_quiet; /* what there is to say, the refusal has said, once a minute */
    wzp_log_write(log, is_strange ? WZP_LOG_DEBUG : wzp_link_level(link),
                  link->up_at ? "federation link down" : "federation link not made",
                  "peer=%s addr=%s code=%llu reason=\"%s\"", link->label, address,
                  (unsigned long long)info->code, info->reason);
}

void wzp_links_lost(struct wzp_relay_link *link, const struct wzp_close_info *info)
{
    struct wzp_links *links = link->links;
    struct wzp_relay *relay = links->relay;
    log_loss(link, info);
    if (link->up_at && !wzp_links_find(links, link->fingerprint, link)) {
        *wzp_metrics_gauge(relay->metrics, WZP_METRIC_PEER_STATUS, link->label, NULL) = 0;
    }
    if (link->peer) {
        wzp_peers_lost(link->peer, link->up_at ? relay->now - link->up_at : 0);
        wzp_timer_set(relay->timer, relay->now);
    }
}

void wzp_links_collect_stats(struct wzp_metrics *m, const char *label, const struct wzp_link *handle,
                             struct wzp_link_stats *old)
{
    struct wzp_link_stats stats;
    wzp_link_stats(handle, &stats);
    *wzp_metrics_counter(m, WZP_METRIC_FED_FORWARDED, label, "in") += stats.packets_in - old->packets_in;
    *wzp_metrics_counter(m, WZP_METRIC_FED_FORWARDED, label, "out") += stats.packets_out - old->packets_out;
    for (int i = 0; i < WZP_N_DROPS; i++) {
        *wzp_metrics_counter(m, WZP_METRIC_FED_DROPPED, label, wzp_drop_text((enum wzp_drop)i)) +=
            stats.dropped[i] - old->dropped[i];
    }
    *wzp_metrics_counter(m, WZP_METRIC_FED_DEDUPED, NULL, NULL) +=
        stats.dropped[WZP_DROP_DUPLICATE] - old->dropped[WZP_DROP_DUPLICATE];
    *wzp_metrics_counter(m, WZP_METRIC_FED_RATE_LIMITED, NULL, NULL) +=
        stats.dropped[WZP_DROP_RATE] - old->dropped[WZP_DROP_RATE];
    *wzp_metrics_counter(m, WZP_METRIC_FED_PRUNES, label, "in") +=
        stats.prunes_in + stats.grafts_in - old->prunes_in - old->grafts_in;
    *wzp_metrics_counter(m, WZP_METRIC_FED_PRUNES, label, "out") +=
        stats.prunes_out + stats.grafts_out - old->prunes_out - old->grafts_out;
    for (int i = WZP_REFUSAL_NONE + 1; i < WZP_N_REFUSALS; i++) {
        *wzp_metrics_counter(m, WZP_METRIC_FED_SIGNALS_REFUSED, label,
                             wzp_refusal_reason((enum wzp_refusal)i)) += stats.refused[i] - old->refused[i];
    }
    *old = stats;
}

void wzp_links_collect_one(struct wzp_relay_link *link)
{
    if (!link->handle) {
        return;
    }
    struct wzp_metrics *metrics = link->links->relay->metrics;
    wzp_links_collect_stats(metrics, link->label, link->handle, &link->collected);
    *wzp_metrics_gauge(metrics, WZP_METRIC_FED_SIGNALS_WAITING, link->label, NULL) =
        (double)wzp_outbox_count(link->outbox);
    struct wzp_conn_stats conn;
    wzp_conn_stats(link->role.conn, &conn);
    *wzp_metrics_gauge(metrics, WZP_METRIC_PEER_RTT_MS, link->label, NULL) = (double)conn.rtt_smoothed / 1000;
}

void wzp_links_collect(struct wzp_links *links)
{
    wzp_list_each(node, &links->all)
    {
        wzp_links_collect_one(wzp_container(node, struct wzp_relay_link, node));
    }
}
