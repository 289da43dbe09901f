/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate is three levels of DER whose lengths are known only when the serial number is. The writer
 * therefore notes where a value starts, and puts tag and length in front of it when it is complete.
 */
#include "crypto/cert.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/bytes.h"

#define SERIAL_BYTES 20
#define COMMON_NAME  "rcgen self signed cert" /* what the first generation's library writes */
#define DNS_NAME     "localhost"

enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_SEQUENCE = 0x30,
};

/* AlgorithmIdentifier of Ed25519, OID 1.3.101.112, parameters absent (RFC 8410). */
static const uint8_t ed25519_algorithm[] = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};

/* [0] { INTEGER 2 }: X.509 version 3. */
static const uint8_t version_3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};

/* One relative distinguished name with one attribute, commonName (2.5.4.3), as UTF8String. */
static const char name[] = "\x30\x21\x31\x1f\x30\x1d\x06\x03\x55\x04\x03\x0c\x16" COMMON_NAME;

static const char validity[] = "\x30\x20\x17\x0d"
                               "750101000000Z"
                               "\x18\x0f"
                               "40960101000000Z";

/* [3] { one extension: subjectAltName (2.5.29.17) with one dNSName }. */
static const char extensions[] =
    "\xa3\x18\x30\x16\x30\x14\x06\x03\x55\x1d\x11\x04\x0d\x30\x0b\x82\x09" DNS_NAME;

/* Puts tag and length in front of everything written since `start`. */
static void wrap(struct wzp_writer *writer, size_t start, uint8_t tag)
{
    size_t size = wzp_writer_size(writer) - start;
    size_t head = size < 128 ? 2 : size < 256 ? 3 : 4;
    if (!wzp_write_space(writer, head)) {
        return;
    }
    uint8_t *at = writer->start + start;
    memmove(at + head, at, size);
    at[0] = tag;
    switch (head) {
    case 2:
        at[1] = (uint8_t)size;
        break;
    case 3:
        at[1] = 0x81;
        at[2] = (uint8_t)size;
        break;
    default:
        at[1] = 0x82;
        at[2] = (uint8_t)(size >> 8);
        at[3] = (uint8_t)size;
        break;
    }
}

/* A positive INTEGER in its shortest form: the start of the key's hash, its sign bit cleared. */
static void write_serial(struct wzp_writer *writer, const uint8_t public_key[static 32])
{
    uint8_t hash[WZP_SHA256_BYTES];
    wzp_fingerprint_sha256(public_key, 32, hash);
    hash[0] &= 0x7f;
    size_t skip = 0;
    while (skip < SERIAL_BYTES - 1 && hash[skip] == 0) {
        skip++;
    }
    size_t start = wzp_writer_size(writer);
    if (hash[skip] >= 0x80) {
        wzp_write_u8(writer, 0);
    }
    wzp_write_bytes(writer, hash + skip, SERIAL_BYTES - skip);
    wrap(writer, start, DER_INTEGER);
}

static void write_bit_string(struct wzp_writer *writer, const uint8_t *bytes, size_t size)
{
    size_t start = wzp_writer_size(writer);
    wzp_write_u8(writer, 0); /* no unused bits */
    wzp_write_bytes(writer, bytes, size);
    wrap(writer, start, DER_BIT_STRING);
}

static void write_public_key(struct wzp_writer *writer, const uint8_t public_key[static 32])
{
    size_t start = wzp_writer_size(writer);
    wzp_write_bytes(writer, ed25519_algorithm, sizeof ed25519_algorithm);
    write_bit_string(writer, public_key, 32);
    wrap(writer, start, DER_SEQUENCE);
}

/* TBSCertificate of RFC 5280, section 4.1. */
static void write_signed_part(struct wzp_writer *writer, const uint8_t public_key[static 32])
{
    wzp_write_bytes(writer, version_3, sizeof version_3);
    write_serial(writer, public_key);
    wzp_write_bytes(writer, ed25519_algorithm, sizeof ed25519_algorithm);
    wzp_write_bytes(writer, name, sizeof name - 1); /* issuer */
    wzp_write_bytes(writer, validity, sizeof validity - 1);
    wzp_write_bytes(writer, name, sizeof name - 1); /* subject */
    write_public_key(writer, public_key);
    wzp_write_bytes(writer, extensions, sizeof extensions - 1);
    wrap(writer, 0, DER_SEQUENCE);
}

static void sign(const struct wzp_identity *identity, const void *bytes, size_t size,
                 uint8_t out_signature[static crypto_sign_BYTES])
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(public_key, secret, identity->tls_secret);
    crypto_sign_detached(out_signature, NULL, bytes, size, secret);
    sodium_memzero(secret, sizeof secret);
}

void wzp_cert_init(struct wzp_cert *cert, const struct wzp_identity *identity)
{
    struct wzp_writer writer = wzp_writer_of(cert->der, sizeof cert->der);
    write_signed_part(&writer, identity->tls_public);
    uint8_t signature[crypto_sign_BYTES];
    sign(identity, cert->der, wzp_writer_size(&writer), signature);
    wzp_write_bytes(&writer, ed25519_algorithm, sizeof ed25519_algorithm);
    write_bit_string(&writer, signature, sizeof signature);
    wrap(&writer, 0, DER_SEQUENCE);
    assert(!writer.failed);

    cert->size = wzp_writer_size(&writer);
    wzp_fingerprint_sha256(cert->der, cert->size, cert->fingerprint);
    wzp_fingerprint_write(cert->fingerprint, cert->fingerprint_text);
}
