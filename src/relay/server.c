/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first worker runs on the thread that calls wzp_server_run, with signals and pages; each other one on a
 * thread of its own. They end one by one: a signal -> each is told to stop -> the first has ended -> the
 * others are waited for.
 */
#include "relay/server.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "net/loop.h"
#include "net/mailbox.h"
#include "relay/banner.h"
#include "relay/crew.h"
#include "relay/crossing.h"
#include "relay/pages.h"
#include "relay/passage.h"
#include "relay/worker.h"

struct wzp_server {
    struct wzp_crew crew;
    struct wzp_worker *workers[WZP_CREW_MAX];
    pthread_t threads[WZP_CREW_MAX]; /* of all but the first */
    unsigned n_threads;              /* that run, the first's included */
    struct wzp_pages *pages;
    struct wzp_signal_watch *watches[2];
    const struct wzp_log *log;
};

/* Asks a worker on another thread to stop. */
struct order {
    struct wzp_letter letter;
};

static void discard_order(struct wzp_letter *letter)
{
    free(wzp_container(letter, struct order, letter));
}

static void deliver_order(struct wzp_letter *letter, void *context)
{
    wzp_worker_stop(context);
    discard_order(letter);
}

static void stop_other(struct wzp_mailbox *mailbox)
{
    struct order *order = calloc(1, sizeof *order);
    if (order) {
        order->letter = (struct wzp_letter){.deliver = deliver_order, .discard = discard_order};
        wzp_ignore(wzp_mailbox_post(mailbox, &order->letter));
    }
}

static void stop_others(struct wzp_server *server)
{
    for (unsigned i = 1; i < server->n_threads; i++) {
        stop_other(server->crew.mailboxes[i]);
    }
}

static void on_signal(void *context, int signum)
{
    struct wzp_server *server = context;
    wzp_info(server->log, "asked to stop", "signal=%s", signum == SIGTERM ? "SIGTERM" : "SIGINT");
    stop_others(server);
    wzp_worker_stop(server->workers[WZP_CREW_FIRST]);
}

static enum wzp_err watch_signals(struct wzp_server *server)
{
    static const int signals[] = {SIGTERM, SIGINT};
    struct wzp_loop *loop = wzp_worker_relay(server->workers[WZP_CREW_FIRST])->loop;
    for (size_t i = 0; i < wzp_count(signals); i++) {
        enum wzp_err err = wzp_signal_watch_new(loop, signals[i], on_signal, server, &server->watches[i]);
        if (err != WZP_OK) {
            return err;
        }
    }
    return WZP_OK;
}

/* The first worker gets the address that was asked for; the others the one that it got. */
static enum wzp_err make_worker(struct wzp_server *server, const struct wzp_server_setup *setup,
                                unsigned index)
{
    struct wzp_worker *first = server->workers[WZP_CREW_FIRST];
    const struct wzp_worker_setup worker = {
        .config = setup->config,
        .identity = setup->identity,
        .cert = setup->cert,
        .log = setup->log,
        .crew = &server->crew,
        .index = index,
        .listen = first ? wzp_endpoint_addr(wzp_worker_relay(first)->endpoint) : setup->config->listen_addr,
    };
    enum wzp_err err = wzp_worker_new(&worker, &server->workers[index]);
    if (err == WZP_OK && first) {
        err = wzp_crossing_join(wzp_worker_relay(first)->crossing,
                                wzp_worker_relay(server->workers[index])->crossing);
    }
    return err;
}

/* Any two workers: each may keep connections for rooms of the other. */
static enum wzp_err join_passages(struct wzp_server *server)
{
    enum wzp_err err = WZP_OK;
    for (unsigned i = 0; i < server->crew.n; i++) {
        for (unsigned j = 0; j < i && err == WZP_OK; j++) {
            err = wzp_passage_join(wzp_worker_relay(server->workers[i])->passage,
                                   wzp_worker_relay(server->workers[j])->passage);
        }
    }
    return err;
}

static enum wzp_err assemble(struct wzp_server *server, const struct wzp_server_setup *setup)
{
    enum wzp_err err = wzp_crew_init(&server->crew, setup->config, &wzp_random_system);
    for (unsigned i = 0; i < server->crew.n && err == WZP_OK; i++) {
        err = make_worker(server, setup, i);
    }
    if (err == WZP_OK && server->crew.members_per_worker > 0) {
        err = join_passages(server);
    }
    if (err == WZP_OK) {
        err = watch_signals(server);
    }
    if (err == WZP_OK && setup->config->metrics_port != WZP_RELAY_CONFIG_PORT_OFF) {
        err = wzp_pages_start(wzp_worker_relay(server->workers[WZP_CREW_FIRST]), &server->pages);
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
    wzp_banner_log(wzp_worker_relay(server->workers[WZP_CREW_FIRST]));
    *out_server = server;
    return WZP_OK;
}

static void *run_other(void *worker)
{
    wzp_worker_run(worker);
    return NULL;
}

/* Signals are for the first worker's thread alone. */
static enum wzp_err start_others(struct wzp_server *server)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    enum wzp_err err = WZP_OK;
    for (server->n_threads = 1; server->n_threads < server->crew.n; server->n_threads++) {
        unsigned i = server->n_threads;
        if (pthread_create(&server->threads[i], NULL, run_other, server->workers[i]) != 0) {
            wzp_error(server->log, "a worker's thread can't be started", "worker=%u", i);
            err = WZP_ENOMEM;
            break;
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

enum wzp_err wzp_server_run(struct wzp_server *server)
{
    enum wzp_err err = start_others(server);
    if (err == WZP_OK) {
        wzp_worker_run(server->workers[WZP_CREW_FIRST]);
    }
    stop_others(server); /* where they have not been asked yet; else at once */
    for (unsigned i = 1; i < server->n_threads; i++) {
        pthread_join(server->threads[i], NULL);
    }
    wzp_info(server->log, "the relay has ended", "");
    return err;
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
    for (size_t i = 0; i < wzp_count(server->workers); i++) {
        wzp_worker_free(server->workers[i]);
    }
    wzp_crew_deinit(&server->crew);
    free(server);
}
