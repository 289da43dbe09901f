/* SPDX-License-Identifier: Apache-2.0 */
/* A session's token: asked for where the relay has an auth_url, checked there, and nobody gets in without. */
#include <stdlib.h>

#include "proto/signal.h"
#include "relay/session.h"

static void refuse(struct wzp_session *session, const char *reason)
{
    ++*session->relay->counters.auth_failed;
    ++*session->relay->counters.refused_token;
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_line_addr(&session->line), address);
    wzp_info(session->relay->log, "client refused: no good token", "session=%llu addr=%s reason=\"%s\"",
             (unsigned long long)session->number, address, reason);
    wzp_session_end(session, WZP_CLOSE_UNAUTHORIZED, reason);
}

static void admit(struct wzp_session *session, const struct wzp_auth_reply *reply)
{
    ++*session->relay->counters.auth_ok;
    snprintf(session->fingerprint, sizeof session->fingerprint, "%s", reply->fingerprint);
    snprintf(session->auth_alias, sizeof session->auth_alias, "%s", reply->alias);
    wzp_session_enter(session, WZP_SESSION_WAITING_OFFER);
    uint8_t *early = wzp_take(session->early_offer);
    if (early) {
        wzp_session_take_offer(session, early, session->early_size);
        free(early);
    }
}

static void on_checked(void *context, const struct wzp_auth_result *result)
{
    struct wzp_session *session = context;
    session->check = NULL;
    session->relay->now = wzp_loop_now(session->relay->loop);
    if (result->err == WZP_OK) {
        admit(session, &result->reply);
    } else {
        refuse(session, result->reason);
    }
    wzp_timer_set(session->relay->timer, session->relay->now);
}

static void check(struct wzp_session *session, const char *token)
{
    enum wzp_err err =
        wzp_auth_check_start(session->relay->auth, token, on_checked, session, &session->check);
    if (err == WZP_OK) {
        wzp_session_enter(session, WZP_SESSION_CHECKING);
        return;
    }
    refuse(session,
           err == WZP_EINVAL ? "the token is not usable" : "too many tokens are being checked: try again");
}

void wzp_session_take_token(struct wzp_session *session, const uint8_t *body, size_t size)
{
    struct wzp_signal signal;
    enum wzp_err err = wzp_signal_read(body, size, &signal);
    if (err == WZP_ENOTFOUND) {
        return;
    }
    if (err != WZP_OK) {
        wzp_session_complain(session, err);
        return;
    }
    if (signal.kind == WZP_SIGNAL_AUTH_TOKEN) {
        check(session, signal.auth_token.token);
    } else {
        refuse(session, "this relay wants a token first");
    }
    wzp_signal_deinit(&signal);
}
