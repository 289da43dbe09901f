/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/sessions.h"

#include <malloc.h>
#include <stdlib.h>

#include "proto/signal.h"
#include "relay/crew.h"
#include "relay/session.h"

#define WZP_SESSIONS_TRIM_AFTER (10 * WZP_SECOND) /* from the crowd's going to giving its memory back */
#define WZP_SESSIONS_CROWD      32                /* fewer are not worth it */

enum wzp_err wzp_sessions_new(struct wzp_relay *relay, struct wzp_sessions **out_sessions)
{
    struct wzp_sessions *sessions = calloc(1, sizeof *sessions);
    if (!sessions) {
        return WZP_ENOMEM;
    }
    sessions->relay = relay;
    sessions->trim_at = WZP_NEVER;
    wzp_list_init(&sessions->all);
    wzp_list_init(&sessions->waiting);
    *out_sessions = sessions;
    return WZP_OK;
}

void wzp_sessions_free(struct wzp_sessions *sessions)
{
    free(sessions);
}

size_t wzp_sessions_limit(const struct wzp_relay_config *config)
{
    return config->max_sessions;
}

static void refuse(const struct wzp_relay *relay, const struct wzp_line *line, enum wzp_close_code code,
                   const char *reason)
{
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_addr_write(wzp_line_addr(line), address);
    wzp_info(relay->log, "client refused", "addr=%s reason=\"%s\"", address, reason);
    wzp_line_close(line, code, reason);
}

bool wzp_sessions_turn_away(const struct wzp_relay *relay, const struct wzp_line *line)
{
    if (relay->is_draining) {
        ++*relay->counters.refused_draining;
        refuse(relay, line, WZP_CLOSE_DRAINING, "this relay is going down");
    } else if (relay->gate.admission.is_closed) {
        ++*relay->counters.refused_busy;
        refuse(relay, line, WZP_CLOSE_RELAY_FULL, "the relay is busy: try another one, or later");
    }
    return relay->is_draining || relay->gate.admission.is_closed;
}

void wzp_sessions_accept(struct wzp_sessions *sessions, const struct wzp_line *line, const char *room)
{
    struct wzp_relay *relay = sessions->relay;
    if (wzp_sessions_turn_away(relay, line)) {
        return;
    }
    if (!wzp_crew_enter(relay->crew, wzp_sessions_limit(relay->config))) {
        ++*relay->counters.refused_full;
        refuse(relay, line, WZP_CLOSE_RELAY_FULL, "the relay is full");
        return;
    }
    struct wzp_session *session = NULL;
    if (wzp_session_new(sessions, line, room, &session) != WZP_OK) {
        wzp_crew_leave(relay->crew);
        ++*relay->counters.refused_full;
        refuse(relay, line, WZP_CLOSE_RELAY_FULL, "the relay has no memory left");
    }
}

size_t wzp_sessions_count(const struct wzp_sessions *sessions)
{
    return sessions->n;
}

void wzp_sessions_go_away(struct wzp_sessions *sessions, wzp_us deadline)
{
    const struct wzp_signal signal = {
        .kind = WZP_SIGNAL_GO_AWAY,
        .go_away = {.reason = "this relay is going down", .deadline_ms = (uint32_t)(deadline / WZP_MS)},
    };
    wzp_list_each(node, &sessions->all)
    {
        struct wzp_session *session = wzp_container(node, struct wzp_session, node);
        if (session->state == WZP_SESSION_IN_ROOM && wzp_session_is_second_generation(session)) {
            wzp_line_send(sessions->relay, &session->line, &signal, WZP_SIGNAL_GO_AWAY);
        }
    }
}

void wzp_sessions_close_all(struct wzp_sessions *sessions, enum wzp_close_code code, const char *reason)
{
    wzp_list_each(node, &sessions->all)
    {
        wzp_session_end(wzp_container(node, struct wzp_session, node), code, reason);
    }
}

static struct wzp_session *first_waiting(const struct wzp_sessions *sessions)
{
    struct wzp_list *node = wzp_list_first(&sessions->waiting);
    return node ? wzp_container(node, struct wzp_session, waiting) : NULL;
}

wzp_us wzp_sessions_deadline(const struct wzp_sessions *sessions)
{
    const struct wzp_session *session = first_waiting(sessions);
    return wzp_us_min(session ? session->deadline : WZP_NEVER, sessions->trim_at);
}

void wzp_sessions_ended(struct wzp_sessions *sessions)
{
    sessions->n--;
    wzp_crew_leave(sessions->relay->crew);
    bool crowd_has_gone = sessions->most >= WZP_SESSIONS_CROWD && sessions->n < sessions->most / 2;
    if (crowd_has_gone && sessions->trim_at == WZP_NEVER) {
        sessions->trim_at = sessions->relay->now + WZP_SESSIONS_TRIM_AFTER;
    }
}

/* The C library keeps what was freed between blocks that are still in use; this gives it back to the system.
 */
static void give_memory_back(struct wzp_sessions *sessions)
{
    malloc_trim(0);
    sessions->most = sessions->n;
    sessions->trim_at = WZP_NEVER;
}

void wzp_sessions_tick(struct wzp_sessions *sessions, wzp_us now)
{
    for (struct wzp_session *session = first_waiting(sessions); session && session->deadline <= now;
         session = first_waiting(sessions)) {
        ++*sessions->relay->counters.refused_timeout;
        wzp_session_end(session, WZP_CLOSE_TIMEOUT, "no call offer came in time");
    }
    if (sessions->trim_at <= now) {
        give_memory_back(sessions);
    }
}
