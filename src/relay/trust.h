/* SPDX-License-Identifier: Apache-2.0 */
/* Who may federate: a pure decision over the configuration. Source: docs/federation.md, "Trust". */
#pragma once

#include <stdint.h>

#include "net/addr.h"
#include "relay/config.h"

enum wzp_trust {
    WZP_TRUST_VERIFIED,   /* named by the operator, and the certificate proves it */
    WZP_TRUST_UNVERIFIED, /* named, no certificate, and the entry says allow_unverified */
    WZP_TRUST_UNPROVEN,   /* named, but no certificate, and the entry does not allow that */
    WZP_TRUST_MISMATCH,   /* the hello claims another fingerprint than the certificate has */
    WZP_TRUST_UNKNOWN,    /* nobody named it */
    WZP_TRUST_SELF,       /* our own fingerprint */
};

/** What an arriving relay shows and says. */
struct wzp_trust_question {
    const uint8_t *shown;        /* fingerprint of the certificate it proved, or NULL */
    const uint8_t *claimed;      /* fingerprint of its hello */
    const struct wzp_addr *from; /* its address */
    const uint8_t *own;          /* our fingerprint */
};

struct wzp_trust_answer {
    enum wzp_trust trust;
    const struct wzp_relay_link_config *entry; /* where trusted or UNPROVEN: the operator's entry; borrowed */
    const uint8_t *fingerprint;                /* who it counts as; of the question or the entry */
};

struct wzp_trust_answer wzp_trust_decide(const struct wzp_relay_config *config,
                                         const struct wzp_trust_question *question);
