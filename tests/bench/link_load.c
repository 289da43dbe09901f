/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load for a relay's federation links, see link_peers.h:
 *
 *     link_load HOST:PORT ROOMSxORIGINSxSTREAMS PER_SECOND SECONDS PREFIX TALKER_SEED LISTENER_SEED
 *
 * The relay must trust both seeds' certificates, and have the rooms PREFIX0 … as global ones. Says "talking"
 * and "trailing" on stderr when it comes to that, and prints a line of JSON at its end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/identity.h"
#include "link_peers.h"

#define TICK WZP_MS

struct program {
    struct link_peers_shape shape;
    uint8_t seeds[2][WZP_SEED_BYTES];
    struct wzp_loop *loop;
    struct wzp_timer *timer;
    struct link_peers *peers;
    enum link_peers_phase phase;
};

static bool read_arguments(struct program *program, char **argv)
{
    struct link_peers_shape *shape = &program->shape;
    shape->relay = argv[1];
    shape->per_second = (uint32_t)strtoul(argv[3], NULL, 10);
    shape->talk_for = (wzp_us)(strtod(argv[4], NULL) * WZP_SECOND);
    shape->room_prefix = argv[5];
    shape->talker_seed = program->seeds[0];
    shape->listener_seed = program->seeds[1];
    return sscanf(argv[2], "%" SCNu32 "x%" SCNu32 "x%" SCNu32, &shape->n_rooms, &shape->n_origins,
                  &shape->n_streams) == 3 &&
           shape->n_rooms * shape->n_origins * shape->n_streams > 0 && shape->per_second > 0 &&
           wzp_identity_read_seed(argv[6], program->seeds[0]) == WZP_OK &&
           wzp_identity_read_seed(argv[7], program->seeds[1]) == WZP_OK;
}

static void on_timer(void *context)
{
    struct program *program = context;
    wzp_us now = wzp_loop_now(program->loop);
    enum link_peers_phase phase = link_peers_tick(program->peers, now);
    if (phase != program->phase && (phase == LINK_PEERS_TALKING || phase == LINK_PEERS_TRAILING)) {
        fprintf(stderr, "%s\n", phase == LINK_PEERS_TALKING ? "talking" : "trailing");
    }
    program->phase = phase;
    if (phase >= LINK_PEERS_DONE) {
        wzp_loop_stop(program->loop);
    } else {
        wzp_timer_set(program->timer, now);
    }
}

static void print(const struct program *program)
{
    struct link_peers_report report;
    link_peers_report(program->peers, &report);
    printf("{\"sent\":%" PRIu64 ",\"expected\":%" PRIu64 ",\"received\":%" PRIu64 ",\"lost\":%" PRIu64
           ",\"duplicated\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"failed\":%d",
           report.sent, report.sent, report.received, report.sent - report.received, report.duplicated,
           report.wrong, program->phase == LINK_PEERS_FAILED);
    printf(",\"packets_sent\":%" PRIu64 ",\"packets_received\":%" PRIu64 ",\"held_back\":%" PRIu64
           ",\"late_ticks\":%" PRIu64 ",\"delay_p50_ms\":%.2f,\"delay_p99_ms\":%.2f,\"reason\":\"%s\"}\n",
           report.packets_sent, report.packets_received, report.held_back, report.late_ticks,
           (double)report.delay_p50 / WZP_MS, (double)report.delay_p99 / WZP_MS, report.reason);
}

static enum wzp_err run(struct program *program)
{
    enum wzp_err err = wzp_timer_new(program->loop, on_timer, program, &program->timer);
    if (err != WZP_OK) {
        return err;
    }
    err = link_peers_new(program->loop, &program->shape, &program->peers);
    if (err == WZP_OK) {
        wzp_timer_set(program->timer, wzp_loop_now(program->loop));
        wzp_loop_run_in_ticks(program->loop, TICK);
        print(program);
        link_peers_free(program->peers);
    }
    wzp_timer_free(program->timer);
    return err;
}

int main(int argc, char **argv)
{
    struct program program = {.phase = LINK_PEERS_ARRIVING};
    if (argc != 8 || !read_arguments(&program, argv)) {
        fprintf(stderr,
                "usage: link_load HOST:PORT ROOMSxORIGINSxSTREAMS PER_SECOND SECONDS PREFIX SEED SEED\n");
        return 2;
    }
    enum wzp_err err = wzp_loop_new(&program.loop);
    if (err == WZP_OK) {
        err = run(&program);
        wzp_loop_free(program.loop);
    }
    if (err != WZP_OK) {
        fprintf(stderr, "link_load: %s\n", wzp_err_text(err));
    }
    return err == WZP_OK && program.phase == LINK_PEERS_DONE ? 0 : 1;
}
