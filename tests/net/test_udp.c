/* SPDX-License-Identifier: Apache-2.0 */
/* Batches over real sockets on loopback, with and without the kernel's offloads. */
#include "net/udp.h"
#include "net_side.h"

#define N_PACKETS 300

/* Run a second time over udp_io_plain.c, which neither batches nor knows its address on a wildcard socket. */
#ifdef WZP_TEST_UDP_PLAIN
static const bool is_plain = true;
#else
static const bool is_plain = false;
#endif

struct end {
    struct wzp_udp *udp;
    size_t n, n_batches, n_bytes;
    size_t sizes[N_PACKETS];
    struct wzp_udp_path path;
};

static void on_packet(void *context, const struct wzp_udp_path *path, const uint8_t *bytes, size_t size)
{
    struct end *end = context;
    end->path = *path;
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(bytes[i], (uint8_t)(end->n + i));
    }
    end->n_bytes += size;
    assert_true(end->n < N_PACKETS);
    end->sizes[end->n++] = size;
}

static void on_batch_end(void *context)
{
    ((struct end *)context)->n_batches++;
}

static const struct wzp_udp_handler handler = {.on_packet = on_packet, .on_batch_end = on_batch_end};

static void open_end(struct end *end, struct wzp_loop *loop, const char *text)
{
    struct wzp_addr addr;
    *end = (struct end){.n = 0};
    assert_ok(wzp_addr_read(text, &addr));
    assert_ok(wzp_udp_open(loop, &addr, &handler, end, &end->udp));
}

static struct wzp_loop *open_pair(struct end *a, struct end *b)
{
    struct wzp_loop *loop = NULL;
    assert_ok(wzp_loop_new(&loop));
    open_end(a, loop, "127.0.0.1:0");
    open_end(b, loop, "127.0.0.1:0");
    return loop;
}

static void close_pair(struct wzp_loop *loop, struct end *a, struct end *b)
{
    wzp_udp_close(a->udp);
    wzp_udp_close(b->udp);
    wzp_loop_free(loop);
}

static void queue(struct end *from, const struct wzp_addr *to, size_t number, size_t size)
{
    uint8_t *space = wzp_udp_reserve(from->udp);
    assert_non_null(space);
    for (size_t i = 0; i < size; i++) {
        space[i] = (uint8_t)(number + i);
    }
    wzp_udp_commit(from->udp, &(struct wzp_udp_path){.local = *wzp_udp_addr(from->udp), .remote = *to}, size);
}

/* Runs of equal sizes, runs that end in a short one, single ones, and full packets. */
static size_t size_of(size_t i)
{
    if (i < 100) {
        return 150;
    }
    if (i < 200) {
        return i % 5 == 4 ? 40 : 1200;
    }
    return i % 3 == 0 ? WZP_UDP_PACKET_BYTES : 1 + (i * 37) % 1400;
}

static void packets_arrive_as_they_were_queued(void **state)
{
    (void)state;
    struct end a, b;
    struct wzp_loop *loop = open_pair(&a, &b);
    for (size_t i = 0; i < N_PACKETS; i++) {
        queue(&a, wzp_udp_addr(b.udp), i, size_of(i));
    }
    wzp_udp_flush(a.udp);
    net_wait_for(loop, &b.n, N_PACKETS, NET_PATIENCE);
    for (size_t i = 0; i < N_PACKETS; i++) {
        assert_int_equal(b.sizes[i], size_of(i));
    }
    assert_true(wzp_addr_is_equal(&b.path.remote, wzp_udp_addr(a.udp)));
    const struct wzp_udp_stats *sent = wzp_udp_stats(a.udp), *received = wzp_udp_stats(b.udp);
    assert_int_equal(sent->packets_sent, N_PACKETS);
    assert_int_equal(received->packets_received, N_PACKETS);
    assert_int_equal(received->bytes_received, sent->bytes_sent);
    assert_int_equal(sent->packets_unsent, 0);
    assert_true(sent->send_batches <= 10);
    assert_true(received->receive_batches <= 20);
    assert_true(is_plain || sent->gso_segments > 0);
    close_pair(loop, &a, &b);
}

/* Each in a packet of its own, more than one turn takes: what is left is known to be there. */
static void a_turn_that_ends_at_its_limit_says_so(void **state)
{
    (void)state;
    struct end a, b;
    struct wzp_loop *loop = open_pair(&a, &b);
    for (size_t i = 0; i < N_PACKETS; i++) {
        queue(&a, wzp_udp_addr(b.udp), i, 100);
        wzp_udp_flush(a.udp);
    }
    size_t n_turns = 0;
    do {
        wzp_udp_read(b.udp);
        n_turns++;
        assert_int_equal(wzp_udp_has_more(b.udp), b.n < N_PACKETS);
    } while (wzp_udp_has_more(b.udp));
    assert_true(is_plain || n_turns > 1);
    close_pair(loop, &a, &b);
}

static void a_wildcard_socket_answers_from_where_it_was_asked(void **state)
{
    (void)state;
    if (is_plain) {
        return;
    }
    static const struct {
        const char *server, *client, *to;
    } rows[] = {{"0.0.0.0:0", "127.0.0.1:0", "127.0.0.9"},
                {"[::]:0", "127.0.0.1:0", "127.0.0.9"},
                {"[::]:0", "[::1]:0", "[::1]"}};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        struct wzp_loop *loop = NULL;
        struct end server, client;
        assert_ok(wzp_loop_new(&loop));
        open_end(&server, loop, rows[i].server);
        open_end(&client, loop, rows[i].client);
        char text[WZP_ADDR_TEXT_BYTES];
        wzp_ignore(snprintf(text, sizeof text, "%s:%u", rows[i].to, wzp_addr_port(wzp_udp_addr(server.udp))));
        struct wzp_addr to;
        assert_ok(wzp_addr_read(text, &to));
        queue(&client, &to, 0, 10);
        wzp_udp_flush(client.udp);
        net_wait_for(loop, &server.n, 1, NET_PATIENCE);
        uint8_t *space = wzp_udp_reserve(server.udp);
        space[0] = 0;
        wzp_udp_commit(server.udp, &server.path, 1);
        wzp_udp_flush(server.udp);
        net_wait_for(loop, &client.n, 1, NET_PATIENCE);
        assert_true(wzp_addr_is_equal(&client.path.remote, &to));
        wzp_udp_close(server.udp);
        wzp_udp_close(client.udp);
        wzp_loop_free(loop);
    }
}

static void what_the_kernel_refuses_is_counted_and_passed_over(void **state)
{
    (void)state;
    struct end a, b;
    struct wzp_loop *loop = open_pair(&a, &b);
    struct wzp_addr nowhere; /* not from a socket on loopback */
    assert_ok(wzp_addr_read("192.0.2.1:9", &nowhere));
    queue(&a, &nowhere, 0, 100);
    queue(&a, wzp_udp_addr(b.udp), 0, 100);
    queue(&a, &nowhere, 0, 100);
    queue(&a, wzp_udp_addr(b.udp), 1, 100);
    wzp_udp_flush(a.udp);
    net_wait_for(loop, &b.n, 2, NET_PATIENCE);
    assert_int_equal(wzp_udp_stats(a.udp)->packets_unsent, 2);
    close_pair(loop, &a, &b);
}

static void an_address_that_can_not_be_bound_is_an_error(void **state)
{
    (void)state;
    struct wzp_loop *loop = NULL;
    struct wzp_udp *udp = NULL;
    struct wzp_addr addr;
    assert_ok(wzp_loop_new(&loop));
    assert_ok(wzp_addr_read("192.0.2.1:0", &addr));
    assert_int_equal(wzp_udp_open(loop, &addr, &handler, NULL, &udp), WZP_ENET);
    addr = (struct wzp_addr){.size = 0};
    assert_int_equal(wzp_udp_open(loop, &addr, &handler, NULL, &udp), WZP_ENET);
    wzp_udp_close(NULL);
    wzp_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_arrive_as_they_were_queued),
        cmocka_unit_test(a_turn_that_ends_at_its_limit_says_so),
        cmocka_unit_test(a_wildcard_socket_answers_from_where_it_was_asked),
        cmocka_unit_test(what_the_kernel_refuses_is_counted_and_passed_over),
        cmocka_unit_test(an_address_that_can_not_be_bound_is_an_error),
    };
    return cmocka_run_group_tests_name("net_udp", tests, NULL, NULL);
}
