/* SPDX-License-Identifier: Apache-2.0 */
#include "net/expand_label.h"

#include <assert.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/bytes.h"

#define INFO_BYTES 64

bool wzp_expand_label(const uint8_t secret[static WZP_EXPAND_SECRET_BYTES], const char *label,
                      uint8_t *out_bytes, size_t size)
{
    static const char prefix[] = "tls13 ";
    size_t label_size = strlen(label);
    uint8_t info[INFO_BYTES];
    struct wzp_writer writer = wzp_writer_of(info, sizeof info);
    wzp_write_u16(&writer, (uint16_t)size);
    wzp_write_u8(&writer, (uint8_t)(sizeof prefix - 1 + label_size));
    wzp_write_bytes(&writer, prefix, sizeof prefix - 1);
    wzp_write_bytes(&writer, label, label_size);
    wzp_write_u8(&writer, 0); /* no context */
    assert(!writer.failed);
    const gnutls_datum_t key = {(unsigned char *)secret, WZP_EXPAND_SECRET_BYTES};
    const gnutls_datum_t what = {info, (unsigned)wzp_writer_size(&writer)};
    return gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &key, &what, out_bytes, size) == 0;
}
