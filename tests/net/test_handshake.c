/* SPDX-License-Identifier: Apache-2.0 */
/* How connections begin: names, certificates, ALPN, Retry, refusals. */
#include "net/conn.h"
#include "net_side.h"

#define TLS_ALERT(n)       (0x100U + (n))
#define CONNECTION_REFUSED 0x02
/* 253 bytes with their dots: the longest name. */
#define LONG_61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_"
#define LONG_63 "a_" LONG_61

static void names_arrive_lower_cased(void **state)
{
    (void)state;
    static const struct {
        const char *sent, *seen;
    } rows[] = {
        {"general", "general"},
        {"General", "general"},
        {"_federation", "_federation"},
        {"_Signal", "_signal"},
        {"my_room", "my_room"},
        {"My_Room.Sub_Room", "my_room.sub_room"},
        {"a-b.c9", "a-b.c9"},
        {"trailing_dot.", "trailing_dot"},
        {"0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"},
        {LONG_63 "." LONG_63 "." LONG_63 "." LONG_61, LONG_63 "." LONG_63 "." LONG_63 "." LONG_61},
        {"", ""},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct net_pair p;
        struct wzp_endpoint_config server = net_config(true), client = net_config(false);
        net_pair_start(&p, &server, &client, rows[i].sent);
        assert_string_equal(p.server.server_name, rows[i].seen);
        assert_true(wzp_conn_is_server(p.at_server));
        assert_false(wzp_conn_is_server(p.at_client));
        net_pair_stop(&p);
    }
}

/* A server and a client that can't come together: what the client is told. */
struct failure {
    struct wzp_loop *loop;
    struct net_side server, client;
};

static void start_failure(struct failure *f, const struct wzp_endpoint_config *server)
{
    struct wzp_endpoint_config client = net_config(false);
    assert_ok(wzp_loop_new(&f->loop));
    net_side_start(&f->server, f->loop, server);
    net_side_start(&f->client, f->loop, &client);
}

static void dial_failure(struct failure *f, struct wzp_dial dial)
{
    dial.addr = wzp_endpoint_addr(f->server.endpoint);
    struct wzp_conn *conn = NULL;
    assert_ok(wzp_endpoint_dial(f->client.endpoint, &dial, &conn));
    net_wait_for(f->loop, &f->client.n_closed, 1, NET_PATIENCE);
    assert_int_equal(f->client.n_opened, 0);
    assert_false(f->client.closed.was_open);
}

static void stop_failure(struct failure *f)
{
    net_side_stop(&f->client);
    net_side_stop(&f->server);
    wzp_loop_free(f->loop);
}

static void names_with_other_bytes_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"bad name", "semi;colon", "sl/ash",
                                        LONG_63 "." LONG_63 "." LONG_63 "." LONG_61 "a"};
    for (size_t i = 0; i < wzp_count(names); i++) {
        struct failure f;
        struct wzp_endpoint_config server = net_config(true);
        start_failure(&f, &server);
        dial_failure(&f, (struct wzp_dial){.server_name = names[i]});
        assert_int_equal(f.client.closed.origin, WZP_CLOSED_BY_TRANSPORT);
        assert_int_equal(f.client.closed.err, WZP_ETLS);
        assert_int_equal(f.client.closed.code, TLS_ALERT(112)); /* unrecognized_name */
        assert_int_equal(f.server.n_opened, 0);
        assert_int_equal(f.server.n_closed, 0); /* not heard of */
        stop_failure(&f);
    }
}

static void another_alpn_ends_with_the_right_alert(void **state)
{
    (void)state;
    struct failure f;
    struct wzp_endpoint_config server = net_config(true);
    start_failure(&f, &server);
    dial_failure(&f, (struct wzp_dial){.server_name = "general", .alpn = "h3"});
    assert_int_equal(f.client.closed.err, WZP_ETLS);
    assert_int_equal(f.client.closed.code, TLS_ALERT(120)); /* no_application_protocol */
    assert_non_null(strstr(f.client.closed.reason, "by the peer"));
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(f.server.endpoint, &stats);
    assert_int_equal(stats.handshakes_failed, 1);
    assert_int_equal(stats.half_open, 0);
    assert_int_equal(stats.conns, 0);
    stop_failure(&f);
}

static void a_wrong_pin_ends_before_anything_is_sent(void **state)
{
    (void)state;
    struct failure f;
    struct wzp_endpoint_config server = net_config(true);
    start_failure(&f, &server);
    dial_failure(&f, (struct wzp_dial){.server_name = "general", .pin = net_fingerprint_b});
    assert_int_equal(f.client.closed.err, WZP_EAUTH);
    assert_string_not_equal(f.client.closed.reason, "");
    net_run_for(f.loop, 20 * WZP_MS);
    assert_int_equal(f.server.n_opened, 0);
    stop_failure(&f);
}

static void the_right_pin_opens(void **state)
{
    (void)state;
    struct failure f;
    struct wzp_endpoint_config server = net_config(true);
    start_failure(&f, &server);
    struct wzp_dial dial = {
        .addr = wzp_endpoint_addr(f.server.endpoint), .server_name = "general", .pin = net_fingerprint_a};
    struct wzp_conn *conn = NULL;
    assert_ok(wzp_endpoint_dial(f.client.endpoint, &dial, &conn));
    net_wait_for(f.loop, &f.client.n_opened, 1, NET_PATIENCE);
    assert_memory_equal(wzp_conn_peer_fingerprint(conn), net_fingerprint_a, sizeof net_fingerprint_a);
    stop_failure(&f);
}

static void a_client_certificate_is_seen_when_shown(void **state)
{
    (void)state;
    static const struct {
        const struct wzp_endpoint_identity *identity;
        bool hides, is_seen;
    } rows[] = {{NULL, false, false}, {&net_identity_b, false, true}, {&net_identity_b, true, false}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct failure f;
        struct wzp_endpoint_config server = net_config(true), client = net_config(false);
        client.identity = rows[i].identity;
        assert_ok(wzp_loop_new(&f.loop));
        net_side_start(&f.server, f.loop, &server);
        net_side_start(&f.client, f.loop, &client);
        struct wzp_dial dial = {.addr = wzp_endpoint_addr(f.server.endpoint),
                                .server_name = "_federation",
                                .hide_identity = rows[i].hides};
        struct wzp_conn *conn = NULL;
        assert_ok(wzp_endpoint_dial(f.client.endpoint, &dial, &conn));
        net_wait_for(f.loop, &f.server.n_opened, 1, NET_PATIENCE);
        assert_int_equal(f.server.has_fingerprint, rows[i].is_seen);
        if (rows[i].is_seen) {
            assert_memory_equal(f.server.fingerprint, net_fingerprint_b, sizeof net_fingerprint_b);
        }
        stop_failure(&f);
    }
}

/* A client that guesses a key exchange we don't have is asked again; the name is read from its second hello.
 */
static void a_hello_retry_keeps_the_name(void **state)
{
    (void)state;
    struct failure f;
    struct wzp_endpoint_config server = net_config(true);
    start_failure(&f, &server);
    struct wzp_conn *conn = net_dial(&f.client, &f.server, "my_room");
    assert_int_equal(gnutls_priority_set_direct(conn->tls.gnutls,
                                                "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP384R1:"
                                                "+GROUP-SECP256R1:%DISABLE_TLS13_COMPAT_MODE",
                                                NULL),
                     0);
    net_wait_for(f.loop, &f.server.n_opened, 1, NET_PATIENCE);
    assert_string_equal(f.server.server_name, "my_room");
    stop_failure(&f);
}

/* The key must be the certificate's: else whoever saw a certificate could show it. */
static void an_identity_whose_key_is_another_does_not_load(void **state)
{
    (void)state;
    struct wzp_loop *loop = NULL;
    assert_ok(wzp_loop_new(&loop));
    struct wzp_endpoint_identity mixed = net_identity_a;
    memcpy(mixed.secret, net_identity_b.secret, sizeof mixed.secret);
    struct wzp_endpoint_config config = net_config(true);
    config.identity = &mixed;
    struct wzp_endpoint *endpoint = NULL;
    assert_int_equal(wzp_endpoint_new(loop, &config, &endpoint), WZP_ETLS);
    config.identity = NULL;
    assert_int_equal(wzp_endpoint_new(loop, &config, &endpoint), WZP_EINVAL);
    assert_null(endpoint);
    wzp_loop_free(loop);
}

static void too_many_half_open_must_answer_a_retry(void **state)
{
    (void)state;
    struct failure f;
    struct wzp_endpoint_config server = net_config(true);
    server.max_half_open = 1;
    start_failure(&f, &server);
    for (int i = 0; i < 6; i++) {
        wzp_ignore(net_dial(&f.client, &f.server, "my_room"));
    }
    net_wait_for(f.loop, &f.client.n_opened, 6, NET_PATIENCE);
    net_wait_for(f.loop, &f.server.n_opened, 6, NET_PATIENCE);
    struct wzp_endpoint_stats stats;
    wzp_endpoint_stats(f.server.endpoint, &stats);
    assert_true(stats.retries_sent >= 1);
    assert_int_equal(stats.handshakes_completed, 6);
    assert_int_equal(stats.half_open, 0);
    assert_int_equal(stats.conns, 6);
    stop_failure(&f);
}

static void a_server_that_accepts_no_more_refuses(void **state)
{
    (void)state;
    struct failure f;
    struct wzp_endpoint_config server = net_config(true);
    start_failure(&f, &server);
    wzp_endpoint_stop_accepting(f.server.endpoint);
    dial_failure(&f, (struct wzp_dial){.server_name = "general"});
    assert_int_equal(f.client.closed.code, CONNECTION_REFUSED);
    assert_int_equal(f.client.closed.err, WZP_ENET);
    assert_string_equal(f.client.closed.reason, "connection refused by the peer");
    stop_failure(&f);
}

static void a_full_server_refuses_and_goes_on(void **state)
{
    (void)state;
    struct failure f;
    struct wzp_endpoint_config server = net_config(true);
    server.max_conns = 2;
    start_failure(&f, &server);
    for (int i = 0; i < 3; i++) {
        wzp_ignore(net_dial(&f.client, &f.server, "general"));
    }
    net_wait_for(f.loop, &f.client.n_opened, 2, NET_PATIENCE);
    net_wait_for(f.loop, &f.client.n_closed, 1, NET_PATIENCE);
    assert_int_equal(f.client.closed.code, CONNECTION_REFUSED);
    wzp_conn_close(net_conn(&f.client), WZP_CLOSE_NORMAL, "");
    net_wait_for(f.loop, &f.server.n_closed, 1, NET_PATIENCE);
    wzp_ignore(net_dial(&f.client, &f.server, "general"));
    net_wait_for(f.loop, &f.client.n_opened, 3, NET_PATIENCE);
    stop_failure(&f);
}

static void nobody_there_ends_at_the_deadline(void **state)
{
    (void)state;
    struct wzp_loop *loop = NULL;
    assert_ok(wzp_loop_new(&loop));
    struct net_side client;
    struct wzp_endpoint_config config = net_config(false);
    config.handshake_timeout = 150 * WZP_MS;
    net_side_start(&client, loop, &config);
    struct wzp_dial dial = {.addr = wzp_endpoint_addr(client.endpoint), .server_name = "general"};
    struct wzp_conn *conn = NULL;
    assert_ok(wzp_endpoint_dial(client.endpoint, &dial, &conn)); /* itself: no server */
    net_wait_for(loop, &client.n_closed, 1, NET_PATIENCE);
    assert_int_equal(client.closed.origin, WZP_CLOSED_BY_TIMEOUT);
    assert_int_equal(client.closed.err, WZP_ETIMEOUT);
    net_side_stop(&client);
    wzp_loop_free(loop);
}

static void dialling_what_can_not_be_is_refused(void **state)
{
    (void)state;
    struct failure f;
    struct wzp_endpoint_config server = net_config(true);
    start_failure(&f, &server);
    char name[WZP_QUIC_NAME_BYTES + 1];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct wzp_dial dial = {.addr = wzp_endpoint_addr(f.server.endpoint), .server_name = name};
    struct wzp_conn *conn = NULL;
    assert_int_equal(wzp_endpoint_dial(f.client.endpoint, &dial, &conn), WZP_EINVAL);
    dial.server_name = "new\nline";
    assert_int_equal(wzp_endpoint_dial(f.client.endpoint, &dial, &conn), WZP_EINVAL);
    dial.server_name = "b\xc3\xa4r";
    assert_int_equal(wzp_endpoint_dial(f.client.endpoint, &dial, &conn), WZP_EINVAL);
    dial.server_name = "general";
    assert_ok(wzp_addr_read("[::1]:4433", &dial.addr));
    assert_int_equal(wzp_endpoint_dial(f.client.endpoint, &dial, &conn), WZP_EINVAL);
    assert_null(conn);
    stop_failure(&f);
}

struct families {
    const char *server, *client, *seen;
};

static void check_families(const struct families *row)
{
    struct failure f;
    struct wzp_endpoint_config server = net_config(true), client = net_config(false);
    assert_ok(wzp_addr_read(row->server, &server.bind));
    assert_ok(wzp_addr_read(row->client, &client.bind));
    assert_ok(wzp_loop_new(&f.loop));
    net_side_start(&f.server, f.loop, &server);
    net_side_start(&f.client, f.loop, &client);
    char text[WZP_ADDR_TEXT_BYTES];
    struct wzp_addr bound = wzp_endpoint_addr(f.server.endpoint);
    wzp_ignore(snprintf(text, sizeof text, "%s%u", row->seen, wzp_addr_port(&bound)));
    struct wzp_dial dial = {.server_name = "general"};
    assert_ok(wzp_addr_read(text, &dial.addr));
    struct wzp_conn *conn = NULL;
    assert_ok(wzp_endpoint_dial(f.client.endpoint, &dial, &conn));
    net_wait_for(f.loop, &f.server.n_opened, 1, NET_PATIENCE);
    wzp_addr_write(wzp_conn_peer_addr(net_conn(&f.server)), text);
    assert_memory_equal(text, row->seen, strlen(row->seen));
    stop_failure(&f);
}

static void ip6_and_dual_stack_carry_both_families(void **state)
{
    (void)state;
    static const struct families rows[] = {
        {"[::1]:0", "[::1]:0", "[::1]:"},         {"[::]:0", "127.0.0.1:0", "127.0.0.1:"},
        {"[::]:0", "[::1]:0", "[::1]:"},          {"127.0.0.1:0", "[::]:0", "127.0.0.1:"},
        {"0.0.0.0:0", "0.0.0.0:0", "127.0.0.1:"},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        check_families(&rows[i]);
    }
}

static void a_taken_port_is_an_error(void **state)
{
    (void)state;
    struct failure f;
    struct wzp_endpoint_config server = net_config(true);
    start_failure(&f, &server);
    server.bind = wzp_endpoint_addr(f.server.endpoint);
    struct wzp_endpoint *second = NULL;
    assert_int_equal(wzp_endpoint_new(f.loop, &server, &second), WZP_ENET);
    assert_null(second);
    stop_failure(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_arrive_lower_cased),
        cmocka_unit_test(names_with_other_bytes_are_refused),
        cmocka_unit_test(another_alpn_ends_with_the_right_alert),
        cmocka_unit_test(a_wrong_pin_ends_before_anything_is_sent),
        cmocka_unit_test(the_right_pin_opens),
        cmocka_unit_test(a_client_certificate_is_seen_when_shown),
        cmocka_unit_test(a_hello_retry_keeps_the_name),
        cmocka_unit_test(an_identity_whose_key_is_another_does_not_load),
        cmocka_unit_test(too_many_half_open_must_answer_a_retry),
        cmocka_unit_test(a_server_that_accepts_no_more_refuses),
        cmocka_unit_test(a_full_server_refuses_and_goes_on),
        cmocka_unit_test(nobody_there_ends_at_the_deadline),
        cmocka_unit_test(dialling_what_can_not_be_is_refused),
        cmocka_unit_test(ip6_and_dual_stack_carry_both_families),
        cmocka_unit_test(a_taken_port_is_an_error),
    };
    return cmocka_run_group_tests_name("net_handshake", tests, NULL, NULL);
}
