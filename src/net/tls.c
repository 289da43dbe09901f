/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS 1.3 for QUIC: who we are, what we offer, whom we believe.
 *
 * Trust is the fingerprint of a certificate (pinned, or remembered by the floors above), so GnuTLS's chain
 * verification is off. The proof of possession (CertificateVerify) is not part of that and always checked.
 * Server sessions are set up by hand instead of by ngtcp2's helper, for the sake of sni.h.
 */
#include "net/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "base/text.h"
#include "net/packet_crypto.h"

/* The same order as the peers of the first generation, so that they agree on AES-128-GCM and X25519. */
#define PRIORITIES                                                                                           \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:-GROUP-ALL:"     \
    "+GROUP-X25519:+GROUP-SECP256R1:%DISABLE_TLS13_COMPAT_MODE"
#define SERVER_PRIORITIES PRIORITIES ":%SERVER_PRECEDENCE"
#define SESSION_FLAGS     (GNUTLS_NO_AUTO_SEND_TICKET | GNUTLS_NO_END_OF_EARLY_DATA)
#define PARAMS_BYTES      256 /* ours encode to about 100 */

struct wzp_tls {
    gnutls_certificate_credentials_t credentials; /* with our certificate, if we have one */
    gnutls_certificate_credentials_t anonymous;   /* without */
    gnutls_priority_t priorities, server_priorities;
    struct wzp_fast_aes *fast_aes;
    FILE *keylog;
};

/* Ed25519 keys in PKCS #8 (RFC 8410, section 7) are this and the 32 bytes of the seed. */
static const uint8_t pkcs8_head[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                     0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

/* GnuTLS takes an Ed25519 key that is not the certificate's; the handshakes would fail, one by one. */
static bool is_pair(gnutls_certificate_credentials_t credentials)
{
    uint8_t of_key[32] = {0};
    uint8_t of_cert[32] = {1};
    size_t key_size = sizeof of_key, cert_size = sizeof of_cert;
    gnutls_x509_privkey_t key = NULL;
    gnutls_x509_crt_t *certs = NULL;
    unsigned n_certs = 0;
    bool ok = gnutls_certificate_get_x509_key(credentials, 0, &key) == 0 &&
              gnutls_certificate_get_x509_crt(credentials, 0, &certs, &n_certs) == 0 && n_certs == 1 &&
              gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, of_key, &key_size) == 0 &&
              gnutls_x509_crt_get_key_id(certs[0], GNUTLS_KEYID_USE_SHA256, of_cert, &cert_size) == 0 &&
              key_size == cert_size && memcmp(of_key, of_cert, key_size) == 0;
    for (unsigned i = 0; i < n_certs; i++) {
        gnutls_x509_crt_deinit(certs[i]);
    }
    gnutls_free(certs);
    gnutls_x509_privkey_deinit(key);
    return ok;
}

static enum wzp_err load_identity(struct wzp_tls *tls, const struct wzp_endpoint_identity *identity)
{
    uint8_t key[sizeof pkcs8_head + sizeof identity->secret];
    memcpy(key, pkcs8_head, sizeof pkcs8_head);
    memcpy(key + sizeof pkcs8_head, identity->secret, sizeof identity->secret);
    gnutls_datum_t key_datum = {key, sizeof key};
    gnutls_datum_t cert_datum = {(unsigned char *)identity->cert_der, (unsigned)identity->cert_size};
    int status =
        gnutls_certificate_set_x509_key_mem(tls->credentials, &cert_datum, &key_datum, GNUTLS_X509_FMT_DER);
    gnutls_memset(key, 0, sizeof key);
    return status == 0 && is_pair(tls->credentials) ? WZP_OK : WZP_ETLS;
}

/* Whoever reads the file can decrypt the traffic: it is for the owner only, also where it existed. */
static enum wzp_err open_keylog(struct wzp_tls *tls, const char *path)
{
    mode_t mask = umask(077);
    tls->keylog = fopen(path, "ae");
    wzp_ignore(umask(mask));
    if (!tls->keylog) {
        return WZP_EIO;
    }
    wzp_ignore(fchmod(fileno(tls->keylog), 0600));
    return WZP_OK;
}

static void free_tls(struct wzp_tls **tls)
{
    wzp_tls_free(*tls);
}

enum wzp_err wzp_tls_new(const struct wzp_endpoint_identity *identity, const char *keylog_file,
                         struct wzp_tls **out_tls)
{
    WZP_AUTO(free_tls) struct wzp_tls *tls = calloc(1, sizeof *tls);
    if (!tls) {
        return WZP_ENOMEM;
    }
    if (gnutls_certificate_allocate_credentials(&tls->credentials) != 0 ||
        gnutls_certificate_allocate_credentials(&tls->anonymous) != 0 ||
        gnutls_priority_init(&tls->priorities, PRIORITIES, NULL) != 0 ||
        gnutls_priority_init(&tls->server_priorities, SERVER_PRIORITIES, NULL) != 0) {
        return WZP_ETLS;
    }
    enum wzp_err err = wzp_fast_aes_new(&tls->fast_aes);
    if (err == WZP_ENOMEM) {
        return err;
    }
    err = identity ? load_identity(tls, identity) : WZP_OK;
    if (err == WZP_OK && keylog_file) {
        err = open_keylog(tls, keylog_file);
    }
    if (err != WZP_OK) {
        return err;
    }
    *out_tls = wzp_take(tls);
    return WZP_OK;
}

void wzp_tls_free(struct wzp_tls *tls)
{
    if (!tls) {
        return;
    }
    if (tls->credentials) {
        gnutls_certificate_free_credentials(tls->credentials);
    }
    if (tls->anonymous) {
        gnutls_certificate_free_credentials(tls->anonymous);
    }
    if (tls->priorities) {
        gnutls_priority_deinit(tls->priorities);
    }
    if (tls->server_priorities) {
        gnutls_priority_deinit(tls->server_priorities);
    }
    if (tls->keylog) {
        wzp_ignore(fclose(tls->keylog));
    }
    wzp_fast_aes_free(tls->fast_aes);
    free(tls);
}

const struct wzp_fast_aes *wzp_tls_fast_aes(const struct wzp_tls *tls)
{
    return tls->fast_aes;
}

static struct wzp_tls_session *session_of(gnutls_session_t gnutls)
{
    ngtcp2_crypto_conn_ref *ref = gnutls_session_get_ptr(gnutls);
    return wzp_container(ref, struct wzp_tls_session, ref);
}

static ngtcp2_conn *ng_of(gnutls_session_t gnutls)
{
    struct wzp_tls_session *session = session_of(gnutls);
    return session->ref.get_conn(&session->ref);
}

/* One line of the NSS key log format: label, client random, secret. */
static int on_keylog(gnutls_session_t gnutls, const char *label, const gnutls_datum_t *secret)
{
    gnutls_datum_t client_random, server_random;
    gnutls_session_get_random(gnutls, &client_random, &server_random);
    char random_hex[2 * 32 + 1];
    char secret_hex[2 * 64 + 1];
    if (client_random.size * 2 < sizeof random_hex && secret->size * 2 < sizeof secret_hex) {
        wzp_hex_write(client_random.data, client_random.size, random_hex);
        wzp_hex_write(secret->data, secret->size, secret_hex);
        FILE *keylog = session_of(gnutls)->tls->keylog;
        wzp_ignore(fprintf(keylog, "%s %s %s\n", label, random_hex, secret_hex));
        wzp_ignore(fflush(keylog));
    }
    return 0;
}

static enum wzp_err open_session(struct wzp_tls_session *session, struct wzp_tls *tls, unsigned role)
{
    if (gnutls_init(&session->gnutls, role | SESSION_FLAGS) != 0) {
        session->gnutls = NULL;
        return WZP_ENOMEM;
    }
    session->tls = tls;
    gnutls_session_set_ptr(session->gnutls, &session->ref);
    if (tls->keylog) {
        gnutls_session_set_keylog_function(session->gnutls, on_keylog);
    }
    return WZP_OK;
}

static int set_alpn(gnutls_session_t gnutls, const char *alpn)
{
    gnutls_datum_t datum = {(unsigned char *)alpn, (unsigned)strlen(alpn)};
    return gnutls_alpn_set_protocols(gnutls, &datum, 1, GNUTLS_ALPN_MANDATORY);
}

/* The four functions of a server session do what ngtcp2's helper does; on_secret, which clients have as well,
 * and on_client_params do more. */

static int on_secret(gnutls_session_t gnutls, gnutls_record_encryption_level_t gnutls_level,
                     const void *rx_secret, const void *tx_secret, size_t size)
{
    const struct wzp_packet_secrets secrets = {
        .level = ngtcp2_crypto_gnutls_from_gnutls_record_encryption_level(gnutls_level),
        .rx = rx_secret,
        .tx = tx_secret,
        .size = size,
    };
    bool ok = wzp_packet_crypto_install(ng_of(gnutls), session_of(gnutls)->tls->fast_aes, &secrets);
    return ok ? 0 : -1;
}

static int on_handshake_bytes(gnutls_session_t gnutls, gnutls_record_encryption_level_t gnutls_level,
                              gnutls_handshake_description_t type, const void *bytes, size_t size)
{
    if (type == GNUTLS_HANDSHAKE_CHANGE_CIPHER_SPEC) {
        return 0; /* QUIC has none */
    }
    ngtcp2_conn *ng = ng_of(gnutls);
    ngtcp2_encryption_level level = ngtcp2_crypto_gnutls_from_gnutls_record_encryption_level(gnutls_level);
    int status = ngtcp2_conn_submit_crypto_data(ng, level, bytes, size);
    if (status != 0) {
        ngtcp2_conn_set_tls_error(ng, status);
        return -1;
    }
    return 0;
}

static int on_alert(gnutls_session_t gnutls, gnutls_record_encryption_level_t gnutls_level,
                    gnutls_alert_level_t alert_level, gnutls_alert_description_t alert)
{
    (void)gnutls_level;
    (void)alert_level;
    ngtcp2_conn_set_tls_alert(ng_of(gnutls), (uint8_t)alert);
    return 0;
}

static int on_client_params(gnutls_session_t gnutls, const uint8_t *bytes, size_t size)
{
    wzp_sni_disguise(&session_of(gnutls)->sni, bytes, size);
    ngtcp2_conn *ng = ng_of(gnutls);
    int status = ngtcp2_conn_decode_and_set_remote_transport_params(ng, bytes, size);
    if (status != 0) {
        ngtcp2_conn_set_tls_error(ng, status);
        return -1;
    }
    return 0;
}

static int write_params(gnutls_session_t gnutls, gnutls_buffer_t out_buffer)
{
    uint8_t bytes[PARAMS_BYTES];
    ngtcp2_ssize size = ngtcp2_conn_encode_local_transport_params(ng_of(gnutls), bytes, sizeof bytes);
    return size > 0 && gnutls_buffer_append_data(out_buffer, bytes, (size_t)size) == 0 ? 0 : -1;
}

enum wzp_err wzp_tls_session_open_server(struct wzp_tls_session *session, struct wzp_tls *tls)
{
    enum wzp_err err = open_session(session, tls, GNUTLS_SERVER);
    if (err != WZP_OK) {
        return err;
    }
    gnutls_session_t gnutls = session->gnutls;
    gnutls_handshake_set_secret_function(gnutls, on_secret);
    gnutls_handshake_set_read_function(gnutls, on_handshake_bytes);
    gnutls_alert_set_read_function(gnutls, on_alert);
    gnutls_certificate_server_set_request(gnutls, GNUTLS_CERT_REQUEST); /* asked for, not insisted on */
    bool ok = gnutls_session_ext_register(
                  gnutls, "QUIC transport parameters", NGTCP2_TLSEXT_QUIC_TRANSPORT_PARAMETERS_V1,
                  GNUTLS_EXT_VERSION_NEG, on_client_params, write_params, NULL, NULL, NULL,
                  GNUTLS_EXT_FLAG_TLS | GNUTLS_EXT_FLAG_CLIENT_HELLO | GNUTLS_EXT_FLAG_EE) == 0 &&
              gnutls_priority_set(gnutls, tls->server_priorities) == 0 &&
              gnutls_credentials_set(gnutls, GNUTLS_CRD_CERTIFICATE, tls->credentials) == 0 &&
              set_alpn(gnutls, WZP_TLS_ALPN) == 0;
    return ok ? WZP_OK : WZP_ETLS;
}

/* Runs in a client's handshake when the server's certificate is there: a wrong one ends it with an alert. */
static int check_pin(gnutls_session_t gnutls)
{
    struct wzp_tls_session *session = session_of(gnutls);
    uint8_t fingerprint[WZP_QUIC_FINGERPRINT_BYTES];
    if (wzp_tls_session_fingerprint(session, fingerprint) &&
        memcmp(fingerprint, session->pin, sizeof fingerprint) == 0) {
        return 0;
    }
    session->has_failed_pin = true;
    return GNUTLS_E_CERTIFICATE_ERROR;
}

enum wzp_err wzp_tls_session_open_client(struct wzp_tls_session *session, struct wzp_tls *tls,
                                         const struct wzp_dial *dial)
{
    enum wzp_err err = open_session(session, tls, GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT);
    if (err != WZP_OK) {
        return err;
    }
    gnutls_session_t gnutls = session->gnutls;
    const char *name = dial->server_name ? dial->server_name : "";
    gnutls_certificate_credentials_t credentials = dial->hide_identity ? tls->anonymous : tls->credentials;
    bool is_configured = ngtcp2_crypto_gnutls_configure_client_session(gnutls) == 0;
    gnutls_handshake_set_secret_function(gnutls, on_secret);
    bool ok = is_configured && gnutls_priority_set(gnutls, tls->priorities) == 0 &&
              gnutls_credentials_set(gnutls, GNUTLS_CRD_CERTIFICATE, credentials) == 0 &&
              set_alpn(gnutls, dial->alpn ? dial->alpn : WZP_TLS_ALPN) == 0 &&
              (name[0] == '\0' || gnutls_server_name_set(gnutls, GNUTLS_NAME_DNS, name, strlen(name)) == 0);
    if (!ok) {
        return WZP_ETLS;
    }
    if (dial->pin) {
        memcpy(session->pin, dial->pin, sizeof session->pin);
        session->has_pin = true;
        gnutls_session_set_verify_function(gnutls, check_pin);
    }
    return WZP_OK;
}

void wzp_tls_session_close(struct wzp_tls_session *session)
{
    wzp_sni_deinit(&session->sni);
    if (session->gnutls) {
        gnutls_deinit(session->gnutls);
        session->gnutls = NULL;
    }
}

bool wzp_tls_session_fingerprint(const struct wzp_tls_session *session,
                                 uint8_t out_fingerprint[static WZP_QUIC_FINGERPRINT_BYTES])
{
    unsigned n = 0;
    const gnutls_datum_t *certs = gnutls_certificate_get_peers(session->gnutls, &n);
    return certs && n > 0 &&
           gnutls_hash_fast(GNUTLS_DIG_SHA256, certs[0].data, certs[0].size, out_fingerprint) == 0;
}
