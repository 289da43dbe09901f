/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/pages_presence.h"

#include <string.h>

#include "relay/crew.h"
#include "relay/own_address.h"
#include "relay/probes.h"
#include "relay/relay.h"

#define WZP_JSON "application/json"

/** Where somebody is, as the pages tell it. */
struct place {
    bool is_known;
    bool is_local;
    char relay[WZP_FINGERPRINT_TEXT_BYTES]; /* where remote: address, or the relay's label or fingerprint */
};

/** One look-up, or one list, over the router's presence. */
struct walk {
    struct wzp_buffer *text; /* of a list */
    const char *fingerprint; /* of a look-up */
    struct place place;
    size_t n;
};

static struct place place_of(const struct wzp_presence *presence)
{
    struct place place = {.is_known = true, .is_local = presence->is_local};
    if (!presence->is_local && presence->relay_label[0]) {
        snprintf(place.relay, sizeof place.relay, "%s", presence->relay_label);
    } else if (!presence->is_local) {
        wzp_fingerprint_write(presence->relay, place.relay);
    }
    return place;
}

static void add_place(struct wzp_buffer *text, const char *fingerprint, const struct place *place)
{
    wzp_buffer_add_text(text, "{\"fingerprint\":");
    wzp_buffer_add_json(text, fingerprint);
    wzp_buffer_add_text(text, ",\"location\":");
    if (!place->is_known) {
        wzp_buffer_add_text(text, "null");
    } else if (place->is_local) {
        wzp_buffer_add_text(text, "\"Local\"");
    } else {
        wzp_buffer_add_text(text, "{\"Remote\":");
        wzp_buffer_add_json(text, place->relay);
        wzp_buffer_add_text(text, "}");
    }
    wzp_buffer_add_text(text, "}");
}

static void add_to_list(struct walk *walk, const char *fingerprint, const struct place *place)
{
    wzp_buffer_add_text(walk->text, walk->n++ > 0 ? ",\n " : "\n ");
    add_place(walk->text, fingerprint, place);
}

static bool list_one(void *context, const struct wzp_presence *presence)
{
    struct place place = place_of(presence);
    add_to_list(context, presence->fingerprint, &place);
    return true;
}

static bool look_at_one(void *context, const struct wzp_presence *presence)
{
    struct walk *walk = context;
    if (strcmp(presence->fingerprint, walk->fingerprint) != 0) {
        return true;
    }
    walk->place = place_of(presence);
    return false;
}

static void list_worker(void *context, struct wzp_relay *relay)
{
    wzp_router_each(relay->router, list_one, context);
}

static void look_at_worker(void *context, struct wzp_relay *relay)
{
    const struct walk *walk = context;
    if (!walk->place.is_known) {
        wzp_router_each(relay->router, look_at_one, context);
    }
}

static struct place find(struct wzp_relay *relay, const char *fingerprint)
{
    struct walk walk = {.fingerprint = fingerprint};
    wzp_crew_ask(relay, look_at_worker, &walk);
    const struct wzp_registry_peer *peer = wzp_registry_find(wzp_probes_registry(relay->probes), fingerprint);
    if (!walk.place.is_known && peer) {
        walk.place.is_known = true;
        snprintf(walk.place.relay, sizeof walk.place.relay, "%s", peer->address);
    }
    return walk.place;
}

static void list_gossip(const struct wzp_relay *relay, struct walk *walk)
{
    const struct wzp_registry *registry = wzp_probes_registry(relay->probes);
    for (size_t i = 0; i < WZP_REGISTRY_PEERS; i++) {
        const struct wzp_registry_peer *peer = &registry->peers[i];
        struct place place = {.is_known = true};
        snprintf(place.relay, sizeof place.relay, "%s", peer->address);
        for (size_t j = 0; j < peer->n; j++) {
            add_to_list(walk, peer->fingerprints[j], &place);
        }
    }
}

void wzp_pages_presence(void *context, const struct wzp_http_request *request,
                        struct wzp_http_response *response)
{
    (void)request;
    struct wzp_relay *relay = context;
    struct walk walk = {.text = &response->body};
    response->content_type = WZP_JSON;
    wzp_buffer_add_text(walk.text, "[");
    wzp_crew_ask(relay, list_worker, &walk);
    list_gossip(relay, &walk);
    wzp_buffer_add_text(walk.text, "]\n");
}

void wzp_pages_person(void *context, const struct wzp_http_request *request,
                      struct wzp_http_response *response)
{
    struct place place = find(context, request->rest);
    response->content_type = WZP_JSON;
    add_place(&response->body, request->rest, &place);
    wzp_buffer_add_text(&response->body, "\n");
}

static void add_peer(struct wzp_buffer *text, const struct wzp_registry_peer *peer)
{
    wzp_buffer_add_text(text, "{\"addr\":");
    wzp_buffer_add_json(text, peer->address);
    wzp_buffer_add_text(text, ",\"fingerprints\":[");
    for (size_t i = 0; i < peer->n; i++) {
        wzp_buffer_add_text(text, i > 0 ? "," : "");
        wzp_buffer_add_json(text, peer->fingerprints[i]);
    }
    if (peer->rtt_ms >= 0) {
        wzp_buffer_print(text, "],\"rtt_ms\":%.1f}", peer->rtt_ms);
    } else {
        wzp_buffer_add_text(text, "],\"rtt_ms\":null}");
    }
}

void wzp_pages_peers(void *context, const struct wzp_http_request *request,
                     struct wzp_http_response *response)
{
    (void)request;
    const struct wzp_relay *relay = context;
    const struct wzp_registry *registry = wzp_probes_registry(relay->probes);
    size_t n = 0;
    response->content_type = WZP_JSON;
    wzp_buffer_add_text(&response->body, "[");
    for (size_t i = 0; i < WZP_REGISTRY_PEERS; i++) {
        if (registry->peers[i].address[0]) {
            wzp_buffer_add_text(&response->body, n++ > 0 ? ",\n " : "\n ");
            add_peer(&response->body, &registry->peers[i]);
        }
    }
    wzp_buffer_add_text(&response->body, "]\n");
}

void wzp_pages_route(void *context, const struct wzp_http_request *request,
                     struct wzp_http_response *response)
{
    struct wzp_relay *relay = context;
    struct place place = find(relay, request->rest);
    struct wzp_addr bound = wzp_endpoint_addr(relay->endpoint);
    char own[WZP_ADDR_TEXT_BYTES];
    wzp_own_address_write(&bound, own);
    struct wzp_buffer *text = &response->body;
    response->content_type = WZP_JSON;
    wzp_buffer_add_text(text, "{\"fingerprint\":");
    wzp_buffer_add_json(text, request->rest);
    wzp_buffer_add_text(text, ",\"relay_chain\":[");
    if (place.is_known) {
        wzp_buffer_add_json(text, own);
    }
    if (place.is_known && !place.is_local) {
        wzp_buffer_add_text(text, ",");
        wzp_buffer_add_json(text, place.relay);
    }
    wzp_buffer_print(text, "],\"route\":\"%s\"}\n",
                     !place.is_known  ? "not_found"
                     : place.is_local ? "local"
                                      : "direct_peer");
}

void wzp_pages_mesh(void *context, const struct wzp_http_request *request, struct wzp_http_response *response)
{
    (void)request;
    const struct wzp_relay *relay = context;
    wzp_probes_print(relay->probes, &response->body);
}
