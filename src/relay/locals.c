/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/locals.h"

#include <stdlib.h>
#include <string.h>

#include "proto/signal.h"
#include "relay/crew.h"
#include "relay/delivery.h"
#include "relay/own_address.h"

struct local_list {
    const char *items[WZP_SIGNAL_MAX_PARTICIPANTS];
    char texts[WZP_SIGNAL_MAX_PARTICIPANTS][WZP_SIGNAL_MAX_FINGERPRINT + 1];
    size_t n;
};

static bool add_local(void *context, const struct wzp_presence *presence)
{
    struct local_list *list = context;
    if (presence->is_local && list->n < WZP_SIGNAL_MAX_PARTICIPANTS) {
        char *text = list->texts[list->n];
        snprintf(text, sizeof list->texts[0], "%s", presence->fingerprint);
        list->items[list->n++] = text;
    }
    return list->n < WZP_SIGNAL_MAX_PARTICIPANTS;
}

static void add_local_of(void *context, struct wzp_relay *relay)
{
    wzp_router_each(relay->router, add_local, context);
}

/* G1 put the wrong address here; ours is the one that others dial. */
void wzp_locals_tell(struct wzp_relay *relay, struct wzp_conn *conn)
{
    struct local_list *list = calloc(1, sizeof *list);
    if (!list) {
        return; /* it is told again soon */
    }
    wzp_crew_ask(relay, add_local_of, list);
    struct wzp_addr bound = wzp_endpoint_addr(relay->endpoint);
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_own_address_write(&bound, address);
    const struct wzp_signal signal = {
        .kind = WZP_SIGNAL_PRESENCE_UPDATE,
        .presence_update = {.fingerprints = {.items = list->items, .n = list->n}, .relay_addr = address},
    };
    wzp_delivery_send(relay, conn, &signal, WZP_SIGNAL_PRESENCE_UPDATE);
    free(list);
}

/* A look for one person. */
struct local_search {
    const char *fingerprint;
    bool is_found;
};

static bool compare_local(void *context, const struct wzp_presence *presence)
{
    struct local_search *search = context;
    search->is_found = presence->is_local && strcmp(presence->fingerprint, search->fingerprint) == 0;
    return !search->is_found;
}

static void search_of(void *context, struct wzp_relay *relay)
{
    const struct local_search *search = context;
    if (!search->is_found) {
        wzp_router_each(relay->router, compare_local, context);
    }
}

bool wzp_locals_have(struct wzp_relay *relay, const char *fingerprint)
{
    struct local_search search = {.fingerprint = fingerprint};
    wzp_crew_ask(relay, search_of, &search);
    return search.is_found;
}
