/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads relays on this machine with rooms of clients, whose members take turns among the relays:
 *
 *     bench_load PORT[,PORT]... ROOMS MEMBERS TALKERS PACKETS_A_SECOND SECONDS
 *
 * Says "talking" once everybody is in; ends with one line of JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/load.h"

struct run {
    struct wzp_loop *loop;
};

static void on_phase(void *context, enum wzp_load_phase phase, const struct wzp_load_report *report)
{
    (void)report;
    struct run *run = context;
    if (phase == WZP_LOAD_TALKING) {
        printf("talking\n");
        fflush(stdout);
    } else if (phase == WZP_LOAD_DONE) {
        wzp_loop_stop(run->loop);
    }
}

static void check(enum wzp_err err, const char *what)
{
    if (err != WZP_OK) {
        fprintf(stderr, "bench_load: %s: %s\n", what, wzp_err_text(err));
        exit(1);
    }
}

static void read_relays(const char *ports, struct wzp_load_config *config)
{
    for (const char *at = ports; at && config->n_relays < WZP_LOAD_MAX_RELAYS;) {
        char relay[32];
        snprintf(relay, sizeof relay, "127.0.0.1:%.*s", (int)strcspn(at, ","), at);
        check(wzp_addr_read(relay, &config->relays[config->n_relays++]), "port");
        at = strchr(at, ',');
        at = at ? at + 1 : NULL;
    }
}

static struct wzp_load_config read_arguments(int argc, char **argv, const struct wzp_log *log)
{
    if (argc != 7) {
        fprintf(stderr, "usage: bench_load PORT[,PORT]... ROOMS MEMBERS TALKERS PACKETS_A_SECOND SECONDS\n");
        exit(2);
    }
    struct wzp_load_config config = {
        .room_prefix = "bench",
        .n_rooms = (uint32_t)strtoul(argv[2], NULL, 10),
        .n_members = (uint32_t)strtoul(argv[3], NULL, 10),
        .n_talkers = (uint32_t)strtoul(argv[4], NULL, 10),
        .packets_per_second = (uint32_t)strtoul(argv[5], NULL, 10),
        .packet_bytes = 112, /* Opus at 32 to 48 kbit/s */
        .talk_for = (wzp_us)strtoul(argv[6], NULL, 10) * WZP_SECOND,
        .seed = 1,
        .log = log,
    };
    read_relays(argv[1], &config);
    return config;
}

static void print(const struct wzp_load_report *report)
{
    printf("{\"clients\":%u,\"joined\":%u,\"failed\":%u,\"sent\":%llu,\"expected\":%llu,\"received\":%llu,"
           "\"duplicated\":%llu,\"reordered\":%llu,\"foreign\":%llu,"
           "\"delay_p50_us\":%lld,\"delay_p99_us\":%lld,\"late_ticks\":%llu}\n",
           report->clients, report->joined, report->failed, (unsigned long long)report->sent,
           (unsigned long long)report->expected, (unsigned long long)report->received,
           (unsigned long long)report->duplicated, (unsigned long long)report->reordered,
           (unsigned long long)report->foreign, (long long)report->delay_p50, (long long)report->delay_p99,
           (unsigned long long)report->late_ticks);
}

int main(int argc, char **argv)
{
    struct wzp_log log;
    struct run run;
    struct wzp_load *load;
    struct wzp_load_report report;
    wzp_log_init(&log, WZP_LOG_WARN);
    const struct wzp_load_config config = read_arguments(argc, argv, &log);
    check(wzp_loop_new(&run.loop), "loop");
    check(wzp_load_new(run.loop, &config, on_phase, &run, &load), "load");
    wzp_load_start(load);
    wzp_loop_run(run.loop);
    wzp_load_report(load, &report);
    print(&report);
    wzp_load_free(load);
    wzp_loop_free(run.loop);
    return report.failed > 0;
}
