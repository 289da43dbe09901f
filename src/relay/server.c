/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/server.h"

#include <signal.h>
#include <stdlib.h>

#include "net/loop.h"
#include "relay/banner.h"
#include "relay/pages.h"
#include "relay/worker.h"

struct wzp_server {
    struct wzp_worker *worker;
    struct wzp_pages *pages;
    struct wzp_signal_watch *watches[2];
    const struct wzp_log *log;
};

static void on_signal(void *context, int signum)
{
    struct wzp_server *server = context;
    wzp_info(server->log, "asked to stop", "signal=%s", signum == SIGTERM ? "SIGTERM" : "SIGINT");
    wzp_worker_stop(server->worker);
}

static enum wzp_err watch_signals(struct wzp_server *server)
{
    static const int signals[] = {SIGTERM, SIGINT};
    struct wzp_loop *loop = wzp_worker_relay(server->worker)->loop;
    for (size_t i = 0; i < wzp_count(signals); i++) {
        enum wzp_err err = wzp_signal_watch_new(loop, signals[i], on_signal, server, &server->watches[i]);
        if (err != WZP_OK) {
            return err;
        }
    }
    return WZP_OK;
}

static enum wzp_err assemble(struct wzp_server *server, const struct wzp_server_setup *setup)
{
    const struct wzp_worker_setup worker = {
        .config = setup->config,
        .identity = setup->identity,
        .cert = setup->cert,
        .log = setup->log,
        .listen = setup->config->listen_addr,
    };
    enum wzp_err err = wzp_worker_new(&worker, &server->worker);
    if (err == WZP_OK) {
        err = watch_signals(server);
    }
    if (err == WZP_OK && setup->config->metrics_port != WZP_RELAY_CONFIG_PORT_OFF) {
        err = wzp_pages_start(wzp_worker_relay(server->worker), &server->pages);
    }
    return err;
}

enum wzp_err wzp_server_new(const struct wzp_server_setup *setup, struct wzp_server **out_server)
{
    struct wzp_server *server = calloc(1, sizeof *server);
    if (!server) {
        return WZP_ENOMEM;
    }
    server->log = setup->log;
    enum wzp_err err = assemble(server, setup);
    if (err != WZP_OK) {
        wzp_error(setup->log, "the relay can't start", "error=\"%s\"", wzp_err_text(err));
        wzp_server_free(server);
        return err;
    }
    wzp_banner_log(wzp_worker_relay(server->worker));
    *out_server = server;
    return WZP_OK;
}

enum wzp_err wzp_server_run(struct wzp_server *server)
{
    wzp_worker_run(server->worker);
    wzp_info(server->log, "the relay has ended", "");
    return WZP_OK;
}

void wzp_server_free(struct wzp_server *server)
{
    if (!server) {
        return;
    }
    wzp_pages_free(server->pages);
    for (size_t i = 0; i < wzp_count(server->watches); i++) {
        wzp_signal_watch_free(server->watches[i]);
    }
    wzp_worker_free(server->worker);
    free(server);
}
