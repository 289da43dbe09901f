/* SPDX-License-Identifier: Apache-2.0 */
/* wzp-client: the command-line client. */
#include <stdio.h>
#include <unistd.h>

#include "apps/cli/echo.h"
#include "apps/cli/list.h"
#include "apps/cli/load_mode.h"
#include "apps/cli/modes.h"
#include "apps/cli/options.h"
#include "apps/cli/sweep_mode.h"
#include "wzp_version_gen.h"

int main(int argc, char *argv[])
{
    char message[WZP_OPTIONS_MESSAGE_BYTES];
    struct wzp_options options;
    if (wzp_options_read(argc, argv, message, &options) != WZP_OK) {
        fprintf(stderr, "wzp-client: %s\nTry wzp-client --help\n", message);
        return WZP_EXIT_USAGE;
    }
    switch (options.mode) {
    case WZP_MODE_CALL:
        return wzp_modes_call(&options);
    case WZP_MODE_PING:
    case WZP_MODE_VERSION_CHECK:
        return wzp_modes_query(&options);
    case WZP_MODE_LIST:
        return wzp_list_run(&options);
    case WZP_MODE_LOAD:
        return wzp_load_mode_run(&options);
    case WZP_MODE_ECHO_TEST:
    case WZP_MODE_DRIFT_TEST:
        return wzp_echo_run(&options);
    case WZP_MODE_SWEEP:
        return wzp_sweep_mode_run(&options);
    case WZP_MODE_HELP:
        wzp_options_print_help(stdout);
        return WZP_EXIT_DONE;
    case WZP_MODE_VERSION:
        printf("wzp-client %s (%s)\n", WZP_VERSION, WZP_BUILD);
        return WZP_EXIT_DONE;
    case WZP_MODE_NOT_YET:
        fprintf(stderr, "wzp-client: %s is not in this build yet\n", options.mode_flag);
        return WZP_EXIT_USAGE;
    }
    return WZP_EXIT_USAGE;
}
