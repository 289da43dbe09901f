/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole way of a datagram through a relay, for callgrind to count instructions of:
 *
 *     bench_path ROOMSxMEMBERSxTALKERS MILLISECONDS FLUSH_US
 *
 * A relay's worker and a load's clients, with real QUIC between them, in one thread over memory_net: turn by
 * turn of one millisecond. The relay's turns while the talkers talk are memory_net_counted_step; prints how
 * many datagrams were forwarded in them, in how many packets.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cert.h"
#include "crypto/identity.h"
#include "engine/load.h"
#include "memory_net.h"
#include "relay/config.h"
#include "relay/crew.h"
#include "relay/worker.h"

#define TURN         WZP_MS
#define PACKET_BYTES 112 /* as wzp-client --load */

struct path {
    struct wzp_log log;
    struct wzp_relay_config config;
    struct wzp_identity identity;
    struct wzp_cert cert;
    struct wzp_crew crew;
    struct wzp_worker *worker;
    struct wzp_loop *load_loop;
    struct wzp_load *load;
    enum wzp_load_phase phase;
    struct wzp_endpoint_stats before; /* as the talk began */
};

static void need(enum wzp_err err, const char *what)
{
    if (err != WZP_OK) {
        fprintf(stderr, "bench_path: %s: %s\n", what, wzp_err_text(err));
        exit(1);
    }
}

static void start_relay(struct path *path, unsigned flush_us)
{
    static const uint8_t seed[WZP_SEED_BYTES] = {1};
    need(wzp_relay_config_init(&path->config), "settings");
    need(wzp_addr_read("127.0.0.1:0", &path->config.listen_addr), "address");
    path->config.flush_us = flush_us;
    path->config.max_sessions = WZP_LOAD_MAX_CLIENTS;
    path->config.max_participants_per_room = WZP_LOAD_MAX_CLIENTS;
    need(wzp_identity_init(&path->identity, seed), "identity");
    wzp_cert_init(&path->cert, &path->identity);
    need(wzp_crew_init(&path->crew, &path->config, &wzp_random_system), "crew");
    const struct wzp_worker_setup setup = {
        .config = &path->config,
        .identity = &path->identity,
        .cert = &path->cert,
        .log = &path->log,
        .crew = &path->crew,
        .listen = path->config.listen_addr,
    };
    need(wzp_worker_new(&setup, &path->worker), "relay");
}

static void on_phase(void *context, enum wzp_load_phase phase, const struct wzp_load_report *report)
{
    struct path *path = context;
    path->phase = phase;
    if (phase == WZP_LOAD_TALKING) {
        wzp_endpoint_stats(wzp_worker_relay(path->worker)->endpoint, &path->before);
    }
    if (report->failed > 0) {
        need(WZP_ECLOSED, "a client did not get in, or did not stay");
    }
}

static void start_load(struct path *path, const struct wzp_load_config *shape)
{
    struct wzp_load_config config = *shape;
    config.relays[config.n_relays++] = wzp_endpoint_addr(wzp_worker_relay(path->worker)->endpoint);
    config.room_prefix = "bench";
    config.packets_per_second = 50;
    config.packet_bytes = PACKET_BYTES;
    config.seed = 1;
    config.log = &path->log;
    need(wzp_loop_new(&path->load_loop), "loop");
    need(wzp_load_new(path->load_loop, &config, on_phase, path, &path->load), "load");
    wzp_load_start(path->load);
}

static void turn(struct path *path)
{
    struct wzp_loop *relay_loop = wzp_worker_relay(path->worker)->loop;
    memory_net_pass(TURN);
    wzp_loop_step(path->load_loop, false);
    if (path->phase == WZP_LOAD_TALKING || path->phase == WZP_LOAD_TRAILING) {
        memory_net_counted_step(relay_loop);
    } else {
        wzp_loop_step(relay_loop, false);
    }
}

static void print(struct path *path)
{
    struct wzp_load_report report;
    struct wzp_endpoint_stats stats;
    wzp_load_report(path->load, &report);
    wzp_endpoint_stats(wzp_worker_relay(path->worker)->endpoint, &stats);
    printf("{\"sent\":%" PRIu64 ",\"expected\":%" PRIu64 ",\"forwarded\":%" PRIu64 ",\"duplicated\":%" PRIu64
           ",\"packets_in\":%" PRIu64 ",\"packets_out\":%" PRIu64 "}\n",
           report.sent, report.expected, report.received, report.duplicated,
           stats.packets_received - path->before.packets_received,
           stats.packets_sent - path->before.packets_sent);
}

static void end(struct path *path)
{
    wzp_load_free(path->load);
    wzp_loop_free(path->load_loop);
    wzp_worker_free(path->worker);
    wzp_crew_deinit(&path->crew);
    wzp_identity_deinit(&path->identity);
    wzp_relay_config_deinit(&path->config);
}

int main(int argc, char **argv)
{
    struct path path = {.phase = WZP_LOAD_JOINING};
    struct wzp_load_config shape = {.n_relays = 0};
    if (argc != 4 || sscanf(argv[1], "%" SCNu32 "x%" SCNu32 "x%" SCNu32, &shape.n_rooms, &shape.n_members,
                            &shape.n_talkers) != 3) {
        fprintf(stderr, "usage: bench_path ROOMSxMEMBERSxTALKERS MILLISECONDS FLUSH_US\n");
        return 2;
    }
    shape.talk_for = strtol(argv[2], NULL, 10) * WZP_MS;
    wzp_log_init(&path.log, WZP_LOG_ERROR);
    start_relay(&path, (unsigned)strtoul(argv[3], NULL, 10));
    start_load(&path, &shape);
    while (path.phase < WZP_LOAD_LEAVING) {
        turn(&path);
    }
    print(&path);
    end(&path);
    return 0;
}
