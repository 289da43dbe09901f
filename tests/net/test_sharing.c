/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints that share an address: each connection ends up where its server name belongs. */
#include "net/endpoint.h"
#include "net/initial_peek.h"
#include "net/udp.h"
#include "net_side.h"

#define CLIENTS 12 /* so many that some come to either socket first */

/* Two servers on one address, and a client. */
struct scene {
    struct wzp_loop *loop;
    struct net_side servers[2];
    struct net_side client;
    size_t n_passed;
    bool holds_back; /* what is passed on gets lost */
};

static struct scene scene;

static unsigned worker_of(void *context, const struct wzp_quic_hello *hello)
{
    (void)context;
    assert_true(hello->id_size >= 8); /* RFC 9000, 7.2 */
    assert_false(hello->has_token);
    return strncmp(hello->server_name, "one", 3) == 0;
}

static void pass_on(void *context, unsigned worker, const struct wzp_udp_path *path, const uint8_t *bytes,
                    size_t size)
{
    assert_ptr_not_equal(context, &scene.servers[worker]);
    scene.n_passed++;
    if (!scene.holds_back) {
        wzp_endpoint_take(scene.servers[worker].endpoint, path, bytes, size);
    }
}

static int start(void **state)
{
    (void)state;
    scene = (struct scene){0};
    assert_ok(wzp_loop_new(&scene.loop));
    struct wzp_endpoint_config server = net_config(true);
    for (unsigned i = 0; i < 2; i++) {
        server.sharing = (struct wzp_endpoint_sharing){i, 2, worker_of, pass_on};
        net_side_start(&scene.servers[i], scene.loop, &server);
        server.bind = wzp_endpoint_addr(scene.servers[0].endpoint);
        scene.servers[i].echoes = true;
    }
    struct wzp_endpoint_config client = net_config(false);
    net_side_start(&scene.client, scene.loop, &client);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    net_side_stop(&scene.client);
    net_side_stop(&scene.servers[1]);
    net_side_stop(&scene.servers[0]);
    wzp_loop_free(scene.loop);
    return 0;
}

static void both_have_the_same_address(void **state)
{
    (void)state;
    struct wzp_addr first = wzp_endpoint_addr(scene.servers[0].endpoint);
    struct wzp_addr second = wzp_endpoint_addr(scene.servers[1].endpoint);
    assert_true(wzp_addr_is_equal(&first, &second));
}

static void connections_go_where_their_names_belong(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLIENTS; i++) {
        net_dial(&scene.client, &scene.servers[0], i % 3 == 0 ? "one" : "zero");
    }
    net_wait_for(scene.loop, &scene.client.n_opened, CLIENTS, NET_PATIENCE);
    net_wait_for(scene.loop, &scene.servers[1].n_opened, CLIENTS / 3, NET_PATIENCE);
    net_wait_for(scene.loop, &scene.servers[0].n_opened, CLIENTS - CLIENTS / 3, NET_PATIENCE);
    assert_string_equal(scene.servers[0].server_name, "zero");
    assert_string_equal(scene.servers[1].server_name, "one");
}

/* The kernel brings later packets to the right socket by itself: nothing more is passed on. */
static void datagrams_come_to_the_right_socket(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLIENTS; i++) {
        net_dial(&scene.client, &scene.servers[0], "one");
    }
    net_wait_for(scene.loop, &scene.client.n_opened, CLIENTS, NET_PATIENCE);
    net_run_for(scene.loop, 50 * WZP_MS);
    size_t passed = scene.n_passed;
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_ok(wzp_conn_send_bytes(scene.client.conns[i], "voice", 5, wzp_loop_now(scene.loop)));
    }
    net_wait_for(scene.loop, &scene.client.n_datagrams, CLIENTS, NET_PATIENCE);
    assert_int_equal(scene.servers[1].n_datagrams, CLIENTS);
    assert_int_equal(scene.n_passed, passed);
}

/* The client sends packets of several connections in one piece, which the kernel brings to one socket. */
static void what_comes_to_the_wrong_socket_finds_its_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < CLIENTS; i++) {
        net_dial(&scene.client, &scene.servers[0], i % 2 == 0 ? "one" : "zero");
    }
    net_wait_for(scene.loop, &scene.client.n_opened, CLIENTS, NET_PATIENCE);
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_ok(wzp_conn_send_bytes(scene.client.conns[i], "voice", 5, wzp_loop_now(scene.loop)));
    }
    net_wait_for(scene.loop, &scene.client.n_datagrams, CLIENTS, NET_PATIENCE);
    struct wzp_endpoint_stats stats;
    for (size_t i = 0; i < 2; i++) {
        wzp_endpoint_stats(scene.servers[i].endpoint, &stats);
        assert_int_equal(stats.packets_malformed, 0);
        assert_int_equal(stats.resets_sent, 0);
    }
}

static void a_first_packet_that_gets_lost_on_the_way_over_is_sent_again(void **state)
{
    (void)state;
    scene.holds_back = true;
    for (size_t i = 0; i < CLIENTS; i++) {
        net_dial(&scene.client, &scene.servers[0], i % 2 == 0 ? "one" : "zero");
    }
    net_run_for(scene.loop, 20 * WZP_MS);
    assert_true(scene.n_passed > 0);
    assert_true(scene.client.n_opened < CLIENTS);
    scene.holds_back = false;
    net_wait_for(scene.loop, &scene.client.n_opened, CLIENTS, NET_PATIENCE);
}

static void a_lone_endpoint_can_t_join_an_address_that_is_not_shared(void **state)
{
    (void)state;
    struct net_side alone = {0};
    struct wzp_endpoint_config config = net_config(true);
    net_side_start(&alone, scene.loop, &config);
    config.bind = wzp_endpoint_addr(alone.endpoint);
    config.sharing = (struct wzp_endpoint_sharing){1, 2, worker_of, pass_on};
    struct wzp_endpoint *endpoint = NULL;
    assert_int_equal(wzp_endpoint_new(scene.loop, &config, &endpoint), WZP_ENET);
    net_side_stop(&alone);
}

/* ---- the peek ---- */

/* A CRYPTO frame: type, offset, size, bytes. */
static size_t put_crypto(uint8_t *out, uint16_t at, const uint8_t *bytes, uint8_t size)
{
    out[0] = 0x06;
    out[1] = (uint8_t)(0x40 | at >> 8);
    out[2] = (uint8_t)at;
    out[3] = size;
    memcpy(out + 4, bytes, size);
    return 4U + size;
}

/* The shortest ClientHello that names "room-7". */
static const uint8_t hello_bytes[] = {
    0x01, 0x00, 0x00, 0x3a, 0x03, 0x03, /* type, size, version */
    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,  13,  14,  15,  16, /* random */
    17,   18,   19,   20,   21,   22,   23,   24,   25,   26,   27,   28,  29,  30,  31,  32,
    0x00,                               /* no session id */
    0x00, 0x02, 0x13, 0x01, 0x01, 0x00, /* cipher, compression */
    0x00, 0x0f, 0x00, 0x00, 0x00, 0x0b, 0x00, 0x09, 0x00, 0x00, 0x06, 'r', 'o', 'o', 'm', '-',
    '7',
};

static void a_name_is_read_from_pieces_in_any_order(void **state)
{
    (void)state;
    char name[WZP_QUIC_NAME_BYTES];
    struct wzp_initial_hello hello = {0};
    uint8_t frames[200] = {0x01, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00}; /* PING, PADDING, ACK */
    size_t n = 8;
    n += put_crypto(frames + n, 40, hello_bytes + 40, sizeof hello_bytes - 40);
    assert_ok(wzp_initial_read_frames(frames, n, &hello));
    assert_int_equal(wzp_initial_server_name(&hello, sizeof name, name), WZP_EAGAIN);
    n = put_crypto(frames, 0, hello_bytes, 30);
    n += put_crypto(frames + n, 25, hello_bytes + 25, 15); /* overlaps */
    assert_ok(wzp_initial_read_frames(frames, n, &hello));
    assert_ok(wzp_initial_server_name(&hello, sizeof name, name));
    assert_string_equal(name, "room-7");
    assert_int_equal(wzp_initial_server_name(&hello, 6, name), WZP_ELIMIT);
}

static void frames_that_do_not_belong_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        enum wzp_err err;
    } cases[] = {
        {"", 0, WZP_ENOTFOUND},
        {"\x00\x01", 2, WZP_ENOTFOUND},
        {"\x1c\x00\x00\x00", 4, WZP_EMALFORMED}, /* CONNECTION_CLOSE */
        {"\x08\x00", 2, WZP_EMALFORMED},         /* STREAM */
        {"\x06\x00", 2, WZP_EMALFORMED},         /* cut short */
        {"\x06\x00\x05zzzz", 7, WZP_EMALFORMED}, /* size beyond the end */
        {"\x06\x50\x00\x01"
         "a",
         5, WZP_ELIMIT}, /* offset 4096 */
        {"\x06\xff\xff\xff\xff\xff\xff\xff\xff\x01"
         "a",
         11, WZP_ELIMIT},
        {"\x02\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00", 12, WZP_EMALFORMED}, /* ranges without end */
    };
    for (size_t i = 0; i < wzp_count(cases); i++) {
        struct wzp_initial_hello hello = {0};
        uint8_t bytes[16];
        memcpy(bytes, cases[i].bytes, cases[i].size);
        assert_int_equal(wzp_initial_read_frames(bytes, cases[i].size, &hello), cases[i].err);
    }
}

static void what_is_no_initial_is_refused(void **state)
{
    (void)state;
    struct wzp_initial_hello hello = {0};
    uint8_t bytes[1200] = {0xc3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x44, 0x9e};
    assert_int_equal(wzp_initial_peek(bytes, sizeof bytes, &hello), WZP_EMALFORMED); /* does not decrypt */
    for (size_t size = 0; size < 40; size++) {
        assert_int_equal(wzp_initial_peek(bytes, size, &hello), WZP_EMALFORMED);
    }
    bytes[0] = 0xe3; /* Handshake */
    assert_int_equal(wzp_initial_peek(bytes, sizeof bytes, &hello), WZP_EMALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_have_the_same_address, start, stop),
        cmocka_unit_test_setup_teardown(connections_go_where_their_names_belong, start, stop),
        cmocka_unit_test_setup_teardown(datagrams_come_to_the_right_socket, start, stop),
        cmocka_unit_test_setup_teardown(what_comes_to_the_wrong_socket_finds_its_way, start, stop),
        cmocka_unit_test_setup_teardown(a_first_packet_that_gets_lost_on_the_way_over_is_sent_again, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_lone_endpoint_can_t_join_an_address_that_is_not_shared, start,
                                        stop),
        cmocka_unit_test(a_name_is_read_from_pieces_in_any_order),
        cmocka_unit_test(frames_that_do_not_belong_are_refused),
        cmocka_unit_test(what_is_no_initial_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
