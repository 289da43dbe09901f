/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/load_mode.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "apps/cli/modes.h"
#include "apps/cli/report.h"
#include "base/log.h"
#include "net/addr.h"
#include "net/loop.h"

#define DEFAULT_ROOM         "load"
#define DEFAULT_SECONDS      10
#define DEFAULT_PPS          50
#define DEFAULT_PACKET_BYTES 112 /* Opus at 32 to 48 kbit/s */
#define DEFAULT_PORT         4433
#define OTHER_FILES          64 /* descriptors besides the clients' sockets */
#define MAX_RELAY_BYTES      300
#define PROGRESS_EVERY       (200 * WZP_MS)
#define LATE_A_SECOND        2 /* ticks; more of them and the machine is too small */

struct run {
    const struct wzp_options *options;
    struct wzp_log log;
    struct wzp_loop *loop;
    struct wzp_timer *progress; /* NULL where there is no terminal */
    struct wzp_signal_watch *interrupt, *terminate;
    struct wzp_load_config config;
    struct wzp_load *load;
    enum wzp_load_phase phase;
    bool is_resolved;
    enum wzp_err resolve_err;
};

static enum wzp_err complain(enum wzp_err err, const char *format, ...) WZP_PRINTF(2, 3);

static enum wzp_err complain(enum wzp_err err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("wzp-client: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return err;
}

/* --- what is asked for --- */

static bool read_count(const char **text, uint32_t *out_count)
{
    char *end = NULL;
    if (**text < '0' || **text > '9') {
        return false;
    }
    unsigned long count = strtoul(*text, &end, 10);
    *text = end;
    *out_count = (uint32_t)count;
    return count <= WZP_LOAD_MAX_CLIENTS;
}

enum wzp_err wzp_load_mode_read_shape(const char *text, struct wzp_load_config *config)
{
    uint32_t counts[3] = {0};
    for (size_t i = 0; i < wzp_count(counts); i++) {
        if ((i > 0 && *text++ != 'x') || !read_count(&text, &counts[i])) {
            return WZP_EMALFORMED;
        }
    }
    if (*text != '\0') {
        return WZP_EMALFORMED;
    }
    if (counts[0] < 1 || counts[1] < 1 || counts[2] > counts[1] ||
        (uint64_t)counts[0] * counts[1] > WZP_LOAD_MAX_CLIENTS) {
        return WZP_EINVAL;
    }
    config->n_rooms = counts[0];
    config->n_members = counts[1];
    config->n_talkers = counts[2];
    return WZP_OK;
}

static void on_resolved(void *context, enum wzp_err err, const struct wzp_addr *addr)
{
    struct run *run = context;
    run->is_resolved = true;
    run->resolve_err = err;
    if (err == WZP_OK) {
        run->config.relays[run->config.n_relays++] = *addr;
    }
}

static enum wzp_err add_relay(struct run *run, const char *name)
{
    struct wzp_resolve *resolve = NULL;
    if (run->config.n_relays == WZP_LOAD_MAX_RELAYS) {
        return complain(WZP_EINVAL, "at most %d relays", WZP_LOAD_MAX_RELAYS);
    }
    run->is_resolved = false;
    if (wzp_resolve_start(run->loop, name, DEFAULT_PORT, on_resolved, run, &resolve) != WZP_OK) {
        return complain(WZP_EINVAL, "'%s' is no host:port", name);
    }
    while (!run->is_resolved) {
        wzp_loop_step(run->loop, true);
    }
    if (run->resolve_err != WZP_OK) {
        return complain(run->resolve_err, "%s: %s", name, wzp_err_text(run->resolve_err));
    }
    const struct wzp_addr *relays = run->config.relays;
    if (relays[run->config.n_relays - 1].storage.ss_family != relays[0].storage.ss_family) {
        return complain(WZP_EINVAL, "the relays need addresses of one family: IPv4 or IPv6");
    }
    return WZP_OK;
}

/** The names between the commas. */
static enum wzp_err add_relays(struct run *run)
{
    for (const char *name = run->options->relay; name;) {
        char one[MAX_RELAY_BYTES];
        size_t size = strcspn(name, ",");
        if (size == 0 || size >= sizeof one) {
            return complain(WZP_EINVAL, "'%s' is no list of relays", run->options->relay);
        }
        memcpy(one, name, size);
        one[size] = '\0';
        enum wzp_err err = add_relay(run, one);
        if (err != WZP_OK) {
            return err;
        }
        name = name[size] == ',' ? name + size + 1 : NULL;
    }
    return WZP_OK;
}

static enum wzp_err configure(struct run *run)
{
    const struct wzp_options *options = run->options;
    run->config = (struct wzp_load_config){
        .room_prefix = options->room ? options->room : DEFAULT_ROOM,
        .packets_per_second = options->pps ? options->pps : DEFAULT_PPS,
        .packet_bytes = options->packet_bytes ? options->packet_bytes : DEFAULT_PACKET_BYTES,
        .talk_for = options->limit_ms ? options->limit_ms * WZP_MS : DEFAULT_SECONDS * WZP_SECOND,
        .n_sockets = options->load_sockets,
        .reconnects = options->load_reconnect,
        .seed = 1,
        .log = &run->log,
    };
    if (wzp_load_mode_read_shape(options->load_shape, &run->config) != WZP_OK) {
        return complain(WZP_EINVAL,
                        "--load needs ROOMSxMEMBERSxTALKERS with no more talkers than members and at most "
                        "%d clients, as 50x10x10, not '%s'",
                        WZP_LOAD_MAX_CLIENTS, options->load_shape);
    }
    if (run->config.n_sockets > run->config.n_rooms * run->config.n_members) {
        return complain(WZP_EINVAL, "--load-sockets %u: there are only %u clients", run->config.n_sockets,
                        run->config.n_rooms * run->config.n_members);
    }
    if (strlen(run->config.room_prefix) > 100) {
        return complain(WZP_EINVAL, "the rooms' prefix (--room) has at most 100 bytes");
    }
    return add_relays(run);
}

/** Room for so many sockets. */
static void raise_file_limit(uint32_t n_sockets)
{
    struct rlimit limit;
    rlim_t needed = n_sockets + OTHER_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) {
        return;
    }
    if (limit.rlim_max < needed && limit.rlim_max != RLIM_INFINITY) {
        wzp_ignore(complain(WZP_ELIMIT, "warning: the system allows %llu open files, %llu are needed",
                            (unsigned long long)limit.rlim_max, (unsigned long long)needed));
    }
    limit.rlim_cur = limit.rlim_max;
    wzp_ignore(setrlimit(RLIMIT_NOFILE, &limit)); /* what is missing shows in the report */
}

/* --- while it runs --- */

static const char *phase_name(enum wzp_load_phase phase)
{
    static const char *const names[] = {
        [WZP_LOAD_JOINING] = "joining",   [WZP_LOAD_SETTLING] = "settling",
        [WZP_LOAD_TALKING] = "talking",   [WZP_LOAD_TRAILING] = "trailing",
        [WZP_LOAD_DROPPING] = "dropping", [WZP_LOAD_REJOINING] = "rejoining",
        [WZP_LOAD_LEAVING] = "leaving",   [WZP_LOAD_DONE] = "done",
    };
    return names[phase];
}

static void on_progress(void *context)
{
    struct run *run = context;
    struct wzp_load_report report;
    wzp_load_report(run->load, &report);
    uint32_t n_in = run->phase == WZP_LOAD_REJOINING ? report.rejoined : report.joined;
    fprintf(stderr, "\r\033[K%s: joined %u of %u, failed %u; sent %" PRIu64 ", received %" PRIu64,
            phase_name(run->phase), (unsigned)n_in, (unsigned)report.clients, (unsigned)report.failed,
            report.sent, report.received);
    fflush(stderr);
    wzp_timer_set(run->progress, wzp_loop_now(run->loop) + PROGRESS_EVERY);
}

static void on_phase(void *context, enum wzp_load_phase phase, const struct wzp_load_report *report)
{
    wzp_ignore(report);
    struct run *run = context;
    run->phase = phase;
    if (!run->progress) {
        fprintf(stderr, "wzp-client: %s\n", phase_name(phase));
    }
    if (phase == WZP_LOAD_DONE) {
        wzp_loop_stop(run->loop);
    }
}

static void on_signal(void *context, int signum)
{
    wzp_ignore(signum);
    struct run *run = context;
    wzp_load_stop(run->load);
}

/** All but the load itself. */
static enum wzp_err make_watches(struct run *run)
{
    enum wzp_err err = wzp_signal_watch_new(run->loop, SIGINT, on_signal, run, &run->interrupt);
    if (err == WZP_OK) {
        err = wzp_signal_watch_new(run->loop, SIGTERM, on_signal, run, &run->terminate);
    }
    if (err == WZP_OK && !run->options->json && !run->options->verbose && isatty(STDERR_FILENO)) {
        err = wzp_timer_new(run->loop, on_progress, run, &run->progress);
    }
    return err;
}

static enum wzp_err go(struct run *run)
{
    uint32_t n_clients = run->config.n_rooms * run->config.n_members;
    raise_file_limit(run->config.n_sockets > 0 ? run->config.n_sockets : n_clients);
    enum wzp_err err = wzp_load_new(run->loop, &run->config, on_phase, run, &run->load);
    if (err == WZP_EINVAL) {
        return complain(err, "--pps goes from 1 to 1000, --packet-bytes from 36 to 1100");
    }
    if (err == WZP_OK) {
        err = make_watches(run);
    }
    if (err != WZP_OK) {
        return complain(err, "can't get ready: %s", wzp_err_text(err));
    }
    wzp_load_start(run->load);
    if (run->progress) {
        on_progress(run);
    }
    wzp_loop_run_in_ticks(run->loop, WZP_LOAD_TICK);
    if (run->progress) {
        wzp_report_clear_progress(stderr);
    }
    return WZP_OK;
}

static int conclude(const struct run *run)
{
    struct wzp_load_report report;
    wzp_load_report(run->load, &report);
    if (run->options->json) {
        wzp_load_mode_print_json(&report, stdout);
    } else {
        wzp_load_mode_print(&report, run->config.reconnects, stdout);
    }
    if (wzp_load_mode_is_overloaded(&report)) {
        wzp_ignore(complain(WZP_OK,
                            "warning: this machine was too small for the load (late %" PRIu64
                            " times): delays and losses may be its own",
                            report.late_ticks));
    }
    return wzp_load_mode_is_clean(&report, run->config.reconnects) ? WZP_EXIT_DONE : WZP_EXIT_FAILED;
}

int wzp_load_mode_run(const struct wzp_options *options)
{
    struct run run = {.options = options};
    wzp_log_init(&run.log, options->verbose ? WZP_LOG_DEBUG : WZP_LOG_ERROR);
    enum wzp_err err = wzp_loop_new(&run.loop);
    if (err == WZP_OK) {
        err = configure(&run);
    }
    if (err == WZP_OK) {
        err = go(&run);
    }
    int status = WZP_EXIT_FAILED;
    if (err == WZP_OK) {
        status = conclude(&run);
    } else if (err == WZP_EINVAL) {
        status = WZP_EXIT_USAGE;
    }
    wzp_load_free(run.load);
    wzp_timer_free(run.progress);
    wzp_signal_watch_free(run.interrupt);
    wzp_signal_watch_free(run.terminate);
    wzp_loop_free(run.loop);
    return status;
}

/* --- what came of it --- */

static uint64_t lost_of(const struct wzp_load_report *report)
{
    return report->expected > report->received ? report->expected - report->received : 0;
}

static double loss_pct(const struct wzp_load_report *report)
{
    return report->expected > 0 ? 100.0 * (double)lost_of(report) / (double)report->expected : 0;
}

static double ms(wzp_us time)
{
    return (double)time / WZP_MS;
}

bool wzp_load_mode_is_clean(const struct wzp_load_report *report, bool reconnects)
{
    return report->failed == 0 && report->joined == report->clients && lost_of(report) == 0 &&
           (!reconnects || report->rejoined == report->clients);
}

bool wzp_load_mode_is_overloaded(const struct wzp_load_report *report)
{
    return (double)report->late_ticks * WZP_SECOND > (double)LATE_A_SECOND * (double)report->talked_for;
}

void wzp_load_mode_print(const struct wzp_load_report *report, bool reconnects, FILE *stream)
{
    fprintf(stream, "clients     %u joined of %u in %.1f ms, %u failed\n", (unsigned)report->joined,
            (unsigned)report->clients, ms(report->joined_in), (unsigned)report->failed);
    fprintf(stream, "sent        %" PRIu64 " in %.1f s\n", report->sent, ms(report->talked_for) / 1000);
    fprintf(stream,
            "received    %" PRIu64 " of %" PRIu64 " (lost %" PRIu64 ", %.3f %%; duplicated %" PRIu64
            ", reordered %" PRIu64 ", foreign %" PRIu64 ")\n",
            report->received, report->expected, lost_of(report), loss_pct(report), report->duplicated,
            report->reordered, report->foreign);
    fprintf(stream, "delay       p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms\n", ms(report->delay_p50),
            ms(report->delay_p90), ms(report->delay_p99), ms(report->delay_max));
    fprintf(stream, "late ticks  %" PRIu64 "\n", report->late_ticks);
    if (reconnects) {
        fprintf(stream, "reconnect   %u back of %u in %.1f ms\n", (unsigned)report->rejoined,
                (unsigned)report->clients, ms(report->rejoined_in));
    }
}

void wzp_load_mode_print_json(const struct wzp_load_report *report, FILE *stream)
{
    fprintf(stream,
            "{\"clients\":%u,\"joined\":%u,\"failed\":%u,\"joined_in_ms\":%.3f,\"talked_s\":%.3f,"
            "\"sent\":%" PRIu64 ",\"expected\":%" PRIu64 ",\"received\":%" PRIu64 ",\"lost\":%" PRIu64
            ",\"loss_pct\":%.4f,\"duplicated\":%" PRIu64 ",\"reordered\":%" PRIu64 ",\"foreign\":%" PRIu64,
            (unsigned)report->clients, (unsigned)report->joined, (unsigned)report->failed,
            ms(report->joined_in), ms(report->talked_for) / 1000, report->sent, report->expected,
            report->received, lost_of(report), loss_pct(report), report->duplicated, report->reordered,
            report->foreign);
    fprintf(stream,
            ",\"delay_p50_ms\":%.3f,\"delay_p90_ms\":%.3f,\"delay_p99_ms\":%.3f,\"delay_max_ms\":%.3f,"
            "\"late_ticks\":%" PRIu64 ",\"rejoined\":%u,\"rejoined_in_ms\":%.3f}\n",
            ms(report->delay_p50), ms(report->delay_p90), ms(report->delay_p99), ms(report->delay_max),
            report->late_ticks, (unsigned)report->rejoined, ms(report->rejoined_in));
}
