/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of ClientHellos and, over it, sni.h. */
#include <stdlib.h>

#include "base/bytes.h"
#include "net/client_hello.h"
#include "net/sni.h"
#include "support/wzp_test.h"

#define MAX_HELLO 2048

/* One ClientHello in the making. */
struct draft {
    uint8_t bytes[MAX_HELLO];
    size_t size;
};

static void put_ext(struct wzp_writer *writer, uint16_t type, const void *body, size_t size)
{
    wzp_write_u16(writer, type);
    wzp_write_u16(writer, (uint16_t)size);
    wzp_write_bytes(writer, body, size);
}

static void put_name_ext(struct wzp_writer *writer, uint8_t type, const char *name)
{
    uint8_t body[600];
    struct wzp_writer inner = wzp_writer_of(body, sizeof body);
    wzp_write_u16(&inner, (uint16_t)(strlen(name) + 3));
    wzp_write_u8(&inner, type);
    wzp_write_u16(&inner, (uint16_t)strlen(name));
    wzp_write_bytes(&inner, name, strlen(name));
    put_ext(writer, 0x00, body, wzp_writer_size(&inner));
}

static const uint8_t params[] = "quic transport parameters";

/* A message whose extensions `fill` writes. */
static struct draft make_hello(void (*fill)(struct wzp_writer *, const char *), const char *name)
{
    uint8_t extensions[1200];
    struct wzp_writer inner = wzp_writer_of(extensions, sizeof extensions);
    fill(&inner, name);
    assert_false(inner.failed);
    struct draft draft;
    struct wzp_writer writer = wzp_writer_of(draft.bytes, sizeof draft.bytes);
    size_t body_size = 2 + 32 + 1 + 4 + 2 + 6 + 1 + 1 + 2 + wzp_writer_size(&inner);
    wzp_write_u8(&writer, 1);
    wzp_write_u8(&writer, 0);
    wzp_write_u16(&writer, (uint16_t)body_size);
    wzp_write_u16(&writer, 0x0303);
    uint8_t random[32] = {7};
    wzp_write_bytes(&writer, random, sizeof random);
    wzp_write_u8(&writer, 4);
    wzp_write_bytes(&writer, "sess", 4);
    wzp_write_u16(&writer, 6);
    wzp_write_bytes(&writer, "\x13\x01\x13\x02\x13\x03", 6);
    wzp_write_u8(&writer, 1);
    wzp_write_u8(&writer, 0);
    wzp_write_u16(&writer, (uint16_t)wzp_writer_size(&inner));
    wzp_write_bytes(&writer, extensions, wzp_writer_size(&inner));
    assert_false(writer.failed);
    draft.size = wzp_writer_size(&writer);
    return draft;
}

static void fill_usual(struct wzp_writer *writer, const char *name)
{
    put_ext(writer, 0x2b, "\x02\x03\x04", 3);
    put_name_ext(writer, 0, name);
    put_ext(writer, 0x10, "\0\4\3wzp", 6);
    put_ext(writer, 0x39, params, sizeof params);
}

static void fill_params_first(struct wzp_writer *writer, const char *name)
{
    put_ext(writer, 0x39, params, sizeof params);
    put_name_ext(writer, 0, name);
}

static void fill_no_name(struct wzp_writer *writer, const char *name)
{
    (void)name;
    put_ext(writer, 0x39, params, sizeof params);
}

static void fill_other_type(struct wzp_writer *writer, const char *name)
{
    put_name_ext(writer, 9, name);
}

static void fill_twice(struct wzp_writer *writer, const char *name)
{
    put_name_ext(writer, 0, name);
    put_name_ext(writer, 0, name);
}

static void fill_params_twice(struct wzp_writer *writer, const char *name)
{
    fill_no_name(writer, name);
    fill_no_name(writer, name);
}

static void fill_raw_name_ext(struct wzp_writer *writer, const char *hex_body)
{
    put_ext(writer, 0x00, hex_body + 1, (size_t)hex_body[0]);
}

static void name_and_parameters_are_found(void **state)
{
    (void)state;
    struct draft draft = make_hello(fill_usual, "my_room");
    struct wzp_client_hello hello;
    assert_ok(wzp_client_hello_read(draft.bytes, draft.size, &hello));
    assert_int_equal(hello.size, draft.size);
    assert_int_equal(hello.host_name.size, 7);
    assert_memory_equal(draft.bytes + hello.host_name.at, "my_room", 7);
    assert_int_equal(hello.server_name_ext.at + 5, hello.host_name.at);
    assert_int_equal(hello.params_ext.size, sizeof params);
    assert_memory_equal(draft.bytes + hello.params_ext.at, params, sizeof params);
}

static void what_is_absent_has_no_size(void **state)
{
    (void)state;
    struct wzp_client_hello hello;
    struct draft draft = make_hello(fill_no_name, "");
    assert_ok(wzp_client_hello_read(draft.bytes, draft.size, &hello));
    assert_int_equal(hello.host_name.size, 0);
    draft = make_hello(fill_other_type, "name");
    assert_ok(wzp_client_hello_read(draft.bytes, draft.size, &hello));
    assert_int_equal(hello.host_name.size, 0);
    assert_int_equal(hello.params_ext.size, 0);
}

static void every_shorter_prefix_asks_for_more(void **state)
{
    (void)state;
    struct draft draft = make_hello(fill_usual, "my_room");
    for (size_t size = 0; size < draft.size; size++) {
        uint8_t *copy = malloc(size + 1); /* exact, so that ASan sees a read too far */
        assert_non_null(copy);
        memcpy(copy, draft.bytes, size);
        struct wzp_client_hello hello;
        assert_int_equal(wzp_client_hello_read(copy, size, &hello), WZP_EAGAIN);
        free(copy);
    }
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        void (*fill)(struct wzp_writer *, const char *);
        const char *name;
    } rows[] = {
        {"name twice", fill_twice, "name"},
        {"parameters twice", fill_params_twice, ""},
        {"empty name", fill_usual, ""},
        {"empty body", fill_raw_name_ext, "\0"},
        {"empty list", fill_raw_name_ext, "\2\0\0"},
        {"list longer than its body", fill_raw_name_ext, "\6\0\5\0\0\1x"},
        {"bytes behind the list", fill_raw_name_ext, "\7\0\4\0\0\1xy"},
        {"name longer than its list", fill_raw_name_ext, "\6\0\4\0\0\2x"},
        {"cut entry", fill_raw_name_ext, "\4\0\2\0\0"},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct draft draft = make_hello(rows[i].fill, rows[i].name);
        struct wzp_client_hello hello;
        if (wzp_client_hello_read(draft.bytes, draft.size, &hello) != WZP_EMALFORMED) {
            fail_msg("%s", rows[i].what);
        }
    }
}

/* Every length byte and every other one, with all values: never a crash, never a part outside the message. */
static void any_changed_byte_leaves_parts_inside(void **state)
{
    (void)state;
    struct draft draft = make_hello(fill_usual, "my_room");
    for (size_t at = 0; at < draft.size; at++) {
        for (unsigned value = 0; value < 256; value += 5) {
            struct draft changed = draft;
            changed.bytes[at] = (uint8_t)value;
            struct wzp_client_hello hello;
            if (wzp_client_hello_read(changed.bytes, changed.size, &hello) != WZP_OK) {
                continue;
            }
            assert_true(hello.size <= changed.size);
            assert_true(hello.host_name.at + hello.host_name.size <= hello.size);
            assert_true(hello.server_name_ext.at + hello.server_name_ext.size <= hello.size);
            assert_true(hello.params_ext.at + hello.params_ext.size <= hello.size);
        }
    }
}

static void other_messages_are_refused(void **state)
{
    (void)state;
    struct draft draft = make_hello(fill_usual, "name");
    draft.bytes[0] = 2;
    struct wzp_client_hello hello;
    assert_int_equal(wzp_client_hello_read(draft.bytes, draft.size, &hello), WZP_EMALFORMED);
    assert_int_equal(wzp_client_hello_read(draft.bytes, 1, &hello), WZP_EMALFORMED);
}

static void a_name_is_read_from_pieces(void **state)
{
    (void)state;
    static const size_t cuts[] = {1, 4, 40, 100};
    struct draft draft = make_hello(fill_usual, "My_Room.");
    for (size_t i = 0; i < wzp_count(cuts); i++) {
        struct wzp_sni sni = {0};
        assert_ok(wzp_sni_feed(&sni, draft.bytes, cuts[i]));
        assert_false(sni.is_read);
        assert_ok(wzp_sni_feed(&sni, draft.bytes + cuts[i], draft.size - cuts[i]));
        assert_true(sni.is_read);
        assert_string_equal(sni.name, "my_room");
        wzp_sni_deinit(&sni);
    }
}

static void the_last_hello_counts(void **state)
{
    (void)state;
    struct draft first = make_hello(fill_usual, "first_name");
    struct draft second = make_hello(fill_params_first, "second_name");
    struct wzp_sni sni = {0};
    assert_ok(wzp_sni_feed(&sni, first.bytes, first.size));
    assert_ok(wzp_sni_feed(&sni, second.bytes, second.size));
    assert_string_equal(sni.name, "second_name");
    wzp_sni_deinit(&sni);
}

static void a_hello_without_end_is_cut_off(void **state)
{
    (void)state;
    struct wzp_sni sni = {0};
    uint8_t bytes[1024] = {1, 0xff, 0xff, 0xff};
    enum wzp_err err = WZP_OK;
    size_t n = 0;
    while (err == WZP_OK && n < 100) {
        err = wzp_sni_feed(&sni, bytes, sizeof bytes);
        n += err == WZP_OK ? 1 : 0;
    }
    assert_int_equal(err, WZP_ELIMIT);
    assert_int_equal(n, WZP_SNI_MAX_HELLO_BYTES / sizeof bytes);
    wzp_sni_deinit(&sni);
}

static void names_that_no_name_is_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"a b", "a\x01", "\xc3\xa4", "a/b", "a:b", "[::1]", "*"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        struct draft draft = make_hello(fill_usual, names[i]);
        struct wzp_sni sni = {0};
        assert_int_equal(wzp_sni_feed(&sni, draft.bytes, draft.size), WZP_EMALFORMED);
        wzp_sni_deinit(&sni);
    }
}

/* Where GnuTLS's copy of the message would be. */
static void disguise(const struct wzp_sni *sni, struct draft *theirs, const struct wzp_client_hello *at)
{
    wzp_sni_disguise(sni, theirs->bytes + at->params_ext.at, at->params_ext.size);
}

static void a_name_with_an_underscore_gets_an_unknown_type(void **state)
{
    (void)state;
    void (*const fills[])(struct wzp_writer *, const char *) = {fill_usual, fill_params_first};
    for (size_t i = 0; i < wzp_count(fills); i++) {
        struct draft ours = make_hello(fills[i], "_federation");
        struct draft theirs = ours;
        struct wzp_sni sni = {0};
        assert_ok(wzp_sni_feed(&sni, ours.bytes, ours.size));
        disguise(&sni, &theirs, &sni.hello);
        size_t type_at = sni.hello.host_name.at - 3;
        assert_int_equal(theirs.bytes[type_at], 255);
        theirs.bytes[type_at] = 0;
        assert_memory_equal(theirs.bytes, ours.bytes, ours.size);
        wzp_sni_deinit(&sni);
    }
}

static void nothing_is_written_where_it_need_not_or_does_not_fit(void **state)
{
    (void)state;
    struct draft plain = make_hello(fill_usual, "general");
    struct draft theirs = plain;
    struct wzp_sni sni = {0};
    assert_ok(wzp_sni_feed(&sni, plain.bytes, plain.size));
    disguise(&sni, &theirs, &sni.hello);
    assert_memory_equal(theirs.bytes, plain.bytes, plain.size);
    wzp_sni_deinit(&sni);

    struct draft ours = make_hello(fill_usual, "my_room");
    sni = (struct wzp_sni){0};
    assert_ok(wzp_sni_feed(&sni, ours.bytes, ours.size));
    struct draft other = make_hello(fill_usual, "my_cave");
    theirs = other;
    disguise(&sni, &theirs, &sni.hello);
    assert_memory_equal(theirs.bytes, other.bytes, other.size);
    uint8_t elsewhere[sizeof params] = "something else";
    wzp_sni_disguise(&sni, elsewhere, sizeof elsewhere);
    wzp_sni_disguise(&sni, elsewhere, 3);
    wzp_sni_deinit(&sni);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_and_parameters_are_found),
        cmocka_unit_test(what_is_absent_has_no_size),
        cmocka_unit_test(every_shorter_prefix_asks_for_more),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(any_changed_byte_leaves_parts_inside),
        cmocka_unit_test(other_messages_are_refused),
        cmocka_unit_test(a_name_is_read_from_pieces),
        cmocka_unit_test(the_last_hello_counts),
        cmocka_unit_test(a_hello_without_end_is_cut_off),
        cmocka_unit_test(names_that_no_name_is_are_refused),
        cmocka_unit_test(a_name_with_an_underscore_gets_an_unknown_type),
        cmocka_unit_test(nothing_is_written_where_it_need_not_or_does_not_fit),
    };
    return cmocka_run_group_tests_name("net_client_hello", tests, NULL, NULL);
}
