/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_url.h"

#include <stdbool.h>
#include <string.h>

#include <curl/curl.h>

static bool has_part(CURLU *url, CURLUPart part, const char *const *words)
{
    char *text = NULL;
    bool fits = curl_url_get(url, part, &text, 0) == CURLUE_OK && text[0] != '\0';
    bool is_word = !words;
    for (size_t i = 0; fits && words && words[i]; i++) {
        is_word = is_word || strcmp(text, words[i]) == 0;
    }
    curl_free(text);
    return fits && is_word;
}

enum wzp_err wzp_http_url_check(const char *url)
{
    static const char *const schemes[] = {"http", "https", NULL};
    CURLU *parts = curl_url();
    if (!parts) {
        return WZP_ENOMEM;
    }
    bool reads = curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                 has_part(parts, CURLUPART_SCHEME, schemes) && has_part(parts, CURLUPART_HOST, NULL);
    curl_url_cleanup(parts);
    return reads ? WZP_OK : WZP_EINVAL;
}
