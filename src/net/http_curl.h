/* SPDX-License-Identifier: Apache-2.0 */
/* What every transfer of ours may and may not do, and curl's errors as ours. */
#pragma once

#include <stdbool.h>

#include <curl/curl.h>

#include <wzp/error.h>

#include "base/us.h"

enum wzp_err wzp_http_curl_err(CURLcode code);

/**
 * http and https only, certificates checked, no redirects, no signals, `timeout` for everything together; the
 * defaults of cookies and .netrc are "no". False: this curl can't do one of them.
 */
bool wzp_http_curl_set_limits(CURL *easy, wzp_us timeout);
