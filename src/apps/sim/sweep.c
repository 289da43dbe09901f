/* SPDX-License-Identifier: Apache-2.0 */
/* Processes share nothing: the k-th of n runs every n-th seed and writes each result into a pipe of its own.
 */
#include "apps/sim/sweep.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WZP_SWEEP_MAX_JOBS      256
#define WZP_SWEEP_PACE_MS       100 /* voice is most of the work: rather more seeds than more packets */
#define WZP_SWEEP_PACE_ALONE_MS 40
#define WZP_SWEEP_ACROSS_MS     1000 /* twice that is the overlap of a way with a better one */
#define WZP_SWEEP_LARGE_MESH    24
#define WZP_SWEEP_MIN_GUESTS    6 /* in a sweep; relays without any only pass on */
#define WZP_SWEEP_MAX_GUESTS    40

struct job {
    pid_t pid;
    int pipe;
};

/* What all runs together cost. */
struct sums {
    uint64_t runs, changes, heals, datagrams, steady;
    double convergence_ms_max, heal_ms_max, virtual_seconds, stretch_max;
    struct wzp_point *points;
};

static double wall_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Voice that is later than the time for which a relay hears both the old and the new way is lost when the
 * ways change, and of no use to anybody: links are the faster the more of them a way has. */
static uint32_t pick_delay(const struct wzp_sim_options *resolved, const struct wzp_random *random)
{
    static const uint32_t delays_ms[] = {10, 60, 250};
    uint32_t delay_ms = delays_ms[wzp_random_below(random, wzp_count(delays_ms))];
    struct wzp_random_seeded seeded;
    struct wzp_random graph_random = wzp_random_from_seed(&seeded, resolved->seed);
    struct wzp_graph graph = {0};
    enum wzp_err err = resolved->topology == WZP_TOPOLOGY_FILE
                           ? wzp_graph_read(resolved->file, &graph)
                           : wzp_graph_make(resolved->topology, resolved->min_relays, &graph_random, &graph);
    if (err != WZP_OK) {
        return delay_ms; /* the run says what is wrong */
    }
    size_t depth = wzp_graph_depth(&graph);
    wzp_graph_deinit(&graph);
    return (uint32_t)wzp_max_size(wzp_min_size(delay_ms, WZP_SWEEP_ACROSS_MS / wzp_max_size(depth, 1)), 2);
}

/* A full mesh of n costs about n cubed, and would take most of a sweep's time: of the large ones three in
 * four become something else. */
static enum wzp_topology pick_topology(size_t min_relays, size_t n_relays, const struct wzp_random *random)
{
    unsigned first = min_relays > 2 ? WZP_TOPOLOGY_PAIR + 1 : WZP_TOPOLOGY_PAIR;
    for (;;) {
        unsigned topology = first + (unsigned)wzp_random_below(random, WZP_TOPOLOGY_FILE - first);
        bool is_large_mesh = topology == WZP_TOPOLOGY_MESH && n_relays > WZP_SWEEP_LARGE_MESH;
        if (!is_large_mesh || wzp_random_below(random, 4) == 0) {
            return (enum wzp_topology)topology;
        }
    }
}

static size_t pick_guests(size_t n_relays, const struct wzp_random *random)
{
    size_t most = wzp_min_size(n_relays + n_relays / 2, WZP_SWEEP_MAX_GUESTS);
    size_t least = wzp_min_size(WZP_SWEEP_MIN_GUESTS, most);
    return least + wzp_random_below(random, most - least + 1);
}

struct wzp_sim_options wzp_sweep_resolve(const struct wzp_sim_options *options, uint64_t seed)
{
    struct wzp_sim_options resolved = *options;
    struct wzp_random_seeded seeded;
    struct wzp_random random = wzp_random_from_seed(&seeded, ~seed);
    resolved.seed = seed;
    resolved.min_relays += wzp_random_below(&random, options->max_relays - options->min_relays + 1);
    if (options->any_topology) {
        resolved.any_topology = false;
        resolved.topology = pick_topology(options->min_relays, resolved.min_relays, &random);
    }
    if (resolved.topology == WZP_TOPOLOGY_PAIR) {
        resolved.min_relays = 2;
    }
    resolved.max_relays = resolved.min_relays;
    if (options->delay_ms == 0) {
        resolved.delay_ms = pick_delay(&resolved, &random);
    }
    if (options->guests == 0 && options->sweep > 0) {
        resolved.guests = pick_guests(resolved.min_relays, &random);
    }
    if (options->pace_ms == 0) {
        resolved.pace_ms = options->sweep > 0 ? WZP_SWEEP_PACE_MS : WZP_SWEEP_PACE_ALONE_MS;
    }
    return resolved;
}

enum wzp_err wzp_sweep_one(const struct wzp_sim_options *options, struct wzp_result *out_result,
                           struct wzp_point **out_points, size_t *out_n_points)
{
    struct wzp_world *world = NULL;
    double start = wall_seconds();
    enum wzp_err err = wzp_world_new(options, &world);
    if (err != WZP_OK) {
        return err;
    }
    wzp_driver_run(world);
    memset(out_result, 0, sizeof *out_result);
    wzp_options_write(options, out_result->command, sizeof out_result->command);
    out_result->relays = world->graph.n;
    out_result->links = world->graph.n_edges;
    out_result->virtual_seconds = (double)world->now / WZP_SECOND;
    out_result->wall_seconds = wall_seconds() - start;
    out_result->costs = world->costs;
    out_result->is_broken = world->is_broken;
    memcpy(out_result->why, world->why, sizeof out_result->why);
    if (out_points) {
        *out_points = world->points;
        *out_n_points = world->n_points;
        world->points = NULL;
    }
    wzp_world_free(world);
    return WZP_OK;
}

static bool write_all(int descriptor, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t n = write(descriptor, at, size);
        if (n <= 0) {
            return false;
        }
        at += n;
        size -= (size_t)n;
    }
    return true;
}

static bool read_all(int descriptor, void *bytes, size_t size)
{
    char *at = bytes;
    while (size > 0) {
        ssize_t n = read(descriptor, at, size);
        if (n <= 0) {
            return false;
        }
        at += n;
        size -= (size_t)n;
    }
    return true;
}

static int run_job(const struct wzp_sim_options *options, unsigned first, unsigned step, int descriptor)
{
    for (uint64_t i = first; i < options->sweep; i += step) {
        struct wzp_sim_options resolved = wzp_sweep_resolve(options, options->seed + i);
        struct wzp_result result;
        if (wzp_sweep_one(&resolved, &result, NULL, NULL) != WZP_OK ||
            !write_all(descriptor, &result, sizeof result)) {
            return 1;
        }
        if (result.is_broken) {
            return 0;
        }
    }
    return 0;
}

static enum wzp_err start_job(const struct wzp_sim_options *options, unsigned first, unsigned step,
                              struct job *out_job)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return WZP_EIO;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return WZP_EIO;
    }
    if (pid == 0) {
        close(ends[0]);
        _exit(run_job(options, first, step, ends[1]));
    }
    close(ends[1]);
    *out_job = (struct job){.pid = pid, .pipe = ends[0]};
    return WZP_OK;
}

static void add_up(struct sums *sums, const struct wzp_result *result)
{
    const struct wzp_costs *costs = &result->costs;
    struct wzp_point *points = realloc(sums->points, (sums->runs + 1) * sizeof *points);
    if (points) {
        sums->points = points;
        points[sums->runs] = (struct wzp_point){
            .relays = (double)result->relays,
            .signals = costs->changes ? (double)costs->change_signals / (double)costs->changes : 0,
            .convergence_ms = costs->changes ? costs->convergence_ms_sum / (double)costs->changes : 0,
        };
    }
    sums->runs++;
    sums->changes += costs->changes;
    sums->heals += costs->heals;
    sums->datagrams += costs->datagrams;
    sums->steady += costs->steady;
    sums->virtual_seconds += result->virtual_seconds;
    if (costs->convergence_ms_max > sums->convergence_ms_max) {
        sums->convergence_ms_max = costs->convergence_ms_max;
    }
    sums->heal_ms_max = costs->heal_ms_max > sums->heal_ms_max ? costs->heal_ms_max : sums->heal_ms_max;
    sums->stretch_max = costs->stretch_max > sums->stretch_max ? costs->stretch_max : sums->stretch_max;
}

static void take_result(const struct wzp_sim_options *options, const struct wzp_result *result,
                        struct sums *sums, bool *is_broken)
{
    add_up(sums, result);
    if (result->is_broken || options->verbose) {
        (options->json ? wzp_report_json : wzp_report_text)(result, stdout);
        fflush(stdout);
    }
    *is_broken = *is_broken || result->is_broken;
    if (!options->json && sums->runs % 500 == 0) {
        printf("%llu seeds\n", (unsigned long long)sums->runs);
        fflush(stdout);
    }
}

/* Reads a result if there is one. False where the pipe has just ended. */
static bool read_one(const struct wzp_sim_options *options, struct pollfd *poll, struct sums *sums,
                     bool *is_broken)
{
    struct wzp_result result;
    if (poll->fd < 0 || !(poll->revents & (POLLIN | POLLHUP))) {
        return true;
    }
    if (!read_all(poll->fd, &result, sizeof result)) {
        poll->fd = -1;
        return false;
    }
    take_result(options, &result, sums, is_broken);
    return true;
}

/* Reads results until every pipe ends or a promise breaks. */
static void collect(const struct wzp_sim_options *options, struct job *jobs, unsigned n, struct sums *sums,
                    bool *is_broken)
{
    struct pollfd polls[WZP_SWEEP_MAX_JOBS];
    unsigned n_open = n;
    for (unsigned i = 0; i < n; i++) {
        polls[i] = (struct pollfd){.fd = jobs[i].pipe, .events = POLLIN};
    }
    while (n_open > 0 && !*is_broken && poll(polls, n, -1) > 0) {
        for (unsigned i = 0; i < n; i++) {
            n_open -= !read_one(options, &polls[i], sums, is_broken);
        }
    }
}

static enum wzp_err end_jobs(struct job *jobs, unsigned n, bool is_broken)
{
    enum wzp_err err = WZP_OK;
    for (unsigned i = 0; i < n; i++) {
        int status = 0;
        if (is_broken) {
            kill(jobs[i].pid, SIGKILL);
        }
        if (waitpid(jobs[i].pid, &status, 0) < 0 || (!is_broken && status != 0)) {
            err = WZP_EIO;
        }
        close(jobs[i].pipe);
    }
    return err;
}

static void print_sums(const struct sums *sums, double seconds)
{
    printf(
        "%llu seeds, %.0f virtual hours in %.0f s: %llu changes, convergence at most %.0f ms; %llu lost "
        "links, "
        "speech at most %.0f ms after the notice; stretch at most %.2f; %llu datagrams, none in vain of %llu "
        "in steady seconds\n",
        (unsigned long long)sums->runs, sums->virtual_seconds / 3600, seconds,
        (unsigned long long)sums->changes, sums->convergence_ms_max, (unsigned long long)sums->heals,
        sums->heal_ms_max, sums->stretch_max, (unsigned long long)sums->datagrams,
        (unsigned long long)sums->steady);
}

enum wzp_err wzp_sweep_run(const struct wzp_sim_options *options, bool *out_is_broken)
{
    long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned n = options->jobs > 0 ? options->jobs : n_cores > 0 ? (unsigned)n_cores : 1;
    n = n > WZP_SWEEP_MAX_JOBS ? WZP_SWEEP_MAX_JOBS : n;
    struct job jobs[WZP_SWEEP_MAX_JOBS];
    struct sums sums = {0};
    double start = wall_seconds();
    *out_is_broken = false;
    unsigned started = 0;
    enum wzp_err err = WZP_OK;
    while (started < n && err == WZP_OK) {
        err = start_job(options, started, n, &jobs[started]);
        started += err == WZP_OK;
    }
    if (err == WZP_OK) {
        collect(options, jobs, n, &sums, out_is_broken);
    }
    enum wzp_err end = end_jobs(jobs, started, *out_is_broken || err != WZP_OK);
    if (!*out_is_broken && err == WZP_OK && end == WZP_OK && !options->json) {
        print_sums(&sums, wall_seconds() - start);
    }
    if (options->plot && err == WZP_OK) {
        err = wzp_report_plot(sums.points, sums.runs, options->plot);
    }
    free(sums.points);
    return err == WZP_OK ? end : err;
}
