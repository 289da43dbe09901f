/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/refusals.h"

#include <stdlib.h>
#include <string.h>

#define WZP_REFUSALS_KEPT     64                /* fingerprints remembered; the oldest gives way */
#define WZP_REFUSALS_INTERVAL (60 * WZP_SECOND) /* docs/federation.md, "Trust" */

struct wzp_refusals {
    struct wzp_relay *relay;
    struct {
        uint8_t fingerprint[WZP_FINGERPRINT_BYTES];
        wzp_us told_at;
    } kept[WZP_REFUSALS_KEPT];
    size_t n, next;
};

enum wzp_err wzp_refusals_new(struct wzp_relay *relay, struct wzp_refusals **out_refusals)
{
    struct wzp_refusals *refusals = calloc(1, sizeof *refusals);
    if (!refusals) {
        return WZP_ENOMEM;
    }
    refusals->relay = relay;
    *out_refusals = refusals;
    return WZP_OK;
}

void wzp_refusals_free(struct wzp_refusals *refusals)
{
    free(refusals);
}

static bool is_time_to_tell(struct wzp_refusals *refusals, const uint8_t *fingerprint)
{
    wzp_us now = refusals->relay->now;
    for (size_t i = 0; i < refusals->n; i++) {
        if (memcmp(refusals->kept[i].fingerprint, fingerprint, WZP_FINGERPRINT_BYTES) == 0) {
            bool is_time = now - refusals->kept[i].told_at >= WZP_REFUSALS_INTERVAL;
            refusals->kept[i].told_at = is_time ? now : refusals->kept[i].told_at;
            return is_time;
        }
    }
    size_t slot = refusals->n < WZP_REFUSALS_KEPT ? refusals->n++ : refusals->next;
    refusals->next = (slot + 1) % WZP_REFUSALS_KEPT;
    memcpy(refusals->kept[slot].fingerprint, fingerprint, WZP_FINGERPRINT_BYTES);
    refusals->kept[slot].told_at = now;
    return true;
}

static void tell_unknown(const struct wzp_log *log, const char *fingerprint, const char *address)
{
    wzp_warn(log, "an unknown relay wants to federate and was refused", "addr=%s fp=%s", address,
             fingerprint);
    wzp_info(log, "to accept it, add to the configuration:", "");
    wzp_info(log, "  [[trusted]]", "");
    char line[160];
    snprintf(line, sizeof line, "  fingerprint = '%s'", fingerprint);
    wzp_info(log, line, "");
    snprintf(line, sizeof line, "  label = 'relay at %s'", address);
    wzp_info(log, line, "");
    wzp_info(log,
             "or, to dial it too, [[peers]] with the same lines and url = 'HOST:PORT' of its listen address",
             "");
}

void wzp_refusals_note(struct wzp_refusals *refusals, const struct wzp_trust_answer *answer,
                       const struct wzp_addr *from)
{
    static const char *const reasons[] = {
        [WZP_TRUST_UNPROVEN] = "unproven",
        [WZP_TRUST_MISMATCH] = "mismatch",
        [WZP_TRUST_UNKNOWN] = "unknown",
        [WZP_TRUST_SELF] = "self",
    };
    struct wzp_relay *relay = refusals->relay;
    ++*wzp_metrics_counter(relay->metrics, WZP_METRIC_FED_REFUSED, reasons[answer->trust], NULL);
    if (!is_time_to_tell(refusals, answer->fingerprint)) {
        return;
    }
    char fingerprint[WZP_FINGERPRINT_TEXT_BYTES];
    char address[WZP_ADDR_TEXT_BYTES];
    wzp_fingerprint_write(answer->fingerprint, fingerprint);
    wzp_addr_write(from, address);
    switch (answer->trust) {
    case WZP_TRUST_VERIFIED:
    case WZP_TRUST_UNVERIFIED:
        break;
    case WZP_TRUST_UNKNOWN:
        tell_unknown(relay->log, fingerprint, address);
        break;
    case WZP_TRUST_UNPROVEN:
        wzp_warn(
            relay->log,
            "a relay claims a named fingerprint but shows no certificate, as first-generation relays do; "
            "refused. To take its word, set allow_unverified = true in its entry",
            "addr=%s fp=%s", address, fingerprint);
        break;
    case WZP_TRUST_MISMATCH:
        wzp_warn(relay->log, "a relay claims another fingerprint than its certificate has; refused",
                 "addr=%s shown=%s", address, fingerprint);
        break;
    case WZP_TRUST_SELF:
        wzp_warn(relay->log, "this relay dialled itself: take its own address out of [[peers]]", "addr=%s",
                 address);
        break;
    }
}
