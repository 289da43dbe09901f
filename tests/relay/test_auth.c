/* SPDX-License-Identifier: Apache-2.0 */
/* Against a plain socket that plays the token service. */
#include <stdio.h>
#include <stdlib.h>

#include "relay/auth.h"
#include "support/http_talk.h"

struct fixture {
    struct wzp_loop *loop;
    struct wzp_auth *auth;
    int listener;
    struct wzp_auth_check *check;
    unsigned calls;
    struct wzp_auth_result result;
    bool cancels; /* its own check, from within the callback */
};

static int set_up(void **state)
{
    char url[64];
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    assert_ok(wzp_loop_new(&fixture->loop));
    fixture->listener = http_talk_listen(url, sizeof url);
    assert_ok(wzp_auth_new(fixture->loop, url, 500 * WZP_MS, &fixture->auth));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    wzp_auth_free(fixture->auth);
    wzp_loop_free(fixture->loop);
    close(fixture->listener);
    free(fixture);
    return 0;
}

static void on_result(void *context, const struct wzp_auth_result *result)
{
    struct fixture *fixture = context;
    fixture->calls++;
    fixture->result = *result;
    assert_int_equal(result->err == WZP_OK, result->reason[0] == '\0');
    if (fixture->cancels) {
        wzp_auth_check_cancel(fixture->check);
    }
}

static enum wzp_err check(struct fixture *fixture, const char *token)
{
    return wzp_auth_check_start(fixture->auth, token, on_result, fixture, &fixture->check);
}

/** Plays the service for one request: reads up to `until`, answers, hangs up. */
static void serve(struct fixture *fixture, const char *until, const char *answer)
{
    int fd = http_talk_accept(fixture->loop, fixture->listener);
    struct wzp_buffer in;
    wzp_buffer_init(&in, 65536);
    assert_true(http_talk_receive(fixture->loop, fd, &in, until));
    wzp_buffer_deinit(&in);
    http_talk_send(fd, answer);
    close(fd);
}

static void wait_for_call(struct fixture *fixture, unsigned calls)
{
    for (int i = 0; i < HTTP_TALK_TURNS && fixture->calls < calls; i++) {
        wzp_loop_step(fixture->loop, false);
        wzp_ignore(poll(NULL, 0, 1));
    }
    assert_int_equal(fixture->calls, calls);
}

#define HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

static void a_good_token_names_its_owner(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(check(fixture, "s3\"cret\\"));
    serve(fixture, "\r\n\r\n{\"token\":\"s3\\\"cret\\\\\"}",
          HEAD "{\"valid\":true,\"fingerprint\":\"ab:cd\",\"alias\":\"Ann\"}");
    wait_for_call(fixture, 1);
    assert_ok(fixture->result.err);
    assert_true(fixture->result.reply.is_valid);
    assert_string_equal(fixture->result.reply.fingerprint, "ab:cd");
    assert_string_equal(fixture->result.reply.alias, "Ann");
}

static void everything_else_keeps_the_client_out(void **state)
{
    static const struct {
        const char *answer;
        enum wzp_err err;
    } rows[] = {
        {HEAD "{\"valid\":false}", WZP_EAUTH},
        {HEAD "{\"valid\":true}", WZP_EMALFORMED},
        {HEAD "yes", WZP_EMALFORMED},
        {HEAD, WZP_EMALFORMED},
        {"HTTP/1.1 401 No\r\nConnection: close\r\n\r\n{\"valid\":true,\"fingerprint\":\"x\"}", WZP_ENET},
        {"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n{\"valid\":true,\"fingerprint\":\"x\"}", WZP_ENET},
        {"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n"
         "{\"valid\":true,\"fingerprint\":\"x\"}",
         WZP_ENET},
        {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"valid\":true,\"fingerprint\":\"x\"}", WZP_ENET},
        {"nonsense", WZP_ENET},
    };
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < wzp_count(rows); i++) {
        assert_ok(check(fixture, "token"));
        serve(fixture, "{\"token\":\"token\"}", rows[i].answer);
        wait_for_call(fixture, i + 1);
        if (fixture->result.err != rows[i].err) {
            fail_msg("row %u: %s", i, wzp_err_text(fixture->result.err));
        }
        assert_false(fixture->result.err == WZP_OK);
    }
}

static void a_silent_service_keeps_the_client_out(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(check(fixture, "token"));
    wait_for_call(fixture, 1);
    assert_int_equal(fixture->result.err, WZP_ETIMEOUT);
}

static void bad_tokens_are_not_sent(void **state)
{
    struct fixture *fixture = *state;
    char token[WZP_AUTH_TOKEN_BYTES + 1];
    memset(token, 't', sizeof token - 1);
    token[WZP_AUTH_TOKEN_BYTES] = '\0';
    assert_int_equal(check(fixture, token), WZP_EINVAL);
    assert_int_equal(check(fixture, ""), WZP_EINVAL);
    assert_int_equal(check(fixture, "\xff"), WZP_EINVAL);
    memset(token, '\x01', sizeof token - 2);
    token[WZP_AUTH_TOKEN_BYTES - 1] = '\0';
    assert_ok(check(fixture, token));
    serve(fixture, "\\u0001\"}", HEAD "{\"valid\":false}");
    wait_for_call(fixture, 1);
}

static void a_cancelled_check_is_silent(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(check(fixture, "token"));
    wzp_auth_check_cancel(fixture->check);
    wzp_auth_check_cancel(NULL);
    for (int i = 0; i < 20; i++) {
        wzp_loop_step(fixture->loop, false);
        wzp_ignore(poll(NULL, 0, 1));
    }
    assert_int_equal(fixture->calls, 0);
}

static void a_check_may_be_cancelled_from_its_own_callback(void **state)
{
    struct fixture *fixture = *state;
    fixture->cancels = true;
    assert_ok(check(fixture, "token"));
    serve(fixture, "}", HEAD "{\"valid\":false}");
    wait_for_call(fixture, 1);
}

static void freeing_drops_what_is_under_way(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(check(fixture, "one"));
    assert_ok(check(fixture, "two"));
    wzp_loop_step(fixture->loop, false);
    wzp_auth_free(wzp_take(fixture->auth));
    assert_int_equal(fixture->calls, 0);
}

static void only_web_addresses_are_taken(void **state)
{
    struct fixture *fixture = *state;
    struct wzp_auth *auth = NULL;
    assert_int_equal(wzp_auth_new(fixture->loop, "file:///etc/passwd", 0, &auth), WZP_EINVAL);
    assert_int_equal(wzp_auth_new(fixture->loop, "auth", 0, &auth), WZP_EINVAL);
    assert_null(auth);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_good_token_names_its_owner),          CASE(everything_else_keeps_the_client_out),
        CASE(a_silent_service_keeps_the_client_out), CASE(bad_tokens_are_not_sent),
        CASE(a_cancelled_check_is_silent),           CASE(a_check_may_be_cancelled_from_its_own_callback),
        CASE(freeing_drops_what_is_under_way),       CASE(only_web_addresses_are_taken),
    };
    return cmocka_run_group_tests_name("relay_auth", tests, NULL, NULL);
}
