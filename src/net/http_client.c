/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curl works on a thread of its own: with the GnuTLS that Debian builds it with, each new TLS connection
 * first reads the system's 140 authorities, which takes 17 ms and would hold up everybody's speech on the
 * loop.
 *
 *   loop                                   thread
 *   post:   into `fresh`, wake thread  ->  take_fresh: into the multi handle
 *   cancel: mark, wake thread          ->  take_cancelled: out of it
 *   on_results: callbacks, free        <-  out of it, into `done`, wake loop
 *
 * A post belongs to the thread from `fresh` until it is in `done`; the two lists and the two marks are under
 * the lock, everything else of a post is its owner's.
 */
#include "net/http_client.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/buffer.h"
#include "base/list.h"
#include "net/http_curl.h"
#include "net/http_url.h"

#define WZP_HTTP_CLIENT_TIMEOUT        (5 * WZP_SECOND)
#define WZP_HTTP_CLIENT_RESPONSE_BYTES 65536
#define WZP_HTTP_CLIENT_POSTS          256
#define WZP_HTTP_CLIENT_CONNECTIONS    16 /* at a time; further calls wait for one within their time */
#define WZP_HTTP_CLIENT_KEPT           8  /* idle connections kept for the next call */
#define WZP_HTTP_CLIENT_NAP_MS         60000

struct wzp_http_client {
    struct wzp_http_client_config config;
    struct wzp_wakeup *wakeup;
    size_t n_posts; /* until they are freed */
    CURLM *multi;   /* the thread's, once it runs; curl_multi_wakeup is for all */
    struct curl_slist *headers;
    struct wzp_list active; /* the thread's */
    pthread_t thread;
    pthread_mutex_t lock;
    bool has_curl, has_lock, has_thread;

    struct wzp_list fresh; /* under the lock, as are the next two */
    struct wzp_list done;
    bool is_stopping;
};

struct wzp_http_post {
    struct wzp_list link; /* in `fresh`, `active` or `done` */
    struct wzp_http_client *client;
    CURL *easy;
    CURLcode code;
    struct wzp_buffer body;
    wzp_http_result_fn fn;
    void *context;
    bool is_cancelled; /* under the lock */
};

static struct wzp_http_post *pop(struct wzp_list *list)
{
    struct wzp_list *node = wzp_list_first(list);
    if (!node) {
        return NULL;
    }
    wzp_list_remove(node);
    return wzp_container(node, struct wzp_http_post, link);
}

static struct wzp_http_post *pop_locked(struct wzp_http_client *client, struct wzp_list *list)
{
    wzp_ignore(pthread_mutex_lock(&client->lock));
    struct wzp_http_post *post = pop(list);
    wzp_ignore(pthread_mutex_unlock(&client->lock));
    return post;
}

static void push_locked(struct wzp_http_client *client, struct wzp_list *list, struct wzp_http_post *post)
{
    wzp_ignore(pthread_mutex_lock(&client->lock));
    wzp_list_push_back(list, &post->link);
    wzp_ignore(pthread_mutex_unlock(&client->lock));
}

static bool read_locked(struct wzp_http_client *client, const bool *flag)
{
    wzp_ignore(pthread_mutex_lock(&client->lock));
    bool value = *flag;
    wzp_ignore(pthread_mutex_unlock(&client->lock));
    return value;
}

static void set_locked(struct wzp_http_client *client, bool *flag)
{
    wzp_ignore(pthread_mutex_lock(&client->lock));
    *flag = true;
    wzp_ignore(pthread_mutex_unlock(&client->lock));
}

/* The thread. */

static void hand_back(struct wzp_http_client *client, struct wzp_http_post *post, CURLcode code)
{
    post->code = code;
    push_locked(client, &client->done, post);
    wzp_wakeup_send(client->wakeup);
}

static void take_fresh(struct wzp_http_client *client)
{
    for (struct wzp_http_post *post = pop_locked(client, &client->fresh); post;
         post = pop_locked(client, &client->fresh)) {
        if (curl_multi_add_handle(client->multi, post->easy) == CURLM_OK) {
            wzp_list_push_back(&client->active, &post->link);
        } else {
            hand_back(client, post, CURLE_OUT_OF_MEMORY);
        }
    }
}

static void end_transfer(struct wzp_http_client *client, struct wzp_http_post *post, CURLcode code)
{
    wzp_ignore(curl_multi_remove_handle(client->multi, post->easy));
    wzp_list_remove(&post->link);
    hand_back(client, post, code);
}

static void take_cancelled(struct wzp_http_client *client)
{
    wzp_list_each(node, &client->active)
    {
        struct wzp_http_post *post = wzp_container(node, struct wzp_http_post, link);
        if (read_locked(client, &post->is_cancelled)) {
            end_transfer(client, post, CURLE_ABORTED_BY_CALLBACK);
        }
    }
}

static void take_finished(struct wzp_http_client *client)
{
    int left = 0;
    for (CURLMsg *message = curl_multi_info_read(client->multi, &left); message;
         message = curl_multi_info_read(client->multi, &left)) {
        struct wzp_http_post *post = NULL;
        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&post) == CURLE_OK && post) {
            end_transfer(client, post, message->data.result);
        }
    }
}

static void *run(void *context)
{
    struct wzp_http_client *client = context;
    while (!read_locked(client, &client->is_stopping)) {
        int running = 0;
        take_fresh(client);
        take_cancelled(client);
        wzp_ignore(curl_multi_perform(client->multi, &running));
        take_finished(client);
        wzp_ignore(curl_multi_poll(client->multi, NULL, 0, WZP_HTTP_CLIENT_NAP_MS, NULL));
    }
    return NULL;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
    struct wzp_http_post *post = context;
    wzp_buffer_add(&post->body, bytes, size * n);
    return post->body.err == WZP_OK ? size * n : 0;
}

/* The loop. */

static void post_free(struct wzp_http_post *post)
{
    post->client->n_posts--;
    curl_easy_cleanup(post->easy);
    wzp_buffer_deinit(&post->body);
    free(post);
}

static void report(struct wzp_http_post *post)
{
    bool is_answered = post->code == CURLE_OK;
    long status = 0;
    wzp_ignore(curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status));
    struct wzp_http_result result = {
        .err = wzp_http_curl_err(post->code),
        .status = is_answered ? (unsigned)status : 0,
        .body = is_answered && post->body.text ? post->body.text : "",
        .size = is_answered ? post->body.size : 0,
        .reason = is_answered ? "" : curl_easy_strerror(post->code),
    };
    if (result.err == WZP_ELIMIT) {
        result.reason = "answer too long";
    }
    post->fn(post->context, &result);
}

static void on_results(void *context)
{
    struct wzp_http_client *client = context;
    for (struct wzp_http_post *post = pop_locked(client, &client->done); post;
         post = pop_locked(client, &client->done)) {
        if (!read_locked(client, &post->is_cancelled)) {
            report(post);
        }
        post_free(post);
    }
}

static void client_freep(struct wzp_http_client **client)
{
    wzp_http_client_free(*client);
}

static enum wzp_err start_curl(struct wzp_http_client *client)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return WZP_EIO;
    }
    client->has_curl = true;
    client->multi = curl_multi_init();
    client->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (!client->multi || !client->headers) {
        return WZP_ENOMEM;
    }
    /* An empty Expect keeps curl from waiting a second for "100 Continue". */
    struct curl_slist *more = curl_slist_append(client->headers, "Expect:");
    CURLM *multi = client->multi;
    bool is_set =
        more && curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)WZP_HTTP_CLIENT_KEPT) == CURLM_OK &&
        curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)WZP_HTTP_CLIENT_CONNECTIONS) ==
            CURLM_OK;
    return is_set ? WZP_OK : WZP_ENOMEM;
}

/** Signals stay with the thread that runs the loop. */
static enum wzp_err start_thread(struct wzp_http_client *client)
{
    sigset_t all;
    sigset_t before;
    if (pthread_mutex_init(&client->lock, NULL) != 0) {
        return WZP_ENOMEM;
    }
    client->has_lock = true;
    wzp_ignore(sigfillset(&all));
    wzp_ignore(pthread_sigmask(SIG_SETMASK, &all, &before));
    client->has_thread = pthread_create(&client->thread, NULL, run, client) == 0;
    wzp_ignore(pthread_sigmask(SIG_SETMASK, &before, NULL));
    return client->has_thread ? WZP_OK : WZP_ENOMEM;
}

static void fill_defaults(struct wzp_http_client_config *config)
{
    config->timeout = config->timeout > 0 ? config->timeout : WZP_HTTP_CLIENT_TIMEOUT;
    config->max_posts = config->max_posts > 0 ? config->max_posts : WZP_HTTP_CLIENT_POSTS;
    config->max_response_bytes =
        config->max_response_bytes > 0 ? config->max_response_bytes : WZP_HTTP_CLIENT_RESPONSE_BYTES;
}

enum wzp_err wzp_http_client_new(struct wzp_loop *loop, const struct wzp_http_client_config *config,
                                 struct wzp_http_client **out_client)
{
    WZP_AUTO(client_freep) struct wzp_http_client *client = calloc(1, sizeof *client);
    if (!client) {
        return WZP_ENOMEM;
    }
    client->config = config ? *config : (struct wzp_http_client_config){0};
    fill_defaults(&client->config);
    wzp_list_init(&client->active);
    wzp_list_init(&client->fresh);
    wzp_list_init(&client->done);
    enum wzp_err err = wzp_wakeup_new(loop, on_results, client, &client->wakeup);
    if (err != WZP_OK) {
        return err;
    }
    err = start_curl(client);
    if (err != WZP_OK) {
        return err;
    }
    err = start_thread(client);
    if (err != WZP_OK) {
        return err;
    }
    *out_client = wzp_take(client);
    return WZP_OK;
}

static void free_posts(struct wzp_list *list)
{
    for (struct wzp_http_post *post = pop(list); post; post = pop(list)) {
        post_free(post);
    }
}

void wzp_http_client_free(struct wzp_http_client *client)
{
    if (!client) {
        return;
    }
    if (client->has_thread) {
        set_locked(client, &client->is_stopping);
        wzp_ignore(curl_multi_wakeup(client->multi));
        wzp_ignore(pthread_join(client->thread, NULL));
    }
    for (struct wzp_http_post *post = pop(&client->active); post; post = pop(&client->active)) {
        wzp_ignore(curl_multi_remove_handle(client->multi, post->easy));
        post_free(post);
    }
    free_posts(&client->fresh);
    free_posts(&client->done);
    wzp_ignore(curl_multi_cleanup(client->multi));
    curl_slist_free_all(client->headers);
    if (client->has_lock) {
        wzp_ignore(pthread_mutex_destroy(&client->lock));
    }
    if (client->has_curl) {
        curl_global_cleanup();
    }
    wzp_wakeup_free(client->wakeup);
    free(client);
}

static bool set_up(struct wzp_http_post *post, const struct wzp_http_post_request *request)
{
    CURL *easy = post->easy;
    return wzp_http_curl_set_limits(easy, post->client->config.timeout) &&
           curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, post->client->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->json) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, post) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PRIVATE, post) == CURLE_OK;
}

enum wzp_err wzp_http_client_post(struct wzp_http_client *client, const struct wzp_http_post_request *request,
                                  struct wzp_http_post **out_post)
{
    enum wzp_err err = wzp_http_url_check(request->url);
    if (err != WZP_OK) {
        return err;
    }
    if (client->n_posts >= client->config.max_posts) {
        return WZP_ELIMIT;
    }
    struct wzp_http_post *post = calloc(1, sizeof *post);
    if (!post) {
        return WZP_ENOMEM;
    }
    client->n_posts++;
    post->client = client;
    post->fn = request->fn;
    post->context = request->context;
    wzp_list_init(&post->link);
    wzp_buffer_init(&post->body, client->config.max_response_bytes);
    post->easy = curl_easy_init();
    if (!post->easy || !set_up(post, request)) {
        post_free(post);
        return WZP_ENOMEM;
    }
    push_locked(client, &client->fresh, post);
    wzp_ignore(curl_multi_wakeup(client->multi));
    *out_post = post;
    return WZP_OK;
}

void wzp_http_client_cancel(struct wzp_http_post *post)
{
    if (post) {
        set_locked(post->client, &post->is_cancelled);
        wzp_ignore(curl_multi_wakeup(post->client->multi));
    }
}
