/* SPDX-License-Identifier: Apache-2.0 */
/* Signals on their way between two relays: copies that own what they point to. */
#pragma once

#include <stdbool.h>

#include <wzp/error.h>

#include "base/attr.h"
#include "proto/signal.h"

struct wzp_mail;

/** A copy of an announcement, withdrawal, prune or graft. With `as_json` it is written and read back, as on a
 * real link. WZP_ENOMEM, or what wzp_signal_write and wzp_signal_read say. */
WZP_MUST_USE enum wzp_err wzp_mail_new(const struct wzp_signal *signal, bool as_json,
                                       struct wzp_mail **out_mail);

const struct wzp_signal *wzp_mail_signal(const struct wzp_mail *mail);

/** Takes NULL. */
void wzp_mail_free(struct wzp_mail *mail);
