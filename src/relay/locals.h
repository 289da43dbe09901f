/* SPDX-License-Identifier: Apache-2.0 */
/* Who is on this relay, over all its workers. */
#pragma once

#include <stdbool.h>

#include "relay/relay.h"

/** Tells the other end who is here (PresenceUpdate). */
void wzp_locals_tell(struct wzp_relay *relay, struct wzp_conn *conn);

/** Whether somebody with this fingerprint is here. */
bool wzp_locals_have(struct wzp_relay *relay, const char *fingerprint);
