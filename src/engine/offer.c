/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/offer.h"

#include <stdlib.h>
#include <string.h>

#include "proto/profile.h"
#include "wzp_version_gen.h"

static enum wzp_err send_signal(struct wzp_conn *conn, const struct wzp_signal *signal)
{
    char *body = NULL;
    size_t size = 0;
    enum wzp_err err = wzp_signal_write(signal, &body, &size);
    if (err == WZP_OK) {
        err = wzp_conn_send_message(conn, body, size, 0);
    }
    free(body);
    return err;
}

static enum wzp_err send_token(struct wzp_conn *conn, const char *token)
{
    return send_signal(conn,
                       &(struct wzp_signal){.kind = WZP_SIGNAL_AUTH_TOKEN, .auth_token = {.token = token}});
}

/** The list of all first-generation clients, best first; early relays choose from it. */
static size_t list_profiles(struct wzp_profile out_profiles[static WZP_PROFILES])
{
    static const enum wzp_profile_id ids[] = {
        WZP_PROFILE_STUDIO_64K, WZP_PROFILE_STUDIO_48K, WZP_PROFILE_STUDIO_32K,
        WZP_PROFILE_GOOD,       WZP_PROFILE_DEGRADED,   WZP_PROFILE_CATASTROPHIC,
    };
    for (size_t i = 0; i < wzp_count(ids); i++) {
        out_profiles[i] = wzp_profile_table[ids[i]].profile;
    }
    return wzp_count(ids);
}

enum wzp_err wzp_offer_send(const struct wzp_offer *offer, struct wzp_conn *conn)
{
    uint8_t signature[WZP_HANDSHAKE_SIGNATURE_BYTES];
    struct wzp_profile profiles[WZP_PROFILES];
    wzp_handshake_sign(offer->identity, WZP_HANDSHAKE_OFFER, offer->handshake->public_key, signature);
    struct wzp_signal signal = {.kind = WZP_SIGNAL_CALL_OFFER,
                                .call_offer = {
                                    .signature = {.bytes = signature, .size = sizeof signature},
                                    .supported_profiles = {.items = profiles, .n = list_profiles(profiles)},
                                    .alias = offer->alias,
                                    .v = WZP_SIGNAL_VERSION,
                                    .caps = WZP_OFFER_CAPS,
                                    .client = "wzp/" WZP_VERSION,
                                }};
    memcpy(signal.call_offer.identity_pub, offer->identity->sign_public, WZP_SIGNAL_KEY_BYTES);
    memcpy(signal.call_offer.ephemeral_pub, offer->handshake->public_key, WZP_SIGNAL_KEY_BYTES);
    if (offer->token) {
        enum wzp_err err = send_token(conn, offer->token);
        if (err != WZP_OK) {
            return err;
        }
    }
    return send_signal(conn, &signal);
}

enum wzp_err wzp_offer_send_hangup(struct wzp_conn *conn)
{
    return send_signal(
        conn, &(struct wzp_signal){.kind = WZP_SIGNAL_HANGUP, .hangup = {.reason = WZP_HANGUP_NORMAL}});
}

enum wzp_err wzp_offer_check(const struct wzp_signal_call_answer *answer)
{
    struct wzp_handshake_proof proof;
    if (answer->signature.size != sizeof proof.signature) {
        return WZP_EAUTH;
    }
    memcpy(proof.identity_key, answer->identity_pub, sizeof proof.identity_key);
    memcpy(proof.ephemeral_key, answer->ephemeral_pub, sizeof proof.ephemeral_key);
    memcpy(proof.signature, answer->signature.bytes, sizeof proof.signature);
    return wzp_handshake_verify(&proof, WZP_HANDSHAKE_ANSWER);
}
