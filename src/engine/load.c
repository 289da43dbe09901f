/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/load.h"

#include <stdlib.h>
#include <string.h>

#include "engine/load_client.h"
#include "engine/load_sockets.h"

#define WZP_LOAD_HANDSHAKES 32 /* under way at a time: a ramp, not a storm */
#define WZP_LOAD_LATE       (5 * WZP_MS)
#define WZP_LOAD_SETTLE     (500 * WZP_MS)    /* the last joins' room updates get through */
#define WZP_LOAD_TRAIL      (500 * WZP_MS)    /* the last packets arrive */
#define WZP_LOAD_PATIENCE   (60 * WZP_SECOND) /* for all to have joined or failed */
#define WZP_LOAD_GOODBYE    WZP_SECOND

struct wzp_load {
    struct wzp_load_config config;
    struct wzp_load_shared shared;
    struct wzp_loop *loop;
    struct wzp_packet_pool *pool;
    struct wzp_load_sockets sockets;
    struct wzp_random_seeded seeded;
    struct wzp_random random;
    struct wzp_timer *timer;
    wzp_load_fn fn;
    void *context;
    enum wzp_load_phase phase;
    wzp_us phase_ends_at;
    wzp_us started_at, redial_at;
    struct wzp_load_client *clients; /* room by room */
    size_t n_clients, n_started, n_pending, n_gone;
    struct wzp_load_ear *ears;
    struct wzp_load_client **talkers; /* in the order of their phases */
    wzp_us *phases;                   /* of the talkers within the interval, rising */
    size_t n_talkers;
    wzp_us interval, talk_from, round_from, last_tick; /* round: one packet of every talker */
    size_t next_talker;
    struct wzp_load_report report;
};

static void schedule(struct wzp_load *load, wzp_us now);

static void on_joined(void *context)
{
    struct wzp_load *load = context;
    wzp_us now = wzp_loop_now(load->loop);
    load->n_pending--;
    if (load->phase == WZP_LOAD_REJOINING) {
        load->report.rejoined++;
        load->report.rejoined_in = now - load->redial_at;
        return;
    }
    load->report.joined++;
    load->report.joined_in = now - load->started_at;
}

static void on_gone(void *context, bool was_joined)
{
    struct wzp_load *load = context;
    load->n_gone++;
    if (!was_joined) {
        load->n_pending--;
    }
    if (load->phase == WZP_LOAD_REJOINING) {
        load->report.failed++;
        load->report.rejoined -= was_joined;
    } else if (load->phase < WZP_LOAD_DROPPING) {
        load->report.failed++;
        load->report.joined -= was_joined;
    }
}

static enum wzp_err start_client(struct wzp_load *load, size_t i)
{
    struct wzp_endpoint *endpoint = NULL;
    enum wzp_err err = wzp_load_sockets_open(&load->sockets, i, &endpoint);
    return err == WZP_OK ? wzp_load_client_start(&load->clients[i], endpoint) : err;
}

/* All at once, as after a relay's restart. */
static void redial(struct wzp_load *load, wzp_us now)
{
    load->redial_at = now;
    load->n_pending = 0;
    for (size_t i = 0; i < load->n_clients; i++) {
        if (start_client(load, i) == WZP_OK) {
            load->n_pending++;
        } else {
            load->clients[i].state = WZP_LOAD_CLIENT_GONE;
            load->report.failed++;
        }
    }
    load->n_gone = load->n_clients - load->n_pending;
    load->n_started = load->n_clients;
}

static void enter(struct wzp_load *load, enum wzp_load_phase phase, wzp_us now)
{
    static const wzp_us durations[] = {
        [WZP_LOAD_JOINING] = WZP_LOAD_PATIENCE,
        [WZP_LOAD_SETTLING] = WZP_LOAD_SETTLE,
        [WZP_LOAD_TALKING] = 0,
        [WZP_LOAD_TRAILING] = WZP_LOAD_TRAIL,
        [WZP_LOAD_DROPPING] = WZP_LOAD_GOODBYE,
        [WZP_LOAD_REJOINING] = WZP_LOAD_PATIENCE,
        [WZP_LOAD_LEAVING] = WZP_LOAD_GOODBYE,
        [WZP_LOAD_DONE] = 0,
    };
    load->phase = phase;
    load->phase_ends_at = now + durations[phase];
    if (phase == WZP_LOAD_TALKING) {
        load->talk_from = load->round_from = load->last_tick = now;
        load->phase_ends_at = now + load->config.talk_for;
    }
    if (phase == WZP_LOAD_TRAILING) {
        load->report.talked_for = now - load->talk_from;
    }
    if (phase == WZP_LOAD_REJOINING) {
        redial(load, now);
    }
    if (phase == WZP_LOAD_DROPPING || phase == WZP_LOAD_LEAVING) {
        for (size_t i = 0; i < load->n_started; i++) {
            wzp_load_client_leave(&load->clients[i]);
        }
    }
    struct wzp_load_report report;
    wzp_load_report(load, &report);
    load->fn(load->context, phase, &report);
}

static void dial_some(struct wzp_load *load)
{
    while (load->n_started < load->n_clients && load->n_pending < WZP_LOAD_HANDSHAKES) {
        size_t i = load->n_started++;
        if (start_client(load, i) == WZP_OK) {
            load->n_pending++;
        } else {
            load->clients[i].state = WZP_LOAD_CLIENT_GONE;
            load->n_gone++;
            load->report.failed++;
        }
    }
}

/* Sends what is due. A talker's k-th packet is due at talk_from + phase + k intervals, whatever came before.
 */
static void talk(struct wzp_load *load, wzp_us now)
{
    load->report.late_ticks += now - load->last_tick > WZP_LOAD_LATE;
    load->last_tick = now;
    while (load->n_talkers > 0 && load->round_from + load->phases[load->next_talker] <= now) {
        struct wzp_load_client *client = load->talkers[load->next_talker];
        if (client->state == WZP_LOAD_CLIENT_JOINED) {
            load->report.sent++;
            load->report.expected += load->config.n_members - 1;
            wzp_load_client_talk(client, wzp_loop_now(load->loop));
        }
        if (++load->next_talker == load->n_talkers) {
            load->next_talker = 0;
            load->round_from += load->interval;
        }
    }
}

static void advance(struct wzp_load *load, wzp_us now)
{
    switch (load->phase) {
    case WZP_LOAD_JOINING:
        dial_some(load);
        if ((load->n_started == load->n_clients && load->n_pending == 0) || now >= load->phase_ends_at) {
            enter(load, WZP_LOAD_SETTLING, now);
        }
        break;
    case WZP_LOAD_TALKING:
        if (now >= load->phase_ends_at) {
            enter(load, WZP_LOAD_TRAILING, now);
        } else {
            talk(load, now);
        }
        break;
    case WZP_LOAD_TRAILING:
        if (now >= load->phase_ends_at) {
            enter(load, load->config.reconnects ? WZP_LOAD_DROPPING : WZP_LOAD_LEAVING, now);
        }
        break;
    case WZP_LOAD_DROPPING:
        if (load->n_gone == load->n_started || now >= load->phase_ends_at) {
            wzp_load_sockets_close(&load->sockets); /* who is not gone by now goes without a good-bye */
            enter(load, WZP_LOAD_REJOINING, now);
        }
        break;
    case WZP_LOAD_REJOINING:
        if (load->n_pending == 0 || now >= load->phase_ends_at) {
            enter(load, WZP_LOAD_LEAVING, now);
        }
        break;
    case WZP_LOAD_SETTLING:
        if (now >= load->phase_ends_at) {
            enter(load, load->phase + 1, now);
        }
        break;
    case WZP_LOAD_LEAVING:
        if (load->n_gone == load->n_started || now >= load->phase_ends_at) {
            enter(load, WZP_LOAD_DONE, now);
        }
        break;
    case WZP_LOAD_DONE:
        break;
    }
}

static void on_timer(void *context)
{
    struct wzp_load *load = context;
    wzp_us now = wzp_loop_now(load->loop);
    advance(load, now);
    schedule(load, now);
}

static void schedule(struct wzp_load *load, wzp_us now)
{
    wzp_timer_set(load->timer, load->phase == WZP_LOAD_DONE ? WZP_NEVER : now + WZP_LOAD_TICK);
}

static bool is_in_range(const struct wzp_load_config *config)
{
    return config->n_relays >= 1 && config->n_relays <= WZP_LOAD_MAX_RELAYS && config->n_rooms >= 1 &&
           config->n_rooms <= WZP_LOAD_MAX_CLIENTS && config->n_members >= 1 &&
           config->n_members <= WZP_LOAD_MAX_CLIENTS && config->n_talkers <= config->n_members &&
           (uint64_t)config->n_rooms * config->n_members <= WZP_LOAD_MAX_CLIENTS &&
           (uint64_t)config->n_rooms * config->n_members >= config->n_sockets &&
           config->packets_per_second >= 1 && config->packets_per_second <= 1000 &&
           config->packet_bytes >= 36 && config->packet_bytes <= 1100 && config->talk_for >= 0;
}

static int compare_phases(const void *a, const void *b)
{
    wzp_us left = *(const wzp_us *)a;
    wzp_us right = *(const wzp_us *)b;
    return (left > right) - (left < right);
}

/* Rooms take turns among the phases, so that a room's talkers are spread over the interval. */
static void place_clients(struct wzp_load *load)
{
    const struct wzp_load_config *config = &load->config;
    for (size_t i = 0; i < load->n_clients; i++) {
        struct wzp_load_client *client = &load->clients[i];
        client->shared = &load->shared;
        client->room = (uint32_t)(i / config->n_members);
        client->index = (uint32_t)(i % config->n_members);
        client->relay = &load->config.relays[client->index % config->n_relays];
        client->ears = load->ears + i * config->n_talkers;
    }
    for (size_t i = 0; i < load->n_talkers; i++) {
        load->phases[i] = (wzp_us)wzp_random_below(&load->random, (uint64_t)load->interval);
        load->talkers[i] = &load->clients[i % config->n_rooms * config->n_members + i / config->n_rooms];
    }
    qsort(load->phases, load->n_talkers, sizeof *load->phases, compare_phases);
}

static enum wzp_err allocate(struct wzp_load *load)
{
    const struct wzp_load_config *config = &load->config;
    load->n_clients = (size_t)config->n_rooms * config->n_members;
    load->n_talkers = (size_t)config->n_rooms * config->n_talkers;
    load->clients = calloc(load->n_clients, sizeof *load->clients);
    load->ears = calloc(load->n_clients * config->n_talkers + 1, sizeof *load->ears);
    load->talkers = calloc(load->n_talkers + 1, sizeof *load->talkers);
    load->phases = calloc(load->n_talkers + 1, sizeof *load->phases);
    load->shared.delays = calloc(WZP_LOAD_DELAY_STEPS, sizeof *load->shared.delays);
    if (!load->clients || !load->ears || !load->talkers || !load->phases || !load->shared.delays) {
        return WZP_ENOMEM;
    }
    enum wzp_err err = wzp_packet_pool_new(4096, &load->pool);
    if (err != WZP_OK) {
        return err;
    }
    load->sockets = (struct wzp_load_sockets){
        .loop = load->loop,
        .log = config->log,
        .pool = load->pool,
        .handler = &wzp_load_client_handler,
        .is_ip6 = config->relays[0].storage.ss_family == AF_INET6,
        .n_clients = load->n_clients,
        .n = config->n_sockets > 0 ? config->n_sockets : load->n_clients,
    };
    return wzp_load_sockets_init(&load->sockets);
}

enum wzp_err wzp_load_new(struct wzp_loop *loop, const struct wzp_load_config *config, wzp_load_fn fn,
                          void *context, struct wzp_load **out_load)
{
    if (!is_in_range(config)) {
        return WZP_EINVAL;
    }
    struct wzp_load *load = calloc(1, sizeof *load);
    if (!load) {
        return WZP_ENOMEM;
    }
    load->config = *config;
    load->loop = loop;
    load->fn = fn;
    load->context = context;
    load->random = wzp_random_from_seed(&load->seeded, config->seed);
    load->interval = WZP_SECOND / config->packets_per_second;
    load->shared = (struct wzp_load_shared){
        .log = config->log,
        .random = &load->random,
        .room_prefix = config->room_prefix,
        .packet_bytes = config->packet_bytes,
        .n_members = config->n_members,
        .n_talkers = config->n_talkers,
        .run = (uint32_t)wzp_random_u64(&wzp_random_system),
        .first_seq = (uint16_t)wzp_random_u64(&load->random),
        .on_joined = on_joined,
        .on_gone = on_gone,
        .context = load,
    };
    enum wzp_err err = allocate(load);
    if (err == WZP_OK) {
        err = wzp_timer_new(loop, on_timer, load, &load->timer);
    }
    if (err != WZP_OK) {
        wzp_load_free(load);
        return err;
    }
    place_clients(load);
    *out_load = load;
    return WZP_OK;
}

void wzp_load_start(struct wzp_load *load)
{
    load->started_at = wzp_loop_now(load->loop);
    enter(load, WZP_LOAD_JOINING, load->started_at);
    schedule(load, load->started_at);
}

void wzp_load_stop(struct wzp_load *load)
{
    if (load->phase < WZP_LOAD_LEAVING) {
        enter(load, WZP_LOAD_LEAVING, wzp_loop_now(load->loop));
    }
}

/* The delay that `share` of the packets did not exceed, to the histogram's step. */
static wzp_us percentile(const uint32_t *delays, double share)
{
    uint64_t n = 0;
    for (size_t i = 0; i < WZP_LOAD_DELAY_STEPS; i++) {
        n += delays[i];
    }
    uint64_t below = 0;
    for (size_t i = 0; i < WZP_LOAD_DELAY_STEPS; i++) {
        below += delays[i];
        if (n > 0 && (double)below >= share * (double)n) {
            return (wzp_us)(i + 1) * WZP_LOAD_DELAY_STEP_US;
        }
    }
    return 0;
}

void wzp_load_report(const struct wzp_load *load, struct wzp_load_report *out_report)
{
    struct wzp_load_report report = load->report;
    report.clients = (uint32_t)load->n_clients;
    report.received = load->shared.received;
    report.duplicated = load->shared.duplicated;
    report.reordered = load->shared.reordered;
    report.foreign = load->shared.foreign;
    report.delay_p50 = percentile(load->shared.delays, 0.5);
    report.delay_p90 = percentile(load->shared.delays, 0.9);
    report.delay_p99 = percentile(load->shared.delays, 0.99);
    report.delay_max = load->shared.delay_max;
    *out_report = report;
}

void wzp_load_free(struct wzp_load *load)
{
    if (!load) {
        return;
    }
    wzp_load_sockets_deinit(&load->sockets);
    wzp_timer_free(load->timer);
    wzp_packet_pool_free(load->pool);
    free(load->shared.delays);
    free(load->phases);
    free(load->talkers);
    free(load->ears);
    free(load->clients);
    free(load);
}
