/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/trust.h"

#include <string.h>

static const struct wzp_relay_link_config *find(const struct wzp_relay_link_config *entries, size_t n,
                                                const uint8_t *fingerprint)
{
    for (size_t i = 0; i < n; i++) {
        if (memcmp(entries[i].fingerprint, fingerprint, sizeof entries[i].fingerprint) == 0) {
            return &entries[i];
        }
    }
    return NULL;
}

static const struct wzp_relay_link_config *find_named(const struct wzp_relay_config *config,
                                                      const uint8_t *fingerprint)
{
    const struct wzp_relay_link_config *entry = find(config->peers, config->n_peers, fingerprint);
    return entry ? entry : find(config->trusted, config->n_trusted, fingerprint);
}

/* First-generation relays were known by address. Only entries that allow it, and only where the url is an
 * address. */
static const struct wzp_relay_link_config *find_by_address(const struct wzp_relay_config *config,
                                                           const struct wzp_addr *from)
{
    for (size_t i = 0; i < config->n_peers; i++) {
        const struct wzp_relay_link_config *entry = &config->peers[i];
        struct wzp_addr addr;
        if (entry->allow_unverified && wzp_addr_read(entry->url, &addr) == WZP_OK &&
            wzp_addr_is_same_host(&addr, from)) {
            return entry;
        }
    }
    return NULL;
}

static struct wzp_trust_answer decide_unproven(const struct wzp_relay_config *config,
                                               const struct wzp_trust_question *question)
{
    const struct wzp_relay_link_config *entry = find_named(config, question->claimed);
    if (entry) {
        return (struct wzp_trust_answer){
            .trust = entry->allow_unverified ? WZP_TRUST_UNVERIFIED : WZP_TRUST_UNPROVEN,
            .entry = entry,
            .fingerprint = question->claimed,
        };
    }
    entry = find_by_address(config, question->from);
    return (struct wzp_trust_answer){
        .trust = entry ? WZP_TRUST_UNVERIFIED : WZP_TRUST_UNKNOWN,
        .entry = entry,
        .fingerprint = entry ? entry->fingerprint : question->claimed,
    };
}

struct wzp_trust_answer wzp_trust_decide(const struct wzp_relay_config *config,
                                         const struct wzp_trust_question *question)
{
    struct wzp_trust_answer answer = {.fingerprint = question->shown ? question->shown : question->claimed};
    if (question->shown && memcmp(question->shown, question->claimed, WZP_FINGERPRINT_BYTES) != 0) {
        answer.trust = WZP_TRUST_MISMATCH;
        return answer;
    }
    if (memcmp(answer.fingerprint, question->own, WZP_FINGERPRINT_BYTES) == 0) {
        answer.trust = WZP_TRUST_SELF;
        return answer;
    }
    if (!question->shown) {
        return decide_unproven(config, question);
    }
    answer.entry = find_named(config, question->shown);
    answer.trust = answer.entry ? WZP_TRUST_VERIFIED : WZP_TRUST_UNKNOWN;
    return answer;
}
