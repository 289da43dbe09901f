/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as text and values, and names to addresses. */
#include <netdb.h>
#include <stdbool.h>

#include "net/addr.h"
#include "support/wzp_test.h"

static void addresses_read_and_write_back(void **state)
{
    (void)state;
    static const struct {
        const char *text, *back;
        uint16_t port;
    } rows[] = {
        {"127.0.0.1:4433", "127.0.0.1:4433", 4433},
        {"0.0.0.0:0", "0.0.0.0:0", 0},
        {"255.255.255.255:65535", "255.255.255.255:65535", 65535},
        {"[::1]:4433", "[::1]:4433", 4433},
        {"[::]:1", "[::]:1", 1},
        {"[2001:db8:0:0::1]:00080", "[2001:db8::1]:80", 80},
        {"[fe80::1%lo]:5", "[fe80::1%lo]:5", 5},
        {"[::ffff:192.0.2.1]:7", "192.0.2.1:7", 7},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_addr addr;
        assert_ok(wzp_addr_read(rows[i].text, &addr));
        assert_int_equal(wzp_addr_port(&addr), rows[i].port);
        char text[WZP_ADDR_TEXT_BYTES];
        wzp_addr_write(&addr, text);
        assert_string_equal(text, rows[i].back);
    }
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        ":",
        "1",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:+1",
        "127.0.0.1: 1",
        "127.0.0.1:1 ",
        "127.0.0.1:1x",
        "127.0.0.1:999999",
        "127.0.0:1",
        "256.0.0.1:1",
        "localhost:1",
        "::1:1",
        "[::1]",
        "[::1]1",
        "[::1]:",
        "[::1",
        "[127.0.0.1]:1",
        "[::1%nope]:1",
        "[]:1",
        "[1111111111111111111111111111111111111111111111111111111111111111111111111111111111111]:1",
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_addr addr;
        if (wzp_addr_read(rows[i], &addr) != WZP_EMALFORMED) {
            fail_msg("%s", rows[i]);
        }
    }
}

static struct wzp_addr addr_of(const char *text)
{
    struct wzp_addr addr;
    assert_ok(wzp_addr_read(text, &addr));
    return addr;
}

static void equality_is_family_address_and_port(void **state)
{
    (void)state;
    static const char *const texts[] = {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.2:1",         "[::1]:1",
                                        "[::1]:2",     "[::2]:1",     "[::ffff:127.0.0.1]:1"};
    for (size_t i = 0; i < wzp_count(texts); i++) {
        for (size_t j = 0; j < wzp_count(texts); j++) {
            struct wzp_addr a = addr_of(texts[i]), b = addr_of(texts[j]);
            assert_int_equal(wzp_addr_is_equal(&a, &b), i == j);
        }
    }
    struct wzp_addr none = {.size = 0};
    char text[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(&none, text);
    assert_string_equal(text, "-");
    assert_true(wzp_addr_is_equal(&none, &none));
}

static void ip4_goes_into_ip6_and_back(void **state)
{
    (void)state;
    struct wzp_addr ip4 = addr_of("192.0.2.7:4433"), ip6 = addr_of("[2001:db8::1]:4433");
    struct wzp_addr mapped = wzp_addr_mapped(&ip4);
    assert_int_equal(mapped.storage.ss_family, AF_INET6);
    struct wzp_addr back = wzp_addr_unmapped(&mapped);
    assert_true(wzp_addr_is_equal(&back, &ip4));
    back = wzp_addr_mapped(&ip6);
    assert_true(wzp_addr_is_equal(&back, &ip6));
    back = wzp_addr_unmapped(&ip6);
    assert_true(wzp_addr_is_equal(&back, &ip6));
}

static void the_wildcards_are_known(void **state)
{
    (void)state;
    struct wzp_addr yes4 = addr_of("0.0.0.0:5"), yes6 = addr_of("[::]:5");
    struct wzp_addr no4 = addr_of("127.0.0.1:5"), no6 = addr_of("[::1]:5");
    assert_true(wzp_addr_is_any(&yes4) && wzp_addr_is_any(&yes6));
    assert_false(wzp_addr_is_any(&no4) || wzp_addr_is_any(&no6));
}

struct answer {
    size_t n;
    enum wzp_err err;
    struct wzp_addr addr;
};

static void on_resolved(void *context, enum wzp_err err, const struct wzp_addr *addr)
{
    struct answer *answer = context;
    answer->n++;
    answer->err = err;
    if (addr) {
        answer->addr = *addr;
    }
}

/* Resolves `text` and expects one answer, from the loop. */
static struct wzp_addr resolve(struct wzp_loop *loop, const char *text)
{
    struct answer answer = {0};
    struct wzp_resolve *resolve = NULL;
    assert_ok(wzp_resolve_start(loop, text, 4433, on_resolved, &answer, &resolve));
    assert_int_equal(answer.n, 0);
    wzp_loop_run(loop);
    assert_int_equal(answer.n, 1);
    assert_ok(answer.err);
    return answer.addr;
}

/* A bare chroot has no /etc/hosts. */
static bool has_localhost(void)
{
    struct addrinfo *found = NULL;
    bool is_known = getaddrinfo("localhost", NULL, NULL, &found) == 0;
    if (is_known) {
        freeaddrinfo(found);
    }
    return is_known;
}

static void names_and_addresses_resolve(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1:4433"},
        {"127.0.0.1:99", "127.0.0.1:99"},
        {"[::1]", "[::1]:4433"},
        {"[::1]:99", "[::1]:99"},
    };
    struct wzp_loop *loop = NULL;
    assert_ok(wzp_loop_new(&loop));
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_addr got = resolve(loop, rows[i].text), want = addr_of(rows[i].want);
        assert_true(wzp_addr_is_equal(&got, &want));
    }
    if (has_localhost()) {
        struct wzp_addr local = resolve(loop, "localhost:7");
        assert_int_equal(wzp_addr_port(&local), 7);
    }
    wzp_loop_free(loop);
}

static void other_names_are_refused_at_once(void **state)
{
    (void)state;
    static const char *const rows[] = {"",         ":1",   "host:",  "host:x", "host:65536",
                                       "host:1:2", "[::1", "[::1]x", "[]:1",   "::1"};
    struct wzp_loop *loop = NULL;
    assert_ok(wzp_loop_new(&loop));
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_resolve *resolve = NULL;
        if (wzp_resolve_start(loop, rows[i], 4433, on_resolved, NULL, &resolve) != WZP_EMALFORMED) {
            fail_msg("%s", rows[i]);
        }
    }
    wzp_loop_free(loop);
}

static void a_cancelled_one_is_silent(void **state)
{
    (void)state;
    struct wzp_loop *loop = NULL;
    assert_ok(wzp_loop_new(&loop));
    struct answer answer = {0};
    struct wzp_resolve *resolve = NULL;
    assert_ok(wzp_resolve_start(loop, "localhost", 4433, on_resolved, &answer, &resolve));
    wzp_resolve_cancel(resolve);
    wzp_resolve_cancel(NULL);
    wzp_loop_run(loop);
    assert_int_equal(answer.n, 0);
    wzp_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_read_and_write_back),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(equality_is_family_address_and_port),
        cmocka_unit_test(ip4_goes_into_ip6_and_back),
        cmocka_unit_test(the_wildcards_are_known),
        cmocka_unit_test(names_and_addresses_resolve),
        cmocka_unit_test(other_names_are_refused_at_once),
        cmocka_unit_test(a_cancelled_one_is_silent),
    };
    return cmocka_run_group_tests_name("net_addr", tests, NULL, NULL);
}
