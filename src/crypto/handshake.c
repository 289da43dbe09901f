/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/handshake.h"

#include <string.h>

#include <sodium.h>

#include "base/bytes.h"
#include "crypto/hkdf.h"

#define SAS_CODES         10000
#define MAX_MESSAGE_BYTES (WZP_HANDSHAKE_KEY_BYTES + sizeof "call-answer")

/* What is signed: the ephemeral key, then a word that keeps an offer from passing for an answer. */
static size_t write_message(enum wzp_handshake_side side, const uint8_t key[static WZP_HANDSHAKE_KEY_BYTES],
                            uint8_t out_message[static MAX_MESSAGE_BYTES])
{
    const char *word = side == WZP_HANDSHAKE_OFFER ? "call-offer" : "call-answer";
    struct wzp_writer writer = wzp_writer_of(out_message, MAX_MESSAGE_BYTES);
    wzp_write_bytes(&writer, key, WZP_HANDSHAKE_KEY_BYTES);
    wzp_write_bytes(&writer, word, strlen(word));
    return wzp_writer_size(&writer);
}

void wzp_handshake_init(struct wzp_handshake *handshake, const struct wzp_random *random)
{
    random->fill(random->context, handshake->secret, sizeof handshake->secret);
    crypto_scalarmult_base(handshake->public_key, handshake->secret);
}

void wzp_handshake_deinit(struct wzp_handshake *handshake)
{
    sodium_memzero(handshake, sizeof *handshake);
}

void wzp_handshake_sign(const struct wzp_identity *identity, enum wzp_handshake_side side,
                        const uint8_t ephemeral_key[static WZP_HANDSHAKE_KEY_BYTES],
                        uint8_t out_signature[static WZP_HANDSHAKE_SIGNATURE_BYTES])
{
    uint8_t message[MAX_MESSAGE_BYTES];
    size_t size = write_message(side, ephemeral_key, message);
    crypto_sign_detached(out_signature, NULL, message, size, identity->sign_secret);
}

enum wzp_err wzp_handshake_verify(const struct wzp_handshake_proof *proof, enum wzp_handshake_side side)
{
    uint8_t message[MAX_MESSAGE_BYTES];
    size_t size = write_message(side, proof->ephemeral_key, message);
    if (crypto_sign_verify_detached(proof->signature, message, size, proof->identity_key) != 0) {
        return WZP_EAUTH;
    }
    return WZP_OK;
}

enum wzp_err wzp_handshake_agree(const struct wzp_handshake *handshake,
                                 const uint8_t peer_key[static WZP_HANDSHAKE_KEY_BYTES],
                                 struct wzp_handshake_session *out_session)
{
    uint8_t shared[crypto_scalarmult_BYTES];
    if (crypto_scalarmult(shared, handshake->secret, peer_key) != 0) {
        return WZP_EAUTH; /* all zeros: the peer's key forces a result that anybody knows */
    }
    uint8_t sas[4];
    wzp_hkdf(shared, "warzone-session-key", out_session->key, sizeof out_session->key);
    wzp_hkdf(shared, "warzone-sas-code", sas, sizeof sas);
    sodium_memzero(shared, sizeof shared);

    struct wzp_reader reader = wzp_reader_of(sas, sizeof sas);
    out_session->sas = (uint16_t)(wzp_read_u32(&reader) % SAS_CODES);
    uint8_t hash[WZP_SHA256_BYTES];
    wzp_fingerprint_sha256(out_session->key, sizeof out_session->key, hash);
    memcpy(out_session->id, hash, sizeof out_session->id);
    return WZP_OK;
}

void wzp_handshake_wipe(struct wzp_handshake_session *session)
{
    sodium_memzero(session, sizeof *session);
}
