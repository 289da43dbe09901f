/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client_hello.h"

#include "base/bytes.h"

#define TYPE_CLIENT_HELLO   1
#define HEADER_BYTES        4
#define EXT_SERVER_NAME     0x00
#define EXT_QUIC_PARAMS     0x39
#define NAME_TYPE_HOST_NAME 0

static uint32_t read_u24(struct wzp_reader *reader)
{
    uint32_t high = wzp_read_u8(reader);
    return high << 16 | wzp_read_u16(reader);
}

/* The next `size` bytes as a reader of their own. */
static struct wzp_reader read_part(struct wzp_reader *reader, size_t size)
{
    const uint8_t *bytes = wzp_read_bytes(reader, size);
    return wzp_reader_of(bytes, bytes ? size : 0);
}

static struct wzp_client_hello_part part_of(const uint8_t *start, const struct wzp_reader *reader)
{
    return (struct wzp_client_hello_part){
        .at = reader->at ? (size_t)(reader->at - start) : 0,
        .size = wzp_reader_left(reader),
    };
}

/* The list of server names; an empty list or name is refused as GnuTLS refuses it. */
static enum wzp_err read_names(const uint8_t *start, struct wzp_reader body, struct wzp_client_hello *hello)
{
    uint16_t list_size = wzp_read_u16(&body);
    struct wzp_reader list = read_part(&body, list_size);
    if (body.failed || wzp_reader_left(&body) != 0 || wzp_reader_left(&list) == 0) {
        return WZP_EMALFORMED;
    }
    while (wzp_reader_left(&list) > 0) {
        uint8_t type = wzp_read_u8(&list);
        uint16_t name_size = wzp_read_u16(&list);
        struct wzp_reader name = read_part(&list, name_size);
        if (list.failed || name_size == 0) {
            return WZP_EMALFORMED;
        }
        if (type == NAME_TYPE_HOST_NAME && hello->host_name.size == 0) {
            hello->host_name = part_of(start, &name);
        }
    }
    return WZP_OK;
}

static enum wzp_err read_extension(const uint8_t *start, uint16_t type, const struct wzp_reader *body,
                                   struct wzp_client_hello *hello)
{
    switch (type) {
    case EXT_SERVER_NAME:
        if (hello->server_name_ext.at != 0) {
            return WZP_EMALFORMED; /* RFC 8446, 4.2: one extension of a type */
        }
        hello->server_name_ext = part_of(start, body);
        return read_names(start, *body, hello);
    case EXT_QUIC_PARAMS:
        if (hello->params_ext.at != 0) {
            return WZP_EMALFORMED;
        }
        hello->params_ext = part_of(start, body);
        return WZP_OK;
    default:
        return WZP_OK;
    }
}

static enum wzp_err read_extensions(const uint8_t *start, struct wzp_reader *extensions,
                                    struct wzp_client_hello *hello)
{
    while (wzp_reader_left(extensions) > 0) {
        uint16_t type = wzp_read_u16(extensions);
        uint16_t size = wzp_read_u16(extensions);
        struct wzp_reader body = read_part(extensions, size);
        if (extensions->failed) {
            return WZP_EMALFORMED;
        }
        enum wzp_err err = read_extension(start, type, &body, hello);
        if (err != WZP_OK) {
            return err;
        }
    }
    return WZP_OK;
}

static void skip_fields(struct wzp_reader *body)
{
    wzp_ignore(wzp_read_bytes(body, 2 + 32)); /* legacy_version, random */
    uint8_t session_id_size = wzp_read_u8(body);
    wzp_ignore(wzp_read_bytes(body, session_id_size));
    uint16_t suites_size = wzp_read_u16(body);
    wzp_ignore(wzp_read_bytes(body, suites_size));
    uint8_t compression_size = wzp_read_u8(body);
    wzp_ignore(wzp_read_bytes(body, compression_size));
}

enum wzp_err wzp_client_hello_read(const uint8_t *bytes, size_t size, struct wzp_client_hello *out_hello)
{
    struct wzp_reader message = wzp_reader_of(bytes, size);
    uint8_t type = wzp_read_u8(&message);
    if (size > 0 && type != TYPE_CLIENT_HELLO) {
        return WZP_EMALFORMED;
    }
    uint32_t body_size = read_u24(&message);
    struct wzp_reader body = read_part(&message, body_size);
    if (message.failed) {
        return WZP_EAGAIN;
    }
    skip_fields(&body);
    uint16_t extensions_size = wzp_read_u16(&body);
    struct wzp_reader extensions = read_part(&body, extensions_size);
    if (body.failed || wzp_reader_left(&body) != 0) {
        return WZP_EMALFORMED;
    }
    struct wzp_client_hello hello = {.size = HEADER_BYTES + body_size};
    enum wzp_err err = read_extensions(bytes, &extensions, &hello);
    if (err != WZP_OK) {
        return err;
    }
    *out_hello = hello;
    return WZP_OK;
}
