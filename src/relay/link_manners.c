/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a peer that does not behave: lines in the log, and not too many of them; no link for a
 * while. */
#include "relay/allowance.h"
#include "relay/link.h"
#include "relay/links_set.h"
#include "relay/refusals.h"
#include "relay/trust.h"

enum wzp_log_level wzp_link_level(struct wzp_relay_link *link)
{
    bool is_calm = !link->allowance || wzp_bucket_take(&link->allowance->lines, link->links->relay->now);
    return is_calm ? WZP_LOG_INFO : WZP_LOG_DEBUG;
}

void wzp_link_complain(struct wzp_relay_link *link, enum wzp_err err)
{
    struct wzp_relay *relay = link->links->relay;
    ++*relay->counters.signals_malformed;
    if (relay->now - link->complained_at >= WZP_SECOND) {
        link->complained_at = relay->now;
        wzp_warn(relay->log, "a signal of a peer does not read; skipped", "peer=%s error=\"%s\"", link->label,
                 wzp_err_text(err));
    }
}

void wzp_link_ban(struct wzp_relay_link *link)
{
    struct wzp_relay *relay = link->links->relay;
    link->allowance->banned_until = relay->now + WZP_ALLOWANCE_BAN;
    ++*wzp_metrics_counter(relay->metrics, WZP_METRIC_FED_SIGNALS_REFUSED, link->label, "rate");
    wzp_warn(relay->log,
             "a peer sends too many signals: it is not linked for a while. Ask its operator what it is "
             "doing, or take its entry out",
             "peer=%s seconds=%d", link->label, (int)(WZP_ALLOWANCE_BAN / WZP_SECOND));
    wzp_link_end(link, WZP_CLOSE_BANNED, "too many signals");
}

bool wzp_link_is_banned(struct wzp_relay_link *link)
{
    struct wzp_relay *relay = link->links->relay;
    if (relay->now >= link->allowance->banned_until) {
        return false;
    }
    ++*wzp_metrics_counter(relay->metrics, WZP_METRIC_FED_REFUSED, "banned", NULL);
    link->is_quiet = true;
    wzp_link_end(link, WZP_CLOSE_BANNED, "too many signals a moment ago");
    return true;
}

void wzp_link_refuse(struct wzp_relay_link *link, const struct wzp_trust_answer *answer)
{
    static const struct {
        enum wzp_close_code code;
        const char *reason;
    } words[] = {
        [WZP_TRUST_UNPROVEN] = {WZP_CLOSE_UNAUTHORIZED, "no certificate was shown to prove the fingerprint"},
        [WZP_TRUST_MISMATCH] = {WZP_CLOSE_UNAUTHORIZED,
                                "the hello claims another fingerprint than the certificate"},
        [WZP_TRUST_UNKNOWN] = {WZP_CLOSE_UNKNOWN_RELAY,
                               "this relay does not know you: ask its operator to add you"},
        [WZP_TRUST_SELF] = {WZP_CLOSE_PROTOCOL_ERROR, "this relay dialled itself"},
    };
    wzp_refusals_note(link->links->refusals, answer, wzp_conn_peer_addr(link->role.conn));
    wzp_link_end(link, words[answer->trust].code, words[answer->trust].reason);
}
