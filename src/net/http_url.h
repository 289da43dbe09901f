/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a text is a web address that the HTTP client takes. */
#pragma once

#include <wzp/error.h>

#include "base/attr.h"

/** WZP_EINVAL: not an http:// or https:// URL with a host. WZP_ENOMEM. */
WZP_MUST_USE enum wzp_err wzp_http_url_check(const char *url);
