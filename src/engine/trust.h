/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the relay that answers is the one that is meant: pinned, known, or new. */
#pragma once

#include <stdint.h>

#include <wzp/error.h>
#include <wzp/event.h>

#include "base/attr.h"
#include "crypto/fingerprint.h"
#include "net/addr.h"

/** What is known about the relay beforehand. Borrowed. */
struct wzp_trust {
    const char *name;            /* as the user wrote it */
    const uint8_t *pin;          /* WZP_FINGERPRINT_BYTES, or NULL */
    const char *known_relays;    /* path, or NULL: nothing is remembered */
    const struct wzp_addr *addr; /* in use */
};

/** What came of it. `message` is "" or a sentence for people: a warning on success, else what is wrong. */
struct wzp_trust_verdict {
    enum wzp_relay_trust trust;
    char message[WZP_EVENT_MESSAGE_BYTES];
};

/**
 * Judges the certificate's `fingerprint`, and remembers a new one. A file that can't be read or written is a
 * warning. Relays on this machine are not remembered: a loopback port belongs to whoever runs something
 * there today.
 *
 * WZP_EAUTH: another certificate than the pin, or than before.
 */
WZP_MUST_USE enum wzp_err wzp_trust_judge(const struct wzp_trust *trust,
                                          const uint8_t fingerprint[static WZP_FINGERPRINT_BYTES],
                                          struct wzp_trust_verdict *out_verdict);
