/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/trust.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/known_relays.h"

#define ADDRESS_BYTES 300 /* a host name, brackets and a port */

static bool is_loopback(const struct wzp_addr *addr)
{
    if (addr->storage.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&addr->storage;
        return (ntohl(in->sin_addr.s_addr) >> 24) == 127;
    }
    if (addr->storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)&addr->storage;
        return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) != 0;
    }
    return false;
}

/** The key of the file: what the user wrote, lower case, always with the port. */
static void key_of(const struct wzp_trust *trust, char out_key[static ADDRESS_BYTES])
{
    const char *bracket = strrchr(trust->name, ']');
    bool has_port = strchr(bracket ? bracket : trust->name, ':') != NULL;
    if (has_port) {
        snprintf(out_key, ADDRESS_BYTES, "%s", trust->name);
    } else {
        snprintf(out_key, ADDRESS_BYTES, "%s:%u", trust->name, wzp_addr_port(trust->addr));
    }
    wzp_text_lower(out_key);
}

static enum wzp_err judge_pinned(const struct wzp_trust *trust, const uint8_t *fingerprint,
                                 struct wzp_trust_verdict *verdict)
{
    char pinned[WZP_FINGERPRINT_TEXT_BYTES], shown[WZP_FINGERPRINT_TEXT_BYTES];
    verdict->trust = WZP_RELAY_PINNED;
    if (memcmp(trust->pin, fingerprint, WZP_FINGERPRINT_BYTES) == 0) {
        return WZP_OK;
    }
    wzp_fingerprint_write(trust->pin, pinned);
    wzp_fingerprint_write(fingerprint, shown);
    snprintf(verdict->message, sizeof verdict->message,
             "this is not the relay you named: its fingerprint is %s, not %s", shown, pinned);
    return WZP_EAUTH;
}

static enum wzp_err refuse_changed(const struct wzp_trust *trust, const uint8_t *fingerprint,
                                   const struct wzp_known_relay *relay, struct wzp_trust_verdict *verdict)
{
    char before[WZP_FINGERPRINT_TEXT_BYTES], shown[WZP_FINGERPRINT_TEXT_BYTES];
    wzp_fingerprint_write(relay->before, before);
    wzp_fingerprint_write(fingerprint, shown);
    snprintf(verdict->message, sizeof verdict->message,
             "the fingerprint of %.60s has changed: it was %s and is now %s. If its owner says so, accept it "
             "with --relay-fingerprint, or remove line %u of %.80s; if not, somebody may be listening in",
             trust->name, before, shown, relay->line, trust->known_relays);
    return WZP_EAUTH;
}

enum wzp_err wzp_trust_judge(const struct wzp_trust *trust,
                             const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES],
                             struct wzp_trust_verdict *out_verdict)
{
    *out_verdict = (struct wzp_trust_verdict){.trust = WZP_RELAY_UNCHECKED};
    if (trust->pin) {
        return judge_pinned(trust, fingerprint, out_verdict);
    }
    if (!trust->known_relays || is_loopback(trust->addr)) {
        return WZP_OK;
    }
    char key[ADDRESS_BYTES];
    struct wzp_known_relay relay;
    key_of(trust, key);
    if (wzp_known_relays_find(trust->known_relays, key, fingerprint, &relay) != WZP_OK) {
        snprintf(out_verdict->message, sizeof out_verdict->message,
                 "can't read %.200s: whether this is the same relay as before is not known",
                 trust->known_relays);
        return WZP_OK;
    }
    if (relay.known == WZP_KNOWN_CHANGED) {
        return refuse_changed(trust, fingerprint, &relay, out_verdict);
    }
    out_verdict->trust = relay.known == WZP_KNOWN_SAME ? WZP_RELAY_KNOWN : WZP_RELAY_FIRST_USE;
    if (relay.known == WZP_KNOWN_NEW &&
        wzp_known_relays_add(trust->known_relays, key, fingerprint) != WZP_OK) {
        out_verdict->trust = WZP_RELAY_UNCHECKED;
        snprintf(out_verdict->message, sizeof out_verdict->message,
                 "can't write %.200s: the relay's fingerprint is not remembered", trust->known_relays);
    }
    return WZP_OK;
}
