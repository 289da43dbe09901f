/* SPDX-License-Identifier: Apache-2.0 */
/* The proxy between plain sockets on loopback; what chance does is test_model's. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "apps/impair/proxy.h"
#include "apps/impair/report.h"
#include "support/wzp_test.h"

#define TURNS 2000 /* of a millisecond: far more than anything here takes */

struct fixture {
    struct wzp_loop *loop;
    struct wzp_plan *plan;
    struct wzp_proxy *proxy;
    int relay;
    struct wzp_addr relay_addr;
};

static int bound_socket(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in addr = {.sin_family = AF_INET};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    return fd;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    char message[WZP_PLAN_MESSAGE_BYTES];
    assert_ok(wzp_loop_new(&fixture->loop));
    fixture->relay = bound_socket();
    fixture->relay_addr.size = sizeof fixture->relay_addr.storage;
    assert_int_equal(getsockname(fixture->relay, (struct sockaddr *)&fixture->relay_addr.storage,
                                 &fixture->relay_addr.size),
                     0);
    fixture->plan = wzp_plan_new();
    assert_ok(wzp_plan_set(fixture->plan, WZP_PLAN_BOTH, "listen", "127.0.0.1:0", message));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    wzp_proxy_free(fixture->proxy);
    wzp_loop_free(fixture->loop);
    free(fixture->plan);
    close(fixture->relay);
    free(fixture);
    return 0;
}

static void start(struct fixture *fixture)
{
    assert_ok(wzp_proxy_start(fixture->loop, fixture->plan, &fixture->relay_addr, NULL, &fixture->proxy));
}

static void send_to(int fd, const struct wzp_addr *addr, const char *text)
{
    assert_int_equal(sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&addr->storage, addr->size),
                     strlen(text));
}

/** Turns the loop until `fd` gets `text`; the sender's address. */
static struct wzp_addr expect(struct fixture *fixture, int fd, const char *text)
{
    char bytes[2000] = "";
    struct wzp_addr from = {.size = sizeof from.storage};
    ssize_t size = -1;
    for (int i = 0; i < TURNS && size < 0; i++) {
        wzp_loop_step(fixture->loop, false);
        size = recvfrom(fd, bytes, sizeof bytes - 1, 0, (struct sockaddr *)&from.storage, &from.size);
        if (size < 0) {
            struct pollfd wait = {.fd = fd, .events = POLLIN};
            wzp_ignore(poll(&wait, 1, 1));
        }
    }
    assert_true(size >= 0);
    bytes[size] = '\0';
    assert_string_equal(bytes, text);
    return from;
}

static void packets_go_both_ways(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    int clients[3];
    struct wzp_addr seen[3];
    for (size_t i = 0; i < wzp_count(clients); i++) {
        clients[i] = bound_socket();
        send_to(clients[i], wzp_proxy_addr(fixture->proxy), "hello");
        seen[i] = expect(fixture, fixture->relay, "hello");
        for (size_t j = 0; j < i; j++) {
            assert_false(wzp_addr_is_equal(&seen[i], &seen[j]));
        }
    }
    static const char *const answers[] = {"to the first", "to the second", "to the third"};
    for (size_t i = 0; i < wzp_count(clients); i++) {
        send_to(fixture->relay, &seen[i], answers[i]);
    }
    for (size_t i = 0; i < wzp_count(clients); i++) {
        struct wzp_addr from = expect(fixture, clients[i], answers[i]);
        assert_true(wzp_addr_is_equal(&from, wzp_proxy_addr(fixture->proxy)));
        close(clients[i]);
    }
    assert_int_equal(wzp_proxy_stats(fixture->proxy).clients, 3);
    assert_int_equal(wzp_proxy_model_stats(fixture->proxy, WZP_PLAN_UP)->packets_out, 3);
    assert_int_equal(wzp_proxy_model_stats(fixture->proxy, WZP_PLAN_DOWN)->packets_out, 3);
}

static void directions_are_impaired_apart(void **state)
{
    struct fixture *fixture = *state;
    char message[WZP_PLAN_MESSAGE_BYTES];
    assert_ok(wzp_plan_set(fixture->plan, WZP_PLAN_DOWN, "duplicate", "100%", message));
    assert_ok(wzp_plan_set(fixture->plan, WZP_PLAN_DOWN, "delay", "5ms", message));
    start(fixture);
    int client = bound_socket();
    send_to(client, wzp_proxy_addr(fixture->proxy), "once");
    struct wzp_addr seen = expect(fixture, fixture->relay, "once");
    send_to(fixture->relay, &seen, "twice");
    wzp_ignore(expect(fixture, client, "twice"));
    wzp_ignore(expect(fixture, client, "twice"));
    assert_int_equal(wzp_proxy_model_stats(fixture->proxy, WZP_PLAN_UP)->duplicated, 0);
    close(client);
}

static void a_rebind_changes_the_port_that_the_relay_sees(void **state)
{
    struct fixture *fixture = *state;
    char message[WZP_PLAN_MESSAGE_BYTES];
    assert_ok(wzp_plan_set(fixture->plan, WZP_PLAN_BOTH, "rebind_at", "40ms", message));
    start(fixture);
    int client = bound_socket();
    send_to(client, wzp_proxy_addr(fixture->proxy), "one");
    struct wzp_addr before = expect(fixture, fixture->relay, "one");
    for (int i = 0; i < TURNS && wzp_proxy_stats(fixture->proxy).rebinds == 0; i++) {
        wzp_loop_step(fixture->loop, false);
        wzp_ignore(poll(NULL, 0, 1));
    }
    assert_int_equal(wzp_proxy_stats(fixture->proxy).rebinds, 1);
    send_to(fixture->relay, &before, "lost");
    send_to(client, wzp_proxy_addr(fixture->proxy), "two");
    struct wzp_addr after = expect(fixture, fixture->relay, "two");
    assert_false(wzp_addr_is_equal(&before, &after));
    send_to(fixture->relay, &after, "found");
    wzp_ignore(expect(fixture, client, "found"));
    assert_int_equal(wzp_proxy_stats(fixture->proxy).clients, 1);
    close(client);
}

static void clients_are_bounded(void **state)
{
    struct fixture *fixture = *state;
    char message[WZP_PLAN_MESSAGE_BYTES];
    assert_ok(wzp_plan_set(fixture->plan, WZP_PLAN_BOTH, "clients", "2", message));
    start(fixture);
    int clients[3];
    for (size_t i = 0; i < wzp_count(clients); i++) {
        clients[i] = bound_socket();
        send_to(clients[i], wzp_proxy_addr(fixture->proxy), "hello");
    }
    wzp_ignore(expect(fixture, fixture->relay, "hello"));
    wzp_ignore(expect(fixture, fixture->relay, "hello"));
    for (int i = 0; i < TURNS && wzp_proxy_stats(fixture->proxy).no_client == 0; i++) {
        wzp_loop_step(fixture->loop, false);
        wzp_ignore(poll(NULL, 0, 1));
    }
    assert_int_equal(wzp_proxy_stats(fixture->proxy).no_client, 1);
    assert_int_equal(wzp_proxy_stats(fixture->proxy).clients, 2);
    for (size_t i = 0; i < wzp_count(clients); i++) {
        close(clients[i]);
    }
}

static void packets_of_strangers_do_not_pass(void **state)
{
    struct fixture *fixture = *state;
    start(fixture);
    int client = bound_socket();
    int stranger = bound_socket();
    send_to(client, wzp_proxy_addr(fixture->proxy), "hello");
    struct wzp_addr seen = expect(fixture, fixture->relay, "hello");
    send_to(stranger, &seen, "forged");
    for (int i = 0; i < TURNS && wzp_proxy_stats(fixture->proxy).foreign == 0; i++) {
        wzp_loop_step(fixture->loop, false);
        wzp_ignore(poll(NULL, 0, 1));
    }
    assert_int_equal(wzp_proxy_stats(fixture->proxy).foreign, 1);
    send_to(fixture->relay, &seen, "true");
    wzp_ignore(expect(fixture, client, "true"));
    close(client);
    close(stranger);
}

static void bad_addresses_are_refused(void **state)
{
    struct fixture *fixture = *state;
    char message[WZP_PLAN_MESSAGE_BYTES];
    assert_ok(wzp_plan_set(fixture->plan, WZP_PLAN_BOTH, "listen", "nowhere", message));
    assert_int_equal(
        wzp_proxy_start(fixture->loop, fixture->plan, &fixture->relay_addr, NULL, &fixture->proxy),
        WZP_EMALFORMED);
    assert_ok(wzp_plan_set(fixture->plan, WZP_PLAN_BOTH, "listen", "203.0.113.1:5000", message));
    assert_int_equal(
        wzp_proxy_start(fixture->loop, fixture->plan, &fixture->relay_addr, NULL, &fixture->proxy), WZP_ENET);
    assert_null(fixture->proxy);
}

static void reports_hold_every_figure(void **state)
{
    struct wzp_report report = {.seed = 7, .proxy = {.clients = 2, .ran_for = 1500 * WZP_MS}};
    struct wzp_buffer text;
    (void)state;
    report.models[WZP_PLAN_UP] =
        (struct wzp_model_stats){.packets_in = 100, .lost_random = 5, .max_queue = 3};
    report.models[WZP_PLAN_DOWN] = (struct wzp_model_stats){.packets_in = 90, .reordered = 4};
    wzp_buffer_init(&text, 8192);
    wzp_report_write_json(&report, &text);
    assert_ok(text.err);
    assert_non_null(strstr(text.text, "{\"seed\":7,\"seconds\":1.500,\"clients\":2,\"rebinds\":0,"));
    assert_non_null(strstr(text.text, "\"up\":{\"packets_in\":100,"));
    assert_non_null(strstr(text.text, "\"lost_random\":5,"));
    assert_non_null(strstr(text.text, "\"max_queue\":3,"));
    assert_non_null(strstr(text.text, "\"down\":{\"packets_in\":90,"));
    wzp_buffer_clear(&text);
    wzp_report_write_text(&report, &text);
    assert_non_null(strstr(text.text, "packets received                100           90\n"));
    assert_non_null(strstr(text.text, "seed 7, 1.5 s\n"));
    wzp_buffer_deinit(&text);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(packets_go_both_ways),
        CASE(directions_are_impaired_apart),
        CASE(a_rebind_changes_the_port_that_the_relay_sees),
        CASE(clients_are_bounded),
        CASE(packets_of_strangers_do_not_pass),
        CASE(bad_addresses_are_refused),
        cmocka_unit_test(reports_hold_every_figure),
    };
    return cmocka_run_group_tests_name("impair_proxy", tests, NULL, NULL);
}
