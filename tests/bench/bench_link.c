/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole way of a datagram from one federation link to another, for callgrind to count instructions of:
 *
 *     bench_link ROOMSxORIGINSxSTREAMS MILLISECONDS PER_SECOND
 *
 * As bench_path: a relay's worker and, in place of clients, the two peers of link_peers.h, in one thread over
 * memory_net. The relay's turns while the talker talks are memory_net_counted_step.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cert.h"
#include "crypto/identity.h"
#include "link_peers.h"
#include "memory_net.h"
#include "relay/config.h"
#include "relay/crew.h"
#include "relay/problems.h"
#include "relay/worker.h"

#define TURN         WZP_MS
#define CONFIG_BYTES ((size_t)1 << 20)

struct bench {
    struct wzp_log log;
    struct wzp_relay_config config;
    struct wzp_identity identity;
    struct wzp_cert cert;
    struct wzp_crew crew;
    struct wzp_worker *worker;
    struct wzp_loop *loop; /* of the peers */
    struct link_peers_shape shape;
    struct link_peers *peers;
};

static const uint8_t seeds[3][WZP_SEED_BYTES] = {{1}, {2}, {3}}; /* relay, talker, listener */

static void need(enum wzp_err err, const char *what)
{
    if (err != WZP_OK) {
        fprintf(stderr, "bench_link: %s: %s\n", what, wzp_err_text(err));
        exit(1);
    }
}

static size_t write_config(const struct link_peers_shape *shape, char *text)
{
    size_t at = (size_t)snprintf(text, CONFIG_BYTES, "listen_addr = \"127.0.0.1:0\"\n");
    for (size_t i = 0; i < shape->n_rooms; i++) {
        at += (size_t)snprintf(text + at, CONFIG_BYTES - at, "[[global_rooms]]\nname = \"%s%zu\"\n",
                               shape->room_prefix, i);
    }
    for (size_t i = 1; i < 3; i++) {
        struct wzp_identity identity;
        struct wzp_cert cert;
        need(wzp_identity_init(&identity, seeds[i]), "identity");
        wzp_cert_init(&cert, &identity);
        at += (size_t)snprintf(text + at, CONFIG_BYTES - at,
                               "[[trusted]]\nfingerprint = \"%s\"\nlabel = \"peer%zu\"\nmax_pps = 10000000\n",
                               cert.fingerprint_text, i);
        wzp_identity_deinit(&identity);
    }
    return at;
}

static void read_config(struct bench *bench)
{
    struct wzp_problems problems = {0};
    char *text = malloc(CONFIG_BYTES);
    need(text ? WZP_OK : WZP_ENOMEM, "settings");
    need(wzp_relay_config_init(&bench->config), "settings");
    size_t size = write_config(&bench->shape, text);
    enum wzp_err err = wzp_relay_config_read(&bench->config, "bench_link", text, size, &problems);
    wzp_problems_print(&problems, stderr);
    wzp_problems_deinit(&problems);
    free(text);
    need(err, "settings");
}

static void start_relay(struct bench *bench)
{
    read_config(bench);
    need(wzp_identity_init(&bench->identity, seeds[0]), "identity");
    wzp_cert_init(&bench->cert, &bench->identity);
    need(wzp_crew_init(&bench->crew, &bench->config, &wzp_random_system), "crew");
    const struct wzp_worker_setup setup = {
        .config = &bench->config,
        .identity = &bench->identity,
        .cert = &bench->cert,
        .log = &bench->log,
        .crew = &bench->crew,
        .listen = bench->config.listen_addr,
    };
    need(wzp_worker_new(&setup, &bench->worker), "relay");
}

static void start_peers(struct bench *bench)
{
    char address[WZP_ADDR_TEXT_BYTES];
    const struct wzp_addr addr = wzp_endpoint_addr(wzp_worker_relay(bench->worker)->endpoint);
    wzp_addr_write(&addr, address);
    bench->shape.relay = address;
    bench->shape.talker_seed = seeds[1];
    bench->shape.listener_seed = seeds[2];
    need(wzp_loop_new(&bench->loop), "loop");
    need(link_peers_new(bench->loop, &bench->shape, &bench->peers), "peers");
}

static enum link_peers_phase turn(struct bench *bench, enum link_peers_phase phase)
{
    struct wzp_loop *loop = wzp_worker_relay(bench->worker)->loop;
    memory_net_pass(TURN);
    wzp_loop_step(bench->loop, false);
    if (phase == LINK_PEERS_TALKING) {
        memory_net_counted_step(loop);
    } else {
        wzp_loop_step(loop, false);
    }
    return link_peers_tick(bench->peers, wzp_loop_now(bench->loop));
}

static void print(const struct bench *bench)
{
    struct link_peers_report report;
    link_peers_report(bench->peers, &report);
    printf("{\"sent\":%" PRIu64 ",\"expected\":%" PRIu64 ",\"forwarded\":%" PRIu64 ",\"duplicated\":%" PRIu64
           ",\"packets_in\":%" PRIu64 ",\"packets_out\":%" PRIu64 "}\n",
           report.sent, report.sent, report.received, report.duplicated + report.wrong, report.packets_sent,
           report.packets_received);
}

static void end(struct bench *bench)
{
    link_peers_free(bench->peers);
    wzp_loop_free(bench->loop);
    wzp_worker_free(bench->worker);
    wzp_crew_deinit(&bench->crew);
    wzp_identity_deinit(&bench->identity);
    wzp_relay_config_deinit(&bench->config);
}

int main(int argc, char **argv)
{
    struct bench bench = {.shape = {.room_prefix = "link-"}};
    struct link_peers_shape *shape = &bench.shape;
    if (argc != 4 || sscanf(argv[1], "%" SCNu32 "x%" SCNu32 "x%" SCNu32, &shape->n_rooms, &shape->n_origins,
                            &shape->n_streams) != 3) {
        fprintf(stderr, "usage: bench_link ROOMSxORIGINSxSTREAMS MILLISECONDS PER_SECOND\n");
        return 2;
    }
    shape->talk_for = strtol(argv[2], NULL, 10) * WZP_MS;
    shape->per_second = (uint32_t)strtoul(argv[3], NULL, 10);
    if (shape->n_rooms * shape->n_origins * shape->n_streams == 0 || shape->per_second == 0) {
        return 2;
    }
    wzp_log_init(&bench.log, WZP_LOG_ERROR);
    start_relay(&bench);
    start_peers(&bench);
    enum link_peers_phase phase = LINK_PEERS_ARRIVING;
    while (phase < LINK_PEERS_DONE) {
        phase = turn(&bench, phase);
    }
    print(&bench);
    end(&bench);
    return phase == LINK_PEERS_DONE ? 0 : 1;
}
