/* SPDX-License-Identifier: Apache-2.0 */
#include "net/initial_peek.h"

#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/bytes.h"
#include "net/client_hello.h"
#include "net/expand_label.h"

#define INITIAL_VERSION   1
#define INITIAL_TYPE_MASK 0xf0 /* long header, fixed bit, packet type: RFC 9000, 17.2 */
#define INITIAL_TYPE      0xc0
#define INITIAL_CID_BYTES 20
#define INITIAL_TAG_BYTES 16
#define INITIAL_IV_BYTES  12
#define INITIAL_KEY_BYTES 16
#define INITIAL_SAMPLE_AT 4 /* behind the start of the packet number: RFC 9001, 5.4.2 */
#define INITIAL_BYTES     1500

enum frame_type { /* RFC 9000, 12.4: those that an Initial may hold */
                  FRAME_PADDING = 0x00,
                  FRAME_PING = 0x01,
                  FRAME_ACK = 0x02,
                  FRAME_ACK_ECN = 0x03,
                  FRAME_CRYPTO = 0x06,
                  FRAME_CLOSE = 0x1c,
};

/* ---- frames ---- */

/* RFC 9000, 16 */
static uint64_t read_varint(struct wzp_reader *reader)
{
    uint8_t first = wzp_read_u8(reader);
    uint64_t value = first & 0x3f;
    for (int more = (1 << (first >> 6)) - 1; more > 0; more--) {
        value = value << 8 | wzp_read_u8(reader);
    }
    return value;
}

static enum wzp_err add_piece(struct wzp_initial_hello *hello, uint64_t at, const uint8_t *bytes, size_t size)
{
    if (at > sizeof hello->bytes || size > sizeof hello->bytes - at) {
        return WZP_ELIMIT;
    }
    memcpy(hello->bytes + at, bytes, size);
    for (size_t i = at; i < at + size; i++) {
        hello->known[i / 64] |= (uint64_t)1 << (i % 64);
    }
    return WZP_OK;
}

static void skip_ack(struct wzp_reader *reader, bool has_counts)
{
    wzp_ignore(read_varint(reader)); /* largest, delay */
    wzp_ignore(read_varint(reader));
    uint64_t n_ranges = read_varint(reader);
    wzp_ignore(read_varint(reader));
    for (uint64_t i = 0; i < n_ranges && !reader->failed; i++) {
        wzp_ignore(read_varint(reader));
        wzp_ignore(read_varint(reader));
    }
    for (int i = 0; has_counts && i < 3; i++) {
        wzp_ignore(read_varint(reader));
    }
}

static enum wzp_err read_crypto(struct wzp_reader *reader, struct wzp_initial_hello *hello)
{
    uint64_t at = read_varint(reader);
    uint64_t size = read_varint(reader);
    if (size > wzp_reader_left(reader)) {
        return WZP_EMALFORMED;
    }
    const uint8_t *bytes = wzp_read_bytes(reader, (size_t)size);
    return bytes ? add_piece(hello, at, bytes, (size_t)size) : WZP_EMALFORMED;
}

enum wzp_err wzp_initial_read_frames(const uint8_t *bytes, size_t size, struct wzp_initial_hello *hello)
{
    struct wzp_reader reader = wzp_reader_of(bytes, size);
    enum wzp_err err = WZP_ENOTFOUND;
    while (wzp_reader_left(&reader) > 0) {
        enum wzp_err status = WZP_OK;
        switch (wzp_read_u8(&reader)) {
        case FRAME_PADDING:
        case FRAME_PING:
            break;
        case FRAME_ACK:
            skip_ack(&reader, false);
            break;
        case FRAME_ACK_ECN:
            skip_ack(&reader, true);
            break;
        case FRAME_CRYPTO:
            status = read_crypto(&reader, hello);
            err = WZP_OK;
            break;
        default: /* FRAME_CLOSE is no way to begin either */
            return WZP_EMALFORMED;
        }
        if (status != WZP_OK || reader.failed) {
            return status != WZP_OK ? status : WZP_EMALFORMED;
        }
    }
    return err;
}

enum wzp_err wzp_initial_server_name(const struct wzp_initial_hello *hello, size_t name_size, char *out_name)
{
    size_t size = 0;
    while (size < sizeof hello->bytes && (hello->known[size / 64] >> (size % 64) & 1)) {
        size++;
    }
    struct wzp_client_hello parts;
    enum wzp_err err = wzp_client_hello_read(hello->bytes, size, &parts);
    if (err != WZP_OK) {
        return err;
    }
    if (parts.host_name.size >= name_size) {
        return WZP_ELIMIT;
    }
    memcpy(out_name, hello->bytes + parts.host_name.at, parts.host_name.size);
    out_name[parts.host_name.size] = '\0';
    return WZP_OK;
}

/* ---- decryption ---- */

/* Keys of the client's Initial packets. */
struct keys {
    uint8_t key[INITIAL_KEY_BYTES];
    uint8_t iv[INITIAL_IV_BYTES];
    uint8_t hp[INITIAL_KEY_BYTES];
};

/* Where the parts of an Initial packet stand. */
struct layout {
    const uint8_t *dcid;
    size_t dcid_size;
    size_t number_at; /* of the packet number */
    size_t end;
};

/* RFC 9001, 5.2 */
static bool derive(const struct layout *layout, struct keys *out_keys)
{
    static const uint8_t salt_bytes[] = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                         0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
    const gnutls_datum_t salt = {(unsigned char *)salt_bytes, sizeof salt_bytes};
    const gnutls_datum_t dcid = {(unsigned char *)layout->dcid, (unsigned)layout->dcid_size};
    uint8_t initial[WZP_EXPAND_SECRET_BYTES];
    uint8_t client[WZP_EXPAND_SECRET_BYTES];
    return gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &dcid, &salt, initial) == 0 &&
           wzp_expand_label(initial, "client in", client, sizeof client) &&
           wzp_expand_label(client, "quic key", out_keys->key, sizeof out_keys->key) &&
           wzp_expand_label(client, "quic iv", out_keys->iv, sizeof out_keys->iv) &&
           wzp_expand_label(client, "quic hp", out_keys->hp, sizeof out_keys->hp);
}

/* RFC 9000, 17.2.2 */
static enum wzp_err read_layout(const uint8_t *bytes, size_t size, struct layout *out_layout)
{
    struct wzp_reader reader = wzp_reader_of(bytes, size);
    bool is_initial = (wzp_read_u8(&reader) & INITIAL_TYPE_MASK) == INITIAL_TYPE;
    is_initial = wzp_read_u32(&reader) == INITIAL_VERSION && is_initial;
    out_layout->dcid_size = wzp_read_u8(&reader);
    out_layout->dcid = wzp_read_bytes(&reader, out_layout->dcid_size);
    size_t scid_size = wzp_read_u8(&reader);
    wzp_ignore(wzp_read_bytes(&reader, scid_size));
    uint64_t token_size = read_varint(&reader);
    if (token_size > wzp_reader_left(&reader)) {
        return WZP_EMALFORMED;
    }
    wzp_ignore(wzp_read_bytes(&reader, (size_t)token_size));
    uint64_t length = read_varint(&reader);
    size_t left = wzp_reader_left(&reader);
    bool is_whole = length <= left && length >= INITIAL_SAMPLE_AT + INITIAL_TAG_BYTES;
    if (reader.failed || !is_initial || !is_whole || out_layout->dcid_size > INITIAL_CID_BYTES) {
        return WZP_EMALFORMED;
    }
    out_layout->number_at = size - left;
    out_layout->end = out_layout->number_at + (size_t)length;
    return WZP_OK;
}

/* One block of AES in ECB mode, which is CBC's first with a zero vector. */
static bool make_mask(const uint8_t *hp, const uint8_t *sample, uint8_t out_mask[static INITIAL_TAG_BYTES])
{
    uint8_t zeros[INITIAL_TAG_BYTES] = {0};
    const gnutls_datum_t key = {(unsigned char *)hp, INITIAL_KEY_BYTES};
    const gnutls_datum_t iv = {zeros, sizeof zeros};
    gnutls_cipher_hd_t cipher;
    if (gnutls_cipher_init(&cipher, GNUTLS_CIPHER_AES_128_CBC, &key, &iv) != 0) {
        return false;
    }
    int status = gnutls_cipher_encrypt2(cipher, sample, INITIAL_TAG_BYTES, out_mask, INITIAL_TAG_BYTES);
    gnutls_cipher_deinit(cipher);
    return status == 0;
}

/* Takes the header protection off `packet` (RFC 9001, 5.4) and gives the size of its number; 0 on failure. */
static size_t unmask(uint8_t *packet, const struct layout *layout, const struct keys *keys,
                     uint8_t nonce[static INITIAL_IV_BYTES])
{
    uint8_t mask[INITIAL_TAG_BYTES];
    if (!make_mask(keys->hp, packet + layout->number_at + INITIAL_SAMPLE_AT, mask)) {
        return 0;
    }
    packet[0] ^= mask[0] & 0x0f;
    size_t number_size = (packet[0] & 0x03) + 1U;
    memcpy(nonce, keys->iv, INITIAL_IV_BYTES);
    for (size_t i = 0; i < number_size; i++) {
        uint8_t *byte = &packet[layout->number_at + i];
        *byte ^= mask[1 + i];
        nonce[INITIAL_IV_BYTES - number_size + i] ^= *byte;
    }
    return number_size;
}

/* What is to be decrypted. */
struct sealed {
    const uint8_t *packet;
    size_t header_size;
    size_t end;
    const uint8_t *nonce;
};

static bool decrypt(const struct keys *keys, const struct sealed *sealed, uint8_t *out_plain,
                    size_t *out_size)
{
    const gnutls_datum_t key = {(unsigned char *)keys->key, sizeof keys->key};
    gnutls_aead_cipher_hd_t cipher;
    if (gnutls_aead_cipher_init(&cipher, GNUTLS_CIPHER_AES_128_GCM, &key) != 0) {
        return false;
    }
    int status = gnutls_aead_cipher_decrypt(
        cipher, sealed->nonce, INITIAL_IV_BYTES, sealed->packet, sealed->header_size, INITIAL_TAG_BYTES,
        sealed->packet + sealed->header_size, sealed->end - sealed->header_size, out_plain, out_size);
    gnutls_aead_cipher_deinit(cipher);
    return status == 0;
}

enum wzp_err wzp_initial_peek(const uint8_t *datagram, size_t size, struct wzp_initial_hello *hello)
{
    struct layout layout;
    enum wzp_err err = read_layout(datagram, size, &layout);
    if (err != WZP_OK || layout.end > INITIAL_BYTES) {
        return WZP_EMALFORMED;
    }
    uint8_t packet[INITIAL_BYTES];
    uint8_t plain[INITIAL_BYTES];
    uint8_t nonce[INITIAL_IV_BYTES];
    struct keys keys;
    memcpy(packet, datagram, layout.end);
    size_t number_size = derive(&layout, &keys) ? unmask(packet, &layout, &keys, nonce) : 0;
    size_t plain_size = sizeof plain;
    const struct sealed sealed = {packet, layout.number_at + number_size, layout.end, nonce};
    if (number_size == 0 || !decrypt(&keys, &sealed, plain, &plain_size)) {
        return WZP_EMALFORMED;
    }
    return wzp_initial_read_frames(plain, plain_size, hello);
}
