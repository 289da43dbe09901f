/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_curl.h"

#include "wzp_version_gen.h"

enum wzp_err wzp_http_curl_err(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OK:
        return WZP_OK;
    case CURLE_OPERATION_TIMEDOUT:
        return WZP_ETIMEOUT;
    case CURLE_WRITE_ERROR: /* only ours: the body went over the limit */
    case CURLE_FILESIZE_EXCEEDED:
        return WZP_ELIMIT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return WZP_ETLS;
    case CURLE_OUT_OF_MEMORY:
        return WZP_ENOMEM;
    default:
        return WZP_ENET;
    }
}

bool wzp_http_curl_set_limits(CURL *easy, wzp_us timeout)
{
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "wzp/" WZP_VERSION) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           /* or a time-out would wait for the thread that resolves the name, and every other call with it */
           curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)((timeout + WZP_MS - 1) / WZP_MS)) == CURLE_OK;
}
