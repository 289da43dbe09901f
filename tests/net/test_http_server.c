/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <uv.h>

#include "net/http_server.h"
#include "support/http_talk.h"

struct fixture {
    struct wzp_loop *loop;
    struct wzp_http_server *server;
    struct wzp_http_server_config config;
    unsigned calls;
};

static void on_hello(void *context, const struct wzp_http_request *request,
                     struct wzp_http_response *response)
{
    struct fixture *fixture = context;
    fixture->calls++;
    wzp_buffer_print(&response->body, "hello %s|%s", request->path, request->rest);
}

static void on_json(void *context, const struct wzp_http_request *request, struct wzp_http_response *response)
{
    (void)context;
    (void)request;
    response->status = 503;
    response->content_type = "application/json";
    wzp_buffer_add_text(&response->body, "{}");
}

static void on_big(void *context, const struct wzp_http_request *request, struct wzp_http_response *response)
{
    (void)context;
    (void)request;
    for (unsigned i = 0; i < 200000; i++) {
        wzp_buffer_print(&response->body, "%09u\n", i);
    }
}

static void on_empty(void *context, const struct wzp_http_request *request,
                     struct wzp_http_response *response)
{
    (void)context;
    (void)request;
    (void)response;
}

static struct wzp_http_route routes[] = {
    {.path = "/hello", .fn = on_hello}, {.path = "/below/", .is_prefix = true, .fn = on_hello},
    {.path = "/json", .fn = on_json},   {.path = "/big", .fn = on_big},
    {.path = "/empty", .fn = on_empty},
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    assert_ok(wzp_loop_new(&fixture->loop));
    for (size_t i = 0; i < wzp_count(routes); i++) {
        routes[i].context = fixture;
    }
    fixture->config = (struct wzp_http_server_config){
        .address = "127.0.0.1",
        .routes = routes,
        .n_routes = wzp_count(routes),
        .max_connections = 4,
        .max_body_bytes = 2000000,
    };
    assert_ok(wzp_http_server_start(fixture->loop, &fixture->config, &fixture->server));
    assert_true(wzp_http_server_port(fixture->server) > 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    wzp_http_server_free(fixture->server);
    wzp_loop_free(fixture->loop);
    free(fixture);
    return 0;
}

/** One request on a connection of its own, closed by the server; the whole answer. */
static char *ask(struct fixture *fixture, const char *request)
{
    int fd = http_talk_connect(wzp_http_server_port(fixture->server));
    http_talk_send(fd, request);
    struct wzp_buffer in;
    wzp_buffer_init(&in, 8 << 20);
    wzp_buffer_add_text(&in, "");
    assert_true(http_talk_receive(fixture->loop, fd, &in, NULL));
    close(fd);
    return in.text;
}

static void assert_answer(struct fixture *fixture, const char *request, const char *status, const char *body)
{
    char *answer = ask(fixture, request);
    if (strncmp(answer + strlen("HTTP/1.1 "), status, strlen(status)) != 0) {
        fail_msg("asked %s: %s", request, answer);
    }
    const char *found = strstr(answer, "\r\n\r\n");
    assert_non_null(found);
    assert_string_equal(found + 4, body);
    free(answer);
}

#define CLOSE " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static void routes_answer(void **state)
{
    static const struct {
        const char *request, *status, *body;
    } rows[] = {
        {"GET /hello" CLOSE, "200", "hello /hello|"},
        {"GET /hello?a=1&b=2" CLOSE, "200", "hello /hello|"},
        {"GET /hello/" CLOSE, "404", "not found\n"},
        {"GET /hello2" CLOSE, "404", "not found\n"},
        {"GET /below/x%20y" CLOSE, "200", "hello /below/x y|x y"},
        {"GET /below/" CLOSE, "200", "hello /below/|"},
        {"GET /below" CLOSE, "404", "not found\n"},
        {"GET /" CLOSE, "404", "not found\n"},
        {"GET /below/../json" CLOSE, "503", "{}"},
        {"GET /json" CLOSE, "503", "{}"},
        {"GET /empty" CLOSE, "200", ""},
        {"HEAD /hello" CLOSE, "200", ""},
        {"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "405", "only GET and HEAD\n"},
        {"DELETE /hello" CLOSE, "405", "only GET and HEAD\n"},
        {"GET /hello HTTP/1.0\r\n\r\n", "200", "hello /hello|"},
    };
    for (size_t i = 0; i < wzp_count(rows); i++) {
        assert_answer(*state, rows[i].request, rows[i].status, rows[i].body);
    }
}

static void headers_say_what_it_is(void **state)
{
    char *answer = ask(*state, "GET /json" CLOSE);
    assert_non_null(strstr(answer, "content-type: application/json\r\n"));
    assert_non_null(strstr(answer, "content-length: 2\r\n"));
    free(answer);
    answer = ask(*state, "HEAD /hello" CLOSE);
    assert_non_null(strstr(answer, "content-length: 13\r\n"));
    free(answer);
    answer = ask(*state, "DELETE /hello" CLOSE);
    assert_non_null(strstr(answer, "allow: GET, HEAD\r\n"));
    free(answer);
}

static void a_big_body_arrives_whole(void **state)
{
    char *answer = ask(*state, "GET /big" CLOSE);
    const char *body = strstr(answer, "\r\n\r\n") + 4;
    assert_int_equal(strlen(body), 2000000);
    assert_memory_equal(body + 1000000, "000100000\n", 10);
    assert_string_equal(body + 1999990, "000199999\n");
    free(answer);
}

static void a_body_over_the_limit_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    wzp_http_server_free(fixture->server);
    fixture->config.max_body_bytes = 1999999;
    assert_ok(wzp_http_server_start(fixture->loop, &fixture->config, &fixture->server));
    assert_answer(fixture, "GET /big" CLOSE, "500", "internal error\n");
}

static void one_connection_asks_many_times(void **state)
{
    struct fixture *fixture = *state;
    int fd = http_talk_connect(wzp_http_server_port(fixture->server));
    struct wzp_buffer in;
    wzp_buffer_init(&in, 8 << 20);
    for (unsigned i = 0; i < 50; i++) {
        wzp_buffer_clear(&in);
        http_talk_send(fd, i % 2 ? "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                                 : "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_true(http_talk_receive(fixture->loop, fd, &in, i % 2 ? "hello /hello|" : "not found\n"));
    }
    assert_int_equal(fixture->calls, 25);
    assert_int_equal(wzp_http_server_connections(fixture->server), 1);
    wzp_buffer_deinit(&in);
    close(fd);
}

static void connections_over_the_limit_are_closed(void **state)
{
    struct fixture *fixture = *state;
    int fds[6];
    struct wzp_buffer in;
    wzp_buffer_init(&in, 4096);
    for (size_t i = 0; i < wzp_count(fds); i++) {
        fds[i] = http_talk_connect(wzp_http_server_port(fixture->server));
        wzp_loop_step(fixture->loop, false);
    }
    assert_true(http_talk_receive(fixture->loop, fds[5], &in, NULL));
    assert_true(http_talk_receive(fixture->loop, fds[4], &in, NULL));
    assert_int_equal(in.size, 0);
    assert_int_equal(wzp_http_server_connections(fixture->server), 4);
    http_talk_send(fds[3], "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(http_talk_receive(fixture->loop, fds[3], &in, "hello /hello"));
    for (size_t i = 0; i < wzp_count(fds); i++) {
        close(fds[i]);
    }
    for (int i = 0; i < 1000 && wzp_http_server_connections(fixture->server) > 0; i++) {
        wzp_loop_step(fixture->loop, false);
    }
    assert_int_equal(wzp_http_server_connections(fixture->server), 0);
    assert_answer(fixture, "GET /hello" CLOSE, "200", "hello /hello|");
    wzp_buffer_deinit(&in);
}

static const char websocket[] =
    "GET /hello HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

static void garbage_ends_the_connection(void **state)
{
    char huge[20000];
    memset(huge, 'a', sizeof huge - 1);
    memcpy(huge, "GET /", 5);
    huge[sizeof huge - 1] = '\0';
    static const char *const rows[] = {
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 no tls here \r\n\r\n",
        "nonsense\r\n\r\n",
        "GET hello HTTP/1.1\r\n\r\n",
        websocket,
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        char *answer = ask(fixture, rows[i]);
        assert_null(strstr(answer, " 200 "));
        assert_null(strstr(answer, " 101 "));
        free(answer);
    }
    char *answer = ask(fixture, huge);
    assert_null(strstr(answer, " 200 "));
    free(answer);
    assert_int_equal(fixture->calls, 0);
    assert_answer(fixture, "GET /hello" CLOSE, "200", "hello /hello|");
}

static void a_long_path_is_refused(void **state)
{
    char request[1200];
    wzp_ignore(snprintf(request, sizeof request, "GET /below/%0*d" CLOSE, 600, 1));
    char *answer = ask(*state, request);
    assert_non_null(strstr(answer, " 414 "));
    free(answer);
}

static void bad_addresses_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct wzp_http_server *server = NULL;
    struct wzp_http_server_config config = fixture->config;
    config.address = "localhost";
    assert_int_equal(wzp_http_server_start(fixture->loop, &config, &server), WZP_EINVAL);
    config.address = "203.0.113.1";
    assert_int_equal(wzp_http_server_start(fixture->loop, &config, &server), WZP_ENET);
    config.address = "127.0.0.1";
    config.port = wzp_http_server_port(fixture->server);
    assert_int_equal(wzp_http_server_start(fixture->loop, &config, &server), WZP_ENET);
    assert_null(server);
}

static void it_stops_in_the_middle_of_things(void **state)
{
    struct fixture *fixture = *state;
    int idle = http_talk_connect(wzp_http_server_port(fixture->server));
    int half = http_talk_connect(wzp_http_server_port(fixture->server));
    int busy = http_talk_connect(wzp_http_server_port(fixture->server));
    http_talk_send(half, "GET /he");
    http_talk_send(busy, "GET /big" CLOSE);
    for (int i = 0; i < 1000 && wzp_http_server_connections(fixture->server) < 3; i++) {
        wzp_loop_step(fixture->loop, false);
    }
    assert_int_equal(wzp_http_server_connections(fixture->server), 3);
    wzp_http_server_free(wzp_take(fixture->server));
    struct wzp_buffer in;
    wzp_buffer_init(&in, 8 << 20);
    assert_true(http_talk_receive(fixture->loop, half, &in, NULL));
    wzp_buffer_deinit(&in);
    close(idle);
    close(half);
    close(busy);
    assert_ok(wzp_http_server_start(fixture->loop, &fixture->config, &fixture->server));
    assert_answer(fixture, "GET /hello" CLOSE, "200", "hello /hello|");
}

/** What the loop would wait for once everything ready is done: never 0, or it would spin. */
static void an_idle_server_lets_the_loop_sleep(void **state)
{
    struct fixture *fixture = *state;
    int idle = http_talk_connect(wzp_http_server_port(fixture->server));
    int half = http_talk_connect(wzp_http_server_port(fixture->server));
    http_talk_send(half, "GET /he");
    struct wzp_buffer in;
    wzp_buffer_init(&in, 4096);
    int kept = http_talk_connect(wzp_http_server_port(fixture->server));
    http_talk_send(kept, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(http_talk_receive(fixture->loop, kept, &in, "hello /hello|"));
    for (int i = 0; i < 50; i++) {
        wzp_loop_step(fixture->loop, false);
    }
    assert_int_equal(wzp_http_server_connections(fixture->server), 3);
    uv_update_time(wzp_loop_native(fixture->loop));
    int timeout_ms = uv_backend_timeout(wzp_loop_native(fixture->loop));
    assert_true(timeout_ms < 0 || timeout_ms >= 10);
    wzp_buffer_deinit(&in);
    close(idle);
    close(half);
    close(kept);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(routes_answer),
        CASE(headers_say_what_it_is),
        CASE(a_big_body_arrives_whole),
        CASE(a_body_over_the_limit_is_an_error),
        CASE(one_connection_asks_many_times),
        CASE(connections_over_the_limit_are_closed),
        CASE(garbage_ends_the_connection),
        CASE(a_long_path_is_refused),
        CASE(bad_addresses_are_refused),
        CASE(an_idle_server_lets_the_loop_sleep),
        CASE(it_stops_in_the_middle_of_things),
    };
    return cmocka_run_group_tests_name("net_http_server", tests, NULL, NULL);
}
