/* SPDX-License-Identifier: Apache-2.0 */
/* wzp-sim: federation on a simulated network. */
#include <stdlib.h>

#include "apps/sim/sweep.h"

enum { EXIT_BROKEN = 1, EXIT_USAGE = 2 };

static int run_one(const struct wzp_sim_options *options)
{
    struct wzp_sim_options resolved = wzp_sweep_resolve(options, options->seed);
    struct wzp_result result;
    struct wzp_point *points = NULL;
    size_t n_points = 0;
    enum wzp_err err = wzp_sweep_one(&resolved, &result, &points, &n_points);
    if (err != WZP_OK) {
        fprintf(stderr, "wzp-sim: %s: %s\n", options->file ? options->file : "can't start",
                wzp_err_text(err));
        return EXIT_USAGE;
    }
    (options->json ? wzp_report_json : wzp_report_text)(&result, stdout);
    if (options->plot && wzp_report_plot(points, n_points, options->plot) != WZP_OK) {
        fprintf(stderr, "wzp-sim: gnuplot is not there or failed\n");
    }
    free(points);
    return result.is_broken ? EXIT_BROKEN : EXIT_SUCCESS;
}

static int run_sweep(const struct wzp_sim_options *options)
{
    bool is_broken = false;
    enum wzp_err err = wzp_sweep_run(options, &is_broken);
    if (err != WZP_OK) {
        fprintf(stderr, "wzp-sim: sweep: %s\n", wzp_err_text(err));
    }
    return is_broken || err != WZP_OK ? EXIT_BROKEN : EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
    char message[WZP_SIM_MESSAGE_BYTES];
    struct wzp_sim_options options;
    if (wzp_options_read(argc, (const char *const *)argv, message, &options) != WZP_OK) {
        fprintf(stderr, "wzp-sim: %s\nTry 'wzp-sim --help'.\n", message);
        return EXIT_USAGE;
    }
    if (options.is_help) {
        wzp_options_print_help(stdout);
        return EXIT_SUCCESS;
    }
    return options.sweep > 0 ? run_sweep(&options) : run_one(&options);
}
