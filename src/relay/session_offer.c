/* SPDX-License-Identifier: Apache-2.0 */
/* A session's offer: verified, answered with a signature of ours, and the client is in its room. */
#include <string.h>

#include "crypto/handshake.h"
#include "proto/profile.h"
#include "proto/signal.h"
#include "relay/session.h"
#include "wzp_version_gen.h"

/* What this relay does for second-generation clients. */
#define WZP_SESSION_RELAY_CAPS (WZP_CAP_TAG | WZP_CAP_LEVEL)

static void refuse(struct wzp_session *session, enum wzp_close_code code, const char *reason)
{
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_line_addr(&session->line), address);
    wzp_info(session->relay->log, "client refused", "session=%llu addr=%s room=%s reason=\"%s\"",
             (unsigned long long)session->number, address, session->room, reason);
    wzp_session_end(session, code, reason);
}

static enum wzp_err verify(const struct wzp_signal_call_offer *offer)
{
    struct wzp_handshake_proof proof;
    if (offer->signature.size != sizeof proof.signature) {
        return WZP_EAUTH;
    }
    memcpy(proof.identity_key, offer->identity_pub, sizeof proof.identity_key);
    memcpy(proof.ephemeral_key, offer->ephemeral_pub, sizeof proof.ephemeral_key);
    memcpy(proof.signature, offer->signature.bytes, sizeof proof.signature);
    return wzp_handshake_verify(&proof, WZP_HANDSHAKE_OFFER);
}

/* GOOD, where the client can do it or says nothing; else the first that it offers. */
static struct wzp_profile choose_profile(const struct wzp_signal_profiles *supported)
{
    const struct wzp_profile *good = &wzp_profile_table[WZP_PROFILE_GOOD].profile;
    for (size_t i = 0; i < supported->n; i++) {
        if (supported->items[i].codec == good->codec) {
            return *good;
        }
    }
    return supported->n > 0 ? supported->items[0] : *good;
}

static void answer(struct wzp_session *session, const struct wzp_signal_call_offer *offer)
{
    const struct wzp_relay *relay = session->relay;
    struct wzp_handshake ephemeral;
    uint8_t signature[WZP_HANDSHAKE_SIGNATURE_BYTES];
    wzp_handshake_init(&ephemeral, &relay->random);
    wzp_handshake_sign(relay->identity, WZP_HANDSHAKE_ANSWER, ephemeral.public_key, signature);
    struct wzp_signal signal = {
        .kind = WZP_SIGNAL_CALL_ANSWER,
        .call_answer =
            {
                .signature = {.bytes = signature, .size = sizeof signature},
                .chosen_profile = choose_profile(&offer->supported_profiles),
                .v = WZP_SIGNAL_VERSION,
                .caps = WZP_SESSION_RELAY_CAPS,
                .stream = wzp_member_stream(session->member),
                .relay_label = relay->config->label,
                .relay_build = WZP_VERSION "-" WZP_BUILD,
            },
    };
    memcpy(signal.call_answer.identity_pub, relay->identity->sign_public, WZP_SIGNAL_KEY_BYTES);
    memcpy(signal.call_answer.ephemeral_pub, ephemeral.public_key, WZP_SIGNAL_KEY_BYTES);
    wzp_line_send(session->relay, &session->line, &signal, 0);
    wzp_handshake_deinit(&ephemeral);
}

/*
 * Who may take an older session's place: only a client that proved the same TLS key, since an offer alone can
 * be replayed by whoever saw it. First-generation clients prove none and replace nobody.
 */
static const uint8_t *proven_identity(const struct wzp_session *session)
{
    return wzp_line_fingerprint(&session->line);
}

static enum wzp_err join(struct wzp_session *session, const struct wzp_signal_call_offer *offer)
{
    if (!session->fingerprint[0]) {
        wzp_fingerprint_write_identity(offer->identity_pub, session->fingerprint);
    }
    session->version = offer->v;
    const struct wzp_join request = {
        .room = session->room,
        .fingerprint = session->fingerprint,
        .alias = offer->alias             ? offer->alias
                 : session->auth_alias[0] ? session->auth_alias
                                          : NULL,
        .identity = proven_identity(session),
        .caps = offer->caps,
        .version = offer->v,
        .user = session,
    };
    return wzp_router_join(session->relay->router, &request, session->relay->now, &session->member);
}

static void let_in(struct wzp_session *session, const struct wzp_signal_call_offer *offer)
{
    struct wzp_relay *relay = session->relay;
    if (verify(offer) != WZP_OK) {
        ++*relay->counters.refused_offer;
        refuse(session, WZP_CLOSE_UNAUTHORIZED, "the signature of the offer does not verify");
        return;
    }
    enum wzp_err err = join(session, offer);
    if (err != WZP_OK) {
        ++*relay->counters.refused_full;
        bool is_room = err == WZP_ELIMIT;
        refuse(session, is_room ? WZP_CLOSE_ROOM_FULL : WZP_CLOSE_RELAY_FULL,
               is_room ? "the room is full" : "the relay is full");
        return;
    }
    wzp_session_limit(session);
    answer(session, offer);
    wzp_session_enter(session, WZP_SESSION_IN_ROOM);
    wzp_histogram_observe(relay->counters.handshake_seconds, (double)(relay->now - session->opened_at) / 1e6);
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_line_addr(&session->line), address);
    wzp_info(relay->log, "client joined", "session=%llu room=%s client=%.9s stream=%u v=%u addr=%s",
             (unsigned long long)session->number, wzp_member_room(session->member), session->fingerprint,
             wzp_member_stream(session->member), session->version, address);
}

void wzp_session_take_offer(struct wzp_session *session, const uint8_t *body, size_t size)
{
    struct wzp_signal signal;
    enum wzp_err err = wzp_signal_read(body, size, &signal);
    if (err == WZP_ENOTFOUND) {
        return; /* from a later generation; the deadline runs on */
    }
    if (err != WZP_OK) {
        wzp_session_complain(session, err);
        return;
    }
    if (signal.kind == WZP_SIGNAL_CALL_OFFER) {
        let_in(session, &signal.call_offer);
    }
    wzp_signal_deinit(&signal);
}
