/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/probes.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bucket.h"
#include "base/list.h"
#include "relay/delivery.h"
#include "relay/locals.h"
#include "relay/probe_window.h"
#include "relay/role.h"
#include "relay/whereabouts.h"

#define WZP_PROBES_DEFAULT_PORT  4433
#define WZP_PROBES_INTERVAL      WZP_SECOND
#define WZP_PROBES_RETRY         (5 * WZP_SECOND)
#define WZP_PROBES_TELL_EVERY    10 /* pings between two PresenceUpdates */
#define WZP_PROBES_MAX_SESSIONS  32 /* relays that probe this one at a time */
#define WZP_PROBES_SIGNALS_PER_S 10
#define WZP_PROBES_SIGNALS_BURST 50

enum target_state {
    TARGET_RESTING,
    TARGET_RESOLVING,
    TARGET_DIALLING,
    TARGET_UP,
};

/* A connection of either direction. */
struct probe {
    struct wzp_role role;
    struct wzp_probes *probes;
    struct target *target; /* NULL: they probe us */
    struct wzp_list node;
    struct wzp_bucket signals;
    char address[WZP_ADDR_TEXT_BYTES]; /* of the relay it tells of; "" until it does */
};

struct target {
    struct wzp_probes *probes;
    const char *name; /* as configured: the label of the metrics */
    enum target_state state;
    wzp_us due_at; /* the next dial or ping */
    struct wzp_resolve *resolve;
    struct probe *probe;
    struct wzp_probe_window window;
    uint64_t n_pings;
};

struct wzp_probes {
    struct wzp_relay *relay;
    struct target *targets;
    size_t n_targets;
    struct wzp_list all;
    size_t n_accepted;
    struct wzp_registry registry;
    bool is_closing;
};

static uint64_t unix_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void show(const struct target *target)
{
    struct wzp_metrics *m = target->probes->relay->metrics;
    bool is_up = target->state == TARGET_UP;
    struct wzp_probe_stats stats = wzp_probe_window_stats(&target->window);
    *wzp_metrics_gauge(m, WZP_METRIC_PROBE_UP, target->name, NULL) = is_up;
    *wzp_metrics_gauge(m, WZP_METRIC_PROBE_RTT_MS, target->name, NULL) = is_up ? stats.rtt_ms : 0;
    *wzp_metrics_gauge(m, WZP_METRIC_PROBE_LOSS_PCT, target->name, NULL) = stats.loss_pct;
    *wzp_metrics_gauge(m, WZP_METRIC_PROBE_JITTER_MS, target->name, NULL) = stats.jitter_ms;
}

/* ---- the role ---- */

/* A connection tells of one relay, for as long as it stands: so nobody can fill the registry. */
static void note_presence(struct probe *probe, const struct wzp_signal_presence_update *update)
{
    struct wzp_probes *probes = probe->probes;
    if (!probe->address[0]) {
        wzp_whereabouts_of_peer(probes->relay, probe->role.conn, update->relay_addr, probe->address);
    }
    wzp_ignore(
        wzp_registry_update(&probes->registry, probe->address, &update->fingerprints, probes->relay->now));
    if (!probe->target) {
        wzp_locals_tell(probe->probes->relay, probe->role.conn);
    }
}

static void take_pong(struct target *target, uint64_t stamp)
{
    if (wzp_probe_window_answered(&target->window, stamp, unix_ms())) {
        show(target);
        wzp_registry_measured(&target->probes->registry, target->probe->address,
                              wzp_probe_window_stats(&target->window).rtt_ms);
    }
}

static void act(struct probe *probe, const struct wzp_signal *signal)
{
    struct wzp_signal pong = {.kind = WZP_SIGNAL_PONG, .ping = signal->ping};
    switch ((int)signal->kind) {
    case WZP_SIGNAL_PING:
        wzp_delivery_send(probe->probes->relay, probe->role.conn, &pong, 0);
        break;
    case WZP_SIGNAL_PONG:
        if (probe->target) {
            take_pong(probe->target, signal->ping.timestamp_ms);
        }
        break;
    case WZP_SIGNAL_PRESENCE_UPDATE:
        note_presence(probe, &signal->presence_update);
        break;
    case WZP_SIGNAL_ROUTE_QUERY:
        wzp_whereabouts_answer(probe->probes->relay, &probe->probes->registry, probe->role.conn,
                               &signal->route_query);
        break;
    default:
        break;
    }
}

static void on_message(struct wzp_role *role, const uint8_t *body, size_t size)
{
    struct probe *probe = wzp_container(role, struct probe, role);
    struct wzp_relay *relay = probe->probes->relay;
    if (!wzp_bucket_take(&probe->signals, relay->now)) {
        ++*relay->counters.signals_over_rate;
        return;
    }
    struct wzp_signal signal;
    enum wzp_err err = wzp_signal_read(body, size, &signal);
    if (err == WZP_OK) {
        act(probe, &signal);
        wzp_signal_deinit(&signal);
    } else if (err != WZP_ENOTFOUND) {
        ++*relay->counters.signals_malformed;
    }
}

static void on_datagram(struct wzp_role *role, const uint8_t *bytes, size_t size, wzp_us now)
{
    (void)role;
    (void)bytes;
    (void)size;
    (void)now;
}

static void rest(struct target *target)
{
    target->state = TARGET_RESTING;
    target->probe = NULL;
    target->due_at = target->probes->relay->now + WZP_PROBES_RETRY;
    show(target);
}

static void on_closed(struct wzp_role *role, const struct wzp_close_info *info)
{
    struct probe *probe = wzp_container(role, struct probe, role);
    if (probe->target) {
        wzp_debug(probe->probes->relay->log, "a probe ended", "target=%s reason=\"%s\"", probe->target->name,
                  info->reason);
        rest(probe->target);
    } else {
        probe->probes->n_accepted--;
    }
    wzp_registry_forget(&probe->probes->registry, probe->address);
    wzp_list_remove(&probe->node);
    free(probe);
}

static const struct wzp_role_ops probe_ops = {
    .on_message = on_message,
    .on_datagram = on_datagram,
    .on_closed = on_closed,
};

static struct probe *new_probe(struct wzp_probes *probes, struct target *target)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (probe) {
        probe->role.ops = &probe_ops;
        probe->probes = probes;
        probe->target = target;
        probe->signals =
            wzp_bucket_of(WZP_PROBES_SIGNALS_PER_S, WZP_PROBES_SIGNALS_BURST, probes->relay->now);
        wzp_list_push_back(&probes->all, &probe->node);
    }
    return probe;
}

void wzp_probes_accept(struct wzp_probes *probes, struct wzp_conn *conn)
{
    struct probe *probe = probes->n_accepted < WZP_PROBES_MAX_SESSIONS ? new_probe(probes, NULL) : NULL;
    if (!probe) {
        wzp_conn_close(conn, WZP_CLOSE_RELAY_FULL, "too many relays probe this one");
        return;
    }
    probes->n_accepted++;
    probe->role.conn = conn;
    wzp_conn_set_user(conn, &probe->role);
}

/* ---- the targets ---- */

static enum wzp_err dial(struct target *target, const struct wzp_addr *addr)
{
    struct wzp_probes *probes = target->probes;
    struct probe *probe = new_probe(probes, target);
    if (!probe) {
        return WZP_ENOMEM;
    }
    const struct wzp_dial how = {.addr = *addr, .server_name = "_probe", .user = &probe->role};
    enum wzp_err err = wzp_endpoint_dial(probes->relay->endpoint, &how, &probe->role.conn);
    if (err != WZP_OK) {
        wzp_list_remove(&probe->node);
        free(probe);
        return err;
    }
    target->probe = probe;
    target->state = TARGET_DIALLING;
    target->due_at = WZP_NEVER;
    return WZP_OK;
}

static void on_resolved(void *context, enum wzp_err err, const struct wzp_addr *addr)
{
    struct target *target = context;
    struct wzp_relay *relay = target->probes->relay;
    target->resolve = NULL;
    relay->now = wzp_loop_now(relay->loop);
    if (err == WZP_OK && !target->probes->is_closing) {
        err = dial(target, addr);
    }
    if (err != WZP_OK) {
        wzp_debug(relay->log, "a probe target can't be dialled", "target=%s error=\"%s\"", target->name,
                  wzp_err_text(err));
        rest(target);
    }
    wzp_endpoint_flush(relay->endpoint);
    wzp_timer_set(relay->timer, relay->now);
}

static void resolve(struct target *target)
{
    target->state = TARGET_RESOLVING;
    target->due_at = WZP_NEVER;
    if (wzp_resolve_start(target->probes->relay->loop, target->name, WZP_PROBES_DEFAULT_PORT, on_resolved,
                          target, &target->resolve) != WZP_OK) {
        rest(target);
    }
}

static void ping(struct target *target, wzp_us now)
{
    const struct wzp_signal signal = {.kind = WZP_SIGNAL_PING, .ping = {.timestamp_ms = unix_ms()}};
    wzp_probe_window_sent(&target->window, signal.ping.timestamp_ms);
    wzp_delivery_send(target->probes->relay, target->probe->role.conn, &signal, 0);
    if (target->n_pings++ % WZP_PROBES_TELL_EVERY == 0) {
        wzp_locals_tell(target->probes->relay, target->probe->role.conn);
    }
    target->due_at = now + WZP_PROBES_INTERVAL;
    show(target);
}

bool wzp_probes_opened(struct wzp_probes *probes, struct wzp_conn *conn)
{
    for (size_t i = 0; i < probes->n_targets; i++) {
        struct target *target = &probes->targets[i];
        if (target->probe && target->probe->role.conn == conn) {
            target->state = TARGET_UP;
            ping(target, probes->relay->now);
            return true;
        }
    }
    return false;
}

wzp_us wzp_probes_deadline(const struct wzp_probes *probes)
{
    wzp_us deadline = WZP_NEVER;
    for (size_t i = 0; i < probes->n_targets && !probes->is_closing; i++) {
        deadline = wzp_us_min(deadline, probes->targets[i].due_at);
    }
    return deadline;
}

void wzp_probes_tick(struct wzp_probes *probes, wzp_us now)
{
    for (size_t i = 0; i < probes->n_targets && !probes->is_closing; i++) {
        struct target *target = &probes->targets[i];
        if (target->due_at <= now && target->state == TARGET_RESTING) {
            resolve(target);
        } else if (target->due_at <= now && target->state == TARGET_UP) {
            ping(target, now);
        }
    }
    wzp_registry_expire(&probes->registry, now);
}

/* ---- life ---- */

static bool is_named_before(const struct wzp_relay_texts *names, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (strcmp(names->items[j], names->items[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum wzp_err wzp_probes_new(struct wzp_relay *relay, struct wzp_probes **out_probes)
{
    const struct wzp_relay_texts *names = &relay->config->probe_targets;
    struct wzp_probes *probes = calloc(1, sizeof *probes);
    if (!probes) {
        return WZP_ENOMEM;
    }
    probes->relay = relay;
    wzp_list_init(&probes->all);
    probes->targets = calloc(names->n + 1, sizeof *probes->targets);
    if (!probes->targets) {
        wzp_probes_free(probes);
        return WZP_ENOMEM;
    }
    for (size_t i = 0; i < names->n; i++) {
        if (!is_named_before(names, i)) {
            struct target *target = &probes->targets[probes->n_targets++];
            *target = (struct target){.probes = probes, .name = names->items[i]};
            show(target);
        }
    }
    *out_probes = probes;
    return WZP_OK;
}

void wzp_probes_close_all(struct wzp_probes *probes)
{
    probes->is_closing = true;
    wzp_list_each(node, &probes->all)
    {
        wzp_conn_close(wzp_container(node, struct probe, node)->role.conn, WZP_CLOSE_DRAINING,
                       "this relay is going down");
    }
}

void wzp_probes_free(struct wzp_probes *probes)
{
    if (!probes) {
        return;
    }
    for (size_t i = 0; i < probes->n_targets; i++) {
        wzp_resolve_cancel(probes->targets[i].resolve);
    }
    wzp_registry_deinit(&probes->registry);
    free(probes->targets);
    free(probes);
}

const struct wzp_registry *wzp_probes_registry(const struct wzp_probes *probes)
{
    return &probes->registry;
}

void wzp_probes_print(const struct wzp_probes *probes, struct wzp_buffer *out_text)
{
    wzp_buffer_print(out_text, "Relay Mesh Health\n%-28s %9s %7s %9s %s\n", "Target", "RTT", "Loss", "Jitter",
                     "Status");
    for (size_t i = 0; i < probes->n_targets; i++) {
        const struct target *target = &probes->targets[i];
        struct wzp_probe_stats stats = wzp_probe_window_stats(&target->window);
        wzp_buffer_print(out_text, "%-28s %6.1f ms %5.1f %% %6.1f ms %s\n", target->name, stats.rtt_ms,
                         stats.loss_pct, stats.jitter_ms, target->state == TARGET_UP ? "UP" : "DOWN");
    }
    if (probes->n_targets == 0) {
        wzp_buffer_add_text(out_text, "(no probe targets configured)\n");
    }
}
