/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/pages.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "net/http_server.h"
#include "relay/crew.h"
#include "relay/figures.h"
#include "relay/pages_presence.h"

#define WZP_METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct wzp_pages {
    struct wzp_relay *relay;
    struct wzp_http_server *http;
    struct wzp_http_route routes[8];
};

/* Of one worker. */
static void add_figures(void *context, struct wzp_relay *relay)
{
    wzp_figures_collect(relay);
    wzp_metrics_add(context, relay->metrics);
}

static void show_metrics(void *context, const struct wzp_http_request *request,
                         struct wzp_http_response *response)
{
    (void)request;
    struct wzp_relay *relay = context;
    struct wzp_metrics *sum = NULL;
    if (wzp_metrics_new(&sum) != WZP_OK) {
        response->status = 503;
        return;
    }
    wzp_crew_ask(relay, add_figures, sum);
    response->content_type = WZP_METRICS_CONTENT_TYPE;
    wzp_metrics_render(sum, &response->body);
    wzp_metrics_free(sum);
}

/* Alive: the loop turns, or nobody would read this. */
static void show_alive(void *context, const struct wzp_http_request *request,
                       struct wzp_http_response *response)
{
    (void)context;
    (void)request;
    wzp_buffer_add_text(&response->body, "ok\n");
}

/* Ready: new clients are welcome. */
static void show_ready(void *context, const struct wzp_http_request *request,
                       struct wzp_http_response *response)
{
    (void)request;
    const struct wzp_relay *relay = context;
    response->status = relay->is_draining ? 503 : 200;
    wzp_buffer_add_text(&response->body, relay->is_draining ? "draining\n" : "ok\n");
}

enum wzp_err wzp_pages_start(struct wzp_relay *relay, struct wzp_pages **out_pages)
{
    struct wzp_pages *pages = calloc(1, sizeof *pages);
    if (!pages) {
        return WZP_ENOMEM;
    }
    const struct wzp_http_route routes[] = {
        {.path = "/metrics", .fn = show_metrics, .context = relay},
        {.path = "/livez", .fn = show_alive, .context = relay},
        {.path = "/readyz", .fn = show_ready, .context = relay},
        {.path = "/presence", .fn = wzp_pages_presence, .context = relay},
        {.path = "/presence/", .is_prefix = true, .fn = wzp_pages_person, .context = relay},
        {.path = "/peers", .fn = wzp_pages_peers, .context = relay},
        {.path = "/route/", .is_prefix = true, .fn = wzp_pages_route, .context = relay},
        {.path = "/mesh", .fn = wzp_pages_mesh, .context = relay},
    };
    static_assert(sizeof routes == sizeof pages->routes, "one slot a route");
    memcpy(pages->routes, routes, sizeof routes);
    pages->relay = relay;

    const struct wzp_http_server_config config = {
        .address = relay->config->metrics_addr,
        .port = (uint16_t)relay->config->metrics_port,
        .routes = pages->routes,
        .n_routes = wzp_count(pages->routes),
        .log = relay->log,
    };
    enum wzp_err err = wzp_http_server_start(relay->loop, &config, &pages->http);
    if (err != WZP_OK) {
        wzp_error(relay->log, "the metrics pages can't be served: is the port free, the address ours?",
                  "address=%s port=%d error=\"%s\"", config.address, (int)config.port, wzp_err_text(err));
        free(pages);
        return err;
    }
    wzp_info(relay->log, "serving /metrics, /livez, /readyz, /presence, /peers, /route and /mesh",
             "address=%s port=%u", config.address, wzp_http_server_port(pages->http));
    *out_pages = pages;
    return WZP_OK;
}

void wzp_pages_free(struct wzp_pages *pages)
{
    if (pages) {
        wzp_http_server_free(pages->http);
        free(pages);
    }
}
