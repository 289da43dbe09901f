/* SPDX-License-Identifier: Apache-2.0 */
/* Against a plain socket that plays the service, so that every byte of both sides is known. */
#include <stdlib.h>

#include "net/http_client.h"
#include "net/http_url.h"
#include "support/http_talk.h"

struct fixture {
    struct wzp_loop *loop;
    struct wzp_http_client *client;
    int listener;
    char url[64];
    struct wzp_http_post *post;
    unsigned calls;
    enum wzp_err err;
    unsigned status;
    char body[128];
};

static void on_result(void *context, const struct wzp_http_result *result)
{
    struct fixture *fixture = context;
    fixture->calls++;
    fixture->err = result->err;
    fixture->status = result->status;
    assert_int_equal(strlen(result->body), result->size);
    wzp_ignore(snprintf(fixture->body, sizeof fixture->body, "%s", result->body));
    assert_int_equal(result->err == WZP_OK, result->reason[0] == '\0');
}

static const struct wzp_http_client_config quick = {
    .timeout = 2 * WZP_SECOND, .max_response_bytes = 100, .max_posts = 2};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    assert_ok(wzp_loop_new(&fixture->loop));
    assert_ok(wzp_http_client_new(fixture->loop, &quick, &fixture->client));
    fixture->listener = http_talk_listen(fixture->url, sizeof fixture->url);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    wzp_http_client_free(fixture->client);
    wzp_loop_free(fixture->loop);
    close(fixture->listener);
    free(fixture);
    return 0;
}

static enum wzp_err post(struct fixture *fixture, const char *json)
{
    struct wzp_http_post_request request = {
        .url = fixture->url, .json = json, .fn = on_result, .context = fixture};
    return wzp_http_client_post(fixture->client, &request, &fixture->post);
}

static void wait_for_call(struct fixture *fixture, unsigned calls)
{
    for (int i = 0; i < HTTP_TALK_TURNS && fixture->calls < calls; i++) {
        wzp_loop_step(fixture->loop, false);
        wzp_ignore(poll(NULL, 0, 1));
    }
    assert_int_equal(fixture->calls, calls);
}

/** Takes the client's connection and its request up to `until`, and answers. The connection, still open. */
static int serve(struct fixture *fixture, const char *until, const char *answer)
{
    int fd = http_talk_accept(fixture->loop, fixture->listener);
    struct wzp_buffer in;
    wzp_buffer_init(&in, 65536);
    assert_true(http_talk_receive(fixture->loop, fd, &in, until));
    wzp_buffer_deinit(&in);
    http_talk_send(fd, answer);
    return fd;
}

static void a_post_carries_the_json(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(post(fixture, "{\"token\":\"secret\"}"));
    assert_int_equal(fixture->calls, 0);
    int fd = http_talk_accept(fixture->loop, fixture->listener);
    struct wzp_buffer in;
    wzp_buffer_init(&in, 65536);
    assert_true(http_talk_receive(fixture->loop, fd, &in, "{\"token\":\"secret\"}"));
    assert_memory_equal(in.text, "POST /check HTTP/1.1\r\n", 22);
    assert_non_null(strstr(in.text, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(in.text, "\r\nContent-Length: 18\r\n"));
    assert_non_null(strstr(in.text, "\r\nUser-Agent: wzp/"));
    assert_null(strstr(in.text, "Expect"));
    http_talk_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    wait_for_call(fixture, 1);
    assert_int_equal(fixture->err, WZP_OK);
    assert_int_equal(fixture->status, 200);
    assert_string_equal(fixture->body, "ok");
    wzp_buffer_deinit(&in);
    close(fd);
}

static void every_answer_ends_the_call(void **state)
{
    static const struct {
        const char *answer;
        enum wzp_err err;
        unsigned status;
        const char *body;
    } rows[] = {
        {"HTTP/1.1 204 No Content\r\n\r\n", WZP_OK, 204, ""},
        {"HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnope", WZP_OK, 403, "nope"},
        {"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", WZP_OK, 500, ""},
        /* Not followed: a second connection would never be answered. */
        {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n", WZP_OK, 302,
         ""},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", WZP_OK, 200,
         "hello"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n"
         "01234567890123456789012345678901234567890123456789"
         "012345678901234567890123456789012345678901234567890",
         WZP_ELIMIT, 0, ""},
        {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nshort", WZP_ETIMEOUT, 0, ""},
        {"SSH-2.0-OpenSSH_9.2\r\n", WZP_ENET, 0, ""},
        {"", WZP_ETIMEOUT, 0, ""},
    };
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < wzp_count(rows); i++) {
        assert_ok(post(fixture, "{}"));
        int fd = serve(fixture, "\r\n\r\n{}", rows[i].answer);
        wait_for_call(fixture, i + 1);
        if (fixture->err != rows[i].err) {
            fail_msg("row %u: %s", i, wzp_err_text(fixture->err));
        }
        assert_int_equal(fixture->status, rows[i].status);
        assert_string_equal(fixture->body, rows[i].body);
        close(fd);
        wzp_http_client_free(fixture->client); /* and with it the connection that it would use again */
        assert_ok(wzp_http_client_new(fixture->loop, &quick, &fixture->client));
    }
}

static void a_kept_connection_serves_the_next_call(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(post(fixture, "{}"));
    int fd = serve(fixture, "\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    wait_for_call(fixture, 1);
    assert_ok(post(fixture, "{\"b\":2}"));
    struct wzp_buffer in;
    wzp_buffer_init(&in, 65536);
    assert_true(http_talk_receive(fixture->loop, fd, &in, "{\"b\":2}"));
    http_talk_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
    wait_for_call(fixture, 2);
    assert_string_equal(fixture->body, "2");
    wzp_buffer_deinit(&in);
    close(fd);
}

static void nobody_listening_is_a_network_error(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->listener);
    assert_ok(post(fixture, "{}"));
    wait_for_call(fixture, 1);
    assert_int_equal(fixture->err, WZP_ENET);
    fixture->listener = http_talk_listen(fixture->url, sizeof fixture->url);
}

static void plain_text_is_no_tls(void **state)
{
    struct fixture *fixture = *state;
    char url[64];
    wzp_ignore(snprintf(url, sizeof url, "https%s", fixture->url + strlen("http")));
    struct wzp_http_post_request request = {.url = url, .json = "{}", .fn = on_result, .context = fixture};
    assert_ok(wzp_http_client_post(fixture->client, &request, &fixture->post));
    int fd = http_talk_accept(fixture->loop, fixture->listener);
    http_talk_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"valid\":true}");
    wait_for_call(fixture, 1);
    assert_int_not_equal(fixture->err,
                         WZP_OK); /* WZP_ETLS, or WZP_ETIMEOUT where the machine is too slow for TLS */
    close(fd);
}

static void a_call_cancelled_at_once_is_silent(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(post(fixture, "{}"));
    wzp_http_client_cancel(fixture->post);
    wzp_http_client_cancel(NULL);
    for (int i = 0; i < 20; i++) {
        wzp_loop_step(fixture->loop, false);
        wzp_ignore(poll(NULL, 0, 1));
    }
    assert_int_equal(fixture->calls, 0);
}

static void a_call_cancelled_in_the_middle_hangs_up(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(post(fixture, "{}"));
    int fd = serve(fixture, "\r\n\r\n{}", "HTTP/1.1 200 OK\r\n");
    wzp_http_client_cancel(fixture->post);
    struct wzp_buffer in;
    wzp_buffer_init(&in, 65536);
    assert_true(http_talk_receive(fixture->loop, fd, &in, NULL));
    assert_int_equal(fixture->calls, 0);
    wzp_buffer_deinit(&in);
    close(fd);
}

static void freeing_the_client_drops_its_calls(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(post(fixture, "{}"));
    int fd = serve(fixture, "\r\n\r\n{}", "HTTP/1.1 200 OK\r\n");
    assert_ok(post(fixture, "{}"));
    wzp_http_client_free(wzp_take(fixture->client));
    for (int i = 0; i < 20; i++) {
        wzp_loop_step(fixture->loop, false);
    }
    assert_int_equal(fixture->calls, 0);
    close(fd);
}

static void too_many_calls_are_refused(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(post(fixture, "{}"));
    assert_ok(post(fixture, "{}"));
    assert_int_equal(post(fixture, "{}"), WZP_ELIMIT);
    wzp_http_client_cancel(fixture->post);
    enum wzp_err err = WZP_ELIMIT;
    for (int i = 0; i < HTTP_TALK_TURNS && err == WZP_ELIMIT; i++) {
        wzp_loop_step(fixture->loop, false);
        wzp_ignore(poll(NULL, 0, 1));
        err = post(fixture, "{}");
    }
    assert_ok(err);
}

static void only_web_addresses_are_taken(void **state)
{
    static const struct {
        const char *url;
        enum wzp_err err;
    } rows[] = {
        {"http://127.0.0.1:9000/auth", WZP_OK}, {"https://auth.example.org", WZP_OK},
        {"https://[::1]:8443/a?b=c", WZP_OK},   {"", WZP_EINVAL},
        {"auth.example.org/x", WZP_EINVAL},     {"ftp://example.org/", WZP_EINVAL},
        {"file:///etc/passwd", WZP_EINVAL},     {"http://", WZP_EINVAL},
        {"http://a:99999/", WZP_EINVAL},        {"javascript:alert(1)", WZP_EINVAL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < wzp_count(rows); i++) {
        if (wzp_http_url_check(rows[i].url) != rows[i].err) {
            fail_msg("%s", rows[i].url);
        }
    }
    struct wzp_http_post_request request = {
        .url = "file:///etc/passwd", .json = "{}", .fn = on_result, .context = fixture};
    assert_int_equal(wzp_http_client_post(fixture->client, &request, &fixture->post), WZP_EINVAL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_post_carries_the_json),
        CASE(every_answer_ends_the_call),
        CASE(a_kept_connection_serves_the_next_call),
        CASE(nobody_listening_is_a_network_error),
        CASE(plain_text_is_no_tls),
        CASE(a_call_cancelled_at_once_is_silent),
        CASE(a_call_cancelled_in_the_middle_hangs_up),
        CASE(freeing_the_client_drops_its_calls),
        CASE(too_many_calls_are_refused),
        CASE(only_web_addresses_are_taken),
    };
    return cmocka_run_group_tests_name("net_http_client", tests, NULL, NULL);
}
