/* SPDX-License-Identifier: Apache-2.0 */
/* wzp-impair: exit code 0 after a run, 1 where the network or a file fails, 2 for a wrong command line or
 * scenario. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/impair/options.h"
#include "apps/impair/proxy.h"
#include "apps/impair/report.h"
#include "apps/impair/scenario.h"
#include "base/toml.h"
#include "net/addr.h"
#include "wzp_version_gen.h"

#define DEFAULT_PORT 4433
#define REPORT_BYTES 8192
#define EXIT_RUN     1
#define EXIT_USAGE   2

struct program {
    struct wzp_options options;
    struct wzp_plan *plan;
    struct wzp_log log;
    struct wzp_loop *loop;
    struct wzp_signal_watch *interrupted, *terminated;
    struct wzp_timer *end;
    struct wzp_proxy *proxy;
    struct wzp_addr to;
    enum wzp_err resolve_err;
    bool is_resolved;
};

static int fail(const char *what, const char *why, int code)
{
    wzp_ignore(fprintf(stderr, "wzp-impair: %s%s%s\n", what, why[0] != '\0' ? ": " : "", why));
    return code;
}

static void on_signal(void *context, int signum)
{
    (void)signum;
    wzp_loop_stop(context);
}

static void on_end(void *context)
{
    wzp_loop_stop(context);
}

static void on_resolved(void *context, enum wzp_err err, const struct wzp_addr *addr)
{
    struct program *program = context;
    program->is_resolved = true;
    program->resolve_err = err;
    if (addr) {
        program->to = *addr;
    }
    wzp_loop_stop(program->loop);
}

static int load_scenario(const char *path, struct wzp_plan *plan)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return fail(path, "can't be opened", EXIT_RUN);
    }
    char *text = malloc(WZP_TOML_MAX_BYTES + 2);
    size_t size = text ? fread(text, 1, WZP_TOML_MAX_BYTES + 1, file) : 0;
    bool is_read = text && ferror(file) == 0;
    wzp_ignore(fclose(file));
    int code = 0;
    if (!is_read) {
        code = fail(path, "can't be read", EXIT_RUN);
    } else {
        char message[WZP_PLAN_MESSAGE_BYTES];
        text[size] = '\0';
        if (wzp_scenario_read(text, size, plan, message) != WZP_OK) {
            code = fail(path, message, EXIT_USAGE);
        }
    }
    free(text);
    return code;
}

static int make_plan(struct program *program, int argc, char *argv[])
{
    char message[WZP_PLAN_MESSAGE_BYTES];
    program->plan = wzp_plan_new();
    if (!program->plan) {
        return fail("no memory", "", EXIT_RUN);
    }
    int code = program->options.scenario ? load_scenario(program->options.scenario, program->plan) : 0;
    if (code != 0) {
        return code;
    }
    if (wzp_options_apply(argc, argv, program->plan, message) != WZP_OK) {
        return fail(message, "", EXIT_USAGE);
    }
    return 0;
}

static enum wzp_err make_loop(struct program *program)
{
    enum wzp_err err = wzp_loop_new(&program->loop);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_signal_watch_new(program->loop, SIGINT, on_signal, program->loop, &program->interrupted);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_signal_watch_new(program->loop, SIGTERM, on_signal, program->loop, &program->terminated);
    if (err != WZP_OK) {
        return err;
    }
    return wzp_timer_new(program->loop, on_end, program->loop, &program->end);
}

static int resolve(struct program *program)
{
    struct wzp_resolve *resolve = NULL;
    enum wzp_err err =
        wzp_resolve_start(program->loop, program->plan->to, DEFAULT_PORT, on_resolved, program, &resolve);
    if (err != WZP_OK) {
        return fail("--to", wzp_err_text(err), EXIT_USAGE);
    }
    wzp_loop_run(program->loop);
    if (!program->is_resolved) {
        wzp_resolve_cancel(resolve);
        return fail(program->plan->to, "interrupted", EXIT_RUN);
    }
    return program->resolve_err == WZP_OK
               ? 0
               : fail(program->plan->to, wzp_err_text(program->resolve_err), EXIT_RUN);
}

static int print_report(const struct program *program)
{
    struct wzp_report report = {.seed = program->plan->seed, .proxy = wzp_proxy_stats(program->proxy)};
    report.models[WZP_PLAN_UP] = *wzp_proxy_model_stats(program->proxy, WZP_PLAN_UP);
    report.models[WZP_PLAN_DOWN] = *wzp_proxy_model_stats(program->proxy, WZP_PLAN_DOWN);
    struct wzp_buffer text;
    wzp_buffer_init(&text, REPORT_BYTES);
    if (program->options.json) {
        wzp_report_write_json(&report, &text);
    } else {
        wzp_report_write_text(&report, &text);
    }
    bool is_written = text.err == WZP_OK && fputs(text.text, stdout) >= 0 && fflush(stdout) == 0;
    wzp_buffer_deinit(&text);
    return is_written ? 0 : fail("standard output", "can't be written", EXIT_RUN);
}

static int run(struct program *program)
{
    int code = resolve(program);
    if (code != 0) {
        return code;
    }
    enum wzp_err err =
        wzp_proxy_start(program->loop, program->plan, &program->to, &program->log, &program->proxy);
    if (err != WZP_OK) {
        return fail(program->plan->listen, wzp_err_text(err), err == WZP_EMALFORMED ? EXIT_USAGE : EXIT_RUN);
    }
    char listen[WZP_ADDR_TEXT_BYTES];
    char to[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_proxy_addr(program->proxy), listen);
    wzp_addr_write(&program->to, to);
    wzp_info(&program->log, "ready", "listen=%s to=%s seed=%llu", listen, to,
             (unsigned long long)program->plan->seed);
    if (program->plan->length != WZP_NEVER) {
        wzp_timer_set(program->end, wzp_loop_now(program->loop) + program->plan->length);
    }
    wzp_loop_run(program->loop);
    return print_report(program);
}

static void clean_up(struct program *program)
{
    wzp_proxy_free(program->proxy);
    wzp_timer_free(program->end);
    wzp_signal_watch_free(program->interrupted);
    wzp_signal_watch_free(program->terminated);
    wzp_loop_free(program->loop);
    free(program->plan);
}

int main(int argc, char *argv[])
{
    struct program program = {0};
    char message[WZP_PLAN_MESSAGE_BYTES];
    if (wzp_options_read(argc, argv, message, &program.options) != WZP_OK) {
        return fail(message, "", EXIT_USAGE);
    }
    if (program.options.help) {
        wzp_options_print_help(stdout);
        return 0;
    }
    if (program.options.version) {
        wzp_ignore(printf("wzp-impair %s (%s)\n", WZP_VERSION, WZP_BUILD));
        return 0;
    }
    wzp_log_init(&program.log, program.options.verbose ? WZP_LOG_DEBUG : WZP_LOG_INFO);
    int code = make_plan(&program, argc, argv);
    if (code == 0) {
        code = make_loop(&program) == WZP_OK ? run(&program) : fail("no event loop", "", EXIT_RUN);
    }
    clean_up(&program);
    return code;
}
