/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/list.h"
#include "base/text.h"
#include "net/http_client.h"
#include "net/http_url.h"

#define WZP_AUTH_TIMEOUT       (5 * WZP_SECOND)
#define WZP_AUTH_MAX_CHECKS    256
#define WZP_AUTH_REQUEST_BYTES ((size_t)6 * WZP_AUTH_TOKEN_BYTES + 64) /* every byte may need \u00xx */

struct wzp_auth {
    struct wzp_http_client *client;
    struct wzp_list checks;
    char *url;
};

struct wzp_auth_check {
    struct wzp_list link;
    struct wzp_http_post *post;
    wzp_auth_fn fn;
    void *context;
};

static void auth_freep(struct wzp_auth **auth)
{
    wzp_auth_free(*auth);
}

enum wzp_err wzp_auth_new(struct wzp_loop *loop, const char *url, wzp_us timeout, struct wzp_auth **out_auth)
{
    enum wzp_err err = wzp_http_url_check(url);
    if (err != WZP_OK) {
        return err;
    }
    WZP_AUTO(auth_freep) struct wzp_auth *auth = calloc(1, sizeof *auth);
    if (!auth) {
        return WZP_ENOMEM;
    }
    wzp_list_init(&auth->checks);
    err = wzp_text_copy(url, &auth->url);
    if (err != WZP_OK) {
        return err;
    }
    const struct wzp_http_client_config config = {
        .timeout = timeout > 0 ? timeout : WZP_AUTH_TIMEOUT,
        .max_posts = WZP_AUTH_MAX_CHECKS,
    };
    err = wzp_http_client_new(loop, &config, &auth->client);
    if (err != WZP_OK) {
        return err;
    }
    *out_auth = wzp_take(auth);
    return WZP_OK;
}

void wzp_auth_free(struct wzp_auth *auth)
{
    if (!auth) {
        return;
    }
    wzp_http_client_free(auth->client);
    wzp_list_each(node, &auth->checks)
    {
        free(wzp_container(node, struct wzp_auth_check, link));
    }
    free(auth->url);
    free(auth);
}

/** What an answer means: only one that says so lets in. */
static struct wzp_auth_result judge(const struct wzp_http_result *answer)
{
    struct wzp_auth_result result = {.err = answer->err, .reason = answer->reason};
    if (answer->err != WZP_OK) {
        return result;
    }
    if (answer->status < 200 || answer->status > 299) {
        result.err = WZP_ENET;
        result.reason = "the token service answered with an error status";
        return result;
    }
    result.err = wzp_auth_reply_read(answer->body, answer->size, &result.reply);
    if (result.err != WZP_OK) {
        result.reason = "the token service's answer does not read";
    } else if (!result.reply.is_valid) {
        result.err = WZP_EAUTH;
        result.reason = "invalid token";
    } else {
        result.reason = "";
    }
    return result;
}

static void on_answer(void *context, const struct wzp_http_result *answer)
{
    struct wzp_auth_check *check = context;
    struct wzp_auth_result result = judge(answer);
    check->post = NULL;
    check->fn(check->context, &result);
    wzp_list_remove(&check->link);
    free(check);
}

/** The request's body; it holds the token, so it is wiped before it is freed. */
static void write_request(const char *token, struct wzp_buffer *out_body)
{
    wzp_buffer_init(out_body, WZP_AUTH_REQUEST_BYTES);
    wzp_buffer_add_text(out_body, "{\"token\":");
    wzp_buffer_add_json(out_body, token);
    wzp_buffer_add_text(out_body, "}");
}

static void wipe_request(struct wzp_buffer *body)
{
    if (body->text) {
        explicit_bzero(body->text, body->capacity);
    }
    wzp_buffer_deinit(body);
}

enum wzp_err wzp_auth_check_start(struct wzp_auth *auth, const char *token, wzp_auth_fn fn, void *context,
                                  struct wzp_auth_check **out_check)
{
    size_t size = strlen(token);
    if (size == 0 || size >= WZP_AUTH_TOKEN_BYTES || !wzp_utf8_is_valid(token, size)) {
        return WZP_EINVAL;
    }
    struct wzp_auth_check *check = calloc(1, sizeof *check);
    if (!check) {
        return WZP_ENOMEM;
    }
    check->fn = fn;
    check->context = context;
    struct wzp_buffer body;
    write_request(token, &body);
    const struct wzp_http_post_request request = {
        .url = auth->url, .json = body.text, .fn = on_answer, .context = check};
    enum wzp_err err =
        body.err == WZP_OK ? wzp_http_client_post(auth->client, &request, &check->post) : body.err;
    wipe_request(&body);
    if (err != WZP_OK) {
        free(check);
        return err;
    }
    wzp_list_push_back(&auth->checks, &check->link);
    *out_check = check;
    return WZP_OK;
}

void wzp_auth_check_cancel(struct wzp_auth_check *check)
{
    if (!check || !check->post) {
        return; /* its callback runs */
    }
    wzp_http_client_cancel(check->post);
    wzp_list_remove(&check->link);
    free(check);
}
