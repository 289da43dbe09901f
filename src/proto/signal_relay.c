/* SPDX-License-Identifier: Apache-2.0 */
/* The signals between relays. */
#include "proto/signal_rows.h"

static const struct wzp_signal_field presence_update_fields[] = {
    FIELD(presence_update, fingerprints, TEXTS, REQUIRED, .max = WZP_SIGNAL_MAX_FINGERPRINTS),
    ADDRESS(presence_update, relay_addr, REQUIRED),
};
static const struct wzp_signal_table presence_update_table =
    TABLE(wzp_signal_presence_update, presence_update_fields);

static const struct wzp_signal_field route_query_fields[] = {
    FINGERPRINT(route_query, fingerprint, REQUIRED),
    FIELD(route_query, ttl, U8, REQUIRED, ),
};
static const struct wzp_signal_table route_query_table = TABLE(wzp_signal_route_query, route_query_fields);

static const struct wzp_signal_field route_response_fields[] = {
    FINGERPRINT(route_response, fingerprint, REQUIRED),
    FIELD(route_response, found, BOOL, REQUIRED, ),
    ADDRESSES(route_response, relay_chain, REQUIRED),
};
static const struct wzp_signal_table route_response_table =
    TABLE(wzp_signal_route_response, route_response_fields);

static const struct wzp_signal_field federation_hello_fields[] = {
    FINGERPRINT(federation_hello, tls_fingerprint, REQUIRED),
    NAMED("version", wzp_signal_federation_hello, v, U8, IGNORED, ),
    FIELD(federation_hello, v, U8, SKIP, ),
    LABEL(federation_hello, label, SKIP),
    FIELD(federation_hello, caps, CAPS, SKIP, ),
    PROSE(federation_hello, build, SKIP),
};
static const struct wzp_signal_table federation_hello_table =
    TABLE(wzp_signal_federation_hello, federation_hello_fields);

#define GLOBAL_ROOM_LINK_FIELDS                                                                              \
    FINGERPRINT(global_room, origin, SKIP), FIELD(global_room, seq, U64, SKIP, ),                            \
        FIELD(global_room, n, U64, SKIP, ),                                                                  \
        FIELD(global_room, path, PATH, SKIP, .max = WZP_SIGNAL_MAX_PATH),                                    \
        FIELD(global_room, lost, PATH, SKIP, .max = 2)

static const struct wzp_signal_field global_room_active_fields[] = {
    ROOM(global_room, room, REQUIRED),
    PARTICIPANTS(global_room, DEFAULT),
    GLOBAL_ROOM_LINK_FIELDS,
};
static const struct wzp_signal_table global_room_active_table =
    TABLE(wzp_signal_global_room, global_room_active_fields);

static const struct wzp_signal_field global_room_inactive_fields[] = {
    ROOM(global_room, room, REQUIRED),
    GLOBAL_ROOM_LINK_FIELDS,
    FIELD(global_room, withdraw, BOOL, SKIP, ),
};
static const struct wzp_signal_table global_room_inactive_table =
    TABLE(wzp_signal_global_room, global_room_inactive_fields);

static const struct wzp_signal_field prune_fields[] = {
    FIELD(prune, room_hash, HEX, REQUIRED, .max = WZP_SIGNAL_ROOM_HASH_BYTES),
    FINGERPRINT(prune, origin, OR_NULL),
    FIELD(prune, n, U64, REQUIRED, ),
};
static const struct wzp_signal_table prune_table = TABLE(wzp_signal_prune, prune_fields);

static const struct wzp_signal_field session_forward_fields[] = {
    ID(session_forward, session_id),
    FINGERPRINT(session_forward, target_fingerprint, REQUIRED),
    ADDRESS(session_forward, source_relay, REQUIRED),
};
static const struct wzp_signal_table session_forward_table =
    TABLE(wzp_signal_session_forward, session_forward_fields);

static const struct wzp_signal_field session_forward_ack_fields[] = {
    ID(session_forward_ack, session_id),
    ROOM(session_forward_ack, room_name, REQUIRED),
};
static const struct wzp_signal_table session_forward_ack_table =
    TABLE(wzp_signal_session_forward_ack, session_forward_ack_fields);

static const struct wzp_signal_field federated_signal_forward_fields[] = {
    FIELD(federated_signal_forward, inner, SIGNAL, REQUIRED, ),
    FINGERPRINT(federated_signal_forward, origin_relay_fp, REQUIRED),
};
static const struct wzp_signal_table federated_signal_forward_table =
    TABLE(wzp_signal_federated_signal_forward, federated_signal_forward_fields);

static const struct wzp_signal_variant variants[] = {
    {WZP_SIGNAL_PRESENCE_UPDATE, "PresenceUpdate", &presence_update_table},
    {WZP_SIGNAL_ROUTE_QUERY, "RouteQuery", &route_query_table},
    {WZP_SIGNAL_ROUTE_RESPONSE, "RouteResponse", &route_response_table},
    {WZP_SIGNAL_FEDERATION_HELLO, "FederationHello", &federation_hello_table},
    {WZP_SIGNAL_GLOBAL_ROOM_ACTIVE, "GlobalRoomActive", &global_room_active_table},
    {WZP_SIGNAL_GLOBAL_ROOM_INACTIVE, "GlobalRoomInactive", &global_room_inactive_table},
    {WZP_SIGNAL_SESSION_FORWARD, "SessionForward", &session_forward_table},
    {WZP_SIGNAL_SESSION_FORWARD_ACK, "SessionForwardAck", &session_forward_ack_table},
    {WZP_SIGNAL_FEDERATED_SIGNAL_FORWARD, "FederatedSignalForward", &federated_signal_forward_table},
    {WZP_SIGNAL_PRUNE, "Prune", &prune_table},
    {WZP_SIGNAL_GRAFT, "Graft", &prune_table},
};

const struct wzp_signal_family wzp_signal_relay_family = {variants, wzp_count(variants)};
